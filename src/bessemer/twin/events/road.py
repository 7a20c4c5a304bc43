"""Events of the road itself: its paint, and what stands over it."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from bessemer.twin.events import shapes
from bessemer.twin.events.cast import Cast, NoFitError, Script
from bessemer.twin.events.motions import until_behind, wait
from bessemer.twin.events.params import Params, Range
from bessemer.twin.events.spec import EventSpec, Family, event

SEGMENT_M = 10.0
"""Length of one piece of a tunnel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Worn(Params):
    """How much paint is gone, and for how long."""

    worn_frac: Annotated[float, Range(0.4, 0.8)]
    time_s: Annotated[float, Range(8.0, 20.0)]


@event(Worn, Family.ROAD, 1 / 35)
def worn_lines(cast: Cast, p: Worn) -> Script:
    """Lane markings are worn."""
    cast.wear_marks(p.worn_frac)
    yield from wait(cast, p.time_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Missing(Params):
    """For how long."""

    time_s: Annotated[float, Range(8.0, 20.0)]


@event(Missing, Family.ROAD, 1 / 150)
def missing_lines(cast: Cast, p: Missing) -> Script:
    """There are no lane markings: the surface is new, or they were never painted."""
    cast.wear_marks(1.0)
    yield from wait(cast, p.time_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel(Params):
    """How far ahead it begins, and how long it is."""

    lead_s: Annotated[float, Range(2.5, 6.0)]
    length_m: Annotated[float, Range(40.0, 150.0)]


@event(Tunnel, Family.ROAD, 1 / 120)
def tunnel(cast: Cast, p: Tunnel) -> Script:
    """The road leads through a tunnel."""
    far_m = cast.in_s(p.lead_s)
    spots = [
        spot
        for along in np.arange(0.0, p.length_m, SEGMENT_M)
        if (spot := cast.stage.ahead(far_m + float(along))) is not None
    ]
    if len(spots) < 3:
        raise NoFitError("the way is too short for a tunnel")
    for spot in spots:
        cast.put(shapes.TUNNEL, spot, clear_m=0.0)
    yield from until_behind(cast, spots[-1])


ROAD: tuple[EventSpec, ...] = (worn_lines, missing_lines, tunnel)
