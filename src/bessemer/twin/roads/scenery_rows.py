"""Where houses stand: rows along the streets of a town, its outskirts, lonely farms.

A town's street side is either a terrace, wall to wall and high, or detached houses behind front
gardens with a hedge, a fence or a wall.
"""

import numpy as np

from bessemer.twin.roads.scenery_houses import FACADES, House, build
from bessemer.twin.roads.scenery_site import Site, rectangle, ribbon
from bessemer.twin.roads.scenery_trees import plant_where_free
from bessemer.twin.roads.scenery_verge import Verge
from bessemer.twin.scene import Mesh

ROAD_CLEAR_M = 1.2


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
