"""Traffic gives way to what events put on the road, of which SUMO knows nothing.

Each agent near such things looks along its own way, lane after lane, for all that is in its strip
or will be within 3 s. It brakes so as to stop before that, follows what moves on, changes lanes
where one is beside, and drives as it wants again once the way is free. Vehicles that an event
commands are left alone.

Speeds follow v(s) = sqrt(u^2 + 2 b s): whoever is s behind what moves with u, and brakes with b
from now on, comes up to it without touching it.

Cost: nothing without such things; some tens of microseconds for each agent near one.
"""

from collections.abc import Container, Sequence
from dataclasses import dataclass
from types import ModuleType

import numpy as np
from jaxtyping import Bool, Float64

from bessemer.twin.roads.network import RoadNetwork
from bessemer.twin.stage import AgentKind, Thing
from bessemer.twin.traffic.table import AgentTable

CAN_BRAKE_MPS2 = 4.5
"""What an agent may be asked for by what appears or sets off: harder than that is too late."""

_BRAKE_MPS2, _HARDEST_MPS2 = 2.5, 8.0
_FORESEEN_S = np.arange(0.0, 3.01, 0.5)
_SIDE_M = 0.15
_GAP_M = {True: 0.4, False: 1.2}  # kept by people, and by vehicles
_FARTHEST_M = 250.0
_BEHIND_M, _BEYOND_M = 20.0, 30.0  # ways go on straight at both ends
_IN_TIME_S = 0.5  # between one that leaves the strip and an agent that comes
_ABOVE_M = 1.0  # what is carried so high is in nobody's way
_STANDS_MPS = 0.5
_SOON_S = 1.0
_CHANGES_EVERY = 10  # steps
_USUAL_MODE, _HARD_MODE = 31, 27  # SUMO's speed modes; the second brakes harder than usual
_USUAL_LANES, _OWN_LANE = 1621, 512  # its modes of changing lanes; the second only when told
_BESIDE_M, _CHANGE_S = 4.0, 3.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Things:
    """Things in columns."""

    position_m: Float64[np.ndarray, "k 3"]
    velocity_mps: Float64[np.ndarray, "k 2"]
    yaw_rad: Float64[np.ndarray, " k"]
    size_m: Float64[np.ndarray, "k 2"]

    @staticmethod
    def of(things: Sequence[Thing]) -> "Things":
        """Return them in columns."""
        spots = [thing.spot for thing in things]
        position = np.array([(s.x_m, s.y_m, s.z_m) for s in spots], np.float64)
        return Things(
            position_m=position.reshape(-1, 3),
            velocity_mps=np.array([t.velocity_mps for t in things], np.float64).reshape(-1, 2),
            yaw_rad=np.array([s.yaw_rad for s in spots], np.float64),
            size_m=np.array([t.size_m[:2] for t in things], np.float64).reshape(-1, 2),
        )

    def at(self, rows: Bool[np.ndarray, " k"]) -> "Things":
        """Return those of some rows."""
        return Things(
            position_m=self.position_m[rows],
            velocity_mps=self.velocity_mps[rows],
            yaw_rad=self.yaw_rad[rows],
            size_m=self.size_m[rows],
        )


class Strip:
    """The way that lies before somebody: a line on the ground, straight beyond its ends.

    Args:
        points: Its corners.
    """

    def __init__(self, points: Float64[np.ndarray, "n 2"]) -> None:
        step = np.diff(points, axis=0)
        length = np.hypot(step[:, 0], step[:, 1])
        step, length, first = step[length > 0.01], length[length > 0.01], points[:-1][length > 0.01]
        self._unit = step / length[:, None]
        self._first = first.copy()
        self._first[0] -= _BEHIND_M * self._unit[0]
        self._length = length.copy()
        self._length[0] += _BEHIND_M
        self._length[-1] += _BEYOND_M
        self._along = np.concatenate([[0.0], np.cumsum(self._length)[:-1]])
        self._yaw = np.arctan2(self._unit[:, 1], self._unit[:, 0])

    def place_of(
        self, points: Float64[np.ndarray, "m 2"]
    ) -> tuple[Float64[np.ndarray, " m"], Float64[np.ndarray, " m"], Float64[np.ndarray, " m"]]:
        """Return how far along points lie, how far left, and its heading there."""
        offset = points[:, None] - self._first[None]
        forth = np.einsum("mnd,nd->mn", offset, self._unit)
        forth = np.clip(forth, 0.0, self._length)
        offset -= forth[..., None] * self._unit
        away = offset[..., 0] ** 2 + offset[..., 1] ** 2
        i = np.argmin(away, axis=1)
        rows = np.arange(len(points))
        unit, rest = self._unit[i], offset[rows, i]
        side = np.sign(unit[:, 0] * rest[:, 1] - unit[:, 1] * rest[:, 0])
        return self._along[i] + forth[rows, i], side * np.sqrt(away[rows, i]), self._yaw[i]


