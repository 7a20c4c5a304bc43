"""A route made ready to be driven: points a metre apart, and how fast each may be passed.

The speed at a point obeys the limit, keeps sideways acceleration comfortable, and can be braked
down to the next points' speeds; at the end it is 0. All is computed once a route.
Shapes: n points, ``SPACING_M`` apart.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64

from bessemer.twin.drive import EgoState
from bessemer.twin.ego_bicycle import EGO_SHAPE
from bessemer.twin.roads.lines import distances_along
from bessemer.twin.roads.network import RoadNetwork
from bessemer.twin.roads.route import Route
from bessemer.twin.stage import Agent, Spot

SPACING_M = 1.0
_SIDEWAYS_MPS2 = 2.2
_BRAKE_MPS2 = 1.5
_TURN_RAD = 0.6
_LOOK_M = 70.0
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

    def ahead(self, along_m: float) -> Float64[np.ndarray, "k 3"]:
        """Return the points that lie between here and some 70 m ahead; two at least."""
        first = min(max(int(along_m / SPACING_M), 0), len(self.points) - 2)
        return self.points[first : first + int(_LOOK_M / SPACING_M)]

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
    things: Sequence[tuple[Spot, tuple[float, float, float]]] = (),
) -> Leader | None:
    """Return who or what comes next in the ego's way.

    Args:
        path: The way.
        along_m: How far along it the ego's rear axle is.
        others: Agents of the traffic.
        things: What stands on the road besides, with its size.

    Returns:
        The nearest whose box reaches into the strip that the ego needs; None within 70 m.
    """
    boxes = [(agent.spot, agent.size_m, agent.speed_mps) for agent in others]
    boxes += [(spot, size, 0.0) for spot, size in things]
    if not boxes:
        return None
    front = along_m + EGO_SHAPE.axle_to_front_m
    points = path.ahead(along_m)[:, :2]
    first_m = min(max(int(along_m / SPACING_M), 0), len(path.points) - 2) * SPACING_M
    place = np.array([[spot.x_m, spot.y_m] for spot, _, _ in boxes])
    near = np.linalg.norm(place - points[0], axis=1) < _LOOK_M + 10.0
    nearest: Leader | None = None
    steps = np.diff(points, axis=0)
    for i in np.flatnonzero(near):
        spot, size, speed = boxes[i]
        offset = place[i] - points[:-1]
        j = int(np.argmin((offset**2).sum(axis=1)))
        heading = float(np.arctan2(steps[j, 1], steps[j, 0]))
        across = float(offset[j, 1] * np.cos(heading) - offset[j, 0] * np.sin(heading))
        forth = float(offset[j, 0] * np.cos(heading) + offset[j, 1] * np.sin(heading))
        turned = spot.yaw_rad - heading
        cos, sin = abs(float(np.cos(turned))), abs(float(np.sin(turned)))
        half_across = size[0] / 2 * sin + size[1] / 2 * cos
        half_along = size[0] / 2 * cos + size[1] / 2 * sin
        if abs(across) - half_across > EGO_SHAPE.width_m / 2 + _MARGIN_M:
            continue
        middle = first_m + j * SPACING_M + forth
        gap = middle - half_along - front
        if middle < along_m or (nearest is not None and nearest.gap_m < gap):
            continue
        nearest = Leader(gap_m=gap, speed_mps=max(0.0, speed * float(np.cos(turned))))
    return nearest


def along_path(path: DrivePath, ego: EgoState, near_m: float) -> float:
    """Return how far along the path the ego is, near where it was a moment ago."""
    first = max(int(near_m / SPACING_M) - 20, 0)
    points = path.points[first : first + 60, :2]
    steps = np.diff(points, axis=0)
    offset = np.array([ego.x_m, ego.y_m]) - points[:-1]
    share = np.clip((offset * steps).sum(axis=1) / (steps**2).sum(axis=1), 0.0, 1.0)
    i = int(np.argmin(((offset - share[:, None] * steps) ** 2).sum(axis=1)))
    return float((first + i + share[i]) * SPACING_M)


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
