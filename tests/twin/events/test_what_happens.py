"""Each event does what its name says, on a straight road with an ego that does not react."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
import pytest

from bessemer.twin.bodies.catalogue import body_named
from bessemer.twin.events.catalogue import event
from bessemer.twin.scene import Lamp
from bessemer.twin.stage import AgentKind, Spot
from tests.twin.events.straight_road import Bend, StraightRoad, road

LANE_M = 3.5
SEEDS = range(4)


@dataclass(slots=True)
class Seen:
    """What was seen of one event, step by step: places are relative to the ego."""

    stage: StraightRoad
    names: dict[int, str] = field(default_factory=dict)
    things: dict[int, list[tuple[float, float]]] = field(default_factory=dict)
    yaws: dict[int, list[float]] = field(default_factory=dict)
    lamps: dict[int, list[Lamp]] = field(default_factory=dict)
    agents: dict[str, list[tuple[float, float]]] = field(default_factory=dict)
    speeds: dict[str, list[float]] = field(default_factory=dict)
    agent_lamps: dict[str, list[Lamp]] = field(default_factory=dict)
    worn: list[float] = field(default_factory=list)
    glare: list[float] = field(default_factory=list)
    dirt: list[float] = field(default_factory=list)

    def look(self) -> None:
        """Write down how things are."""
        x_m = self.stage.ego.x_m
        for handle, (name, spot, lamps) in self.stage.things.items():
            self.names[handle] = name
            self.things.setdefault(handle, []).append((spot.x_m - x_m, spot.y_m))
            self.yaws.setdefault(handle, []).append(spot.yaw_rad)
            self.lamps.setdefault(handle, []).append(lamps)
        for name, driver in self.stage.drivers.items():
            self.agents.setdefault(name, []).append((driver.x_m - x_m, driver.y_m))
            self.speeds.setdefault(name, []).append(driver.speed_mps)
            self.agent_lamps.setdefault(name, []).append(driver.lamps)
        self.worn.append(self.stage.worn_frac)
        lenses = self.stage.lenses.values()
        self.dirt.append(max((dirt for dirt, _ in lenses), default=0.0))
        self.glare.append(max((glare for _, glare in lenses), default=0.0))

    def of(self, prefix: str) -> int:
        """The first thing whose body's name begins so."""
        return next(handle for handle, name in self.names.items() if name.startswith(prefix))

    def way(self, prefix: str) -> np.ndarray:
        """The way of that thing, forward and left of the ego."""
        return np.array(self.things[self.of(prefix)])


def watch(name: str, seed: int = 0, prepare: Callable[[StraightRoad], None] | None = None) -> Seen:
    """Let an event happen and write down what is seen."""
    stage = road(seed)
    if prepare:
        prepare(stage)
    running = event(name).begin(stage, event(name).draw(stage.rng))
    assert running is not None
    seen = Seen(stage)
    seen.look()
    while stage.t_s < 120.0:
        stage.step()
        if not running.step(stage):
            break
        seen.look()
    return seen


def on(**given: object) -> Callable[[StraightRoad], None]:
    """Make a road another one."""

    def prepare(stage: StraightRoad) -> None:
        for name, value in given.items():
            setattr(stage, name, value)

    return prepare


def crosses_lane(way: np.ndarray) -> bool:
    """Whether a way leads from one edge of the ego's lane over the other, ahead of the ego."""
    ahead = way[way[:, 0] > 0][:, 1]
    return bool(ahead.min() < -0.3 and ahead.max() > 0.3)


@pytest.mark.parametrize("seed", SEEDS)
def test_cut_in_ends_close_ahead_in_the_egos_lane(seed: int) -> None:
    (way,) = map(np.array, watch("cut_in", seed).agents.values())
    assert abs(way[0, 1]) == LANE_M
    assert way[-1, 1] == pytest.approx(0.0, abs=0.05)
    assert (way[:, 0] > 4.0).all()
    assert way[-1, 0] < 60.0


@pytest.mark.parametrize("seed", SEEDS)
def test_hard_braking_slows_the_leader_with_its_lamps_on(seed: int) -> None:
    seen = watch("hard_braking", seed)
    (speeds,) = seen.speeds.values()
    (lamps,) = seen.agent_lamps.values()
    assert min(speeds) < 0.5 * speeds[0]
    decel = -np.diff(speeds) / seen.stage.step_s
    assert 4.0 < decel.max() < 8.5
    # The step in which it is told to may begin to slow before its lamps are seen.
    hard = np.flatnonzero(decel > 3.0)
    assert all(Lamp.BRAKE in lamps[i + 1] for i in hard.tolist())
    assert Lamp.BRAKE not in lamps[0] | lamps[-1]


