"""Events of things and animals on the road."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from bessemer.twin.events import shapes
from bessemer.twin.events.cast import Cast, Script
from bessemer.twin.events.motions import (
    Path,
    along_road,
    follow,
    together,
    turned,
    until_behind,
)
from bessemer.twin.events.params import OneOf, Params, Range
from bessemer.twin.events.people import crosses, far_enough_m, way_across
from bessemer.twin.events.shapes import Shapes
from bessemer.twin.events.spec import (
    COUNTRY,
    MOTORWAY,
    TOWN,
    Daylight,
    EventSpec,
    Family,
    event,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying(Params):
    """How far ahead it lies, how far from the lane's middle, and how it is turned."""

    lead_s: Annotated[float, Range(3.5, 8.0)]
    left_m: Annotated[float, Range(-1.3, 1.3)]
    turned_rad: Annotated[float, Range(-3.1, 3.1)]


def _lies(cast: Cast, p: Lying, shape: Shapes, near_m: float = 30.0) -> Script:
    """Let a thing lie in the ego's lane."""
    spot = turned(cast.ahead(cast.in_s(p.lead_s, near_m), p.left_m), p.turned_rad)
    cast.put(shape, spot)
    yield from until_behind(cast, spot)


@event(Lying, Family.THINGS, 1 / 130)
def debris(cast: Cast, p: Lying) -> Script:
    """Something that fell from a vehicle lies in the ego's lane."""
    yield from _lies(cast, p, shapes.RUBBISH)


@event(Lying, Family.THINGS, 1 / 260, (MOTORWAY,))
def tyre_on_motorway(cast: Cast, p: Lying) -> Script:
    """A truck's tyre lies on the motorway."""
    yield from _lies(cast, p, shapes.TYRE, 60.0)


