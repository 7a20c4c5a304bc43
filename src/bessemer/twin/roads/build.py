"""A builder of triangle meshes: put in strips, quads, polygons and boxes, take out one mesh.

Polygons look up and prisms look outwards, whichever way round their outlines came in. Every piece
costs a few numpy calls, however many quads it has: put many in at once.

Shapes: n points of a line, k quads, v points, t triangles; x east, y north, z up, metres.
"""

import numpy as np
from jaxtyping import Float32, Float64, Int32

from bessemer.core.errors import InputError
from bessemer.twin.materials import material_index
from bessemer.twin.scene import Mesh


class MeshBuilder:
    """Collects pieces of a mesh; materials go by name.

    Example:
        >>> builder = MeshBuilder()
        >>> builder.box(np.zeros(3), (4.0, 2.0, 1.5), "concrete_wall")
        >>> len(builder.build().triangles)
        12
    """

    def __init__(self) -> None:
        self._points: list[Float64[np.ndarray, "v 3"]] = []
        self._triangles: list[Int32[np.ndarray, "t 3"]] = []
        self._materials: list[Int32[np.ndarray, " t"]] = []
        self._count = 0

    def triangles(
        self,
        points: Float64[np.ndarray, "v 3"],
        triangles: Int32[np.ndarray, "t 3"],
        material: str,
    ) -> None:
        """Put in triangles as they are, counter-clockwise seen from outside."""
        self._points.append(points)
        self._triangles.append(triangles + np.int32(self._count))
        self._materials.append(np.full(len(triangles), material_index(material), np.int32))
        self._count += len(points)

    def quads(self, corners: Float64[np.ndarray, "k 4 3"], material: str) -> None:
        """Put in quads, each with its corners counter-clockwise seen from outside."""
        first = 4 * np.arange(len(corners), dtype=np.int32)[:, None]
        halves = [first + np.array(half, np.int32) for half in ((0, 1, 2), (0, 2, 3))]
        self.triangles(corners.reshape(-1, 3), np.concatenate(halves), material)

    def strip(
        self,
        left: Float64[np.ndarray, "n 3"],
        right: Float64[np.ndarray, "n 3"],
        material: str,
    ) -> None:
        """Put in the surface between two lines that run side by side, seen from above."""
        self.quads(np.stack([right[:-1], right[1:], left[1:], left[:-1]], axis=1), material)

    def wall(self, bottom: Float64[np.ndarray, "n 3"], height_m: float, material: str) -> None:
        """Put in a wall above a line; it is seen from the line's right side."""
        top = bottom + np.array([0.0, 0.0, height_m])
        self.quads(np.stack([bottom[:-1], bottom[1:], top[1:], top[:-1]], axis=1), material)

    def polygon(self, outline: Float64[np.ndarray, "n 3"], material: str) -> None:
        """Put in a simple polygon, convex or not, seen from above.

        Args:
            outline: Its corners, either way round, not closed; fewer than three give nothing.
            material: What it is made of.
        """
        import mapbox_earcut  # needed only where roads are built

        if len(outline) < 3:
            return
        flat = np.ascontiguousarray(outline[:, :2])
        found = mapbox_earcut.triangulate_float64(flat, np.array([len(flat)], np.uint32))
        triangles = found.reshape(-1, 3).astype(np.int32)
        a, b, c = (flat[triangles[:, i]] for i in range(3))
        area = (b[:, 0] - a[:, 0]) * (c[:, 1] - a[:, 1]) - (b[:, 1] - a[:, 1]) * (c[:, 0] - a[:, 0])
        triangles[area < 0] = triangles[area < 0][:, ::-1]
        self.triangles(outline, triangles[np.abs(area) > 1e-9], material)

    def prism(
        self,
        outline: Float64[np.ndarray, "n 3"],
        height_m: float,
        top: str,
        side: str,
    ) -> None:
        """Put in a polygon raised by a height, with walls down to the outline, seen from outside.

        Args:
            outline: Its corners at the foot, either way round, not closed.
            height_m: How far the top lies above.
            top: Material of the top.
            side: Material of the walls.
        """
        if len(outline) < 3:
            return
        x, y = outline[:, 0], outline[:, 1]
        if float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) < 0:
            outline = outline[::-1]
        self.wall(np.concatenate([outline, outline[:1]]), height_m, side)
        self.polygon(outline + np.array([0.0, 0.0, height_m]), top)

    def box(
        self,
        foot: Float64[np.ndarray, " 3"],
        size_m: tuple[float, float, float],
        material: str,
        *,
        yaw_rad: float = 0.0,
    ) -> None:
        """Put in a box of length, width and height that stands on its foot's middle.

        Args:
            foot: Middle of its lower side.
            size_m: Length, width, height.
            material: What it is made of.
            yaw_rad: Where its length points.
        """
        length_m, width_m, height_m = size_m
        unit = np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]]) * (length_m / 2, width_m / 2)
        cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
        flat = unit @ np.array([[cos, sin], [-sin, cos]])
        low = np.column_stack([flat, np.zeros(4)]) + foot
        high = low + np.array([0.0, 0.0, height_m])
        self.wall(np.concatenate([low, low[:1]]), height_m, material)
        self.quads(np.stack([high, low[::-1]]), material)

    def mesh(self, mesh: Mesh) -> None:
        """Put in a whole mesh, with the materials that it has."""
        self._points.append(mesh.points.astype(np.float64))
        self._triangles.append(mesh.triangles + np.int32(self._count))
        self._materials.append(mesh.materials)
        self._count += len(mesh.points)

    def build(self) -> Mesh:
        """Return all that was put in as one mesh.

        Returns:
            The mesh.

        Raises:
            InputError: If nothing was put in.
        """
        if not self._points:
            raise InputError("A mesh of nothing was asked for.", where="MeshBuilder")
        points: Float32[np.ndarray, "v 3"] = np.concatenate(self._points).astype(np.float32)
        return Mesh(
            points=points,
            triangles=np.concatenate(self._triangles),
            materials=np.concatenate(self._materials),
        )
