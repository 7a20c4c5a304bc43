"""``bessemer label``: hand questions out to people, and take their answers in."""

from pathlib import Path
from typing import Annotated

import typer

from bessemer.cli.options import (
    DEFAULT_WORKS,
    AsJson,
    LedgerUrl,
    Settings,
    WorksPath,
    open_works,
    print_json,
)

app = typer.Typer(help="Hand questions out to people and their tools, and take answers in.")

FolderArg = Annotated[Path, typer.Argument(help="The folder that people label in.")]


@app.command("export")
def export_requests(
    recipe: Annotated[str, typer.Argument(help="The recipe whose task is asked about.")],
    folder: FolderArg,
    format: Annotated[
        str,
        typer.Option(help="What their tool reads: csv (classes only), coco or cvat.", metavar="F"),
    ] = "",
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    settings: Settings = [],  # noqa: B006 (typer reads the default, nobody changes it)
) -> None:
    """Write every question that a turn waits for: pictures, and a file for the tool."""
    from bessemer.core.errors import NotFoundError
    from bessemer.label.exchange.folder import ExchangeFormat, formats_for
    from bessemer.loop.people import hand_out
    from bessemer.loop.recipes import find_recipe

    known = [member.value for member in ExchangeFormat]
    if format and format not in known:
        raise NotFoundError.among("format", format, known)
    found = find_recipe(recipe, settings)
    chosen = ExchangeFormat(format) if format else formats_for(found.geometry)[0]
    with open_works(works, ledger, quiet=True) as opened:
        n = hand_out(opened, found, chosen, folder)
    typer.echo(f"{n} questions in {folder}" if n else "No turn waits for an answer.")


@app.command("import")
def import_answers(
    folder: FolderArg,
    person: Annotated[str, typer.Option(help="Who answered.")],
    file: Annotated[
        Path | None, typer.Option(help="What the tool wrote, if it lies elsewhere.")
    ] = None,
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Take in what people answered; what cannot be used is counted, and then the exit code is 1."""
    from bessemer.loop.people import take_answers

    with open_works(works, ledger, quiet=True) as opened:
        found = take_answers(opened, folder, person, file)
    if as_json:
        print_json(found)
    else:
        answers = found.answers
        typer.echo(f"{len(answers.revisions)} answers in, {len(answers.waiting)} still waiting")
        for rejection in found.rejections:
            typer.echo(f"rejected  {rejection.reason}  {rejection.where}  {rejection.detail}")
    if found.rejections:
        raise typer.Exit(1)
