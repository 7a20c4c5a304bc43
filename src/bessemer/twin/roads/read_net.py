"""Reads a SUMO network into the records of :mod:`bessemer.twin.roads.network`.

Cost: one pass over the file; a town of 500 lanes takes some tens of milliseconds.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
from jaxtyping import Float64

from bessemer.core.errors import InputError
from bessemer.twin.roads.give_way import Links, lanes_that_give_way
from bessemer.twin.roads.lines import distances_along, offset_line
from bessemer.twin.roads.marking import with_markings
from bessemer.twin.roads.net_file import open_network
from bessemer.twin.roads.network import Area, Lane, LaneKind, Marking, RoadNetwork
from bessemer.twin.roads.signals import read_signals

DEFAULT_WIDTH_M = 3.2
"""SUMO's, where a lane says none."""

PUBLIC = {"bus", "coach", "taxi", "delivery", "truck", "trailer", "motorcycle", "moped"}
AUTHORITIES = {"emergency", "authority", "army", "vip", "private", "hov", "evehicle"}
RAILS_AND_WATER = {
    *("tram", "rail_urban", "rail", "rail_electric", "rail_fast", "subway", "cable_car"),
    *("ship", "container", "aircraft", "drone"),
}
CLASSES = {
    *("passenger", "bicycle", "pedestrian", "wheelchair", "scooter", "custom1", "custom2"),
    *PUBLIC,
    *AUTHORITIES,
    *RAILS_AND_WATER,
}
"""All of SUMO's vehicle classes."""

_GO_ON = {
    LaneKind.DRIVE: (LaneKind.DRIVE, LaneKind.BUS),
    LaneKind.BUS: (LaneKind.DRIVE, LaneKind.BUS),
    LaneKind.BICYCLE: (LaneKind.BICYCLE, LaneKind.DRIVE),
    LaneKind.SHOULDER: (LaneKind.SHOULDER,),
}
"""What a lane can lead to, by kind."""

MOTORWAY_MPS = 25.0
"""A network whose typical lane allows more is one of motorways."""


def load_network(name_or_path: str) -> RoadNetwork:
    """Return a network by the name of one that ships, or from a file.

    Args:
        name_or_path: ``town``, ``motorway``, ``country``; or the path of a SUMO network
            (``.net.xml``, ``.net.xml.gz``) or an OpenDRIVE map (``.xodr``).

    Returns:
        The network.

    Raises:
        InputError: If there is none of that name, the file is no road network or cannot be read,
            or it has no lane that a car may use.

    Example:
        >>> load_network("country").surround
        'country'
    """
    name, text, root = open_network(name_or_path)
    edges = {edge.get("id", ""): edge for edge in root.iter("edge")}
    try:
        links = _read_links(root)
        lanes = _read_lanes(edges.values(), links, lanes_that_give_way(root, links))
        directions = {i: (e.get("from", ""), e.get("to", "")) for i, e in edges.items()}
        lanes = with_markings(lanes, directions, _joints(root))
        walking, crossings = _read_walking(edges.values())
        return RoadNetwork(
            name=name,
            net_xml=text,
            lanes=lanes,
            junctions=_read_junctions(root),
            crossings=crossings,
            walking_areas=walking,
            signals=read_signals(root, lanes),
            surround=_surround(lanes.values(), bool(walking)),
        )
    except InputError as error:
        raise InputError(error.what, where=name_or_path, fix=error.fix) from None
    except (KeyError, ValueError, IndexError) as error:
        raise InputError(
            f"It is not as netconvert writes networks: {error!r}.",
            where=name_or_path,
            fix="Write it again with netconvert.",
        ) from None


def parse_shape(text: str, z_m: float = 0.0) -> Float64[np.ndarray, "n 3"]:
    """Return the points of a SUMO shape, none twice in a row.

    Args:
        text: ``x,y`` or ``x,y,z``, with blanks between points.
        z_m: Height of points that say none.

    Returns:
        The points.

    Raises:
        ValueError: If a number is none, or not finite.

    Example:
        >>> parse_shape("0,0 0,0 3,4").tolist()
        [[0.0, 0.0, 0.0], [3.0, 4.0, 0.0]]
    """
    rows = [[float(number) for number in point.split(",")] for point in text.split()]
    if any(len(row) not in (2, 3) for row in rows):
        raise ValueError(f"a point of two or three numbers is expected in {text[:60]!r}")
    points = np.array([[*row, z_m][:3] for row in rows], np.float64).reshape(-1, 3)
    if not np.isfinite(points).all():
        raise ValueError(f"not a finite number in {text[:60]!r}")
    fresh = np.ones(len(points), bool)
    fresh[1:] = (np.abs(np.diff(points, axis=0)) > 1e-6).any(axis=1)
    return points[fresh]


def _allowed(lane: ElementTree.Element) -> set[str]:
    """Return the vehicle classes that may use a lane."""
    allow, disallow = lane.get("allow"), lane.get("disallow")
    if allow is not None:
        return set(CLASSES) if allow == "all" else set(allow.split())
    if disallow is not None:
        return set() if disallow == "all" else CLASSES - set(disallow.split())
    return set(CLASSES)


