"""Laws of traffic: it repeats itself, obeys signals, and brakes for the ego."""

import importlib
import math
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError, NotFoundError
from bessemer.twin.collide import boxes_touch, ego_middle
from bessemer.twin.drive import EgoState
from bessemer.twin.ego.bicycle import EGO_SHAPE
from bessemer.twin.roads.network import RoadNetwork
from bessemer.twin.roads.read_net import load_network
from bessemer.twin.scene import Lamp
from bessemer.twin.stage import Agent, AgentKind, Spot
from bessemer.twin.traffic.kinds import VEHICLE_TYPES
from bessemer.twin.traffic.traffic import Traffic

EGO_SIZE = (EGO_SHAPE.length_m, EGO_SHAPE.width_m)


@pytest.fixture(scope="module")
def town() -> RoadNetwork:
    return load_network("town")


@pytest.fixture(scope="module")
def country() -> RoadNetwork:
    return load_network("country")


@pytest.fixture
def traffic(town: RoadNetwork) -> Iterator[Traffic]:
    with Traffic.open(town, seed=3, density_frac=0.4, warm_s=20.0) as opened:
        yield opened


def touches(ego: EgoState, agents: tuple[Agent, ...]) -> list[str]:
    middle = ego_middle(ego)
    return [a.agent_id for a in agents if boxes_touch(middle, EGO_SIZE, a.spot, a.size_m)]


def test_the_same_seed_gives_the_same_agents_and_another_seed_others(town: RoadNetwork) -> None:
    drives = []
    for seed in (5, 5, 6):
        with Traffic.open(town, seed=seed, warm_s=15.0) as traffic:
            start = traffic.place_ego(seed)
            for _ in range(50):
                traffic.step(start.ego)
            table = traffic.table()
            drives.append((start.ego, table.agent_ids, table.position_m.tobytes(), table.lamps))
    assert drives[0] == drives[1]
    assert drives[0] != drives[2]


def test_a_town_has_people_cars_and_two_wheelers_from_the_first_instant(traffic: Traffic) -> None:
    kinds = Counter(agent.kind for agent in traffic.agents())
    assert kinds[AgentKind.CAR] >= 20
    assert kinds[AgentKind.PEDESTRIAN] >= 10
    assert kinds[AgentKind.BICYCLE] + kinds[AgentKind.MOTORCYCLE] >= 2
    assert kinds[AgentKind.TRUCK] + kinds[AgentKind.BUS] >= 2


def test_every_kind_of_the_stage_has_a_type_and_shares_add_up_to_one() -> None:
    assert {one.kind for one in VEHICLE_TYPES} | {AgentKind.PEDESTRIAN} == set(AgentKind)
    assert sum(one.share for one in VEHICLE_TYPES) == pytest.approx(1.0)


def test_agents_move_along_their_headings_at_their_speeds(traffic: Traffic) -> None:
    before = {agent.agent_id: agent for agent in traffic.agents()}
    traffic.step()
    moving, apart = 0, []
    for agent in traffic.agents():
        was = before.get(agent.agent_id)
        if was is None or agent.kind is AgentKind.PEDESTRIAN or agent.speed_mps < 5.0:
            continue
        moved = math.hypot(agent.spot.x_m - was.spot.x_m, agent.spot.y_m - was.spot.y_m)
        way = math.atan2(agent.spot.y_m - was.spot.y_m, agent.spot.x_m - was.spot.x_m)
        assert moved == pytest.approx(agent.speed_mps * 0.1, rel=0.3)
        apart.append(abs(math.remainder(way - agent.spot.yaw_rad, 2 * math.pi)))
        moving += 1
    assert moving >= 10
    assert float(np.median(apart)) < 0.05


