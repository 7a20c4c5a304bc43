"""Events of the road itself: its paint, and what stands over it."""

from dataclasses import dataclass, replace
from typing import Annotated

import numpy as np

from bessemer.twin.events import shapes
from bessemer.twin.events.cast import Cast, NoFitError, Script
from bessemer.twin.events.motions import until_behind, wait
from bessemer.twin.events.params import Params, Range
from bessemer.twin.events.spec import EventSpec, Family, event
from bessemer.twin.stage import Spot

SEGMENT_M = 10.0
"""Length of one piece of a tunnel on a straight road."""

FEWEST = 4
"""Pieces of the shortest tunnel."""

LATEST_M = 60.0  # by so much it may begin later than wanted, so as to lie beyond a junction

WALL_M = 0.2  # from the pavement's edge to the wall; rails and posts stand 0.6 m off, outside
BODY_WIDE_M = 18.0  # between the walls of the body that is stretched
BODY_LOWER = 0.86  # so that its roof lies below what spans a road

Piece = tuple[Spot, tuple[float, float, float]]
"""Where a piece of a tunnel stands, and how it is stretched."""


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
    wanted = max(round(p.length_m / SEGMENT_M), FEWEST)
    pieces: list[Piece] = []
    for along in np.arange(far_m, far_m + LATEST_M + p.length_m, SEGMENT_M):
        piece = _piece(cast, float(along))
        if piece is not None:
            pieces.append(piece)
        elif len(pieces) < FEWEST:
            pieces.clear()  # it begins beyond the junction
        if len(pieces) == wanted or (piece is None and pieces):
            break
    if len(pieces) < FEWEST:
        raise NoFitError("the way is too short for a tunnel, or leads over a junction")
    for spot, scale in pieces:
        cast.put(shapes.TUNNEL, spot, scale=scale, clear_m=0.0)
    yield from until_behind(cast, pieces[-1][0])


def _piece(cast: Cast, along_m: float) -> Piece | None:
    """Return one piece: walls at the pavement's edges, as long as its outer wall has to be.

    All that stands beside a road then stands outside.
    """
    sides: dict[int, list[Spot]] = {1: [], -1: []}
    for at_m in (along_m, along_m + SEGMENT_M):
        across = cast.stage.carriageway(at_m)
        if across is None:
            return None
        for side, edge_m in ((1, across.left_m + WALL_M), (-1, across.right_m - WALL_M)):
            spot = cast.stage.ahead(at_m, edge_m)
            if spot is None:
                return None
            sides[side].append(spot)
    begin, end = (_between(left, right) for left, right in zip(sides[1], sides[-1], strict=True))
    long_m = max(_apart_m(*sides[1]), _apart_m(*sides[-1]))
    wide_m = max(_apart_m(left, right) for left, right in zip(sides[1], sides[-1], strict=True))
    yaw_rad = float(np.arctan2(end.y_m - begin.y_m, end.x_m - begin.x_m))
    middle = replace(_between(begin, end), yaw_rad=yaw_rad)
    return middle, (long_m / SEGMENT_M, wide_m / BODY_WIDE_M, BODY_LOWER)


def _between(one: Spot, other: Spot) -> Spot:
    return Spot(
        x_m=(one.x_m + other.x_m) / 2, y_m=(one.y_m + other.y_m) / 2, z_m=(one.z_m + other.z_m) / 2
    )


def _apart_m(one: Spot, other: Spot) -> float:
    return float(np.hypot(one.x_m - other.x_m, one.y_m - other.y_m))


ROAD: tuple[EventSpec, ...] = (worn_lines, missing_lines, tunnel)
