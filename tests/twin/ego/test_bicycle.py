"""Laws of the kinematic bicycle."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.twin.drive import Controls, EgoState
from bessemer.twin.ego.bicycle import BicycleLimits, step_bicycle

STEERS = st.floats(-0.5, 0.5).filter(lambda steer: abs(steer) > 0.02)


@given(steer=STEERS, speed=st.floats(1.0, 20.0), step_s=st.sampled_from([0.01, 0.1, 0.5]))
def test_a_constant_steer_drives_a_circle_of_wheelbase_over_tan(
    steer: float, speed: float, step_s: float
) -> None:
    radius_m = BicycleLimits().wheelbase_m / math.tan(steer)
    state = EgoState(x_m=3, y_m=-2, yaw_rad=0.3, speed_mps=speed, steer_rad=steer)
    centre = (3 - radius_m * math.sin(0.3), -2 + radius_m * math.cos(0.3))
    for _ in range(40):
        state = step_bicycle(state, Controls(steer_rad=steer), step_s)
        away_m = math.hypot(state.x_m - centre[0], state.y_m - centre[1])
        assert away_m == pytest.approx(abs(radius_m), rel=1e-6)


@given(accel=st.floats(-7.0, 3.0), speed=st.floats(0.0, 30.0))
def test_speed_integrates_what_is_asked_and_never_falls_below_rest(
    accel: float, speed: float
) -> None:
    state = EgoState(x_m=0, y_m=0, yaw_rad=0, speed_mps=speed)
    for _ in range(20):
        state = step_bicycle(state, Controls(accel_mps2=accel), 0.1)
    assert state.speed_mps == pytest.approx(max(0.0, speed + 2.0 * accel), abs=1e-9)


@given(speed=st.floats(1.0, 30.0), brake=st.floats(2.0, 7.0), step_s=st.floats(0.02, 0.5))
def test_the_way_to_rest_is_speed_squared_over_twice_the_brake(
    speed: float, brake: float, step_s: float
) -> None:
    state = EgoState(x_m=0, y_m=0, yaw_rad=0, speed_mps=speed)
    while state.speed_mps > 0:
        state = step_bicycle(state, Controls(accel_mps2=-brake), step_s)
    assert state.x_m == pytest.approx(speed**2 / (2 * brake), rel=1e-6)


@given(steer=st.floats(-1.0, 1.0), brake=st.floats(-9.0, 0.0))
def test_what_stands_stays(steer: float, brake: float) -> None:
    state = EgoState(x_m=1, y_m=2, yaw_rad=0.5)
    for _ in range(10):
        state = step_bicycle(state, Controls(steer_rad=steer, accel_mps2=brake), 0.1)
    assert (state.x_m, state.y_m, state.yaw_rad) == (1, 2, 0.5)


@given(
    steers=st.lists(st.floats(-0.4, 0.4), min_size=5, max_size=20),
    accels=st.lists(st.floats(-3.0, 3.0), min_size=5, max_size=20),
)
def test_poses_integrate_to_velocities(steers: list[float], accels: list[float]) -> None:
    state = EgoState(x_m=0, y_m=0, yaw_rad=0, speed_mps=15.0)
    step_s = 0.005
    for steer, accel in zip(steers, accels, strict=False):
        before, state = (
            state,
            step_bicycle(state, Controls(steer_rad=steer, accel_mps2=accel), step_s),
        )
        heading = np.array([math.cos(before.yaw_rad), math.sin(before.yaw_rad)])
        moved = np.array([state.x_m - before.x_m, state.y_m - before.y_m])
        assert float(moved @ heading) / step_s == pytest.approx(before.speed_mps, abs=0.05)
        turned = (state.yaw_rad - before.yaw_rad) / step_s
        mean = (before.yaw_rate_radps + state.yaw_rate_radps) / 2
        assert turned == pytest.approx(mean, abs=0.01)


@given(asked=st.floats(-3.0, 3.0), step_s=st.floats(0.002, 0.2))
def test_wheels_turn_no_faster_and_no_further_than_they_can(asked: float, step_s: float) -> None:
    limits = BicycleLimits()
    state = EgoState(x_m=0, y_m=0, yaw_rad=0, speed_mps=5.0)
    for _ in range(30):
        before, state = state, step_bicycle(state, Controls(steer_rad=asked), step_s)
        assert abs(state.steer_rad - before.steer_rad) <= limits.steer_rate_radps * step_s + 1e-12
        assert abs(state.steer_rad) <= limits.steer_rad + 1e-12


def test_two_half_steps_are_one_step_when_nothing_changes() -> None:
    start = EgoState(x_m=0, y_m=0, yaw_rad=1.0, speed_mps=8.0, steer_rad=0.2)
    controls = Controls(steer_rad=0.2, accel_mps2=1.0)
    once = step_bicycle(start, controls, 0.2)
    twice = step_bicycle(step_bicycle(start, controls, 0.1), controls, 0.1)
    assert (once.x_m, once.y_m, once.yaw_rad) == pytest.approx(
        (twice.x_m, twice.y_m, twice.yaw_rad), abs=1e-9
    )


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_controls_that_are_no_numbers_are_refused(value: float) -> None:
    with pytest.raises(InputError, match="finite"):
        Controls(steer_rad=value)
    with pytest.raises(InputError, match="finite"):
        Controls(accel_mps2=value)


def test_a_step_without_time_and_a_car_without_brakes_are_refused() -> None:
    state = EgoState(x_m=0, y_m=0, yaw_rad=0)
    with pytest.raises(InputError, match="step takes longer"):
        step_bicycle(state, Controls(), 0.0)
    with pytest.raises(InputError, match="brakes"):
        BicycleLimits(brake_mps2=0.0)