def _kind(allowed: set[str]) -> LaneKind | None:
    """Return what a lane is to the road; None for rails and water."""
    if "passenger" in allowed:
        return LaneKind.DRIVE
    if allowed & PUBLIC:
        return LaneKind.BUS
    if "pedestrian" in allowed:
        return LaneKind.WALK
    if "bicycle" in allowed:
        return LaneKind.BICYCLE
    return None if allowed & RAILS_AND_WATER else LaneKind.SHOULDER


def _read_links(root: ElementTree.Element) -> Links:
    """Return where each lane leads to, and the state of that link."""
    links: Links = defaultdict(list)
    for link in root.iter("connection"):
        start = f"{link.attrib['from']}_{link.attrib['fromLane']}"
        end = link.get("via") or f"{link.attrib['to']}_{link.attrib['toLane']}"
        links[start].append((end, link.get("state", "M")))
    return links


def _read_lanes(
    edges: Iterable[ElementTree.Element], links: Links, giving_way: frozenset[str]
) -> dict[str, Lane]:
    """Return the lanes of roads and, inside junctions, those of vehicles."""
    lanes = {}
    for edge in edges:
        function = edge.get("function", "normal")
        if function not in ("normal", "internal"):
            continue
        for item in edge.findall("lane"):
            kind = _kind(_allowed(item))
            points = parse_shape(item.attrib["shape"])
            if kind is None or len(points) < 2 or distances_along(points)[-1] < 0.01:
                continue
            lane_id = item.attrib["id"]
            lanes[lane_id] = Lane(
                lane_id=lane_id,
                edge_id=edge.attrib["id"],
                index=int(item.attrib["index"]),
                kind=kind,
                width_m=float(item.get("width", DEFAULT_WIDTH_M)),
                speed_limit_mps=float(item.attrib["speed"]),
                points=points,
                left=Marking.NONE,
                right=Marking.NONE,
                successors=(),
                inside_junction=function == "internal",
                gives_way=lane_id in giving_way,
            )
    return {i: replace(lane, successors=_onwards(lane, lanes, links)) for i, lane in lanes.items()}


def _onwards(lane: Lane, lanes: dict[str, Lane], links: Links) -> tuple[str, ...]:
    """Return the lanes that one leads to; those that were left out as points are passed through.

    People find their own way over corners and crossings, and a car's lane leads to no cycle lane.
    """
    found: list[str] = []
    passed: set[str] = set()
    waiting = [end for end, _ in links.get(lane.lane_id, ())]
    while waiting:
        end = waiting.pop(0)
        if end in lanes:
            if end not in found and lanes[end].kind in _GO_ON.get(lane.kind, ()):
                found.append(end)
        elif end.startswith(":") and end not in passed:
            passed.add(end)
            waiting = [further for further, _ in links.get(end, ())] + waiting
    return tuple(found)


def _read_junctions(root: ElementTree.Element) -> tuple[Area, ...]:
    """Return the surfaces of junctions; ends of roads have none."""
    areas = []
    for junction in root.iter("junction"):
        if junction.get("type") == "internal" or junction.get("type") == "rail_crossing":
            continue
        outline = parse_shape(junction.get("shape", ""), float(junction.get("z", 0.0)))
        if len(outline) >= 3:
            areas.append(Area(name=junction.attrib["id"], outline=outline))
    return tuple(areas)


def _joints(root: ElementTree.Element) -> frozenset[str]:
    """Return the junctions where no way crosses or meets another."""
    return frozenset(
        junction.attrib["id"]
        for junction in root.iter("junction")
        if all(set(request.get("foes", "")) <= {"0"} for request in junction.iter("request"))
    )


def _read_walking(
    edges: Iterable[ElementTree.Element],
) -> tuple[tuple[Area, ...], tuple[Area, ...]]:
    """Return corners where people walk, and crossings."""
    corners, crossings = [], []
    for edge in edges:
        for lane in edge.findall("lane"):
            points = parse_shape(lane.attrib["shape"])
            name = lane.attrib["id"]
            if edge.get("function") == "walkingarea" and len(points) >= 3:
                corners.append(Area(name=name, outline=points))
            elif edge.get("function") == "crossing" and len(points) >= 2:
                half_m = float(lane.get("width", DEFAULT_WIDTH_M)) / 2
                sides = [offset_line(points, half_m), offset_line(points, -half_m)[::-1]]
                crossings.append(Area(name=name, outline=np.concatenate(sides)))
    return tuple(corners), tuple(crossings)


def _surround(lanes: Iterable[Lane], walked: bool) -> str:
    """Return what most likely lies beside the roads."""
    drives = [lane for lane in lanes if lane.kind is LaneKind.DRIVE and not lane.inside_junction]
    lengths = np.array([lane.length_m for lane in drives])
    speeds = np.array([lane.speed_limit_mps for lane in drives])
    if len(drives) and float((speeds * lengths).sum() / lengths.sum()) > MOTORWAY_MPS:
        return "motorway"
    return "town" if walked else "country"
