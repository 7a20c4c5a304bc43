"""Exact truth of an instant, from the scene that was drawn and the network that it stands on.

Pixels have their truth in :class:`bessemer.twin.drive.View`. Here is what belongs to a time: boxes
of all that can move, lanes, and the ground that may be driven on, in the world's frame.

Shapes: n actors, h x w pixels.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from jaxtyping import Float64

from bessemer.core.ids import ElementId
from bessemer.core.labels import Box3d, Polyline
from bessemer.twin.classes import MOVING
from bessemer.twin.drive import Observation, View
from bessemer.twin.roads.network import Lane, LaneKind, RoadNetwork
from bessemer.twin.scene import Actors, Body

WORLD = "world"
"""Frame of all truth: east, north, up in metres."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueBox:
    """The box of one actor.

    Attributes:
        box: In the world's frame; its element id is the actor's track.
        instance: The actor's id in instance pictures.
        visible_frac: Share of its silhouette that a camera shows, for cameras whose picture it
            would touch if it stood there alone.
    """

    box: Box3d
    instance: int
    visible_frac: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueLane(Polyline):
    """The middle line of a lane, with what its points do not say.

    Attributes:
        width_m: From side to side.
        successors: The lanes that it leads to, by element id; they may lie out of truth's reach.
    """

    width_m: float
    successors: tuple[ElementId, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """All truth of one instant.

    Attributes:
        t_ns: Since the reset.
        boxes: Of all that can move, near the ego.
        lanes: Middle lines, widths and where they lead; their class is the lane's kind.
        drivable: Closed outlines, first point not repeated, of ground that a car may use.
    """

    t_ns: int
    boxes: tuple[TrueBox, ...]
    lanes: tuple[TrueLane, ...]
    drivable: tuple[Polyline, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Surveyor:
    """Computes truth over one network; what stands still is prepared once.

    Attributes:
        network: The network.
        bodies: The scene's bodies.
        range_m: How far from the ego truth reaches.
    """

    network: RoadNetwork
    bodies: Sequence[Body]
    range_m: float = 80.0

    def survey(self, seen: Observation) -> Truth:
        """Return the truth of an observation.

        Args:
            seen: What a step gave.

        Returns:
            Boxes by track id, lanes and drivable ground within ``range_m`` of the ego.
        """
        here = np.array([seen.ego.x_m, seen.ego.y_m], np.float64)
        near = [lane for lane in self._candidates(here) if self._is_near(lane, here)]
        return Truth(
            t_ns=seen.t_ns,
            boxes=self._boxes(seen, here),
            lanes=tuple(_line(seen.t_ns, lane) for lane in near),
            drivable=(
                *(_outline(seen.t_ns, lane) for lane in near if lane.kind is LaneKind.DRIVE),
                *(
                    _closed(seen.t_ns, f"junction/{area.name}", area.outline)
                    for area in self.network.junctions
                    if self._reaches(area.outline, here)
                ),
            ),
        )

    def _candidates(self, here: Float64[np.ndarray, "2"]) -> list[Lane]:
        """Return the lanes whose rectangle lies within reach: few of a network's."""
        lanes, low, high = _rectangles(self.network)
        gap = np.maximum(np.maximum(low - here, here - high), 0.0)
        rows = np.flatnonzero(np.hypot(gap[:, 0], gap[:, 1]) < self.range_m + 1.0)
        return [lanes[row] for row in rows.tolist()]

    def _reaches(self, points: Float64[np.ndarray, "n 3"], here: Float64[np.ndarray, "2"]) -> bool:
        return bool((np.linalg.norm(points[:, :2] - here, axis=1) < self.range_m).any())

    def _is_near(self, lane: Lane, here: Float64[np.ndarray, "2"]) -> bool:
        return self._reaches(lane.points, here) or bool(
            distance_to_line(lane.points, here) < self.range_m
        )

    def _boxes(self, seen: Observation, here: Float64[np.ndarray, "2"]) -> tuple[TrueBox, ...]:
        actors = seen.actors
        away = np.linalg.norm(actors.world_from_body[:, :2, 3] - here, axis=1)
        shares = visible_shares(seen.views)
        return tuple(
            TrueBox(
                box=box_of(actors, self.bodies, i, seen.t_ns),
                instance=int(actors.instance[i]),
                visible_frac=shares.get(int(actors.instance[i]), ()),
            )
            for i in np.argsort(actors.instance).tolist()
            if away[i] < self.range_m and self.bodies[actors.body[i]].semantic in MOVING
        )


@lru_cache(maxsize=4)
def _rectangles(network: RoadNetwork) -> tuple[tuple[Lane, ...], np.ndarray, np.ndarray]:
    """Return a network's lanes, and the lower left and upper right corner of each."""
    lanes = tuple(network.lanes.values())
    ends = [(lane.points[:, :2].min(axis=0), lane.points[:, :2].max(axis=0)) for lane in lanes]
    low, high = (np.array([end[i] for end in ends]).reshape(-1, 2) for i in range(2))
    return lanes, low, high


def box_of(actors: Actors, bodies: Sequence[Body], i: int, t_ns: int) -> Box3d:
    """Return the box of the ``i``-th actor in the world's frame.

    Args:
        actors: The actors.
        bodies: The scene's bodies.
        i: Which.
        t_ns: When.

    Returns:
        A box that holds the actor's body, turned as it is.
    """
    body = bodies[actors.body[i]]
    pose = actors.world_from_body[i].astype(np.float64)
    size = np.array(body.size_m) * actors.scale[i]
    center = pose[:3, 3] + pose[:3, 2] * size[2] / 2
    return Box3d(
        element_id=ElementId(f"actor/{int(actors.instance[i])}"),
        t_ns=t_ns,
        frame=WORLD,
        class_name=body.semantic.label,
        center_m=_triple(center),
        size_m=_triple(size),
        rotation_wxyz=quaternion_of(pose[:3, :3]),
        velocity_mps=_triple(actors.velocity_mps[i]),
    )


def visible_shares(views: Sequence[View]) -> Mapping[int, tuple[tuple[str, float], ...]]:
    """Return by actor which share of its silhouette each camera shows.

    Args:
        views: Pictures with their instances and silhouettes.

    Returns:
        Instance id -> (camera, share) for every camera that it would touch.
    """
    shares: dict[int, tuple[tuple[str, float], ...]] = {}
    for view in views:
        ids, counts = np.unique(view.instance, return_counts=True)
        drawn = dict(zip(ids.tolist(), counts.tolist(), strict=True))
        for instance, alone in view.silhouettes:
            share = drawn.get(instance, 0) / alone
            shares[instance] = (*shares.get(instance, ()), (view.camera, share))
    return shares


def quaternion_of(
    rotation: Float64[np.ndarray, "3 3"],
) -> tuple[float, float, float, float]:
    """Return the unit quaternion w, x, y, z of a rotation, with w at least 0.

    Args:
        rotation: Orthonormal, right-handed.

    Returns:
        The quaternion, by the largest of its four squares, so that no root comes near 0
        (Shepperd, "Quaternion from rotation matrix", 1978).
    """
    m = rotation
    trace = float(np.trace(m))
    squares = np.array([trace, m[0, 0], m[1, 1], m[2, 2]])
    k = int(np.argmax(squares))
    if k == 0:
        q = np.array([1 + trace, m[2, 1] - m[1, 2], m[0, 2] - m[2, 0], m[1, 0] - m[0, 1]])
    else:
        i = k - 1
        j, n = (i + 1) % 3, (i + 2) % 3
        q = np.zeros(4)
        q[0] = m[n, j] - m[j, n]
        q[1 + i] = 1 + 2 * m[i, i] - trace
        q[1 + j] = m[j, i] + m[i, j]
        q[1 + n] = m[n, i] + m[i, n]
    w, x, y, z = (float(value) for value in (q if q[0] >= 0 else -q))
    # Not by BLAS, which rounds as its kernel for a CPU does: poses are part of addresses.
    norm = math.sqrt(w * w + x * x + y * y + z * z)
    return w / norm, x / norm, y / norm, z / norm


def distance_to_line(points: Float64[np.ndarray, "n 3"], here: Float64[np.ndarray, "2"]) -> float:
    """Return how far a point lies from a line seen from above, metres.

    Args:
        points: The line.
        here: East and north of the point.

    Returns:
        The distance to the nearest point of the line.
    """
    start, step = points[:-1, :2], np.diff(points[:, :2], axis=0)
    squares = np.maximum((step**2).sum(axis=1), 1e-12)
    along = np.clip(((here - start) * step).sum(axis=1) / squares, 0.0, 1.0)
    return float(np.linalg.norm(start + step * along[:, None] - here, axis=1).min())


def _triple(values: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z


def _line(t_ns: int, lane: Lane) -> TrueLane:
    return TrueLane(
        element_id=_lane_element(lane.lane_id),
        t_ns=t_ns,
        frame=WORLD,
        class_name=f"{lane.kind} lane",
        points=tuple(_triple(point) for point in lane.points),
        width_m=lane.width_m,
        successors=tuple(_lane_element(name) for name in lane.successors),
    )


def _lane_element(lane_id: str) -> ElementId:
    return ElementId(f"lane/{lane_id}")


def _outline(t_ns: int, lane: Lane) -> Polyline:
    """Return the outline of a lane's surface."""
    step = np.gradient(lane.points[:, :2], axis=0)
    unit = step / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
    aside = np.zeros_like(lane.points)
    aside[:, :2] = np.stack([-unit[:, 1], unit[:, 0]], axis=1) * lane.width_m / 2
    ring = np.concatenate([lane.points + aside, (lane.points - aside)[::-1]])
    return _closed(t_ns, f"lane/{lane.lane_id}", ring)


def _closed(t_ns: int, name: str, ring: Float64[np.ndarray, "n 3"]) -> Polyline:
    return Polyline(
        element_id=ElementId(f"drivable/{name}"),
        t_ns=t_ns,
        frame=WORLD,
        class_name="drivable",
        points=tuple(_triple(point) for point in ring),
    )