@dataclass(frozen=True, slots=True, kw_only=True)
class Mover:
    """An agent on its way.

    Attributes:
        strip: The way.
        along_m: How far along its middle is.
        left_m: How far left of the way.
        length_m: Of its box.
        width_m: Of its box.
        speed_mps: How fast it is.
        gap_m: What it keeps to whatever it stops for.
    """

    strip: Strip
    along_m: float
    left_m: float
    length_m: float
    width_m: float
    speed_mps: float
    gap_m: float

    @property
    def front_m(self) -> float:
        """How far along its front is."""
        return self.along_m + self.length_m / 2


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Ahead:
    """What things ask of a mover.

    Attributes:
        safe_mps: The speed from which usual braking is enough; infinite for no reason to brake.
        brake_mps2: The braking that avoids it from now on; infinite where none does.
        stays: Whether it stands in the strip, or comes along it.
        left_m: How far left of the mover it is.
    """

    safe_mps: Float64[np.ndarray, " k"]
    brake_mps2: Float64[np.ndarray, " k"]
    stays: Bool[np.ndarray, " k"]
    left_m: Float64[np.ndarray, " k"]


def look_ahead(mover: Mover, things: Things) -> Ahead:
    """Return what things ask of a mover that goes on along its way.

    Args:
        mover: Who.
        things: What is on the road, which goes on as it moves now.

    Returns:
        Speeds and braking, one for each thing.
    """
    k, speed = len(things.yaw_rad), mover.speed_mps
    moving = np.hypot(things.velocity_mps[:, 0], things.velocity_mps[:, 1]) > 0.05
    times = _FORESEEN_S if moving.any() else _FORESEEN_S[:1]
    points = things.position_m[:, None, :2] + times[None, :, None] * things.velocity_mps[:, None]
    along, left, yaw = (
        column.reshape(k, len(times)) for column in mover.strip.place_of(points.reshape(-1, 2))
    )
    turned = things.yaw_rad[:, None] - yaw
    cos, sin = np.abs(np.cos(turned)), np.abs(np.sin(turned))
    half_long = (cos * things.size_m[:, :1] + sin * things.size_m[:, 1:]) / 2
    half_wide = (sin * things.size_m[:, :1] + cos * things.size_m[:, 1:]) / 2
    reach = half_wide + mover.width_m / 2 + _SIDE_M
    # One that is off its lane's middle needs all that lies between here and there.
    inside = (left > min(mover.left_m, 0.0) - reach) & (left < max(mover.left_m, 0.0) + reach)
    near, far = along - half_long, along + half_long
    rows, first = np.arange(k), np.argmax(inside, axis=1)
    entry_s = times[first]
    heading = np.cos(yaw[:, 0]), np.sin(yaw[:, 0])
    lead = things.velocity_mps[:, 0] * heading[0] + things.velocity_mps[:, 1] * heading[1]
    goes = np.maximum(lead, 0.0)
    rear = mover.front_m - mover.length_m + speed * entry_s
    gap = near[rows, first] - mover.front_m - goes * entry_s
    # Who comes towards it takes a share of the room.
    gap = np.where(lead < -_STANDS_MPS, gap * speed / np.maximum(speed - lead, 1e-6), gap)
    there = inside.any(axis=1) & (rear < far[rows, first])
    there &= ~_gone_by_then(inside, near, times, mover)
    # Beside it now: who is in the strip already just touches it.
    beside = near[:, 0] < mover.front_m - 0.3
    hits = there & beside & (first > 0) & (gap < 0.0)
    # Who stands cannot get out of the way of what comes.
    soon = inside & (times <= _SOON_S) & (near < mover.front_m) & (far > rear[:, None])
    hits |= (speed < _STANDS_MPS) & soon.any(axis=1) & (near[:, 0] > mover.front_m)
    there &= ~(beside & (gap < 0.0))
    room = np.maximum(gap - mover.gap_m, 0.0)
    safe = np.minimum(np.sqrt(goes**2 + 2.0 * _BRAKE_MPS2 * room), goes + 2.0 * room)
    too_fast = max(speed, 0.0) ** 2 - goes**2
    brake = np.where(too_fast > 0.0, too_fast / (2.0 * np.maximum(room, 1e-3)), 0.0)
    brake = np.where((speed < _STANDS_MPS) & (gap >= 0.0), 0.0, brake)
    return Ahead(
        safe_mps=np.where(there, safe, np.inf),
        brake_mps2=np.where(hits, np.inf, np.where(there, brake, 0.0)),
        stays=there & (first == 0) & inside[:, -1] & (lead < _STANDS_MPS),
        left_m=left[:, 0] - mover.left_m,
    )


