"""Every command says what it is for, and imports nothing heavy to say so."""

import subprocess
import sys

import pytest
import typer

from bessemer.cli.app import app
from tests.cli.conftest import Bessemer


def paths(command: object, before: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Return the words of a command and of all below it."""
    found = [before]
    for name, below in getattr(command, "commands", {}).items():
        found.extend(paths(below, (*before, name)))
    return found


COMMANDS = paths(typer.main.get_command(app))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_every_command_says_what_it_is_for(bessemer: Bessemer, words: tuple[str, ...]) -> None:
    said = bessemer(*words, "--help")
    assert said.code == 0
    assert "Usage:" in said.out
    told = [line for line in said.out.splitlines() if line.strip()]
    assert len(told) > 2


def test_all_commands_that_are_promised_are_there() -> None:
    promised = {
        "demo run turn report look evaluate ingest lineage erase",
        "data log,data show,data diff,data branch,data tag,data merge,data blame,data why",
        "release list,release show,release lineage,label export,label import",
    }
    wanted = {
        tuple(words.split())
        for group in promised
        for words in (group.split(",") if "," in group else group.split())
    }
    assert wanted <= set(COMMANDS)


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from bessemer.cli import main\n"
        "try:\n    main(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "heavy = {'torch', 'lance', 'duckdb', 'sqlalchemy', 'onnxruntime', 'sklearn', 'numpy'}\n"
        "print(sorted(heavy & sys.modules.keys()), file=sys.stderr)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


def test_a_word_that_is_no_command_is_a_mistake_of_usage(bessemer: Bessemer) -> None:
    assert bessemer("smelt").code == 2
    assert bessemer("data", "log").code == 2
