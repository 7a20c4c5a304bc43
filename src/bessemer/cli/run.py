"""The commands that turn the works, and those that look at pictures, networks and recordings."""

import re
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

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
from bessemer.core.errors import GateRefusedError

if TYPE_CHECKING:
    from bessemer.loop.recipe import Recipe

RecipeName = Annotated[
    str, typer.Argument(help="A recipe: digits, signs, scenes, twin, or FILE.py:FUNCTION.")
]
DataPath = Annotated[
    Path | None, typer.Option("--data", help="Folder of the archive that the fleet replays.")
]
ArchiveSettings = Annotated[
    list[str],
    typer.Option("--set", help="Change one setting: reader.sequence=true, split.test_frac=0.3."),
]

_TOLD: Final = 5
"""Things refused that an ingest tells at once; `bessemer rejected` lists them all."""


def register(app: typer.Typer) -> None:
    """Add the commands to the application."""
    for command in (
        demo,
        run,
        turn,
        ingest,
        rejected,
        look,
        report,
        evaluate,
        lineage,
        erase,
        plugins,
    ):
        app.command()(command)


class Demo(StrEnum):
    """What the demo turns on."""

    FLEET = "fleet"
    TWIN = "twin"
    DIGITS = "digits"


def demo(
    which: Annotated[
        Demo,
        typer.Argument(
            help="fleet: simulated drives that ship with the package; twin: drives fresh ones, "
            "a minute or two more; digits: handwritten digits, the smallest of all."
        ),
    ] = Demo.FLEET,
    works: Annotated[
        Path | None, typer.Option(help="Folder of the works; works/demo-WHICH by default.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Draws the drives of a fresh fleet.")] = 0,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Turn the works three times on a simulated fleet: needs no data, and a minute and a half."""
    root = works or DEFAULT_WORKS / f"demo-{which}"
    if which is Demo.DIGITS:
        run("digits", works=root, ledger=ledger, as_json=as_json)
        return
    from bessemer.twin.fleet.shipped import shipped_fleet

    replayed = shipped_fleet() if which is Demo.FLEET else None
    settings = [f"fleet.seed={seed}"] if which is Demo.TWIN else []
    run("twin", data=replayed, works=root, ledger=ledger, settings=settings, as_json=as_json)


def run(
    recipe: RecipeName,
    data: DataPath = None,
    turns: Annotated[int, typer.Option(help="Turns; the recipe's own number by default.")] = 0,
    seeds: Annotated[int, typer.Option(help="Seeds of each arm; the recipe's by default.")] = 0,
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    settings: Settings = [],  # noqa: B006 (typer reads the default, nobody changes it)
    as_json: AsJson = False,
) -> None:
    """Run a recipe: the engine and chance, several turns, several seeds; ends with a report.

    A recipe of drives without --data drives them: a simulated fleet of six cars, week by week;
    --set fleet.vehicles=10 and the like change its plan.
    Killed and started again it goes on where it was, and ends at the same addresses.
    """
    from bessemer.cli.simulated import find_recipe_of_fleet, fleet_for
    from bessemer.loop.telling import tell_run
    from bessemer.report.page import write_page
    from bessemer.report.run_page import render_run
    from bessemer.report.summary import summarise_run

    found, of_fleet = find_recipe_of_fleet(recipe, settings, data)
    chosen = _with_counts(found, turns, seeds)
    with open_works(works, ledger) as opened:
        fleet = fleet_for(opened, chosen, of_fleet, data, chosen.turns)
        told = tell_run(opened, chosen, data, fleet)
        page = works / f"report-{chosen.name}.html"
        write_page(render_run(told), page)
    if as_json:
        print_json(told)
    else:
        typer.echo(summarise_run(told))
        typer.echo(f"Report: {page}")


def _with_counts(recipe: "Recipe", turns: int, seeds: int) -> "Recipe":
    """Return a recipe with other numbers of turns and seeds; 0 keeps its own."""
    from dataclasses import replace

    return replace(recipe, turns=turns or recipe.turns, seeds=seeds or recipe.seeds)


def turn(
    recipe: RecipeName,
    data: DataPath = None,
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    settings: Settings = [],  # noqa: B006 (typer reads the default, nobody changes it)
    as_json: AsJson = False,
) -> None:
    """Run the engine's next turn, or say that all weeks were met.

    Exit code 3 if the gate refuses the new network; the turn is complete all the same.
    """
    from bessemer.cli.simulated import find_recipe_of_fleet, fleet_for
    from bessemer.loop.archive import ingest_archive
    from bessemer.loop.line import Line
    from bessemer.loop.recipe import archive_of_recipe
    from bessemer.loop.run import next_turn

    chosen, of_fleet = find_recipe_of_fleet(recipe, settings, data)
    with open_works(works, ledger) as opened:
        fleet = fleet_for(opened, chosen, of_fleet, data, chosen.deal.weeks)
        if fleet is None:
            ingest_archive(opened, archive_of_recipe(chosen), data)
        record = next_turn(Line.ready(chosen, opened), fleet)
    state = record.state
    shipped = state.released == state.trained
    if as_json:
        print_json(record)
    else:
        typer.echo(
            f"turn {record.turn}: {len(state.pool)} units in the pool, {state.paid:g} labels paid, "
            f"network {record.network.network_id[:12]} {'shipped' if shipped else 'refused'}, "
            f"commit {record.commit_id[:12]}"
        )
    if not shipped:
        raise typer.Exit(GateRefusedError.exit_code)


def ingest(
    reader: Annotated[str, typer.Argument(help="A reader: gtsrb, camvid, pictures, video, ...")],
    data: Annotated[Path, typer.Argument(help="The folder or file to read.")],
    licence: Annotated[str, typer.Option(help="Licence of the recordings.")] = "",
    region: Annotated[str, typer.Option(help="Where they were made, ISO 3166.")] = "",
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    settings: ArchiveSettings = [],  # noqa: B006 (typer reads the default, nobody changes it)
    as_json: AsJson = False,
) -> None:
    """Take recordings into the lake; what is refused is counted, and then the exit code is 1.

    Known recordings are compared by content: new answers are taken in, changed files refused.
    """
    from bessemer.core.records import Terms
    from bessemer.loop.archive import archive_config, ingest_archive

    terms = Terms(licence=licence, region=region) if licence or region else None
    config = archive_config(reader, settings, terms=terms)
    with open_works(works, ledger) as opened:
        result = ingest_archive(opened, config, data)
    if as_json:
        print_json(result)
    else:
        answered = f", {result.n_answered} of them with new answers" if result.n_answered else ""
        typer.echo(f"{result.n_new} new, {result.n_known} known{answered}")
        for count in result.rejected:
            typer.echo(f"rejected  {count.count:>6}  {count.reason}")
        for one in result.rejections[:_TOLD]:
            typer.echo(f"{one.where}: {one.detail}", err=True)
        if len(result.rejections) > _TOLD:
            typer.echo("The rest: bessemer rejected, with the same --works.", err=True)
    if result.rejected:
        raise typer.Exit(1)


def rejected(
    stage: Annotated[str, typer.Option(help="Only of this stage: ingest, label, split.")] = "",
    reason: Annotated[str, typer.Option(help="Only for this reason.")] = "",
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """List everything that was ever refused: the reason, the place, and what to do."""
    with open_works(works, ledger, quiet=True) as opened:
        found = [
            one for one in opened.ledger.rejections(stage or None) if reason in ("", one.reason)
        ]
    if as_json:
        print_json(found)
        return
    for one in found:
        typer.echo(f"{one.stage}  {one.reason}  {one.where}  {one.detail}")


def plugins(as_json: AsJson = False) -> None:
    """List what is installed for each role: readers, triggers, selectors, networks, gates, ..."""
    from bessemer.core.plugins import installed_plugins

    found = installed_plugins()
    if as_json:
        print_json(found)
        return
    for one in found:
        typer.echo(f"{one.role:<10}  {one.name:<14}  {one.package:<20}  {one.target}")


def look(
    path: Annotated[Path, typer.Argument(help="A video, or a folder of pictures.")],
    page: Annotated[Path, typer.Option(help="Where the page is written.")] = Path("look.html"),
    as_json: AsJson = False,
) -> None:
    """Say how much of your own pictures is near-duplicate, and which 20 are worth a label."""
    from bessemer.cli.story import ConsoleStory
    from bessemer.loop.look import look as look_at
    from bessemer.report.look_page import render_look, summarise_look
    from bessemer.report.page import write_page

    findings = look_at(path, story=ConsoleStory())
    write_page(render_look(findings), page)
    if as_json:
        print_json(findings.without_pictures())
        return
    typer.echo(summarise_look(findings))
    typer.echo(f"Page: {page}")


def report(
    recipe: RecipeName,
    out: Annotated[Path | None, typer.Option(help="Where the page is written.")] = None,
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    settings: Settings = [],  # noqa: B006 (typer reads the default, nobody changes it)
    as_json: AsJson = False,
) -> None:
    """Write the report of a run again, from what the ledger holds; nothing is trained."""
    from bessemer.cli.simulated import find_recipe_of_fleet
    from bessemer.loop.telling import retell_run
    from bessemer.report.page import write_page
    from bessemer.report.run_page import render_run
    from bessemer.report.summary import summarise_run

    chosen, _ = find_recipe_of_fleet(recipe, settings)
    with open_works(works, ledger, quiet=True) as opened:
        told = retell_run(opened, chosen)
    page = out or works / f"report-{chosen.name}.html"
    write_page(render_run(told), page)
    if as_json:
        print_json(told)
        return
    typer.echo(summarise_run(told))
    typer.echo(f"Report: {page}")


def evaluate(
    network: Annotated[
        str,
        typer.Argument(help="An ONNX file that keeps the contract; or a network of --works."),
    ],
    data: Annotated[Path, typer.Option("--data", help="A folder that a reader knows.")],
    reader: Annotated[str, typer.Option(help="Its reader; found by the folder by default.")] = "",
    task: Annotated[str, typer.Option(help="The task; the network's only one by default.")] = "",
    suite: Annotated[
        Path | None, typer.Option(help="A suite in TOML: its slices scored, its checks judged.")
    ] = None,
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Score any network that keeps the contract on any folder that a reader knows.

    Tables by slice and by class; without a suite the slices are all, dark and blurred. What the
    folder has amiss is counted and told, and fails nothing. Exit code 3 if a check of the suite
    fails; one that cannot tell fails nothing.
    """
    from bessemer.cli.story import ConsoleStory
    from bessemer.loop.evaluate import evaluate_network
    from bessemer.loop.evaluate_table import table_of

    file = Path(network)
    if not file.exists() and _looks_like_address(network) and works.exists():
        from bessemer.loop.tracing import network_file

        with open_works(works, ledger, quiet=True) as opened:
            file = network_file(opened, network)
    scores = evaluate_network(file, data, reader, task, suite, ConsoleStory())
    if as_json:
        print_json(scores)
    else:
        typer.echo(table_of(scores))
    if any(check.verdict == "fail" for check in scores.checks):
        raise typer.Exit(GateRefusedError.exit_code)


def _looks_like_address(written: str) -> bool:
    """Return whether an argument may be a network's address, or its beginning."""
    return re.fullmatch(r"[0-9a-f]{6,64}", written) is not None


def lineage(
    recording: Annotated[str, typer.Argument(help="A recording's address or its source.")],
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """List every data commit and network that used a recording."""
    from bessemer.loop.blaming import find_recording

    with open_works(works, ledger, quiet=True) as opened:
        recording_id = find_recording(opened, recording)
        found = opened.lake.lineage(recording_id)
        graves = {stone.recording_id: stone for stone in opened.ledger.tombstones()}
    if as_json:
        print_json(found)
        return
    if stone := graves.get(recording_id):
        typer.echo(f"erased   {stone.reason}")
    for commit_id in found.commits:
        typer.echo(f"commit   {commit_id}")
    for network_id in found.networks:
        typer.echo(f"network  {network_id}")


def erase(
    recording: Annotated[str, typer.Argument(help="A recording's address or its source.")] = "",
    reason: Annotated[str, typer.Option(help="Why, for the tombstone.")] = "",
    expired: Annotated[
        bool, typer.Option("--expired", help="All recordings that may be kept no longer.")
    ] = False,
    as_of: Annotated[
        str, typer.Option(help="The day that counts for --expired; today (UTC) by default.")
    ] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Erase; else --expired only lists.")] = False,
    works: WorksPath = DEFAULT_WORKS,
    ledger: LedgerUrl = "",
    as_json: AsJson = False,
) -> None:
    """Erase a recording's bytes and leave a tombstone; then list what had used it.

    With --expired: list the recordings past their retention, and with --yes erase them.
    """
    if expired:
        if recording or reason:
            raise typer.BadParameter("--expired names its recordings and its reason itself.")
        _erase_expired(works, ledger, as_of, yes=yes, as_json=as_json)
        return
    if not recording or not reason or as_of:
        raise typer.BadParameter("Name a RECORDING and a --reason, or --expired.")
    from bessemer.loop.blaming import find_recording
    from bessemer.loop.expiry import pages_with_pictures

    with open_works(works, ledger, quiet=True) as opened:
        recording_id = find_recording(opened, recording)
        before = {stone.recording_id for stone in opened.ledger.tombstones()}
        opened.lake.erase(recording_id, reason)
        found = opened.lake.lineage(recording_id)
        pages = [str(page) for page in pages_with_pictures(opened)]
    if as_json:
        print_json({"commits": found.commits, "networks": found.networks, "pages": pages})
        return
    done = "Erased before:" if recording_id in before else "Erased"
    typer.echo(
        f"{done} {recording_id[:12]}; {len(found.commits)} commits and "
        f"{len(found.networks)} networks had used it."
    )
    typer.echo(_say_pages(pages))


def _erase_expired(works: Path, ledger: str, as_of: str, *, yes: bool, as_json: bool) -> None:
    """List the recordings past their retention, and erase them if so told."""
    from datetime import UTC, date, datetime

    from bessemer.loop.expiry import erase_expired, find_expired, pages_with_pictures

    try:
        day = date.fromisoformat(as_of) if as_of else datetime.now(UTC).date()
    except ValueError as error:
        raise typer.BadParameter(f"{as_of!r} is no day; write 2027-01-31.") from error
    with open_works(works, ledger, quiet=True) as opened:
        found = list(find_expired(opened, day))
        if yes:
            for one in found:
                erase_expired(opened, one)
        pages = [str(page) for page in pages_with_pictures(opened) if yes and found]
    if as_json:
        print_json({"as_of": day.isoformat(), "erased": yes, "recordings": found, "pages": pages})
        return
    for one in found:
        typer.echo(
            f"{one.until}  {one.source}  {one.retention_days} days, "
            f"used by {one.n_commits} commits and {one.n_networks} networks"
        )
    if yes and found:
        typer.echo(_say_pages(pages))
    done = "; erased" if yes else "; nothing was erased: add --yes"
    told = f"{len(found)} recordings past their retention on {day.isoformat()}"
    typer.echo(f"{told}{done if found else ''}.")


def _say_pages(pages: list[str]) -> str:
    """Return where pictures of what was erased may still be seen."""
    if not pages:
        return "Pages of reports written before keep their thumbnails; none lies in this works."
    names = ", ".join(pages)
    return (
        f"Pages of reports written before keep their thumbnails: {names}; "
        "write them again with `bessemer report`."
    )
