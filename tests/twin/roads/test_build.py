import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.twin.roads.build import MeshBuilder
from bessemer.twin.scene import Mesh


def normals(mesh: Mesh) -> np.ndarray:
    a, b, c = (mesh.points[mesh.triangles[:, i]].astype(np.float64) for i in range(3))
    return np.cross(b - a, c - a)


def star(radii: list[float]) -> np.ndarray:
    """A simple polygon around the origin, as a rule not convex."""
    angles = np.arange(len(radii)) * 2 * np.pi / len(radii)
    radius = np.array(radii)
    return np.column_stack([radius * np.cos(angles), radius * np.sin(angles), 0 * radius])


RADII = st.lists(st.floats(0.5, 20.0), min_size=3, max_size=24)


@given(RADII, st.booleans())
def test_a_polygons_triangles_cover_it_once_and_look_up(radii: list[float], turned: bool) -> None:
    outline = star(radii)
    x, y = outline[:, 0], outline[:, 1]
    area = float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2
    builder = MeshBuilder()
    builder.polygon(outline[::-1] if turned else outline, "asphalt")
    up = normals(builder.build())
    assert (up[:, 2] > 0).all()
    assert up[:, 2].sum() / 2 == pytest.approx(area, rel=1e-4)


@given(RADII, st.booleans(), st.floats(0.05, 3.0))
def test_a_prism_without_its_foot_closes_to_its_volume(
    radii: list[float], turned: bool, height_m: float
) -> None:
    outline = star(radii)
    x, y = outline[:, 0], outline[:, 1]
    area = float((x * np.roll(y, -1) - y * np.roll(x, -1)).sum()) / 2
    builder = MeshBuilder()
    builder.prism(outline[::-1] if turned else outline, height_m, "sidewalk", "kerb")
    mesh = builder.build()
    # Gauss: the flux of the position through the surface; the foot lies at z = 0 and adds none.
    flux = (mesh.points[mesh.triangles[:, 0]] * normals(mesh)).sum() / 2
    assert flux / 3 == pytest.approx(area * height_m, rel=1e-3)


def test_a_box_looks_outwards_all_around() -> None:
    builder = MeshBuilder()
    builder.box(np.zeros(3), (4.0, 2.0, 1.5), "brick", yaw_rad=0.7)
    mesh = builder.build()
    middle = mesh.points[mesh.triangles].mean(axis=1) - np.array([0.0, 0.0, 0.75])
    assert len(mesh.triangles) == 12
    assert ((middle * normals(mesh)).sum(axis=1) > 0).all()


def test_a_strip_looks_up_when_left_is_left() -> None:
    along = np.linspace(0.0, 10.0, 5)
    left = np.column_stack([along, np.full(5, 1.0), np.zeros(5)])
    right = left - np.array([0.0, 2.0, 0.0])
    builder = MeshBuilder()
    builder.strip(left, right, "asphalt")
    up = normals(builder.build())
    assert (up[:, 2] > 0).all()
    assert up[:, 2].sum() / 2 == pytest.approx(20.0)


def test_meshes_join_with_their_own_materials() -> None:
    one, two = MeshBuilder(), MeshBuilder()
    one.box(np.zeros(3), (1.0, 1.0, 1.0), "brick")
    two.box(np.ones(3), (1.0, 1.0, 1.0), "grass")
    two.mesh(one.build())
    both = two.build()
    assert len(both.triangles) == 24
    assert both.materials[:12].tolist() != both.materials[12:].tolist()


def test_a_mesh_of_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="nothing"):
        MeshBuilder().build()
