"""Where the ego begins and which way it goes; where on that way another may appear."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bessemer.core.errors import InputError
from bessemer.twin.collide import boxes_touch, ego_middle
from bessemer.twin.drive import EgoState
from bessemer.twin.ego.bicycle import EGO_SHAPE
from bessemer.twin.roads.network import Lane, LaneKind, RoadNetwork
from bessemer.twin.roads.route import Route, way_ahead
from bessemer.twin.stage import Agent, Spot

_WAYS, _PLACES = 12, 40
_ROOM_M = 3.0
_FROM_START_M, _FROM_END_M = 8.0, 12.0
_BRAKE_MPS2 = 2.0
_TURN_ROUND_RAD = 2.6


@dataclass(frozen=True, slots=True, kw_only=True)
class EgoStart:
    """A way for the ego, and its state at the beginning.

    Attributes:
        route: The way, with its lanes.
        along_m: How far along the way it begins.
        ego: Its state; the speed lets it stop before the lane ends and who drives ahead.
    """

    route: Route
    along_m: float
    ego: EgoState


def draw_start(
    network: RoadNetwork, rng: np.random.Generator, length_m: float, agents: Sequence[Agent]
) -> EgoStart:
    """Draw a way along random lanes, and a free place on its first lane.

    Args:
        network: The roads.
        rng: Draws.
        length_m: How long the way shall be; the longest of some, where all are shorter.
        agents: Who is on the road already.

    Returns:
        Way and state.

    Raises:
        InputError: If no place was free.
    """
    firsts = [
        lane
        for lane in network.lanes.values()
        if lane.kind is LaneKind.DRIVE
        and not lane.inside_junction
        and lane.length_m > _FROM_START_M + _FROM_END_M + EGO_SHAPE.length_m
    ]
    if not firsts:
        raise InputError("No lane is long enough to begin on.", where=network.name)
    for _ in range(_PLACES):
        route = _draw_route(network, rng, firsts, length_m)
        lane = network.lanes[route.lane_ids[0]]
        along = float(rng.uniform(_FROM_START_M, lane.length_m - _FROM_END_M))
        speed = _fitting_speed(route, lane, along, agents)
        ego = _state_at(route, along, speed)
        if not any(_stands_in(ego, agent) or _comes_too_fast(ego, agent) for agent in agents):
            return EgoStart(route=route, along_m=along, ego=ego)
    raise InputError(
        f"None of {_PLACES} places is free for the ego.",
        where=network.name,
        fix="Lower density_frac.",
    )


def edges_of(network: RoadNetwork, lane_ids: Sequence[str]) -> tuple[str, ...]:
    """Return the edges, without those inside junctions, that lanes in order run along."""
    edges: list[str] = []
    for lane_id in lane_ids:
        lane = network.lanes[lane_id]
        if not lane.inside_junction and (not edges or edges[-1] != lane.edge_id):
            edges.append(lane.edge_id)
    return tuple(edges)


def free_place(
    network: RoadNetwork,
    route: Route,
    along_m: float,
    left_m: float,
    size_m: tuple[float, float, float],
    others: Sequence[tuple[Spot, tuple[float, float, float]]],
) -> Spot | None:
    """Return the place on a way, if nobody is there or near.

    Args:
        network: The roads.
        route: The way.
        along_m: How far along.
        left_m: How far to the left.
        size_m: Of who shall appear.
        others: Where who is.

    Returns:
        The middle of its box; None where there is no room or no lane.
    """
    if not size_m[0] / 2 < along_m < route.length_m - size_m[0] / 2:
        return None
    x, y, z, yaw = route.at(along_m, left_m)
    spot = Spot(x_m=x, y_m=y, z_m=z, yaw_rad=yaw)
    room = (size_m[0] + 2 * _ROOM_M, size_m[1])
    taken = any(boxes_touch(spot, room, other, other_size) for other, other_size in others)
    return None if taken or network.lanes[route.lane_at(along_m)].inside_junction else spot


def _draw_route(
    network: RoadNetwork, rng: np.random.Generator, firsts: list[Lane], length_m: float
) -> Route:
    longest: Route | None = None
    for _ in range(_WAYS):
        first = firsts[int(rng.integers(len(firsts)))]
        # The first lane lies partly behind the ego, and is not counted.
        wanted = length_m + first.length_m
        lanes = way_ahead(network, first.lane_id, wanted, rng)
        if any(_turns_round(network.lanes[lane_id]) for lane_id in lanes):
            continue
        route = Route(network, lanes)
        if longest is None or route.length_m > longest.length_m:
            longest = route
        if route.length_m >= wanted:
            break
    return longest if longest is not None else Route(network, [firsts[0].lane_id])


def _turns_round(lane: Lane) -> bool:
    if not lane.inside_junction:
        return False
    steps = np.diff(lane.points[:, :2], axis=0)
    yaws = np.unwrap(np.arctan2(steps[:, 1], steps[:, 0]))
    return bool(abs(yaws[-1] - yaws[0]) > _TURN_ROUND_RAD)


def _stands_in(ego: EgoState, agent: Agent) -> bool:
    room = (EGO_SHAPE.length_m + 2 * _ROOM_M, EGO_SHAPE.width_m + 0.3)
    return boxes_touch(ego_middle(ego), room, agent.spot, agent.size_m)


def _comes_too_fast(ego: EgoState, agent: Agent) -> bool:
    """Say whether one behind could not brake in comfort for an ego that appears."""
    cos, sin = float(np.cos(ego.yaw_rad)), float(np.sin(ego.yaw_rad))
    forth = (agent.spot.x_m - ego.x_m) * cos + (agent.spot.y_m - ego.y_m) * sin
    left = (agent.spot.y_m - ego.y_m) * cos - (agent.spot.x_m - ego.x_m) * sin
    with_us = float(np.cos(agent.spot.yaw_rad - ego.yaw_rad)) > 0.7
    if forth > 0 or abs(left) > 3.0 or not with_us:
        return False
    gap = -forth - agent.size_m[0] / 2 - EGO_SHAPE.rear_overhang_m
    closing = max(0.0, agent.speed_mps - ego.speed_mps)
    return gap < agent.speed_mps + closing**2 / (2 * _BRAKE_MPS2)


def _state_at(route: Route, along_m: float, speed_mps: float = 0.0) -> EgoState:
    x, y, z, yaw = route.at(along_m)
    return EgoState(x_m=x, y_m=y, z_m=z, yaw_rad=yaw, speed_mps=speed_mps)


def _fitting_speed(route: Route, lane: Lane, along_m: float, agents: Sequence[Agent]) -> float:
    front = along_m + EGO_SHAPE.axle_to_front_m
    room = lane.length_m - front
    for agent in agents:
        there, left = route.place_of(agent.spot.x_m, agent.spot.y_m, near_m=along_m)
        if there > along_m and abs(left) < 2.0:
            room = min(room, there - agent.size_m[0] / 2 - front)
    stoppable = float(np.sqrt(2 * _BRAKE_MPS2 * max(0.0, room - 4.0)))
    return min(0.8 * lane.speed_limit_mps, stoppable)
