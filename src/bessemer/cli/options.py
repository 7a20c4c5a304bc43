"""Options that several commands share, and the opening of the works they name."""

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bessemer.loop.works import Works

WorksPath = Annotated[
    Path, typer.Option("--works", help="Folder of the works.", envvar="BESSEMER_WORKS")
]
LedgerUrl = Annotated[
    str,
    typer.Option(
        "--ledger",
        help="Ledger's database URL; a SQLite file in the works' folder by default.",
        envvar="BESSEMER_LEDGER",
    ),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print the result as JSON.")]
Settings = Annotated[
    list[str],
    typer.Option("--set", help="Change one setting: path=value, such as train.steps=200."),
]

DEFAULT_WORKS = Path("works")


def open_works(root: Path, ledger_url: str = "", *, quiet: bool = False) -> "Works":
    """Open a works.

    Args:
        root: Its folder; made, unless the command is quiet.
        ledger_url: Where the ledger stands; empty for the folder's own.
        quiet: Tell no story, and ask for a works that is there: for commands that look back.

    Returns:
        The works.

    Raises:
        NotFoundError: If a quiet command meets a folder without a works.
    """
    from bessemer.cli.story import ConsoleStory
    from bessemer.core.errors import NotFoundError
    from bessemer.loop.works import Works

    if quiet and not (root / "lake").is_dir():
        raise NotFoundError(
            "There is no works in this folder.",
            where=str(root),
            fix="Name another with --works, or make one with `bessemer run` or `bessemer ingest`.",
        )
    return Works.open(root, ledger_url=ledger_url, story=None if quiet else ConsoleStory())


def print_json(value: object) -> None:
    """Print a record, or a tree of records, as JSON on stdout."""
    from bessemer.core.ids import encode

    json.dump(json.loads(encode(value)), sys.stdout, indent=2)
    sys.stdout.write("\n")
