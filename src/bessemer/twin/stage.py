"""What an event of the long tail can do to a running world.

An event is written against :class:`Stage` alone, so that it runs on any network and is tested on a
five-line fake. Handles of things that an event puts on the road are the instance ids of truth.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

import numpy as np

from bessemer.twin.drive import EgoState
from bessemer.twin.roads.carriageway import Carriageway
from bessemer.twin.scene import Lamp


class AgentKind(StrEnum):
    """What takes part in traffic."""

    CAR = "car"
    TRUCK = "truck"
    BUS = "bus"
    MOTORCYCLE = "motorcycle"
    BICYCLE = "bicycle"
    PEDESTRIAN = "pedestrian"
    EMERGENCY = "emergency"


@dataclass(frozen=True, slots=True, kw_only=True)
class Spot:
    """A place on the ground and a heading: east, north, up in metres, radians from east."""

    x_m: float
    y_m: float
    z_m: float = 0.0
    yaw_rad: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """One that takes part in traffic, as the simulation has it now.

    Attributes:
        agent_id: The simulation's name for it.
        kind: What it is.
        spot: Middle of its box on the ground.
        speed_mps: Along its heading.
        size_m: Length, width, height.
        lamps: What shines.
    """

    agent_id: str
    kind: AgentKind
    spot: Spot
    speed_mps: float
    size_m: tuple[float, float, float]
    lamps: Lamp = Lamp.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class Thing:
    """What stands or moves on the road and takes no part in traffic.

    Attributes:
        spot: Middle of its box on the ground.
        size_m: Length, width, height.
        velocity_mps: East and north.
    """

    spot: Spot
    size_m: tuple[float, float, float]
    velocity_mps: tuple[float, float] = (0.0, 0.0)


@runtime_checkable
class Stage(Protocol):
    """A running world, as an event sees it."""

    @property
    def t_s(self) -> float:
        """Seconds since the reset."""

    @property
    def step_s(self) -> float:
        """Seconds that one step takes."""

    @property
    def ego(self) -> EgoState:
        """The ego."""

    @property
    def rng(self) -> np.random.Generator:
        """The only chance that an event may use."""

    def agents(self) -> tuple[Agent, ...]:
        """Return all that takes part in traffic, without the ego."""

    def ahead(self, distance_m: float, left_m: float = 0.0) -> Spot | None:
        """Return the place so far along the ego's way, and so far to its left; None if it ends.

        The way is the middle of the ego's lane, as far as its route goes; a distance below 0 lies
        behind the ego. The heading is the road's.
        """

    def lane_width_m(self) -> float:
        """Return the width of the ego's lane."""

    def lanes_beside(self) -> tuple[int, int]:
        """Return how many lanes of its own direction lie left and right of the ego's."""

    def carriageway(self, distance_m: float = 0.0) -> Carriageway | None:
        """Return the pavement across the road, so far along the ego's way.

        None inside a junction, and where the way ends.
        """

    def bodies(self) -> tuple[str, ...]:
        """Return the names of the bodies that can be put on the road."""

    def put(
        self,
        body: str,
        spot: Spot,
        *,
        tint: tuple[float, float, float] = (1, 1, 1),
        scale: tuple[float, float, float] = (1, 1, 1),
    ) -> int:
        """Put a body on the road, stretched along its axes, and return its handle."""

    def move(self, handle: int, spot: Spot, *, lamps: Lamp = Lamp.NONE) -> None:
        """Move what was put; its velocity follows from the move."""

    def remove(self, handle: int) -> None:
        """Take away what was put."""

    def runs_into(self, handle: int, spot: Spot) -> bool:
        """Return whether what was put would run into an agent if it went on to a place.

        Args:
            handle: What was put.
            spot: Where it would be next.

        Returns:
            True where an agent is nearer than a hand's breadth there, and would come nearer.
        """

    def makes_way(self, handle: int, velocity_mps: tuple[float, float] = (0.0, 0.0)) -> bool:
        """Return whether traffic can still brake for what was put, or is past it in time.

        Args:
            handle: What was put.
            velocity_mps: East and north, as it is about to move.

        Returns:
            False where one would have to brake too hard, or stands where it would run into.
        """

    def spawn(
        self, kind: AgentKind, distance_m: float, *, lanes_left: int = 0, speed_mps: float
    ) -> str | None:
        """Let an agent of the traffic appear on the ego's way; None where there is no room.

        The distance lies between the ego and the agent's middle; below 0 it appears behind.
        """

    def command(
        self,
        agent_id: str,
        *,
        speed_mps: float | None = None,
        lanes_left: int | None = None,
        over_s: float = 2.0,
    ) -> None:
        """Make an agent keep a speed, or change so many lanes to the left, whatever it wants.

        The speed is reached after ``over_s``, and so is the lane. A command without a speed and
        without lanes lets the agent do what it wants again.
        """

    def light(self, agent_id: str, lamps: Lamp) -> None:
        """Switch lamps of an agent, beside those that the traffic has on."""

    def wear_marks(self, worn_frac: float) -> None:
        """Let so much of the paint of lane markings be gone; 0 gives back what there was."""

    def cameras(self) -> tuple[str, ...]:
        """Return the names of the rig's cameras."""

    def blind(self, camera: str, dirt_frac: float, glare_frac: float) -> None:
        """Soil a camera's lens, or let light flood it; ``*`` names all.

        Both come on top of what the rig says; 0 and 0 give that back.
        """
