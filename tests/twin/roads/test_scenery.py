"""What stands beside the road stands beside the road, and is the same every time."""

from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from bessemer.twin.bodies.shape import join
from bessemer.twin.classes import SemanticClass
from bessemer.twin.materials import MATERIALS
from bessemer.twin.roads.network import LaneKind, RoadNetwork
from bessemer.twin.roads.read_net import load_network
from bessemer.twin.roads.scenery import Scenery, furnish
from bessemer.twin.roads.scenery_country import ring_edges
from bessemer.twin.scene import Mesh
from tests.twin.roads.streets import one_street

HIGHEST_CAR_M = 4.5
MOST_TRIANGLES = 45_000

Furnished = tuple[RoadNetwork, Scenery]


@cache
def shipped(name: str) -> Furnished:
    """Return a network that ships, furnished once."""
    network = load_network(name)
    return network, furnish(network, 0)


LARGE = [pytest.param(name, marks=pytest.mark.slow) for name in ("town", "motorway")]


@pytest.fixture(scope="module", params=[*LARGE, "country", "street", "rural", "fast"])
def furnished(request: pytest.FixtureRequest) -> Furnished:
    """The three networks that ship, and one street in three surrounds."""
    by_hand = {"street": "town", "rural": "country", "fast": "motorway"}
    surround = by_hand.get(request.param)
    if surround is None:
        return shipped(request.param)
    network = one_street(surround)
    return network, furnish(network, 0)


def points_on(mesh: Mesh) -> np.ndarray:
    """Return points all along the edges of a mesh's triangles, and within those that are wide."""
    corners = mesh.points[mesh.triangles].astype(np.float64)
    flat = corners[:, :, :2]
    one, two = flat[:, 1] - flat[:, 0], flat[:, 2] - flat[:, 0]
    wide = np.abs(one[:, 0] * two[:, 1] - one[:, 1] * two[:, 0]) > 2.0
    return np.concatenate([corners.reshape(-1, 3), *along_edges(corners), *within(corners[wide])])


def along_edges(corners: np.ndarray, step_m: float = 0.3) -> list[np.ndarray]:
    """Return points along all edges of triangles."""
    a, b = corners.reshape(-1, 3), np.roll(corners, -1, axis=1).reshape(-1, 3)
    counts = np.ceil(np.linalg.norm(b - a, axis=1) / step_m).astype(int)
    return [
        (a[counts == k, None] + share * (b - a)[counts == k, None]).reshape(-1, 3)
        for k in np.unique(counts[counts > 1])
        for share in [np.linspace(0, 1, k + 1)[:, None]]
    ]


def within(corners: np.ndarray, step_m: float = 1.0) -> list[np.ndarray]:
    """Return points all over triangles."""
    found = []
    sides = np.linalg.norm(corners - np.roll(corners, 1, axis=1), axis=2)
    counts = np.ceil(sides.max(axis=1, initial=0.0) / step_m).astype(int)
    for count in np.unique(counts):
        i, j = np.mgrid[0 : count + 1, 0 : count + 1]
        a, b = (axis[i + j <= count] / count for axis in (i, j))
        weights = np.stack([a, b, 1 - a - b], axis=1)
        chosen = corners[counts == count]
        found.append(np.einsum("wc,tcx->twx", weights, chosen).reshape(-1, 3))
    return found


def distance_m(places: np.ndarray, line: np.ndarray) -> np.ndarray:
    """Return the distance of places from a polyline, seen from above."""
    nearest = np.full(len(places), np.inf)
    for a, b in zip(line[:-1, :2], line[1:, :2], strict=True):
        step = b - a
        share = np.clip((places - a) @ step / (step @ step), 0, 1)
        nearest = np.minimum(nearest, np.linalg.norm(places - a - share[:, None] * step, axis=1))
    return nearest


def clear_m(mesh: Mesh, line: np.ndarray, below_m: float) -> float:
    """Return how near to a line a mesh comes, below a height; 5 m where it is farther."""
    nearest = 5.0
    corners = mesh.points[mesh.triangles]
    low, high = corners.min(axis=1), corners.max(axis=1)
    for a, b in pieces(line[:, :2]):
        box = np.minimum(a, b) - 2.5, np.maximum(a, b) + 2.5
        hit = ((high[:, :2] > box[0]) & (low[:, :2] < box[1])).all(axis=1) & (low[:, 2] < below_m)
        if hit.any():
            chosen = Mesh(
                points=mesh.points, triangles=mesh.triangles[hit], materials=mesh.materials[hit]
            )
            points = points_on(chosen)
            places = points[points[:, 2] < below_m, :2]
            nearest = min(nearest, float(distance_m(places, np.array([a, b])).min()))
    return nearest


