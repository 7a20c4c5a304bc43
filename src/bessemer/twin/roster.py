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
from bessemer.twin.bodies.catalogue import in_gait, pick_body, pick_tint, stretch_to, walks
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


@dataclass(frozen=True, slots=True)
class _Look:
    """What of an actor stays as it is from step to step.

    Attributes:
        name: Of its body.
        body: That body's index; None for one whose body changes as it walks.
        scale: Stretch along its axes.
        tint: Its paint.
        night: Lamps that it has on in the dark.
    """

    name: str
    body: int | None
    scale: Rgb
    tint: Rgb
    night: Lamp


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
        self._looks: dict[str, _Look] = {}
        self._walked_m: dict[str, float] = {}
        self._rows: dict[str, int] = {}
        self._places: Float64[np.ndarray, "n 3"] = np.zeros((0, 3))

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
        names = [*(one.agent_id for one in agents), *(thing.name for thing in placed)]
        if not names:
            self._rows = {}
            return Actors.none()
        looks = [*map(self._look_of, agents), *map(self._look_of_thing, placed)]
        spots = [*(one.spot for one in agents), *(thing.spot for thing in placed)]
        lamps = [*(int(one.lamps) for one in agents), *(int(thing.lamps) for thing in placed)]
        if dark:
            lamps = [on | int(look.night) for on, look in zip(lamps, looks, strict=True)]
        own_mps = [one.speed_mps for one in agents]
        velocity = self._velocities(names, spots, own_mps)
        led_mps = np.hypot(velocity[:, 0], velocity[:, 1]).tolist()
        speeds = [*own_mps, *led_mps[len(agents) :]]
        bodies = [
            look.body if look.body is not None else self._in_gait(name, look.name, led, speed)
            for name, look, led, speed in zip(names, looks, led_mps, speeds, strict=True)
        ]
        return Actors(
            body=np.array(bodies, np.int32),
            instance=np.array([self.instance_of(name) for name in names], np.int32),
            world_from_body=poses_of(spots),
            scale=np.array([look.scale for look in looks], np.float32),
            tint=np.array([look.tint for look in looks], np.float32),
            lamps=np.array(lamps, np.int32),
            velocity_mps=velocity.astype(np.float32),
        )

    def _look_of(self, agent: Agent) -> _Look:
        look = self._looks.get(agent.agent_id)
        if look is None:
            name = pick_body(agent.kind, agent.size_m, agent.agent_id)
            driven = agent.kind is not AgentKind.PEDESTRIAN
            look = self._looks[agent.agent_id] = _Look(
                name,
                None if walks(name) else self._index_of(name),
                stretch_to(name, agent.size_m),
                pick_tint(agent.kind, agent.agent_id),
                Lamp.HEAD | Lamp.TAIL if driven else Lamp.NONE,
            )
        return look

    def _look_of_thing(self, thing: Placed) -> _Look:
        body = None if walks(thing.body) else self._index_of(thing.body)
        return _Look(thing.body, body, thing.scale, thing.tint, Lamp.NONE)

    def _index_of(self, name: str) -> int:
        if name not in self._index:
            raise NotFoundError.among("body", name, self._index, where="twin")
        return self._index[name]

    def _in_gait(self, owner: str, name: str, led_mps: float, speed_mps: float) -> int:
        """Return the body of one that walks, in the phase of its gait."""
        walked_m = self._walked_m[owner] = self._walked_m.get(owner, 0.0) + led_mps * self._step_s
        return self._index_of(in_gait(name, walked_m, speed_mps))

    def _velocities(
        self, names: Sequence[str], spots: Sequence[Spot], speeds_mps: Sequence[float]
    ) -> Float64[np.ndarray, "n 3"]:
        """Return what leads here from a step ago; for who was not there, its speed, where given."""
        places = np.array([(s.x_m, s.y_m, s.z_m) for s in spots], np.float64).reshape(-1, 3)
        rows = np.array([self._rows.get(name, -1) for name in names], np.int64)
        velocity = np.zeros_like(places)
        yaw = np.array([spot.yaw_rad for spot in spots[: len(speeds_mps)]], np.float64)
        velocity[: len(yaw), 0] = np.cos(yaw) * speeds_mps
        velocity[: len(yaw), 1] = np.sin(yaw) * speeds_mps
        known = rows >= 0
        velocity[known] = (places[known] - self._places[rows[known]]) / self._step_s
        self._rows, self._places = {name: i for i, name in enumerate(names)}, places
        return velocity


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
