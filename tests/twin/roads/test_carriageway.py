"""Laws of the pavement across a road."""

import numpy as np
import pytest

from bessemer.twin.roads.carriageway import Carriageways
from bessemer.twin.roads.network import LaneKind
from bessemer.twin.roads.read_net import load_network

NETWORKS = ("town", "motorway", "country")


@pytest.mark.parametrize("name", NETWORKS)
def test_a_lane_lies_within_its_pavement(name: str) -> None:
    network = load_network(name)
    across = Carriageways(network)
    for lane in network.lanes.values():
        found = across.at(lane.lane_id, lane.length_m / 2)
        assert (found is None) == lane.inside_junction
        if found is not None and lane.kind is LaneKind.DRIVE:
            assert found.right_m <= -lane.width_m / 2
            assert found.left_m >= lane.width_m / 2


@pytest.mark.parametrize("name", NETWORKS)
def test_both_directions_see_one_road(name: str) -> None:
    """Where a lane leads the other way, it sees this one, and the same width."""
    network = load_network(name)
    across = Carriageways(network)
    for lane in network.lanes.values():
        middle = lane.length_m / 2
        found = across.at(lane.lane_id, middle)
        if found is None or not found.against or lane.kind is not LaneKind.DRIVE:
            continue
        yaw = lane.at(middle)[3]
        there = [
            other
            for other in network.lanes.values()
            if other.kind is LaneKind.DRIVE
            and np.cos(other.at(other.length_m / 2)[3] - yaw) < 0
            and (seen := across.at(other.lane_id, other.length_m / 2)) is not None
            and seen.left_m - seen.right_m == pytest.approx(found.left_m - found.right_m)
        ]
        assert there, lane.lane_id


def test_motorways_have_a_strip_between_their_directions_and_other_roads_have_none() -> None:
    for name in NETWORKS:
        network = load_network(name)
        across = Carriageways(network)
        open_lanes = [
            lane
            for lane in network.lanes.values()
            if lane.kind is LaneKind.DRIVE and not lane.inside_junction and lane.length_m > 50
        ]
        against = [across.at(lane.lane_id, lane.length_m / 2) for lane in open_lanes]
        assert any(found.against for found in against if found) == (name != "motorway")
