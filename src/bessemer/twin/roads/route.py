"""Ways through a network: which lane is near, what lies ahead, what is beside.

Shapes: s segments of lanes, n points, m places; x east, y north, z up, metres.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from bessemer.core.errors import InputError
from bessemer.twin.roads.lines import distances_along
from bessemer.twin.roads.network import Lane, LaneKind, RoadNetwork

ROLLING = (LaneKind.DRIVE, LaneKind.BUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class LanePlace:
    """Where something is on a lane.

    Attributes:
        lane_id: The lane.
        along_m: How far along it.
        left_m: How far left of its middle.
    """

    lane_id: str
    along_m: float
    left_m: float


class LaneIndex:
    """Finds the lane at a point.

    Cost: one pass over all segments, 0.1 ms for a town.

    Args:
        network: The roads.
        kinds: Lanes of these kinds are found.
    """

    def __init__(
        self, network: RoadNetwork, kinds: Collection[LaneKind] = (LaneKind.DRIVE,)
    ) -> None:
        lanes = [lane for lane in network.lanes.values() if lane.kind in kinds]
        if not lanes:
            raise InputError(
                f"It has no lane of kind {', '.join(kinds)}.", where=f"network {network.name}"
            )
        self._ids = [lane.lane_id for lane in lanes]
        self._start = np.concatenate([lane.points[:-1, :2] for lane in lanes])
        step = np.concatenate([np.diff(lane.points[:, :2], axis=0) for lane in lanes])
        self._length = np.maximum(np.linalg.norm(step, axis=1), 1e-9)
        self._unit = step / self._length[:, None]
        self._before = np.concatenate([distances_along(lane.points)[:-1] for lane in lanes])
        self._lane = np.repeat(np.arange(len(lanes)), [len(lane.points) - 1 for lane in lanes])

    def nearest(self, x_m: float, y_m: float, yaw_rad: float | None = None) -> LanePlace:
        """Return the place on the nearest lane.

        Args:
            x_m: East.
            y_m: North.
            yaw_rad: If given, lanes that run another way count as further: 5 m at a right angle,
                10 m the other way round.

        Returns:
            The place; the first lane of several equally near.
        """
        offset = np.array([x_m, y_m]) - self._start
        along = np.clip((offset * self._unit).sum(axis=1), 0.0, self._length)
        away = np.linalg.norm(offset - along[:, None] * self._unit, axis=1)
        cost = away
        if yaw_rad is not None:
            agree = self._unit @ np.array([np.cos(yaw_rad), np.sin(yaw_rad)])
            cost = away + 5.0 * (1.0 - agree)
        i = int(cost.argmin())
        left_m = self._unit[i, 0] * offset[i, 1] - self._unit[i, 1] * offset[i, 0]
        return LanePlace(
            lane_id=self._ids[int(self._lane[i])],
            along_m=float(self._before[i] + along[i]),
            left_m=float(left_m),
        )


class Route:
    """Lanes that follow each other, as one line.

    Args:
        network: The roads.
        lane_ids: The lanes in order, those inside junctions among them.

    Example:
        >>> from bessemer.twin.roads.read_net import load_network
        >>> country = load_network("country")
        >>> route = Route(country, way_ahead(country, "R1.fork_0", 1000.0))
        >>> route.length_m > 1000.0
        True
    """

    def __init__(self, network: RoadNetwork, lane_ids: Sequence[str]) -> None:
        missing = [lane_id for lane_id in lane_ids if lane_id not in network.lanes]
        if missing or not lane_ids:
            raise InputError(
                f"A route has lanes of its network; {missing[0]!r} is none."
                if missing
                else "A route has at least one lane.",
                where=f"network {network.name}",
            )
        self.lane_ids = tuple(lane_ids)
        lanes = [network.lanes[lane_id] for lane_id in lane_ids]
        points = np.concatenate([lane.points for lane in lanes])
        fresh = np.concatenate([[True], np.linalg.norm(np.diff(points, axis=0), axis=1) > 0.01])
        along = distances_along(points)
        firsts = np.cumsum([0, *(len(lane.points) for lane in lanes[:-1])])
        self._starts = along[firsts]
        self.points: Float64[np.ndarray, "n 3"] = points[fresh]
        self._along = along[fresh]
        step = np.diff(self.points[:, :2], axis=0)
        self._length = np.linalg.norm(step, axis=1)
        self._unit = step / np.maximum(self._length, 1e-9)[:, None]

    @property
    def length_m(self) -> float:
        """Length of all of it."""
        return float(self._along[-1])

    def at(self, along_m: float, left_m: float = 0.0) -> tuple[float, float, float, float]:
        """Return x, y, z and heading so far along, and so far to the left; it ends straight."""
        i = int(np.clip(np.searchsorted(self._along, along_m, "right") - 1, 0, len(self._unit) - 1))
        beyond_m = along_m - float(self._along[i])
        unit, first = self._unit[i], self.points[i]
        rise = (self.points[i + 1, 2] - first[2]) / max(float(self._length[i]), 1e-9)
        x = float(first[0] + unit[0] * beyond_m - unit[1] * left_m)
        y = float(first[1] + unit[1] * beyond_m + unit[0] * left_m)
        z = float(first[2] + rise * min(beyond_m, float(self._length[i])))
        return x, y, z, float(np.arctan2(unit[1], unit[0]))

    def lane_at(self, along_m: float) -> str:
        """Return the lane that lies so far along."""
        i = int(np.searchsorted(self._starts, along_m, side="right")) - 1
        return self.lane_ids[max(i, 0)]

    def place_on_lane(self, along_m: float) -> tuple[str, float]:
        """Return the lane that lies so far along, and how far along that lane it is."""
        i = max(int(np.searchsorted(self._starts, along_m, side="right")) - 1, 0)
        return self.lane_ids[i], along_m - float(self._starts[i])

    def place_of(
        self, x_m: float, y_m: float, *, near_m: float | None = None
    ) -> tuple[float, float]:
        """Return how far along a point lies, and how far left.

        Args:
            x_m: East.
            y_m: North.
            near_m: Where it was a moment ago: only the 50 m around that are looked at, so that a
                route that crosses itself is no trouble.

        Returns:
            Distance along and to the left.
        """
        offset = np.array([x_m, y_m]) - self.points[:-1, :2]
        along = np.clip((offset * self._unit).sum(axis=1), 0.0, self._length)
        away = np.linalg.norm(offset - along[:, None] * self._unit, axis=1)
        if near_m is not None:
            far = (self._along[1:] < near_m - 50.0) | (self._along[:-1] > near_m + 50.0)
            away = np.where(far & ~far.all(), np.inf, away)
        i = int(away.argmin())
        left_m = self._unit[i, 0] * offset[i, 1] - self._unit[i, 1] * offset[i, 0]
        return float(self._along[i] + along[i]), float(left_m)


def way_ahead(
    network: RoadNetwork,
    lane_id: str,
    length_m: float,
    rng: np.random.Generator | None = None,
) -> tuple[str, ...]:
    """Return the lanes from one on, until they are long enough or the road ends.

    Args:
        network: The roads.
        lane_id: The first lane.
        length_m: How long they are together at least, if the road goes on.
        rng: Draws the way at each junction; without it the way least taken so far is taken, and
            of several the straightest. Either way roads that end are left aside if others go on.

    Returns:
        The lanes in order.

    Raises:
        InputError: If there is no such lane.
    """
    if lane_id not in network.lanes:
        raise InputError(f"There is no lane {lane_id!r}.", where=f"network {network.name}")
    way, taken = [lane_id], Counter([lane_id])
    covered_m = network.lanes[lane_id].length_m
    endless = _endless(network)

    def cost(lane: Lane) -> tuple[int, float]:
        return taken[lane.lane_id] + sum(taken[after] for after in lane.successors), _turn_rad(lane)

    while covered_m < length_m and network.lanes[way[-1]].successors:
        ends = [network.lanes[end] for end in network.lanes[way[-1]].successors]
        ends = [end for end in ends if end.lane_id in endless] or ends
        chosen = min(ends, key=cost) if rng is None else ends[int(rng.integers(len(ends)))]
        way.append(chosen.lane_id)
        taken[chosen.lane_id] += 1
        covered_m += chosen.length_m
    return tuple(way)


def lanes_beside(
    network: RoadNetwork, lane_id: str, kinds: Collection[LaneKind] = ROLLING
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the lanes of the same edge on the left and on the right, nearest first.

    Args:
        network: The roads.
        lane_id: The lane between them.
        kinds: Lanes of other kinds end the row.

    Returns:
        Those on the left, those on the right.
    """
    lane = network.lanes[lane_id]
    sides: list[tuple[str, ...]] = []
    for step in (1, -1):
        row: list[str] = []
        beside = network.lanes.get(f"{lane.edge_id}_{lane.index + step}")
        while beside is not None and beside.kind in kinds:
            row.append(beside.lane_id)
            beside = network.lanes.get(f"{lane.edge_id}_{beside.index + step}")
        sides.append(tuple(row))
    return sides[0], sides[1]


def _endless(network: RoadNetwork) -> frozenset[str]:
    """Return the lanes from which one can drive on for ever."""
    before: dict[str, list[str]] = defaultdict(list)
    for lane in network.lanes.values():
        for after in lane.successors:
            before[after].append(lane.lane_id)
    left = {lane.lane_id: len(lane.successors) for lane in network.lanes.values()}
    ended = [lane_id for lane_id, count in left.items() if count == 0]
    for lane_id in ended:  # grows while it is walked through
        for earlier in before[lane_id]:
            left[earlier] -= 1
            if left[earlier] == 0:
                ended.append(earlier)
    return frozenset(left) - frozenset(ended)


def _turn_rad(lane: Lane) -> float:
    """Return how far a lane turns from its start to its end."""
    first, last = np.diff(lane.points[:2, :2], axis=0)[0], np.diff(lane.points[-2:, :2], axis=0)[0]
    return abs(float(np.arctan2(first[0] * last[1] - first[1] * last[0], (first * last).sum())))
