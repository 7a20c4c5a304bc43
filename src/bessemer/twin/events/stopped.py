"""Events of vehicles that stand where they should not, or set off from there."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np

from bessemer.twin.events import shapes
from bessemer.twin.events.cast import Cast, Script
from bessemer.twin.events.motions import (
    LIGHTS,
    Path,
    along_road,
    beside,
    blinker,
    follow,
    hazards,
    stand,
    turned,
    until,
    until_behind,
)
from bessemer.twin.events.params import OneOf, Params, Range
from bessemer.twin.events.spec import COUNTRY, MOTORWAY, TOWN, EventSpec, Family, event
from bessemer.twin.scene import Lamp


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing(Params):
    """How far ahead it stands, and how much of it is in the lane."""

    lead_s: Annotated[float, Range(4.0, 8.0)]
    in_lane_m: Annotated[float, Range(0.4, 1.6)]


@event(Standing, Family.STOPPED, 1 / 32, (TOWN,))
def double_parked_van(cast: Cast, p: Standing) -> Script:
    """A van with hazard lights on stands half in the lane."""
    spot = cast.ahead(cast.in_s(p.lead_s), cast.edge_m(-1, 1.0 - p.in_lane_m))
    van = cast.put(shapes.VAN, spot, tint=cast.paint(), clear_m=6.0)
    yield from stand(cast, [(van, spot)], hazards, spot)


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenDown(Params):
    """How far ahead it stands, how much of it is in the lane, and how far off its triangle is."""

    lead_s: Annotated[float, Range(5.0, 9.0)]
    in_lane_m: Annotated[float, Range(0.2, 1.5)]
    triangle_m: Annotated[float, Range(15.0, 60.0)]


@event(BrokenDown, Family.STOPPED, 1 / 150)
def broken_down_car(cast: Cast, p: BrokenDown) -> Script:
    """A car with hazard lights on stands at the side behind a warning triangle."""
    far_m = cast.in_s(p.lead_s, 45.0)
    edge_m = cast.edge_m(-1, 0.9 - p.in_lane_m)
    spot = cast.ahead(far_m, edge_m)
    car = cast.put(shapes.CAR, spot, tint=cast.paint(), clear_m=6.0)
    cast.put(shapes.TRIANGLE, cast.ahead(max(far_m - p.triangle_m, 12.0), edge_m), clear_m=1.0)
    yield from stand(cast, [(car, spot)], hazards, spot)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overhang(Params):
    """How far ahead the truck stands, and how far from the lane's middle."""

    lead_s: Annotated[float, Range(4.0, 8.0)]
    left_m: Annotated[float, Range(-1.0, 0.3)]


@event(Overhang, Family.STOPPED, 1 / 6_000)
def stopped_truck_with_overhanging_load(cast: Cast, p: Overhang) -> Script:
    """A truck stands in the ego's lane, and what it carries sticks out far behind it."""
    spot = cast.ahead(cast.in_s(p.lead_s, 45.0), p.left_m)
    truck = cast.put(shapes.TRUCK_WITH_OVERHANG, spot, tint=cast.paint(), clear_m=10.0)
    yield from stand(cast, [(truck, spot)], lambda _: Lamp.TAIL, spot)


@dataclass(frozen=True, slots=True, kw_only=True)
class SettingOff(Params):
    """How far ahead it is, how long before the ego comes it sets off, and how fast."""

    lead_s: Annotated[float, Range(4.0, 7.0)]
    margin_s: Annotated[float, Range(2.0, 4.0)]
    speed_mps: Annotated[float, Range(1.0, 2.5)]


@event(SettingOff, Family.STOPPED, 1 / 70, (TOWN,))
def reversing_car(cast: Cast, p: SettingOff) -> Script:
    """A car backs out of a driveway into the ego's lane, stops, and drives in again."""
    out_s = 6.4 / p.speed_mps + p.margin_s
    far_m = cast.in_s(max(p.lead_s, out_s + 0.5))
    inside = cast.ahead(far_m, cast.edge_m(-1, 7.0))
    outside = cast.ahead(far_m, cast.edge_m(-1, -0.6))
    out = Path.through(inside, outside)
    car = cast.put(shapes.CAR, turned(out.at(0.0), np.pi), tint=cast.paint(), clear_m=6.0)
    yield from until(cast, lambda: cast.due_s(outside) < out_s)
    yield from follow(cast, car, out, p.speed_mps, lamps=LIGHTS, turned_rad=float(np.pi))
    yield from until(cast, lambda: cast.gap_m(outside) < -6.0, 12.0)
    yield from follow(cast, car, out.reverse(), p.speed_mps, lamps=LIGHTS)
    yield from until_behind(cast, outside)


