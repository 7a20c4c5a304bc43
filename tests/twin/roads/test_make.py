from pathlib import Path

import numpy as np
import pytest

from bessemer.twin.roads.make import PLANS, make_network
from bessemer.twin.roads.net_file import DATA
from bessemer.twin.roads.read_net import load_network


@pytest.mark.parametrize("name", PLANS)
def test_what_ships_is_what_its_plan_makes(name: str, tmp_path: Path) -> None:
    out = tmp_path / f"{name}.net.xml"
    make_network(name, out)
    fresh, shipped = load_network(str(out)), load_network(name)
    assert fresh.lanes.keys() == shipped.lanes.keys()
    for lane_id, lane in fresh.lanes.items():
        other = shipped.lanes[lane_id]
        assert lane.length_m == pytest.approx(other.length_m, abs=0.05)
        assert (lane.kind, lane.successors) == (other.kind, other.successors)
        assert (lane.left, lane.right) == (other.left, other.right)


@pytest.mark.parametrize("name", PLANS)
def test_what_ships_says_nothing_of_where_it_was_made(name: str) -> None:
    text = (DATA / f"{name}.net.xml").read_text()
    assert "<!--" not in text
    assert "/tmp" not in text


@pytest.mark.parametrize("name", PLANS)
def test_bends_can_be_driven_at_the_limit(name: str) -> None:
    """Less than 0.45 g sideways on every road outside of junctions."""
    for lane in load_network(name).lanes.values():
        if lane.inside_junction or len(lane.points) < 3:
            continue
        step = np.diff(lane.points[:, :2], axis=0)
        length = np.linalg.norm(step, axis=1)
        heading = np.unwrap(np.arctan2(step[:, 1], step[:, 0]))
        curve = np.abs(np.diff(heading)) / (length[:-1] / 2 + length[1:] / 2)
        assert lane.speed_limit_mps**2 * curve.max() < 0.45 * 9.81, lane.lane_id
