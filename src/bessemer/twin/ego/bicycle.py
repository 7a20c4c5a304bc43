"""The ego as a kinematic bicycle: no slip, no suspension, thousands of steps a second.

Source: Rajamani, "Vehicle Dynamics and Control", 2nd ed. 2012, section 2.2, with the reference at
the middle of the rear axle; steps follow the exact arc of the mean steering angle, so that a
constant steer drives a circle whatever the step.
Cost: O(1) time and memory a step.
"""

from dataclasses import dataclass, replace

import numpy as np

from bessemer.core.errors import InputError
from bessemer.twin.drive import Controls, EgoState


@dataclass(frozen=True, slots=True, kw_only=True)
class EgoShape:
    """The ego's box, and where its axles stand.

    Attributes:
        length_m: Bumper to bumper.
        width_m: Without mirrors.
        height_m: Ground to roof.
        wheelbase_m: Between the axles.
        rear_overhang_m: Rear axle to rear bumper.
    """

    length_m: float = 4.6
    width_m: float = 1.85
    height_m: float = 1.5
    wheelbase_m: float = 2.8
    rear_overhang_m: float = 0.95

    @property
    def axle_to_front_m(self) -> float:
        """From the rear axle to the front bumper."""
        return self.length_m - self.rear_overhang_m

    @property
    def axle_to_middle_m(self) -> float:
        """From the rear axle to the middle of the box."""
        return self.length_m / 2 - self.rear_overhang_m


EGO_SHAPE = EgoShape()
"""The ego of the twin: a car of the middle class."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BicycleLimits:
    """What the car can do, however hard the driver asks.

    Attributes:
        wheelbase_m: Between the axles.
        steer_rad: Most that the front wheels turn.
        steer_rate_radps: How fast they turn.
        accel_mps2: Hardest acceleration.
        brake_mps2: Hardest braking, above 0.
        speed_mps: Fastest.
    """

    wheelbase_m: float = EGO_SHAPE.wheelbase_m
    steer_rad: float = 0.6
    steer_rate_radps: float = 0.8
    accel_mps2: float = 3.5
    brake_mps2: float = 8.0
    speed_mps: float = 60.0

    def __post_init__(self) -> None:
        """Check that the car can be driven."""
        if not (self.wheelbase_m > 0 and 0 < self.steer_rad < np.pi / 2 and self.brake_mps2 > 0):
            raise InputError(
                "A bicycle has a wheelbase, brakes, and wheels that turn by less than a "
                "quarter circle.",
                where="BicycleLimits",
                fix="Give numbers above 0, and a steer_rad below pi/2.",
            )


def step_bicycle(
    state: EgoState, controls: Controls, step_s: float, limits: BicycleLimits | None = None
) -> EgoState:
    """Return the state after a step; the car brakes to rest and does not roll backwards.

    Args:
        state: Where the ego is now.
        controls: What the driver does, held for the whole step.
        step_s: How long, above 0.
        limits: What the car can do; those of a usual car by default.

    Returns:
        The state ``step_s`` later.

    Raises:
        InputError: If the step takes no time.

    Example:
        >>> start = EgoState(x_m=0, y_m=0, yaw_rad=0, speed_mps=10)
        >>> step_bicycle(start, Controls(), 0.5).x_m
        5.0
    """
    if not 0.0 < step_s < float("inf"):
        raise InputError(f"A step takes longer than {step_s} s.", where="step_bicycle")
    car = BicycleLimits() if limits is None else limits
    steer_rad = _turn_wheels(state.steer_rad, controls.steer_rad, step_s, car)
    accel = float(np.clip(controls.accel_mps2, -car.brake_mps2, car.accel_mps2))
    speed = float(np.clip(state.speed_mps + accel * step_s, 0.0, car.speed_mps))
    moved_m = _distance(state.speed_mps, speed, accel, step_s)
    mean_steer = (state.steer_rad + steer_rad) / 2
    turned = moved_m * float(np.tan(mean_steer)) / car.wheelbase_m
    # The chord of an arc: sin(t/2)/(t/2) times its length, in the direction of its middle.
    chord_m = moved_m * float(np.sinc(turned / (2 * np.pi)))
    middle = state.yaw_rad + turned / 2
    return replace(
        state,
        x_m=state.x_m + chord_m * float(np.cos(middle)),
        y_m=state.y_m + chord_m * float(np.sin(middle)),
        yaw_rad=float((state.yaw_rad + turned + np.pi) % (2 * np.pi) - np.pi),
        pitch_rad=0.0,
        roll_rad=0.0,
        speed_mps=speed,
        yaw_rate_radps=speed * float(np.tan(steer_rad)) / car.wheelbase_m,
        accel_mps2=(speed - state.speed_mps) / step_s,
        steer_rad=steer_rad,
    )


def _turn_wheels(now_rad: float, wanted_rad: float, step_s: float, car: BicycleLimits) -> float:
    wanted = float(np.clip(wanted_rad, -car.steer_rad, car.steer_rad))
    most = car.steer_rate_radps * step_s
    return now_rad + float(np.clip(wanted - now_rad, -most, most))


def _distance(before_mps: float, after_mps: float, accel_mps2: float, step_s: float) -> float:
    mean_m = (before_mps + after_mps) / 2 * step_s
    if after_mps > 0.0 or before_mps <= 0.0 or accel_mps2 >= 0.0:
        return mean_m
    # It comes to rest within the step, and stands for the remainder.
    return min(mean_m, before_mps**2 / (-2 * accel_mps2))