@event(Lying, Family.THINGS, 1 / 20_000, (MOTORWAY, COUNTRY))
def ladder_on_road(cast: Cast, p: Lying) -> Script:
    """A ladder lies across the ego's lane."""
    yield from _lies(cast, p, shapes.LADDER, 40.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field(Params):
    """How far ahead it begins, how far it reaches, and how many pieces there are."""

    lead_s: Annotated[float, Range(4.0, 8.0)]
    reach_m: Annotated[float, Range(8.0, 30.0)]
    pieces: Annotated[int, OneOf((5, 7, 9, 12))]


@event(Field, Family.THINGS, 1 / 5_000)
def debris_field(cast: Cast, p: Field) -> Script:
    """Pieces of a lost load lie all over the road."""
    far_m, half_m = cast.in_s(p.lead_s, 35.0), 0.8 * cast.lane_m
    for _ in range(p.pieces):
        along, left, yaw = cast.rng.uniform((0.0, -half_m, -3.1), (p.reach_m, half_m, 3.1))
        spot = cast.ahead(far_m + float(along), float(left))
        cast.put(shapes.RUBBISH, turned(spot, float(yaw)), clear_m=2.5)
    yield from until_behind(cast, cast.ahead(far_m + p.reach_m))


@dataclass(frozen=True, slots=True, kw_only=True)
class Animal(Params):
    """How far ahead, from which side, how fast, and how long before the ego."""

    lead_s: Annotated[float, Range(3.5, 7.0)]
    side: Annotated[int, OneOf((-1, 1))]
    speed_mps: Annotated[float, Range(2.0, 7.0)]
    margin_s: Annotated[float, Range(0.8, 2.5)]


@event(Animal, Family.THINGS, 1 / 160, (TOWN, COUNTRY))
def animal(cast: Cast, p: Animal) -> Script:
    """A dog or a fox runs across the road."""
    far_m = far_enough_m(cast, p.lead_s, p.side, p.speed_mps, p.margin_s, 22.0)
    path = way_across(cast, far_m, p.side, beyond_m=2.0)
    dog = cast.put(shapes.DOG_OR_FOX, path.at(0.0), clear_m=1.5)
    yield from crosses(cast, dog, path, p.speed_mps, p.margin_s)


@event(Animal, Family.THINGS, 1 / 2_000, (COUNTRY, MOTORWAY))
def deer_pair(cast: Cast, p: Animal) -> Script:
    """A deer leaps across the road, and where one is, a second follows."""
    far_m = far_enough_m(cast, p.lead_s, p.side, p.speed_mps, p.margin_s + 2.0, 35.0)
    scripts = []
    for second in (0, 1):
        path = way_across(cast, far_m + 2.0 * second, p.side, beyond_m=5.0 + 4.0 * second)
        deer = cast.put(shapes.DEER, path.at(0.0), clear_m=1.5)
        early_s = p.margin_s + (0.0 if second else 0.9)
        scripts.append(crosses(cast, deer, path, 2.0 + p.speed_mps, early_s))
    yield from together(*scripts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Straying(Params):
    """How far ahead they are, how many, and how fast."""

    lead_s: Annotated[float, Range(5.0, 8.0)]
    animals: Annotated[int, OneOf((4, 6, 8))]
    speed_mps: Annotated[float, Range(0.3, 0.8)]


@event(Straying, Family.THINGS, 1 / 8_000, (COUNTRY,), daylight=Daylight.DAY)
def herd_on_road(cast: Cast, p: Straying) -> Script:
    """Cows or sheep that broke out stray over the road."""
    yield from _stray(cast, p, (cast.body(shapes.HERD),))


@event(Straying, Family.THINGS, 1 / 5_000, (COUNTRY,), daylight=Daylight.DARK)
def boar_on_road(cast: Cast, p: Straying) -> Script:
    """Wild boar cross a dark road, one behind the other."""
    yield from _stray(cast, p, shapes.BOAR)


def _stray(cast: Cast, p: Straying, shape: Shapes) -> Script:
    """Let animals walk over the road, from either side."""
    far_m = cast.in_s(p.lead_s, 45.0)
    scripts = []
    for one in range(p.animals):
        side = 1 if cast.rng.random() < 0.5 else -1
        whole = way_across(cast, far_m + 2.2 * one, side, beyond_m=0.0)
        start_m = float(cast.rng.uniform(0.0, 0.6)) * whole.length_m
        path = Path.through(whole.at(start_m), whole.at(whole.length_m))
        beast = cast.put(shape, path.at(0.0), clear_m=2.0)
        scripts.append(follow(cast, beast, path, p.speed_mps))
    yield from together(*scripts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Closure(Params):
    """How far ahead cones begin, how long the closed part is, and how far apart they stand."""

    lead_s: Annotated[float, Range(4.0, 7.0)]
    length_m: Annotated[float, Range(25.0, 60.0)]
    spacing_m: Annotated[float, Range(4.0, 8.0)]


@event(Closure, Family.THINGS, 1 / 80)
def closed_lane(cast: Cast, p: Closure) -> Script:
    """Cones lead away from the lane on the right, or from the edge, which barriers close."""
    far_m = cast.in_s(p.lead_s, 35.0)
    outer_m, inner_m = cast.edge_m(-1), -cast.lane_m / 2 + 0.25
    if cast.stage.lanes_beside()[1] == 0:
        inner_m += 0.5
    taper_m = 4.0 * p.spacing_m
    for along in np.arange(0.0, p.length_m, p.spacing_m):
        frac = min(float(along) / taper_m, 1.0)
        spot = cast.ahead(far_m + float(along), outer_m + frac * (inner_m - outer_m))
        cast.put(shapes.CONE if along else shapes.BEACON, spot, clear_m=2.0)
    middle_m = (outer_m + inner_m) / 2
    cast.put(shapes.KEEP_LEFT, cast.ahead(far_m + taper_m, middle_m), clear_m=2.0)
    cast.put(shapes.BARRIER, cast.ahead(far_m + taper_m + 4.0, middle_m), clear_m=2.0)
    yield from until_behind(cast, cast.ahead(far_m + p.length_m))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolling(Params):
    """How far ahead the wheel comes from, and how fast it rolls."""

    lead_s: Annotated[float, Range(3.0, 5.0)]
    speed_mps: Annotated[float, Range(4.0, 9.0)]
    drift_m: Annotated[float, Range(-2.0, 2.0)]


@event(Rolling, Family.THINGS, 1 / 100_000, (MOTORWAY, COUNTRY))
def rolling_wheel(cast: Cast, p: Rolling) -> Script:
    """A wheel that came off an oncoming vehicle rolls towards the ego."""
    far_m = cast.in_s(p.lead_s, 40.0) + p.speed_mps * p.lead_s

    aside_m = cast.oncoming_m() if cast.lanes_against else cast.edge_m(1)

    def left_m(along_m: float) -> float:
        return aside_m * along_m / (far_m + 30.0) + p.drift_m * (1.0 - along_m / far_m)

    path = along_road(cast, -30.0, far_m, left_m, at_least_m=60.0).reverse()
    wheel = cast.put(shapes.WHEEL, path.at(0.0), clear_m=2.0, speed_mps=p.speed_mps)
    yield from follow(cast, wheel, path, p.speed_mps)


@event(Lying, Family.THINGS, 1 / 300, (TOWN,))
def box_on_road(cast: Cast, p: Lying) -> Script:
    """A cardboard box lies in the ego's lane, empty or not."""
    yield from _lies(cast, p, shapes.BOX, 20.0)


@event(Lying, Family.THINGS, 1 / 200, (COUNTRY, TOWN))
def branch_on_road(cast: Cast, p: Lying) -> Script:
    """A branch that the wind broke off lies in the ego's lane."""
    yield from _lies(cast, p, shapes.BRANCH, 25.0)


THINGS: tuple[EventSpec, ...] = (
    debris,
    tyre_on_motorway,
    ladder_on_road,
    debris_field,
    animal,
    deer_pair,
    herd_on_road,
    boar_on_road,
    closed_lane,
    rolling_wheel,
    box_on_road,
    branch_on_road,
)
