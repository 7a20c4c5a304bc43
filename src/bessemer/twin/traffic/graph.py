"""The lanes of a running simulation: who may use them, and where they lead.

Cost: one pass over the lanes when a simulation opens; milliseconds for a town.
"""

from dataclasses import dataclass
from types import ModuleType

from bessemer.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphLane:
    """A lane outside of junctions, as SUMO has it.

    Attributes:
        lane_id: SUMO's id.
        edge_id: Its edge.
        length_m: Length.
        allowed: SUMO's classes that may use it.
        onwards: Lanes that it leads to, without turning round.
    """

    lane_id: str
    edge_id: str
    length_m: float
    allowed: frozenset[str]
    onwards: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RoadGraph:
    """All lanes outside of junctions, by id, in SUMO's order."""

    lanes: dict[str, GraphLane]

    def edges_for(self, road_class: str) -> dict[str, float]:
        """Return edges that a class may use, with the metres of lanes that each has for it."""
        edges: dict[str, float] = {}
        for lane in self.lanes.values():
            if road_class in lane.allowed:
                edges[lane.edge_id] = edges.get(lane.edge_id, 0.0) + lane.length_m
        return edges

    def pavements(self) -> dict[str, float]:
        """Return edges with a lane for people on foot alone, with its length."""
        return {
            lane.edge_id: lane.length_m
            for lane in self.lanes.values()
            if "pedestrian" in lane.allowed and "passenger" not in lane.allowed
        }

    def rims(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return edges where cars enter the network from outside, and where they leave it."""
        roads = self.edges_for("passenger")
        drivable = [lane for lane in self.lanes.values() if "passenger" in lane.allowed]
        led_to = {self.lanes[target].edge_id for lane in drivable for target in lane.onwards}
        leading = {lane.edge_id for lane in drivable if lane.onwards}
        return frozenset(roads.keys() - led_to), frozenset(roads.keys() - leading)


def read_graph(sumo: ModuleType, where: str) -> RoadGraph:
    """Read the lanes of the simulation that runs.

    Args:
        sumo: The module ``libsumo``.
        where: What is simulated, for the error.

    Returns:
        Its lanes.

    Raises:
        InputError: If no lane bears cars.
    """
    lanes = {
        lane_id: GraphLane(
            lane_id=lane_id,
            edge_id=sumo.lane.getEdgeID(lane_id),
            length_m=sumo.lane.getLength(lane_id),
            allowed=frozenset(sumo.lane.getAllowed(lane_id)),
            onwards=tuple(
                link[0]
                for link in sumo.lane.getLinks(lane_id)
                if not link[0].startswith(":") and link[6] != "t"
            ),
        )
        for lane_id in sumo.lane.getIDList()
        if not lane_id.startswith(":")
    }
    if not any("passenger" in lane.allowed for lane in lanes.values()):
        raise InputError(
            "The network has no lane that a car may use.",
            where=where,
            fix="Look at it in netedit: edges need lanes that allow passenger cars.",
        )
    return RoadGraph(lanes=lanes)
