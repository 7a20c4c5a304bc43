"""Who is on the road, as the scene draws it: agents of the traffic, traffic lights, things put.

Each name keeps its instance id, body and paint as long as the world runs, so that a track in the
truth is one thing. Which body an agent gets is a hash of its name: nothing is drawn by chance here.

Shapes: n actors.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64

from bessemer.core.errors import InputError
from bessemer.twin.classes import SemanticClass
from bessemer.twin.scene import Actors, Body, Lamp
from bessemer.twin.stage import Agent, AgentKind, Spot

Rgb = tuple[float, float, float]

PAINTS: tuple[Rgb, ...] = (
    (0.62, 0.62, 0.62),
    (0.80, 0.80, 0.78),
    (0.30, 0.31, 0.33),
    (0.12, 0.12, 0.13),
    (0.03, 0.03, 0.035),
    (0.05, 0.09, 0.26),
    (0.42, 0.03, 0.03),
    (0.10, 0.15, 0.10),
    (0.40, 0.30, 0.16),
    (0.16, 0.28, 0.40),
)
"""Paint of cars, linear RGB: four in five are white, grey or black, as on real roads."""

CLOTHS: tuple[Rgb, ...] = (
    (0.04, 0.04, 0.05),
    (0.05, 0.07, 0.16),
    (0.30, 0.05, 0.05),
    (0.45, 0.42, 0.36),
    (0.10, 0.18, 0.09),
    (0.25, 0.25, 0.26),
    (0.50, 0.35, 0.08),
    (0.15, 0.30, 0.38),
)
"""Cloth of people, linear RGB."""

_STRIDE_M = 0.35  # a walking person's legs change place about so often


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Something that an event or the scenery put on the road.

    Attributes:
        name: Whose instance it is.
        body: Its body's name.
        spot: Where it stands.
        tint: Its paint.
        lamps: What shines.
        velocity_mps: In the world's frame.
    """

    name: str
    body: str
    spot: Spot
    tint: Rgb = (1.0, 1.0, 1.0)
    lamps: Lamp = Lamp.NONE
    velocity_mps: Rgb = (0.0, 0.0, 0.0)


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
    """Keeps who is who while a world runs.

    Args:
        bodies: The scene's bodies.
        catalogue: Names of the bodies that an agent of a kind may have.

    Raises:
        InputError: If a kind has no body that the scene holds.
    """

    def __init__(
        self, bodies: Sequence[Body], catalogue: Mapping[AgentKind, Sequence[str]]
    ) -> None:
        self._bodies = tuple(bodies)
        self._index = {body.name: i for i, body in enumerate(bodies)}
        self._choice = {
            kind: [name for name in names if self._find(name)] for kind, names in catalogue.items()
        }
        for kind, names in self._choice.items():
            if not names:
                raise InputError(
                    f"No body of the scene can be a {kind}.",
                    where="Roster",
                    fix=f"Add one of: {', '.join(catalogue[kind])}.",
                )
        self._instances: dict[str, int] = {}

    def instance_of(self, name: str) -> int:
        """Return the instance id of a name: the next free one where it has none yet."""
        return self._instances.setdefault(name, len(self._instances) + 1)

    def names(self) -> tuple[str, ...]:
        """Return the names of the bodies that can be put on the road."""
        return tuple(self._index)

    def actors(
        self, agents: Sequence[Agent], placed: Sequence[Placed], *, t_s: float, dark: bool
    ) -> Actors:
        """Return all of them in columns.

        Args:
            agents: The traffic.
            placed: What was put on the road.
            t_s: Seconds since the reset; legs move by it.
            dark: Whether vehicles drive with their lamps on.

        Returns:
            Actors: agents first, in their order.
        """
        rows = [self._agent(agent, t_s, dark) for agent in agents]
        rows += [self._put(thing, t_s, dark) for thing in placed]
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

    def _find(self, name: str) -> bool:
        return name in self._index or f"{name}/0" in self._index

    def _body(self, name: str, speed_mps: float, t_s: float) -> int:
        """Return a body's index; of one that walks, in the phase of its gait."""
        if name in self._index:
            return self._index[name]
        phases = sum(f"{name}/{k}" in self._index for k in range(8))
        if not phases:
            raise InputError(
                f"There is no body {name!r}.",
                where="twin",
                fix=f"Take one of: {', '.join(sorted(self._index))}.",
            )
        return self._index[f"{name}/{int(t_s * speed_mps / _STRIDE_M) % phases}"]

    def _agent(self, agent: Agent, t_s: float, dark: bool) -> _Row:
        draw = zlib.crc32(agent.agent_id.encode())
        names = self._choice[agent.kind]
        body = self._body(names[draw % len(names)], agent.speed_mps, t_s)
        walks = agent.kind is AgentKind.PEDESTRIAN
        tints = CLOTHS if walks or agent.kind is AgentKind.BICYCLE else PAINTS
        return _Row(
            body=body,
            instance=self.instance_of(agent.agent_id),
            spot=agent.spot,
            scale=_scale(self._bodies[body], agent.size_m),
            tint=tints[(draw >> 8) % len(tints)],
            lamps=agent.lamps if walks or not dark else agent.lamps | Lamp.HEAD | Lamp.TAIL,
            velocity=_velocity(agent.spot.yaw_rad, agent.speed_mps),
        )

    def _put(self, thing: Placed, t_s: float, dark: bool) -> _Row:
        speed = float(np.hypot(*thing.velocity_mps[:2]))
        body = self._body(thing.body, speed, t_s)
        moving = self._bodies[body].semantic in _LIT and speed > 0.1
        return _Row(
            body=body,
            instance=self.instance_of(thing.name),
            spot=thing.spot,
            scale=(1.0, 1.0, 1.0),
            tint=thing.tint,
            lamps=thing.lamps | Lamp.HEAD | Lamp.TAIL if dark and moving else thing.lamps,
            velocity=thing.velocity_mps,
        )


_LIT = frozenset(
    {SemanticClass.CAR, SemanticClass.TRUCK, SemanticClass.BUS, SemanticClass.MOTORCYCLE}
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


def _scale(body: Body, size_m: Rgb) -> Rgb:
    """Return how a body is stretched to an agent's size; by a third at most."""
    x, y, z = (
        float(np.clip(wanted / has, 0.75, 1.33))
        for wanted, has in zip(size_m, body.size_m, strict=True)
    )
    return x, y, z


def _velocity(yaw_rad: float, speed_mps: float) -> Rgb:
    return float(np.cos(yaw_rad) * speed_mps), float(np.sin(yaw_rad) * speed_mps), 0.0
