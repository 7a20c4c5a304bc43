"""``bessemer data``: the data set's history."""

from typing import Annotated

import typer

from bessemer.cli.options import DEFAULT_WORKS, AsJson, LedgerUrl, WorksPath, open_works, print_json

app = typer.Typer(help="The data set is the source code: its commits, branches and merges.")

Ref = Annotated[str, typer.Argument(help="A branch, a tag, an address or its beginning, name~2.")]


@app.command()
def log(
    ref: Ref, works: WorksPath = DEFAULT_WORKS, ledger: LedgerUrl = "", as_json: AsJson = False
) -> None:
    """List the commits that led to REF, newest first."""
    with open_works(works, ledger, quiet=True) as opened:
        commits = opened.history.log(ref)
    if as_json:
        print_json([{"commit_id": i, "commit": c} for i, c in commits])
        return
    for commit_id, commit in commits:
        typer.echo(f"{commit_id[:12]}  {commit.author.kind}/{commit.author.name}  {commit.message}")


@app.command()
def show(
    ref: Ref, works: WorksPath = DEFAULT_WORKS, ledger: LedgerUrl = "", as_json: AsJson = False
) -> None:
    """Show one commit, what it changed, and what was measured of it."""
    from bessemer.core.labels import AuthorKind
    from bessemer.loop.attest import attestation_of, lines_of

    with open_works(works, ledger, quiet=True) as opened:
        commit_id = opened.history.resolve(ref)
        commit = opened.history.show(ref)
        changes = list(opened.history.changes_in(ref))
        labels = opened.lake.read_labels([c.after for c in changes if c.after])
        # What was carried along cost nothing; its price stands on the answer it continues.
        firsts = opened.lake.read_labels([p for label in labels for p in label.parents])
        measured = attestation_of(opened, commit_id)
    bought = sum(label.price for label in (*labels, *firsts))
    carried = sum(label.author.kind is AuthorKind.PROPAGATION for label in labels)
    if as_json:
        print_json(
            {
                "commit_id": commit_id,
                "commit": commit,
                "changes": changes,
                "attestation": measured,
            }
        )
        return
    typer.echo(f"commit   {commit_id}")
    for parent in commit.parents:
        typer.echo(f"parent   {parent}")
    typer.echo(f"author   {commit.author.kind}/{commit.author.name}")
    typer.echo(f"message  {commit.message}")
    typer.echo(f"split    {commit.split_id[:12]}")
    for pin in commit.ontologies:
        typer.echo(f"ontology {pin.ontology_id[:12]}  {pin.task}")
    typer.echo(f"changes  {len(changes)} units, {carried} of them carried along, {bought:g} paid")
    for line in lines_of(measured) if measured else ("measured not yet",):
        typer.echo(line)


@app.command()
def diff(
    before: Ref,
    after: Ref,
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """List the units that differ between two commits."""
    with open_works(works, ledger, quiet=True) as opened:
        changes = list(opened.history.diff(before, after))
        sources = opened.ledger.sources_of({c.key.unit.recording_id for c in changes})
    if as_json:
        print_json(changes)
        return
    for change in changes:
        mark = "+" if change.before is None else "-" if change.after is None else "~"
        unit = change.key.unit
        name = sources.get(unit.recording_id, unit.recording_id)
        typer.echo(f"{mark} {name} [{unit.start_ns}, {unit.end_ns}) {change.key.task}")


@app.command()
def branch(
    name: Annotated[str, typer.Argument(help="Name of the new branch; empty lists all.")] = "",
    at: Annotated[str, typer.Option(help="Where it begins.")] = "",
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Make a branch, or list the branches and tags."""
    with open_works(works, ledger, quiet=True) as opened:
        begun = opened.history.branch(name, at) if name else None
        refs = sorted(opened.history.refs.list().items())
    if as_json:
        listed = [{"ref": ref, "commit_id": commit_id} for ref, commit_id in refs]
        print_json({"name": name, "commit_id": begun} if begun else listed)
    elif begun:
        typer.echo(begun)
    else:
        for ref, commit_id in refs:
            typer.echo(f"{commit_id[:12]}  {ref}")


@app.command()
def tag(
    name: Annotated[str, typer.Argument(help="Name of the tag.")],
    at: Ref,
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Give a commit a name that never moves."""
    with open_works(works, ledger, quiet=True) as opened:
        commit_id = opened.history.tag(name, at)
    if as_json:
        print_json({"name": name, "commit_id": commit_id})
    else:
        typer.echo(commit_id)


@app.command()
def merge(
    into: Annotated[str, typer.Argument(help="The branch that moves.")],
    other: Ref,
    message: Annotated[str, typer.Option("--message", "-m", help="What for.")] = "Merge",
    author: Annotated[str, typer.Option(help="Who merges.")] = "me",
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Merge a commit into a branch, element by element; conflicts name both sides."""
    from bessemer.core.labels import Author, AuthorKind
    from bessemer.loop.merging import merge_branches

    with open_works(works, ledger, quiet=True) as opened:
        report = merge_branches(
            opened, into, other, Author(kind=AuthorKind.PERSON, name=author), message
        )
    if as_json:
        print_json(report)
    else:
        for conflict in report.conflicts:
            typer.echo(f"conflict  {conflict}")
        if report.commit_id:
            typer.echo(report.commit_id)
    if report.conflicts:
        raise typer.Exit(1)


@app.command()
def blame(
    ref: Ref,
    recording: Annotated[str, typer.Argument(help="A recording: its source or address.")],
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Say why each unit of a recording is labelled as it is: commit, author, evidence, upload."""
    from bessemer.loop.blaming import blame_recording

    with open_works(works, ledger, quiet=True) as opened:
        lines = blame_recording(opened, ref, recording)
    if as_json:
        print_json(lines)
        return
    for line in lines:
        typer.echo(
            f"{line.commit_id[:12]}  by {line.byline}  "
            f"[{line.unit.start_ns}, {line.unit.end_ns})  {line.answer}  {line.reason}"
        )


@app.command()
def why(
    recording: Annotated[str, typer.Argument(help="A recording: its source or address.")],
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Say in which turns a recording was chosen for a label or passed over, and why."""
    from bessemer.loop.blaming import choices_on

    with open_works(works, ledger, quiet=True) as opened:
        lines = choices_on(opened, recording)
    if as_json:
        print_json(lines)
        return
    for line in lines:
        typer.echo(
            f"{line.branch}  turn {line.turn}  [{line.unit.start_ns}, {line.unit.end_ns})  "
            f"{'chosen' if line.chosen else 'passed over'}  {line.reason}"
        )
