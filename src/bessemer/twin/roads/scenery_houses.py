"""Houses: walls, roofs with a ridge or flat, doors, plinths; windows are a texture.

Shapes: k houses.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float64

from bessemer.twin.bodies.shape import box, loft
from bessemer.twin.roads.scenery_site import place
from bessemer.twin.scene import Mesh

FACADES = {
    "facade_brick": "brick",
    "facade_light": "plaster",
    "facade_grey": "plaster_grey",
    "facade_yellow": "plaster_yellow",
}
"""Walls with windows, and the same without."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """One house, before it is built.

    Attributes:
        x_m: Middle of its foot.
        y_m: North.
        z_m: Up.
        yaw_rad: Along its front, which is its right side.
        width_m: Of its front.
        depth_m: Across.
        height_m: Of its walls.
        facade: Material of its walls.
        gabled: Whether its roof has a ridge; it is flat otherwise.
        roof: Material of its roof.
    """

    x_m: float
    y_m: float
    z_m: float
    yaw_rad: float
    width_m: float
    depth_m: float
    height_m: float
    facade: str
    gabled: bool
    roof: str


@cache
def _walls(facade: str) -> Mesh:
    return _upright(box(facade, (-0.5, -0.5, 0.0), (0.5, 0.5, 1.0)))


def _upright(mesh: Mesh) -> Mesh:
    """Return a shape without its faces that look up or down, where other things hide them."""
    a, b, c = (mesh.points[mesh.triangles[:, k]] for k in range(3))
    kept = np.abs(np.cross(b - a, c - a)[:, 2]) < 1e-6
    return Mesh(points=mesh.points, triangles=mesh.triangles[kept], materials=mesh.materials[kept])


@cache
def _gable(roof: str, wall: str) -> Mesh:
    """Return a roof of size 1 whose ridge runs along x."""
    ends = np.array([[(x, -0.5, 0.0), (x, 0.5, 0.0), (x, 0.0, 1.0)] for x in (-0.5, 0.5)])
    return loft(ends, roof, lids=(wall, wall))


@cache
def _flat(roof: str) -> Mesh:
    return box(roof, (-0.5, -0.5, 0.0), (0.5, 0.5, 1.0))


def _chimney() -> Mesh:
    return _upright(box("brick", (-0.35, -0.3, -1.2), (0.35, 0.3, 1.0)))


def build(houses: list[House]) -> list[Mesh]:
    """Return the meshes of houses.

    Args:
        houses: What to build.

    Returns:
        One mesh for each combination of materials.
    """
    meshes = []
    for facade in sorted({house.facade for house in houses}):
        chosen = [house for house in houses if house.facade == facade]
        at, yaw, size = _columns(chosen)
        at[:, 2] -= 0.4
        size[:, 2] += 0.4
        meshes.append(place(_walls(facade), at, yaw, size))
        for roof in sorted({house.roof for house in chosen}):
            below = [house for house in chosen if house.roof == roof]
            gabled = [house for house in below if house.gabled]
            flat = [house for house in below if not house.gabled]
            meshes += _roofs(gabled, roof, FACADES[facade]) + _parapets(flat, roof)
    return [*meshes, *_fronts(houses)]


def _columns(
    houses: list[House],
) -> tuple[Float64[np.ndarray, "k 3"], Float64[np.ndarray, " k"], Float64[np.ndarray, "k 3"]]:
    at = np.array([(house.x_m, house.y_m, house.z_m) for house in houses]).reshape(-1, 3)
    yaw = np.array([house.yaw_rad for house in houses])
    sizes = [(house.width_m, house.depth_m, house.height_m) for house in houses]
    return at, yaw, np.array(sizes).reshape(-1, 3)


def _roofs(houses: list[House], roof: str, wall: str) -> list[Mesh]:
    at, yaw, size = _columns(houses)
    rise = 0.42 * size[:, 1]
    top = at + size[:, 2:] * [0, 0, 1]
    shape = np.stack([size[:, 0] + 0.1, size[:, 1] + 0.9, rise], axis=1)
    low = np.array([0, 0, -0.15])
    ridge = top + np.stack([np.zeros_like(rise), np.zeros_like(rise), rise], axis=1)
    along = np.stack([np.cos(yaw), np.sin(yaw), np.zeros_like(yaw)], axis=1)
    chimneys = ridge + along * (size[:, :1] * 0.25) - [0, 0, 0.4]
    return [place(_gable(roof, wall), top + low, yaw, shape), place(_chimney(), chimneys, yaw)]


def _parapets(houses: list[House], roof: str) -> list[Mesh]:
    at, yaw, size = _columns(houses)
    top = at + size[:, 2:] * [0, 0, 1]
    shape = np.stack([size[:, 0] + 0.24, size[:, 1] + 0.24, np.full(len(houses), 0.5)], axis=1)
    return [place(_flat(roof), top - [0, 0, 0.2], yaw, shape)]


def _fronts(houses: list[House]) -> list[Mesh]:
    """Return doors, and the plinths of high houses; a front is at y = -depth / 2."""
    at, yaw, size = _columns(houses)
    right = np.stack([np.sin(yaw), -np.cos(yaw), np.zeros_like(yaw)], axis=1)
    along = np.stack([np.cos(yaw), np.sin(yaw), np.zeros_like(yaw)], axis=1)
    front = at + right * size[:, 1:2] / 2
    doors = front + along * size[:, :1] * 0.28
    door = _upright(box("door", (-0.6, -0.1, -0.2), (0.6, 0.1, 2.3)))
    meshes = [place(door, doors, yaw)]
    high = size[:, 2] > 9.5
    if high.any():
        shape = np.stack([size[:, 0] + 0.02, size[:, 1] + 0.16, np.full(len(at), 0.9)], axis=1)
        plinth = _upright(box("plaster_grey", (-0.5, -0.5, -0.3), (0.5, 0.5, 0.7)))
        meshes.append(place(plinth, at[high], yaw[high], shape[high]))
        meshes.append(_shops(front[high], yaw[high], size[high]))
    return meshes


def _shops(
    front: Float64[np.ndarray, "k 3"],
    yaw: Float64[np.ndarray, " k"],
    size: Float64[np.ndarray, "k 3"],
) -> Mesh:
    """Return cornices above the ground floors: they part shops from flats."""
    shape = np.stack([size[:, 0], np.full(len(yaw), 0.5), np.full(len(yaw), 0.35)], axis=1)
    cornice = box("plaster_grey", (-0.5, -0.5, 0.0), (0.5, 0.5, 1.0))
    return place(cornice, front + np.array([0, 0, 3.4]), yaw, shape)
