"""Laws that hold for every body: closed shells, a tight box, lamps on the right side."""

import numpy as np
import pytest
from jaxtyping import Float32, Int32

from bessemer.twin.bodies import all_bodies, body_named
from bessemer.twin.bodies.animals import BEASTS, _trunk
from bessemer.twin.classes import MOVING, SemanticClass
from bessemer.twin.materials import MATERIALS, material_index
from bessemer.twin.scene import Body, Mesh

BODIES = {body.name: body for body in all_bodies()}
EVERY_BODY = pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
FAMILIES = {
    "car": SemanticClass.CAR,
    "emergency": SemanticClass.CAR,
    "truck": SemanticClass.TRUCK,
    "bus": SemanticClass.BUS,
    "motorcycle": SemanticClass.MOTORCYCLE,
    "bicycle": SemanticClass.BICYCLE,
    "person": SemanticClass.PERSON,
    "animal": SemanticClass.ANIMAL,
    "debris": SemanticClass.DEBRIS,
    "cone": SemanticClass.DEBRIS,
    "sign": SemanticClass.TRAFFIC_SIGN,
    "tunnel": SemanticClass.TUNNEL,
}
ENCLOSED = [name for name in BODIES if name.split("/")[0] in ("car", "emergency", "truck", "bus")]
MOTORCYCLES = ["motorcycle/road", "parked/motorcycle"]


def shells(mesh: Mesh) -> Int32[np.ndarray, " t"]:
    """Return the shell that each triangle belongs to: triangles that share a point are of one."""
    label = np.arange(len(mesh.points))
    while True:
        least = label[mesh.triangles].min(axis=1)
        lower = label.copy()
        np.minimum.at(lower, mesh.triangles.ravel(), np.repeat(least, 3))
        if (lower == label).all():
            return np.asarray(least, np.int32)
        label = lower


def points_of(body: Body, material: str) -> Float32[np.ndarray, "v 3"]:
    """Return the points of the triangles of a material."""
    mine = body.mesh.triangles[body.mesh.materials == material_index(material)]
    return np.asarray(body.mesh.points[mine].reshape(-1, 3), np.float32)


@EVERY_BODY
def test_every_edge_is_run_once_in_either_direction(body: Body) -> None:
    triangles = body.mesh.triangles
    edges = np.concatenate([triangles[:, [k, (k + 1) % 3]] for k in range(3)]).astype(np.int64)
    there = edges[:, 0] * len(body.mesh.points) + edges[:, 1]
    back = edges[:, 1] * len(body.mesh.points) + edges[:, 0]
    assert len(np.unique(there)) == len(there)
    np.testing.assert_array_equal(np.sort(there), np.sort(back))


@EVERY_BODY
def test_every_shell_has_its_outside_outside(body: Body) -> None:
    points = body.mesh.points.astype(np.float64)
    shell = shells(body.mesh)
    middle = np.array([points[body.mesh.triangles[shell == k][0, 0]] for k in shell])
    a, b, c = (points[body.mesh.triangles[:, k]] - middle for k in range(3))
    volumes = np.bincount(shell, np.einsum("ij,ij->i", a, np.cross(b, c)))
    assert (volumes[np.unique(shell)] > 0).all()


@EVERY_BODY
def test_no_triangle_is_without_area(body: Body) -> None:
    a, b, c = (body.mesh.points[body.mesh.triangles[:, k]].astype(np.float64) for k in range(3))
    assert np.linalg.norm(np.cross(b - a, c - a), axis=1).min() > 1e-8


@EVERY_BODY
def test_the_box_is_tight_and_stands_on_the_origin(body: Body) -> None:
    low, high = body.mesh.points.min(axis=0), body.mesh.points.max(axis=0)
    half = np.array(body.size_m) / 2
    np.testing.assert_allclose(low, [-half[0], -half[1], 0.0], atol=1e-3)
    np.testing.assert_allclose(high, [half[0], half[1], body.size_m[2]], atol=1e-3)


@EVERY_BODY
def test_families_tell_the_class_and_triangles_agree(body: Body) -> None:
    family, kind = body.name.split("/")[:2]
    semantic = FAMILIES[kind if family == "parked" else family]
    assert body.semantic is semantic
    moving = {MATERIALS[m].semantic for m in body.mesh.materials.tolist()} & MOVING
    allowed = {semantic} | ({SemanticClass.RIDER} if family in ("bicycle", "motorcycle") else set())
    if semantic in MOVING:
        assert moving == allowed


@EVERY_BODY
def test_bodies_are_of_few_triangles(body: Body) -> None:
    assert 12 <= len(body.mesh.triangles) <= 1000