def test_hard_braking_takes_the_leader_that_is_there() -> None:
    def queue(stage: StraightRoad) -> None:
        stage.spawn(AgentKind.CAR, 20.0, speed_mps=12.0)

    assert len(watch("hard_braking", 0, queue).agents) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_cut_out_reveals_what_stands(seed: int) -> None:
    leader, standing = watch("cut_out", seed).agents.values()
    assert abs(leader[-1][1]) == pytest.approx(LANE_M, abs=0.05)
    assert all(y == 0 for _, y in standing)
    assert standing[0][0] > leader[0][0]


@pytest.mark.parametrize("seed", SEEDS)
def test_motorcycle_passes_between_lanes(seed: int) -> None:
    way = watch("motorcycle_between_lanes", seed).way("motorcycle/")
    assert np.allclose(np.abs(way[:, 1]), LANE_M / 2)
    assert way[0, 0] < 0 < way[-1, 0]


@pytest.mark.parametrize("seed", SEEDS)
def test_emergency_vehicle_passes_with_its_beacon_on(seed: int) -> None:
    seen = watch("emergency_vehicle", seed)
    way = seen.way("emergency/")
    assert way[0, 0] < 0 < way[-1, 0]
    shining = [Lamp.BEACON in lamp for lamp in seen.lamps[seen.of("emergency/")]]
    assert 0.2 < np.mean(shining) < 0.8


@pytest.mark.parametrize("name", ["motorcycle_between_lanes", "emergency_vehicle", "racing_car"])
@pytest.mark.parametrize(("speed_mps", "accel_mps2"), [(0.0, 0.0), (33.0, 0.0), (5.0, 1.5)])
def test_who_passes_the_ego_does_so_however_fast_it_is_or_becomes(
    name: str, speed_mps: float, accel_mps2: float
) -> None:
    stage = road(1)
    stage.ego = replace(stage.ego, speed_mps=speed_mps)
    begun = event(name).begin(stage, event(name).draw(stage.rng))
    assert begun is not None
    ahead: list[float] = []
    while stage.things:
        ((_, spot, _),) = stage.things.values()
        ahead.append(spot.x_m - stage.ego.x_m)
        if 0.0 <= ahead[-1] < 5.0:
            assert abs(spot.y_m) > 1.0
        stage.ego = replace(stage.ego, speed_mps=stage.ego.speed_mps + accel_mps2 * stage.step_s)
        stage.step()
        begun.step(stage)
    assert ahead[0] < -20.0
    assert ahead[-1] > 30.0


@pytest.mark.parametrize("name", ["wrong_way_driver", "oncoming_overtaker", "high_beams"])
@pytest.mark.parametrize("seed", SEEDS)
def test_oncoming_vehicles_come_and_pass(name: str, seed: int) -> None:
    seen = watch(name, seed)
    way = seen.way("car/")
    assert way[0, 0] > 50
    assert way[-1, 0] < 0
    assert np.cos(seen.yaws[seen.of("car/")][0]) < -0.9


@pytest.mark.parametrize("seed", SEEDS)
def test_oncoming_overtaker_is_back_when_they_meet(seed: int) -> None:
    for lanes in ((0, 0), (1, 0)):
        way = watch("oncoming_overtaker", seed, on(lanes=lanes)).way("car/")
        meet = np.abs(way[:, 0]).argmin()
        assert abs(way[0, 1]) < 0.5
        assert way[meet, 1] == pytest.approx((lanes[0] + 1) * LANE_M, abs=0.2)


@pytest.mark.parametrize("lanes", [(0, 0), (1, 0), (2, 1)])
@pytest.mark.parametrize("against", [1, 2])
def test_who_comes_the_other_way_does_so_on_a_lane_that_leads_there(
    lanes: tuple[int, int], against: int
) -> None:
    way = watch("high_beams", 0, on(lanes=lanes, against=against)).way("car/")
    lane = way[0, 1] / LANE_M
    assert lane == pytest.approx(round(lane))
    assert lanes[0] < lane <= lanes[0] + against


@pytest.mark.parametrize("name", ["high_beams", "oncoming_overtaker"])
def test_nobody_comes_the_other_way_where_no_lane_leads_there(name: str) -> None:
    stage = road(0, against=0)
    assert event(name).begin(stage, event(name).draw(stage.rng)) is None
    assert stage.is_as_before()


