"""``bessemer release``: what shipped, what was refused and why, and where it came from."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bessemer.cli.options import DEFAULT_WORKS, AsJson, LedgerUrl, WorksPath, open_works, print_json

if TYPE_CHECKING:
    from bessemer.loop.tracing import Trace

CLIPS_NAMED = 5

app = typer.Typer(help="Decisions of gates, releases, and where a release came from.")

NetworkArg = Annotated[str, typer.Argument(help="A network's address or its beginning.")]


@app.command("list")
def list_gates(
    works: WorksPath = DEFAULT_WORKS, ledger: LedgerUrl = "", as_json: AsJson = False
) -> None:
    """List every decision: which network was shipped or refused, in which turn."""
    with open_works(works, ledger, quiet=True) as opened:
        gates = opened.ledger.gates()
    if as_json:
        print_json(gates)
        return
    for gate in gates:
        verdict = "shipped" if gate.shipped else "refused"
        typer.echo(f"{gate.network_id[:12]}  {gate.branch}  turn {gate.turn}  {verdict}")


@app.command()
def show(
    network: NetworkArg,
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Show the decision on a network, with its reasons."""
    from bessemer.loop.tracing import gate_of

    with open_works(works, ledger, quiet=True) as opened:
        row, gate = gate_of(opened, network)
    if as_json:
        print_json(gate)
        return
    place = f"{row.branch}, turn {row.turn}, by the gate {gate.gate}"
    typer.echo(f"{gate.candidate}  {gate.decision}  ({place})")
    for reason in gate.reasons:
        typer.echo(f"refused   {reason}")
    for reason in gate.unsure:
        typer.echo(f"unsure    {reason}")
    for note in gate.notes:
        typer.echo(f"note      {note}")


@app.command()
def lineage(
    network: NetworkArg,
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Trace a network: decision, data commit, labels, clips, triggers, the release that drove."""
    from bessemer.loop.tracing import trace_network

    with open_works(works, ledger, quiet=True) as opened:
        trace = trace_network(opened, network)
    if as_json:
        print_json(trace)
        return
    for line in _lines_of(trace):
        typer.echo(line)


def _lines_of(trace: "Trace") -> Iterator[str]:
    """Yield where a network came from, from the decision down to who drove."""
    yield f"network   {trace.network.network_id}"
    yield f"gate      {_decision_of(trace)}"
    yield f"recipe    {trace.network.recipe}  seed {trace.network.seed}"
    yield f"commit    {trace.network.commit_id}"
    if trace.foundation:
        package, licence = trace.foundation.package, trace.foundation.licence
        yield f"weights   {trace.foundation.sha256}  of {package}, {licence}"
    yield f"labels    {trace.n_labels} units of {trace.n_recordings} recordings"
    for author in trace.authors:
        yield f"  {author.count:>6}  by {author.reason}"
    yield f"clips     {len(trace.clips)}"
    for clip in trace.clips[:CLIPS_NAMED]:
        span = f"[{clip.stretch.start_ns}, {clip.stretch.end_ns})"
        yield f"          {clip.clip_id[:12]}  {clip.source or 'erased'} {span}  {clip.trigger}"
    if len(trace.clips) > CLIPS_NAMED:
        yield f"          and {len(trace.clips) - CLIPS_NAMED} more, all in --json"
    yield "came back because of"
    for trigger in trace.triggers:
        yield f"  {trigger.count:>6}  {trigger.reason}"
    yield "in weeks driven by"
    for driver in trace.drivers:
        yield f"  {driver.count:>6}  {driver.reason or 'no network yet'}"


def _decision_of(trace: "Trace") -> str:
    """Return the last decision on a network, and the address of its reasons."""
    if trace.gate is None:
        return "none has read it"
    verdict = "shipped" if trace.gate.shipped else "refused"
    return f"{trace.gate.document_id}  {verdict}, {trace.gate.branch}, turn {trace.gate.turn}"


@app.command()
def keys(
    folder: Annotated[Path, typer.Argument(help="An empty folder; its files only you may read.")],
) -> None:
    """Make the keys that sign releases: one for each role. Keep the root's offline."""
    from bessemer.release.keys import create_keys

    create_keys(folder)
    typer.echo(f"Four keys in {folder}")


@app.command()
def publish(
    network: NetworkArg,
    repo: Annotated[Path, typer.Option(help="The folder that vehicles fetch from.")],
    keys: Annotated[Path, typer.Option(help="The folder of the private keys.")],
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Sign a network that a gate let through, and put it where vehicles look."""
    from datetime import UTC, datetime

    from bessemer.loop.shipping import publish_network
    from bessemer.release.keys import load_keys

    with open_works(works, ledger, quiet=True) as opened:
        manifest = publish_network(opened, network, repo, load_keys(keys), datetime.now(UTC))
    if as_json:
        print_json(manifest)
        return
    typer.echo(f"version {manifest.version}  network {manifest.network_id}")


@app.command()
def fetch(
    home: Annotated[Path, typer.Argument(help="The vehicle's folder.")],
    repo: Annotated[Path, typer.Option(help="The folder that vehicles fetch from.")],
    root: Annotated[Path, typer.Option(help="The root metadata that the vehicle was built with.")],
) -> None:
    """Do what a vehicle does: fetch the newest release, verify it, and switch to it."""
    from datetime import UTC, datetime

    from bessemer.edge.update import Updater

    updater = Updater(home, root.read_bytes(), repo)
    found = updater.update(datetime.now(UTC))
    typer.echo(f"{found.change}: version {found.offered.version}")
    typer.echo(f"drives: {updater.current()}")
