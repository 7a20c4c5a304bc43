"""What one event has on the road: it keeps count, so that all is cleaned up when it is over."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from bessemer.twin.drive import EgoState
from bessemer.twin.events.shapes import Shapes
from bessemer.twin.scene import Lamp
from bessemer.twin.stage import Agent, AgentKind, Spot, Stage

Script = Iterator[None]
"""What happens, as a generator: what stands between two ``yield`` takes one step of the world."""

Tint = tuple[float, float, float]
"""Paint or cloth, linear RGB."""

_PAINTS: tuple[Tint, ...] = (
    (0.75, 0.75, 0.75),
    (0.35, 0.36, 0.38),
    (0.04, 0.04, 0.05),
    (0.05, 0.09, 0.25),
    (0.40, 0.03, 0.03),
    (0.10, 0.16, 0.10),
    (0.55, 0.48, 0.35),
)


_ACROSS_M = (2.2, 1.6)  # what a vehicle and a person need to pass beside something
_BEYOND_JUNCTION_M = 35.0

_USUAL_SIZE_M = (4.6, 1.8, 1.5)
_ARRIVES_S = 1.0  # an agent that is not on the road by then found no place there


class NoFitError(Exception):
    """An event does not fit where the ego is, or cannot go on; never leaves this package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What belongs to an event.

    Attributes:
        handles: Instance ids of what it put on the road.
        agent_ids: Agents of the traffic that it speaks to.
    """

    handles: tuple[int, ...] = ()
    agent_ids: tuple[str, ...] = ()


class Cast:
    """A stage, as one event uses it.

    What cannot be had (a place beyond the end of the road, a body that nobody made, room for a
    car) ends the event: at its begin that means that it does not fit here.

    Args:
        stage: The running world.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self._handles: list[int] = []
        self._moved: dict[int, tuple[Spot, Lamp]] = {}
        self._moving: dict[int, tuple[Spot, Lamp]] = {}
        self._agent_ids: list[str] = []
        self._newcomers: dict[str, tuple[float, Agent]] = {}
        self._orders: list[tuple[str, Callable[[], None]]] = []
        self._soiled: set[str] = set()
        self._worn = False

    @property
    def ego(self) -> EgoState:
        """The ego, now."""
        return self.stage.ego

    @property
    def rng(self) -> np.random.Generator:
        """The only chance."""
        return self.stage.rng

    @property
    def lane_m(self) -> float:
        """Width of the ego's lane."""
        return self.stage.lane_width_m()

    @property
    def subject(self) -> Subject:
        """What belongs to the event now."""
        return Subject(handles=tuple(self._handles), agent_ids=tuple(self._agent_ids))

    # ------------------------------------------------------------ places

    def ahead(self, distance_m: float, left_m: float = 0.0) -> Spot:
        """Return a place along the ego's way, which must go on that far."""
        spot = self.stage.ahead(distance_m, left_m)
        if spot is None:
            raise NoFitError(f"the way ends before {distance_m:.0f} m")
        return spot

    def in_s(self, lead_s: float, at_least_m: float = 30.0) -> float:
        """Return how far the ego comes in so many seconds: the same scene at any speed."""
        return max(self.ego.speed_mps * lead_s, at_least_m)

    def edge_m(self, side: int, beyond_m: float = 0.0) -> float:
        """Return how far left of the ego's lane an edge of the road lies: the left one for +1.

        Lanes against the ego's direction belong to it, where nothing lies between.
        """
        left, right = self.stage.lanes_beside()
        if side > 0:
            return (left + 0.5 + self.lanes_against) * self.lane_m + beyond_m
        return -((right + 0.5) * self.lane_m + beyond_m)

    @property
    def lanes_against(self) -> int:
        """How many lanes lead the other way, right beside those of the ego's direction."""
        here = self.stage.carriageway() or self.stage.carriageway(_BEYOND_JUNCTION_M)
        return here.against if here else 0

    def oncoming_m(self) -> float:
        """Return how far left of the ego's lane the nearest lane lies that leads the other way."""
        if not self.lanes_against:
            raise NoFitError("nobody comes the other way here")
        return (self.stage.lanes_beside()[0] + 1) * self.lane_m

    def is_free(self, left_m: float, from_m: float, to_m: float) -> bool:
        """Return whether there is no traffic so far left, between two distances ahead."""
        return not any(
            from_m < self.gap_m(agent.spot) < to_m
            and abs(self.left_m(agent.spot) - left_m) < 0.5 * self.lane_m
            for agent in self.stage.agents()
        )

    def lane_beside(self, side: int) -> int:
        """Return ``side`` where a lane of the ego's direction lies there, else the other side."""
        left, right = self.stage.lanes_beside()
        if left + right == 0:
            raise NoFitError("there is one lane only")
        return side if (left if side > 0 else right) else -side

    def gap_m(self, spot: Spot) -> float:
        """Return how far a place lies ahead of the ego, along its heading."""
        dx, dy = spot.x_m - self.ego.x_m, spot.y_m - self.ego.y_m
        return float(dx * np.cos(self.ego.yaw_rad) + dy * np.sin(self.ego.yaw_rad))

    def left_m(self, spot: Spot) -> float:
        """Return how far a place lies to the ego's left."""
        dx, dy = spot.x_m - self.ego.x_m, spot.y_m - self.ego.y_m
        return float(dy * np.cos(self.ego.yaw_rad) - dx * np.sin(self.ego.yaw_rad))

    def due_s(self, spot: Spot) -> float:
        """Return when the ego will be at a place, as fast as it is now."""
        speed = self.ego.speed_mps
        return self.gap_m(spot) / speed if speed > 0.3 else float("inf")

    # ------------------------------------------------------------ things

    def body(self, shapes: Shapes) -> str:
        """Draw a body of those that exist."""
        there = set(self.stage.bodies())
        found = [name for name in shapes if name in there]
        if not found:
            raise NoFitError(f"there is no body {shapes[0]}")
        return found[int(self.rng.integers(len(found)))]

    def put(
        self,
        shapes: Shapes,
        spot: Spot,
        *,
        tint: Tint = (1.0, 1.0, 1.0),
        scale: tuple[float, float, float] = (1.0, 1.0, 1.0),
        clear_m: float = 4.0,
        speed_mps: float = 0.0,
    ) -> int:
        """Put one of some bodies on a place without traffic, and return its handle.

        ``clear_m`` is asked for along the place's heading, and a lane's half at most across it:
        who drives past does not stand in the way. Whoever drives towards it must be able to brake
        for it, as fast as it is there along the place's heading; with ``clear_m`` 0 nobody is
        asked.
        """
        cos, sin = np.cos(spot.yaw_rad), np.sin(spot.yaw_rad)
        for agent in self.stage.agents():
            dx, dy = agent.spot.x_m - spot.x_m, agent.spot.y_m - spot.y_m
            across_m = min(clear_m, _ACROSS_M[agent.kind is AgentKind.PEDESTRIAN])
            if abs(dx * cos + dy * sin) < clear_m and abs(dy * cos - dx * sin) < across_m:
                raise NoFitError("traffic stands in the way")
        handle = self.stage.put(self.body(shapes), spot, tint=tint, scale=scale)
        self._handles.append(handle)
        going = (float(speed_mps * cos), float(speed_mps * sin))
        if clear_m > 0 and not self.stage.makes_way(handle, going):
            self.remove(handle)
            raise NoFitError("traffic could not stop for it")
        return handle

    def may_go(self, handle: int, speed_mps: float, yaw_rad: float) -> bool:
        """Return whether what was put may go on so: traffic can stop for it, or it must leave."""
        going = (float(speed_mps * np.cos(yaw_rad)), float(speed_mps * np.sin(yaw_rad)))
        return self.stage.makes_way(handle, going) or not self.stage.makes_way(handle)

    def move(self, handle: int, spot: Spot, lamps: Lamp = Lamp.NONE) -> None:
        """Move what was put."""
        self._moving[handle] = (spot, lamps)
        self.stage.move(handle, spot, lamps=lamps)

    def settle(self) -> None:
        """End a step: what moved in the last one and not in this stands still now.

        Agents that have arrived on the road since the last step get their orders.
        """
        self._give_orders()
        for handle, (spot, lamps) in self._moved.items():
            if handle not in self._moving and handle in self._handles:
                self.stage.move(handle, spot, lamps=lamps)
        self._moved, self._moving = self._moving, {}

    def remove(self, handle: int) -> None:
        """Take away what was put, before the event is over."""
        self._handles.remove(handle)
        self.stage.remove(handle)

    def paint(self) -> Tint:
        """Draw the paint of a car."""
        return _PAINTS[int(self.rng.integers(len(_PAINTS)))]

    def cloth(self, brightness: float = 1.0) -> Tint:
        """Draw the colour of clothes."""
        red, green, blue = self.rng.uniform(0.05, 0.75, 3) * brightness
        return float(red), float(green), float(blue)

    # ------------------------------------------------------------ traffic

    def spawn(
        self, kind: AgentKind, distance_m: float, speed_mps: float, lanes_left: int = 0
    ) -> str:
        """Let an agent appear that belongs to the event."""
        agent_id = self.stage.spawn(
            kind, distance_m, lanes_left=lanes_left, speed_mps=max(speed_mps, 0.0)
        )
        if agent_id is None:
            raise NoFitError("there is no room for an agent")
        self._agent_ids.append(agent_id)
        self._newcomers[agent_id] = (
            self.stage.t_s,
            Agent(
                agent_id=agent_id,
                kind=kind,
                spot=self.ahead(distance_m, lanes_left * self.lane_m),
                speed_mps=max(speed_mps, 0.0),
                size_m=_USUAL_SIZE_M,
            ),
        )
        return agent_id

    def leader(self, gap_m: float, kind: AgentKind = AgentKind.CAR) -> str:
        """Return whoever leads the ego within 1.5 gaps; else let one appear."""
        for agent in sorted(self.stage.agents(), key=lambda agent: self.gap_m(agent.spot)):
            near = 8.0 < self.gap_m(agent.spot) < 1.5 * gap_m
            same_lane = abs(self.left_m(agent.spot)) < 0.3 * self.lane_m
            along = np.cos(agent.spot.yaw_rad - self.ego.yaw_rad) > 0.9
            if near and same_lane and along and agent.kind is kind:
                self._agent_ids.append(agent.agent_id)
                return agent.agent_id
        return self.spawn(kind, gap_m, self.ego.speed_mps)

    def agent(self, agent_id: str) -> Agent:
        """Return an agent as it is now; the event is over once it has left.

        One that was to appear and is not on the road yet is where it was to appear.
        """
        found = self._on_road(agent_id)
        if found is not None:
            self._newcomers.pop(agent_id, None)
            return found
        since_s, agent = self._newcomers.get(agent_id, (-_ARRIVES_S, None))
        if agent is None or self.stage.t_s - since_s >= _ARRIVES_S:
            raise NoFitError(f"{agent_id} has left")
        return agent

    def command(
        self,
        agent_id: str,
        *,
        speed_mps: float | None = None,
        lanes_left: int | None = None,
        over_s: float = 2.0,
    ) -> None:
        """Make an agent do something, while it is there, or as soon as it is."""

        def order() -> None:
            self.stage.command(agent_id, speed_mps=speed_mps, lanes_left=lanes_left, over_s=over_s)

        self._order(agent_id, order)

    def light(self, agent_id: str, lamps: Lamp) -> None:
        """Switch lamps of an agent, while it is there, or as soon as it is."""
        self._order(agent_id, lambda: self.stage.light(agent_id, lamps))

    def _on_road(self, agent_id: str) -> Agent | None:
        agents = self.stage.agents()
        return next((agent for agent in agents if agent.agent_id == agent_id), None)

    def _order(self, agent_id: str, order: Callable[[], None]) -> None:
        self.agent(agent_id)
        self._give_orders()
        if agent_id in self._newcomers:
            self._orders.append((agent_id, order))
        else:
            order()

    def _give_orders(self) -> None:
        """Tell newcomers that have arrived what they were told before, in that order."""
        if not self._orders:
            return
        there = {agent.agent_id for agent in self.stage.agents()}
        waiting = [item for item in self._orders if item[0] not in there]
        for agent_id, order in self._orders:
            if agent_id in there:
                order()
        self._orders = waiting

    # ------------------------------------------------------------ road and cameras

    def wear_marks(self, worn_frac: float) -> None:
        """Let paint of lane markings be gone."""
        self._worn = True
        self.stage.wear_marks(worn_frac)

    def blind(self, camera: str, dirt_frac: float, glare_frac: float) -> None:
        """Soil a lens, or flood it with light."""
        self._soiled.add(camera)
        self.stage.blind(camera, dirt_frac, glare_frac)

    def clean(self) -> None:
        """Take away all that was put, let agents go, and give back road and lenses."""
        for handle in self._handles:
            self.stage.remove(handle)
        there = {agent.agent_id for agent in self.stage.agents()}
        for agent_id in dict.fromkeys(self._agent_ids):
            if agent_id in there:
                self.stage.light(agent_id, Lamp.NONE)
                self.stage.command(agent_id)
        for camera in sorted(self._soiled):
            self.stage.blind(camera, 0.0, 0.0)
        if self._worn:
            self.stage.wear_marks(0.0)
        self._handles.clear()
        self._agent_ids.clear()
        self._newcomers.clear()
        self._orders.clear()
        self._soiled.clear()
        self._worn = False
