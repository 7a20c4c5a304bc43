"""``bessemer release``: what shipped, what was refused and why, and where it came from."""

from typing import Annotated

import typer

from bessemer.cli.options import DEFAULT_WORKS, AsJson, LedgerUrl, WorksPath, open_works, print_json

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
    typer.echo(f"{gate.candidate}  {gate.decision}  ({row.branch}, turn {row.turn})")
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
    """Trace a network: run, data commit, labels, clips, triggers, the release that was driving."""
    from bessemer.loop.tracing import trace_network

    with open_works(works, ledger, quiet=True) as opened:
        trace = trace_network(opened, network)
    if as_json:
        print_json(trace)
        return
    typer.echo(f"network   {trace.network.network_id}")
    typer.echo(f"recipe    {trace.network.recipe}  seed {trace.network.seed}")
    typer.echo(f"commit    {trace.network.commit_id}")
    typer.echo(f"labels    {trace.n_labels} units of {trace.n_recordings} recordings")
    for author in trace.authors:
        typer.echo(f"  {author.count:>6}  {author.reason}")
    typer.echo("came back because of")
    for trigger in trace.triggers:
        typer.echo(f"  {trigger.count:>6}  {trigger.reason}")
