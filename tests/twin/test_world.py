"""What a world promises whoever drives in it."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import StreamName
from bessemer.core.worlds import World
from bessemer.twin.conditions import Conditions, Weather
from bessemer.twin.drive import Controls, EgoState, Observation
from bessemer.twin.driver.driver import drive, see
from bessemer.twin.driver.path import DrivePath
from bessemer.twin.ego.bicycle import EGO_SHAPE
from bessemer.twin.rig import Rig
from bessemer.twin.rigs import load_rig
from bessemer.twin.scenario import Dynamics, EventCall, Scenario
from bessemer.twin.truth import Truth
from bessemer.twin.world import DrivingWorld
from tests.twin.looking import BLINK, FRONT, SWEEP, country, driven, town

TRUCK = EventCall(
    name="stopped_truck_with_overhanging_load", at_s=0.0, params=(("lead_s", 4.0), ("left_m", 0.0))
)


def fingerprint(seen: list[Observation], truth: list[Truth]) -> str:
    """Return a hash of every byte of pictures and truth."""
    digest = hashlib.sha256()
    for one in seen:
        digest.update(repr((one.t_ns, one.ego, one.signals, one.events, one.collided)).encode())
        actors = one.actors
        for column in (actors.body, actors.instance, actors.world_from_body, actors.velocity_mps):
            digest.update(column.tobytes())
        for view in one.views:
            digest.update(repr((view.camera, view.t_ns, view.silhouettes)).encode())
            for array in (view.picture, view.depth_m, view.semantic, view.instance):
                digest.update(array.tobytes())
    digest.update(repr(truth).encode())
    return digest.hexdigest()


def drive_of(seed: int, world: DrivingWorld | None = None) -> str:
    """Drive for 1.2 s among traffic and an event, and return its fingerprint."""
    ours = DrivingWorld() if world is None else world
    start = ours.reset(seed, town(EventCall(name="jaywalker", at_s=0.3), rig=FRONT))
    seen = driven(ours, start, 12)
    surveyor = ours.surveyor()
    told = fingerprint(seen, [surveyor.survey(one) for one in seen])
    ours.close()
    return told


def test_a_driving_world_is_a_world(world: DrivingWorld) -> None:
    assert isinstance(world, World)


def test_the_same_seed_gives_the_same_bytes_and_another_gives_others(world: DrivingWorld) -> None:
    first, other, again = (drive_of(seed, world) for seed in (4, 5, 4))
    assert first == again
    assert first != other


@pytest.mark.slow
def test_the_same_seed_gives_the_same_bytes_in_another_process(world: DrivingWorld) -> None:
    program = "from tests.twin.test_world import drive_of; print(drive_of(4))"
    out = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert out.stdout.split()[-1] == drive_of(4, world)


def test_night_is_dark_and_hides_nothing_of_the_truth(world: DrivingWorld) -> None:
    day = world.reset(3, town(hour=12.0)).views[0]
    night = world.reset(3, town(hour=23.5)).views[0]
    assert day.picture.mean() > 1.6 * night.picture.mean()
    assert night.picture.std() > 3
    assert (day.semantic == night.semantic).all()
    assert (day.instance == night.instance).all()
    assert (day.depth_m == night.depth_m).all()


def test_weather_changes_the_picture_and_not_the_road(world: DrivingWorld) -> None:
    pictures = {}
    for weather in (Weather.CLEAR, Weather.RAIN, Weather.FOG, Weather.SNOW):
        conditions = Conditions(weather=weather, intensity_frac=0.9)
        scenario = replace(country(), conditions=conditions)
        pictures[weather] = world.reset(3, scenario).views[0]
    clear = pictures.pop(Weather.CLEAR)
    for weather, view in pictures.items():
        apart = np.abs(view.picture.astype(int) - clear.picture).mean()
        assert apart > 10, weather
        assert (view.depth_m == clear.depth_m).all()
    assert pictures[Weather.FOG].picture.std() < clear.picture.std()


def staggered() -> Rig:
    """Return three cameras that look at 0, 30 and 170 ms of each period of 200 ms."""
    [front] = FRONT.cameras
    offsets = {"first": 0.0, "second": 0.03, "third": 0.17}
    cameras = tuple(
        replace(front, name=StreamName(name), offset_s=offset, noise_frac=0.0, shot_noise_frac=0.0)
        for name, offset in offsets.items()
    )
    return Rig(name="staggered", cameras=cameras, rate_hz=5.0)


def test_each_camera_looks_at_its_time_from_where_the_ego_is_then(world: DrivingWorld) -> None:
    seen = driven(world, world.reset(3, country(rig=staggered())), 12)
    states = {one.t_ns: one.ego for one in seen}
    times: dict[str, list[int]] = {"first": [], "second": [], "third": []}
    for one in seen:
        for view in one.views:
            times[view.camera].append(view.t_ns)
            assert one.t_ns - 100_000_000 < view.t_ns <= one.t_ns
            assert view.picture.std() > 15
            before = states.get(view.t_ns // 100_000_000 * 100_000_000)
            assert before is not None
            share = (view.t_ns % 100_000_000) / 1e8
            x = before.x_m + share * (one.ego.x_m - before.x_m)
            y = before.y_m + share * (one.ego.y_m - before.y_m)
            camera = world_place_of(one.ego, view.world_from_camera)
            assert np.hypot(camera[0] - x, camera[1] - y) < 0.05
    for name, offset_ns in (("first", 0), ("second", 30_000_000), ("third", 170_000_000)):
        expected = list(range(offset_ns, seen[-1].t_ns + 1, 200_000_000))
        assert times[name] == expected


def test_six_cameras_sweep_once_a_period_each_from_its_own_place(world: DrivingWorld) -> None:
    first, *_, last = seen = driven(world, world.reset(3, country(rig=SWEEP)), 12)
    assert np.hypot(last.ego.x_m - first.ego.x_m, last.ego.y_m - first.ego.y_m) > 5
    views = [view for one in seen for view in one.views]
    names = [camera.name for camera in SWEEP.cameras]
    assert [view.camera for view in views] == [names[i % 6] for i in range(len(views))]
    times_ns = np.array([view.t_ns for view in views])
    assert len(views) == 37
    np.testing.assert_allclose(np.diff(times_ns), 2e8 / 6, atol=2)
    at_ns = [one.t_ns for one in seen]
    for view in views:
        camera = SWEEP.cameras[names.index(view.camera)]
        ego = view.world_from_camera @ np.linalg.inv(camera.ego_from_camera)
        x = np.interp(view.t_ns, at_ns, [one.ego.x_m for one in seen])
        y = np.interp(view.t_ns, at_ns, [one.ego.y_m for one in seen])
        assert np.hypot(ego[0, 3] - x, ego[1, 3] - y) < 0.05


def world_place_of(ego: EgoState, world_from_camera: np.ndarray) -> np.ndarray:
    """Return where the rear axle was when a camera of ``FRONT`` stood there."""
    world_from_ego = world_from_camera @ np.linalg.inv(FRONT.cameras[0].ego_from_camera)
    return np.asarray(world_from_ego[:3, 3])


def test_driving_into_what_stands_there_is_a_collision_and_stopping_before_it_none(
    world: DrivingWorld,
) -> None:
    scenario = replace(country(TRUCK, rig=BLINK, duration_s=20.0), density_frac=0.0)
    ahead = world.reset(1, scenario)
    for one in driven(world, ahead, 190):
        assert not one.collided
    seen = world.reset(1, scenario)
    path, hit = DrivePath.of(world.network, world.traffic.route), []
    while not seen.done:
        seen = world.step(drive(seen.ego, see(seen.ego, path, world.traffic.along_m)))
        hit.append(seen.collided)
        if seen.collided:
            ego = np.array([seen.ego.x_m, seen.ego.y_m])
            [spot] = [thing.spot for thing in world.obstacles()]
            assert np.hypot(*(ego - (spot.x_m, spot.y_m))) < 9.0
    assert any(hit)
    assert not hit[0]


def test_a_drive_is_done_when_its_time_is_over(world: DrivingWorld) -> None:
    seen = world.reset(2, country(rig=BLINK, duration_s=0.5))
    done = [seen.done]
    while not seen.done:
        seen = world.step(Controls())
        done.append(seen.done)
    assert seen.t_ns == 500_000_000
    assert done == [False] * 5 + [True]


def test_the_same_controls_drive_both_dynamics_to_nearly_the_same_place(
    world: DrivingWorld,
) -> None:
    ends = {}
    for dynamics in Dynamics:
        seen = world.reset(2, replace(country(rig=BLINK), dynamics=dynamics))
        start = seen.ego
        for k in range(30):
            seen = world.step(Controls(accel_mps2=1.0, steer_rad=0.02 if k >= 10 else 0.0))
        ends[dynamics] = seen.ego
        assert seen.ego.speed_mps == pytest.approx(start.speed_mps + 3.0, abs=0.3)
        assert seen.ego.yaw_rad > start.yaw_rad + 0.05
        signals = dict(seen.signals)
        assert signals["Vehicle.Speed"] == pytest.approx(3.6 * seen.ego.speed_mps)
        assert signals["Vehicle.Body.Lights.Brake.IsActive"] == 0.0
    one, other = ends.values()
    assert 0.001 < np.hypot(one.x_m - other.x_m, one.y_m - other.y_m) < 0.6


@pytest.mark.slow
def test_snow_is_slippery_on_wheels(world: DrivingWorld) -> None:
    left = {}
    for weather in (Weather.CLEAR, Weather.SNOW):
        conditions = Conditions(weather=weather, intensity_frac=1.0)
        scenario = replace(
            country(rig=BLINK), dynamics=Dynamics.WHEELED, conditions=conditions, density_frac=0.0
        )
        seen = world.reset(2, scenario)
        for _ in range(15):
            seen = world.step(Controls(accel_mps2=3.0))
        fast = seen.ego.speed_mps
        for _ in range(10):
            seen = world.step(Controls(accel_mps2=-8.0))
        left[weather] = fast - seen.ego.speed_mps
    assert left[Weather.SNOW] < 0.6 * left[Weather.CLEAR]


def test_a_step_before_the_first_reset_says_what_to_do() -> None:
    with pytest.raises(InputError, match=r"never reset.*Call `reset` first"):
        DrivingWorld().step(Controls())


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_controls_that_are_no_numbers_are_refused_where_they_are_made(bad: float) -> None:
    with pytest.raises(InputError, match="finite"):
        Controls(steer_rad=bad)
    with pytest.raises(InputError, match="finite"):
        Controls(accel_mps2=bad)


def test_after_a_bad_scenario_the_world_goes_on_as_it_was(
    world: DrivingWorld, tmp_path: Path
) -> None:
    laneless = tmp_path / "laneless.net.xml"
    laneless.write_text('<net version="1.20"/>')
    before = world.reset(2, country(rig=BLINK))
    bad: list[tuple[Scenario, type[Exception], str]] = [
        (town(EventCall(name="jaywalk"), rig=BLINK), NotFoundError, "jaywalker"),
        (
            town(EventCall(name="jaywalker", params=(("shoes", 3.0),)), rig=BLINK),
            NotFoundError,
            "shoes",
        ),
        (replace(town(rig=BLINK), network="vilage"), InputError, "vilage"),
        (replace(town(rig=BLINK), network="/nowhere/my.net.xml"), InputError, "my.net.xml"),
        (replace(town(rig=BLINK), network=str(laneless)), InputError, "no lane.*laneless"),
    ]
    for scenario, error, said in bad:
        with pytest.raises(error, match=said):
            world.reset(1, scenario)
        assert world.step(Controls()).t_ns > before.t_ns
    assert world.reset(2, country(rig=BLINK)).ego == before.ego


def test_nobody_can_be_put_inside_of_another(world: DrivingWorld) -> None:
    world.reset(2, country(rig=BLINK))
    other = max(world.traffic.agents(), key=lambda agent: agent.size_m[0])
    back_m = EGO_SHAPE.axle_to_middle_m
    inside = EgoState(
        x_m=other.spot.x_m - back_m * float(np.cos(other.spot.yaw_rad)),
        y_m=other.spot.y_m - back_m * float(np.sin(other.spot.yaw_rad)),
        yaw_rad=other.spot.yaw_rad,
    )
    with pytest.raises(InputError, match=f"inside of {other.agent_id}"):
        world.traffic.put_ego(world.traffic.route, inside)
    assert world.step(Controls()).t_ns == 100_000_000


@pytest.mark.slow
def test_a_world_of_small_steps_shows_the_same_pictures_as_often(world: DrivingWorld) -> None:
    fine = DrivingWorld(step_s=0.05, truth=False)
    rig = load_rig("front", width_px=16, height_px=9, rate_hz=5.0)
    seen = fine.reset(2, country(rig=rig))
    times = [view.t_ns for view in seen.views]
    for _ in range(12):
        seen = fine.step(Controls())
        times += [view.t_ns for view in seen.views]
    fine.close()
    assert times == [0, 200_000_000, 400_000_000, 600_000_000]
    assert not seen.views[0].silhouettes
