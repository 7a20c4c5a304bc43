"""An opened works: the stores in a folder, and what is read from them often."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from bessemer.core.progress import Silence, Story
from bessemer.history.history import History
from bessemer.lake import Lake
from bessemer.ledger import Ledger
from bessemer.loop.pictures import FrameAtlas, PictureBook
from bessemer.loop.stage import StageRunner


@dataclass(slots=True, kw_only=True)
class Works:
    """The stores of one works, open. Make it with :meth:`open`.

    Attributes:
        root: Its folder.
        ledger: Rows: what was decided.
        lake: Bytes and tables: what was recorded and said.
        history: Data commits.
        story: Told what happens.
        pictures: Decoded pictures.
    """

    root: Path
    ledger: Ledger
    lake: Lake
    history: History
    story: Story
    pictures: PictureBook
    _atlas: FrameAtlas | None = None

    @classmethod
    def open(cls, root: Path, *, ledger_url: str = "", story: Story | None = None) -> "Works":
        """Open a works, making its folder if there is none.

        Args:
            root: Its folder.
            ledger_url: Where the ledger stands; empty for a SQLite file in the folder.
            story: Told what happens; None for silence.

        Returns:
            The works; close it, or use it in a ``with`` block.
        """
        root.mkdir(parents=True, exist_ok=True)
        ledger = Ledger.open(ledger_url or f"sqlite:///{root / 'ledger.sqlite'}")
        lake = Lake.open(root / "lake", ledger)
        return cls(
            root=root,
            ledger=ledger,
            lake=lake,
            history=History(ledger.nodes, ledger.refs),
            story=story or Silence(),
            pictures=PictureBook(lake),
        )

    @property
    def atlas(self) -> FrameAtlas:
        """Where every frame lies; read anew after :meth:`forget_frames`."""
        if self._atlas is None:
            self._atlas = FrameAtlas(self.lake.recordings(), self.lake)
        return self._atlas

    def forget_frames(self) -> None:
        """Read the recordings anew when they are next asked for."""
        self._atlas = None

    def stages(self, branch: str, turn: int) -> StageRunner:
        """Return the runner of one turn's stages."""
        return StageRunner(
            ledger=self.ledger,
            scratch=self.root / "scratch",
            branch=branch,
            turn=turn,
            story=self.story,
        )

    def close(self) -> None:
        """Close the stores; unfinished work stays where a rerun finds it."""
        scratch = self.root / "scratch"
        if scratch.is_dir() and not any(scratch.iterdir()):
            shutil.rmtree(scratch)
        self.ledger.close()

    def __enter__(self) -> "Works":
        """Return the works."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the works."""
        self.close()
