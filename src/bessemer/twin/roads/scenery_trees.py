"""Trees, bushes and hedges: trunks with crowns of few triangles, in some variants each.

Shapes: k trees.
"""

from functools import cache

import numpy as np
from jaxtyping import Float64

from bessemer.twin.bodies.shape import ellipsoid, join, tube
from bessemer.twin.roads.scenery_site import Site, place
from bessemer.twin.scene import Mesh

VARIANTS = 4
KINDS = ("broadleaf", "poplar", "conifer", "bush")
FAR_M = 7.9
"""Trees farther from the road than this are drawn with fewer triangles."""

APART_M = 3.0

CROWN_M = {"broadleaf": 0.30, "poplar": 0.11, "conifer": 0.20, "bush": 0.60}
"""Radius of the crown, as a share of the height."""


@cache
def tree(kind: str, variant: int, *, far: bool = False) -> Mesh:
    """Return a tree of height 1 that stands on the origin.

    Args:
        kind: One of :data:`KINDS`.
        variant: Any number below :data:`VARIANTS`.
        far: Whether it is only seen from far away.

    Returns:
        Some thirty triangles if far, up to ninety otherwise.
    """
    rng = np.random.default_rng((KINDS.index(kind), variant))
    if far:
        return _far(kind, rng)
    grow = {"broadleaf": _broadleaf, "poplar": _poplar, "conifer": _conifer, "bush": _bush}
    return grow[kind](rng)


def _ragged(mesh: Mesh, rng: np.random.Generator, share: float) -> Mesh:
    """Return a crown whose corners are pushed about, so that no two are alike."""
    middle = mesh.points.mean(axis=0)
    stretch = rng.uniform(1 - share, 1 + share, (len(mesh.points), 1))
    points = middle + (mesh.points - middle) * stretch
    return Mesh(
        points=points.astype(np.float32), triangles=mesh.triangles, materials=mesh.materials
    )


def _trunk(radius: float, top: float) -> Mesh:
    return tube("bark", [(0, 0, -0.05), (0, 0, top)], [radius * 1.4, radius * 0.7], corners=3)


def _broadleaf(rng: np.random.Generator) -> Mesh:
    parts = [_trunk(0.022, 0.5)]
    parts.append(
        _ragged(ellipsoid("leaves", (0, 0, 0.72), (0.22, 0.22, 0.26), fine=False), rng, 0.1)
    )
    turn = rng.uniform(0, 2 * np.pi)
    for k in range(2):
        angle = turn + k * np.pi + rng.uniform(-0.4, 0.4)
        out, up, size = 0.13, rng.uniform(0.48, 0.7), rng.uniform(0.17, 0.21)
        middle = (out * np.cos(angle), out * np.sin(angle), up)
        material = "leaves" if k else "leaves_dark"
        parts.append(_ragged(ellipsoid(material, middle, (size,) * 3, fine=False), rng, 0.15))
    return join(*parts)


def _poplar(rng: np.random.Generator) -> Mesh:
    crown = ellipsoid("leaves", (0, 0, 0.56), (0.1, 0.1, 0.44))
    return join(_trunk(0.014, 0.2), _ragged(crown, rng, 0.12))


def _conifer(rng: np.random.Generator) -> Mesh:
    parts = [_trunk(0.016, 0.2)]
    for low, high, radius in ((0.12, 0.55, 0.2), (0.36, 0.78, 0.15), (0.6, 1.0, 0.1)):
        wide = radius * rng.uniform(0.85, 1.0)
        lean = rng.uniform(-0.01, 0.01)
        parts.append(tube("leaves_dark", [(0, 0, low), (lean, 0, high)], [wide, 0.008], corners=6))
    return join(*parts)


def _far(kind: str, rng: np.random.Generator) -> Mesh:
    if kind == "conifer":
        return tube("leaves_dark", [(0, 0, 0.05), (0, 0, 1.0)], [0.19, 0.01], corners=5)
    if kind == "bush":
        crown = ellipsoid("hedge", (0, 0, 0.42), (0.5, 0.45, 0.5), fine=False)
        return _ragged(crown, rng, 0.15)
    wide, low = (0.1, 0.1) if kind == "poplar" else (0.3, 0.3)
    half = (1.0 - low) / 2
    crown = ellipsoid("leaves", (0, 0, low + half), (wide, wide, half), fine=False)
    return join(_trunk(0.02, 0.4), _ragged(crown, rng, 0.15))


def _bush(rng: np.random.Generator) -> Mesh:
    big = ellipsoid("hedge", (0, 0, 0.42), (0.42, 0.42, 0.5), fine=False)
    small = ellipsoid("leaves", (0.25, 0.1, 0.3), (0.3, 0.3, 0.36), fine=False)
    return join(_ragged(big, rng, 0.15), _ragged(small, rng, 0.15))


@cache
def _disc(radius_m: float) -> Float64[np.ndarray, "k 2"]:
    """Return places all over a disc, half a metre apart."""
    axis = np.arange(-np.floor(radius_m / 0.5), radius_m / 0.5 + 1e-9) * 0.5
    places = np.stack(np.meshgrid(axis, axis), axis=2).reshape(-1, 2)
    return places[np.hypot(places[:, 0], places[:, 1]) <= radius_m]


def plant(
    kind: str,
    at: Float64[np.ndarray, "k 3"],
    height_m: Float64[np.ndarray, " k"],
    rng: np.random.Generator,
    *,
    far: bool = False,
) -> list[Mesh]:
    """Return trees of a kind at places, each of its own height, turn and girth."""
    yaw = rng.uniform(0, 2 * np.pi, len(at))
    girth = rng.uniform(0.85, 1.15, len(at))
    variant = rng.integers(0, VARIANTS, len(at))
    scale = np.stack([height_m * girth, height_m * girth, height_m], axis=1)
    return [
        place(tree(kind, k, far=far), at[variant == k], yaw[variant == k], scale[variant == k])
        for k in range(VARIANTS)
        if (variant == k).any()
    ]


def plant_where_free(
    site: Site,
    kind: str,
    at: Float64[np.ndarray, "k 3"],
    height_m: Float64[np.ndarray, " k"],
) -> list[Mesh]:
    """Return trees at those of the places where trunk and crown have room.

    A crown may hang over a sidewalk, yet never over a lane; no two trunks stand within
    :data:`APART_M`.

    Args:
        site: Where.
        kind: One of :data:`KINDS`.
        at: Wanted places.
        height_m: Wanted heights.

    Returns:
        Meshes of the trees that were planted.
    """
    if not len(at):
        return []
    crown_m = height_m * CROWN_M[kind] * 1.2 + 0.4
    fits = site.clearance.road_m(at[:, :2]) >= np.minimum(crown_m, 7.5)
    fits &= site.is_free(at[:, :2], 1.0)
    if kind == "bush":
        fits &= site.clearance.walk_m(at[:, :2]) >= crown_m
    kept = []
    for i in np.flatnonzero(fits):
        if not site.clearance.is_taken(at[i, :2] + _disc(0.8)).any():
            site.clearance.take(at[i, :2] + _disc(APART_M - 0.8))
            kept.append(i)
    is_far = site.clearance.road_m(at[kept][:, :2]) > FAR_M
    meshes: list[Mesh] = []
    for far in (False, True):
        chosen = np.array(kept, int)[is_far == far]
        meshes += plant(kind, at[chosen], height_m[chosen], site.rng, far=far)
    return meshes
