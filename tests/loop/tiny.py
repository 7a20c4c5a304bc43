"""The smallest run of the works, and a way to be killed in it.

A run of its own process dies by SIGKILL where it is told to, so that nothing of it, not even a
``finally``, runs on. Such processes are forks of one that has imported all that a run needs.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from pathlib import Path

from bessemer.core.ids import DocumentId, content_id
from bessemer.core.progress import Progress
from bessemer.history.history import History
from bessemer.lake import Lake
from bessemer.ledger import Ledger
from bessemer.ledger.database import Database, open_engine
from bessemer.ledger.migrate import upgrade
from bessemer.ledger.stages import StageCost
from bessemer.loop.archive import ingest_archive
from bessemer.loop.line import Line
from bessemer.loop.pictures import PictureBook
from bessemer.loop.recipe import Recipe, archive_of_recipe
from bessemer.loop.recipes import find_recipe
from bessemer.loop.records import TurnRecord
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from tests.loop.few import write_digits

SETTINGS = (
    "train.steps=20",
    "train.checkpoint_every_steps=5",
    "turns=2",
    "seeds=1",
    "budget.labels=20",
    "budget.uploads=60",
)

FORKS = get_context("forkserver")
# What a run imports; the last two come with the first training and the first digits.
FORKS.set_forkserver_preload(["tests.loop.tiny", "torch._dynamo", "sklearn.datasets"])

RECIPE = f"{Path(__file__).with_name('few.py')}:few_digits"


def tiny_recipe(*settings: str) -> Recipe:
    """Two turns of the engine and of chance on a few digits, in about two seconds."""
    return find_recipe(RECIPE, [*SETTINGS, *settings])


def archive_of(root: Path) -> Path:
    """Return the archive that the works in a folder replays; it is written there once."""
    return write_digits(root / "archive" / "few")


def tiny_line(works: Works, *settings: str) -> Line:
    """Take the archive in and return the line, ready to turn."""
    recipe = tiny_recipe(*settings)
    ingest_archive(works, archive_of_recipe(recipe), archive_of(works.root))
    return Line.ready(recipe, works)


def run_tiny(works: Works, *settings: str) -> list[TurnRecord]:
    """Run all turns of all arms."""
    line = tiny_line(works, *settings)
    return list(run_turns(line, branches_of(line), line.recipe.turns))


def addresses(works: Works) -> dict[str, str]:
    """Return the address of every finished turn, by branch and turn."""
    return {
        f"{record.branch.name} {record.turn}": content_id("TurnRecord", record)
        for record in turn_records(works)
    }


class Heart:
    """Beats at every look at the clock and at every step of progress; may stop for good.

    Args:
        last: The beat at which the process is killed; 0 for none.
    """

    def __init__(self, last: int = 0) -> None:
        self.beats = 0
        self._last = last

    def beat(self) -> float:
        """Count, or die; the number of beats is also a clock."""
        self.beats += 1
        if self.beats == self._last:
            os.kill(os.getpid(), signal.SIGKILL)
        return float(self.beats)


class HeartStory:
    """A story that nobody hears, and that beats a heart."""

    def __init__(self, heart: Heart) -> None:
        self._heart = heart

    def say(self, text: str) -> None:
        """Say nothing."""

    @contextmanager
    def bar(self, title: str) -> Iterator[Progress]:
        """Beat at every step."""

        def progress(done: int, total: int) -> None:
            self._heart.beat()

        yield progress


class MortalLedger(Ledger):
    """Dies when the work of a stage is done, and its row is not written yet.

    Args:
        database: As for a ledger.
        stage: The stage; empty for none.
    """

    def __init__(self, database: Database, stage: str = "") -> None:
        super().__init__(database)
        self._stage = stage

    def finish_stage(self, key: str, output: DocumentId, cost: StageCost) -> None:
        """Finish a stage, or die."""
        row = self.stage(key)
        if row is not None and row.name == self._stage:
            os.kill(os.getpid(), signal.SIGKILL)
        super().finish_stage(key, output, cost)


def open_mortal(root: Path, heart: Heart, stage: str) -> Works:
    """Open a works whose process dies with its heart, or in a stage."""
    root.mkdir(parents=True, exist_ok=True)
    database = Database(open_engine(f"sqlite:///{root / 'ledger.sqlite'}"), heart.beat)
    ledger = MortalLedger(database, stage)
    upgrade(database)
    lake = Lake.open(root / "lake", ledger)
    return Works(
        root=root,
        ledger=ledger,
        lake=lake,
        history=History(ledger.nodes, ledger.refs),
        story=HeartStory(heart),
        pictures=PictureBook(lake),
    )


def run_mortal(root: Path, where: str = "", tell: Connection | None = None) -> None:
    """Run until the heart's beat or the stage that is named, or to the end.

    Args:
        root: The works' folder.
        where: A beat's number or a stage.
        tell: Is told how often the heart beat before the first turn, and in all.
    """
    heart = Heart(int(where) if where.isdigit() else 0)
    with open_mortal(root, heart, "" if where.isdigit() else where) as works:
        line = tiny_line(works)
        arrived = heart.beats
        for _ in run_turns(line, branches_of(line), line.recipe.turns):
            pass
    if tell is not None:
        tell.send((arrived, heart.beats))


def start(root: Path, where: str = "", tell: Connection | None = None) -> ForkServerProcess:
    """Start such a run in a process of its own."""
    process = FORKS.Process(target=run_mortal, args=(root, where, tell))
    process.start()
    return process
