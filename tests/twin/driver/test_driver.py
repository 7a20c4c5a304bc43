"""Laws of the driver, alone and in traffic."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.twin.collide import boxes_touch, ego_middle
from bessemer.twin.drive import EgoState, Indicator
from bessemer.twin.driver.driver import Habits, Sight, aim, drive, follow, see
from bessemer.twin.driver.path import SPACING_M, DrivePath, Leader, leader_ahead
from bessemer.twin.ego.bicycle import EGO_SHAPE, step_bicycle
from bessemer.twin.roads.read_net import load_network
from bessemer.twin.roads.route import Route, way_ahead
from bessemer.twin.stage import Agent, AgentKind, Spot, Thing
from bessemer.twin.traffic.traffic import Traffic

HABITS = Habits()
STRAIGHT = np.stack([np.arange(400.0), np.zeros(400), np.zeros(400)], axis=1)


def along_path(path: DrivePath, ego: EgoState, near_m: float) -> float:
    """Return how far along the path the ego is, near where it was a moment ago."""
    first = max(int(near_m / SPACING_M) - 20, 0)
    points = path.points[first : first + 60, :2]
    steps = np.diff(points, axis=0)
    offset = np.array([ego.x_m, ego.y_m]) - points[:-1]
    share = np.clip((offset * steps).sum(axis=1) / (steps**2).sum(axis=1), 0.0, 1.0)
    i = int(np.argmin(((offset - share[:, None] * steps) ** 2).sum(axis=1)))
    return float((first + i + share[i]) * SPACING_M)


def straight_path(speed_mps: float = 15.0) -> DrivePath:
    n = len(STRAIGHT)
    return DrivePath(points=STRAIGHT, speed_mps=np.full(n, speed_mps), turns=np.zeros(n))


@given(
    speed=st.floats(0, 40), wanted=st.floats(1, 40), gap=st.floats(1, 100), lead=st.floats(0, 40)
)
def test_a_leader_never_makes_the_driver_faster(
    speed: float, wanted: float, gap: float, lead: float
) -> None:
    free = follow(speed, wanted, None, HABITS)
    assert follow(speed, wanted, Leader(gap_m=gap, speed_mps=lead), HABITS) <= free
    nearer = follow(speed, wanted, Leader(gap_m=gap / 2, speed_mps=lead), HABITS)
    assert nearer <= follow(speed, wanted, Leader(gap_m=gap, speed_mps=lead), HABITS)


@given(wanted=st.floats(2, 40))
def test_at_the_wanted_speed_nothing_is_to_be_done(wanted: float) -> None:
    assert follow(wanted, wanted, None, HABITS) == pytest.approx(0.0)
    assert follow(0.0, wanted, None, HABITS) == pytest.approx(HABITS.accel_mps2)


@given(radius=st.floats(8, 200), side=st.sampled_from([-1, 1]), speed=st.floats(0, 8))
def test_on_a_circle_it_steers_the_circle(radius: float, side: int, speed: float) -> None:
    angles = np.arange(0.0, 1.0, 0.5 / radius)
    way = np.stack(
        [radius * np.sin(angles), side * radius * (1 - np.cos(angles)), 0 * angles], axis=1
    )
    steer = aim(EgoState(x_m=0, y_m=0, yaw_rad=0, speed_mps=speed), way, HABITS)
    assert steer == pytest.approx(side * math.atan(EGO_SHAPE.wheelbase_m / radius), rel=0.03)


@settings(max_examples=12)
@given(left=st.floats(-1.5, 1.5), yaw=st.floats(-0.3, 0.3), speed=st.floats(3, 20))
def test_beside_its_lane_it_comes_back(left: float, yaw: float, speed: float) -> None:
    path = straight_path(speed)
    ego = EgoState(x_m=5, y_m=left, yaw_rad=yaw, speed_mps=speed)
    along = 5.0
    for _ in range(100):
        ego = step_bicycle(ego, drive(ego, see(ego, path, along)), 0.1)
        along = along_path(path, ego, along)
    assert abs(ego.y_m) < 0.1
    assert abs(ego.yaw_rad) < 0.05


@settings(max_examples=8)
@given(speed=st.floats(2, 15), stop=st.floats(60, 120))
def test_it_stops_before_the_line_and_not_far_before(speed: float, stop: float) -> None:
    path = straight_path(20.0)
    ego = EgoState(x_m=0, y_m=0, yaw_rad=0, speed_mps=speed)
    hardest = 0.0
    for _ in range(600):
        front = ego.x_m + EGO_SHAPE.axle_to_front_m
        ego = step_bicycle(ego, drive(ego, see(ego, path, ego.x_m, stop_m=stop - front)), 0.1)
        hardest = min(hardest, ego.accel_mps2)
    front = ego.x_m + EGO_SHAPE.axle_to_front_m
    assert stop - 2.0 < front < stop
    assert hardest > -5.0


def test_what_reaches_into_its_strip_leads_and_what_does_not_does_not() -> None:
    path = straight_path()

    def car(x_m: float, y_m: float, speed_mps: float, yaw_rad: float = 0.0) -> Agent:
        return Agent(
            agent_id=f"{x_m}",
            kind=AgentKind.CAR,
            spot=Spot(x_m=x_m, y_m=y_m, yaw_rad=yaw_rad),
            speed_mps=speed_mps,
            size_m=(4.0, 1.8, 1.5),
        )

    beside, ahead, behind = car(20, 3.2, 9), car(30, 0.5, 8), car(-10, 0, 20)
    leader = leader_ahead(path, 0.0, (beside, ahead, behind))
    assert leader is not None
    assert leader.gap_m == pytest.approx(30 - 2 - EGO_SHAPE.axle_to_front_m)
    assert leader.speed_mps == pytest.approx(8)
    assert leader_ahead(path, 0.0, (beside, behind)) is None
    crossing = leader_ahead(path, 0.0, (car(20, 1.0, 7, math.pi / 2),))
    assert crossing is not None
    assert crossing.speed_mps == pytest.approx(0.0, abs=1e-9)
    box = Thing(spot=Spot(x_m=15, y_m=0), size_m=(0.5, 0.5, 0.5))
    thing = leader_ahead(path, 0.0, (), [box])
    assert thing is not None
    assert thing.gap_m == pytest.approx(15 - 0.25 - EGO_SHAPE.axle_to_front_m)


@pytest.mark.parametrize(("north_mps", "in_the_way"), [(-2.0, True), (0.0, False), (2.0, False)])
def test_one_who_is_about_to_step_into_the_way_is_in_the_way(
    north_mps: float, in_the_way: bool
) -> None:
    walker = Thing(
        spot=Spot(x_m=25, y_m=3.5), size_m=(0.5, 0.5, 1.7), velocity_mps=(0.0, north_mps)
    )
    leader = leader_ahead(straight_path(), 0.0, (), [walker])
    assert (leader is not None) is in_the_way


def test_the_faster_it_drives_the_further_it_looks() -> None:
    far = [Thing(spot=Spot(x_m=150, y_m=0), size_m=(4, 2, 1.5), velocity_mps=(3.0, 1.0))]
    assert leader_ahead(straight_path(), 0.0, (), far) is None
    leader = leader_ahead(straight_path(), 0.0, (), far, reach_m=180.0)
    assert leader is not None
    assert leader.speed_mps == 3.0


def test_it_indicates_before_it_turns() -> None:
    turns = np.zeros(len(STRAIGHT))
    turns[100:110] = 1
    path = DrivePath(points=STRAIGHT, speed_mps=np.full(len(STRAIGHT), 10.0), turns=turns)
    ego = EgoState(x_m=0, y_m=0, yaw_rad=0, speed_mps=10)
    said = [drive(ego, see(ego, path, along)).indicator for along in (40.0, 80.0, 105.0, 115.0)]
    assert said == [Indicator.OFF, Indicator.LEFT, Indicator.LEFT, Indicator.OFF]


def test_bends_are_taken_no_faster_than_is_comfortable_and_the_limit_is_kept() -> None:
    country = load_network("country")
    first = next(lane for lane in country.lanes.values() if not lane.inside_junction)
    path = DrivePath.of(country, Route(country, way_ahead(country, first.lane_id, 1500.0)))
    limits = {lane.speed_limit_mps for lane in country.lanes.values()}
    assert path.speed_mps.max() <= max(limits)
    assert path.speed_mps[-1] == 0.0
    slowing = (path.speed_mps[:-1] ** 2 - path.speed_mps[1:] ** 2) / 2
    assert slowing.max() <= 1.5 + 1e-6


def test_a_way_without_length_is_refused() -> None:
    with pytest.raises(InputError, match="two points"):
        drive(EgoState(x_m=0, y_m=0, yaw_rad=0), Sight(way=np.zeros((1, 3)), speed_mps=1.0))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "seed"),
    [
        ("town", 0),
        *((name, seed) for name in ("town", "motorway", "country") for seed in range(1, 7)),
    ],
)
def test_a_minute_in_traffic_keeps_to_the_lane_and_hits_nothing(name: str, seed: int) -> None:
    network = load_network(name)
    with Traffic.open(network, seed=seed, warm_s=20.0) as traffic:
        start = traffic.place_ego(seed, length_m=2500.0)
        path, ego, along = DrivePath.of(network, start.route), start.ego, start.along_m
        size = (EGO_SHAPE.length_m, EGO_SHAPE.width_m)
        for _ in range(600):
            agents = traffic.agents(within_m=100.0)
            sight = see(
                ego,
                path,
                along,
                leader=leader_ahead(path, along, agents),
                advice_mps2=traffic.ego_accel_advice(),
            )
            ego = step_bicycle(ego, drive(ego, sight), traffic.step_s)
            traffic.step(ego)
            along = along_path(path, ego, along)
            left = start.route.place_of(ego.x_m, ego.y_m, near_m=along)[1]
            assert abs(left) < 1.0
            middle = ego_middle(ego)
            hit = [
                agent.agent_id
                for agent in traffic.agents(within_m=100.0)
                if boxes_touch(middle, size, agent.spot, agent.size_m)
            ]
            # SUMO's people do not look: one may walk into a car that stands on a crossing.
            assert hit == [] or (
                ego.speed_mps < 0.05 and hit[0].split(".")[0] in ("adult", "child")
            )
        assert along - start.along_m > 50.0
