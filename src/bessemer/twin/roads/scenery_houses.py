"""Houses: rows along the streets of a town, and lonely farms.

A town's street side is either a terrace, wall to wall and high, or detached houses behind front
gardens with a hedge, a fence or a wall. Windows are a texture.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float64

from bessemer.twin.bodies.shape import box, loft
from bessemer.twin.roads.scenery_site import Site, place, rectangle, ribbon
from bessemer.twin.roads.scenery_trees import plant_where_free
from bessemer.twin.roads.scenery_verge import Verge
from bessemer.twin.scene import Mesh

FACADES = {
    "facade_brick": "brick",
    "facade_light": "plaster",
    "facade_grey": "plaster_grey",
    "facade_yellow": "plaster_yellow",
}
"""Walls with windows, and the same without."""
ROAD_CLEAR_M = 1.2


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


def build_rows(site: Site) -> list[Mesh]:
    """Return the houses of a town, street side by street side, and what lies between them.

    Args:
        site: Where; what is built on is taken.

    Returns:
        Meshes of houses, hedges, fences, walls and garden trees.
    """
    houses: list[House] = []
    meshes: list[Mesh] = []
    for verge in site.verges:
        terrace = bool(site.rng.random() < 0.55)
        row = _row(site, verge, terrace=terrace)
        houses += row
        if not terrace:
            meshes += _front_gardens(site, verge)
    return [*build(houses), *meshes] if houses else meshes


def _row(site: Site, verge: Verge, *, terrace: bool) -> list[House]:
    """Return the houses of one street side."""
    rng, houses, along_m = site.rng, list[House](), 1.0
    setback_m = rng.uniform(0.6, 1.4) if terrace else rng.uniform(4.0, 7.0)
    storeys = int(rng.integers(3, 7))
    while along_m < verge.length_m - 6.0:
        width_m = rng.uniform(8.0, 17.0) if terrace else rng.uniform(8.0, 13.0)
        if along_m + width_m > verge.length_m + 2.0:
            width_m = verge.length_m - along_m
        house = _house(site, verge, along_m + width_m / 2, width_m, setback_m, storeys, terrace)
        if house is None:
            along_m += 1.5
            continue
        houses.append(house)
        gap_m = (
            (0.05 if rng.random() < 0.85 else rng.uniform(5, 12)) if terrace else rng.uniform(3, 8)
        )
        along_m += width_m + gap_m
    return houses


def _house(
    site: Site,
    verge: Verge,
    along_m: float,
    width_m: float,
    setback_m: float,
    storeys: int,
    terrace: bool,
) -> House | None:
    """Return a house that faces the street, and take its ground; None where there is no room."""
    rng = site.rng
    depth_m = rng.uniform(9.0, 13.0) if terrace else rng.uniform(8.0, 11.0)
    step_m = rng.uniform(0.0, 0.3) if terrace else rng.uniform(-0.8, 0.8)
    ends = verge.at(np.array([along_m - width_m / 2, along_m + width_m / 2]), 0.0)
    yaw_rad = float(np.arctan2(*(ends[1] - ends[0])[1::-1]))
    if not verge.right:
        yaw_rad += np.pi
    yaw_rad += np.pi  # the front, on the house's right, looks back at the road
    middle = verge.at(np.array([along_m]), setback_m + step_m + depth_m / 2)[0]
    ground = rectangle(middle[:2], yaw_rad, (width_m - 0.2, depth_m))
    if not site.take_if_free(ground, ROAD_CLEAR_M):
        return None
    floors = storeys + int(rng.integers(-1, 2)) if terrace else int(rng.integers(2, 4))
    gabled = bool(rng.random() < (0.4 if terrace else 0.9))
    return House(
        x_m=float(middle[0]),
        y_m=float(middle[1]),
        z_m=float(middle[2]),
        yaw_rad=yaw_rad,
        width_m=width_m,
        depth_m=depth_m,
        height_m=3.1 * max(2, floors) + 0.6,
        facade=str(rng.choice(list(FACADES))),
        gabled=gabled,
        roof=str(rng.choice(["roof_tile", "roof_slate"])) if gabled else "plaster_grey",
    )


def _front_gardens(site: Site, verge: Verge) -> list[Mesh]:
    """Return what parts front gardens from the sidewalk, with openings, and a few trees."""
    rng, meshes = site.rng, list[Mesh]()
    styles = {
        "hedge": (0.8, float(rng.uniform(1.0, 1.7))),
        "fence_wood": (0.08, 1.1),
        "brick_wall": (0.25, 0.8),
        "railing": (0.06, 1.0),
    }
    for start_m, end_m in site.runs(verge, (0.3, 1.3), road_m=0.8, shortest_m=4.0):
        at_m = start_m
        while at_m < end_m - 3.0:
            until_m = min(at_m + rng.uniform(6.0, 16.0), end_m)
            style = str(rng.choice(list(styles)))
            thick_m, high_m = styles[style]
            near, far = 0.35, 0.35 + thick_m
            section = [(near, -0.2), (far, -0.2), (far, high_m), (near, high_m)]
            meshes.append(ribbon(style, verge, (at_m, until_m), section))
            site.take_band(verge, (at_m, until_m), (near, far))
            at_m = until_m + 1.6
    count = int(verge.length_m / 30.0)
    at = verge.at(rng.uniform(2, max(3.0, verge.length_m - 2), count), rng.uniform(2.4, 4.5, count))
    meshes += plant_where_free(site, "broadleaf", at, rng.uniform(4.0, 7.5, count))
    return meshes + plant_where_free(
        site, "bush", at + np.array([0.8, 1.2, 0]), rng.uniform(0.8, 1.6, count)
    )


def build_outskirts(site: Site, count: int) -> list[Mesh]:
    """Return houses in the backyards and behind the last streets: no street ends in a meadow.

    Args:
        site: Where.
        count: How many places to try.

    Returns:
        Meshes of the houses that found room.
    """
    rng, houses = site.rng, list[House]()
    west, south, east, north = site.clearance.extent_m
    z_m = float(np.median([verge.line[0, 2] for verge in site.verges]))
    for _ in range(count):
        x_m, y_m = rng.uniform(west + 10, east - 10), rng.uniform(south + 10, north - 10)
        yaw_rad = float(rng.integers(0, 4)) * np.pi / 2 + float(rng.normal(0.0, 0.1))
        width_m, depth_m = rng.uniform(10.0, 24.0), rng.uniform(9.0, 13.0)
        ground = rectangle(np.array([x_m, y_m]), yaw_rad, (width_m + 2.0, depth_m + 2.0))
        if not site.take_if_free(ground, 5.0):
            continue
        gabled = bool(rng.random() < 0.5)
        houses.append(
            House(
                x_m=x_m,
                y_m=y_m,
                z_m=z_m,
                yaw_rad=yaw_rad,
                width_m=width_m,
                depth_m=depth_m,
                height_m=3.1 * int(rng.integers(2, 8)) + 0.6,
                facade=str(rng.choice(list(FACADES))),
                gabled=gabled,
                roof=str(rng.choice(["roof_tile", "roof_slate"])) if gabled else "plaster_grey",
            )
        )
    return build(houses) if houses else []


def build_farms(site: Site, every_m: float) -> list[Mesh]:
    """Return farmhouses with a barn each, well away from the road."""
    houses: list[House] = []
    for verge in site.verges:
        for along_m in np.arange(every_m * site.rng.uniform(0.2, 0.8), verge.length_m, every_m):
            for width_m, back_m, storeys in ((11.0, 14.0, 0), (18.0, 30.0, 0)):
                house = _house(site, verge, float(along_m), width_m, back_m, storeys, False)
                if house is not None:
                    houses.append(house)
    return build(houses) if houses else []