def test_an_emergency_vehicle_waits_for_a_lane_on_which_it_can_pass() -> None:
    spec = event("emergency_vehicle")
    for stage in (road(0, lanes=(0, 0), against=0), road(0, lanes=(1, 1))):
        if stage.against:
            stage.spawn(AgentKind.CAR, 15.0, lanes_left=1, speed_mps=12.0)
        assert spec.begin(stage, spec.draw(stage.rng)) is None
    leftmost = road(0, lanes=(0, 1), against=0)
    assert spec.begin(leftmost, spec.draw(leftmost.rng))
    ((_, spot, _),) = leftmost.things.values()
    assert spot.y_m == -LANE_M


@pytest.mark.parametrize("seed", SEEDS)
def test_wrong_way_driver_is_on_the_egos_side(seed: int) -> None:
    for lanes in ((1, 1), (0, 0), (0, 2)):
        stage = road(seed, lanes=lanes)
        begun = event("wrong_way_driver").begin(stage, event("wrong_way_driver").draw(stage.rng))
        assert begun is not None
        (thing,) = stage.things.values()
        edge_m = (lanes[0] + 0.5) * LANE_M
        assert thing[1].y_m < edge_m


def test_brake_lights_shine_while_it_accelerates() -> None:
    seen = watch("brake_lights_while_accelerating")
    (speeds,) = seen.speeds.values()
    (lamps,) = seen.agent_lamps.values()
    assert speeds[-1] > speeds[0] + 1.0
    assert all(Lamp.BRAKE in lamp for lamp in lamps)


@pytest.mark.parametrize("seed", SEEDS)
def test_swerving_car_sways_within_reach(seed: int) -> None:
    left = watch("swerving_car", seed).way("car/")[:, 1]
    assert left.min() < -0.3
    assert left.max() > 0.3
    assert np.abs(left).max() <= 1.3


@pytest.mark.parametrize("seed", SEEDS)
def test_tailgater_stays_close_behind(seed: int) -> None:
    ((*way,),) = watch("tailgater", seed).agents.values()
    assert all(-14.0 < x < -6.0 and y == 0 for x, y in way)


@pytest.mark.parametrize("seed", SEEDS)
def test_merging_truck_ends_in_the_egos_lane(seed: int) -> None:
    seen = watch("merging_truck", seed)
    (way,) = map(np.array, seen.agents.values())
    assert way[0, 1] == -LANE_M
    assert way[-1, 1] == pytest.approx(0.0, abs=0.05)
    assert any(Lamp.LEFT in lamp for lamps in seen.agent_lamps.values() for lamp in lamps)


def test_unlit_car_shows_no_light() -> None:
    seen = watch("unlit_car")
    car = seen.of("car/")
    ahead = [
        lamp for (x_m, _), lamp in zip(seen.things[car], seen.lamps[car], strict=True) if x_m > 3
    ]
    assert len(ahead) > 10
    assert not any(ahead)


def test_unlit_car_shows_no_light_when_it_brakes() -> None:
    def queue(stage: StraightRoad) -> None:
        stage.spawn(AgentKind.CAR, 95.0, speed_mps=2.0)

    seen = watch("unlit_car", 0, queue)
    paces = np.diff([x_m for x_m, _ in seen.things[seen.of("car/")]]) / seen.stage.step_s
    assert paces.min() < paces[0] - 2.0
    assert not any(seen.lamps[seen.of("car/")])


def test_lost_cargo_falls_and_comes_to_rest() -> None:
    stage = road(0)
    begun = event("lost_cargo").begin(stage, event("lost_cargo").draw(stage.rng))
    assert begun is not None
    spots: list[Spot] = []
    while stage.things:
        spots.append(next(iter(stage.things.values()))[1])
        stage.step()
        begun.step(stage)
    heights = [spot.z_m for spot in spots]
    assert heights[0] > 1.0
    assert heights[-1] == 0.0
    assert spots[-1].x_m == spots[-2].x_m
    assert np.all(np.diff([spot.x_m for spot in spots]) > -1e-9)


@pytest.mark.parametrize("name", ["double_parked_van", "broken_down_car", "truck_on_shoulder"])
def test_hazard_lights_blink_on_what_stands(name: str) -> None:
    seen = watch(name)
    handle = next(iter(seen.things))
    both = [Lamp.LEFT in lamp and Lamp.RIGHT in lamp for lamp in seen.lamps[handle]]
    assert 0.3 < np.mean(both) < 0.7
    assert len({round(y, 6) for _, y in seen.things[handle]}) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_the_triangle_stands_before_the_broken_down_car(seed: int) -> None:
    seen = watch("broken_down_car", seed)
    assert 5.0 < seen.way("cone/triangle")[0, 0] < seen.way("car/")[0, 0]


