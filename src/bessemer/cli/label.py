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
    known: Annotated[
        str, typer.Option(help="Hand out this data commit's answers instead, to be corrected.")
    ] = "",
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    settings: Settings = [],  # noqa: B006 (typer reads the default, nobody changes it)
    as_json: AsJson = False,
) -> None:
    """Write every question that a turn waits for: pictures, and a file for the tool."""
    from bessemer.core.errors import NotFoundError
    from bessemer.label.exchange.folder import ExchangeFormat, formats_for
    from bessemer.loop.correcting import hand_out_answers
    from bessemer.loop.people import hand_out
    from bessemer.loop.recipes import find_recipe

    formats = [member.value for member in ExchangeFormat]
    if format and format not in formats:
        raise NotFoundError.among("format", format, formats)
    found = find_recipe(recipe, settings)
    chosen = ExchangeFormat(format) if format else formats_for(found.geometry)[0]
    with open_works(works, ledger, quiet=True) as opened:
        if known:
            n = hand_out_answers(opened, found, known, chosen, folder)
            what, nothing = "pictures", f"{known} holds no answers to correct."
        else:
            n = hand_out(opened, found, chosen, folder)
            what, nothing = "questions", "No turn waits for an answer."
    if as_json:
        print_json({"folder": str(folder), "format": chosen.value, what: n})
    else:
        typer.echo(f"{n} {what} in {folder}" if n else nothing)


@app.command("import")
def import_answers(
    folder: FolderArg,
    person: Annotated[str, typer.Option(help="Who answered.")],
    file: Annotated[
        Path | None, typer.Option(help="What the tool wrote, if it lies elsewhere.")
    ] = None,
    branch: Annotated[
        str,
        typer.Option(help="Where corrections go; corrections/PERSON/COMMIT if left out."),
    ] = "",
    draft: Annotated[
        bool, typer.Option("--draft", help="Keep answers as drafts: no turn goes on from them.")
    ] = False,
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Take in what people answered; what cannot be used is counted, and then the exit code is 1."""
    from bessemer.label.exchange.folder import read_manifest
    from bessemer.loop.correcting import take_corrections
    from bessemer.loop.people import keep_drafts, take_answers

    known_at = read_manifest(folder).commit_id
    with open_works(works, ledger, quiet=True) as opened:
        if draft or known_at is None:
            take = keep_drafts if draft else take_answers
            result: object = (found := take(opened, folder, person, file))
        else:
            result = fixed = take_corrections(opened, folder, person, file, branch)
            found = fixed.imported
    if as_json:
        print_json(result)
    else:
        answers = found.answers
        what = "drafts" if draft else "answers"
        typer.echo(f"{len(answers.revisions)} {what} in, {len(answers.waiting)} still waiting")
        if known_at is not None:
            typer.echo(f"{fixed.n_corrected} corrected, {fixed.branch} at {fixed.commit_id[:12]}")
        for rejection in found.rejections:
            typer.echo(f"rejected  {rejection.reason}  {rejection.where}  {rejection.detail}")
    if found.rejections:
        raise typer.Exit(1)


@app.command("drafts")
def list_drafts(
    works: WorksPath = DEFAULT_WORKS, ledger: LedgerUrl = "", as_json: AsJson = False
) -> None:
    """List the drafts of questions that turns wait for."""
    with open_works(works, ledger, quiet=True) as opened:
        rows = opened.ledger.drafts()
    if as_json:
        print_json(rows)
        return
    for row in rows:
        elements = row.draft.elements
        classes = sorted({span.class_name for span in elements.class_spans})
        said = ", ".join(classes) or f"{len(elements)} elements"
        typer.echo(f"{row.request_id[:12]}  {row.author}  {row.draft.task}  {said}")


@app.command("confirm")
def confirm(
    person: Annotated[str, typer.Option(help="Whose drafts become answers.")],
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Make a person's drafts the answers that turns go on from."""
    from bessemer.loop.people import confirm_drafts

    with open_works(works, ledger, quiet=True) as opened:
        n = confirm_drafts(opened, person)
    if as_json:
        print_json({"person": person, "answers": n})
    else:
        typer.echo(f"{n} answers in")
