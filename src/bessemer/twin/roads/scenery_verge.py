"""Roadsides: the outer edges of a network's roads, along which everything beside them stands.

Shapes: n points, a metre apart or a little less, in the driving direction of the edge.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from bessemer.twin.roads.network import Lane, LaneKind, RoadNetwork
from bessemer.twin.roads.scenery_clearance import Clearance

OPEN_M = 0.8
"""So far beside an edge there must be no other road, or it is the middle of one."""

SHORTEST_M = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Verge:
    """One stretch of roadside, with open ground beside it.

    Attributes:
        edge_id: The edge whose side this is.
        right: Whether it is the edge's right side, seen in driving direction.
        line: Outer edge of the road, its sidewalk included.
        out: Unit vectors that point away from the road.
        speed_limit_mps: Limit of the lane for cars that lies nearest.
        walk_width_m: Width of the sidewalk; 0 where there is none.
        starts_edge: Whether the edge begins where this stretch does.
        ends_edge: Whether the edge ends where this stretch does.
    """

    edge_id: str
    right: bool
    line: Float64[np.ndarray, "n 3"]
    out: Float64[np.ndarray, "n 2"]
    speed_limit_mps: float
    walk_width_m: float
    starts_edge: bool
    ends_edge: bool

    @property
    def length_m(self) -> float:
        """Length along the road."""
        return float(np.linalg.norm(np.diff(self.line[:, :2], axis=0), axis=1).sum())

    def at(
        self, along_m: Float64[np.ndarray, " k"], out_m: Float64[np.ndarray, " k"] | float
    ) -> Float64[np.ndarray, "k 3"]:
        """Return places so far along the verge, and so far away from the road."""
        index = np.clip(along_m / self.length_m, 0.0, 1.0) * (len(self.line) - 1)
        knots = np.arange(len(self.line))
        columns = [np.interp(index, knots, column) for column in (*self.line.T, *self.out.T)]
        place = np.stack(columns[:3], axis=1)
        away = np.stack(columns[3:], axis=1)
        away /= np.maximum(np.linalg.norm(away, axis=1, keepdims=True), 1e-9)
        place[:, :2] += away * np.broadcast_to(out_m, (len(index),))[:, None]
        return place

    def yaw_rad(self, along_m: Float64[np.ndarray, " k"]) -> Float64[np.ndarray, " k"]:
        """Return the driving direction at places along the verge."""
        steps = np.diff(self.line[:, :2], axis=0)
        index = np.clip(along_m / self.length_m * len(steps), 0, len(steps) - 1).astype(int)
        yaw_rad: Float64[np.ndarray, " k"] = np.arctan2(steps[index, 1], steps[index, 0])
        return yaw_rad


def resampled(points: Float64[np.ndarray, "m 3"], step_m: float) -> Float64[np.ndarray, "n 3"]:
    """Return points evenly along a polyline, its ends included, at most ``step_m`` apart."""
    lengths = np.linalg.norm(np.diff(points[:, :2], axis=0), axis=1)
    along = np.concatenate([[0.0], np.cumsum(lengths)])
    wanted = np.linspace(0.0, along[-1], max(2, int(np.ceil(along[-1] / step_m)) + 1))
    return np.stack([np.interp(wanted, along, column) for column in points.T], axis=1)


def left_of(line: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 2"]:
    """Return the unit normals to the left of a polyline."""
    along = np.gradient(line[:, :2], axis=0)
    along /= np.maximum(np.linalg.norm(along, axis=1, keepdims=True), 1e-9)
    return np.stack([-along[:, 1], along[:, 0]], axis=1)


def find_verges(network: RoadNetwork, clearance: Clearance) -> tuple[Verge, ...]:
    """Return every stretch of roadside of a network.

    Args:
        network: The roads.
        clearance: How far every place is from them.

    Returns:
        Stretches in the order of the edges' ids, right sides before left ones.
    """
    edges: dict[str, list[Lane]] = defaultdict(list)
    for lane in network.lanes.values():
        if not lane.inside_junction:
            edges[lane.edge_id].append(lane)
    found: list[Verge] = []
    for _, lanes in sorted(edges.items()):
        lanes.sort(key=lambda lane: lane.index)
        found += _open_stretches(lanes, clearance, right=True)
        found += _open_stretches(lanes[::-1], clearance, right=False)
    return tuple(found)


def _open_stretches(lanes: list[Lane], clearance: Clearance, *, right: bool) -> list[Verge]:
    """Return where one side of an edge is open ground; ``lanes`` run from that side inwards."""
    middle = resampled(lanes[0].points, 1.0)
    out = left_of(middle) * (-1.0 if right else 1.0)
    line = middle.copy()
    line[:, :2] += out * lanes[0].width_m / 2
    is_open = clearance.road_m(line[:, :2] + out * OPEN_M) > OPEN_M / 2
    bounds = np.flatnonzero(np.diff(np.concatenate([[0], is_open.astype(int), [0]])))
    walk = lanes[0].width_m if lanes[0].kind is LaneKind.WALK else 0.0
    limits = [lane.speed_limit_mps for lane in lanes if lane.kind is LaneKind.DRIVE]
    return [
        Verge(
            edge_id=lanes[0].edge_id,
            right=right,
            line=line[start:end],
            out=out[start:end],
            speed_limit_mps=limits[0] if limits else 0.0,
            walk_width_m=walk,
            starts_edge=bool(start == 0),
            ends_edge=bool(end == len(line)),
        )
        for start, end in bounds.reshape(-1, 2)
        if end - start > SHORTEST_M
    ]
