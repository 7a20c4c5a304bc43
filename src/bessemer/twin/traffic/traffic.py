"""Traffic around the ego: SUMO moves everyone else, and they see the ego and brake for it.

Example:
    >>> from bessemer.twin.roads.read_net import load_network
    >>> with Traffic.open(load_network("country"), seed=1, density_frac=0.2) as traffic:
    ...     start = traffic.place_ego(seed=1, length_m=500.0)
    ...     traffic.step(start.ego)
    ...     len(traffic.agents()) > 5
    True

Differences from SUMO as it comes: nobody is teleported, lanes are changed over 2.5 s, and places
are the middles of boxes, not of front bumpers. SUMO's people wait for green and for cars that
move, but may walk into an ego that stands on their crossing.
Cost: thousands of steps a second with a hundred agents; reading them all takes 0.1 ms.
"""

import contextlib
from collections.abc import Mapping, Sequence
from types import TracebackType

import numpy as np

from bessemer.core.errors import InputError, NotFoundError
from bessemer.twin.collide import boxes_touch, ego_middle
from bessemer.twin.drive import EgoState
from bessemer.twin.ego.bicycle import EGO_SHAPE
from bessemer.twin.roads.network import LaneKind, RoadNetwork
from bessemer.twin.roads.route import Route
from bessemer.twin.scene import Lamp
from bessemer.twin.stage import Agent, AgentKind, Spot, Thing
from bessemer.twin.traffic.command import Commands
from bessemer.twin.traffic.demand import Demand
from bessemer.twin.traffic.giving_way import GivingWay
from bessemer.twin.traffic.graph import read_graph
from bessemer.twin.traffic.kinds import EGO_ID, VEHICLE_TYPES, VehicleType
from bessemer.twin.traffic.start import EgoStart, draw_start, edges_of, free_place
from bessemer.twin.traffic.steady import Steady
from bessemer.twin.traffic.sumo import Simulation, start_sumo
from bessemer.twin.traffic.table import AgentTable, read_table

_ON_WAY_M = 2.0


