"""The driving world as a gymnasium environment, for whoever learns to drive by trying.

Import this module only where an environment is made: it brings gymnasium, Warp and SUMO. Nothing is
registered before :func:`register_drives` is called. SUMO runs once in a process, so that
environments side by side live in a process each (``gymnasium.vector.AsyncVectorEnv``).

Shapes: k points of the way ahead; h, w of a picture.
"""

from collections.abc import Sequence
from typing import Any

import gymnasium
import numpy as np
from gymnasium import spaces
from jaxtyping import Float32, UInt8

from bessemer.core.errors import InputError
from bessemer.twin.collide import ego_middle
from bessemer.twin.conditions import Conditions
from bessemer.twin.drive import Controls, EgoState, Observation
from bessemer.twin.ego.bicycle import BicycleLimits
from bessemer.twin.gym.road import Carriageway
from bessemer.twin.rig import Rig
from bessemer.twin.rigs import load_rig
from bessemer.twin.roads.route import Route
from bessemer.twin.scenario import Dynamics, EventCall, Scenario
from bessemer.twin.world import DrivingWorld

WAY_M = tuple(float(along) for along in range(5, 55, 5))
"""How far ahead of the rear axle the points of the way lie that are told."""
PENALTY = 100.0
"""What a collision costs, and leaving the road: as much as 100 m are worth."""
NETWORKS = ("town", "motorway", "country")

_LIMITS = BicycleLimits()
_EGO = (
    ("speed_mps", _LIMITS.speed_mps),
    ("accel_mps2", 15.0),
    ("steer_rad", _LIMITS.steer_rad),
    ("yaw_rate_radps", 5.0),
    ("left_m", 50.0),
    ("turned_rad", float(np.pi)),
)
"""What ``ego`` holds, and the bounds that it is cut to."""

Seen = dict[str, UInt8[np.ndarray, "h w 3"] | Float32[np.ndarray, "..."]]


