"""Laws of shapes: closed, the outside outside, and volumes that moves keep."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.twin.bodies.shape import (
    bevelled,
    both,
    box,
    ellipsoid,
    extrude,
    hoop,
    join,
    loft,
    mirror,
    move,
    pane,
    repaint,
    tube,
    turn,
    volume_m3,
)
from bessemer.twin.materials import material_index
from bessemer.twin.scene import Mesh

SQUARE = [(0.0, 0.0, 0.0), (1.0, 0.0, 0.0), (1.0, 1.0, 0.0), (0.0, 1.0, 0.0)]
SHAPES = {
    "box": box("asphalt", (1, 2, 3), (2, 4, 6), top=(0.5, 0.8)),
    "bevelled": bevelled("asphalt", (0, 0, 0), (3, 2, 1), bevel_m=0.2),
    "extrude": extrude("asphalt", [(0, 0), (2, 0), (1, 1)], [1.0, 1.0, 0.7]),
    "tube": tube("asphalt", [(0, 0, 0), (0, 0.2, 1), (0.5, 0.3, 2)], [0.2, 0.3, 0.1]),
    "tube across": tube("asphalt", [(0, -1, 0), (0, 1, 0)], [0.2, 0.2]),
    "ball": ellipsoid("asphalt", (5, 5, 5), (1, 2, 3)),
    "coarse ball": ellipsoid("asphalt", (5, 5, 5), (1, 2, 3), fine=False),
    "hoop": hoop("asphalt", (1, 1, 1), 0.4, [(0.02, 0.0), (-0.01, 0.02), (-0.01, -0.02)]),
    "pane": pane("asphalt", SQUARE),
}
metres = st.floats(-20, 20)


def open_edges(mesh: Mesh) -> int:
    """Return how many edges are not run once in either direction."""
    edges = np.concatenate([mesh.triangles[:, [k, (k + 1) % 3]] for k in range(3)]).tolist()
    there = {tuple(edge) for edge in edges}
    return len(edges) - len(there) + sum((b, a) not in there for a, b in there)


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_shapes_are_closed_with_the_outside_outside(shape: Mesh) -> None:
    assert open_edges(shape) == 0
    assert volume_m3(shape) > 0


@pytest.mark.parametrize("name", ["box", "bevelled", "ball", "tube across", "pane"])
def test_normals_of_convex_shapes_point_away_from_the_middle(name: str) -> None:
    points = SHAPES[name].points.astype(np.float64)
    a, b, c = (points[SHAPES[name].triangles[:, k]] for k in range(3))
    away = (a + b + c) / 3 - points.mean(axis=0)
    assert (np.einsum("ij,ij->i", np.cross(b - a, c - a), away) > 0).all()


@given(x=metres, y=metres, z=metres, angle=st.floats(-7, 7), axis=st.sampled_from("xyz"))
def test_moves_and_turns_keep_volume_and_go_back(
    x: float, y: float, z: float, angle: float, axis: str
) -> None:
    shape = SHAPES["box"]
    moved = turn(move(shape, x, y, z), axis, angle)
    assert volume_m3(moved) == pytest.approx(volume_m3(shape), rel=1e-2)
    back = move(turn(moved, axis, -angle), -x, -y, -z)
    np.testing.assert_allclose(back.points, shape.points, atol=1e-4)


def test_a_turn_follows_the_right_hand_rule() -> None:
    ahead = move(SHAPES["pane"], 10.0)
    assert turn(ahead, "z", np.pi / 2).points[:, 1].mean() > 9
    assert turn(ahead, "y", np.pi / 2).points[:, 2].mean() < -9


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_a_mirror_keeps_orientation_and_is_its_own_inverse(shape: Mesh) -> None:
    image = mirror(shape)
    assert open_edges(image) == 0
    assert volume_m3(image) == pytest.approx(volume_m3(shape), rel=1e-4)
    np.testing.assert_array_equal(mirror(image).points, shape.points)
    np.testing.assert_array_equal(mirror(image).triangles, shape.triangles)


def test_joined_shapes_add_up() -> None:
    whole = join(*SHAPES.values())
    assert open_edges(whole) == 0
    total = sum(volume_m3(shape) for shape in SHAPES.values())
    assert volume_m3(whole) == pytest.approx(total, rel=1e-3)
    assert volume_m3(both(SHAPES["box"])) == pytest.approx(2 * volume_m3(SHAPES["box"]), rel=1e-4)


def test_a_pane_shows_its_face_to_the_outside() -> None:
    shape = SHAPES["pane"]
    a, b, c = shape.points[shape.triangles[0]]
    assert np.cross(b - a, c - a)[2] > 0
    assert shape.points[:, 2].max() == pytest.approx(0.012)


def test_sides_and_lids_carry_their_own_materials() -> None:
    rings = np.array([[(0, 0, z), (1, 0, z), (0, 1, z)] for z in (0.0, 1.0)], float)
    shape = loft(rings, "asphalt", sides=[["grass", "field", "earth"]], lids=("kerb", "gravel"))
    names = ["grass", "grass", "field", "field", "earth", "earth", "kerb", "gravel"]
    assert shape.materials.tolist() == [material_index(name) for name in names]
    assert set(shape.points[shape.triangles[-1], 2].tolist()) == {1.0}


def test_repainting_changes_one_material_alone() -> None:
    pair = join(box("asphalt", (0, 0, 0), (1, 1, 1)), box("grass", (0, 0, 0), (1, 1, 1)))
    painted = repaint(pair, "asphalt", "kerb").materials
    assert set(painted.tolist()) == {material_index("kerb"), material_index("grass")}


def test_a_skin_over_one_ring_is_refused() -> None:
    with pytest.raises(InputError, match="two rings"):
        loft(np.zeros((1, 4, 3)), "asphalt")
