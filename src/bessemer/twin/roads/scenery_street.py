"""Street furniture of a town: lamps, trees along the kerb, benches, bins, bollards.

Shapes: k things.
"""

from functools import cache

import numpy as np
from jaxtyping import Float64

from bessemer.twin.bodies.shape import box, join, tube
from bessemer.twin.roads.scenery_site import Site, place
from bessemer.twin.roads.scenery_trees import plant_where_free
from bessemer.twin.roads.scenery_verge import Verge
from bessemer.twin.scene import Mesh, StreetLamps

LAMP_EVERY_M = 30.0
BULB_OUT_M, BULB_UP_M = 1.6, 7.2
LAMP_RADIANCE = (12.0, 9.6, 6.0)


@cache
def street_lamp() -> Mesh:
    """Return a lamp whose arm reaches forward, along x."""
    return join(
        tube("pole_metal", [(0, 0, -0.3), (0, 0, 7.2)], [0.09, 0.05], corners=5),
        box("pole_metal", (-0.03, -0.03, 7.2), (1.2, 0.03, 7.28)),
        box("pole_metal", (1.1, -0.14, 7.26), (1.9, 0.14, 7.36)),
        box("street_bulb", (1.15, -0.11, 7.2), (1.85, 0.11, 7.25)),
    )


@cache
def _bench() -> Mesh:
    return join(
        box("fence_wood", (-0.25, -0.8, 0.42), (0.2, 0.8, 0.48)),
        box("fence_wood", (-0.3, -0.8, 0.48), (-0.24, 0.8, 0.9)),
        box("pole_metal", (-0.25, -0.7, -0.2), (0.15, -0.62, 0.42)),
        box("pole_metal", (-0.25, 0.62, -0.2), (0.15, 0.7, 0.42)),
    )


@cache
def _bin() -> Mesh:
    return tube("railing", [(0, 0, -0.2), (0, 0, 0.85)], [0.2, 0.24], corners=7)


@cache
def _bollard() -> Mesh:
    return join(
        tube("railing", [(0, 0, -0.2), (0, 0, 0.75)], [0.08, 0.08], corners=5),
        tube("sign_white", [(0, 0, 0.75), (0, 0, 0.95)], [0.085, 0.06], corners=5),
    )


def facing_road(verge: Verge, along_m: Float64[np.ndarray, " k"]) -> Float64[np.ndarray, " k"]:
    """Return the heading from places on a verge straight to the road."""
    return verge.yaw_rad(along_m) + (np.pi / 2 if verge.right else -np.pi / 2)


def build_lamps(site: Site, verges: tuple[Verge, ...], out_m: float) -> tuple[Mesh, StreetLamps]:
    """Return street lamps along verges, the two sides of a road taking turns.

    Args:
        site: Where.
        verges: Roadsides that are lit.
        out_m: How far from the road's edge the poles stand.

    Returns:
        The lamps, and where their light comes from.
    """
    poles: list[Float64[np.ndarray, " 3"]] = []
    yaws: list[float] = []
    for verge in verges:
        along = np.arange(min(6.0, verge.length_m / 2), verge.length_m, 3.0)
        at, yaw = verge.at(along, out_m), facing_road(verge, along)
        free = site.is_free(at[:, :2], 0.4)
        last_m = -np.inf
        for i in np.flatnonzero(free):
            if along[i] - last_m < 2 * LAMP_EVERY_M - 3.0:
                continue
            if poles and np.linalg.norm(np.array(poles) - at[i], axis=1).min() < LAMP_EVERY_M - 4:
                continue
            poles.append(at[i])
            yaws.append(float(yaw[i]))
            last_m = along[i]
    if not poles:
        return place(street_lamp(), np.zeros((0, 3))), StreetLamps.none()
    at, yaw = np.array(poles), np.array(yaws)
    site.clearance.take(at[:, :2])
    reach = np.stack([np.cos(yaw), np.sin(yaw), np.zeros_like(yaw)], axis=1) * BULB_OUT_M
    bulbs = at + reach + [0.0, 0.0, BULB_UP_M]
    return place(street_lamp(), at, yaw), StreetLamps(
        position_m=bulbs.astype(np.float32),
        radiance=np.tile(np.array(LAMP_RADIANCE, np.float32), (len(at), 1)),
    )


def line_with_trees(site: Site, verges: tuple[Verge, ...], kinds: tuple[str, ...]) -> list[Mesh]:
    """Return trees in a row along some of the verges, a kind a street.

    Args:
        site: Where.
        verges: Roadsides that may get a row.
        kinds: To draw from; "" leaves a street bare.

    Returns:
        Meshes of the trees.
    """
    meshes: list[Mesh] = []
    for verge in verges:
        kind = str(site.rng.choice(kinds))
        if not kind or verge.length_m < 10:
            continue
        along = np.arange(site.rng.uniform(3, 9), verge.length_m, site.rng.uniform(14, 22))
        low, high = (8.0, 12.0) if kind == "poplar" else (5.0, 7.5)
        height_m = site.rng.uniform(low, high, len(along))
        # the crown decides how near the road a tree may stand; try near, then farther back
        for out_m in (0.9, 2.2, 3.4):
            meshes += plant_where_free(site, kind, verge.at(along, out_m), height_m)
    return meshes


def build_small_things(site: Site, verges: tuple[Verge, ...]) -> list[Mesh]:
    """Return benches, bins and bollards, just outside of the sidewalks."""
    at: dict[int, list[Float64[np.ndarray, " 3"]]] = {0: [], 1: [], 2: []}
    yaw: dict[int, list[float]] = {0: [], 1: [], 2: []}
    for verge in verges:
        along = site.rng.uniform(1.0, max(2.0, verge.length_m - 1.0), int(verge.length_m / 28) + 1)
        kinds = site.rng.integers(0, 3, len(along))
        places, headings = verge.at(along, 0.45), facing_road(verge, along)
        for kind, spot, heading in zip(kinds, places, headings, strict=True):
            if site.take_if_free(spot[None, :2] + np.array([[0, 0], [0.6, 0], [0, 0.6]]), 0.8):
                at[int(kind)].append(spot)
                yaw[int(kind)].append(float(heading))
    shapes = (_bench(), _bin(), _bollard())
    return [place(shapes[kind], np.array(at[kind]), np.array(yaw[kind])) for kind in at if at[kind]]
