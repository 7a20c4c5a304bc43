"""How far every place is from the road, as a raster, and what ground is taken already.

Cost: O(segments x cells within reach) once; a look-up is O(1) a point.
Shapes: k points.
"""

from itertools import pairwise

import numpy as np
from jaxtyping import Bool, Float32, Float64

from bessemer.twin.roads.network import LaneKind, RoadNetwork

CELL_M = 0.5
REACH_M = 8.0
"""Distances are known up to here; whatever is farther counts as this far."""

MARGIN_M = 80.0
PIECE_M = 25.0
"""Longer segments are cut, so that the window of a slanted one stays small."""


class Clearance:
    """Distances from the drivable surface and from the sidewalks of one network.

    Values between cells are interpolated, so they are exact to a few centimetres but for the
    insides of sharp corners.

    Args:
        network: The roads.
    """

    def __init__(self, network: RoadNetwork) -> None:
        every = np.concatenate([lane.points[:, :2] for lane in network.lanes.values()])
        self._low = every.min(axis=0) - MARGIN_M
        size = np.ceil((every.max(axis=0) + MARGIN_M - self._low) / CELL_M).astype(int) + 1
        self._road = np.full((size[1], size[0]), REACH_M, np.float32)
        self._walk = np.full((size[1], size[0]), REACH_M, np.float32)
        self._taken = np.zeros((size[1], size[0]), bool)
        for lane in network.lanes.values():
            walk = lane.kind is LaneKind.WALK
            if lane.inside_junction and (walk or network.junctions):
                continue  # the junction's own outline holds it
            grid, half_m = (self._walk, 0.0) if walk else (self._road, lane.width_m / 2)
            for a, b in _pieces(lane.points[:, :2]):
                self._draw(grid, a, b, half_m)
        for area in (*network.junctions, *network.walking_areas):
            self._fill(area.outline[:, :2])

    @property
    def extent_m(self) -> tuple[float, float, float, float]:
        """West, south, east and north end of what is known."""
        height, width = self._road.shape
        west, south = (float(value) for value in self._low)
        return west, south, west + (width - 1) * CELL_M, south + (height - 1) * CELL_M

    def road_m(self, places: Float64[np.ndarray, "k 2"]) -> Float64[np.ndarray, " k"]:
        """Return each place's distance from the nearest lane's edge or junction, below 0 within."""
        return self._look_up(self._road, places)

    def walk_m(self, places: Float64[np.ndarray, "k 2"]) -> Float64[np.ndarray, " k"]:
        """Return each place's distance from the nearest middle line of a sidewalk."""
        return self._look_up(self._walk, places)

    def is_taken(self, places: Float64[np.ndarray, "k 2"]) -> Bool[np.ndarray, " k"]:
        """Return whether something stands at each place."""
        row, column, inside = self._cells(places)
        taken: Bool[np.ndarray, " k"] = self._taken[row, column] & inside
        return taken

    def take(self, places: Float64[np.ndarray, "k 2"]) -> None:
        """Say that something stands there now."""
        row, column, inside = self._cells(places)
        self._taken[row[inside], column[inside]] = True

    def _cells(
        self, places: Float64[np.ndarray, "k 2"]
    ) -> tuple[np.ndarray, np.ndarray, Bool[np.ndarray, " k"]]:
        index = np.rint((places - self._low) / CELL_M).astype(int)
        top = np.array(self._taken.shape[::-1]) - 1
        inside = ((index >= 0) & (index <= top)).all(axis=1)
        index = np.clip(index, 0, top)
        return index[:, 1], index[:, 0], inside

    def _look_up(
        self, grid: Float32[np.ndarray, "h w"], places: Float64[np.ndarray, "k 2"]
    ) -> Float64[np.ndarray, " k"]:
        at = (places - self._low) / CELL_M
        top = np.array(grid.shape[::-1]) - 1
        outside = ((at < 0) | (at > top)).any(axis=1)
        at = np.clip(at, 0, top - 1e-6)
        column, row = np.floor(at).astype(int).T
        x, y = (at - np.floor(at)).T
        south = grid[row, column] * (1 - x) + grid[row, column + 1] * x
        north = grid[row + 1, column] * (1 - x) + grid[row + 1, column + 1] * x
        return np.where(outside, REACH_M, south * (1 - y) + north * y)

    def _window(
        self, low: Float64[np.ndarray, " 2"], high: Float64[np.ndarray, " 2"]
    ) -> tuple[tuple[slice, slice], np.ndarray, np.ndarray]:
        start = np.floor((low - REACH_M - self._low) / CELL_M).astype(int)
        end = np.ceil((high + REACH_M - self._low) / CELL_M).astype(int) + 1
        east = self._low[0] + np.arange(start[0], end[0]) * CELL_M
        north = self._low[1] + np.arange(start[1], end[1]) * CELL_M
        return (slice(start[1], end[1]), slice(start[0], end[0])), east, north[:, None]

    def _draw(
        self,
        grid: Float32[np.ndarray, "h w"],
        a: Float64[np.ndarray, " 2"],
        b: Float64[np.ndarray, " 2"],
        half_m: float,
    ) -> None:
        window, east, north = self._window(np.minimum(a, b) - half_m, np.maximum(a, b) + half_m)
        np.minimum(grid[window], _distance(east, north, a, b) - half_m, out=grid[window])

    def _fill(self, outline: Float64[np.ndarray, "n 2"]) -> None:
        window, east, north = self._window(outline.min(axis=0), outline.max(axis=0))
        nearest = np.full((len(north), len(east)), np.inf)
        inside = np.zeros((len(north), len(east)), bool)
        for a, b in zip(outline, np.roll(outline, -1, axis=0), strict=True):
            np.minimum(nearest, _distance(east, north, a, b), out=nearest)
            if a[1] != b[1]:
                spans = (north > min(a[1], b[1])) & (north <= max(a[1], b[1]))
                crossing = a[0] + (north - a[1]) * (b[0] - a[0]) / (b[1] - a[1])
                inside ^= spans & (east < crossing)
        signed = np.where(inside, -nearest, nearest)
        np.minimum(self._road[window], signed, out=self._road[window])


def _pieces(
    points: Float64[np.ndarray, "n 2"],
) -> list[tuple[Float64[np.ndarray, " 2"], Float64[np.ndarray, " 2"]]]:
    pieces = []
    for a, b in pairwise(points):
        count = max(1, int(np.ceil(np.linalg.norm(b - a) / PIECE_M)))
        knots = a + np.linspace(0.0, 1.0, count + 1)[:, None] * (b - a)
        pieces += list(pairwise(knots))
    return pieces


def _distance(
    east: np.ndarray,
    north: np.ndarray,
    a: Float64[np.ndarray, " 2"],
    b: Float64[np.ndarray, " 2"],
) -> Float64[np.ndarray, "h w"]:
    """Return the distance of a window's cells from a segment."""
    step = b - a
    x, y = east - a[0], north - a[1]
    share = np.clip((x * step[0] + y * step[1]) / max(float(step @ step), 1e-12), 0.0, 1.0)
    apart_m: Float64[np.ndarray, "h w"] = np.hypot(x - share * step[0], y - share * step[1])
    return apart_m