class DrivingEnv(gymnasium.Env[Seen, Float32[np.ndarray, "2"]]):
    """One drive after another, each drawn from some scenarios.

    An action is two numbers in [-1, 1]: acceleration (1 is 3.5 m/s2, -1 brakes with 8 m/s2) and
    steering (1 is 0.6 rad to the left).

    An observation holds the last picture of each camera by the camera's name (black until its first
    look); ``ego``: speed m/s, acceleration m/s2, steering rad, yaw rate rad/s, metres left of its
    way's middle, and radians that it is turned left against it; ``way``: 10 points of its way,
    every 5 m, forward and left of the rear axle.

    The reward is the metres gained along the way, of those that the speed limit allows; less 100
    where the ego touches something or leaves the carriageway, which ends the drive. A drive is cut
    off where its scenario ends, or its way.

    Args:
        scenarios: What is drawn from; all with the same rig.
        world: The world to drive in; one of its own by default.
        render_mode: ``rgb_array`` lets ``render`` return the last picture of the first camera.

    Raises:
        InputError: If there is no scenario, their rigs differ, or no such mode is known.

    Example:
        >>> ids = register_drives()
        >>> env = gymnasium.make("bessemer/country-v0", width_px=32, height_px=18)
        >>> seen, info = env.reset(seed=1)
        >>> seen["front"].shape, seen["way"].shape
        ((18, 32, 3), (10, 2))
        >>> seen, reward, terminated, truncated, info = env.step(np.array([0.5, 0.0], np.float32))
        >>> 0.0 < reward < 3.0, terminated
        (True, False)
        >>> env.close()
    """

    def __init__(
        self,
        scenarios: Sequence[Scenario],
        *,
        world: DrivingWorld | None = None,
        render_mode: str | None = None,
    ) -> None:
        _check(scenarios, render_mode)
        self.metadata = {"render_modes": ["rgb_array"], "render_fps": 10}
        self.render_mode = render_mode
        self._scenarios = tuple(scenarios)
        self._world = DrivingWorld(truth=False) if world is None else world
        self._shapes = _shapes(scenarios[0].rig)
        self._pictures: dict[str, UInt8[np.ndarray, "h w 3"]] = {}
        self._road: tuple[str, Carriageway] | None = None
        self._along_m = 0.0
        self.action_space = spaces.Box(-1.0, 1.0, (2,), np.float32)
        most = np.array([bound for _, bound in _EGO], np.float32)
        boxes: dict[str, spaces.Space[Any]] = {
            name: spaces.Box(0, 255, shape, np.uint8) for name, shape in self._shapes.items()
        }
        boxes["ego"] = spaces.Box(-most, most, dtype=np.float32)
        boxes["way"] = spaces.Box(-100.0, 100.0, (len(WAY_M), 2), np.float32)
        observations: spaces.Space[Any] = spaces.Dict(boxes)
        self.observation_space = observations

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Seen, dict[str, Any]]:
        """Begin a drive.

        Args:
            seed: Draws this drive and all that follow until the next seed.
            options: None are known.

        Returns:
            The first observation, and what is told besides.
        """
        super().reset(seed=seed)
        if options:
            raise InputError(
                f"There are no options, and so no {sorted(options)[0]!r}.", where="DrivingEnv.reset"
            )
        scenario = self._scenarios[int(self.np_random.integers(len(self._scenarios)))]
        seen = self._world.reset(int(self.np_random.integers(2**31)), scenario)
        self._pictures = {name: np.zeros(shape, np.uint8) for name, shape in self._shapes.items()}
        if self._road is None or self._road[0] != scenario.network:
            self._road = scenario.network, Carriageway(self._world.network)
        self._along_m = self._world.traffic.along_m
        return self._told(seen), self._info(seen, off_road=False)

    def step(
        self, action: Float32[np.ndarray, "2"]
    ) -> tuple[Seen, float, bool, bool, dict[str, Any]]:
        """Drive for a step of the world.

        Args:
            action: Acceleration and steering, in [-1, 1]; what lies outside is cut.

        Returns:
            Observation, reward, whether the drive ended badly, whether its time is over, and what
            is told besides.

        Raises:
            InputError: If a number is not finite, or the environment was never reset.
        """
        seen = self._world.step(_controls(action))
        traffic = self._world.traffic
        limit_mps = self._world.network.lanes[traffic.route.lane_at(self._along_m)].speed_limit_mps
        gained_m = min(traffic.along_m - self._along_m, limit_mps * self._world.step_s)
        self._along_m = traffic.along_m
        off_road = self._is_off_road(seen.ego)
        failed = seen.collided or off_road
        reward = gained_m - (PENALTY if failed else 0.0)
        return self._told(seen), reward, failed, seen.done, self._info(seen, off_road=off_road)

    def render(self) -> UInt8[np.ndarray, "h w 3"] | None:
        """Return the last picture of the first camera; None without a mode."""
        return self._pictures[next(iter(self._shapes))] if self.render_mode else None

    def close(self) -> None:
        """End the drive; closing twice does nothing."""
        self._world.close()

    def _told(self, seen: Observation) -> Seen:
        for view in seen.views:
            self._pictures[view.camera] = view.picture
        route = self._world.traffic.route
        told: Seen = {name: picture.copy() for name, picture in self._pictures.items()}
        return {**told, **_numbers(seen.ego, route, self._along_m)}

    def _is_off_road(self, ego: EgoState) -> bool:
        if self._road is None:
            return False
        middle = ego_middle(ego)
        return not self._road[1].holds(middle.x_m, middle.y_m)

    def _info(self, seen: Observation, *, off_road: bool) -> dict[str, Any]:
        return {
            "t_s": seen.t_ns / 1e9,
            "along_m": self._along_m,
            "events": seen.events,
            "collided": seen.collided,
            "off_road": off_road,
        }


