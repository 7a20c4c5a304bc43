"""A route made ready to be driven: points a metre apart, and how fast each may be passed.

The speed at a point obeys the limit, keeps sideways acceleration comfortable, and can be braked
down to the next points' speeds; at the end it is 0. All is computed once a route.
Shapes: n points, ``SPACING_M`` apart.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Bool, Float64

from bessemer.twin.ego.bicycle import EGO_SHAPE
from bessemer.twin.roads.lines import distances_along
from bessemer.twin.roads.network import RoadNetwork
from bessemer.twin.roads.route import Route
from bessemer.twin.stage import Agent, Spot, Thing

SPACING_M = 1.0
_SIDEWAYS_MPS2 = 2.2
_BRAKE_MPS2 = 1.5
_TURN_RAD = 0.6
_LOOK_M = 70.0
_FORESEEN_S = (0.0, 0.7, 1.4)
_MARGIN_M = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Leader:
    """The next thing in the ego's way.

    Attributes:
        gap_m: From the ego's front to it, along the way.
        speed_mps: Along the way, 0 at least.
    """

    gap_m: float
    speed_mps: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class DrivePath:
    """A route to drive.

    Attributes:
        points: Places, in the world.
        speed_mps: Fastest comfortable speed at each.
        turns: 1 where the way turns left in a junction, -1 to the right, 0 elsewhere.
    """

    points: Float64[np.ndarray, "n 3"]
    speed_mps: Float64[np.ndarray, " n"]
    turns: Float64[np.ndarray, " n"]

    @staticmethod
    def of(network: RoadNetwork, route: Route) -> "DrivePath":
        """Make a route ready.

        Args:
            network: Its roads.
            route: The route.

        Returns:
            The path.
        """
        known = distances_along(route.points)
        along = np.arange(0.0, float(known[-1]), SPACING_M)
        points = np.stack([np.interp(along, known, route.points[:, i]) for i in range(3)], axis=1)
        lanes = [network.lanes[route.lane_at(float(distance))] for distance in along]
        steps = np.diff(points[:, :2], axis=0)
        yaw = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
        inside = np.array([lane.inside_junction for lane in lanes])
        limit = np.array([lane.speed_limit_mps for lane in lanes])
        return DrivePath(
            points=points,
            speed_mps=_comfortable(limit, yaw),
            turns=_turns(inside, yaw),
        )

    @property
    def length_m(self) -> float:
        """How long it is."""
        return (len(self.points) - 1) * SPACING_M

    def ahead(self, along_m: float, reach_m: float = _LOOK_M) -> Float64[np.ndarray, "k 3"]:
        """Return the points that lie between here and so far ahead; two at least."""
        first = min(max(int(along_m / SPACING_M), 0), len(self.points) - 2)
        return self.points[first : first + max(2, int(reach_m / SPACING_M))]

    def speed_at(self, along_m: float) -> float:
        """Return the fastest comfortable speed so far along."""
        return float(np.interp(along_m, np.arange(len(self.points)) * SPACING_M, self.speed_mps))

    def turn_within(self, along_m: float, ahead_m: float) -> int:
        """Return the next turn between here and so far ahead: 1 left, -1 right, 0 none."""
        turns = self.turns[int(along_m / SPACING_M) : int((along_m + ahead_m) / SPACING_M) + 1]
        found = np.flatnonzero(turns)
        return int(turns[found[0]]) if len(found) else 0


def leader_ahead(
    path: DrivePath,
    along_m: float,
    others: Sequence[Agent],
    things: Sequence[Thing] = (),
    reach_m: float = _LOOK_M,
) -> Leader | None:
    """Return who or what comes next in the ego's way.

    Args:
        path: The way.
        along_m: How far along it the ego's rear axle is.
        others: Agents of the traffic.
        things: What is on the road besides; where it is about to be counts too.
        reach_m: How far ahead to look.

    Returns:
        The nearest whose box reaches into the strip that the ego needs; None within ``reach_m``.
    """
    boxes = [_as_thing(agent) for agent in others]
    boxes += [moved for thing in things for moved in _foreseen(thing)]
    if not boxes:
        return None
    front = along_m + EGO_SHAPE.axle_to_front_m
    points = path.ahead(along_m, reach_m)[:, :2]
    first_m = min(max(int(along_m / SPACING_M), 0), len(path.points) - 2) * SPACING_M
    steps = np.diff(points, axis=0)
    headings = np.arctan2(steps[:, 1], steps[:, 0])
    nearest: Leader | None = None
    for box in boxes:
        if np.hypot(box.spot.x_m - points[0, 0], box.spot.y_m - points[0, 1]) > reach_m + 10.0:
            continue
        outline = _outline(box.spot, box.size_m)
        offset = outline[:, None] - points[None, :-1]
        j = np.argmin((offset**2).sum(axis=2), axis=1)
        offset, heading = offset[np.arange(len(outline)), j], headings[j]
        cos, sin = np.cos(heading), np.sin(heading)
        across = np.abs(offset[:, 1] * cos - offset[:, 0] * sin)
        forth = first_m + j * SPACING_M + offset[:, 0] * cos + offset[:, 1] * sin
        reaching = (across < EGO_SHAPE.width_m / 2 + _MARGIN_M) & (forth > front - _MARGIN_M)
        if not reaching.any():
            continue
        i = int(np.argmin(np.where(reaching, forth, np.inf)))
        gap = float(forth[i]) - front
        if nearest is None or gap < nearest.gap_m:
            east, north = box.velocity_mps
            along = float(east * cos[i] + north * sin[i])
            nearest = Leader(gap_m=gap, speed_mps=max(0.0, along))
    return nearest


def _as_thing(agent: Agent) -> Thing:
    yaw = agent.spot.yaw_rad
    velocity = (agent.speed_mps * float(np.cos(yaw)), agent.speed_mps * float(np.sin(yaw)))
    return Thing(spot=agent.spot, size_m=agent.size_m, velocity_mps=velocity)


def _foreseen(thing: Thing) -> Iterable[Thing]:
    """Return a thing where it is, and where it is about to be: nobody walks as SUMO expects."""
    east, north = thing.velocity_mps
    times = _FORESEEN_S if np.hypot(east, north) > 0.2 else (0.0,)
    for after_s in times:
        x, y = thing.spot.x_m + after_s * east, thing.spot.y_m + after_s * north
        yield replace(thing, spot=replace(thing.spot, x_m=x, y_m=y))


def _outline(spot: Spot, size_m: tuple[float, float, float]) -> Float64[np.ndarray, "k 2"]:
    """Return points on a box's middle line and long sides, a metre apart at most."""
    count = int(np.ceil(size_m[0])) + 1
    forth = np.tile(np.linspace(-size_m[0] / 2, size_m[0] / 2, count), 3)
    left = np.repeat(np.array([-size_m[1] / 2, 0.0, size_m[1] / 2]), count)
    cos, sin = np.cos(spot.yaw_rad), np.sin(spot.yaw_rad)
    return np.stack(
        [spot.x_m + forth * cos - left * sin, spot.y_m + forth * sin + left * cos], axis=1
    )


