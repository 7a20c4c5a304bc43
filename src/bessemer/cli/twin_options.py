"""Options that commands of the twin share, and what they stand for."""

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from bessemer.twin.rig import Rig
    from bessemer.twin.scenario import Scenario

RigName = Annotated[str, typer.Option(help="front, surround, eight, or a .toml file.")]
WidthPx = Annotated[int | None, typer.Option("--width", help="Width of a picture.", min=16)]
HeightPx = Annotated[int | None, typer.Option("--height", help="Its height.", min=9)]
Network = Annotated[str, typer.Option(help="town, motorway, country, or a road network's file.")]
Events = Annotated[
    list[str], typer.Option("--event", help="What happens: NAME, or NAME@SECONDS; may be repeated.")
]
Forced = Annotated[
    list[str],
    typer.Option(
        metavar="NAME=PER_CLIP",
        help="How often an event happens in 10 s, in place of nature; may be repeated.",
    ),
]
Hour = Annotated[float, typer.Option(help="Time of day, 0 to 24.")]
Weather = Annotated[str, typer.Option(help="clear, overcast, rain, fog or snow.")]
Intensity = Annotated[float, typer.Option("--intensity", help="Of the weather, 0 to 1.")]
Season = Annotated[str, typer.Option(help="spring, summer, autumn or winter.")]
Density = Annotated[float, typer.Option("--density", help="Of the traffic, 0 to 1.")]
Seed = Annotated[int, typer.Option(help="Draws everything.")]
RateHz = Annotated[float | None, typer.Option(help="Pictures a second and camera.", min=0.01)]


def require(extra: str, *modules: str, or_else: str = "") -> None:
    """Check that the modules of an extra are installed.

    Args:
        extra: Its name.
        *modules: What it brings.
        or_else: What to do without it.

    Raises:
        MissingExtraError: If one is not there.
    """
    from importlib.util import find_spec

    from bessemer.core.errors import MissingExtraError

    lacking = [name for name in modules if find_spec(name) is None]
    if lacking:
        raise MissingExtraError(
            f"{', '.join(lacking)} is not installed.",
            where="bessemer twin",
            fix=f"Install bessemer[{extra}]" + (f", or {or_else}." if or_else else "."),
        )


def sized_rig(
    name: str, width_px: int | None, height_px: int | None, rate_hz: float | None
) -> "Rig":
    """Return a rig, its sizes changed where they are given; one side alone keeps the shape.

    Args:
        name: Of one that ships, or a file's.
        width_px: Width of a picture.
        height_px: Its height.
        rate_hz: Pictures a second and camera.

    Returns:
        The rig.

    Raises:
        InputError: If there is none, or a file's sizes were to be changed.
    """
    from bessemer.core.errors import InputError
    from bessemer.twin.rigs import RIGS, load_rig

    asked = {"width_px": width_px, "height_px": height_px, "rate_hz": rate_hz}
    given = {key: value for key, value in asked.items() if value is not None}
    if given and name not in RIGS and name.endswith(".toml"):
        raise InputError("A rig from a file has its own sizes.", where=name, fix="Edit the file.")
    if name in RIGS:
        usual = load_rig(name).cameras[0].calibration
        if width_px is not None and height_px is None:
            given["height_px"] = _even(width_px * usual.height_px / usual.width_px)
        elif height_px is not None and width_px is None:
            given["width_px"] = _even(height_px * usual.width_px / usual.height_px)
    return load_rig(name, **given)


def _even(side_px: float) -> int:
    """Return the nearest even number of pixels, as films want them."""
    return 2 * round(side_px / 2)


def forced_of(texts: list[str]) -> tuple[tuple[str, float], ...]:
    """Return the events to force, by name, and how often each.

    Args:
        texts: Each ``NAME=PER_CLIP``.

    Returns:
        Names and expected counts in a clip.

    Raises:
        InputError: If one is written otherwise.

    Example:
        >>> forced_of(["wrong_way_driver=0.5", "animal=1"])
        (('wrong_way_driver', 0.5), ('animal', 1.0))
    """
    from bessemer.core.errors import InputError

    forced = []
    for text in texts:
        name, _, per_clip = text.partition("=")
        try:
            forced.append((name, float(per_clip)))
        except ValueError:
            raise InputError(
                f"{text!r} does not say how often.",
                where="--force",
                fix="Write NAME=PER_CLIP, such as wrong_way_driver=0.5.",
            ) from None
    return tuple(forced)


def scenario_of(
    *,
    network: str,
    events: list[str],
    hour: float,
    weather: str,
    intensity_frac: float,
    season: str,
    density_frac: float,
    rig: "Rig",
    duration_s: float,
) -> "Scenario":
    """Return the drive that the options ask for.

    Args:
        network: Its name, or a file's.
        events: Each as :func:`bessemer.cli.twin_show.call_of` reads it.
        hour: Time of day.
        weather: Its name.
        intensity_frac: Of the weather.
        season: Its name.
        density_frac: Of the traffic.
        rig: Cameras.
        duration_s: How long it is.

    Returns:
        The drive.

    Raises:
        InputError: If there is no such weather, season or time.
    """
    from bessemer.cli.twin_show import call_of
    from bessemer.core.errors import NotFoundError
    from bessemer.twin import conditions
    from bessemer.twin.scenario import Scenario

    for kind, name, known in (
        ("weather", weather, conditions.Weather),
        ("season", season, conditions.Season),
    ):
        if name not in list(known):
            raise NotFoundError.among(kind, name, [member.value for member in known])
    return Scenario(
        network=network,
        rig=rig,
        duration_s=duration_s,
        conditions=conditions.Conditions(
            hour=hour,
            weather=conditions.Weather(weather),
            intensity_frac=intensity_frac,
            season=conditions.Season(season),
        ),
        density_frac=density_frac,
        events=tuple(call_of(text) for text in events),
    )
