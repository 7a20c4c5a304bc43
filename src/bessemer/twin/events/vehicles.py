"""Events of vehicles that drive: what others do that a driver does not expect."""

from dataclasses import dataclass
from itertools import product
from typing import Annotated

import numpy as np

from bessemer.twin.events import shapes
from bessemer.twin.events.cast import Cast, NoFitError, Script
from bessemer.twin.events.motions import (
    LIGHTS,
    along_road,
    beacon,
    beside,
    blinker,
    carry,
    each_step,
    follow,
    overtake,
    until,
    wait,
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
from bessemer.twin.stage import AgentKind

_CAR, _TRUCK = AgentKind.CAR, AgentKind.TRUCK
_BRAKE_MPS2, _BUMPERS_M = 5.0, 5.5  # of who drives behind: from middle to axle, and a metre
_WAY_LEFT_M = 150.0  # whoever passes needs road ahead
_FREE_M = 30.0  # and a lane without traffic at first, so as to come into view
_ONCOMING_M = 90.0  # more of it where others come the other way


def _indicate(cast: Cast, agent_id: str, side: int, time_s: float) -> Script:
    """Let an agent blink to a side for a while."""
    lamps = blinker(side)
    yield from each_step(
        cast,
        lambda since_s: cast.light(agent_id, lamps(since_s)),
        lambda since_s: since_s >= time_s,
    )
    cast.light(agent_id, Lamp.NONE)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutIn(Params):
    """Where the car comes from, how near, how fast, and whether it says so."""

    gap_m: Annotated[float, Range(11.0, 24.0)]
    faster_mps: Annotated[float, Range(-1.0, 2.0)]
    over_s: Annotated[float, Range(1.2, 3.0)]
    side: Annotated[int, OneOf((-1, 1))]
    indicates: Annotated[int, OneOf((0, 1))]


@event(CutIn, Family.VEHICLES, 1 / 40, (TOWN, MOTORWAY))
def cut_in(cast: Cast, p: CutIn) -> Script:
    """A car from the next lane changes into the ego's lane close ahead of it."""
    side = cast.lane_beside(p.side)
    speed = cast.ego.speed_mps + p.faster_mps
    car = cast.spawn(_CAR, p.gap_m, speed, lanes_left=side)
    cast.command(car, speed_mps=max(speed, 1.0))
    yield from wait(cast, 0.8)
    cast.command(car, lanes_left=-side, over_s=p.over_s)
    yield from _indicate(cast, car, -side, p.over_s) if p.indicates else wait(cast, p.over_s)
    yield from wait(cast, 3.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class HardBraking(Params):
    """How near the leader is, and how it brakes."""

    gap_m: Annotated[float, Range(14.0, 35.0)]
    after_s: Annotated[float, Range(0.5, 3.0)]
    decel_mps2: Annotated[float, Range(4.5, 8.0)]
    left_frac: Annotated[float, Range(0.0, 0.4)]


@event(HardBraking, Family.VEHICLES, 1 / 50)
def hard_braking(cast: Cast, p: HardBraking) -> Script:
    """The car ahead brakes hard, without a reason that one could see."""
    car = cast.leader(p.gap_m)
    if cast.ego.speed_mps < 3.0:
        return
    yield from wait(cast, p.after_s)
    before = cast.agent(car).speed_mps
    slow = before * p.left_frac
    over_s = max((before - slow) / p.decel_mps2, cast.stage.step_s)
    cast.command(car, speed_mps=slow, over_s=over_s)
    cast.light(car, Lamp.BRAKE)
    yield from wait(cast, over_s + 1.5)
    cast.light(car, Lamp.NONE)
    cast.command(car, speed_mps=before, over_s=6.0)
    yield from wait(cast, 6.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class CutOut(Params):
    """How near the leader is, and how late it swerves."""

    gap_m: Annotated[float, Range(13.0, 25.0)]
    lead_s: Annotated[float, Range(5.0, 7.0)]
    late_s: Annotated[float, Range(1.6, 3.0)]
    side: Annotated[int, OneOf((-1, 1))]


@event(CutOut, Family.VEHICLES, 1 / 280, (TOWN, MOTORWAY))
def cut_out(cast: Cast, p: CutOut) -> Script:
    """The car ahead changes lanes late and reveals a car that stands in the ego's lane."""
    side = cast.lane_beside(p.side)
    far_m = cast.in_s(p.lead_s, at_least_m=60.0)
    cast.ahead(far_m + 20.0)
    leader = cast.leader(p.gap_m)
    standing = cast.spawn(_CAR, far_m, 0.0)
    cast.command(standing, speed_mps=0.0, over_s=0.1)

    def late() -> bool:
        car = cast.agent(leader)
        left_m = cast.gap_m(cast.agent(standing).spot) - cast.gap_m(car.spot)
        return left_m < max(car.speed_mps * p.late_s, 12.0)

    yield from until(cast, late)
    cast.command(leader, lanes_left=side, over_s=1.5)
    yield from until(cast, lambda: cast.gap_m(cast.agent(standing).spot) < -15.0, 15.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Filtering(Params):
    """How fast the motorcycle passes, and on which side."""

    faster_mps: Annotated[float, Range(3.0, 9.0)]
    side: Annotated[int, OneOf((-1, 1))]


@event(Filtering, Family.VEHICLES, 1 / 60, (TOWN, MOTORWAY))
def motorcycle_between_lanes(cast: Cast, p: Filtering) -> Script:
    """A motorcycle passes the ego between two lanes."""
    side = cast.lane_beside(p.side)
    left_m = side * cast.lane_m / 2
    cast.ahead(_WAY_LEFT_M)
    rider = cast.put(shapes.MOTORCYCLE, cast.ahead(-25.0, left_m), tint=cast.paint(), clear_m=3.0)
    yield from overtake(cast, rider, -25.0, 60.0, p.faster_mps, lambda _: left_m)


@dataclass(frozen=True, slots=True, kw_only=True)
class Overtaking(Params):
    """How far behind it is when it begins, and how much faster than the ego."""

    behind_m: Annotated[float, Range(22.0, 40.0)]
    faster_mps: Annotated[float, Range(4.0, 10.0)]


@event(Overtaking, Family.VEHICLES, 1 / 250)
def emergency_vehicle(cast: Cast, p: Overtaking) -> Script:
    """An emergency vehicle with its beacon on comes from behind and passes the ego."""
    left, right = cast.stage.lanes_beside()
    if left + right + cast.lanes_against == 0:
        raise NoFitError("no lane to pass on")
    left_m = cast.lane_m if left + cast.lanes_against else -cast.lane_m
    cast.ahead(_WAY_LEFT_M)
    if not cast.is_free(left_m, -p.behind_m - 10.0, _FREE_M if left or right else _ONCOMING_M):
        raise NoFitError("traffic would hold it up")
    vehicle = cast.put(shapes.RESCUE, cast.ahead(-p.behind_m, left_m))
    yield from overtake(
        cast, vehicle, -p.behind_m, 90.0, p.faster_mps, lambda _: left_m, lamps=beacon, careful=True
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Oncoming(Params):
    """Where the other one is when it begins, and how fast."""

    lead_s: Annotated[float, Range(3.0, 5.0)]
    speed_mps: Annotated[float, Range(8.0, 20.0)]


@event(Oncoming, Family.VEHICLES, 1 / 20_000)
def wrong_way_driver(cast: Cast, p: Oncoming) -> Script:
    """A car comes towards the ego on lanes of the ego's own direction."""
    left, right = cast.stage.lanes_beside()
    # On a single lane it hugs the left edge: it is in the ego's lane, and still can be passed.
    beside = [*range(left, 0, -1), *range(-1, -right - 1, -1)] or [0.45]
    far_m = cast.in_s(p.lead_s, 50.0) + p.speed_mps * p.lead_s
    for lanes_left, nearer in product(beside, (1.0, 0.75, 1.25)):
        path = along_road(
            cast, -30.0, nearer * far_m, lanes_left * cast.lane_m, at_least_m=80.0
        ).reverse()
        try:
            car = cast.put(shapes.CAR, path.at(0.0), tint=cast.paint(), speed_mps=p.speed_mps)
        except NoFitError:
            continue
        yield from follow(cast, car, path, p.speed_mps, lamps=LIGHTS, careful=True)
        return


@event(Oncoming, Family.VEHICLES, 1 / 4_000, (COUNTRY,))
def oncoming_overtaker(cast: Cast, p: Oncoming) -> Script:
    """An oncoming car overtakes in the ego's lane and is back in its own only just in time."""
    far_m = cast.in_s(p.lead_s, 50.0) + p.speed_mps * p.lead_s
    own_m = cast.oncoming_m()
    ahead = along_road(cast, -30.0, far_m, at_least_m=90.0)
    meet_m = 30.0 + (ahead.length_m - 30.0) * cast.ego.speed_mps / (
        cast.ego.speed_mps + p.speed_mps + 1e-3
    )

    def left_m(along_m: float) -> float:
        back = float(np.clip((along_m - meet_m - 12.0) / 25.0, 0.0, 1.0))
        return own_m * (1.0 - back * back * (3.0 - 2.0 * back))

    path = along_road(cast, -30.0, far_m, left_m, at_least_m=90.0).reverse()
    car = cast.put(shapes.CAR, path.at(0.0), tint=cast.paint(), speed_mps=p.speed_mps)
    yield from follow(cast, car, path, p.speed_mps, lamps=LIGHTS)


@dataclass(frozen=True, slots=True, kw_only=True)
class FalseBrake(Params):
    """How near the leader is, how hard it accelerates, and for how long its lamps lie."""

    gap_m: Annotated[float, Range(12.0, 30.0)]
    faster_mps: Annotated[float, Range(2.0, 6.0)]
    time_s: Annotated[float, Range(3.0, 8.0)]


@event(FalseBrake, Family.VEHICLES, 1 / 2_500)
def brake_lights_while_accelerating(cast: Cast, p: FalseBrake) -> Script:
    """The car ahead speeds up while its brake lights are on."""
    car = cast.leader(p.gap_m)
    cast.command(car, speed_mps=cast.agent(car).speed_mps + p.faster_mps, over_s=p.time_s)
    cast.light(car, Lamp.BRAKE)
    yield from wait(cast, p.time_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Swerving(Params):
    """How far and how often the car swerves."""

    gap_m: Annotated[float, Range(16.0, 35.0)]
    sway_m: Annotated[float, Range(0.5, 1.3)]
    period_s: Annotated[float, Range(2.5, 5.0)]
    time_s: Annotated[float, Range(7.0, 12.0)]


@event(Swerving, Family.VEHICLES, 1 / 220)
def swerving_car(cast: Cast, p: Swerving) -> Script:
    """The car ahead swerves from one side of its lane to the other."""
    speed = max(cast.ego.speed_mps, 4.0)
    wave_m = speed * p.period_s
    path = along_road(
        cast,
        p.gap_m,
        p.gap_m + speed * p.time_s,
        lambda along_m: p.sway_m * float(np.sin(2 * np.pi * along_m / wave_m)),
    )
    car = cast.put(shapes.CAR, path.at(0.0), tint=cast.paint(), clear_m=8.0)
    yield from follow(cast, car, path, speed, lamps=LIGHTS, careful=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tailgating(Params):
    """How near the one behind is, and for how long."""

    gap_m: Annotated[float, Range(8.0, 12.0)]
    time_s: Annotated[float, Range(4.0, 10.0)]
    flashes: Annotated[int, OneOf((0, 1))]


@event(Tailgating, Family.VEHICLES, 1 / 45)
def tailgater(cast: Cast, p: Tailgating) -> Script:
    """A car drives far too close behind the ego, and may flash its headlights."""
    car = cast.spawn(_CAR, -p.gap_m, cast.ego.speed_mps)

    def press(since_s: float) -> None:
        gap_m, speed = -cast.gap_m(cast.agent(car).spot), cast.ego.speed_mps
        # It presses, and yet stops behind an ego that does: v^2 = u^2 + 2 b s.
        safe = np.sqrt(max(speed**2 + 2.0 * _BRAKE_MPS2 * (gap_m - _BUMPERS_M), 0.0))
        wanted = min(speed + 0.5 * (gap_m - p.gap_m), float(safe))
        cast.command(car, speed_mps=max(wanted, 0.0), over_s=2.0 * cast.stage.step_s)
        if p.flashes:
            cast.light(car, Lamp.HEAD if since_s * 2.0 % 1.0 < 0.5 else Lamp.NONE)

    yield from each_step(cast, press, lambda since_s: since_s >= p.time_s)


@dataclass(frozen=True, slots=True, kw_only=True)
class Merging(Params):
    """How near the truck is, and how much slower."""

    gap_m: Annotated[float, Range(18.0, 40.0)]
    slower_mps: Annotated[float, Range(1.0, 6.0)]
    over_s: Annotated[float, Range(2.5, 5.0)]


@event(Merging, Family.VEHICLES, 1 / 60, (MOTORWAY, TOWN))
def merging_truck(cast: Cast, p: Merging) -> Script:
    """A slow truck merges from the right into the ego's lane."""
    if cast.stage.lanes_beside()[1] == 0:
        raise NoFitError("no lane on the right")
    speed = max(cast.ego.speed_mps - p.slower_mps, 3.0)
    truck = cast.spawn(_TRUCK, p.gap_m, speed, lanes_left=-1)
    cast.command(truck, speed_mps=speed)
    yield from _indicate(cast, truck, 1, 1.5)
    cast.command(truck, lanes_left=1, over_s=p.over_s)
    yield from _indicate(cast, truck, 1, p.over_s)
    yield from wait(cast, 2.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slow(Params):
    """How far ahead it is, and how fast."""

    lead_s: Annotated[float, Range(4.0, 7.0)]
    speed_mps: Annotated[float, Range(6.0, 12.0)]


@event(Slow, Family.VEHICLES, 1 / 280, daylight=Daylight.DARK)
def unlit_car(cast: Cast, p: Slow) -> Script:
    """A car drives ahead in the dark without any light."""
    path = along_road(cast, cast.in_s(p.lead_s), 400.0, at_least_m=40.0)
    car = cast.put(shapes.CAR, path.at(0.0), tint=(0.05, 0.05, 0.06), clear_m=8.0)
    speed = min(p.speed_mps, cast.ego.speed_mps)
    yield from follow(cast, car, path, speed, lamps=None, careful=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class RoofBox(Params):
    """How near the car is, and for how long one looks."""

    gap_m: Annotated[float, Range(14.0, 35.0)]
    time_s: Annotated[float, Range(6.0, 15.0)]


@event(RoofBox, Family.VEHICLES, 1 / 35)
def roof_box(cast: Cast, p: RoofBox) -> Script:
    """The car ahead carries a box on its roof."""
    speed = max(cast.ego.speed_mps, 4.0)
    path = along_road(cast, p.gap_m, p.gap_m + speed * p.time_s)
    car = cast.put(shapes.CAR_WITH_ROOF_BOX, path.at(0.0), tint=cast.paint(), clear_m=8.0)
    yield from follow(cast, car, path, speed, lamps=LIGHTS, careful=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class LostCargo(Params):
    """How near the truck is, and when it loses what it carries."""

    gap_m: Annotated[float, Range(25.0, 45.0)]
    after_s: Annotated[float, Range(1.0, 4.0)]
    slides_mps2: Annotated[float, Range(4.0, 7.0)]


@event(LostCargo, Family.VEHICLES, 1 / 30_000)
def lost_cargo(cast: Cast, p: LostCargo) -> Script:
    """A crate falls from the truck ahead and slides along the lane."""
    truck = cast.agent(cast.leader(p.gap_m, _TRUCK))
    back_m, up_m = truck.size_m[0] / 2 + 0.6, 1.2
    start = beside(truck.spot, -back_m, up_m=up_m)
    crate = cast.put(shapes.BOX, start, clear_m=0.0)
    yield from carry(cast, crate, truck.agent_id, p.after_s, forward_m=-back_m, up_m=up_m)
    truck = cast.agent(truck.agent_id)
    start, speed = beside(truck.spot, -back_m), truck.speed_mps
    stop_s = speed / p.slides_mps2

    def slide(since_s: float) -> None:
        t_s = min(since_s, stop_s)
        height = max(up_m - 4.9 * since_s**2, 0.0)
        cast.move(crate, beside(start, speed * t_s - p.slides_mps2 * t_s**2 / 2, up_m=height))

    yield from each_step(cast, slide, lambda since_s: since_s > 1 and cast.gap_m(start) < -60.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Weaving(Params):
    """How fast it is, and on which side it begins."""

    faster_mps: Annotated[float, Range(6.0, 14.0)]
    side: Annotated[int, OneOf((-1, 1))]


@event(Weaving, Family.VEHICLES, 1 / 300, (MOTORWAY,))
def racing_car(cast: Cast, p: Weaving) -> Script:
    """A car much faster than all others passes the ego and cuts across its lane."""
    side = cast.lane_beside(p.side)

    beside_m = side * cast.lane_m
    cast.ahead(_WAY_LEFT_M)

    def left_m(ahead_m: float) -> float:
        across = float(np.clip((ahead_m - 9.0) / 20.0, 0.0, 1.0))
        return beside_m * (1.0 - across * across * (3.0 - 2.0 * across))

    car = cast.put(shapes.CAR, cast.ahead(-40.0, beside_m), tint=cast.paint())
    yield from overtake(cast, car, -40.0, 120.0, p.faster_mps, left_m, careful=True)


VEHICLES: tuple[EventSpec, ...] = (
    cut_in,
    hard_braking,
    cut_out,
    motorcycle_between_lanes,
    emergency_vehicle,
    wrong_way_driver,
    oncoming_overtaker,
    brake_lights_while_accelerating,
    swerving_car,
    tailgater,
    merging_truck,
    unlit_car,
    roof_box,
    lost_cargo,
    racing_car,
)
