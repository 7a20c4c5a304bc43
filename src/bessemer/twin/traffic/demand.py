"""Who drives and walks where: demand made by code, so that any network is busy from the start.

Vehicles take fitting routes at random. Where the network has an outside, four in five come from
there or go there; the others, and all in a closed town, get a new destination when they arrive, so
that nobody appears or vanishes near the ego. Numbers are held: who leaves is replaced.
"""

from dataclasses import dataclass, field
from types import ModuleType

import numpy as np

from bessemer.twin.traffic.graph import RoadGraph
from bessemer.twin.traffic.kinds import PERSON_TYPES, VEHICLE_TYPES, VehicleType

FULL_VEHICLES_PER_KM = 40.0
"""Vehicles on a kilometre of lane at density 1: 25 m each, where traffic begins to stand."""

FULL_PEOPLE_PER_KM = 30.0
"""People on a kilometre of pavement at density 1."""

MOST_VEHICLES, MOST_PEOPLE = 400, 150
"""However large a network is, it bears no more."""

NEAR_EGO_M = 150.0
"""Nobody appears in the middle of a road that lies so near to the ego."""


@dataclass(slots=True, kw_only=True)
class Demand:
    """Keeps a network as busy as was asked for.

    Attributes:
        sumo: The module ``libsumo``.
        graph: Its lanes.
        rng: Chooses who and where.
        density_frac: Share of what the network bears.
        types: Type of each agent by id, also of those that have left.
    """

    sumo: ModuleType
    graph: RoadGraph
    rng: np.random.Generator
    density_frac: float
    types: dict[str, VehicleType] = field(default_factory=dict)
    _bound_for: dict[str, str] = field(default_factory=dict)
    _vehicles: set[str] = field(default_factory=set)
    _people: set[str] = field(default_factory=set)
    _made: int = 0
    _roads: dict[str, "_Places"] = field(default_factory=dict)
    _entries: frozenset[str] = frozenset()
    _exits: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Look up who may drive where."""
        self._entries, self._exits = self.graph.rims()
        classes = {one.road_class for one in (*VEHICLE_TYPES, *PERSON_TYPES)}
        self._roads = {name: _Places(edges=self.graph.edges_for(name)) for name in sorted(classes)}
        self._roads["pedestrian"] = _Places(edges=self.graph.pavements())

    @property
    def wanted_vehicles(self) -> int:
        """How many vehicles the network shall have."""
        full = self._roads["passenger"].total_m / 1000 * FULL_VEHICLES_PER_KM
        return min(round(full * self.density_frac), MOST_VEHICLES)

    @property
    def wanted_people(self) -> int:
        """How many people shall walk."""
        full = self._roads["pedestrian"].total_m / 1000 * FULL_PEOPLE_PER_KM
        return min(round(full * self.density_frac), MOST_PEOPLE)

    def fill(self) -> None:
        """Put everyone on the road at once; for a simulation that has not begun."""
        for _ in range(self.wanted_vehicles):
            self._add_vehicle(None, anywhere=True)
        for _ in range(self.wanted_people):
            self._add_person(None)

    def tend(self, ego_m: tuple[float, float] | None) -> None:
        """Replace who has left, and send on who has arrived; call it about once a second.

        Args:
            ego_m: Where the ego is, near which nobody appears; None without one.
        """
        for gone in self.sumo.simulation.getArrivedIDList():
            self.forget(gone)
        alive = set(self.sumo.vehicle.getIDList())
        pending = set(self.sumo.simulation.getPendingVehicles())
        self._vehicles &= alive | pending
        self._people &= set(self.sumo.person.getIDList())
        for agent_id in sorted(self._bound_for.keys() & alive):
            self._send_on(agent_id)
        for agent_id in sorted(self._people):
            self._walk_on(agent_id)
        # A few at a time: a gap that opens at once is not filled at once either.
        for _ in range(min(self.wanted_vehicles - len(self._vehicles), 5)):
            self._add_vehicle(ego_m, anywhere=not self._entries)
        for _ in range(min(self.wanted_people - len(self._people), 2)):
            self._add_person(ego_m)

    def adopt(self, kind: VehicleType) -> str:
        """Return a new id for an agent that another puts on the road; it is not replaced."""
        agent_id = self._name(kind)
        self.types[agent_id] = kind
        return agent_id

    def forget(self, agent_id: str) -> None:
        """Let an agent be gone."""
        self._bound_for.pop(agent_id, None)
        self._vehicles.discard(agent_id)
        self._people.discard(agent_id)

    def _name(self, kind: VehicleType) -> str:
        self._made += 1
        return f"{kind.name}.{self._made}"

    def _add_vehicle(self, ego_m: tuple[float, float] | None, *, anywhere: bool) -> None:
        kind = _draw(self.rng, VEHICLE_TYPES)
        for _ in range(8):
            edges = self._route(kind, anywhere=anywhere)
            if edges and not (anywhere and self._near(edges[0], ego_m)):
                break
        else:
            return
        agent_id = self._name(kind)
        self.types[agent_id] = kind
        self._vehicles.add(agent_id)
        if edges[-1] not in self._exits:
            self._bound_for[agent_id] = edges[-1]
        self.sumo.route.add(agent_id, edges)
        self.sumo.vehicle.add(
            agent_id,
            agent_id,
            typeID=kind.name,
            departPos="random_free" if anywhere else "base",
            departLane="free",
            departSpeed="max",
        )

    def _route(self, kind: VehicleType, *, anywhere: bool) -> tuple[str, ...]:
        places = self._roads[kind.road_class]
        entries = [edge for edge in places.edges if edge in self._entries]
        exits = [edge for edge in places.edges if edge in self._exits]
        if not places.edges:
            return ()
        outside = bool(entries) and (not anywhere or self.rng.random() < 0.8)
        start = places.draw(self.rng, entries if outside else None)
        goal = places.draw(self.rng, exits if exits and self.rng.random() < 0.8 else None)
        if start == goal and len(places.edges) > 1:
            return ()
        edges = tuple(self.sumo.simulation.findRoute(start, goal, kind.name).edges)
        if anywhere and len(edges) > 1:
            # Already on its way: somewhere along the route, not at its beginning.
            lengths = np.array([places.length_of(edge) for edge in edges])
            first = int(self.rng.choice(len(edges), p=lengths / lengths.sum()))
            edges = edges[first:]
        return edges

    def _send_on(self, agent_id: str) -> None:
        goal = self._bound_for[agent_id]
        if self.sumo.vehicle.getRoadID(agent_id) != goal:
            return
        places = self._roads[self.types[agent_id].road_class]
        for _ in range(4):
            target = places.draw(self.rng, None)
            kind = self.types[agent_id].name
            edges = tuple(self.sumo.simulation.findRoute(goal, target, kind).edges)
            if len(edges) > 1:
                self.sumo.vehicle.setRoute(agent_id, edges)
                self._bound_for[agent_id] = target
                if target in self._exits:
                    del self._bound_for[agent_id]
                return

    def _add_person(self, ego_m: tuple[float, float] | None) -> None:
        places = self._roads["pedestrian"]
        kind = _draw(self.rng, PERSON_TYPES)
        start = places.draw(self.rng, None)
        if self._near(start, ego_m):
            return
        agent_id = self._name(kind)
        position = float(self.rng.uniform(0.02, 0.98)) * places.length_of(start)
        edges = self._walk(start)
        if edges:
            self.types[agent_id] = kind
            self._people.add(agent_id)
            self._bound_for[agent_id] = edges[-1]
            self.sumo.person.add(agent_id, start, position, typeID=kind.name)
            self._append(agent_id, edges)

    def _walk_on(self, agent_id: str) -> None:
        if self.sumo.person.getRemainingStages(agent_id) > 1:
            return
        edges = self._walk(self._bound_for[agent_id])
        if edges:
            self._bound_for[agent_id] = edges[-1]
            self._append(agent_id, edges)

    def _walk(self, start: str) -> tuple[str, ...]:
        goal = self._roads["pedestrian"].draw(self.rng, None)
        stages = self.sumo.simulation.findIntermodalRoute(start, goal)
        return tuple(stages[0].edges) if stages else ()

    def _append(self, agent_id: str, edges: tuple[str, ...]) -> None:
        end_m = float(self.rng.uniform(0.1, 0.9)) * self._roads["pedestrian"].length_of(edges[-1])
        self.sumo.person.appendWalkingStage(agent_id, edges, end_m)

    def _near(self, edge: str, ego_m: tuple[float, float] | None) -> bool:
        if ego_m is None:
            return False
        lane = next(lane.lane_id for lane in self.graph.lanes.values() if lane.edge_id == edge)
        shape = np.array([tuple(point)[:2] for point in self.sumo.lane.getShape(lane)])
        ways = np.linspace(0.0, 1.0, 9)[:, None, None]
        dense = (shape[:-1] * (1 - ways) + shape[1:] * ways).reshape(-1, 2)
        return bool(np.linalg.norm(dense - np.array(ego_m), axis=1).min() < NEAR_EGO_M)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Places:
    """Edges that a class may use, each weighted by its metres of lanes."""

    edges: dict[str, float]

    @property
    def total_m(self) -> float:
        return sum(self.edges.values())

    def length_of(self, edge: str) -> float:
        return self.edges.get(edge, 1.0)

    def draw(self, rng: np.random.Generator, among: list[str] | None) -> str:
        names = among or list(self.edges)
        weights = np.array([self.edges[name] for name in names])
        return names[int(rng.choice(len(names), p=weights / weights.sum()))]


def _draw(rng: np.random.Generator, types: tuple[VehicleType, ...]) -> VehicleType:
    shares = np.array([one.share for one in types])
    return types[int(rng.choice(len(types), p=shares / shares.sum()))]
