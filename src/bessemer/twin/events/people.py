"""Events of people: on foot and on bicycles, where and when a driver does not expect them."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from bessemer.twin.events import shapes
from bessemer.twin.events.cast import Cast, Script, Tint
from bessemer.twin.events.motions import (
    Path,
    along_road,
    beside,
    each_step,
    follow,
    together,
    turned,
    until,
    until_behind,
)
from bessemer.twin.events.params import OneOf, Params, Range
from bessemer.twin.events.spec import (
    COUNTRY,
    MOTORWAY,
    TOWN,
    Daylight,
    EventSpec,
    Family,
    event,
)
from bessemer.twin.scene import Lamp
from bessemer.twin.stage import Spot

_DARK: Tint = (0.03, 0.03, 0.04)
_BALL_FIRST_S = 0.7
_SWERVE_M = (8.0, 4.0)  # from its begin to its middle, and how far it reaches about that
_SWERVES_BEFORE_END_M = 25.0  # at the latest


def way_across(cast: Cast, far_m: float, side: int, beyond_m: float = 1.2) -> Path:
    """Return the way across the road from a side (+1: the left), a little beyond both edges."""
    return Path.through(
        cast.ahead(far_m, cast.edge_m(side, beyond_m)),
        cast.ahead(far_m, cast.edge_m(-side, beyond_m)),
    )


def far_enough_m(
    cast: Cast, lead_s: float, side: int, speed_mps: float, margin_s: float, near_m: float = 20.0
) -> float:
    """Return how far ahead to cross, so that who crosses can be in the ego's way in time."""
    walk_s = (abs(cast.edge_m(side)) + 2.0) / speed_mps
    return cast.in_s(max(lead_s, walk_s + margin_s + 0.3), near_m)


def in_time(cast: Cast, path: Path, speed_mps: float, margin_s: float) -> Script:
    """Wait for the moment to set off, so as to be in the ego's way ``margin_s`` before the ego."""
    middle, walk_m = path.at(path.length_m / 2), _walk_m(cast, path)
    yield from until(cast, lambda: cast.due_s(middle) <= walk_m / speed_mps + margin_s)


def _walk_m(cast: Cast, path: Path) -> float:
    """Return how far along a path the ego's way is."""
    along = np.linspace(0.0, path.length_m, 40)
    return float(min(along, key=lambda m: abs(cast.left_m(path.at(float(m))))))


