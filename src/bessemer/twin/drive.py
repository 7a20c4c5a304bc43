"""What passes between a driver and the driving world: controls go in, observations come out."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float32, Float64, Int32, UInt8

from bessemer.core.errors import InputError
from bessemer.core.ids import StreamName
from bessemer.twin.conditions import Conditions
from bessemer.twin.scene import Actors


class Indicator(StrEnum):
    """Which way a car says that it will turn."""

    OFF = "off"
    LEFT = "left"
    RIGHT = "right"
    HAZARD = "hazard"


@dataclass(frozen=True, slots=True, kw_only=True)
class Controls:
    """What a driver does.

    Attributes:
        steer_rad: Angle of the front wheels, left above 0.
        accel_mps2: Acceleration that is asked for; braking below 0.
        indicator: The stalk.
    """

    steer_rad: float = 0.0
    accel_mps2: float = 0.0
    indicator: Indicator = Indicator.OFF

    def __post_init__(self) -> None:
        """Check that the numbers are finite."""
        if not (np.isfinite(self.steer_rad) and np.isfinite(self.accel_mps2)):
            raise InputError(
                f"Controls are finite numbers, not steer {self.steer_rad} and acceleration "
                f"{self.accel_mps2}.",
                where="Controls",
                fix="Look for a division by zero in the driver.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class EgoState:
    """Where the ego is and how it moves, at the middle of its rear axle.

    Attributes:
        x_m: East.
        y_m: North.
        z_m: Up.
        yaw_rad: Heading, counter-clockwise from east.
        pitch_rad: Nose down above 0.
        roll_rad: Right side down above 0.
        speed_mps: Along the heading.
        yaw_rate_radps: Turning to the left above 0.
        accel_mps2: Along the heading.
        steer_rad: Angle of the front wheels.
    """

    x_m: float
    y_m: float
    z_m: float = 0.0
    yaw_rad: float
    pitch_rad: float = 0.0
    roll_rad: float = 0.0
    speed_mps: float = 0.0
    yaw_rate_radps: float = 0.0
    accel_mps2: float = 0.0
    steer_rad: float = 0.0

    @property
    def world_from_ego(self) -> Float64[np.ndarray, "4 4"]:
        """Its pose: yaw, then pitch, then roll."""
        cy, sy = np.cos(self.yaw_rad), np.sin(self.yaw_rad)
        cp, sp = np.cos(self.pitch_rad), np.sin(self.pitch_rad)
        cr, sr = np.cos(self.roll_rad), np.sin(self.roll_rad)
        yaw = np.array([[cy, -sy, 0.0], [sy, cy, 0.0], [0.0, 0.0, 1.0]])
        pitch = np.array([[cp, 0.0, sp], [0.0, 1.0, 0.0], [-sp, 0.0, cp]])
        roll = np.array([[1.0, 0.0, 0.0], [0.0, cr, -sr], [0.0, sr, cr]])
        pose = np.eye(4)
        pose[:3, :3] = yaw @ pitch @ roll
        pose[:3, 3] = (self.x_m, self.y_m, self.z_m)
        return pose


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class View:
    """What one camera saw, with the truth of every pixel.

    Attributes:
        camera: Which.
        t_ns: When, since the reset.
        world_from_camera: From where.
        picture: sRGB.
        depth_m: Distance along the optical axis (z); infinity where there is sky.
        semantic: :class:`~bessemer.twin.classes.SemanticClass` of each pixel.
        instance: Actor of each pixel; 0 for the ground and the sky.
        silhouettes: Actor and how many pixels it would fill if nothing stood before it, for every
            actor that would fill at least one.
    """

    camera: StreamName
    t_ns: int
    world_from_camera: Float64[np.ndarray, "4 4"]
    picture: UInt8[np.ndarray, "h w 3"]
    depth_m: Float32[np.ndarray, "h w"]
    semantic: UInt8[np.ndarray, "h w"]
    instance: Int32[np.ndarray, "h w"]
    silhouettes: tuple[tuple[int, int], ...] = ()

    def world_from_ego(
        self, ego_from_camera: Float64[np.ndarray, "4 4"]
    ) -> Float64[np.ndarray, "4 4"]:
        """Return where the ego was as the camera looked, which may be between two steps.

        Args:
            ego_from_camera: The camera's pose on the ego.

        Returns:
            The ego's pose.
        """
        return self.world_from_camera @ np.linalg.inv(ego_from_camera)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Observation:
    """What a step of the driving world gives.

    Attributes:
        t_ns: Since the reset.
        ego: The ego's state.
        views: Pictures of the cameras that looked since the last step; () between two looks.
        actors: All others near the ego, without the ego.
        conditions: Weather and light.
        signals: On-board signals by COVESA VSS name.
        events: Names of the tail events that are under way.
        collided: Whether the ego touches anything.
        done: Whether the scenario has ended.
    """

    t_ns: int
    ego: EgoState
    views: tuple[View, ...]
    actors: Actors
    conditions: Conditions
    signals: tuple[tuple[str, float], ...] = ()
    events: tuple[str, ...] = ()
    collided: bool = False
    done: bool = False
