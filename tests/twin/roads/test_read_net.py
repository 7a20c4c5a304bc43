import gzip
from pathlib import Path

import numpy as np
import pytest

from bessemer.core.errors import InputError
from bessemer.twin.roads.lines import points_along
from bessemer.twin.roads.net_file import DATA, open_network, shipped_networks
from bessemer.twin.roads.netconvert import netconvert
from bessemer.twin.roads.network import LaneKind, Marking, RoadNetwork
from bessemer.twin.roads.read_net import load_network, parse_shape

NAMES = ("country", "motorway", "town")


@pytest.fixture(scope="module", params=NAMES)
def network(request: pytest.FixtureRequest) -> RoadNetwork:
    return load_network(str(request.param))


def test_three_networks_ship_and_are_small() -> None:
    assert shipped_networks() == NAMES
    assert all((DATA / f"{name}.net.xml").stat().st_size < 300_000 for name in NAMES)


def test_every_successor_exists_and_begins_where_its_lane_ends(network: RoadNetwork) -> None:
    for lane in network.lanes.values():
        for after in lane.successors:
            gap = network.lanes[after].points[0] - lane.points[-1]
            # Where a cycle lane joins the road, bicycles keep to its right side.
            limit_m = 1.0 if lane.kind is LaneKind.BICYCLE else 0.5
            assert np.linalg.norm(gap) < limit_m, (lane.lane_id, after)


def test_every_way_into_a_junction_leads_out_of_it(network: RoadNetwork) -> None:
    for lane in network.lanes.values():
        if lane.inside_junction and lane.kind is not LaneKind.WALK:
            assert lane.successors, lane.lane_id


def test_traffic_keeps_right(network: RoadNetwork) -> None:
    """Where a line parts two directions, a driver has the oncoming lanes on the left."""
    drives = [lane for lane in network.lanes.values() if not lane.inside_junction]
    rightmost = {lane.edge_id: lane for lane in drives if lane.index == 0}
    parted = [
        lane
        for lane in drives
        if lane.left in (Marking.DOUBLE, Marking.DASHED)
        and f"{lane.edge_id}_{lane.index + 1}" not in network.lanes
    ]
    for lane in parted:
        start, _, end = lane.edge_id.partition(".")
        x, y, _, yaw_rad = lane.at(lane.length_m / 2)
        oncoming = rightmost[f"{end}.{start}"]
        to = np.array(oncoming.at(oncoming.length_m / 2)[:2]) - (x, y)
        assert np.cos(yaw_rad) * to[1] - np.sin(yaw_rad) * to[0] > 0, lane.lane_id
    assert parted or network.name == "motorway"


def test_neighbours_agree_on_the_line_between_them(network: RoadNetwork) -> None:
    for lane in network.lanes.values():
        left = network.lanes.get(f"{lane.edge_id}_{lane.index + 1}")
        if left is not None and not lane.inside_junction:
            assert lane.left is left.right, lane.lane_id


def test_nothing_is_painted_where_ways_cross() -> None:
    inside = [lane for lane in load_network("town").lanes.values() if lane.inside_junction]
    crossing = [lane for lane in inside if lane.edge_id.startswith(":B1")]
    assert crossing
    assert {lane.left for lane in crossing} | {lane.right for lane in crossing} == {Marking.NONE}


def test_signals_look_against_the_traffic_from_the_right_of_its_stop_line() -> None:
    town = load_network("town")
    assert town.signals
    for head in town.signals:
        for lane_id in head.lane_ids:
            lane = town.lanes[lane_id]
            x, y, _, yaw_rad = lane.at(lane.length_m)
            ahead = np.array([np.cos(yaw_rad), np.sin(yaw_rad)])
            to = np.array([head.x_m - x, head.y_m - y])
            assert np.cos(head.yaw_rad - yaw_rad) < -0.99
            assert abs(to @ ahead) < 1.0
            assert ahead[0] * to[1] - ahead[1] * to[0] < -lane.width_m / 2
    assert len({(head.signal_id, head.link) for head in town.signals}) == len(town.signals)


def test_every_rolling_lane_before_a_light_is_spoken_to_by_one_head() -> None:
    _, _, root = open_network("town")
    lit = {
        f"{link.attrib['from']}_{link.attrib['fromLane']}"
        for link in root.iter("connection")
        if link.get("tl")
    }
    town = load_network("town")
    rolling = [i for i in lit if i in town.lanes and town.lanes[i].kind is LaneKind.DRIVE]
    spoken = [lane_id for head in town.signals for lane_id in head.lane_ids]
    assert sorted(spoken) == sorted(rolling)


def test_the_minor_road_gives_way_and_the_major_does_not() -> None:
    country = load_network("country")
    giving = {lane.lane_id for lane in country.lanes.values() if lane.gives_way}
    assert giving == {"farm.fork_0", "fork.R0_0", "fork.R1_0", "village.R2_0"}
    town = load_network("town")
    assert all("." in lane.lane_id for lane in town.lanes.values() if lane.gives_way)
    assert not town.lanes["B0.A0_1"].gives_way  # at a bend, nobody else comes