def pieces(line: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """Return a polyline in straight pieces of at most 15 m."""
    found = []
    for a, b in pairwise(line):
        count = int(np.ceil(np.linalg.norm(b - a) / 15.0))
        knots = a + np.linspace(0, 1, count + 1)[:, None] * (b - a)
        found += list(pairwise(knots))
    return found


def standing(scenery: Scenery) -> Mesh:
    """Return all but the land."""
    return join(*(part.mesh for part in scenery.parts if part.name != "land"))


def test_nothing_stands_where_cars_drive(furnished: Furnished) -> None:
    network, scenery = furnished
    mesh = standing(scenery)
    for lane in network.lanes.values():
        if lane.kind is not LaneKind.WALK:
            free_m = clear_m(mesh, lane.points, HIGHEST_CAR_M) - lane.width_m / 2
            assert free_m >= 0.3, lane.lane_id


def test_people_can_walk_on_sidewalks(furnished: Furnished) -> None:
    network, scenery = furnished
    mesh = standing(scenery)
    for lane in network.lanes.values():
        if lane.kind is LaneKind.WALK and not lane.inside_junction:
            assert clear_m(mesh, lane.points, 2.1) >= 0.6, lane.lane_id


def test_land_lies_below_the_road(furnished: Furnished) -> None:
    network, scenery = furnished
    land = next(part.mesh for part in scenery.parts if part.name == "land")
    for lane in network.lanes.values():
        places = land.points[distance_m(land.points[:, :2], lane.points) < 20.0]
        assert (places[:, 2] < lane.points[:, 2].min()).all()


def test_the_same_seed_gives_the_same_bytes_and_another_does_not() -> None:
    street = one_street()
    first, again, other = (furnish(street, seed).ground for seed in (0, 0, 1))
    assert first.points.tobytes() == again.points.tobytes()
    assert first.triangles.tobytes() == again.triangles.tobytes()
    assert first.points.tobytes() != other.points.tobytes()


def test_scenes_are_small_enough_to_trace(furnished: Furnished) -> None:
    assert len(furnished[1].ground.triangles) < MOST_TRIANGLES


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("town", ["BUILDING", "VEGETATION", "POLE", "TRAFFIC_SIGN", "WALL", "FENCE", "TERRAIN"]),
        ("motorway", ["FENCE", "WALL", "TERRAIN", "VEGETATION", "TRAFFIC_SIGN", "POLE"]),
        ("country", ["VEGETATION", "BUILDING", "FENCE", "TERRAIN", "TRAFFIC_SIGN", "POLE"]),
    ],
)
def test_each_surround_shows_its_classes(name: str, wanted: list[str]) -> None:
    materials = np.unique(shipped(name)[1].ground.materials)
    assert {SemanticClass[word] for word in wanted} <= {MATERIALS[m].semantic for m in materials}


def test_streets_are_lit_by_turns_of_their_sides() -> None:
    lamps = furnish(one_street(length_m=300.0), 0).street_lamps.position_m
    sides = np.sign(lamps[np.argsort(lamps[:, 0]), 1])
    assert len(lamps) >= 8
    assert (sides[1:] != sides[:-1]).mean() > 0.7
    assert np.diff(np.sort(lamps[:, 0])).max() < 45.0


def test_houses_line_the_street_and_look_at_it() -> None:
    houses = next(p.mesh for p in furnish(one_street(), 0).parts if p.name == "houses")
    walls = houses.points[houses.points[:, 2] > 5.0]
    for side in (-1.0, 1.0):
        along = walls[np.sign(walls[:, 1]) == side, 0]
        covered = np.histogram(along, bins=np.arange(0, 151, 25))[0]
        assert (covered > 0).sum() >= 5


def test_every_signal_gets_a_spot_that_looks_as_it_does() -> None:
    network, scenery = shipped("town")
    spots = scenery.signals
    assert [(s.x_m, s.y_m, s.yaw_rad) for s in spots] == [
        (h.x_m, h.y_m, h.yaw_rad) for h in network.signals
    ]


def test_the_round_island_stands_in_the_middle_of_its_roundabout() -> None:
    network, scenery = shipped("country")
    island = next(p.mesh for p in scenery.parts if p.name == "islands")
    assert len(island.triangles) > 100
    ring = ring_edges(network.net_xml)[0]
    lanes = [lane for lane in network.lanes.values() if lane.edge_id in ring]
    middle = np.concatenate([lane.points for lane in lanes])[:, :2].mean(axis=0)
    assert np.linalg.norm(island.points[:, :2].mean(axis=0) - middle) < 2.0
