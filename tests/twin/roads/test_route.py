from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.twin.roads.network import LaneKind
from bessemer.twin.roads.read_net import load_network
from bessemer.twin.roads.route import LaneIndex, Route, lanes_beside, way_ahead

TOWN = load_network("town")
COUNTRY = load_network("country")
DRIVES = [
    lane.lane_id
    for lane in TOWN.lanes.values()
    if lane.kind is LaneKind.DRIVE and not lane.inside_junction
]


@given(st.sampled_from(DRIVES), st.floats(0.05, 0.95), st.floats(-1.0, 1.0))
def test_the_nearest_lane_is_the_one_that_a_point_was_taken_from(
    lane_id: str, share: float, left_m: float
) -> None:
    lane = TOWN.lanes[lane_id]
    x, y, _, yaw_rad = lane.at(lane.length_m * share, left_m)
    found = LaneIndex(TOWN).nearest(x, y, yaw_rad)
    assert found.lane_id == lane_id
    assert found.along_m == pytest.approx(lane.length_m * share, abs=0.2)
    assert found.left_m == pytest.approx(left_m, abs=0.05)


@given(st.sampled_from(DRIVES), st.integers(0, 99), st.floats(0.0, 1.0), st.floats(-2.0, 2.0))
def test_a_place_along_a_route_is_found_again(
    lane_id: str, seed: int, share: float, left_m: float
) -> None:
    route = Route(TOWN, way_ahead(TOWN, lane_id, 300.0, np.random.default_rng(seed)))
    along_m = share * route.length_m
    x, y, _, _ = route.at(along_m, left_m)
    found_m, _ = route.place_of(x, y, near_m=along_m)
    again = route.at(*route.place_of(x, y, near_m=along_m))
    # Inside of a bend a point belongs to more than one place along it.
    assert found_m == pytest.approx(along_m, abs=2.5)
    assert np.hypot(again[0] - x, again[1] - y) < 0.6


def test_a_route_is_one_unbroken_line_through_its_lanes() -> None:
    way = way_ahead(COUNTRY, "R1.fork_0", 5000.0)
    route = Route(COUNTRY, way)
    assert route.length_m > 5000.0  # the roundabout leads back to where it began
    assert np.linalg.norm(np.diff(route.points, axis=0), axis=1).max() < 40.0
    places = np.linspace(0.0, route.length_m - 1e-6, 500)
    names = [route.lane_at(float(s)) for s in places]
    assert [name for i, name in enumerate(names) if i == 0 or names[i - 1] != name][:3] == [
        *(lane_id for lane_id in way if COUNTRY.lanes[lane_id].length_m > 12.0)
    ][:3]


def test_a_route_goes_on_straight_beyond_its_ends() -> None:
    route = Route(TOWN, ["A0.B0_1"])
    x, y, _, yaw_rad = route.at(route.length_m)
    beyond = route.at(route.length_m + 10.0)
    assert beyond[:2] == pytest.approx((x + 10 * np.cos(yaw_rad), y + 10 * np.sin(yaw_rad)))
    start = route.at(0.0)
    before = route.at(-10.0)
    assert np.hypot(before[0] - start[0], before[1] - start[1]) == pytest.approx(10.0)


def test_lanes_follow_each_other_on_any_way() -> None:
    for seed in range(20):
        way = way_ahead(TOWN, "A0.B0_1", 800.0, np.random.default_rng(seed))
        for one, other in pairwise(way):
            assert other in TOWN.lanes[one].successors


def test_lanes_beside_see_each_other() -> None:
    motorway = load_network("motorway")
    for lane in motorway.lanes.values():
        left, right = lanes_beside(motorway, lane.lane_id)
        assert all(lane.lane_id in lanes_beside(motorway, other)[1] for other in left) or (
            lane.kind is LaneKind.SHOULDER
        )
        assert lane.lane_id not in (*left, *right)
    assert lanes_beside(motorway, "east0.1_2") == (("east0.1_3",), ("east0.1_1",))


def test_lanes_that_do_not_exist_are_named() -> None:
    with pytest.raises(InputError, match="nowhere"):
        way_ahead(TOWN, "nowhere", 10.0)
    with pytest.raises(InputError, match="nowhere"):
        Route(TOWN, ["nowhere"])
    with pytest.raises(InputError, match="bus"):
        LaneIndex(COUNTRY, (LaneKind.BUS,))
