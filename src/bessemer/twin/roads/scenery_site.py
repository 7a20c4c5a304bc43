"""The ground beside one network's roads, while it is being furnished.

Shapes: k places, n points of a line, p corners of a section.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float64

from bessemer.twin.bodies.shape import join, loft
from bessemer.twin.roads.network import RoadNetwork
from bessemer.twin.roads.scenery_clearance import Clearance
from bessemer.twin.roads.scenery_verge import Verge, find_verges
from bessemer.twin.scene import Mesh

WALK_CLEAR_M = 0.7
"""So far from a sidewalk's middle line nothing stands."""

STRAIGHT_M, LONGEST_M = 0.03, 60.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Site:
    """What those who furnish a scene share.

    Attributes:
        network: The roads.
        clearance: Distances from them, and what is taken.
        verges: All roadsides.
        rng: The only chance that may be used.
    """

    network: RoadNetwork
    clearance: Clearance
    verges: tuple[Verge, ...]
    rng: np.random.Generator

    @staticmethod
    def of(network: RoadNetwork, seed: int) -> "Site":
        """Return the empty site of a network."""
        clearance = Clearance(network)
        return Site(
            network=network,
            clearance=clearance,
            verges=find_verges(network, clearance),
            rng=np.random.default_rng(seed),
        )

    def is_free(self, places: Float64[np.ndarray, "k 2"], road_m: float) -> Bool[np.ndarray, " k"]:
        """Return where something may stand that keeps so far from the road."""
        clearance = self.clearance
        free: Bool[np.ndarray, " k"] = (
            (clearance.road_m(places) >= road_m)
            & (clearance.walk_m(places) >= WALK_CLEAR_M)
            & ~clearance.is_taken(places)
        )
        return free

    def take_if_free(self, places: Float64[np.ndarray, "k 2"], road_m: float) -> bool:
        """Take all of the places, unless one of them is not free."""
        if not self.is_free(places, road_m).all():
            return False
        self.clearance.take(places)
        return True

    def runs(
        self, verge: Verge, band_m: tuple[float, float], *, road_m: float, shortest_m: float
    ) -> list[tuple[float, float]]:
        """Return the stretches of a verge along which a band is free.

        Args:
            verge: The roadside.
            band_m: How far away from the road the band begins and ends.
            road_m: How far it must keep from any road.
            shortest_m: Stretches below are left out.

        Returns:
            Start and end of each along the verge, in order.
        """
        along = np.linspace(0.0, verge.length_m, max(2, int(verge.length_m) + 1))
        free = np.ones(len(along), bool)
        for out_m in np.arange(band_m[0], band_m[1] + 0.5, 0.5):
            free &= self.is_free(verge.at(along, float(out_m))[:, :2], road_m)
        bounds = np.flatnonzero(np.diff(np.concatenate([[0], free.astype(int), [0]])))
        pairs = [(along[start], along[end - 1]) for start, end in bounds.reshape(-1, 2)]
        return [(float(a), float(b)) for a, b in pairs if b - a >= shortest_m]

    def take_band(
        self, verge: Verge, span_m: tuple[float, float], band_m: tuple[float, float]
    ) -> None:
        """Take a band beside a verge."""
        along = np.arange(span_m[0], span_m[1] + 0.5, 0.5)
        for out_m in np.arange(band_m[0], band_m[1] + 0.25, 0.5):
            self.clearance.take(verge.at(along, float(out_m))[:, :2])


def rectangle(
    middle: Float64[np.ndarray, " 2"], yaw_rad: float, size_m: tuple[float, float]
) -> Float64[np.ndarray, "k 2"]:
    """Return places all over a rectangle, its border included, 0.7 m apart or less."""
    x, y = (np.linspace(-s / 2, s / 2, max(2, int(np.ceil(s / 0.7)) + 1)) for s in size_m)
    east, north = (axis.ravel() for axis in np.meshgrid(x, y))
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    turned = np.stack([cos * east - sin * north, sin * east + cos * north], axis=1)
    places: Float64[np.ndarray, "k 2"] = turned + middle
    return places


def place(
    template: Mesh,
    at: Float64[np.ndarray, "k 3"],
    yaw_rad: Float64[np.ndarray, " k"] | float = 0.0,
    scale: Float64[np.ndarray, "k 3"] | float = 1.0,
) -> Mesh:
    """Return copies of a shape, each stretched, turned about the upright, and moved.

    Args:
        template: The shape in its own frame.
        at: Where its origins come.
        yaw_rad: How far each is turned.
        scale: Stretch along the shape's own axes.

    Returns:
        All copies as one mesh.
    """
    count, corners = len(at), len(template.points)
    local = template.points[None] * np.broadcast_to(np.asarray(scale, float), (count, 3))[:, None]
    yaw = np.broadcast_to(np.asarray(yaw_rad, float), (count,))[:, None]
    cos, sin = np.cos(yaw), np.sin(yaw)
    points = np.stack(
        [
            cos * local[..., 0] - sin * local[..., 1],
            sin * local[..., 0] + cos * local[..., 1],
            local[..., 2],
        ],
        axis=2,
    )
    starts = np.arange(count, dtype=np.int32)[:, None, None] * np.int32(corners)
    return Mesh(
        points=(points + at[:, None]).reshape(-1, 3).astype(np.float32),
        triangles=(template.triangles[None] + starts).reshape(-1, 3).astype(np.int32),
        materials=np.tile(template.materials, count),
    )


def ribbon(
    material: str,
    verge: Verge,
    span_m: tuple[float, float],
    section: list[tuple[float, float]],
    *,
    sides: list[str] | None = None,
) -> Mesh:
    """Return a section drawn along a verge: a rail, a wall, a hedge, a bank of earth.

    Args:
        material: What it is made of.
        verge: What it follows.
        span_m: From where to where.
        section: Convex; away from the road and up, metres.
        sides: Materials by side of the section, where they differ.

    Returns:
        The closed mesh, with fewer knots where the verge is straight.
    """
    along = knots(verge, span_m)
    sides_m = [verge.at(along, out_m) + np.array([0, 0, up_m]) for out_m, up_m in section]
    rings = np.stack(sides_m, axis=1)
    return loft(rings, material, sides=None if sides is None else [sides] * (len(along) - 1))


def knots(verge: Verge, span_m: tuple[float, float]) -> Float64[np.ndarray, " n"]:
    """Return distances along a verge between which it is straight to a few centimetres."""
    along = np.linspace(*span_m, max(2, int((span_m[1] - span_m[0]) / 2.0) + 1))
    line = verge.at(along, 0.0)[:, :2]
    kept, last = [0], 0
    for i in range(2, len(along)):
        chord = line[i] - line[last]
        off = line[last + 1 : i] - line[last]
        apart_m = np.abs(chord[0] * off[:, 1] - chord[1] * off[:, 0]) / np.linalg.norm(chord)
        if apart_m.max() > STRAIGHT_M or along[i] - along[last] > LONGEST_M:
            kept.append(i - 1)
            last = i - 1
    return along[[*kept, len(along) - 1]]


def join_all(meshes: list[Mesh]) -> Mesh:
    """Return meshes as one, and no triangles where there are none."""
    return join(*meshes) if meshes else nothing()


def nothing() -> Mesh:
    """Return a mesh without triangles."""
    return Mesh(
        points=np.zeros((0, 3), np.float32),
        triangles=np.zeros((0, 3), np.int32),
        materials=np.zeros(0, np.int32),
    )
