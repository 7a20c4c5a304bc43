"""Signs and traffic lights: what is on them, which way they look, what rule they give."""

from dataclasses import replace

import numpy as np
import pytest

from bessemer.twin.classes import SemanticClass
from bessemer.twin.materials import MATERIALS, material_index
from bessemer.twin.roads.scenery_signals import LAMP_OF_STATE, signal_body
from bessemer.twin.roads.scenery_signs import KINDS, limit_of, rules_of, sign
from bessemer.twin.scene import Lamp, Mesh
from tests.twin.roads.streets import one_street


def normals_of(mesh: Mesh, semantic: SemanticClass) -> np.ndarray:
    """Return the unnormalised normals of a class's triangles."""
    chosen = [MATERIALS[m].semantic is semantic for m in mesh.materials]
    a, b, c = (mesh.points[mesh.triangles[chosen][:, k]] for k in range(3))
    return np.cross(b - a, c - a)


@pytest.mark.parametrize("kind", KINDS)
def test_a_sign_looks_ahead_and_shows_its_grey_back_behind(kind: str) -> None:
    mesh = sign(kind, 2.5)
    back = mesh.materials == material_index("sign_back")
    chosen = Mesh(
        points=mesh.points, triangles=mesh.triangles[back], materials=mesh.materials[back]
    )
    assert (normals_of(chosen, SemanticClass.TRAFFIC_SIGN)[:, 0] < 0).all()
    faces = [
        m.semantic is SemanticClass.TRAFFIC_SIGN for m in (MATERIALS[i] for i in mesh.materials)
    ]
    front = np.array(faces) & ~back
    shown = Mesh(
        points=mesh.points, triangles=mesh.triangles[front], materials=mesh.materials[front]
    )
    assert len(shown.triangles) > 0
    assert (normals_of(shown, SemanticClass.TRAFFIC_SIGN)[:, 0] > 0).all()


def test_signs_differ_from_each_other() -> None:
    shapes = {
        (sign(kind, 2.5).points.tobytes(), sign(kind, 2.5).materials.tobytes()) for kind in KINDS
    }
    assert len(shapes) == len(KINDS)


def test_every_common_limit_has_its_sign() -> None:
    for kmh in (30, 50, 70, 80, 100, 120, 130):
        assert limit_of(kmh / 3.6) == f"limit/{kmh}"


def test_who_gives_way_is_told_so_unless_a_light_speaks() -> None:
    street = one_street()
    lanes = street.lanes | {
        name: replace(street.lanes[name], gives_way=True) for name in ("east_1", "west_1")
    }
    lit = replace(street.signals[0], lane_ids=("east_1",))
    rules = rules_of(replace(street, lanes=lanes, signals=(lit,)))
    assert rules["east"] == ""
    assert rules["west"] in {"yield", "stop"}


def test_a_signal_has_one_lens_for_each_lamp_and_shows_it_ahead() -> None:
    mesh = signal_body().mesh
    for lamp in (Lamp.RED, Lamp.AMBER, Lamp.GREEN):
        lens = np.array([MATERIALS[m].lamp is lamp for m in mesh.materials])
        points = mesh.points[mesh.triangles[lens]].reshape(-1, 3)
        assert lens.sum() >= 8
        others = mesh.points[mesh.triangles[~lens]].reshape(-1, 3)
        beside = others[np.abs(others[:, 2] - points[:, 2].mean()) < 0.1]
        assert not len(beside) or points[:, 0].max() > beside[:, 0].max()


def test_red_hangs_above_amber_above_green() -> None:
    mesh = signal_body().mesh
    up = [
        mesh.points[mesh.triangles[mesh.materials == material_index(f"signal_{c}")], 2].mean()
        for c in ("green", "amber", "red")
    ]
    assert up == sorted(up)


def test_every_letter_of_a_state_is_known() -> None:
    assert set("ruyYgGsoO") == set(LAMP_OF_STATE)
