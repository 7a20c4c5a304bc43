"""``bessemer twin``: drives of the simulated fleet, and what there is to see in them."""

from pathlib import Path
from typing import Annotated

import typer

from bessemer.cli import twin_watch
from bessemer.cli.options import AsJson, print_json
from bessemer.cli.twin_options import (
    Forced,
    HeightPx,
    RateHz,
    RigName,
    WidthPx,
    forced_of,
    require,
    sized_rig,
)

app = typer.Typer(help="The driving twin: record a simulated fleet, and look at its drives.")


@app.command()
def record(
    out: Annotated[Path, typer.Option(help="Folder of the drives.")] = Path("fleet"),
    vehicles: Annotated[int, typer.Option(help="How many cars.", min=1)] = 10,
    hours: Annotated[float, typer.Option(help="Hours of driving, all cars together.")] = 1.0,
    weeks: Annotated[int, typer.Option(help="Over how many weeks.", min=1)] = 4,
    exam_frac: Annotated[
        float, typer.Option(help="Share of the drives that lie before the first week: the exam.")
    ] = 0.25,
    network: Annotated[
        str | None,
        typer.Option(help="The only one to drive: town, motorway, country, or a file."),
    ] = None,
    rig: RigName = "front",
    width_px: WidthPx = None,
    height_px: HeightPx = None,
    rate_hz: RateHz = None,
    drive_s: Annotated[float, typer.Option(help="How long one drive lasts.")] = 60.0,
    seed: Annotated[int, typer.Option(help="Draws everything.")] = 0,
    event_scale: Annotated[
        float, typer.Option(help="Factor on how often events of the tail happen.")
    ] = 1.0,
    force: Forced = [],  # noqa: B006 (typer reads the default, nobody changes it)
    processes: Annotated[int, typer.Option(help="Worlds at a time, a core each.", min=1)] = 1,
    quality: Annotated[
        int, typer.Option(help="x264's crf: less is better and larger.", min=0, max=51)
    ] = 23,
    as_json: AsJson = False,
) -> None:
    """Drive a fleet and write each drive as an MCAP file; drives that are there stay."""
    from bessemer.cli.twin_record import record_plan
    from bessemer.twin.drive_log.log import LogConfig
    from bessemer.twin.fleet.plan import FleetPlan
    from bessemer.twin.fleet.regions import REGIONS, regions_on

    require("twin", "warp", "libsumo")
    require("works", "mcap", "mcap_protobuf", "foxglove_schemas_protobuf")
    plan = FleetPlan(
        vehicles=vehicles,
        hours=hours,
        weeks=weeks,
        drive_s=drive_s,
        rig=sized_rig(rig, width_px, height_px, rate_hz),
        seed=seed,
        event_scale=event_scale,
        forced=forced_of(force),
        regions=REGIONS if network is None else regions_on(network),
        exam_frac=exam_frac,
    )
    told = record_plan(plan, out, processes=processes, log=LogConfig(crf=quality))
    if as_json:
        print_json(told)
    else:
        typer.echo(str(out))


@app.command()
def events(as_json: AsJson = False) -> None:
    """List the events of the long tail: how rare each is, and where it happens."""
    from bessemer.twin.events.catalogue import EVENTS

    if as_json:
        print_json(
            [
                {
                    "name": spec.name,
                    "family": spec.family.value,
                    "per_clip": spec.per_clip,
                    "surrounds": spec.surrounds,
                    "daylight": spec.daylight.value,
                    "weathers": tuple(weather.value for weather in spec.weathers),
                    "description": spec.description,
                }
                for spec in EVENTS.values()
            ]
        )
        return
    typer.echo(f"{'event':<36}{'one in clips':>13}  {'where':<23}{'when':<9}what")
    for spec in EVENTS.values():
        when = "" if spec.daylight.value == "any" else spec.daylight.value
        where = "everywhere" if len(spec.surrounds) == 3 else " ".join(spec.surrounds)
        rare = f"{1 / spec.per_clip:,.0f}"
        typer.echo(f"{spec.name:<36}{rare:>13}  {where:<23}{when:<9}{spec.description}")


@app.command()
def networks(as_json: AsJson = False) -> None:
    """List the road networks that ship."""
    from bessemer.twin.roads.net_file import shipped_networks
    from bessemer.twin.roads.network import LaneKind
    from bessemer.twin.roads.read_net import load_network

    rows = []
    for name in shipped_networks():
        network = load_network(name)
        driven = [lane for lane in network.lanes.values() if lane.kind is LaneKind.DRIVE]
        rows.append(
            {
                "name": name,
                "surround": network.surround,
                "lanes": len(driven),
                "lane_km": round(sum(lane.length_m for lane in driven) / 1000, 2),
                "signals": len({signal.signal_id for signal in network.signals}),
                "crossings": len(network.crossings),
            }
        )
    if as_json:
        print_json(rows)
        return
    typer.echo(f"{'network':<12}{'lanes':>7}{'lane km':>9}{'signals':>9}{'crossings':>11}")
    for row in rows:
        typer.echo(
            f"{row['name']:<12}{row['lanes']:>7}{row['lane_km']:>9}{row['signals']:>9}"
            f"{row['crossings']:>11}"
        )


@app.command()
def rigs(as_json: AsJson = False) -> None:
    """List the rigs that ship: which cameras, and how large their pictures are."""
    from bessemer.twin.rigs import RIGS, load_rig

    found = {name: load_rig(name) for name in RIGS}
    if as_json:
        print_json(list(found.values()))
        return
    for name, rig in found.items():
        size = rig.cameras[0].calibration
        cameras = ", ".join(camera.name for camera in rig.cameras)
        typer.echo(
            f"{name:<10}{size.width_px}x{size.height_px} at {rig.rate_hz:g} Hz, "
            f"{len(rig.cameras)}: {cameras}"
        )


twin_watch.register(app)
