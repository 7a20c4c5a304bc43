"""Reads a scene from a stage of ours.

Shapes: v points, t triangles.
"""

from enum import Enum
from typing import TypeVar

import numpy as np
from jaxtyping import Int32

from bessemer.core.errors import InputError
from bessemer.twin.classes import SemanticClass
from bessemer.twin.scene import Body, Lamp, Material, Mesh, Scene, StreetLamps, Texture
from bessemer.twin.usd.layer import OpenStage
from bessemer.twin.usd.layout import BODIES, GROUND, MATERIALS, MESH, ROOT, STREET_LAMPS, ours

E = TypeVar("E", bound=Enum)


def scene_in(stage: OpenStage) -> tuple[Scene, tuple[str, ...]]:
    """Return the scene of a stage.

    Args:
        stage: It.

    Returns:
        The scene, and the prim name of each of its bodies.

    Raises:
        InputError: If something is missing, or contradicts itself.
    """
    paths = stage.children(MATERIALS)
    index = {path: k for k, path in enumerate(paths)}
    bodies = stage.children(BODIES)
    scene = Scene(
        name=stage.ours(ROOT, "name", "string"),
        materials=tuple(_material(stage, path) for path in paths),
        ground=_mesh(stage, GROUND, index),
        bodies=tuple(_body(stage, path, index) for path in bodies),
        street_lamps=_street_lamps(stage),
    )
    return scene, tuple(path.rsplit("/", 1)[1] for path in bodies)


def member(stage: OpenStage, prim: str, name: str, kind: type[E]) -> E:
    """Return the member of an enumeration that a token of ours names.

    Args:
        stage: Where.
        prim: Whose attribute.
        name: Within our namespace.
        kind: The enumeration.

    Returns:
        The member of that name.

    Raises:
        InputError: If there is none of that name.
    """
    word = stage.ours(prim, name, "token")
    if word not in kind.__members__:
        raise stage.error(
            f"There is no {name} {word!r}.",
            prim,
            fix=f"Take one of: {', '.join(kind.__members__)}.",
        )
    return kind[word]


def _material(stage: OpenStage, prim: str) -> Material:
    return Material(
        name=stage.ours(prim, "name", "string"),
        semantic=member(stage, prim, "semantic", SemanticClass),
        albedo=_triple(stage, prim, "albedo"),
        emission=_triple(stage, prim, "emission"),
        lamp=Lamp(stage.ours(prim, "lamp", "int")),
        texture=member(stage, prim, "texture", Texture),
        tinted=bool(stage.ours(prim, "tinted", "bool")),
        mirror_frac=float(stage.ours(prim, "mirror_frac", "double")),
    )


def _body(stage: OpenStage, prim: str, index: dict[str, int]) -> Body:
    return Body(
        name=stage.ours(prim, "name", "string"),
        semantic=member(stage, prim, "semantic", SemanticClass),
        mesh=_mesh(stage, f"{prim}/{MESH}", index),
        size_m=_triple(stage, prim, "size_m"),
    )


def _mesh(stage: OpenStage, prim: str, index: dict[str, int]) -> Mesh:
    counts = np.array(stage.value(prim, "faceVertexCounts", "int[]"), np.int32)
    corners = np.array(stage.value(prim, "faceVertexIndices", "int[]"), np.int32)
    if (counts != 3).any() or len(corners) != 3 * len(counts):
        raise stage.error("Not all faces are triangles.", prim, fix="Triangulate the mesh.")
    points = np.array(stage.value(prim, "points", "point3f[]"), np.float32).reshape(-1, 3)
    materials = _materials(stage, prim, len(counts), index)
    try:
        return Mesh(points=points, triangles=corners.reshape(-1, 3), materials=materials)
    except InputError as error:
        raise stage.error(error.what, prim, fix=error.fix) from error


def _materials(
    stage: OpenStage, prim: str, n_triangles: int, index: dict[str, int]
) -> Int32[np.ndarray, " t"]:
    """Return each triangle's material, as the mesh's subsets say."""
    found = np.full(n_triangles, -1, np.int32)
    for subset in stage.children(prim):
        if stage.kind(subset) != "GeomSubset":
            continue
        faces = np.array(stage.value(subset, "indices", "int[]"), np.int64)
        if len(faces) and not 0 <= int(faces.min()) <= int(faces.max()) < n_triangles:
            raise stage.error("The subset names a face that does not exist.", subset)
        if (found[faces] >= 0).any():
            raise stage.error("A face of the subset has two materials.", subset)
        material = stage.target(subset, "material:binding")
        if material not in index:
            raise stage.error(f"There is no material {material}.", subset)
        found[faces] = index[material]
    if (found < 0).any():
        raise stage.error(f"{int((found < 0).sum())} faces have no material.", prim)
    return found


def _street_lamps(stage: OpenStage) -> StreetLamps:
    prims = stage.children(STREET_LAMPS)
    none = [np.zeros((0, 3), np.float32)]
    places = [stage.rows(prim, "xformOp:translate", "double3", (0.0,), 3) for prim in prims]
    radiances = [stage.rows(prim, ours("radiance"), "color3f", (0.0,), 3) for prim in prims]
    return StreetLamps(
        position_m=np.concatenate(places or none),
        radiance=np.concatenate(radiances or none),
    )


def _triple(stage: OpenStage, prim: str, name: str) -> tuple[float, float, float]:
    x, y, z = stage.ours(prim, name, "double3")
    return float(x), float(y), float(z)