@pytest.mark.parametrize("seed", SEEDS)
def test_reversing_car_backs_into_the_lane_and_leaves_it(seed: int) -> None:
    seen = watch("reversing_car", seed)
    way, yaws = seen.way("car/"), seen.yaws[seen.of("car/")]
    edge_m = -1.5 * LANE_M
    assert way[0, 1] < edge_m - 5
    assert way[:, 1].max() > edge_m
    assert way[-1, 1] < edge_m - 5
    assert np.sin(yaws[1]) < -0.9  # its back to the road, which lies to its left


@pytest.mark.parametrize("seed", SEEDS)
def test_bus_pulls_out_into_the_lane(seed: int) -> None:
    left = watch("bus_pulling_out", seed).way("bus/")[:, 1]
    assert left[0] < -1.5 * LANE_M
    assert left.max() > left[0] + 1.5


@pytest.mark.parametrize(
    ("name", "prefix"),
    [
        ("jaywalker", "person/"),
        ("dark_pedestrian", "person/"),
        ("child_behind_bus", "person/child"),
        ("group_crossing", "person/"),
        ("ball_then_child", "person/child"),
        ("ball_then_child", "debris/ball"),
        ("cyclist_crossing", "bicycle/"),
        ("animal", "animal/"),
        ("deer_pair", "animal/"),
    ],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_who_crosses_does_so_before_the_ego(name: str, prefix: str, seed: int) -> None:
    way = watch(name, seed).way(prefix)
    assert crosses_lane(way)
    near = np.abs(way[:, 1]).argmin()
    assert 2.0 < way[near, 0] < 80.0


@pytest.mark.parametrize("seed", SEEDS)
def test_the_bus_hides_the_child_at_first(seed: int) -> None:
    seen = watch("child_behind_bus", seed)
    (bus_x, bus_y), (child_x, child_y) = seen.way("bus/")[0], seen.way("person/child")[0]
    # The line of sight from the camera passes the bus within its half width, along its length.
    along = np.linspace(bus_x - 6.0, bus_x + 6.0, 50)
    sight_y = child_y * along / child_x
    assert (np.abs(sight_y - bus_y) < 1.25).any()


def test_the_ball_comes_before_the_child() -> None:
    seen = watch("ball_then_child")
    ball, child = seen.way("debris/ball"), seen.way("person/child")
    assert np.abs(ball[:, 1]).argmin() < np.abs(child[:, 1]).argmin()


def test_a_wheel_rolls_upright_along_its_way() -> None:
    seen = watch("rolling_wheel")
    way, yaws = seen.way("debris/wheel"), np.array(seen.yaws[seen.of("debris/wheel")])
    length_m, width_m, height_m = body_named("debris/wheel").size_m
    assert length_m == pytest.approx(height_m, rel=0.1)
    assert width_m < 0.5 * height_m
    step = np.diff(way[:, :2], axis=0)
    along = np.arctan2(step[:, 1], step[:, 0])
    assert (np.cos(along - yaws[:-1])[np.hypot(*step.T) > 0.01] > 0.99).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_hesitating_pedestrian_turns_back(seed: int) -> None:
    way = watch("hesitating_pedestrian", seed).way("person/")[:, 1]
    assert np.abs(way).min() < abs(way[0]) - 2.0
    assert abs(way[-1]) == pytest.approx(abs(way[0]), abs=0.3)
    assert not way.min() < 0 < way.max()


def test_pedestrian_on_motorway_walks_against_the_traffic() -> None:
    seen = watch("pedestrian_on_motorway")
    assert np.cos(seen.yaws[seen.of("person/")][1]) < -0.9


@pytest.mark.parametrize("name", ["cyclist_at_night", "walker_beside_dark_road"])
def test_who_goes_along_keeps_to_the_edge_without_light(name: str) -> None:
    seen = watch(name)
    assert (seen.way("")[:, 1] < -LANE_M).all()
    assert not any(seen.lamps[seen.of("")])


@pytest.mark.parametrize("seed", SEEDS)
def test_swerving_cyclist_comes_inwards_and_goes_back(seed: int) -> None:
    way = watch("swerving_cyclist", seed).way("bicycle/")
    left = way[:, 1]
    assert left.max() > left[0] + 1.0
    assert left[-1] == pytest.approx(left[0], abs=0.3)
    assert 4.0 < way[left.argmax(), 0] < 25.0  # near enough to matter


@pytest.mark.parametrize(
    "name", ["debris", "tyre_on_motorway", "ladder_on_road", "box_on_road", "branch_on_road"]
)
@pytest.mark.parametrize("seed", SEEDS)
def test_what_lies_in_the_lane_lies_ahead_until_it_is_passed(name: str, seed: int) -> None:
    way = watch(name, seed).way("debris/")
    assert way[0, 0] > 15.0
    assert way[-1, 0] < -20.0
    assert (np.abs(way[:, 1]) < LANE_M / 2).all()


@pytest.mark.parametrize("seed", SEEDS)
def test_cones_lead_from_the_edge_to_the_lane(seed: int) -> None:
    seen = watch("closed_lane", seed)
    cones = sorted(seen.things[h][0] for h, name in seen.names.items() if name == "cone/cone")
    left = [y for _, y in cones]
    assert left == sorted(left)
    assert left[-1] < 0
    assert len(cones) >= 3


@pytest.mark.parametrize(("name", "least"), [("worn_lines", 0.4), ("missing_lines", 1.0)])
def test_paint_is_gone_all_the_while(name: str, least: float) -> None:
    assert min(watch(name).worn) >= least


@pytest.mark.parametrize("seed", SEEDS)
def test_a_tunnel_is_whole(seed: int) -> None:
    seen = watch("tunnel", seed)
    starts = sorted(way[0][0] for way in seen.things.values())
    assert len(starts) >= 4
    assert np.allclose(np.diff(starts), 10.0)


@pytest.mark.parametrize("lanes", [(0, 0), (1, 0), (2, 1)])
@pytest.mark.parametrize("against", [0, 1, 2])
def test_a_tunnels_walls_stand_at_the_pavements_edges(lanes: tuple[int, int], against: int) -> None:
    stage = road(0, lanes=lanes, against=against)
    assert event("tunnel").begin(stage, event("tunnel").draw(stage.rng))
    puts = [entry for entry in stage.log if entry[1] == "put"]
    _, _, _, body, spot, _, scale = puts[0]
    assert isinstance(spot, Spot)
    outer_m = scale[1] * body_named(str(body)).size_m[1]  # type: ignore[index]
    pavement_m = (sum(lanes) + 1 + against) * LANE_M
    assert pavement_m < outer_m < pavement_m + 2 * 1.0
    assert spot.y_m == pytest.approx((lanes[0] + against - lanes[1]) / 2 * LANE_M)


def test_a_tunnel_leaves_no_gap_in_a_curve() -> None:
    stage = Bend(np.random.default_rng(0))
    assert event("tunnel").begin(stage, event("tunnel").draw(stage.rng))
    puts = [entry for entry in stage.log if entry[1] == "put"]
    outer: list[tuple[np.ndarray, np.ndarray]] = []
    for _, _, _, body, spot, _, scale in puts:
        assert isinstance(spot, Spot)
        long_m, wide_m, _ = np.array(scale) * body_named(str(body)).size_m
        ahead = np.array([np.cos(spot.yaw_rad), np.sin(spot.yaw_rad)])
        right = np.array([ahead[1], -ahead[0]])  # the outer side of a bend to the left
        edge = np.array([spot.x_m, spot.y_m]) + right * wide_m / 2
        outer.append((edge - ahead * long_m / 2, edge + ahead * long_m / 2))
    turned_m = [
        float(np.linalg.norm(later - earlier)) for (_, earlier), (later, _) in pairwise(outer)
    ]
    assert max(turned_m) < 0.8  # they overlap: less than a wall is thick


@pytest.mark.parametrize("name", ["sun_glare", "blinded_camera", "high_beams"])
def test_glare_rises_and_falls(name: str) -> None:
    glare = watch(name).glare
    assert max(glare) > 0.3
    assert glare[0] < max(glare)
    assert glare[-1] < 0.7 * max(glare)


@pytest.mark.parametrize("name", ["dirty_lens", "drops_on_lenses", "spray", "mud_on_lens"])
def test_lenses_are_soiled(name: str) -> None:
    assert max(watch(name).dirt) > 0.1


def test_one_camera_only_is_blinded() -> None:
    assert len(watch("blinded_camera").stage.lenses) == 1


@pytest.mark.parametrize("seed", SEEDS)
def test_what_stops_has_no_velocity(seed: int) -> None:
    """A car that backed out waits for the ego: it is moved once more, to where it is."""
    stage = road(seed)
    begun = event("reversing_car").begin(stage, event("reversing_car").draw(stage.rng))
    assert begun is not None
    while begun.step(stage):
        stage.step()
    moves = [(entry[0], entry[3]) for entry in stage.log if entry[1] == "move"]
    stops = [(t, later) for (t, a), (later, b) in pairwise(moves) if a == b]
    assert stops
    assert all(later - t < 1.5 * stage.step_s for t, later in stops)  # type: ignore[operator]
