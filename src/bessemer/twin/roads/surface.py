"""The surface of a road network: carriageways, sidewalks, paint, and the ground around.

Layers, so that no two surfaces of different make lie in one plane: ground 5 cm below the road,
grass verges 3 cm and gravel 1 cm below, asphalt at the height of the lanes, cycle lanes 3 mm and
paint 5 mm above, sidewalks 12 cm above. Lanes reach 5 cm under their neighbours, so that no crack
shows the ground. The ground is flat, at the height of the lowest lane.

Cost: a town of 400 lanes takes about a tenth of a second and has some 15,000 triangles.
"""

import numpy as np
from jaxtyping import Float64

from bessemer.twin.roads.build import MeshBuilder
from bessemer.twin.roads.lines import offset_line
from bessemer.twin.roads.network import Lane, LaneKind, Marking, RoadNetwork
from bessemer.twin.roads.paint import paint_roads
from bessemer.twin.scene import Mesh

GROUND_M = -0.05
VERGE_M = -0.03
GRAVEL_M = -0.01
CYCLE_M = 0.003
SIDEWALK_M = 0.12
KERB_WIDTH_M = 0.15
OVERLAP_M = 0.05
MARGIN_M = 300.0
"""How far the ground reaches beyond the roads."""
TILE_M = 150.0
"""Side of the ground's quads: small enough that single precision keeps them flat."""
VERGE_WIDTH_M = 7.0
GRAVEL_WIDTH_M = 0.7

GROUND = {"country": "field"}
"""What the ground is, by surround; grass where it says none."""


def road_mesh(network: RoadNetwork) -> Mesh:
    """Return all surfaces of a network as one mesh, with materials of the twin's list.

    Args:
        network: The network.

    Returns:
        The mesh; everything but kerbs looks up.
    """
    builder = MeshBuilder()
    _ground(builder, network)
    for lane in network.lanes.values():
        if lane.inside_junction:
            continue
        if lane.kind is LaneKind.WALK:
            _sidewalk(builder, lane)
        else:
            _carriageway(builder, lane, rural=network.surround == "country")
    for junction in network.junctions:
        builder.polygon(junction.outline, "asphalt")
        if network.surround == "country":
            builder.polygon(_raised(_around(junction.outline), VERGE_M), "grass")
    for corner in network.walking_areas:
        builder.prism(corner.outline, SIDEWALK_M, "sidewalk", "kerb")
    paint_roads(builder, network)
    return builder.build()


def _ground(builder: MeshBuilder, network: RoadNetwork) -> None:
    """Put in the ground, in tiles."""
    points = np.concatenate([lane.points for lane in network.lanes.values()])
    low, high = points.min(axis=0), points.max(axis=0)
    x, y = (
        np.linspace(
            low[i] - MARGIN_M,
            high[i] + MARGIN_M,
            int(np.ceil((high[i] - low[i] + 2 * MARGIN_M) / TILE_M)) + 1,
        )
        for i in (0, 1)
    )
    grid = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1)
    corners = [grid[:-1, :-1], grid[1:, :-1], grid[1:, 1:], grid[:-1, 1:]]
    flat = np.stack(corners, axis=2).reshape(-1, 4, 2)
    height = np.full((len(flat), 4, 1), low[2] + GROUND_M)
    builder.quads(np.concatenate([flat, height], axis=2), GROUND.get(network.surround, "grass"))


def _carriageway(builder: MeshBuilder, lane: Lane, *, rural: bool) -> None:
    """Put in a lane that wheels use; in the country, also what lies right of the road."""
    half_m = lane.width_m / 2
    if lane.kind is LaneKind.BICYCLE:
        raised = _raised(lane.points, CYCLE_M)
        _band(builder, raised, half_m, -half_m, "cycleway")
    else:
        _band(builder, lane.points, half_m + OVERLAP_M, -half_m - OVERLAP_M, "asphalt")
    if rural and lane.right is Marking.SOLID and lane.index == 0:
        gravel_m = -half_m - GRAVEL_WIDTH_M
        _band(builder, _raised(lane.points, GRAVEL_M), -half_m, gravel_m, "gravel")
        verge = _raised(lane.points, VERGE_M)
        _band(builder, verge, half_m, -half_m - VERGE_WIDTH_M, "grass")
        if lane.left is Marking.SOLID:
            _band(builder, verge, half_m + VERGE_WIDTH_M, half_m, "grass")


def _sidewalk(builder: MeshBuilder, lane: Lane) -> None:
    """Put in a sidewalk with its kerb on the side of the road, and faces all around."""
    left_m, right_m = lane.width_m / 2, -lane.width_m / 2
    left, right = offset_line(lane.points, left_m), offset_line(lane.points, right_m)
    for line in (left[::-1], right):
        builder.wall(_raised(line, GROUND_M), SIDEWALK_M - GROUND_M, "kerb")
    for ends in ((left[:1], right[:1]), (right[-1:], left[-1:])):
        line = _raised(np.concatenate(ends), GROUND_M)
        builder.wall(line, SIDEWALK_M - GROUND_M, "kerb")
    top = _raised(lane.points, SIDEWALK_M)
    if lane.left is Marking.KERB:
        _band(builder, top, left_m, left_m - KERB_WIDTH_M, "kerb")
        left_m -= KERB_WIDTH_M
    if lane.right is Marking.KERB:
        _band(builder, top, right_m + KERB_WIDTH_M, right_m, "kerb")
        right_m += KERB_WIDTH_M
    _band(builder, top, left_m, right_m, "sidewalk")


def _band(
    builder: MeshBuilder,
    line: Float64[np.ndarray, "n 3"],
    left_m: float,
    right_m: float,
    material: str,
) -> None:
    """Put in what lies between two offsets of a line."""
    builder.strip(offset_line(line, left_m), offset_line(line, right_m), material)


def _around(outline: Float64[np.ndarray, "n 3"]) -> Float64[np.ndarray, "m 3"]:
    """Return the convex polygon that reaches a verge's width beyond an outline."""
    angle = np.linspace(0.0, 2 * np.pi, 32, endpoint=False)
    way = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    # Where tangents of neighbouring directions meet lie the corners of the hull around all.
    reach = (outline[:, :2] @ way.T).max(axis=0) + VERGE_WIDTH_M
    both = np.stack([way, np.roll(way, -1, axis=0)], axis=1)
    corners = np.linalg.solve(both, np.stack([reach, np.roll(reach, -1)], axis=1)[..., None])
    height = np.full((len(corners), 1), outline[:, 2].mean())
    hull: Float64[np.ndarray, "m 3"] = np.concatenate([corners[..., 0], height], axis=1)
    return hull


def _raised(line: Float64[np.ndarray, "n 3"], by_m: float) -> Float64[np.ndarray, "n 3"]:
    raised: Float64[np.ndarray, "n 3"] = line + np.array([0.0, 0.0, by_m])
    return raised
