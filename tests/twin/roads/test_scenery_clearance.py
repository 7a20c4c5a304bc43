"""Distances from the road agree with geometry, and roadsides point away from it."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessemer.twin.roads.read_net import load_network
from bessemer.twin.roads.scenery_clearance import REACH_M, Clearance
from bessemer.twin.roads.scenery_site import Site
from tests.twin.roads.streets import one_street

STREET = Clearance(one_street())


@given(st.floats(5.0, 145.0), st.floats(-30.0, 30.0))
def test_distance_from_a_straight_road_is_known_to_centimetres(x_m: float, y_m: float) -> None:
    found = STREET.road_m(np.array([[x_m, y_m]]))[0]
    true = max(abs(abs(y_m) - 1.6) - 1.6, -1.6)
    assert abs(found - min(true, REACH_M)) < 0.25
    if abs(true) > 0.6 and true < REACH_M - 1.0:
        assert abs(found - true) < 0.02 or abs(abs(y_m) - 1.6) < 0.6


@given(st.floats(5.0, 145.0), st.floats(-10.0, 10.0))
def test_what_is_taken_stays_taken_and_nothing_else_is(x_m: float, y_m: float) -> None:
    clearance = Clearance(one_street())
    spot = np.array([[x_m, y_m]])
    clearance.take(spot)
    assert clearance.is_taken(spot)[0]
    assert not clearance.is_taken(spot + np.array([2.0, 0.0]))[0]


def test_far_away_nothing_is_known_and_nothing_is_near() -> None:
    assert STREET.road_m(np.array([[9e3, 9e3]]))[0] == REACH_M
    assert not STREET.is_taken(np.array([[9e3, 9e3]]))[0]


def test_roadsides_point_away_from_the_road() -> None:
    for name in ("town", "motorway", "country"):
        site = Site.of(load_network(name), 0)
        assert site.verges
        for verge in site.verges:
            along = np.linspace(0, verge.length_m, 20)
            near, far = (site.clearance.road_m(verge.at(along, m)[:, :2]) for m in (0.1, 0.7))
            assert (far > near - 0.05).mean() > 0.9, (name, verge.edge_id, verge.right)


def test_a_street_has_two_roadsides_beyond_its_sidewalks() -> None:
    verges = Site.of(one_street(), 0).verges
    assert len(verges) == 2
    assert sorted(round(float(verge.line[0, 1]), 3) for verge in verges) == [-5.2, 5.2]
    assert all(verge.right and verge.walk_width_m == 2.0 for verge in verges)
