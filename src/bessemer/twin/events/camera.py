"""Events of the cameras: light that floods them, and dirt on their lenses."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from bessemer.twin.conditions import Weather
from bessemer.twin.events import shapes
from bessemer.twin.events.cast import Cast, NoFitError, Script
from bessemer.twin.events.motions import LIGHTS, along_road, each_step, follow, together, wait
from bessemer.twin.events.params import Params, Range
from bessemer.twin.events.spec import WET, Daylight, EventSpec, Family, event

ALL = "*"


def _one_camera(cast: Cast) -> str:
    """Draw a camera; a front camera half of the time, since it is the one that matters."""
    names = sorted(cast.stage.cameras())
    if not names:
        raise NoFitError("the ego has no camera")
    front = [name for name in names if "front" in name.lower()]
    among = front if front and cast.rng.random() < 0.5 else names
    return among[int(cast.rng.integers(len(among)))]


def bump(since_s: float, time_s: float, rise_s: float = 1.0) -> float:
    """Return a share that rises to 1, holds, and falls to 0 after ``time_s``."""
    return float(np.clip(min(since_s, time_s - since_s) / min(rise_s, time_s / 2), 0.0, 1.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Glare(Params):
    """How strong, and for how long."""

    glare_frac: Annotated[float, Range(0.32, 0.55)]
    time_s: Annotated[float, Range(4.0, 12.0)]


@event(Glare, Family.CAMERA, 1 / 40, daylight=Daylight.LOW_SUN, weathers=(Weather.CLEAR,))
def sun_glare(cast: Cast, p: Glare) -> Script:
    """The low sun floods the cameras."""
    yield from each_step(
        cast,
        lambda since_s: cast.blind(ALL, 0.0, p.glare_frac * bump(since_s, p.time_s)),
        lambda since_s: since_s >= p.time_s,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Blinding(Params):
    """For how long."""

    time_s: Annotated[float, Range(1.0, 5.0)]


@event(Blinding, Family.CAMERA, 1 / 280)
def blinded_camera(cast: Cast, p: Blinding) -> Script:
    """One camera sees nothing but light for a while."""
    camera = _one_camera(cast)
    yield from each_step(
        cast,
        lambda since_s: cast.blind(camera, 0.0, bump(since_s, p.time_s, 0.3)),
        lambda since_s: since_s >= p.time_s,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Dirt(Params):
    """How much of the lens is dirty, and for how long."""

    dirt_frac: Annotated[float, Range(0.15, 0.5)]
    time_s: Annotated[float, Range(8.0, 30.0)]


@event(Dirt, Family.CAMERA, 1 / 60)
def dirty_lens(cast: Cast, p: Dirt) -> Script:
    """One lens is dirty."""
    cast.blind(_one_camera(cast), p.dirt_frac, 0.0)
    yield from wait(cast, p.time_s)


@event(Dirt, Family.CAMERA, 1 / 45, weathers=WET)
def drops_on_lenses(cast: Cast, p: Dirt) -> Script:
    """Drops or flakes sit on all lenses, and a wiper does not reach them."""
    cast.blind(ALL, 0.7 * p.dirt_frac, 0.0)
    yield from wait(cast, p.time_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Splash(Params):
    """How much is hit, and for how long until it has run off."""

    dirt_frac: Annotated[float, Range(0.5, 0.9)]
    time_s: Annotated[float, Range(2.0, 6.0)]


@event(Splash, Family.CAMERA, 1 / 90, weathers=WET)
def spray(cast: Cast, p: Splash) -> Script:
    """Spray from a puddle hits all lenses at once and runs off."""
    yield from each_step(
        cast,
        lambda since_s: cast.blind(ALL, p.dirt_frac * max(1.0 - since_s / p.time_s, 0.0), 0.0),
        lambda since_s: since_s >= p.time_s,
    )


@event(Splash, Family.CAMERA, 1 / 2_500)
def mud_on_lens(cast: Cast, p: Splash) -> Script:
    """Mud hits one lens and stays."""
    camera = _one_camera(cast)
    yield from wait(cast, 1.0)
    cast.blind(camera, p.dirt_frac, 0.0)
    yield from wait(cast, 4.0 * p.time_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class HighBeams(Params):
    """When they meet, how fast the other one is, and how strongly it blinds."""

    lead_s: Annotated[float, Range(3.0, 5.0)]
    speed_mps: Annotated[float, Range(8.0, 20.0)]
    glare_frac: Annotated[float, Range(0.4, 0.8)]


@event(HighBeams, Family.CAMERA, 1 / 70, ("town", "country"), daylight=Daylight.DARK)
def high_beams(cast: Cast, p: HighBeams) -> Script:
    """An oncoming car leaves its high beams on and blinds the cameras as it comes near."""
    far_m = cast.in_s(p.lead_s, 40.0) + p.speed_mps * p.lead_s
    path = along_road(cast, -20.0, far_m, cast.oncoming_m(), at_least_m=60.0).reverse()
    car = cast.put(shapes.CAR, path.at(0.0), tint=cast.paint())
    length_m = path.length_m - 20.0

    def shine(since_s: float) -> None:
        nearness = (p.speed_mps + cast.ego.speed_mps) * since_s / length_m
        cast.blind(ALL, 0.0, p.glare_frac * (nearness**3 if nearness < 1.0 else 0.0))

    drive_s = path.length_m / p.speed_mps
    yield from together(
        follow(cast, car, path, p.speed_mps, lamps=LIGHTS, careful=True),
        each_step(cast, shine, lambda since_s: since_s >= drive_s),
    )


CAMERA: tuple[EventSpec, ...] = (
    sun_glare,
    blinded_camera,
    dirty_lens,
    drops_on_lenses,
    spray,
    mud_on_lens,
    high_beams,
)