def make_drive(
    network: str,
    *,
    rig: str = "front",
    width_px: int = 96,
    height_px: int = 54,
    duration_s: float = 60.0,
    density_frac: float = 0.3,
    hour: float = 12.0,
    dynamics: str = "bicycle",
    events: Sequence[str] = (),
    render_mode: str | None = None,
) -> DrivingEnv:
    """Make an environment of plain values, as ``gymnasium.make`` does.

    Args:
        network: A network's name, or the path of one.
        rig: A rig's name, or the path of one.
        width_px: Width of a picture.
        height_px: Its height.
        duration_s: When a drive ends.
        density_frac: Traffic, as a share of what the network bears.
        hour: Time of day.
        dynamics: ``bicycle``, or ``wheeled`` for a car with springs and slip.
        events: Names of tail events that happen.
        render_mode: See :class:`DrivingEnv`.

    Returns:
        The environment; its cameras look once a step.
    """
    scenario = Scenario(
        network=network,
        rig=load_rig(rig, width_px=width_px, height_px=height_px, rate_hz=10.0),
        duration_s=duration_s,
        conditions=Conditions(hour=hour),
        density_frac=density_frac,
        dynamics=Dynamics(dynamics),
        events=tuple(EventCall(name=name) for name in events),
    )
    return DrivingEnv([scenario], render_mode=render_mode)


def register_drives() -> tuple[str, ...]:
    """Let ``gymnasium.make`` know drives on the networks that ship; twice does nothing.

    Returns:
        The ids: ``bessemer/town-v0`` and so on. What :func:`make_drive` takes can be given to
        ``gymnasium.make``.
    """
    ids = tuple(f"bessemer/{network}-v0" for network in NETWORKS)
    for name, network in zip(ids, NETWORKS, strict=True):
        if name not in gymnasium.registry:
            gymnasium.register(
                name, entry_point=f"{__name__}:make_drive", kwargs={"network": network}
            )
    return ids


def _shapes(rig: Rig) -> dict[str, tuple[int, int, int]]:
    """Return the shapes of pictures by camera."""
    lenses = {camera.name: camera.calibration for camera in rig.cameras}
    return {name: (lens.height_px, lens.width_px, 3) for name, lens in lenses.items()}


def _check(scenarios: Sequence[Scenario], render_mode: str | None) -> None:
    rigs = [_shapes(scenario.rig) for scenario in scenarios]
    if not rigs or any(rig != rigs[0] for rig in rigs):
        raise InputError(
            "Rigs of its scenarios differ in their cameras." if rigs else "There is no scenario.",
            where="DrivingEnv",
            fix="Give scenarios with the same rig: observations have one shape.",
        )
    if render_mode not in (None, "rgb_array"):
        raise InputError(
            f"No render mode is named {render_mode!r}.", where="DrivingEnv", fix="Take 'rgb_array'."
        )


def _controls(action: Float32[np.ndarray, "2"]) -> Controls:
    """Return what an action means."""
    throttle, steer = (float(value) for value in np.clip(action, -1.0, 1.0))
    hardest = _LIMITS.accel_mps2 if throttle > 0 else _LIMITS.brake_mps2
    return Controls(accel_mps2=throttle * hardest, steer_rad=steer * _LIMITS.steer_rad)


def _numbers(ego: EgoState, route: Route, near_m: float) -> Seen:
    """Return the ego's state, and its way in its own frame."""
    along_m, left_m = route.place_of(ego.x_m, ego.y_m, near_m=near_m)
    yaw_rad = route.at(along_m)[3]
    turned = (ego.yaw_rad - yaw_rad + np.pi) % (2 * np.pi) - np.pi
    told = (ego.speed_mps, ego.accel_mps2, ego.steer_rad, ego.yaw_rate_radps, left_m, turned)
    most = np.array([bound for _, bound in _EGO])
    points = np.array([route.at(along_m + ahead)[:2] for ahead in WAY_M]) - (ego.x_m, ego.y_m)
    cos, sin = np.cos(ego.yaw_rad), np.sin(ego.yaw_rad)
    way = points @ np.array([[cos, -sin], [sin, cos]])
    return {
        "ego": np.clip(told, -most, most).astype(np.float32),
        "way": np.clip(way, -100.0, 100.0).astype(np.float32),
    }