def test_nobody_on_wheels_runs_a_red_light(traffic: Traffic) -> None:
    sumo = importlib.import_module("libsumo")
    crossed = 0
    for _ in range(400):
        due = {}
        for name in sumo.vehicle.getIDList():
            ahead = sumo.vehicle.getNextTLS(name)
            # Not a light behind a junction without any.
            if ahead and ahead[0][2] < 5.0 and not sumo.vehicle.getRoadID(name).startswith(":"):
                due[name] = ahead[0]
        traffic.step()
        states = traffic.signal_states()
        for name in due.keys() & set(sumo.vehicle.getIDList()):
            if sumo.vehicle.getRoadID(name).startswith(":") and "ambulance" not in name:
                signal, link, _, state = due[name]
                assert {state, states[signal][link]} != {"r"}, name
                crossed += 1
    assert crossed >= 10
    states = traffic.signal_states()
    assert states
    assert all(set(state) <= set("rRyYgGuosO") for state in states.values())


def test_others_brake_for_an_ego_that_stands(country: RoadNetwork) -> None:
    with Traffic.open(country, seed=2, density_frac=0.5, warm_s=20.0) as traffic:
        start = traffic.place_ego(seed=4)
        ego = EgoState(x_m=start.ego.x_m, y_m=start.ego.y_m, yaw_rad=start.ego.yaw_rad)
        for _ in range(200):
            traffic.step(ego)
            assert touches(ego, traffic.agents()) == []
        queue = []
        for agent in traffic.agents():
            behind = math.hypot(agent.spot.x_m - ego.x_m, agent.spot.y_m - ego.y_m)
            same = math.cos(agent.spot.yaw_rad - ego.yaw_rad) > 0.9
            queue.append(behind < 20 and same and agent.speed_mps < 0.5)
        assert any(queue)


def test_sumo_has_the_ego_where_it_is(country: RoadNetwork) -> None:
    with Traffic.open(country, seed=1, density_frac=0.2, warm_s=5.0) as traffic:
        start = traffic.place_ego(seed=1)
        sumo = importlib.import_module("libsumo")
        for i in range(1, 30):
            x, y, z, yaw = start.route.at(start.along_m + i)
            ego = EgoState(x_m=x, y_m=y, z_m=z, yaw_rad=yaw, speed_mps=10.0)
            traffic.step(ego)
            front = sumo.vehicle.getPosition("ego")
            wanted = (
                x + EGO_SHAPE.axle_to_front_m * math.cos(yaw),
                y + EGO_SHAPE.axle_to_front_m * math.sin(yaw),
            )
            assert math.dist(front, wanted) < 0.35
        assert all(agent.agent_id != "ego" for agent in traffic.agents())


def test_a_second_simulation_is_refused_and_the_first_goes_on(traffic: Traffic) -> None:
    with pytest.raises(InputError, match="runs in this process already"):
        Traffic.open(traffic.network, seed=1)
    traffic.step()
    traffic.close()
    traffic.close()
    with Traffic.open(traffic.network, seed=1, warm_s=0.0) as second:
        second.step()


def test_an_ego_inside_of_another_is_refused(traffic: Traffic) -> None:
    start = traffic.place_ego(seed=1)
    car = next(agent for agent in traffic.agents() if agent.kind is AgentKind.CAR)
    inside = EgoState(x_m=car.spot.x_m, y_m=car.spot.y_m, yaw_rad=car.spot.yaw_rad)
    with pytest.raises(InputError, match="inside of"):
        traffic.put_ego(start.route, inside)


def test_a_network_that_is_none_is_refused_and_leaves_nothing_open(town: RoadNetwork) -> None:
    broken = RoadNetwork(name="broken", net_xml="<net><edge", lanes=town.lanes)
    with pytest.raises(InputError, match="broken"):
        Traffic.open(broken, seed=1)
    with Traffic.open(town, seed=1, warm_s=0.0) as traffic:
        traffic.step()


