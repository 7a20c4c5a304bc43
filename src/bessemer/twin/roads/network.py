"""A road network as the twin sees it: lanes as 3D polylines, crossings, signals.

SUMO's ``.net.xml`` is the master; :mod:`bessemer.twin.roads.read_net` reads it into these records.

Shapes: n points along a lane, from its start to its end; x east, y north, z up, metres.
"""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from jaxtyping import Float64

from bessemer.core.errors import InputError


class LaneKind(StrEnum):
    """Who may use a lane."""

    DRIVE = "drive"
    BUS = "bus"
    BICYCLE = "bicycle"
    WALK = "walk"
    SHOULDER = "shoulder"


class Marking(StrEnum):
    """The line between a lane and what lies beside it."""

    NONE = "none"
    SOLID = "solid"
    DASHED = "dashed"
    DOUBLE = "double"
    KERB = "kerb"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lane:
    """One lane.

    Attributes:
        lane_id: SUMO's id: ``edge_0``.
        edge_id: The edge it belongs to.
        index: 0 is the rightmost.
        kind: Who may use it.
        width_m: Width.
        speed_limit_mps: Limit.
        points: Its middle line.
        left: Marking on its left side.
        right: Marking on its right side.
        successors: Ids of the lanes it leads to.
        inside_junction: Whether it crosses a junction, where nothing is painted.
        gives_way: Whether it ends at a road that goes first.
    """

    lane_id: str
    edge_id: str
    index: int
    kind: LaneKind
    width_m: float
    speed_limit_mps: float
    points: Float64[np.ndarray, "n 3"]
    left: Marking
    right: Marking
    successors: tuple[str, ...]
    inside_junction: bool = False
    gives_way: bool = False

    @property
    def length_m(self) -> float:
        """Length along the middle line."""
        return float(np.linalg.norm(np.diff(self.points, axis=0), axis=1).sum())

    def at(self, distance_m: float, left_m: float = 0.0) -> tuple[float, float, float, float]:
        """Return x, y, z and heading so far along the lane, and so far to the left of it.

        Distances beyond an end go on straight.
        """
        steps = np.diff(self.points, axis=0)
        lengths = np.linalg.norm(steps[:, :2], axis=1)
        ends = np.cumsum(lengths)
        i = min(int(np.searchsorted(ends, distance_m, side="right")), len(steps) - 1)
        along = distance_m - (ends[i] - lengths[i])
        unit = steps[i] / max(lengths[i], 1e-9)
        x, y, z = self.points[i] + unit * along
        normal = np.array([-unit[1], unit[0]])
        return (
            float(x + normal[0] * left_m),
            float(y + normal[1] * left_m),
            float(z),
            float(np.arctan2(unit[1], unit[0])),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Area:
    """A flat polygon: a junction, a crossing, or where people walk at a corner.

    Attributes:
        name: SUMO's id.
        outline: Its corners in order, not closed. A crossing's first half runs along its left
            side, as people walk, and its second half back along the right.
    """

    name: str
    outline: Float64[np.ndarray, "n 3"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SignalHead:
    """One traffic light, which speaks to the lanes that enter a junction.

    Attributes:
        signal_id: SUMO's id of the traffic light.
        link: Index into its state string.
        x_m: Where the pole stands.
        y_m: North of the origin.
        yaw_rad: The way it looks: against the traffic that it speaks to.
        lane_ids: Lanes that end at its stop line.
    """

    signal_id: str
    link: int
    x_m: float
    y_m: float
    yaw_rad: float
    lane_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class RoadNetwork:
    """All of a network.

    Attributes:
        name: What it is called.
        net_xml: The file, as text, which the traffic is simulated on.
        lanes: Lanes by id.
        junctions: Surfaces where lanes cross.
        crossings: Zebra crossings.
        walking_areas: Corners between sidewalks and crossings, raised like sidewalks.
        signals: Traffic lights.
        surround: What lies beside the road: ``town``, ``motorway`` or ``country``.
    """

    name: str
    net_xml: str
    lanes: dict[str, Lane]
    junctions: tuple[Area, ...] = ()
    crossings: tuple[Area, ...] = ()
    walking_areas: tuple[Area, ...] = ()
    signals: tuple[SignalHead, ...] = ()
    surround: str = "town"

    def __post_init__(self) -> None:
        """Check that there is something to drive on."""
        if not any(lane.kind is LaneKind.DRIVE for lane in self.lanes.values()):
            raise InputError(
                "The network has no lane that a car may use.",
                where=self.name,
                fix="Look at it in netedit: edges need lanes that allow passenger cars.",
            )
