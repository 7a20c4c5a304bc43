"""Paint on roads: lane lines, stop and give-way lines, zebra crossings.

Widths and dashes follow German practice (RMS), rounded. Paint lies 5 mm above the road.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from bessemer.twin.roads.build import MeshBuilder
from bessemer.twin.roads.lines import distances_along, offset_line, points_along
from bessemer.twin.roads.network import Area, Lane, LaneKind, Marking, RoadNetwork

PAINT_M = 0.005
EDGE_INSET_M = 0.2
"""How far inside the road's edge its line lies."""
DOUBLE_APART_M = 0.12
"""Half the distance between the middles of a double line."""
STOP_WIDTH_M = 0.4
STOP_BEFORE_M = 0.5
"""How far before a lane's end its stop line ends."""
BLOCK_M, BLOCK_GAP_M = 0.5, 0.25
"""A line to give way at: blocks and gaps."""
STRIPE_M = 0.5
"""Stripes and gaps of a zebra crossing."""
SAME_LINE_M = 0.6
"""Middle lines of two directions are one line if they are no further apart than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaintStyle:
    """How lines are painted where."""

    width_m: float
    dash_m: float
    gap_m: float


STYLES = {
    "town": PaintStyle(width_m=0.12, dash_m=3.0, gap_m=6.0),
    "country": PaintStyle(width_m=0.12, dash_m=4.0, gap_m=8.0),
    "motorway": PaintStyle(width_m=0.15, dash_m=6.0, gap_m=12.0),
}


def paint_roads(builder: MeshBuilder, network: RoadNetwork) -> None:
    """Put in all paint of a network.

    Args:
        builder: Takes the paint.
        network: The roads; their markings say what is painted.
    """
    style = STYLES.get(network.surround, STYLES["town"])
    signalled = {lane_id for head in network.signals for lane_id in head.lane_ids}
    drawn: list[Float64[np.ndarray, " 3"]] = []
    for lane in network.lanes.values():
        if lane.kind is LaneKind.WALK:
            continue
        _left_line(builder, lane, network, style, drawn)
        if lane.right is Marking.SOLID and _neighbour(lane, -1, network) is None:
            inset_m = EDGE_INSET_M - lane.width_m / 2
            _solid(builder, offset_line(lane.points, inset_m), style.width_m)
        if lane.lane_id in signalled:
            _stop_line(builder, lane)
        elif lane.gives_way:
            _give_way_line(builder, lane)
    for crossing in network.crossings:
        _zebra(builder, crossing)


def _neighbour(lane: Lane, step: int, network: RoadNetwork) -> Lane | None:
    return network.lanes.get(f"{lane.edge_id}_{lane.index + step}")


def _left_line(
    builder: MeshBuilder,
    lane: Lane,
    network: RoadNetwork,
    style: PaintStyle,
    drawn: list[Float64[np.ndarray, " 3"]],
) -> None:
    """Put in the line on a lane's left; one between two directions only for the first of them."""
    if lane.left in (Marking.NONE, Marking.KERB):
        return
    line = offset_line(lane.points, lane.width_m / 2)
    if _neighbour(lane, 1, network) is None:
        if lane.left is Marking.SOLID:
            line = offset_line(lane.points, lane.width_m / 2 - EDGE_INSET_M)
        else:
            middle = points_along(line, np.array([distances_along(line)[-1] / 2]))[0]
            if drawn and np.linalg.norm(np.array(drawn) - middle, axis=1).min() < SAME_LINE_M:
                return
            drawn.append(middle)
    if lane.left is Marking.DASHED:
        _dashed(builder, line, style)
    elif lane.left is Marking.DOUBLE:
        for side_m in (-DOUBLE_APART_M, DOUBLE_APART_M):
            _solid(builder, offset_line(line, side_m), style.width_m)
    else:
        _solid(builder, line, style.width_m)


def _solid(builder: MeshBuilder, line: Float64[np.ndarray, "n 3"], width_m: float) -> None:
    painted = line + np.array([0.0, 0.0, PAINT_M])
    builder.strip(offset_line(painted, width_m / 2), offset_line(painted, -width_m / 2), "marking")


def _dashed(builder: MeshBuilder, line: Float64[np.ndarray, "n 3"], style: PaintStyle) -> None:
    """Put in dashes, as many as fit, with equal ends; each follows the line in three pieces."""
    length_m = float(distances_along(line)[-1])
    period_m = style.dash_m + style.gap_m
    count = max(int((length_m + style.gap_m) / period_m), 1)
    first_m = (length_m - count * period_m + style.gap_m) / 2
    start = first_m + period_m * np.arange(count)
    at = np.clip(start[:, None] + np.linspace(0.0, style.dash_m, 4), 0.0, length_m)
    left = points_along(line, at, style.width_m / 2)
    right = points_along(line, at, -style.width_m / 2)
    corners = np.stack([right[:, :-1], right[:, 1:], left[:, 1:], left[:, :-1]], axis=2)
    builder.quads(corners.reshape(-1, 4, 3) + np.array([0.0, 0.0, PAINT_M]), "marking")


def _across(
    builder: MeshBuilder,
    lane: Lane,
    right_m: Float64[np.ndarray, " k"],
    left_m: Float64[np.ndarray, " k"],
) -> None:
    """Put in blocks across a lane's end, each from so far right to so far left of its middle."""
    end_m = float(distances_along(lane.points)[-1]) - STOP_BEFORE_M
    near, far = np.full(len(right_m), end_m - STOP_WIDTH_M), np.full(len(right_m), end_m)
    corners = [
        points_along(lane.points, at, side)
        for at, side in ((near, right_m), (far, right_m), (far, left_m), (near, left_m))
    ]
    builder.quads(np.stack(corners, axis=1) + np.array([0.0, 0.0, PAINT_M]), "marking")


def _stop_line(builder: MeshBuilder, lane: Lane) -> None:
    half = np.array([lane.width_m / 2])
    _across(builder, lane, -half, half)


def _give_way_line(builder: MeshBuilder, lane: Lane) -> None:
    right_m = np.arange(-lane.width_m / 2 + 0.1, lane.width_m / 2 - BLOCK_M, BLOCK_M + BLOCK_GAP_M)
    _across(builder, lane, right_m, right_m + BLOCK_M)


def _zebra(builder: MeshBuilder, crossing: Area) -> None:
    """Put in the stripes of a crossing, which lie along the road."""
    half = len(crossing.outline) // 2
    left, right = crossing.outline[:half], crossing.outline[half:][::-1]
    middle = (left + right) / 2
    width_m = float(np.linalg.norm((left - right)[0]))
    length_m = float(distances_along(middle)[-1])
    count = max(int((length_m + STRIPE_M) / (2 * STRIPE_M)), 1)
    first_m = (length_m - (2 * count - 1) * STRIPE_M) / 2
    start = first_m + 2 * STRIPE_M * np.arange(count)
    corners = [
        points_along(middle, at, side_m)
        for at, side_m in (
            (start, -width_m / 2),
            (start + STRIPE_M, -width_m / 2),
            (start + STRIPE_M, width_m / 2),
            (start, width_m / 2),
        )
    ]
    builder.quads(np.stack(corners, axis=1) + np.array([0.0, 0.0, PAINT_M]), "marking")