def test_a_vehicle_that_is_told_a_speed_keeps_it(country: RoadNetwork) -> None:
    with Traffic.open(country, seed=1, density_frac=0.1, warm_s=5.0) as traffic:
        start = traffic.place_ego(seed=1)
        traffic.step(start.ego)
        name = traffic.spawn(AgentKind.CAR, 40.0, speed_mps=8.0)
        assert name is not None
        assert traffic.spawn(AgentKind.CAR, 40.0, speed_mps=8.0) is None
        traffic.step(start.ego)
        traffic.step(start.ego)
        spawned = {agent.agent_id: agent for agent in traffic.agents()}[name]
        ahead = math.hypot(spawned.spot.x_m - start.ego.x_m, spawned.spot.y_m - start.ego.y_m)
        assert ahead == pytest.approx(41.0, abs=4.0)
        assert spawned.speed_mps == pytest.approx(8.0, abs=1.0)
        traffic.command(name, speed_mps=2.0, over_s=1.0)
        traffic.light(name, Lamp.LEFT | Lamp.RIGHT)
        for _ in range(15):
            traffic.step(start.ego)
        told = {agent.agent_id: agent for agent in traffic.agents()}[name]
        assert told.speed_mps == pytest.approx(2.0, abs=0.01)
        assert told.lamps & Lamp.LEFT
        assert told.lamps & Lamp.RIGHT
        traffic.remove(name)
        assert name not in traffic.table().agent_ids
        with pytest.raises(NotFoundError, match="vehicle"):
            traffic.command(name, speed_mps=1.0)


def test_a_vehicle_that_is_told_to_changes_lanes() -> None:
    with Traffic.open(load_network("motorway"), seed=1, density_frac=0.02, warm_s=1.0) as traffic:
        start = traffic.place_ego(seed=0)
        traffic.step(start.ego)
        side = 1 if traffic.lanes_beside()[0] else -1
        name = traffic.spawn(AgentKind.CAR, 60.0, lanes_left=side, speed_mps=15.0)
        assert name is not None
        traffic.step(start.ego)
        traffic.command(name, speed_mps=15.0, lanes_left=-side, over_s=2.0)
        lefts = []
        for _ in range(40):
            traffic.step(start.ego)
            spot = {agent.agent_id: agent.spot for agent in traffic.agents()}[name]
            lefts.append(start.route.place_of(spot.x_m, spot.y_m)[1] * side)
        assert lefts[0] > 2.5
        assert abs(lefts[-1]) < 0.5
        assert max(abs(np.diff(lefts))) < 0.5


@pytest.mark.parametrize(("value", "match"), [(-0.1, "share"), (1.1, "share")])
def test_a_density_that_is_no_share_is_refused(town: RoadNetwork, value: float, match: str) -> None:
    with pytest.raises(InputError, match=match):
        Traffic.open(town, seed=1, density_frac=value)


SPOTS = st.builds(
    Spot,
    x_m=st.floats(-6, 6),
    y_m=st.floats(-6, 6),
    yaw_rad=st.floats(-math.pi, math.pi),
)


@given(first=SPOTS, second=SPOTS, turn=st.floats(-3, 3))
def test_touching_is_symmetric_and_does_not_mind_the_frame(
    first: Spot, second: Spot, turn: float
) -> None:
    def turned(spot: Spot) -> Spot:
        cos, sin = math.cos(turn), math.sin(turn)
        return Spot(
            x_m=spot.x_m * cos - spot.y_m * sin,
            y_m=spot.x_m * sin + spot.y_m * cos,
            yaw_rad=spot.yaw_rad + turn,
        )

    touch = boxes_touch(first, (4.0, 2.0), second, (3.0, 1.5))
    assert boxes_touch(second, (3.0, 1.5), first, (4.0, 2.0)) == touch
    slack = 1e-6
    if touch == boxes_touch(first, (4.0 + slack, 2.0 + slack), second, (3.0, 1.5)) and (
        touch == boxes_touch(first, (4.0 - slack, 2.0 - slack), second, (3.0, 1.5))
    ):
        assert boxes_touch(turned(first), (4.0, 2.0), turned(second), (3.0, 1.5)) == touch


def test_a_library_that_the_machine_lacks_is_named_with_what_to_install(
    tmp_path: Path, repo_root: Path
) -> None:
    (tmp_path / "libsumo.py").write_text("raise ImportError('libGL.so.1: cannot open it')")
    code = "from bessemer.twin.roads.read_net import load_network as load\n"
    code += "from bessemer.twin.traffic.traffic import Traffic\n"
    code += "Traffic.open(load('country'), seed=0)"
    path = os.pathsep.join([str(tmp_path), str(repo_root / "src")])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=os.environ | {"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    last = done.stderr.splitlines()[-1]
    assert "MissingLibraryError" in last
    assert "libGL.so.1" in last
    assert "apt install libgl1" in last