def _gone_by_then(
    inside: Bool[np.ndarray, "k t"],
    near: Float64[np.ndarray, "k t"],
    times: Float64[np.ndarray, " t"],
    mover: Mover,
) -> Bool[np.ndarray, " k"]:
    """Return which things have left the strip again before the mover comes."""
    last = len(times) - 1 - np.argmax(inside[:, ::-1], axis=1)
    nearest = np.where(inside, near, np.inf).min(axis=1)
    comes_s = (nearest - mover.front_m) / max(mover.speed_mps, 0.1)
    gone: Bool[np.ndarray, " k"] = (last < len(times) - 1) & (
        comes_s > times[last] + times[1 if len(times) > 1 else 0] + _IN_TIME_S
    )
    return gone


def _can_meet(mover: Mover, things: Things) -> Bool[np.ndarray, " k"]:
    """Return which things can be in the strip in the time that is foreseen: a quick look."""
    along, left, yaw = mover.strip.place_of(things.position_m[:, :2])
    east, north = things.velocity_mps[:, 0], things.velocity_mps[:, 1]
    cos, sin = np.cos(yaw), np.sin(yaw)
    half = things.size_m.sum(axis=1) / 2
    # Roads bend: a part of what is along the strip now may be across it soon.
    aside = np.abs(north * cos - east * sin) + 0.15 * np.hypot(east, north)
    reach = half + mover.width_m / 2 + _SIDE_M + _FORESEEN_S[-1] * aside
    comes = np.maximum(east * cos + north * sin - mover.speed_mps, 0.0) * _FORESEEN_S[-1]
    near: Bool[np.ndarray, " k"] = left > min(mover.left_m, 0.0) - reach
    near &= left < max(mover.left_m, 0.0) + reach
    near &= along + half + comes > mover.front_m - mover.length_m
    return near


def _is_beside(mover: Mover, things: Things) -> bool:
    """Return whether something is, or will soon be, where a change of lanes would lead."""
    along, left, _ = mover.strip.place_of(things.position_m[:, :2])
    half = things.size_m.max(axis=1) / 2
    ahead = along - half < mover.front_m + _CHANGE_S * mover.speed_mps + 5.0
    behind = along + half > mover.front_m - mover.length_m - 2.0
    beside = np.abs(left - mover.left_m) < _BESIDE_M + things.size_m[:, 1] / 2
    return bool((ahead & behind & beside).any())


