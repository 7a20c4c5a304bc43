"""Reads where a network's traffic lights stand, and what they speak to."""

from collections import defaultdict
from xml.etree import ElementTree

import numpy as np

from bessemer.twin.roads.network import Lane, LaneKind, SignalHead

POLE_M = 0.6
"""How far right of the road a pole stands."""
APART_M = 0.7
"""Distance of poles of one approach, where its lanes are not let go together."""
ROLLING = (LaneKind.DRIVE, LaneKind.BUS)


def read_signals(root: ElementTree.Element, lanes: dict[str, Lane]) -> tuple[SignalHead, ...]:
    """Return one head for each group of lanes of an approach that are let go together.

    A lane from which several links leave is spoken to by the light of its straightest.

    Args:
        root: The network's XML.
        lanes: Its lanes.

    Returns:
        The heads, in the order of the file. Those of people and cycle lanes are left out.
    """
    programs = {
        program.attrib["id"]: [phase.attrib["state"] for phase in program.findall("phase")]
        for program in reversed(root.findall("tlLogic"))
    }
    groups: dict[tuple[str, str, str], dict[str, int]] = defaultdict(dict)
    for lane_id, (signal_id, link) in _straightest(root).items():
        lane = lanes.get(lane_id)
        if lane is None or lane.inside_junction or lane.kind not in ROLLING:
            continue
        course = "".join(state[link].lower() for state in programs.get(signal_id, ()))
        groups[(lane.edge_id, signal_id, course)][lane_id] = link
    heads: list[SignalHead] = []
    poles: dict[str, int] = defaultdict(int)
    for (edge_id, signal_id, _), links in groups.items():
        edge = [lane for lane in lanes.values() if lane.edge_id == edge_id and lane.kind in ROLLING]
        rightmost = min(edge, key=lambda lane: lane.index)
        beside_m = _rolling_width(lanes, edge_id, rightmost) + POLE_M + APART_M * poles[edge_id]
        poles[edge_id] += 1
        x_m, y_m, _, yaw_rad = rightmost.at(rightmost.length_m, -beside_m)
        heads.append(
            SignalHead(
                signal_id=signal_id,
                link=next(iter(links.values())),
                x_m=x_m,
                y_m=y_m,
                yaw_rad=float(np.arctan2(-np.sin(yaw_rad), -np.cos(yaw_rad))),
                lane_ids=tuple(links),
            )
        )
    return tuple(heads)


def _straightest(root: ElementTree.Element) -> dict[str, tuple[str, int]]:
    """Return, for each lane before a light, the light and the link of its straightest way."""
    found: dict[str, tuple[int, str, int]] = {}
    for link in root.iter("connection"):
        signal_id = link.get("tl")
        if signal_id is None:
            continue
        lane_id = f"{link.attrib['from']}_{link.attrib['fromLane']}"
        turn = "sLRlrt".find(link.get("dir", "t"))
        best = found.get(lane_id)
        if best is None or turn < best[0]:
            found[lane_id] = (turn, signal_id, int(link.attrib["linkIndex"]))
    return {lane_id: (signal_id, index) for lane_id, (_, signal_id, index) in found.items()}


def _rolling_width(lanes: dict[str, Lane], edge_id: str, rightmost: Lane) -> float:
    """Return how far right of a lane's middle the road ends: beyond cycle lanes and shoulders."""
    beyond = [
        lane.width_m
        for lane in lanes.values()
        if lane.edge_id == edge_id
        and lane.index < rightmost.index
        and lane.kind is not LaneKind.WALK
    ]
    return rightmost.width_m / 2 + sum(beyond)
