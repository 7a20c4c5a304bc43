"""Shapes made by code: small closed meshes that are joined, moved, turned and mirrored.

Every maker returns a closed shell: each edge has two triangles, which run it in opposite
directions, and all normals point out. So has whatever is joined of them, shell by shell.

Shapes: s rings, n points of a ring, v points, t triangles.
"""

from collections.abc import Sequence
from functools import cache

import numpy as np
from jaxtyping import Float64, Int32

from bessemer.core.errors import InputError
from bessemer.twin.materials import material_index
from bessemer.twin.scene import Mesh

Point = tuple[float, float, float]


def volume_m3(mesh: Mesh) -> float:
    """Return the volume within a mesh of closed shells; negative where inside is out."""
    return _signed_volume(mesh.points.astype(np.float64), mesh.triangles)


def _signed_volume(
    points: Float64[np.ndarray, "v 3"], triangles: Int32[np.ndarray, "t 3"]
) -> float:
    return float(np.linalg.det(points[triangles]).sum() / 6.0)


@cache
def _sheath(rings: int, corners: int) -> tuple[Int32[np.ndarray, "t 3"], Int32[np.ndarray, " t"]]:
    """Return the triangles of a tube with two lids, and each one's part.

    Parts are numbered ring by ring, the first lid after all of them, the last lid at the end.
    """
    ring, corner = (axis.ravel() for axis in np.mgrid[0 : rings - 1, 0:corners])
    a, b = ring * corners + corner, ring * corners + (corner + 1) % corners
    c, d = b + corners, a + corners
    around = np.stack([np.stack([a, b, c], 1), np.stack([a, c, d], 1)], 1).reshape(-1, 3)
    fan = np.stack([np.zeros(corners - 2), np.arange(1, corners - 1), np.arange(2, corners)], 1)
    first = fan[:, ::-1]
    last = fan + (rings - 1) * corners
    part = np.repeat(np.arange((rings - 1) * corners), 2)
    lids = np.repeat([len(part) // 2, len(part) // 2 + 1], corners - 2)
    triangles = np.concatenate([around, first, last]).astype(np.int32)
    return triangles, np.concatenate([part, lids]).astype(np.int32)


def loft(
    rings: Float64[np.ndarray, "s n 3"],
    material: str,
    *,
    sides: Sequence[Sequence[str]] | None = None,
    lids: tuple[str, str] | None = None,
) -> Mesh:
    """Return the skin drawn over rings one after the other, with a lid at either end.

    Args:
        rings: Rings of as many points each; the first and the last are convex.
        material: Name of its material.
        sides: Names by gap between rings and by side of a ring, where they differ.
        lids: Names of the first and the last lid, where they differ.

    Returns:
        The closed mesh, its normals outside whichever way the rings run.

    Raises:
        InputError: If there are fewer than two rings, or three points to a ring.
    """
    count, corners = rings.shape[:2]
    if count < 2 or corners < 3:
        raise InputError(f"A skin needs two rings of three points, not {count} of {corners}.")
    triangles, part = _sheath(count, corners)
    names = (
        [material] * ((count - 1) * corners)
        if sides is None
        else [name for gap in sides for name in gap]
    )
    by_part = np.array([material_index(name) for name in (*names, *(lids or (material,) * 2))])
    points = rings.reshape(-1, 3)
    if _signed_volume(points - points.mean(axis=0), triangles) < 0:
        triangles = triangles[:, ::-1]
    return Mesh(
        points=points.astype(np.float32),
        triangles=np.ascontiguousarray(triangles),
        materials=by_part[part].astype(np.int32),
    )


def box(material: str, low: Point, high: Point, *, top: tuple[float, float] = (1.0, 1.0)) -> Mesh:
    """Return a box between two corners, its top narrowed about the middle.

    Args:
        material: Name of its material.
        low: Rear, right, lower corner.
        high: Front, left, upper corner.
        top: Share of length and of width that the top keeps.

    Returns:
        Twelve triangles.

    Example:
        >>> round(volume_m3(box("asphalt", (0, 0, 0), (1, 2, 3))), 3)
        6.0
    """
    low_m, high_m = np.array(low, float), np.array(high, float)
    middle, half = (low_m + high_m)[:2] / 2, (high_m - low_m)[:2] / 2
    corners = np.array([(-1, -1), (1, -1), (1, 1), (-1, 1)], float) * half
    rings = np.empty((2, 4, 3))
    rings[0, :, :2], rings[0, :, 2] = middle + corners, low_m[2]
    rings[1, :, :2], rings[1, :, 2] = middle + corners * np.array(top), high_m[2]
    return loft(rings, material)


def bevelled(material: str, low: Point, high: Point, *, bevel_m: float) -> Mesh:
    """Return a box whose upright and upper edges are cut off.

    Args:
        material: Name of its material.
        low: Rear, right, lower corner.
        high: Front, left, upper corner.
        bevel_m: How much is cut off.

    Returns:
        A ring of eight corners, three times.
    """
    low_m, high_m = np.array(low, float), np.array(high, float)
    middle, half = (low_m + high_m)[:2] / 2, (high_m - low_m)[:2] / 2

    def ring(inset_m: float, z_m: float) -> Float64[np.ndarray, "n 3"]:
        (x, y), cut = half - inset_m, bevel_m
        plan = [(x, cut - y), (x, y - cut), (x - cut, y), (cut - x, y)]
        plan += [(-px, -py) for px, py in plan]
        return np.array([(middle[0] + px, middle[1] + py, z_m) for px, py in plan])

    top = high_m[2]
    return loft(
        np.stack([ring(0, low_m[2]), ring(0, top - bevel_m), ring(bevel_m * 0.6, top)]), material
    )


def extrude(
    material: str, profile: Sequence[tuple[float, float]], half_widths_m: Sequence[float]
) -> Mesh:
    """Return a convex side profile, drawn out to both sides.

    Args:
        material: Name of its material.
        profile: Corners in x and z.
        half_widths_m: How far each corner lies from the middle.

    Returns:
        A mesh that is its own mirror image.
    """
    side = np.array(
        [(x, half, z) for (x, z), half in zip(profile, half_widths_m, strict=True)], float
    )
    return loft(np.stack([side, side * np.array([1.0, -1.0, 1.0])]), material)


def tube(
    material: str,
    path: Sequence[Point],
    radii_m: Sequence[float],
    *,
    corners: int = 6,
    tall_frac: float = 1.0,
) -> Mesh:
    """Return a round tube along a path: a limb, a pole, a cone.

    Args:
        material: Name of its material.
        path: Points of its middle line.
        radii_m: Its radius at each.
        corners: Corners of its section.
        tall_frac: Its height as a share of its width, where it lies level.

    Returns:
        The tube with two lids.
    """
    line = np.array(path, float)
    along = np.gradient(line, axis=0)
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    whole = line[-1] - line[0]
    x, y, z = along.T
    none = np.zeros(len(line))
    level = abs(whole[1]) < 0.8 * np.linalg.norm(whole)
    across = np.stack([-z, none, x] if level else [none, z, -y], axis=1)
    across /= np.linalg.norm(across, axis=1, keepdims=True)
    beside = np.stack([y, z, x], axis=1) * across[:, [2, 0, 1]]
    beside -= np.stack([z, x, y], axis=1) * across[:, [1, 2, 0]]
    angle = np.linspace(0, 2 * np.pi, corners, endpoint=False) + np.pi / corners
    radius = np.array(radii_m, float)[:, None, None]
    round_ = (
        np.cos(angle)[None, :, None] * across[:, None] * tall_frac
        + np.sin(angle)[None, :, None] * beside[:, None]
    )
    return loft(line[:, None] + radius * round_, material)


@cache
def _ball(split: bool) -> tuple[Float64[np.ndarray, "v 3"], Int32[np.ndarray, "t 3"]]:
    """Return the icosahedron, or the same with every triangle split in four."""
    polar = [(0.0, 0.0, 1.0)]
    for tier, turn in ((1, 0.0), (-1, 0.5)):
        angles = (np.arange(5) + turn) * 2 * np.pi / 5
        polar += [(2 * np.cos(a) / 5**0.5, 2 * np.sin(a) / 5**0.5, tier / 5**0.5) for a in angles]
    polar += [(0.0, 0.0, -1.0)]
    points = [np.array(point) for point in polar]
    faces = []
    for k in range(5):
        a, b, c, d = 1 + k, 1 + (k + 1) % 5, 6 + k, 6 + (k + 1) % 5
        faces += [(0, a, b), (a, c, b), (b, c, d), (11, d, c)]
    if split:
        middle: dict[tuple[int, int], int] = {}
        finer = []
        for face in faces:
            mids = []
            for i in range(3):
                edge = (min(face[i], face[i - 2]), max(face[i], face[i - 2]))
                if edge not in middle:
                    middle[edge] = len(points)
                    point = points[edge[0]] + points[edge[1]]
                    points.append(point / np.linalg.norm(point))
                mids.append(middle[edge])
            (a, b, c), (ab, bc, ca) = face, mids
            finer += [(a, ab, ca), (b, bc, ab), (c, ca, bc), (ab, bc, ca)]
        faces = finer
    return np.array(points), np.array(faces, np.int32)


def ellipsoid(material: str, middle: Point, radii_m: Point, *, fine: bool = True) -> Mesh:
    """Return a ball, stretched along the axes.

    Args:
        material: Name of its material.
        middle: Where.
        radii_m: Half its size along each axis.
        fine: Eighty triangles; twenty otherwise.

    Returns:
        The ball.
    """
    points, triangles = _ball(fine)
    return Mesh(
        points=(points * np.array(radii_m) + np.array(middle)).astype(np.float32),
        triangles=triangles,
        materials=np.full(len(triangles), material_index(material), np.int32),
    )


def hoop(
    material: str,
    middle: Point,
    radius_m: float,
    section: Sequence[tuple[float, float]],
    *,
    corners: int = 12,
) -> Mesh:
    """Return an upright ring about the y axis: a bicycle's tyre.

    Args:
        material: Name of its material.
        middle: Where.
        radius_m: From the middle to the middle of its section.
        section: Corners of its section, outwards and across from its middle.
        corners: Of the ring.

    Returns:
        A closed ring.
    """
    angle = np.arange(corners) * 2 * np.pi / corners
    outwards, across = np.array(section, float).T
    reach, sides = radius_m + outwards, len(section)
    points = np.stack(
        [
            np.cos(angle)[:, None] * reach,
            np.tile(across, (corners, 1)),
            np.sin(angle)[:, None] * reach,
        ],
        axis=2,
    ).reshape(-1, 3)
    i, j = (axis.ravel() for axis in np.mgrid[0:corners, 0:sides])
    a, b = i * sides + j, i * sides + (j + 1) % sides
    step = ((i + 1) % corners - i) * sides
    c, d = b + step, a + step
    triangles = np.concatenate([np.stack([a, c, b], 1), np.stack([a, d, c], 1)]).astype(np.int32)
    if _signed_volume(points, triangles) < 0:
        triangles = np.ascontiguousarray(triangles[:, ::-1])
    return Mesh(
        points=(points + np.array(middle)).astype(np.float32),
        triangles=triangles,
        materials=np.full(len(triangles), material_index(material), np.int32),
    )


def pane(material: str, corners: Sequence[Point], *, proud_m: float = 0.012) -> Mesh:
    """Return a flat four-cornered thing set into a surface: a window, a lamp, a number plate.

    Its back is a point within the body, which closes it with the fewest triangles.

    Args:
        material: Name of its material.
        corners: On the surface, counter-clockwise seen from outside.
        proud_m: How far it stands out.

    Returns:
        Six triangles.
    """
    at = np.array(corners, float)
    normal = np.cross(at[2] - at[0], at[3] - at[1])
    normal /= np.linalg.norm(normal)
    points = np.concatenate([at + normal * proud_m, [at.mean(axis=0) - normal * 4 * proud_m]])
    triangles = np.array(
        [(0, 1, 2), (0, 2, 3), (1, 0, 4), (2, 1, 4), (3, 2, 4), (0, 3, 4)], np.int32
    )
    return Mesh(
        points=points.astype(np.float32),
        triangles=triangles,
        materials=np.full(6, material_index(material), np.int32),
    )


def join(*meshes: Mesh) -> Mesh:
    """Return all meshes as one; points are not shared, so shells stay shells."""
    starts = np.cumsum([0, *(len(mesh.points) for mesh in meshes[:-1])])
    return Mesh(
        points=np.concatenate([mesh.points for mesh in meshes]),
        triangles=np.concatenate(
            [mesh.triangles + np.int32(start) for mesh, start in zip(meshes, starts, strict=True)]
        ),
        materials=np.concatenate([mesh.materials for mesh in meshes]),
    )


def move(mesh: Mesh, x_m: float = 0.0, y_m: float = 0.0, z_m: float = 0.0) -> Mesh:
    """Return the mesh, shifted."""
    shift = np.array([x_m, y_m, z_m], np.float32)
    return Mesh(points=mesh.points + shift, triangles=mesh.triangles, materials=mesh.materials)


def turn(mesh: Mesh, axis: str, angle_rad: float) -> Mesh:
    """Return the mesh, turned about an axis through the origin by the right-hand rule.

    Args:
        mesh: What to turn.
        axis: ``x``, ``y`` or ``z``.
        angle_rad: By how much.

    Returns:
        The turned mesh.
    """
    i, j = {"x": (1, 2), "y": (2, 0), "z": (0, 1)}[axis]
    cos, sin = np.cos(angle_rad), np.sin(angle_rad)
    points = mesh.points.astype(np.float64)
    a, b = points[:, i].copy(), points[:, j].copy()
    points[:, i], points[:, j] = cos * a - sin * b, sin * a + cos * b
    return Mesh(
        points=points.astype(np.float32), triangles=mesh.triangles, materials=mesh.materials
    )


def mirror(mesh: Mesh) -> Mesh:
    """Return the mesh with left and right exchanged, its normals still outside."""
    return Mesh(
        points=mesh.points * np.array([1, -1, 1], np.float32),
        triangles=np.ascontiguousarray(mesh.triangles[:, ::-1]),
        materials=mesh.materials,
    )


def both(mesh: Mesh) -> Mesh:
    """Return the mesh and its mirror image."""
    return join(mesh, mirror(mesh))


def repaint(mesh: Mesh, old: str, new: str) -> Mesh:
    """Return the mesh, all that was of one material now of another."""
    was = mesh.materials == material_index(old)
    return Mesh(
        points=mesh.points,
        triangles=mesh.triangles,
        materials=np.where(was, material_index(new), mesh.materials).astype(np.int32),
    )