class GivingWay:
    """Looks out for all agents of a running simulation.

    Args:
        sumo: The module ``libsumo``.
        network: The roads.
        step_s: Seconds of a step.
    """

    def __init__(self, sumo: ModuleType, network: RoadNetwork, step_s: float) -> None:
        self._sumo = sumo
        self._network = network
        self._step_s = step_s
        self._steps = 0
        self._held: set[str] = set()
        self._keeping: set[str] = set()
        self._strips: dict[tuple[str, ...], Strip] = {}
        self._lengths: dict[str, float] = {}
        self._movers: dict[int, Mover] = {}
        self._table: AgentTable | None = None

    @property
    def busy(self) -> bool:
        """Whether it has told anybody anything that is to be taken back."""
        return bool(self._held or self._keeping)

    @property
    def held(self) -> frozenset[str]:
        """Who drives slower than it would, for what events put on the road."""
        return frozenset(self._held)

    def tend(
        self,
        table: AgentTable,
        things: Sequence[Thing],
        told: Container[str],
        changing: Container[str] = (),
    ) -> None:
        """Give each agent its speed for the step that comes.

        Args:
            table: All agents.
            things: What is on the road that SUMO does not know of.
            told: Agents whose speeds others command.
            changing: Agents whose lanes others command.
        """
        self._steps += 1
        held: set[str] = set()
        keeping: set[str] = set()
        columns = Things.of(things)
        for row, near in self._pairs(table, columns, _BRAKE_MPS2) if things else ():
            name = table.agent_ids[row]
            if name in told:
                continue
            mover = self._mover(table, row)
            found = columns.at(near)
            if table.types[row].kind is not AgentKind.PEDESTRIAN and _is_beside(mover, found):
                keeping.add(name)
            found = found.at(_can_meet(mover, found))
            if not len(found.yaw_rad):
                continue
            asked = look_ahead(mover, found)
            safe = float(asked.safe_mps.min())
            speed = max(float(table.speed_mps[row]), 0.0)
            if safe > speed + 0.5:
                continue
            held.add(name)
            self._hold(table, row, safe, float(asked.brake_mps2.max()))
            self._pass(table, row, asked)
        for name in sorted(self._held - held):
            if name not in told:
                self._release(name)
        self._held = held
        self._keep_lanes(keeping, changing)

    def can_stop(self, table: AgentTable, thing: Thing) -> bool:
        """Say whether all agents can still brake for a thing, or are past it in time.

        Args:
            table: All agents.
            thing: What would be on the road, and would go on as it moves.

        Returns:
            False where one would have to brake harder than ``CAN_BRAKE_MPS2``.
        """
        columns = Things.of([thing])
        movers = (self._mover(table, row) for row, _ in self._pairs(table, columns, CAN_BRAKE_MPS2))
        return all(
            float(look_ahead(mover, columns).brake_mps2[0]) <= CAN_BRAKE_MPS2
            for mover in movers
            if _can_meet(mover, columns)[0]
        )

    def _pairs(
        self, table: AgentTable, things: Things, brake_mps2: float
    ) -> list[tuple[int, Bool[np.ndarray, " k"]]]:
        """Return the agents that have things in reach, roughly before them."""
        if not len(table.agent_ids):
            return []
        offset = things.position_m[None, :, :2] - table.position_m[:, None, :2]
        cos, sin = np.cos(table.yaw_rad)[:, None], np.sin(table.yaw_rad)[:, None]
        forth = offset[..., 0] * cos + offset[..., 1] * sin
        aside = np.abs(offset[..., 1] * cos - offset[..., 0] * sin)
        speed = np.maximum(table.speed_mps, 0.0)[:, None]
        east, north = things.velocity_mps[None, :, 0], things.velocity_mps[None, :, 1]
        lead, fast = east * cos + north * sin, np.hypot(east, north)
        half = things.size_m.max(axis=1)[None] / 2
        # Who drives ahead as fast leaves room for all; who comes takes its share.
        room = np.where(lead > 0.0, speed**2 - lead**2, speed * (speed - lead))
        side = fast - np.maximum(lead, 0.0)
        reach = np.maximum(room, 0.0) / (2 * brake_mps2) + speed + 3.0 * side + 10.0 + half
        near = (np.hypot(forth, aside) < np.minimum(reach, _FARTHEST_M)) & (forth > -8.0 - half)
        near &= aside < 8.0 + half + 0.5 * np.maximum(forth, 0.0) + 3.0 * side
        near &= np.abs(things.position_m[None, :, 2] - table.position_m[:, None, 2]) < _ABOVE_M
        return [(int(row), near[row]) for row in np.flatnonzero(near.any(axis=1))]

    def _mover(self, table: AgentTable, row: int) -> Mover:
        if table is not self._table:
            self._table = table
            self._movers.clear()
        if row not in self._movers:
            kind = table.types[row]
            strip = self._strip(table, row)
            along, left, _ = strip.place_of(table.position_m[row : row + 1, :2])
            self._movers[row] = Mover(
                strip=strip,
                along_m=float(along[0]),
                left_m=float(left[0]),
                length_m=kind.size_m[0],
                width_m=kind.size_m[1],
                speed_mps=max(float(table.speed_mps[row]), 0.0),
                gap_m=_GAP_M[kind.kind is AgentKind.PEDESTRIAN],
            )
        return self._movers[row]

    def _strip(self, table: AgentTable, row: int) -> Strip:
        lanes: tuple[str, ...] = ()
        if table.types[row].kind is not AgentKind.PEDESTRIAN:
            lanes = self._lanes_ahead(table.agent_ids[row], float(table.speed_mps[row]))
        if not lanes:
            yaw, middle = float(table.yaw_rad[row]), table.position_m[row, :2]
            return Strip(np.stack([middle, middle + np.array([np.cos(yaw), np.sin(yaw)])]))
        if lanes not in self._strips:
            points = [self._network.lanes[lane].points[:, :2] for lane in lanes]
            self._strips[lanes] = Strip(np.concatenate(points))
        return self._strips[lanes]

    def _lanes_ahead(self, agent_id: str, speed_mps: float) -> tuple[str, ...]:
        """Return the lanes that an agent is on and comes to, as far as it has to look."""
        lanes, vehicle = self._network.lanes, self._sumo.vehicle
        here = vehicle.getLaneID(agent_id)
        if here not in lanes:
            return ()
        found = [here]
        reach = speed_mps**2 / _BRAKE_MPS2 + 3.0 * speed_mps + _BEYOND_M
        room = self._length_m(here) - vehicle.getLanePosition(agent_id)
        for link in vehicle.getNextLinks(agent_id) if room < reach else ():
            inside = link[4]
            while inside in lanes and lanes[inside].inside_junction and inside not in found:
                found.append(inside)
                inside = next(iter(lanes[inside].successors), "")
            if link[0] not in lanes or room > reach:
                break
            found.append(link[0])
            room += self._length_m(link[0])
        return tuple(found)

    def _length_m(self, lane_id: str) -> float:
        if lane_id not in self._lengths:
            self._lengths[lane_id] = self._network.lanes[lane_id].length_m
        return self._lengths[lane_id]

    def _hold(self, table: AgentTable, row: int, safe_mps: float, brake_mps2: float) -> None:
        name, speed = table.agent_ids[row], max(float(table.speed_mps[row]), 0.0)
        hard = min(max(1.1 * brake_mps2, _BRAKE_MPS2), _HARDEST_MPS2)
        wanted = max(safe_mps, speed - hard * self._step_s, 0.0)
        if table.types[row].kind is AgentKind.PEDESTRIAN:
            self._sumo.person.setSpeed(name, wanted if wanted > 0.2 else 0.0)
            return
        self._sumo.vehicle.setSpeedMode(name, _HARD_MODE)
        self._sumo.vehicle.setSpeed(name, wanted)

    def _pass(self, table: AgentTable, row: int, asked: Ahead) -> None:
        """Let a vehicle change to a lane beside, away from what stays in its own."""
        if self._steps % _CHANGES_EVERY or not asked.stays.any():
            return
        if table.types[row].kind is AgentKind.PEDESTRIAN:
            return
        name, vehicle = table.agent_ids[row], self._sumo.vehicle
        lane = self._network.lanes.get(vehicle.getLaneID(name))
        if lane is None or lane.inside_junction:
            return
        aside = float(asked.left_m[asked.stays][0])
        for side in (1, -1) if aside <= 0.0 else (-1, 1):
            beside = self._network.lanes.get(f"{lane.edge_id}_{lane.index + side}")
            if beside is not None and beside.kind is lane.kind:
                vehicle.changeLane(name, beside.index, 2.0 * _CHANGES_EVERY * self._step_s)
                return

    def _keep_lanes(self, keeping: set[str], changing: Container[str]) -> None:
        """Let nobody change into a lane where something stands, of which SUMO does not know."""
        there = set(self._sumo.vehicle.getIDList()) if keeping != self._keeping else ()
        for name in sorted(keeping ^ self._keeping):
            if name in there and name not in changing:
                mode = _OWN_LANE if name in keeping else _USUAL_LANES
                self._sumo.vehicle.setLaneChangeMode(name, mode)
        self._keeping = keeping

    def _release(self, name: str) -> None:
        if name in self._sumo.vehicle.getIDList():
            self._sumo.vehicle.setSpeed(name, -1)
            self._sumo.vehicle.setSpeedMode(name, _USUAL_MODE)
        elif name in self._sumo.person.getIDList():
            self._sumo.person.setSpeed(name, -1)
