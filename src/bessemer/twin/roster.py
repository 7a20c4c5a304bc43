"""Who is on the road, as the scene draws it: agents of the traffic, traffic lights, things put.

Each name keeps its instance id, body and paint as long as the world runs, so that a track in the
truth is one thing. Which body an agent gets is a hash of its name: nothing is drawn by chance here.

Shapes: n actors.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64

from bessemer.core.errors import NotFoundError
from bessemer.twin.bodies.catalogue import in_gait, pick_body, pick_tint, stretch_to
from bessemer.twin.scene import Actors, Body, Lamp
from bessemer.twin.stage import Agent, AgentKind, Spot

Rgb = tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Something that an event or the scenery put on the road.

    Attributes:
        name: Whose instance it is.
        body: Its body's name.
        spot: Where it stands.
        tint: Its paint.
        scale: Stretch along its axes.
        lamps: What shines, in the dark too: of what was put, whoever put it says so.
    """

    name: str
    body: str
    spot: Spot
    tint: Rgb = (1.0, 1.0, 1.0)
    scale: Rgb = (1.0, 1.0, 1.0)
    lamps: Lamp = Lamp.NONE


@dataclass(slots=True)
class _Row:
    """One actor, before it stands in columns."""

    body: int
    instance: int
    spot: Spot
    scale: Rgb
    tint: Rgb
    lamps: Lamp
    velocity: Rgb


class Roster:
    """Keeps who is who while a world runs, and where each was a step ago.

    Velocities are those that lead from the last step's places to these, so that poses add up to
    them; one that was not there a step ago drives along its heading, or stands.

    Args:
        bodies: The scene's bodies: those of :func:`bessemer.twin.bodies.catalogue.all_bodies`, and
            the scenery's.
        step_s: Seconds from one call of :meth:`actors` to the next.
    """

    def __init__(self, bodies: Sequence[Body], step_s: float = 0.1) -> None:
        self._step_s = step_s
        self._index = {body.name: i for i, body in enumerate(bodies)}
        self._instances: dict[str, int] = {}
        self._looks: dict[str, tuple[str, Rgb]] = {}
        self._walked_m: dict[str, float] = {}
        self._last: dict[str, Spot] = {}

    def instance_of(self, name: str) -> int:
        """Return the instance id of a name: the next free one where it has none yet."""
        return self._instances.setdefault(name, len(self._instances) + 1)

    def actors(self, agents: Sequence[Agent], placed: Sequence[Placed], *, dark: bool) -> Actors:
        """Return all of them in columns.

        Args:
            agents: The traffic.
            placed: What was put on the road.
            dark: Whether the traffic drives with its lamps on.

        Returns:
            Actors: agents first, in their order.
        """
        rows = [self._agent(agent, dark) for agent in agents]
        rows += [self._put(thing) for thing in placed]
        self._last = {one.agent_id: one.spot for one in agents}
        self._last |= {thing.name: thing.spot for thing in placed}
        if not rows:
            return Actors.none()
        return Actors(
            body=np.array([row.body for row in rows], np.int32),
            instance=np.array([row.instance for row in rows], np.int32),
            world_from_body=poses_of([row.spot for row in rows]),
            scale=np.array([row.scale for row in rows], np.float32),
            tint=np.array([row.tint for row in rows], np.float32),
            lamps=np.array([int(row.lamps) for row in rows], np.int32),
            velocity_mps=np.array([row.velocity for row in rows], np.float32),
        )

    def _body(self, owner: str, name: str, moved_m: float, speed_mps: float) -> int:
        """Return a body's index; of one that walks, in the phase of its gait."""
        walked_m = self._walked_m[owner] = self._walked_m.get(owner, 0.0) + moved_m
        found = in_gait(name, walked_m, speed_mps)
        if found not in self._index:
            raise NotFoundError.among("body", name, self._index, where="twin")
        return self._index[found]

    def _velocity(self, owner: str, spot: Spot, usual: Rgb) -> Rgb:
        """Return what leads here from a step ago; what is usual for one that was not there."""
        last = self._last.get(owner)
        if last is None:
            return usual
        return (
            (spot.x_m - last.x_m) / self._step_s,
            (spot.y_m - last.y_m) / self._step_s,
            (spot.z_m - last.z_m) / self._step_s,
        )

    def _agent(self, agent: Agent, dark: bool) -> _Row:
        if agent.agent_id not in self._looks:
            body = pick_body(agent.kind, agent.size_m, agent.agent_id)
            self._looks[agent.agent_id] = (body, pick_tint(agent.kind, agent.agent_id))
        name, tint = self._looks[agent.agent_id]
        driven = agent.kind is not AgentKind.PEDESTRIAN
        yaw = agent.spot.yaw_rad
        ahead = (float(np.cos(yaw)) * agent.speed_mps, float(np.sin(yaw)) * agent.speed_mps, 0.0)
        velocity = self._velocity(agent.agent_id, agent.spot, ahead)
        moved_m = float(np.hypot(*velocity[:2])) * self._step_s
        return _Row(
            body=self._body(agent.agent_id, name, moved_m, agent.speed_mps),
            instance=self.instance_of(agent.agent_id),
            spot=agent.spot,
            scale=stretch_to(name, agent.size_m),
            tint=tint,
            lamps=agent.lamps | Lamp.HEAD | Lamp.TAIL if dark and driven else agent.lamps,
            velocity=velocity,
        )

    def _put(self, thing: Placed) -> _Row:
        velocity = self._velocity(thing.name, thing.spot, (0.0, 0.0, 0.0))
        speed = float(np.hypot(*velocity[:2]))
        body = self._body(thing.name, thing.body, speed * self._step_s, speed)
        return _Row(
            body=body,
            instance=self.instance_of(thing.name),
            spot=thing.spot,
            scale=thing.scale,
            tint=thing.tint,
            lamps=thing.lamps,
            velocity=velocity,
        )


