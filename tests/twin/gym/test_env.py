"""The driving world keeps gymnasium's promises."""

from collections.abc import Iterator
from dataclasses import replace

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from bessemer.core.errors import InputError
from bessemer.twin.gym.env import PENALTY, DrivingEnv, register_drives
from bessemer.twin.gym.road import Carriageway
from bessemer.twin.rigs import load_rig
from bessemer.twin.roads.read_net import load_network
from bessemer.twin.world import DrivingWorld
from tests.twin.looking import town

RIG = load_rig("front", width_px=32, height_px=18, rate_hz=10.0)
COUNTRY = replace(town(rig=RIG, duration_s=60.0), network="country", density_frac=0.1)


@pytest.fixture
def env(world: DrivingWorld) -> Iterator[DrivingEnv]:
    made = DrivingEnv([COUNTRY], world=world, render_mode="rgb_array")
    yield made
    made.close()


def act(accel: float, steer: float = 0.0) -> np.ndarray:
    return np.array([accel, steer], np.float32)


def test_gymnasiums_own_check_passes(world: DrivingWorld) -> None:
    check_env(DrivingEnv([replace(COUNTRY, density_frac=0.0)], world=world), skip_render_check=True)


def test_pictures_are_of_a_road_and_change_as_the_ego_drives(env: DrivingEnv) -> None:
    seen, _ = env.reset(seed=2)
    first = seen["front"]
    assert first.std() > 15
    for _ in range(15):
        seen, *_ = env.step(act(0.5))
    assert np.abs(seen["front"].astype(int) - first).mean() > 2
    picture = env.render()
    assert picture is not None
    assert (picture == seen["front"]).all()


def test_who_follows_the_way_gains_and_stays_on_the_road(env: DrivingEnv) -> None:
    seen, info = env.reset(seed=2)
    gained, start_m = 0.0, info["along_m"]
    for _ in range(50):
        forward, left = seen["way"][1].tolist()
        steer = np.arctan(2.8 * 2 * left / (forward**2 + left**2)) / 0.6
        seen, reward, terminated, _, info = env.step(act(0.3 if seen["ego"][0] < 9 else 0.0, steer))
        assert not terminated
        assert abs(seen["ego"][4]) < 0.8
        gained += reward
    assert gained > 20
    assert gained <= info["along_m"] - start_m + 1e-6


def test_who_steers_off_the_road_ends_badly(env: DrivingEnv) -> None:
    env.reset(seed=2)
    terminated = False
    for _ in range(100):
        _, reward, terminated, _, info = env.step(act(0.2, -0.3))
        if terminated:
            break
        assert reward >= -5.0
    assert terminated
    assert info["off_road"] or info["collided"]
    assert reward < 10.0 - PENALTY


def test_a_drive_is_cut_off_at_its_end(world: DrivingWorld) -> None:
    env = DrivingEnv([replace(COUNTRY, duration_s=0.3)], world=world)
    env.reset(seed=2)
    ends = [env.step(act(-1.0))[2:4] for _ in range(3)]
    assert ends == [(False, False), (False, False), (False, True)]
    assert env.render() is None


def test_drives_that_follow_differ_and_a_seed_brings_them_back(env: DrivingEnv) -> None:
    def ways(seed: int) -> list[bytes]:
        firsts = [env.reset(seed=seed)[0], env.reset()[0]]
        return [np.asarray(seen["way"]).tobytes() for seen in firsts]

    one, again = ways(7), ways(7)
    assert one == again
    assert one[0] != one[1]


def test_an_action_that_is_no_number_is_refused(env: DrivingEnv) -> None:
    env.reset(seed=2)
    with pytest.raises(InputError, match="finite"):
        env.step(act(0.0, float("nan")))


def test_what_cannot_be_one_environment_is_refused() -> None:
    other = replace(COUNTRY, rig=load_rig("front", width_px=16, height_px=18))
    with pytest.raises(InputError, match="differ in their cameras"):
        DrivingEnv([COUNTRY, other])
    with pytest.raises(InputError, match="no scenario"):
        DrivingEnv([])
    with pytest.raises(InputError, match="video"):
        DrivingEnv([COUNTRY], render_mode="video")


def test_drives_are_registered_once() -> None:
    ids = register_drives()
    assert ids == ("bessemer/town-v0", "bessemer/motorway-v0", "bessemer/country-v0")
    assert register_drives() == ids
    assert set(ids) <= set(gymnasium.registry)


@pytest.mark.parametrize("network", ["town", "motorway", "country"])
def test_the_carriageway_is_lanes_and_junctions_and_not_the_pavement(network: str) -> None:
    roads = load_network(network)
    road = Carriageway(roads)
    for lane in list(roads.lanes.values())[::7]:
        x, y, _, _ = lane.at(lane.length_m / 2)
        rolls = lane.kind != "walk"
        # A pavement's middle lies on a lane only where it crosses a junction.
        assert road.holds(x, y) == rolls or lane.inside_junction
        far_x, far_y, _, _ = lane.at(lane.length_m / 2, 200.0)
        assert not road.holds(far_x + 3e4, far_y)