@event(SettingOff, Family.STOPPED, 1 / 80, (TOWN, COUNTRY))
def bus_pulling_out(cast: Cast, p: SettingOff) -> Script:
    """A bus leaves its stop and pulls out in front of the ego."""
    far_m, edge_m = cast.in_s(p.lead_s), cast.edge_m(-1, 1.2)

    def left_m(along_m: float) -> float:
        out = float(np.clip(along_m / 30.0, 0.0, 1.0))
        return edge_m * (1.0 - out * out * (3.0 - 2.0 * out))

    path = along_road(cast, far_m, far_m + 110.0, left_m, at_least_m=50.0)
    bus = cast.put(shapes.BUS, path.at(0.0), clear_m=12.0)
    yield from until(cast, lambda: cast.due_s(path.at(0.0)) < p.margin_s)
    yield from follow(
        cast,
        bus,
        path,
        lambda since_s: min(0.6 * p.speed_mps * since_s + 0.3, 9.0),
        lamps=blinker(1),
        careful=True,
    )


@event(SettingOff, Family.STOPPED, 1 / 240, (TOWN,))
def turning_car(cast: Cast, p: SettingOff) -> Script:
    """A parked car turns round across the ego's lane."""
    far_m, right_m, left_m = cast.in_s(p.lead_s), cast.edge_m(-1, 0.6), cast.edge_m(1, -1.5)
    middle_m, radius_m = (right_m + left_m) / 2, (left_m - right_m) / 2
    arc = [
        cast.ahead(far_m + 5.0 + radius_m * np.sin(a), middle_m - radius_m * np.cos(a))
        for a in np.linspace(0.0, np.pi, 13)
    ]
    path = Path.through(cast.ahead(far_m, right_m), *arc, cast.ahead(max(far_m - 40, 5), left_m))
    car = cast.put(shapes.CAR, path.at(0.0), tint=cast.paint(), clear_m=6.0)
    yield from until(cast, lambda: cast.due_s(arc[0]) < p.margin_s + 3.0)
    yield from follow(cast, car, path, 2.0 + p.speed_mps, lamps=blinker(1), careful=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Accident(Params):
    """How far ahead it is, how the cars stand, and who walks there."""

    lead_s: Annotated[float, Range(5.0, 9.0)]
    turned_rad: Annotated[float, Range(0.4, 1.2)]
    people: Annotated[int, OneOf((1, 2, 3))]


@event(Accident, Family.STOPPED, 1 / 3_000)
def accident(cast: Cast, p: Accident) -> Script:
    """Two cars that ran into each other stand in the ego's lane, with people beside them."""
    spot = cast.ahead(cast.in_s(p.lead_s, 50.0), -0.8)
    first = turned(spot, p.turned_rad)
    second = beside(spot, 4.6, -0.6)
    cars = [(cast.put(shapes.CAR, at, tint=cast.paint()), at) for at in (first, second)]
    for person in range(p.people):
        at = turned(beside(spot, -1.0 + 2.0 * person, -3.0), float(cast.rng.uniform(-3, 3)))
        cast.put(shapes.ADULT, at, tint=cast.cloth(), clear_m=1.0)
    yield from stand(cast, cars, hazards, second)


@event(Standing, Family.STOPPED, 1 / 100, (MOTORWAY,))
def truck_on_shoulder(cast: Cast, p: Standing) -> Script:
    """A truck with hazard lights on stands on the shoulder and reaches into the lane."""
    spot = cast.ahead(cast.in_s(p.lead_s, 60.0), cast.edge_m(-1, 1.3 - p.in_lane_m / 2))
    truck = cast.put(shapes.TRUCK, spot, tint=cast.paint(), clear_m=10.0)
    yield from stand(cast, [(truck, spot)], hazards, spot)


STOPPED: tuple[EventSpec, ...] = (
    double_parked_van,
    broken_down_car,
    stopped_truck_with_overhanging_load,
    reversing_car,
    bus_pulling_out,
    turning_car,
    accident,
    truck_on_shoulder,
)
