"""The land: a patchwork of fields that reaches the horizon, strips of grass, distant woods.

It lies a finger above the plain ground of the road's surface, and below all else of it.
Shapes: r rows and c columns of patches.
"""

import numpy as np

from bessemer.twin.bodies.shape import join, loft
from bessemer.twin.materials import material_index
from bessemer.twin.roads.scenery_site import Site, knots
from bessemer.twin.scene import Mesh

BELOW_M = 0.04
STRIP_M = 0.025
PATCH_M = 70.0
BEYOND_M = 400.0

PATCHES = {
    "town": ("grass", "grass", "grass", "gravel"),
    "motorway": ("grass", "grass", "field", "field", "earth"),
    "country": ("field", "grass", "field", "grass", "earth", "field"),
}
"""What the land is made of, by what lies beside the road."""


def build_land(site: Site) -> Mesh:
    """Return the patchwork, without gaps and without overlaps."""
    west, south, east, north = site.clearance.extent_m
    x = np.arange(west - BEYOND_M, east + BEYOND_M + PATCH_M, PATCH_M)
    y = np.arange(south - BEYOND_M, north + BEYOND_M + PATCH_M, PATCH_M)
    grid_x, grid_y = np.meshgrid(x, y)
    push = site.rng.uniform(-0.3, 0.3, (2, *grid_x.shape)) * PATCH_M
    low_m = min(float(lane.points[:, 2].min()) for lane in site.network.lanes.values())
    points = np.stack(
        [grid_x + push[0], grid_y + push[1], np.full(grid_x.shape, low_m - BELOW_M)], axis=2
    )
    row, column = (axis.ravel() for axis in np.mgrid[0 : len(y) - 1, 0 : len(x) - 1])
    a = row * len(x) + column
    b, c, d = a + 1, a + len(x) + 1, a + len(x)
    names = PATCHES.get(site.network.surround, PATCHES["country"])
    indices = np.array([material_index(name) for name in names])
    chosen = indices[site.rng.integers(0, len(names), len(a))]
    return Mesh(
        points=points.reshape(-1, 3).astype(np.float32),
        triangles=np.stack([np.stack([a, b, c], 1), np.stack([a, c, d], 1)], 1)
        .reshape(-1, 3)
        .astype(np.int32),
        materials=np.repeat(chosen, 2).astype(np.int32),
    )


def build_strips(site: Site, wide_m: float) -> list[Mesh]:
    """Return strips of grass along every roadside, a little above the patchwork."""
    meshes = []
    for verge in site.verges:
        along = knots(verge, (0.0, verge.length_m))
        near, far = (verge.at(along, out_m) - np.array([0, 0, STRIP_M]) for out_m in (0.0, wide_m))
        right, left = (far, near) if verge.right else (near, far)
        corner = np.arange(len(along) - 1)[:, None]
        quads = corner + np.array([0, 1, len(along) + 1, len(along)])
        triangles = quads[:, [[0, 1, 2], [0, 2, 3]]].reshape(-1, 3).astype(np.int32)
        meshes.append(
            Mesh(
                points=np.concatenate([right, left]).astype(np.float32),
                triangles=triangles,
                materials=np.full(len(triangles), material_index("grass"), np.int32),
            )
        )
    return meshes


def build_horizon(site: Site) -> Mesh:
    """Return low wooded hills all around, behind which there is only sky."""
    west, south, east, north = site.clearance.extent_m
    middle = np.array([(west + east) / 2, (south + north) / 2])
    half = np.array([east - west, north - south]) / 2 + 120.0
    count = 72
    angle = np.arange(count + 1) * 2 * np.pi / count
    # a rounded box keeps the same distance from long networks as from square ones
    power = 2.0 / 4.0
    round_ = np.stack(
        [
            np.sign(np.cos(angle)) * np.abs(np.cos(angle)) ** power,
            np.sign(np.sin(angle)) * np.abs(np.sin(angle)) ** power,
        ],
        axis=1,
    )
    height_m = np.convolve(site.rng.uniform(5.0, 22.0, count + 3), np.ones(3) / 3, "same")
    height_m = height_m[1 : count + 2]
    height_m[-1] = height_m[0]
    parts = []
    for k in range(0, count, 2):
        ring = []
        for i in range(k, min(k + 3, count + 1)):
            foot = middle + round_[i] * half
            back = middle + round_[i] * (half + 60.0)
            up = float(height_m[i])
            crest = foot * 0.7 + back * 0.3
            ring.append([(*foot, -0.5), (*back, -0.5), (*back, up), (*crest, up)])
        parts.append(loft(np.array(ring), "leaves_dark" if k % 4 else "leaves"))
    return join(*parts)