@pytest.mark.parametrize("name", [*ENCLOSED, *MOTORCYCLES])
def test_lamps_sit_where_drivers_look_for_them(name: str) -> None:
    body, kind = BODIES[name], BODIES[name].semantic.label
    assert points_of(body, f"{kind}/left")[:, 1].min() > 0
    assert points_of(body, f"{kind}/right")[:, 1].max() < 0
    assert points_of(body, f"{kind}/head")[:, 0].min() > 0
    for lamp in ("tail", "brake"):
        assert points_of(body, f"{kind}/{lamp}")[:, 0].max() < 0
    for side in ("left", "right"):
        x = points_of(body, f"{kind}/{side}")[:, 0]
        assert x.min() < 0 < x.max()


@pytest.mark.parametrize("name", ENCLOSED)
def test_vehicles_have_windows_above_wheels_on_the_ground(name: str) -> None:
    body, kind = BODIES[name], BODIES[name].semantic.label
    glass, rubber = (points_of(body, f"{kind}/{part}") for part in ("glass", "rubber"))
    assert glass[:, 2].min() > 0.25 * body.size_m[2] or kind == "bus"
    assert glass[:, 2].mean() > rubber[:, 2].max()
    assert rubber[:, 2].min() == pytest.approx(0.0, abs=1e-3)


@pytest.mark.parametrize("name", ["emergency/police", "emergency/ambulance"])
def test_beacons_are_the_highest_part(name: str) -> None:
    body = BODIES[name]
    assert points_of(body, "car/beacon")[:, 2].max() == pytest.approx(body.size_m[2], abs=1e-3)


@pytest.mark.parametrize("figure", ["adult", "coat", "child", "worker", "stroller", "umbrella"])
def test_legs_part_and_meet_in_turn(figure: str) -> None:
    phases = [BODIES[f"person/{figure}/{phase}"] for phase in range(4)]
    lengths = [np.ptp(points_of(body, "person/trousers")[:, 0]) for body in phases]
    assert min(lengths[0], lengths[2]) > 1.5 * max(lengths[1], lengths[3])
    assert lengths[0] == pytest.approx(lengths[2], rel=1e-3)


def test_the_gaits_halves_are_mirror_images() -> None:
    for phase in (0, 1):
        one, other = (BODIES[f"person/adult/{k}"].mesh.points for k in (phase, phase + 2))
        mirrored = one * np.array([1, -1, 1], np.float32)
        as_sets = [
            np.unique(np.round(points[:, [0, 2]], 2), axis=0) for points in (mirrored, other)
        ]
        assert len(as_sets[0]) == pytest.approx(len(as_sets[1]), rel=0.1)
        np.testing.assert_allclose(mirrored.min(axis=0), other.min(axis=0), atol=1e-3)
        np.testing.assert_allclose(mirrored.max(axis=0), other.max(axis=0), atol=1e-3)


def test_sizes_are_those_of_the_street() -> None:
    hatch, bus, semi = (body_named(n).size_m for n in ("car/hatch", "bus/city", "truck/semi"))
    assert 3.5 < hatch[0] < 4.4 < bus[0] < semi[0] < 18
    adult, child = (body_named(n).size_m[2] for n in ("person/adult", "person/child"))
    assert 1.0 < child < 1.4 < adult < 2.0
    assert body_named("animal/dog").size_m[2] < body_named("animal/deer").size_m[2]


def test_animals_stand_as_high_as_in_nature() -> None:
    """Heights where the trunk is, which a head may stand above."""
    backs_m = {
        "boar": 0.80,
        "deer": 1.10,
        "sheep": 0.75,
        "cow": 1.40,
        "dog": 0.56,
        "fox": 0.38,
    }
    for name, back_m in backs_m.items():
        body = body_named(f"animal/{name}")
        beast = next(one for one in BEASTS if one.name == body.name)
        assert beast.shoulder_m == back_m
        assert _trunk(beast).points[:, 2].max() == pytest.approx(back_m, rel=0.05)
        assert back_m - 0.05 < body.size_m[2] < 1.6 * back_m


def test_animals_differ_in_their_coats() -> None:
    coats = [beast.coat for beast in BEASTS]
    assert len(set(coats)) == len(coats)
    albedo = {one.name: MATERIALS[material_index(one.coat)].albedo for one in BEASTS}
    assert min(albedo["animal/sheep"]) > 5 * max(albedo["animal/boar"])
    used = set(body_named("animal/cow").mesh.materials.tolist())
    assert {material_index("animal/hide_white"), material_index("animal/patch")} <= used
