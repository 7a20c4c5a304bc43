"""The ego as a wheeled car in MuJoCo: suspension, friction, slip; for closed loop at 2 ms.

Source: Todorov, Erez and Tassa, "MuJoCo", IROS 2012. A rigid chassis stands on four springs and
dampers; wheels touch the ground in a point each, with an elliptic friction cone; the front wheels
steer by Ackermann's geometry, and drive; brakes are dry friction in the hubs, so that the car
stands when it stands. There is no drag, no gearbox and no slope.

Differences from :mod:`bessemer.twin.ego.bicycle` under the same gentle controls (up to 1.5 m/s2
along and 2 m/s2 across, 10 s, about 110 m): 0.3 m apart; the tests hold them below 1 m.
Cost: some 60 times faster than real time on one core.
"""

import importlib
from types import ModuleType
from typing import Any

import numpy as np

from bessemer.core.errors import InputError, MissingExtraError
from bessemer.twin.drive import Controls, EgoState
from bessemer.twin.ego.bicycle import BicycleLimits
from bessemer.twin.ego.wheeled_model import WHEELS, CarBuild, car_xml

PHYSICS_STEP_S = 0.002
"""At 5 ms the car hops on its springs."""


class WheeledEgo:
    """A car that is driven step by step; it keeps MuJoCo's state.

    Args:
        start: Where it is and how fast; it stands level.
        friction: Of tyres on the road: 0.9 dry, 0.6 wet, 0.25 on snow.
        limits: What the car can do, beside what friction lets it.

    Raises:
        InputError: If friction lies outside of (0, 2].
        MissingExtraError: If MuJoCo is not installed.

    Example:
        >>> car = WheeledEgo(EgoState(x_m=0, y_m=0, yaw_rad=0, speed_mps=10))
        >>> 4.9 < car.step(Controls(), 0.5).x_m < 5.1
        True
    """

    def __init__(
        self, start: EgoState, friction: float = 0.9, limits: BicycleLimits | None = None
    ) -> None:
        if not 0.0 < friction <= 2.0:
            raise InputError(
                f"Friction of tyres lies above 0 and up to 2, not at {friction}.",
                where="WheeledEgo",
                fix="Give 0.9 for a dry road, 0.6 for a wet one, 0.25 for snow.",
            )
        self._limits = BicycleLimits() if limits is None else limits
        self._build = CarBuild(wheelbase_m=self._limits.wheelbase_m)
        self._mujoco = _mujoco()
        self._model = self._mujoco.MjModel.from_xml_string(car_xml(self._build, friction))
        self._model.opt.timestep = PHYSICS_STEP_S
        self._data = self._mujoco.MjData(self._model)
        self._steer_rad = start.steer_rad
        self._spins = [self._model.joint(f"spin_{name}").dofadr[0] for name in WHEELS]
        self._steers = [self._model.joint(f"steer_{name}").qposadr[0] for name in WHEELS[:2]]
        self._ground_z_m = start.z_m
        self._place(start)
        self.state = self._read(start.speed_mps, PHYSICS_STEP_S)

    def step(self, controls: Controls, step_s: float) -> EgoState:
        """Drive on.

        Args:
            controls: What the driver does, held for the whole step.
            step_s: How long: a multiple of 2 ms.

        Returns:
            The state afterwards.

        Raises:
            InputError: If the step is no multiple of 2 ms.
        """
        count = round(step_s / PHYSICS_STEP_S)
        if count < 1 or abs(count * PHYSICS_STEP_S - step_s) > 1e-9:
            raise InputError(
                f"A step is a multiple of {PHYSICS_STEP_S} s, not {step_s}.", where="WheeledEgo"
            )
        before_mps = self.state.speed_mps
        for _ in range(count):
            self._steer(controls.steer_rad)
            self._drive(controls.accel_mps2)
            self._mujoco.mj_step(self._model, self._data)
        self.state = self._read(before_mps, step_s)
        return self.state

    def _place(self, start: EgoState) -> None:
        data, build = self._data, self._build
        half = start.yaw_rad / 2
        data.qpos[:3] = (start.x_m, start.y_m, build.wheel_radius_m)
        data.qpos[3:7] = (np.cos(half), 0.0, 0.0, np.sin(half))
        data.qvel[:2] = start.speed_mps * np.array([np.cos(start.yaw_rad), np.sin(start.yaw_rad)])
        data.qvel[self._spins] = start.speed_mps / build.wheel_radius_m
        data.qpos[self._steers] = self._ackermann(start.steer_rad)
        self._mujoco.mj_forward(self._model, data)

    def _steer(self, wanted_rad: float) -> None:
        limits = self._limits
        most = limits.steer_rate_radps * PHYSICS_STEP_S
        wanted = float(np.clip(wanted_rad, -limits.steer_rad, limits.steer_rad))
        self._steer_rad += float(np.clip(wanted - self._steer_rad, -most, most))
        self._data.ctrl[:2] = self._ackermann(self._steer_rad)

    def _drive(self, wanted_mps2: float) -> None:
        """Turn the acceleration that is asked for into torque on the hubs, or into brakes."""
        limits, build = self._limits, self._build
        accel = float(np.clip(wanted_mps2, -limits.brake_mps2, limits.accel_mps2))
        if self._speed() > limits.speed_mps:
            accel = min(accel, 0.0)
        torque = build.rolling_mass_kg * accel * build.wheel_radius_m
        self._data.ctrl[2:4] = max(torque, 0.0) / 2
        brake = max(-torque, 0.0)
        if accel <= 0.0 and self._speed() < 0.05:
            # A driver who does not pull away stands on the brake.
            brake = build.rolling_mass_kg * build.wheel_radius_m
        front = build.front_brake_frac
        shares = np.array([front, front, 1 - front, 1 - front]) / 2
        self._model.dof_frictionloss[self._spins] = brake * shares

    def _ackermann(self, steer_rad: float) -> tuple[float, float]:
        """Return the angles of the left and the right wheel about one centre of turning."""
        bend = float(np.tan(steer_rad)) / self._build.wheelbase_m
        half = self._build.track_m / 2
        return (
            float(np.arctan(self._build.wheelbase_m * bend / (1 - half * bend))),
            float(np.arctan(self._build.wheelbase_m * bend / (1 + half * bend))),
        )

    def _speed(self) -> float:
        heading = self._rotation()[:2, 0]
        return float(self._data.qvel[:2] @ (heading / np.linalg.norm(heading)))

    def _rotation(self) -> Any:
        rotation = np.zeros(9)
        self._mujoco.mju_quat2Mat(rotation, self._data.qpos[3:7])
        return rotation.reshape(3, 3)

    def _read(self, before_mps: float, step_s: float) -> EgoState:
        rotation = self._rotation()
        speed = self._speed()
        # Angular velocity of a free joint is the body's own; yaw turns about the world's up.
        turning = rotation @ self._data.qvel[3:6]
        return EgoState(
            x_m=float(self._data.qpos[0]),
            y_m=float(self._data.qpos[1]),
            z_m=self._ground_z_m + float(self._data.qpos[2]) - self._build.wheel_radius_m,
            yaw_rad=float(np.arctan2(rotation[1, 0], rotation[0, 0])),
            pitch_rad=float(-np.arcsin(np.clip(rotation[2, 0], -1.0, 1.0))),
            roll_rad=float(np.arctan2(rotation[2, 1], rotation[2, 2])),
            speed_mps=speed,
            yaw_rate_radps=float(turning[2]),
            accel_mps2=(speed - before_mps) / step_s,
            steer_rad=self._steer_rad,
        )


def _mujoco() -> ModuleType:
    try:
        return importlib.import_module("mujoco")
    except ImportError as error:
        raise MissingExtraError(
            "The wheeled car needs MuJoCo, which is not installed.",
            fix="Install the twin: pip install 'bessemer[twin]'.",
        ) from error
