"""Says which line lies between a lane and what is beside it, since SUMO does not."""

from collections import defaultdict
from dataclasses import replace

import numpy as np

from bessemer.twin.roads.lines import offset_line, points_along
from bessemer.twin.roads.network import Lane, LaneKind, Marking

BESIDE_M = 0.6
"""Two directions are one road if their left borders lie no further apart in the middle."""

ROLLING = (LaneKind.DRIVE, LaneKind.BUS)


def with_markings(
    lanes: dict[str, Lane],
    directions: dict[str, tuple[str, str]],
    joints: frozenset[str] = frozenset(),
) -> dict[str, Lane]:
    """Return the lanes with the lines on both of their sides.

    A kerb lies beside a sidewalk, a solid line at an edge of the road and beside another kind of
    lane, a dashed one between lanes of one direction. The line between two directions is dashed
    where each has one lane, and double otherwise. Nothing is painted in junctions, but across a
    joint a line goes on if it is the same before and behind.

    Args:
        lanes: Lanes by id.
        directions: For each edge, the nodes that it goes from and to.
        joints: Junctions where no way crosses or meets another.

    Returns:
        The same lanes, in their order.
    """
    by_edge: dict[str, list[Lane]] = defaultdict(list)
    for lane in lanes.values():
        if not lane.inside_junction:
            by_edge[lane.edge_id].append(lane)
    for edge_lanes in by_edge.values():
        edge_lanes.sort(key=lambda lane: lane.index)
    by_ends = {directions[edge_id]: edge_id for edge_id in by_edge}
    marked = dict(lanes)
    for edge_id, edge_lanes in by_edge.items():
        start, end = directions[edge_id]
        against = by_edge.get(by_ends.get((end, start), ""), [])
        for i, lane in enumerate(edge_lanes):
            right = edge_lanes[i - 1] if i else None
            left = edge_lanes[i + 1] if i + 1 < len(edge_lanes) else None
            marked[lane.lane_id] = replace(
                lane,
                right=_at_the_edge(lane) if right is None else _between(lane, right),
                left=_in_the_middle(edge_lanes, against) if left is None else _between(lane, left),
            )
    return _across_joints(marked, joints)


def _across_joints(lanes: dict[str, Lane], joints: frozenset[str]) -> dict[str, Lane]:
    """Let the lines of roads go on where roads only follow each other."""
    before = {after: lane for lane in lanes.values() for after in lane.successors}
    marked = dict(lanes)
    for lane in lanes.values():
        # ":joint_0" is the edge of ways inside of the junction "joint".
        junction = lane.edge_id[1:].rpartition("_")[0]
        if not lane.inside_junction or junction not in joints or lane.lane_id not in before:
            continue
        one, other = before[lane.lane_id], [lanes[after] for after in lane.successors]
        if len(other) == 1 and not one.inside_junction:
            marked[lane.lane_id] = replace(
                lane,
                left=one.left if one.left is other[0].left else Marking.NONE,
                right=one.right if one.right is other[0].right else Marking.NONE,
            )
    return marked


def _at_the_edge(lane: Lane) -> Marking:
    """Return the line on the right of the rightmost lane."""
    return Marking.NONE if lane.kind in (LaneKind.WALK, LaneKind.SHOULDER) else Marking.SOLID


def _between(one: Lane, other: Lane) -> Marking:
    """Return the line between two lanes of one direction."""
    kinds = {one.kind, other.kind}
    if LaneKind.WALK in kinds:
        return Marking.NONE if len(kinds) == 1 else Marking.KERB
    return Marking.DASHED if len(kinds) == 1 else Marking.SOLID


def _in_the_middle(own: list[Lane], against: list[Lane]) -> Marking:
    """Return the line on the left of the leftmost lane."""
    leftmost = own[-1]
    if leftmost.kind is LaneKind.WALK:
        return Marking.NONE
    if not against or not _touch(leftmost, against[-1]):
        return Marking.SOLID
    wide = max(sum(lane.kind in ROLLING for lane in lanes) for lanes in (own, against)) > 1
    return Marking.DOUBLE if wide else Marking.DASHED


def _touch(one: Lane, other: Lane) -> bool:
    """Return whether two lanes of opposite directions share their left border."""
    middles = [
        points_along(
            offset_line(lane.points, lane.width_m / 2), np.array([lane.length_m / 2]), 0.0
        )[0]
        for lane in (one, other)
    ]
    return float(np.linalg.norm(middles[0] - middles[1])) < BESIDE_M + abs(
        one.length_m - other.length_m
    )
