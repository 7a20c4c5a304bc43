"""How far the pavement beside a lane reaches, and how many lanes lead the other way.

Lengths are metres left of the lane's middle line; what lies right is below 0.
"""

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from bessemer.twin.roads.network import Lane, LaneKind, RoadNetwork
from bessemer.twin.roads.route import ROLLING, LaneIndex

PAVED = (*ROLLING, LaneKind.BICYCLE, LaneKind.SHOULDER)
_AGAINST = -0.9  # cosine between headings


@dataclass(frozen=True, slots=True, kw_only=True)
class Carriageway:
    """The pavement across a road, as one of its lanes sees it.

    Attributes:
        left_m: Where it ends on the left, lanes against included.
        right_m: Where it ends on the right.
        against: How many lanes lead the other way, with no strip of land between.
    """

    left_m: float
    right_m: float
    against: int


class Carriageways:
    """Finds what lies across the road from a place on a lane.

    Args:
        network: The roads.
    """

    def __init__(self, network: RoadNetwork) -> None:
        self._network = network
        self._index = LaneIndex(network, ROLLING)
        self._edges: dict[str, list[Lane]] = defaultdict(list)
        for lane in sorted(network.lanes.values(), key=lambda lane: lane.index):
            if lane.kind in PAVED:
                self._edges[lane.edge_id].append(lane)

    def at(self, lane_id: str, along_m: float) -> Carriageway | None:
        """Return the pavement across the road.

        Args:
            lane_id: A lane.
            along_m: How far along it.

        Returns:
            It, or None inside a junction, where pavement leads every way.
        """
        lane = self._network.lanes[lane_id]
        if lane.inside_junction:
            return None
        row = self._edges[lane.edge_id]
        left_m = lane.width_m / 2 + sum(one.width_m for one in row if one.index > lane.index)
        right_m = lane.width_m / 2 + sum(one.width_m for one in row if one.index < lane.index)
        opposite = self._opposite(lane, along_m, left_m)
        return Carriageway(
            left_m=left_m + sum(one.width_m for one in opposite),
            right_m=-right_m,
            against=sum(one.kind in ROLLING for one in opposite),
        )

    def _opposite(self, lane: Lane, along_m: float, left_m: float) -> list[Lane]:
        """Return the lanes of the road that leads back, where its edge is this road's too."""
        x, y, _, yaw = lane.at(along_m, left_m + 1.0)
        back = self._index.nearest(x, y, yaw + np.pi)
        other = self._network.lanes[back.lane_id]
        *_, other_yaw = other.at(back.along_m)
        apart = other.edge_id == lane.edge_id or np.cos(other_yaw - yaw) > _AGAINST
        if apart or other.inside_junction or abs(back.left_m) > other.width_m / 2:
            return []
        return self._edges[other.edge_id]
