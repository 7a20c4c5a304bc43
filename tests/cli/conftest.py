"""The command line in this process, and a works that ran to its end."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bessemer.cli import main
from bessemer.loop.works import Works


@dataclass(frozen=True)
class Said:
    """What a command said, and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output, parsed."""
        return json.loads(self.out)


Bessemer = Callable[..., Said]


@pytest.fixture
def cli_root(finished_root: Path) -> Path:
    """The folder of a works that ran two turns of two arms; to be read only."""
    return finished_root


@pytest.fixture
def copy_root(cli_root: Path, tmp_path: Path) -> Path:
    """A copy of that folder."""
    return Path(shutil.copytree(cli_root, tmp_path / "works"))


@pytest.fixture
def branches(cli_root: Path) -> tuple[str, str]:
    """The branches of that works: chance's, then the engine's."""
    with Works.open(cli_root) as works:
        first, second = (b for b in works.ledger.branches() if not b.endswith("/apart"))
    return first, second


@pytest.fixture
def bessemer(capsys: pytest.CaptureFixture[str]) -> Bessemer:
    """Run a command in this process."""

    def run(*arguments: object) -> Said:
        capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        said = capsys.readouterr()
        code = ended.value.code
        return Said(code=code if isinstance(code, int) else 0, out=said.out, err=said.err)

    return run