class Traffic:
    """The traffic of one network; made by :meth:`open`, and closed by its owner.

    A process holds one at a time.

    Args:
        simulation: The running SUMO.
        network: The roads that it runs on.
        demand: Who drives and walks.
    """

    def __init__(self, simulation: Simulation, network: RoadNetwork, demand: Demand) -> None:
        self.network = network
        self.step_s = simulation.step_s
        self._simulation = simulation
        self._sumo = simulation.sumo
        self._demand = demand
        self._commands = Commands(sumo=simulation.sumo)
        self._giving = GivingWay(simulation.sumo, network, simulation.step_s)
        self._things: tuple[Thing, ...] = ()
        self._steps = 0
        self._ego: EgoState | None = None
        self._route: Route | None = None
        self._along_m: float | None = None
        self._advice_mps2 = float("inf")
        self._newcomers: dict[str, tuple[float, Spot, tuple[float, float, float]]] = {}
        self._extra_lamps: dict[str, Lamp] = {}
        self._table: AgentTable | None = None
        self._agents: tuple[AgentTable, tuple[Agent, ...]] | None = None
        self._steady = Steady(simulation.step_s)

    @staticmethod
    def open(
        network: RoadNetwork,
        *,
        seed: int,
        density_frac: float = 0.3,
        step_s: float = 0.1,
        warm_s: float = 60.0,
    ) -> "Traffic":
        """Start traffic that flows already, without an ego.

        Args:
            network: The roads.
            seed: Draws who drives where; the same seed gives the same traffic.
            density_frac: Share of what the network bears, in [0, 1].
            step_s: Simulated seconds of a step.
            warm_s: How long it has run when it is handed over.

        Returns:
            The traffic, to be closed.

        Raises:
            InputError: If a simulation runs in this process already, or the network is none.
        """
        if not 0.0 <= density_frac <= 1.0:
            raise InputError(
                f"density_frac is a share in [0, 1], not {density_frac}.", where="Traffic.open"
            )
        simulation = start_sumo(network.net_xml, network.name, seed=seed, step_s=step_s)
        try:
            graph = read_graph(simulation.sumo, network.name)
            demand = Demand(
                sumo=simulation.sumo,
                graph=graph,
                rng=np.random.default_rng([seed, 0x7AFF1C]),
                density_frac=density_frac,
            )
            traffic = Traffic(simulation, network, demand)
            demand.fill()
            for _ in range(round(warm_s / step_s)):
                traffic.step()
        except BaseException:
            simulation.close()
            raise
        return traffic

    @property
    def route(self) -> Route:
        """The ego's way."""
        if self._route is None:
            raise InputError(
                "There is no ego yet.", where="Traffic", fix="Call `place_ego` after `open`."
            )
        return self._route

    @property
    def along_m(self) -> float:
        """How far along its way the ego's rear axle was at the last step."""
        return 0.0 if self._along_m is None else self._along_m

    def place_ego(self, seed: int, length_m: float = 1500.0) -> EgoStart:
        """Draw a way for the ego and a free place on it, and put it there.

        Args:
            seed: Draws both.
            length_m: How long the way shall be; shorter where the network is.

        Returns:
            Way and place; its speed suits who drives ahead.

        Raises:
            InputError: If no free place was found.
        """
        rng = np.random.default_rng([seed, 0xE60])
        start = draw_start(self.network, rng, length_m, self.agents())
        self.put_ego(start.route, start.ego)
        return start

    def put_ego(self, route: Route, ego: EgoState) -> None:
        """Put the ego at a place of one's own choice.

        Args:
            route: Its way.
            ego: Where it stands.

        Raises:
            InputError: If another stands there.
        """
        spot, shape = ego_middle(ego), EGO_SHAPE
        for agent in self.agents():
            if boxes_touch(spot, (shape.length_m, shape.width_m), agent.spot, agent.size_m):
                raise InputError(
                    f"The ego would stand inside of {agent.agent_id}.",
                    where=f"{self.network.name} at {ego.x_m:.1f}, {ego.y_m:.1f}",
                    fix="Choose another place or seed.",
                )
        self._route, self._along_m = route, None
        if EGO_ID in self._sumo.vehicle.getIDList():
            self._sumo.vehicle.remove(EGO_ID)
        self._insert_ego()
        self._ego = None
        self.step(ego)
        # What has just appeared stood before, as SUMO sees it: its advice is worth nothing.
        self._advice_mps2 = float("inf")

    def step(self, ego: EgoState | None = None) -> None:
        """Let ``step_s`` pass.

        Args:
            ego: Where the ego is at the end of the step; it stays where it was by default.
        """
        before_mps = None if self._ego is None else self._ego.speed_mps
        self._ego = ego if ego is not None else self._ego
        if self._ego is not None and self._route is not None:
            near_m = self._along_m
            self._along_m, _ = self._route.place_of(self._ego.x_m, self._ego.y_m, near_m=near_m)
            self._move_ego(self._ego)
        if self._things or self._giving.busy:
            told = self._commands
            self._giving.tend(self.table(), self._things, told.speeds, told.lanes)
        self._commands.tend((self._steps + 1) * self.step_s)
        self._sumo.simulationStep()
        self._advise(before_mps)
        for agent_id in sorted(self._newcomers.keys() & set(self._sumo.vehicle.getIDList())):
            # One that appears has no speed yet.
            self._sumo.vehicle.setPreviousSpeed(agent_id, self._newcomers.pop(agent_id)[0])
        self._table = None
        self._steps += 1
        if self._steps % max(1, round(1.0 / self.step_s)) == 0:
            self._demand.tend(None if self._ego is None else (self._ego.x_m, self._ego.y_m))

    def heed(self, things: Sequence[Thing]) -> None:
        """Say what is on the road besides; agents give way to it until they are told anew."""
        self._things = tuple(things)

    def giving_way(self) -> frozenset[str]:
        """Return who drives slower than it would, for what is on the road besides."""
        return self._giving.held

    def can_stop_for(self, thing: Thing) -> bool:
        """Say whether nobody is where a thing is, and all can still brake for it, or pass."""
        table, spot = self.table(), thing.spot
        away = table.position_m[:, :2] - np.array([spot.x_m, spot.y_m])
        near = np.flatnonzero(np.hypot(away[:, 0], away[:, 1]) < 8.0 + thing.size_m[0])
        if any(
            boxes_touch(spot, thing.size_m, agent.spot, agent.size_m)
            for agent in table.agents(near)
        ):
            return False
        return self._giving.can_stop(table, thing)

    def table(self) -> AgentTable:
        """Return all agents without the ego, in columns; read once a step at most."""
        if self._table is None:
            read = read_table(self._sumo, self._demand.types, self._extra_lamps)
            self._table = self._steady.shown(read, self._steps)
        return self._table

    def agents(self, within_m: float = float("inf")) -> tuple[Agent, ...]:
        """Return the agents so near to the ego (all, by default), without the ego."""
        table = self.table()
        if self._ego is None or not np.isfinite(within_m):
            if self._agents is None or self._agents[0] is not table:
                self._agents = table, table.agents()
            return self._agents[1]
        away = table.position_m[:, :2] - np.array([self._ego.x_m, self._ego.y_m])
        return table.agents(np.flatnonzero(np.hypot(away[:, 0], away[:, 1]) <= within_m))

    def signal_states(self) -> Mapping[str, str]:
        """Return the state string of each traffic light, a letter a link: r, y, g, G."""
        lights = self._sumo.trafficlight
        return {name: lights.getRedYellowGreenState(name) for name in lights.getIDList()}

    def ego_accel_advice(self) -> float:
        """Return the acceleration that SUMO would have chosen for the ego in the last step.

        It knows who drives ahead, signals, who has the right of way, and people on crossings.
        Infinite where it has no say: before the first step with the ego, and off the road.
        """
        return self._advice_mps2

    def spawn(
        self, kind: AgentKind, distance_m: float, *, lanes_left: int = 0, speed_mps: float
    ) -> str | None:
        """Let a vehicle appear on the ego's way.

        Args:
            kind: What; people on foot are no vehicles.
            distance_m: How far ahead of the ego's middle; behind it below 0.
            lanes_left: How many lanes to the left of the ego's way.
            speed_mps: How fast it is.

        Returns:
            Its id; None where there is no such lane or no room.
        """
        if self._ego is None:
            return None
        sort = _type_of(kind)
        along, _ = self.route.place_of(self._ego.x_m, self._ego.y_m, near_m=self._along_m)
        there = along + EGO_SHAPE.axle_to_middle_m + distance_m
        lane_id = self._lane_beside(self.route.lane_at(max(there, 0.0)), lanes_left)
        if lane_id is None:
            return None
        left_m = lanes_left * self.network.lanes[lane_id].width_m
        spot = free_place(self.network, self.route, there, left_m, sort.size_m, self._others())
        if spot is None:
            return None
        agent_id = self._demand.adopt(sort)
        self._insert(agent_id, sort, lane_id, spot, speed_mps)
        return agent_id

    def command(
        self,
        agent_id: str,
        *,
        speed_mps: float | None = None,
        lanes_left: int | None = None,
        over_s: float = 2.0,
    ) -> None:
        """Make an agent keep a speed, or change so many lanes to the left, whatever it wants.

        Args:
            agent_id: Who.
            speed_mps: The speed that it reaches after ``over_s``, and keeps.
            lanes_left: Lanes to the left; to the right below 0.
            over_s: How long it takes.

        Raises:
            NotFoundError: If no such vehicle drives.
        """
        self._need(agent_id)
        now_s = self._steps * self.step_s
        if speed_mps is not None:
            self._commands.keep_speed(agent_id, speed_mps, now_s, over_s)
        if lanes_left is not None:
            self._commands.change_lanes(agent_id, lanes_left, over_s)

    def release(self, agent_id: str) -> None:
        """Let an agent drive as it wants again."""
        self._need(agent_id)
        self._commands.release(agent_id)

    def light(self, agent_id: str, lamps: Lamp) -> None:
        """Switch lamps of an agent, beside those that the traffic has on; ``NONE`` takes them."""
        self._need(agent_id)
        self._extra_lamps[agent_id] = lamps
        self._table = None

    def remove(self, agent_id: str) -> None:
        """Take a vehicle off the road."""
        self._need(agent_id)
        self._sumo.vehicle.remove(agent_id)
        self._demand.forget(agent_id)
        self._extra_lamps.pop(agent_id, None)
        self._commands.forget(agent_id)
        self._table = None

    def close(self) -> None:
        """End the simulation; closing twice does nothing."""
        self._simulation.close()

    def __enter__(self) -> "Traffic":
        """Return itself."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close it."""
        self.close()

    def _need(self, agent_id: str) -> None:
        known = self._sumo.vehicle.getIDList()
        if agent_id not in known or agent_id == EGO_ID:
            raise NotFoundError.among("vehicle", agent_id, known, where=self.network.name)

    def lanes_beside(self) -> tuple[int, int]:
        """Return how many lanes of its own direction lie left and right of the ego's."""
        lane_id = self.route.lane_at(self.along_m)
        counts = []
        for side in (1, -1):
            count = 0
            while self._lane_beside(lane_id, side * (count + 1)) is not None:
                count += 1
            counts.append(count)
        return counts[0], counts[1]

    def _lane_beside(self, lane_id: str, lanes_left: int) -> str | None:
        lane = self.network.lanes[lane_id]
        beside = self.network.lanes.get(f"{lane.edge_id}_{lane.index + lanes_left}")
        fits = beside is not None and beside.kind is LaneKind.DRIVE
        return beside.lane_id if beside is not None and fits else None

    def _others(self) -> list[tuple[Spot, tuple[float, float, float]]]:
        shape = EGO_SHAPE
        others = [(agent.spot, agent.size_m) for agent in self.agents()]
        others += [(spot, size) for _, spot, size in self._newcomers.values()]
        if self._ego is not None:
            size = (shape.length_m, shape.width_m, shape.height_m)
            others.append((ego_middle(self._ego), size))
        return others

    def _advise(self, before_mps: float | None) -> None:
        self._advice_mps2 = float("inf")
        if self._ego is None or EGO_ID not in self._sumo.vehicle.getIDList():
            return
        wanted = float(self._sumo.vehicle.getSpeedWithoutTraCI(EGO_ID))
        if before_mps is not None and wanted >= 0.0:
            self._advice_mps2 = (wanted - before_mps) / self.step_s
        # SUMO measures speed from place to place, which jumps where lanes join.
        self._sumo.vehicle.setPreviousSpeed(EGO_ID, self._ego.speed_mps)

    def _insert_ego(self) -> None:
        route_id = f"{EGO_ID}.{self._steps}"
        self._sumo.route.add(route_id, edges_of(self.network, self.route.lane_ids))
        self._sumo.vehicle.add(EGO_ID, route_id, typeID=EGO_ID, departLane="allowed")

    def _move_ego(self, ego: EgoState) -> None:
        if EGO_ID not in self._sumo.vehicle.getIDList():
            # SUMO takes a vehicle away at its way's end; the ego stays until the world is reset.
            with contextlib.suppress(self._sumo.TraCIException):
                self._insert_ego()
        ahead = EGO_SHAPE.axle_to_front_m
        # Lanes lie over each other in junctions: SUMO may take another, and with it another
        # route, unless it is told that the ego keeps its own.
        _, left_m = self.route.place_of(ego.x_m, ego.y_m, near_m=self.along_m)
        lane = self.network.lanes[self.route.lane_at(self.along_m + ahead)]
        self._sumo.vehicle.moveToXY(
            EGO_ID,
            lane.edge_id,
            lane.index,
            ego.x_m + ahead * float(np.cos(ego.yaw_rad)),
            ego.y_m + ahead * float(np.sin(ego.yaw_rad)),
            float(90.0 - np.degrees(ego.yaw_rad)) % 360.0,
            1 if abs(left_m) < _ON_WAY_M else 2,
        )

    def _insert(
        self, agent_id: str, sort: VehicleType, lane_id: str, spot: Spot, speed_mps: float
    ) -> None:
        lane = self.network.lanes[lane_id]
        edges = edges_of(self.network, self.route.lane_ids)
        ahead = edges[edges.index(lane.edge_id) :]
        self._sumo.route.add(agent_id, ahead)
        vehicle, half = self._sumo.vehicle, sort.size_m[0] / 2
        vehicle.add(agent_id, agent_id, typeID=sort.name, departLane="allowed")
        vehicle.moveToXY(
            agent_id,
            "",
            lane.index,
            spot.x_m + half * float(np.cos(spot.yaw_rad)),
            spot.y_m + half * float(np.sin(spot.yaw_rad)),
            float(90.0 - np.degrees(spot.yaw_rad)) % 360.0,
            1,
        )
        self._newcomers[agent_id] = (speed_mps, spot, sort.size_m)


def _type_of(kind: AgentKind) -> VehicleType:
    for sort in VEHICLE_TYPES:
        if sort.kind is kind:
            return sort
    raise InputError(
        f"A {kind} does not drive on a lane.",
        where="Traffic.spawn",
        fix="Put a body on the road and move it, or take another kind.",
    )
