"""The command line's entry: groups of commands, and errors as one line with what to do.

Exit codes: 0 done, 1 something that you can fix, 2 usage, 3 a gate refused.
"""

import sys
from collections.abc import Sequence

import typer

from bessemer.cli import data, label, release, run, twin
from bessemer.core.errors import BessemerError

app = typer.Typer(
    name="bessemer",
    help="The open data engine for camera fleets: recordings in, tested networks out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
run.register(app)
app.add_typer(data.app, name="data")
app.add_typer(label.app, name="label")
app.add_typer(release.app, name="release")
app.add_typer(twin.app, name="twin")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command line; a Bessemer error ends it with its own exit code.

    Args:
        arguments: What stands after the program's name; None takes the process's own.
    """
    try:
        app(arguments)
    except BessemerError as error:
        print(f"bessemer: {error}", file=sys.stderr)
        sys.exit(error.exit_code)
