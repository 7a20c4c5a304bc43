import numpy as np
import pytest

from bessemer.twin.classes import SemanticClass
from bessemer.twin.materials import MATERIALS, material_index
from bessemer.twin.roads.network import LaneKind, RoadNetwork
from bessemer.twin.roads.read_net import load_network
from bessemer.twin.roads.route import LaneIndex
from bessemer.twin.roads.surface import GROUND_M, MARGIN_M, SIDEWALK_M, road_mesh
from bessemer.twin.scene import Mesh

SEMANTIC = np.array([material.semantic for material in MATERIALS])


def made(name: str) -> tuple[RoadNetwork, Mesh]:
    network = load_network(name)
    return network, road_mesh(network)


@pytest.fixture(scope="module", params=["country", "motorway", "town"])
def road(request: pytest.FixtureRequest) -> tuple[RoadNetwork, Mesh]:
    return made(str(request.param))


def corners(mesh: Mesh, *classes: SemanticClass) -> np.ndarray:
    chosen = np.isin(SEMANTIC[mesh.materials], classes)
    points: np.ndarray = mesh.points[mesh.triangles[chosen]].astype(np.float64)
    return points


def covered(points: np.ndarray, triangles: np.ndarray) -> np.ndarray:
    """Say which points lie in one of the triangles, seen from above."""
    a, b, c = (triangles[None, :, i, :2] for i in range(3))
    p = points[:, None, :2]

    def side(u: np.ndarray, v: np.ndarray) -> np.ndarray:
        cross = (v - u)[..., 0] * (p - u)[..., 1] - (v - u)[..., 1] * (p - u)[..., 0]
        return np.asarray(cross >= -1e-3)

    return np.asarray((side(a, b) & side(b, c) & side(c, a)).any(axis=1))


def test_all_that_lies_flat_looks_up(road: tuple[RoadNetwork, Mesh]) -> None:
    _, mesh = road
    points = mesh.points[mesh.triangles].astype(np.float64)
    normal = np.cross(points[:, 1] - points[:, 0], points[:, 2] - points[:, 0])
    flat = np.ptp(points[..., 2], axis=1) < 1e-6
    assert np.isfinite(points).all()
    assert (normal[flat, 2] > -1e-6).all()
    standing = {"kerb"}
    assert {MATERIALS[i].name for i in np.unique(mesh.materials[~flat])} <= standing


def test_the_way_along_every_lane_is_paved(road: tuple[RoadNetwork, Mesh]) -> None:
    network, mesh = road
    paved = corners(mesh, SemanticClass.ROAD)
    rng = np.random.default_rng(0)
    for lane in list(network.lanes.values())[:: max(len(network.lanes) // 40, 1)]:
        if lane.kind is LaneKind.WALK:
            continue
        at = rng.uniform(0.0, lane.length_m, 8)
        side = rng.uniform(-lane.width_m / 2, lane.width_m / 2, 8) * (not lane.inside_junction)
        places = np.array([lane.at(a, s)[:2] for a, s in zip(at, side, strict=True)])
        assert covered(places, paved).all(), lane.lane_id


def test_paint_lies_on_asphalt(road: tuple[RoadNetwork, Mesh]) -> None:
    _, mesh = road
    paint = corners(mesh, SemanticClass.LANE_MARKING)
    assert np.allclose(paint[..., 2], 0.005)
    middles = paint.mean(axis=1)[:: max(len(paint) // 300, 1)]
    assert covered(middles, corners(mesh, SemanticClass.ROAD)).all()


def test_lane_lines_run_along_the_sides_of_lanes() -> None:
    network, mesh = made("motorway")
    index = LaneIndex(network)
    for x, y, _ in corners(mesh, SemanticClass.LANE_MARKING).mean(axis=1)[::7]:
        place = index.nearest(x, y)
        lane = network.lanes[place.lane_id]
        if 1.0 < place.along_m < lane.length_m - 1.0 and not lane.inside_junction:
            assert abs(place.left_m) > lane.width_m / 2 - 0.5


def test_the_ground_reaches_far_and_lies_below(road: tuple[RoadNetwork, Mesh]) -> None:
    network, mesh = road
    lanes = np.concatenate([lane.points for lane in network.lanes.values()])
    low, high = mesh.points.min(axis=0), mesh.points.max(axis=0)
    assert (low[:2] <= lanes[:, :2].min(axis=0) - MARGIN_M + 0.01).all()
    assert (high[:2] >= lanes[:, :2].max(axis=0) + MARGIN_M - 0.01).all()
    assert low[2] == pytest.approx(GROUND_M)
    assert (corners(mesh, SemanticClass.TERRAIN)[..., 2] < 0).all()


def test_no_two_makes_lie_in_one_plane(road: tuple[RoadNetwork, Mesh]) -> None:
    """Height above the road says what a flat surface is made of, so that nothing flickers."""
    _, mesh = road
    points = mesh.points[mesh.triangles]
    flat = np.ptp(points[..., 2], axis=1) < 1e-6
    made_of: dict[float, set[str]] = {}
    for z, material in zip(points[flat][:, 0, 2], mesh.materials[flat], strict=True):
        made_of.setdefault(round(float(z), 4), set()).add(MATERIALS[material].name)
    raised = made_of.pop(SIDEWALK_M, {"sidewalk"})
    assert raised <= {"sidewalk", "kerb"}
    assert all(len(names) == 1 for names in made_of.values()), made_of


def test_sidewalks_are_raised_behind_a_kerb() -> None:
    _, mesh = made("town")
    assert corners(mesh, SemanticClass.SIDEWALK)[..., 2].max() == pytest.approx(SIDEWALK_M)
    tops = mesh.points[mesh.triangles[mesh.materials == material_index("sidewalk")]]
    assert np.allclose(tops[..., 2], SIDEWALK_M)


def test_a_zebra_leaves_half_of_the_road_bare() -> None:
    network, mesh = made("town")
    paint = corners(mesh, SemanticClass.LANE_MARKING)
    crossing = next(area for area in network.crossings if area.name.startswith(":B1"))
    weights = np.random.default_rng(0).dirichlet(np.ones(len(crossing.outline)), 400)
    assert covered(weights @ crossing.outline, paint).mean() == pytest.approx(0.5, abs=0.12)