def test_the_three_differ_in_what_they_are_for() -> None:
    kinds = {name: {lane.kind for lane in load_network(name).lanes.values()} for name in NAMES}
    assert {LaneKind.WALK, LaneKind.BICYCLE, LaneKind.DRIVE} <= kinds["town"]
    assert kinds["motorway"] == {LaneKind.DRIVE, LaneKind.SHOULDER}
    assert kinds["country"] == {LaneKind.DRIVE}
    assert [load_network(name).surround for name in NAMES] == list(NAMES)


def test_a_packed_network_reads_as_the_plain_one(tmp_path: Path) -> None:
    packed = tmp_path / "mine.net.xml.gz"
    packed.write_bytes(gzip.compress((DATA / "country.net.xml").read_bytes()))
    mine, plain = load_network(str(packed)), load_network("country")
    assert mine.name == "mine"
    assert mine.net_xml == plain.net_xml
    assert list(mine.lanes) == list(plain.lanes)


def test_an_opendrive_map_keeps_its_roads(tmp_path: Path) -> None:
    drive = tmp_path / "mine.xodr"
    options = ["--sumo-net-file", str(DATA / "country.net.xml"), "--opendrive-output", str(drive)]
    netconvert([*options, "--no-warnings", "true"], where="country")
    mine, plain = load_network(str(drive)), load_network("country")

    def drivable_m(network: RoadNetwork) -> float:
        lanes = network.lanes.values()
        return sum(x.length_m for x in lanes if x.kind is LaneKind.DRIVE and not x.inside_junction)

    assert drivable_m(mine) == pytest.approx(drivable_m(plain), rel=0.05)


def test_shapes_lose_only_points_that_repeat() -> None:
    line = parse_shape("0,0 0,0 3,4 3,4,2 3,4,2")
    assert line.tolist() == [[0, 0, 0], [3, 4, 0], [3, 4, 2]]
    assert points_along(line[:2], np.array([2.5]))[0].tolist() == [1.5, 2.0, 0.0]


NET = "<net version='1.20'>{}</net>"
ROAD = (
    "<edge id='a' from='n' to='m'><lane id='a_0' index='0' speed='9' allow='{}' shape='{}'/></edge>"
)
BOMB = "<!DOCTYPE net [<!ENTITY a 'aaaa'><!ENTITY b '&a;&a;&a;'>]><net>&b;</net>"


@pytest.mark.parametrize(
    ("file_name", "content", "says"),
    [
        ("a.net.xml", NET.format(ROAD.format("tram", "0,0 9,0")).encode(), "no lane that a car"),
        ("a.net.xml", NET.format(ROAD.format("pedestrian", "0,0 9,0")).encode(), "no lane that"),
        ("a.net.xml", NET.format("").encode(), "no lane that a car"),
        ("a.net.xml", NET.format(ROAD.format("passenger", "0,0 nan,0")).encode(), "netconvert"),
        ("a.net.xml", NET.format(ROAD.format("passenger", "0,zero")).encode(), "netconvert"),
        ("a.net.xml", NET.format("<edge id='a'><lane/></edge>").encode(), "netconvert writes"),
        ("a.net.xml", b"<svg/>", "no SUMO network"),
        ("a.net.xml", b"<net><edge></net>", "no well-formed XML"),
        ("a.net.xml", b"", "no well-formed XML"),
        ("a.net.xml", b"\x89PNG\r\n", "no well-formed XML"),
        ("a.net.xml", BOMB.encode(), "DOCTYPE"),
        ("a.net.xml", BOMB.encode("utf-16"), "DOCTYPE"),
        ("a.xodr", BOMB.encode(), "DOCTYPE"),
        ("a.xodr", b"<net/>", "no OpenDRIVE"),
        ("a.net.xml.gz", b"not packed", "cannot be read"),
        ("a.net.xml.gz", gzip.compress(b"<net>" * 99, mtime=0)[:25], "cannot be read"),
    ],
)
def test_what_is_no_network_gives_one_clear_error(
    tmp_path: Path, file_name: str, content: bytes, says: str
) -> None:
    path = tmp_path / file_name
    path.write_bytes(content)
    with pytest.raises(InputError, match=says) as caught:
        load_network(str(path))
    text = str(caught.value)
    assert caught.value.where == str(path)
    assert not text.rstrip().endswith("]")  # and what to do


def test_an_entity_cannot_fetch_a_file(tmp_path: Path) -> None:
    secret, path = tmp_path / "secret", tmp_path / "a.net.xml"
    secret.write_text("hidden")
    path.write_text(f"<!DOCTYPE net [<!ENTITY x SYSTEM '{secret}'>]><net>&x;</net>")
    with pytest.raises(InputError, match="DOCTYPE") as caught:
        load_network(str(path))
    assert "hidden" not in str(caught.value)


def test_an_unknown_name_lists_those_that_ship() -> None:
    with pytest.raises(InputError, match=r"village.*country, motorway, town"):
        load_network("village")


def test_a_missing_file_is_named() -> None:
    with pytest.raises(InputError, match=r"no such file.*nowhere"):
        load_network("nowhere/at/all.net.xml")
