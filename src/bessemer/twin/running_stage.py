"""The stage of a running world: what events do reaches its traffic, its cameras and its paint."""

import math
from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from bessemer.core.errors import InputError, NotFoundError
from bessemer.twin.bodies.catalogue import body_named, names_to_put
from bessemer.twin.classes import MOVING, SemanticClass
from bessemer.twin.collide import boxes_touch
from bessemer.twin.drive import EgoState
from bessemer.twin.rig import Camera, Rig
from bessemer.twin.roads.carriageway import Carriageway, Carriageways
from bessemer.twin.roads.route import lanes_beside
from bessemer.twin.roster import Placed, Rgb, Roster
from bessemer.twin.scene import Lamp
from bessemer.twin.stage import Agent, AgentKind, Spot, Thing
from bessemer.twin.traffic.traffic import Traffic

USUAL_WEAR_FRAC = 0.1

SOLID = MOVING | {SemanticClass.DEBRIS}
"""Classes of what nobody must touch."""
_BREADTH_M = 0.2
"""Longer and wider than it is, a thing still keeps off agents."""


class RunningStage:
    """What events see of a world and can change in it; see :class:`bessemer.twin.stage.Stage`.

    Args:
        traffic: Everyone else.
        roster: Gives what is put its instance id.
        rig: The ego's cameras.
        ego: Where the ego begins.
        seed: Draws what events leave open.
    """

    def __init__(
        self, traffic: Traffic, roster: Roster, rig: Rig, ego: EgoState, seed: int
    ) -> None:
        self._traffic = traffic
        self._roster = roster
        self._rig = rig
        self._rng = np.random.default_rng([seed, 0xE7E27])
        self._placed: dict[int, Placed] = {}
        self._n_put = 0
        self._across = Carriageways(traffic.network)
        self._soil: dict[str, tuple[float, float]] = {}
        self.ego = ego
        self.steps = 0
        self.worn_frac = USUAL_WEAR_FRAC

    @property
    def t_s(self) -> float:
        """Seconds since the reset."""
        return self.steps * self.step_s

    @property
    def step_s(self) -> float:
        """Seconds that one step takes."""
        return self._traffic.step_s

    @property
    def rng(self) -> np.random.Generator:
        """The only chance that an event may use."""
        return self._rng

    @property
    def placed(self) -> tuple[tuple[int, Placed], ...]:
        """All that events have on the road now, with their handles."""
        return tuple(self._placed.items())

    def agents(self) -> tuple[Agent, ...]:
        """Return all that takes part in traffic, without the ego."""
        return self._traffic.agents()

    # ------------------------------------------------------------ the road

    def ahead(self, distance_m: float, left_m: float = 0.0) -> Spot | None:
        """Return the place so far along the ego's way, and so far to its left; None if it ends."""
        route = self._traffic.route
        along, _ = route.place_of(self.ego.x_m, self.ego.y_m, near_m=self._traffic.along_m)
        if not 0.0 <= along + distance_m <= route.length_m:
            return None
        x, y, z, yaw = route.at(along + distance_m, left_m)
        return Spot(x_m=x, y_m=y, z_m=z, yaw_rad=yaw)

    def lane_width_m(self) -> float:
        """Return the width of the ego's lane."""
        return self._traffic.network.lanes[self._lane_id()].width_m

    def lanes_beside(self) -> tuple[int, int]:
        """Return how many lanes of its own direction lie left and right of the ego's."""
        left, right = lanes_beside(self._traffic.network, self._lane_id())
        return len(left), len(right)

    def carriageway(self, distance_m: float = 0.0) -> Carriageway | None:
        """Return the pavement across the road, so far along the ego's way; None in a junction."""
        route = self._traffic.route
        along, _ = route.place_of(self.ego.x_m, self.ego.y_m, near_m=self._traffic.along_m)
        if not 0.0 <= along + distance_m <= route.length_m:
            return None
        return self._across.at(*route.place_on_lane(along + distance_m))

    def wear_marks(self, worn_frac: float) -> None:
        """Let so much of the paint of lane markings be gone; 0 gives back what there was."""
        self.worn_frac = worn_frac if worn_frac > 0 else USUAL_WEAR_FRAC

    # ------------------------------------------------------------ things

    def bodies(self) -> tuple[str, ...]:
        """Return the names of the bodies that can be put on the road."""
        return names_to_put()

    def put(self, body: str, spot: Spot, *, tint: Rgb = (1, 1, 1), scale: Rgb = (1, 1, 1)) -> int:
        """Put a body on the road, stretched along its axes, and return its handle."""
        if body not in self.bodies():
            raise NotFoundError.among("body", body, self.bodies(), where="Stage.put")
        self._n_put += 1
        name = f"put/{self._n_put}"
        handle = self._roster.instance_of(name)
        self._placed[handle] = Placed(name=name, body=body, spot=spot, tint=tint, scale=scale)
        return handle

    def move(self, handle: int, spot: Spot, *, lamps: Lamp = Lamp.NONE) -> None:
        """Move what was put; its velocity follows from the move."""
        self._placed[handle] = replace(self._thing(handle), spot=spot, lamps=lamps)

    def remove(self, handle: int) -> None:
        """Take away what was put."""
        self._thing(handle)
        del self._placed[handle]

    def runs_into(self, handle: int, spot: Spot) -> bool:
        """Return whether what was put would run into an agent if it went on to a place."""
        placed = self._thing(handle)
        body = body_named(placed.body)
        if body.semantic not in SOLID:
            return False
        reach = [side * by + _BREADTH_M for side, by in zip(body.size_m, placed.scale, strict=True)]
        here = placed.spot
        return any(
            boxes_touch(spot, (reach[0], reach[1]), agent.spot, agent.size_m)
            and _apart_m(spot, agent.spot) < _apart_m(here, agent.spot)
            for agent in self._traffic.agents()
        )

    def makes_way(self, handle: int, velocity_mps: tuple[float, float] = (0.0, 0.0)) -> bool:
        """Return whether traffic can still brake for what was put, or is past it in time."""
        placed = self._thing(handle)
        body = body_named(placed.body)
        if body.semantic not in SOLID:
            return True
        long, wide, tall = (side * by for side, by in zip(body.size_m, placed.scale, strict=True))
        return self._traffic.can_stop_for(
            Thing(spot=placed.spot, size_m=(long, wide, tall), velocity_mps=velocity_mps)
        )

    # ------------------------------------------------------------ traffic

    def spawn(
        self, kind: AgentKind, distance_m: float, *, lanes_left: int = 0, speed_mps: float
    ) -> str | None:
        """Let an agent of the traffic appear on the ego's way; None where there is no room."""
        return self._traffic.spawn(kind, distance_m, lanes_left=lanes_left, speed_mps=speed_mps)

    def command(
        self,
        agent_id: str,
        *,
        speed_mps: float | None = None,
        lanes_left: int | None = None,
        over_s: float = 2.0,
    ) -> None:
        """Make an agent keep a speed or change lanes; with neither, let it do what it wants."""
        if speed_mps is None and lanes_left is None:
            self._traffic.release(agent_id)
        else:
            self._traffic.command(
                agent_id, speed_mps=speed_mps, lanes_left=lanes_left, over_s=over_s
            )

    def light(self, agent_id: str, lamps: Lamp) -> None:
        """Switch lamps of an agent, beside those that the traffic has on."""
        self._traffic.light(agent_id, lamps)

    # ------------------------------------------------------------ cameras

    def cameras(self) -> tuple[str, ...]:
        """Return the names of the rig's cameras."""
        return tuple(camera.name for camera in self._rig.cameras)

    def blind(self, camera: str, dirt_frac: float, glare_frac: float) -> None:
        """Soil a camera's lens, or let light flood it; ``*`` names all."""
        if camera != "*" and camera not in self.cameras():
            raise NotFoundError.among("camera", camera, self.cameras(), where="Stage.blind")
        for name in self.cameras() if camera == "*" else (camera,):
            self._soil[name] = (dirt_frac, glare_frac)

    def as_soiled(self, cameras: Iterable[Camera]) -> tuple[Camera, ...]:
        """Return cameras as they are now, with what soils them."""
        return tuple(self._soiled(camera) for camera in cameras)

    def _soiled(self, camera: Camera) -> Camera:
        dirt, glare = self._soil.get(camera.name, (0.0, 0.0))
        if dirt <= 0 and glare <= 0:
            return camera
        return replace(
            camera,
            dirt_frac=min(1.0, camera.dirt_frac + dirt),
            glare_frac=camera.glare_frac + glare,
        )

    def _thing(self, handle: int) -> Placed:
        if handle not in self._placed:
            raise InputError(
                f"Nothing with the handle {handle} is on the road.",
                where="Stage",
                fix="Take handles from `put`, and let go of those that were removed.",
            )
        return self._placed[handle]

    def _lane_id(self) -> str:
        return self._traffic.route.lane_at(self._traffic.along_m)


def _apart_m(one: Spot, other: Spot) -> float:
    """Return how far two middles are apart."""
    return math.hypot(one.x_m - other.x_m, one.y_m - other.y_m)
