"""Commands that look at drives of the twin: ``play``, ``picture`` and ``gallery``."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bessemer.cli.options import AsJson, print_json
from bessemer.cli.twin_options import (
    Density,
    Events,
    HeightPx,
    Hour,
    Intensity,
    Network,
    RateHz,
    RigName,
    Season,
    Seed,
    Weather,
    WidthPx,
    require,
    scenario_of,
    sized_rig,
)

if TYPE_CHECKING:
    from bessemer.cli.twin_show import Outputs


def register(app: typer.Typer) -> None:
    """Add the commands to the twin's."""
    for command in (play, picture, gallery):
        app.command()(command)


def play(
    file: Annotated[
        Path | None, typer.Argument(help="A recorded drive; else one is driven.")
    ] = None,
    network: Network = "town",
    event: Events = [],  # noqa: B006 (typer reads the default, nobody changes it)
    hour: Hour = 12.0,
    weather: Weather = "clear",
    intensity_frac: Intensity = 0.5,
    season: Season = "summer",
    density_frac: Density = 0.3,
    seed: Seed = 0,
    seconds: Annotated[float, typer.Option(help="How long to drive.")] = 20.0,
    rig: RigName = "front",
    width_px: WidthPx = None,
    height_px: HeightPx = None,
    rate_hz: RateHz = None,
    mp4: Annotated[Path | None, typer.Option(help="Write a film.")] = None,
    sheet: Annotated[Path | None, typer.Option(help="Write a sheet of pictures.")] = None,
    rrd: Annotated[Path | None, typer.Option(help="Write a file for the rerun viewer.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show a drive: in the rerun viewer's window, or as files; without a screen, as a film."""
    from bessemer.cli.twin_show import Outputs, show_play

    outputs = Outputs(mp4=mp4, sheet=sheet, rrd=rrd)
    stem = network if file is None else file.stem
    if outputs == Outputs():
        outputs = _usual_outputs(stem)
    if outputs.rrd:
        require("view", "rerun", or_else="ask for a film with --mp4 FILE")
    if file is not None:
        from bessemer.cli.twin_replay import recorded_play
        from bessemer.cli.twin_show import told_of_cut

        told = show_play(lambda: recorded_play(file), outputs)
        if cut := told_of_cut(file):
            typer.echo(cut, err=True)
    else:
        from bessemer.cli.twin_show import show_live

        require("twin", "warp", "libsumo")
        told = show_live(
            scenario_of(
                network=network,
                events=event,
                hour=hour,
                weather=weather,
                intensity_frac=intensity_frac,
                season=season,
                density_frac=density_frac,
                rig=sized_rig(rig, width_px, height_px, rate_hz),
                duration_s=seconds,
            ),
            seed,
            outputs,
        )
    _tell(told, as_json)


def picture(
    out: Annotated[Path, typer.Option(help="The picture: .png or .jpg.")],
    network: Network = "town",
    event: Events = [],  # noqa: B006 (typer reads the default, nobody changes it)
    at_s: Annotated[
        float | None,
        typer.Option("--at", help="Seconds; by default when the event shows most, or 5."),
    ] = None,
    hour: Hour = 12.0,
    weather: Weather = "clear",
    intensity_frac: Intensity = 0.5,
    season: Season = "summer",
    density_frac: Density = 0.3,
    seed: Seed = 0,
    rig: RigName = "front",
    width_px: WidthPx = None,
    height_px: HeightPx = None,
    show: Annotated[
        list[str], typer.Option(help="Truth: semantic, depth, instance beside it; boxes on it.")
    ] = [],  # noqa: B006 (typer reads the default, nobody changes it)
    as_json: AsJson = False,
) -> None:
    """Take one picture of a drive, with its truth if asked."""
    from bessemer.cli.twin_picture import overlays_of, save_picture

    require("twin", "warp", "libsumo")
    overlays = overlays_of(show)
    scenario = scenario_of(
        network=network,
        events=event,
        hour=hour,
        weather=weather,
        intensity_frac=intensity_frac,
        season=season,
        density_frac=density_frac,
        rig=sized_rig(rig, width_px, height_px, None),
        duration_s=45.0,
    )
    _tell(save_picture(out, seed, scenario, at_s, overlays), as_json)


def gallery(
    out: Annotated[Path, typer.Option(help="Folder of the pictures.")],
    only: Annotated[
        list[str],
        typer.Option(help="conditions, events, truth, or one picture's name; may be repeated."),
    ] = [],  # noqa: B006 (typer reads the default, nobody changes it)
    width_px: Annotated[int, typer.Option("--width", help="Width of a picture.", min=64)] = 384,
    as_json: AsJson = False,
) -> None:
    """Take the pictures of the docs: roads in all weathers, truth, every event when it shows."""
    from bessemer.cli.twin_picture import save_gallery

    require("twin", "warp", "libsumo")
    told = save_gallery(out, tuple(only), width_px)
    if as_json:
        print_json(told)
    else:
        typer.echo(str(out))


def _usual_outputs(stem: str) -> "Outputs":
    """Return what is written where nothing was asked for: the viewer opens, or a film is made."""
    from bessemer.cli.twin_show import Outputs
    from bessemer.twin.play.rerun import has_screen

    if has_screen():
        return Outputs(rrd=Path(f"{stem}.rrd"), opens=True)
    return Outputs(mp4=Path(f"{stem}.mp4"))


def _tell(told: "dict[str, object]", as_json: bool) -> None:
    """Print what was written: its paths, or all of it as JSON."""
    if as_json:
        print_json(told)
        return
    for key in ("mp4", "sheet", "rrd", "picture"):
        if key in told:
            typer.echo(str(told[key]))