def _comfortable(
    limit_mps: Float64[np.ndarray, " n"], yaw_rad: Float64[np.ndarray, " m"]
) -> Float64[np.ndarray, " n"]:
    bend = np.abs(np.diff(yaw_rad, prepend=yaw_rad[:1], append=yaw_rad[-1:])) / SPACING_M
    # Lanes are polylines: a bend sits in single points, and is spread over the metres around.
    bend = np.convolve(bend, np.ones(5) / 5, mode="same")[: len(limit_mps)]
    speed = np.minimum(limit_mps, np.sqrt(_SIDEWAYS_MPS2 / np.maximum(bend, 1e-6)))
    speed[-1] = 0.0
    for i in range(len(speed) - 2, -1, -1):
        speed[i] = min(speed[i], np.sqrt(speed[i + 1] ** 2 + 2 * _BRAKE_MPS2 * SPACING_M))
    return np.asarray(speed, np.float64)


def _turns(
    inside: Bool[np.ndarray, " n"], yaw_rad: Float64[np.ndarray, " m"]
) -> Float64[np.ndarray, " n"]:
    turns = np.zeros(len(inside))
    edges = np.flatnonzero(np.diff(np.concatenate([[0], inside.astype(np.int8), [0]])))
    for first, last in zip(edges[::2], edges[1::2], strict=True):
        before, after = yaw_rad[max(first - 1, 0)], yaw_rad[min(last, len(yaw_rad) - 1)]
        turned = float(after - before)
        if abs(turned) > _TURN_RAD:
            turns[first:last] = np.sign(turned)
    return turns