def crosses(
    cast: Cast, who: int, path: Path, speed_mps: float, margin_s: float, lamps: Lamp = Lamp.NONE
) -> Script:
    """Let someone who waits at the start of a path cross just before the ego comes.

    Who had to wait for traffic until the ego is nearer than that lets it pass.
    """
    yield from in_time(cast, path, speed_mps, margin_s)
    middle, walk_m = path.at(path.length_m / 2), _walk_m(cast, path)

    def late(along_m: float) -> bool:
        needs_s = (walk_m - along_m) / speed_mps + 0.8 * margin_s
        return along_m < walk_m and -0.5 < cast.due_s(middle) < needs_s

    yield from follow(cast, who, path, speed_mps, lamps=lamps, waits=late)
    yield from until_behind(cast, path.at(0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Crossing(Params):
    """How far ahead, from which side, how fast, and how long before the ego."""

    lead_s: Annotated[float, Range(3.5, 7.0)]
    side: Annotated[int, OneOf((-1, 1))]
    speed_mps: Annotated[float, Range(1.1, 2.6)]
    margin_s: Annotated[float, Range(0.8, 2.5)]


@event(Crossing, Family.PEOPLE, 1 / 32, (TOWN,))
def jaywalker(cast: Cast, p: Crossing) -> Script:
    """Someone crosses the road where there is no crossing, close before the ego."""
    far_m = far_enough_m(cast, p.lead_s, p.side, p.speed_mps, p.margin_s)
    path = way_across(cast, far_m, p.side)
    who = cast.put(shapes.ADULT, path.at(0.0), tint=cast.cloth(), clear_m=1.5)
    yield from crosses(cast, who, path, p.speed_mps, p.margin_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Running(Params):
    """How far ahead, how fast the child runs, and how long before the ego."""

    lead_s: Annotated[float, Range(3.0, 6.0)]
    speed_mps: Annotated[float, Range(2.0, 3.8)]
    margin_s: Annotated[float, Range(0.8, 1.6)]


@event(Running, Family.PEOPLE, 1 / 4_000, (TOWN,))
def child_behind_bus(cast: Cast, p: Running) -> Script:
    """A child runs out from behind a parked bus, which hides it until then."""
    far_m = far_enough_m(cast, p.lead_s, -1, p.speed_mps, p.margin_s, 30.0)
    cast.put(shapes.BUS, cast.ahead(far_m, cast.edge_m(-1, 1.1)), clear_m=10.0)
    # A bus is about 12 m long: the child stands beyond its far end.
    path = way_across(cast, far_m + 7.3, -1, beyond_m=1.8)
    child = cast.put(shapes.CHILD, path.at(0.0), tint=cast.cloth(), clear_m=1.5)
    yield from crosses(cast, child, path, p.speed_mps, p.margin_s)


@event(Running, Family.PEOPLE, 1 / 10_000, (TOWN,))
def ball_then_child(cast: Cast, p: Running) -> Script:
    """A ball rolls across the road, and a child runs after it."""
    early_s = p.margin_s + _BALL_FIRST_S
    far_m = far_enough_m(cast, p.lead_s, -1, p.speed_mps, early_s + 1.5 / p.speed_mps, 20.0)
    path = way_across(cast, far_m, -1)
    ball = cast.put(shapes.BALL, path.at(0.0), tint=(0.8, 0.1, 0.05), clear_m=1.0)
    child = cast.put(shapes.CHILD, beside(path.at(0.0), -1.5), tint=cast.cloth(), clear_m=1.0)
    after = Path.through(beside(path.at(0.0), -1.5), path.at(path.length_m))
    yield from in_time(cast, after, p.speed_mps, early_s)
    yield from together(
        # It slows down as it rolls: the child comes near, and both are seen together.
        follow(cast, ball, path, lambda t_s: max(p.speed_mps + 0.6 - 0.3 * t_s, 0.8)),
        _later(cast, child, after, p.speed_mps, _BALL_FIRST_S),
    )
    yield from until_behind(cast, path.at(0.0))


def _later(cast: Cast, who: int, path: Path, speed_mps: float, after_s: float) -> Script:
    """Let someone set off after a while, and not stop before the end of a path."""
    yield from follow(cast, who, path, lambda t_s: speed_mps if t_s >= after_s else 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Group(Params):
    """From which side, how fast, how long before the ego, and how many."""

    side: Annotated[int, OneOf((-1, 1))]
    speed_mps: Annotated[float, Range(1.0, 1.6)]
    margin_s: Annotated[float, Range(1.5, 4.0)]
    people: Annotated[int, OneOf((3, 4, 5, 6, 7))]


@event(Group, Family.PEOPLE, 1 / 60, (TOWN,))
def group_crossing(cast: Cast, p: Group) -> Script:
    """A group of people, old and young, crosses together."""
    far_m = far_enough_m(cast, 0.0, p.side, 0.85 * p.speed_mps, p.margin_s, 25.0)
    kinds = (shapes.ADULT, shapes.ADULT, shapes.ADULT, shapes.CHILD, shapes.STROLLER)
    scripts = []
    for person in range(p.people):
        path = way_across(cast, far_m + 0.9 * person, p.side, 1.0 + float(cast.rng.uniform(0, 2)))
        shape = kinds[int(cast.rng.integers(len(kinds)))]
        who = cast.put(shape, path.at(0.0), tint=cast.cloth(), clear_m=1.0)
        pace = p.speed_mps * float(cast.rng.uniform(0.85, 1.15))
        scripts.append(crosses(cast, who, path, pace, p.margin_s))
    yield from together(*scripts)


@event(Crossing, Family.PEOPLE, 1 / 90, (TOWN, COUNTRY), daylight=Daylight.DARK)
def dark_pedestrian(cast: Cast, p: Crossing) -> Script:
    """Someone in dark clothes crosses at night."""
    speed = min(p.speed_mps, 1.6)
    far_m = far_enough_m(cast, p.lead_s, p.side, speed, p.margin_s, 25.0)
    path = way_across(cast, far_m, p.side)
    who = cast.put(shapes.ADULT, path.at(0.0), tint=_DARK, clear_m=1.5)
    yield from crosses(cast, who, path, speed, p.margin_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Along(Params):
    """How far ahead, how far from the lane's middle, and how fast."""

    lead_s: Annotated[float, Range(4.0, 8.0)]
    inside_m: Annotated[float, Range(0.3, 1.0)]
    speed_mps: Annotated[float, Range(1.0, 1.8)]


@event(Along, Family.PEOPLE, 1 / 15_000, (MOTORWAY,))
def pedestrian_on_motorway(cast: Cast, p: Along) -> Script:
    """Someone walks along the edge of a motorway, towards the traffic."""
    far_m = cast.in_s(p.lead_s, 60.0)
    path = along_road(cast, far_m - 25.0, far_m + 25.0, cast.edge_m(-1, -p.inside_m)).reverse()
    who = cast.put(shapes.ADULT, path.at(0.0), tint=cast.cloth())
    yield from follow(cast, who, path, p.speed_mps)


@event(Along, Family.PEOPLE, 1 / 120, (COUNTRY,), daylight=Daylight.DARK)
def walker_beside_dark_road(cast: Cast, p: Along) -> Script:
    """Someone walks along a country road in the dark, where there is no pavement."""
    far_m = cast.in_s(p.lead_s)
    path = along_road(cast, far_m - 10.0, far_m + 30.0, cast.edge_m(-1, -p.inside_m))
    who = cast.put(shapes.ADULT, path.at(0.0), tint=cast.cloth(0.3), clear_m=1.5)
    yield from together(follow(cast, who, path, p.speed_mps), until_behind(cast, path.at(0.0)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Works(Params):
    """How far ahead they are at work, and how far from the road's edge."""

    lead_s: Annotated[float, Range(4.0, 8.0)]
    inside_m: Annotated[float, Range(-0.5, 0.8)]
    workers: Annotated[int, OneOf((1, 2, 3))]


@event(Works, Family.PEOPLE, 1 / 110, daylight=Daylight.DAY)
def road_worker(cast: Cast, p: Works) -> Script:
    """People in high-visibility vests are at work behind cones at the road's edge."""
    far_m, edge_m = cast.in_s(p.lead_s), cast.edge_m(-1, -p.inside_m)
    cast.put(shapes.WORKS_SIGN, cast.ahead(far_m - 20.0, cast.edge_m(-1, 0.8)), clear_m=1.0)
    for cone in range(4):
        cast.put(shapes.CONE, cast.ahead(far_m - 8.0 + 4.0 * cone, edge_m + 0.9), clear_m=1.0)
    homes = [cast.ahead(far_m - 3.0 + 3.0 * worker, edge_m) for worker in range(p.workers)]
    workers = [cast.put(shapes.WORKER, home, clear_m=1.0) for home in homes]

    def work(since_s: float) -> None:
        for i, (worker, home) in enumerate(zip(workers, homes, strict=True)):
            swing = float(np.sin(0.7 * since_s + 2.0 * i))
            cast.move(worker, turned(beside(home, 0.4 * swing), 1.2 * swing))

    yield from each_step(cast, work, lambda _: cast.gap_m(homes[-1]) < -35.0)


@event(Crossing, Family.PEOPLE, 1 / 100, (TOWN,))
def hesitating_pedestrian(cast: Cast, p: Crossing) -> Script:
    """Someone steps onto the road, sees the ego, and turns back."""
    whole = way_across(cast, cast.in_s(max(p.lead_s, p.margin_s + 2.0), 20.0), p.side)
    path = Path.through(whole.at(0.0), whole.at(2.6))
    who = cast.put(shapes.ADULT, path.at(0.0), tint=cast.cloth(), clear_m=1.5)
    yield from until(cast, lambda: cast.due_s(path.at(0.0)) <= p.margin_s + 1.5)
    yield from follow(cast, who, path, p.speed_mps)
    yield from follow(cast, who, path.reverse(), 1.3 * p.speed_mps)
    yield from until_behind(cast, path.at(0.0))


@dataclass(frozen=True, slots=True, kw_only=True)
class Cycling(Params):
    """How far ahead, how fast, and how far from the road's edge."""

    lead_s: Annotated[float, Range(3.0, 6.0)]
    speed_mps: Annotated[float, Range(3.0, 6.0)]
    inside_m: Annotated[float, Range(0.5, 1.4)]


@event(Cycling, Family.PEOPLE, 1 / 40, (TOWN, COUNTRY), daylight=Daylight.DARK)
def cyclist_at_night(cast: Cast, p: Cycling) -> Script:
    """A cyclist without lights rides ahead in the dark."""
    path = along_road(cast, cast.in_s(p.lead_s), 300.0, cast.edge_m(-1, -p.inside_m))
    who = cast.put(shapes.BICYCLE, path.at(0.0), tint=cast.cloth(0.4), clear_m=3.0)
    start = path.at(0.0)
    yield from together(
        follow(cast, who, path, p.speed_mps, careful=True), until_behind(cast, start)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Swerving(Params):
    """How far ahead, how fast, how far from the road's edge, and how near the ego is by then."""

    lead_s: Annotated[float, Range(2.0, 4.0)]
    speed_mps: Annotated[float, Range(3.0, 6.0)]
    inside_m: Annotated[float, Range(0.1, 0.5)]
    near_m: Annotated[float, Range(8.0, 14.0)]


@event(Swerving, Family.PEOPLE, 1 / 90, (TOWN, COUNTRY))
def swerving_cyclist(cast: Cast, p: Swerving) -> Script:
    """A cyclist at the edge swerves far into the ego's lane and back."""
    far_m = cast.in_s(p.lead_s, 16.0)
    path = along_road(cast, far_m, far_m + 100.0, cast.edge_m(-1, -p.inside_m), at_least_m=50.0)
    who = cast.put(shapes.BICYCLE, path.at(0.0), tint=cast.cloth(), clear_m=3.0)
    begun_m: float | None = None
    for along_m in np.arange(0.0, path.length_m, p.speed_mps * cast.stage.step_s):
        spot = path.at(float(along_m))
        if begun_m is None and _comes_near(cast, p, spot, path.length_m - float(along_m)):
            begun_m = float(along_m)
        aside = 0.0 if begun_m is None else (along_m - begun_m - _SWERVE_M[0]) / _SWERVE_M[1]
        out_m = 0.0 if begun_m is None else 1.5 * float(np.exp(-(aside**2)))
        leans = float(np.arctan(-2.0 * aside / _SWERVE_M[1] * out_m))
        cast.move(who, turned(beside(spot, left_m=out_m), leans))
        yield


def _comes_near(cast: Cast, p: Swerving, spot: Spot, left_m: float) -> bool:
    """Return whether a cyclist who swerves now is as near to the ego as wanted in its middle."""
    closing_mps = max(cast.ego.speed_mps - p.speed_mps, 0.0)
    gap_m = cast.gap_m(spot) - closing_mps * _SWERVE_M[0] / p.speed_mps
    return gap_m < p.near_m or left_m < _SWERVES_BEFORE_END_M


@event(Crossing, Family.PEOPLE, 1 / 150, (TOWN,))
def cyclist_crossing(cast: Cast, p: Crossing) -> Script:
    """A cyclist crosses the road at speed without looking."""
    far_m = far_enough_m(cast, p.lead_s, p.side, p.speed_mps, p.margin_s, 25.0)
    path = way_across(cast, far_m, p.side, beyond_m=4.0)
    who = cast.put(shapes.BICYCLE, path.at(0.0), tint=cast.cloth(), clear_m=2.0)
    yield from crosses(cast, who, path, 2.0 * p.speed_mps, p.margin_s)


PEOPLE: tuple[EventSpec, ...] = (
    jaywalker,
    child_behind_bus,
    ball_then_child,
    group_crossing,
    dark_pedestrian,
    pedestrian_on_motorway,
    walker_beside_dark_road,
    road_worker,
    hesitating_pedestrian,
    cyclist_at_night,
    swerving_cyclist,
    cyclist_crossing,
)
