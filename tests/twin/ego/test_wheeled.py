"""Laws of the wheeled car, and how far it parts from the bicycle."""

import math

import pytest

from bessemer.core.errors import InputError
from bessemer.twin.drive import Controls, EgoState
from bessemer.twin.ego.bicycle import BicycleLimits, step_bicycle
from bessemer.twin.ego.wheeled import WheeledEgo

DRY, WET, SNOW = 0.9, 0.6, 0.25
STEP_S = 0.1


def rolling(speed_mps: float, yaw_rad: float = 0.0) -> EgoState:
    return EgoState(x_m=2.0, y_m=-1.0, z_m=0.5, yaw_rad=yaw_rad, speed_mps=speed_mps)


def gentle(t_s: float) -> Controls:
    """A winding drive: below 1.5 m/s2 along and 2 m/s2 across at 12 m/s."""
    return Controls(
        steer_rad=0.03 * math.sin(0.8 * t_s) + 0.01, accel_mps2=1.2 * math.sin(0.9 * t_s)
    )


def stopping_way_m(friction: float, brake_mps2: float) -> float:
    car = WheeledEgo(rolling(15.0), friction)
    for _ in range(150):
        car.step(Controls(accel_mps2=-brake_mps2), STEP_S)
    assert abs(car.state.speed_mps) < 1e-3
    return car.state.x_m - 2.0


def test_what_stands_stays_level_and_still() -> None:
    car = WheeledEgo(rolling(0.0, yaw_rad=0.7))
    for _ in range(50):
        state = car.step(Controls(), STEP_S)
        assert math.hypot(state.x_m - 2.0, state.y_m + 1.0) < 1e-3
        assert abs(state.z_m - 0.5) < 5e-3
        assert max(abs(state.pitch_rad), abs(state.roll_rad)) < 1e-3
    assert state.yaw_rad == pytest.approx(0.7, abs=1e-6)


def test_it_and_the_bicycle_part_by_less_than_a_metre_in_ten_gentle_seconds() -> None:
    bicycle = rolling(10.0, yaw_rad=0.3)
    car = WheeledEgo(bicycle)
    furthest_m = 0.0
    for i in range(100):
        controls = gentle(i * STEP_S)
        bicycle = step_bicycle(bicycle, controls, STEP_S)
        wheeled = car.step(controls, STEP_S)
        apart_m = math.hypot(bicycle.x_m - wheeled.x_m, bicycle.y_m - wheeled.y_m)
        furthest_m = max(furthest_m, apart_m)
    assert math.hypot(wheeled.x_m - 2.0, wheeled.y_m + 1.0) > 80.0
    assert 0.0 < furthest_m < 1.0
    assert wheeled.speed_mps == pytest.approx(bicycle.speed_mps, abs=0.3)
    assert wheeled.yaw_rad == pytest.approx(bicycle.yaw_rad, abs=0.02)


def test_it_brakes_to_rest_dives_and_stands() -> None:
    car = WheeledEgo(rolling(12.0))
    pitches = [car.step(Controls(accel_mps2=-4.0), STEP_S).pitch_rad for _ in range(20)]
    assert max(pitches) > 0.01
    for _ in range(40):
        car.step(Controls(accel_mps2=-4.0), STEP_S)
    rest = car.state
    after = car.step(Controls(), 1.0)
    assert math.hypot(after.x_m - rest.x_m, after.y_m - rest.y_m) < 1e-3
    assert abs(after.pitch_rad) < 1e-3


@pytest.mark.parametrize("friction", [WET, SNOW])
def test_no_road_lets_it_brake_harder_than_its_friction(friction: float) -> None:
    physics_m = 15.0**2 / (2 * friction * 9.81)
    assert stopping_way_m(friction, 8.0) == pytest.approx(physics_m, rel=0.05)


def test_brakes_that_the_road_bears_give_what_is_asked_for() -> None:
    assert stopping_way_m(DRY, 3.0) == pytest.approx(15.0**2 / 6.0, rel=0.03)


def test_it_leans_out_of_a_bend_and_slides_wide_on_snow() -> None:
    turned = {}
    for friction in (DRY, SNOW):
        car = WheeledEgo(rolling(10.0), friction)
        for _ in range(40):
            state = car.step(Controls(steer_rad=0.12), STEP_S)
        turned[friction] = state
    wanted = turned[DRY].speed_mps * math.tan(0.12) / BicycleLimits().wheelbase_m
    assert turned[DRY].yaw_rate_radps == pytest.approx(wanted, rel=0.02)
    # To the left: the right side goes down.
    assert turned[DRY].roll_rad > 0.02
    assert turned[SNOW].yaw_rate_radps < 0.7 * wanted


def test_poses_integrate_to_velocities() -> None:
    car = WheeledEgo(rolling(10.0))
    for i in range(200):
        before = car.state
        after = car.step(gentle(i * 0.01), 0.01)
        heading = (math.cos(before.yaw_rad), math.sin(before.yaw_rad))
        forth = (after.x_m - before.x_m) * heading[0] + (after.y_m - before.y_m) * heading[1]
        mean = (before.speed_mps + after.speed_mps) / 2
        assert forth / 0.01 == pytest.approx(mean, abs=0.05)
        turned = (after.yaw_rad - before.yaw_rad) / 0.01
        turning = (before.yaw_rate_radps + after.yaw_rate_radps) / 2
        assert turned == pytest.approx(turning, abs=0.01)


def test_the_same_controls_give_the_same_drive() -> None:
    def drive() -> list[EgoState]:
        car = WheeledEgo(rolling(8.0), WET)
        return [car.step(gentle(i * STEP_S), STEP_S) for i in range(20)]

    assert drive() == drive()


def test_friction_and_steps_that_cannot_be_are_refused() -> None:
    with pytest.raises(InputError, match="Friction"):
        WheeledEgo(rolling(0.0), 0.0)
    with pytest.raises(InputError, match="multiple"):
        WheeledEgo(rolling(0.0)).step(Controls(), 0.005)