def poses_of(spots: Sequence[Spot]) -> Float32[np.ndarray, "n 4 4"]:
    """Return the transforms ``world_from_body`` of things that stand upright on spots."""
    poses = np.tile(np.eye(4, dtype=np.float32), (len(spots), 1, 1))
    yaw = np.array([spot.yaw_rad for spot in spots], np.float64)
    poses[:, 0, 0] = poses[:, 1, 1] = np.cos(yaw)
    poses[:, 1, 0] = np.sin(yaw)
    poses[:, 0, 1] = -poses[:, 1, 0]
    poses[:, :3, 3] = np.array([(spot.x_m, spot.y_m, spot.z_m) for spot in spots]).reshape(-1, 3)
    return poses


def between(before: Actors, now: Actors, frac: float) -> Actors:
    """Return where actors were between two steps.

    Args:
        before: At the step before.
        now: At this step.
        frac: 0 for ``before``, 1 for ``now``.

    Returns:
        The actors of ``now``; those that were there before stand on the way between.
    """
    if frac >= 1.0 or not len(before.instance):
        return now
    row_of = {int(instance): i for i, instance in enumerate(before.instance)}
    both = [(i, row_of[int(k)]) for i, k in enumerate(now.instance) if int(k) in row_of]
    if not both:
        return now
    here, there = (np.array(column) for column in zip(*both, strict=True))
    poses = now.world_from_body.copy()
    poses[here] = _pose_between(before.world_from_body[there], poses[here], frac)
    return Actors(
        body=now.body,
        instance=now.instance,
        world_from_body=poses,
        scale=now.scale,
        tint=now.tint,
        lamps=now.lamps,
        velocity_mps=now.velocity_mps,
    )


def _pose_between(
    before: Float32[np.ndarray, "n 4 4"], now: Float32[np.ndarray, "n 4 4"], frac: float
) -> Float32[np.ndarray, "n 4 4"]:
    """Return upright poses between two: straight in place, the short way round in heading."""
    poses = now.copy()
    was: Float64[np.ndarray, " n"] = np.arctan2(before[:, 1, 0], before[:, 0, 0])
    turned = np.arctan2(now[:, 1, 0], now[:, 0, 0]) - was
    yaw = was + frac * (np.mod(turned + np.pi, 2 * np.pi) - np.pi)
    poses[:, 0, 0] = poses[:, 1, 1] = np.cos(yaw)
    poses[:, 1, 0] = np.sin(yaw)
    poses[:, 0, 1] = -poses[:, 1, 0]
    poses[:, :3, 3] = before[:, :3, 3] + frac * (now[:, :3, 3] - before[:, :3, 3])
    return poses
