"""How things move in events: along the road, across it, after a while, together.

Each motion is a script, to be used by ``yield from``. Shapes: n points of a path.
"""

import math
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from jaxtyping import Float64

from bessemer.twin.events.cast import Cast, NoFitError, Script
from bessemer.twin.scene import Lamp
from bessemer.twin.stage import Spot

_STEP_M = 2.0
_BRAKE_MPS2, _GAIN_MPS2, _SETS_OFF_MPS = 6.0, 4.0, 1.5
_USUAL_BRAKE_MPS2, _GAP_M = 4.0, 2.5
_CAR_M = (4.6, 1.8, 1.5)
_LOOKS_EVERY = 2  # steps
_LIMIT_S = 45.0
"""Nothing is waited for longer: the ego may have halted for good."""

LIGHTS = Lamp.HEAD | Lamp.TAIL
"""What a car that drives has on."""


class Path:
    """A line in space that something follows.

    Args:
        points: Its corners, metres in the world's frame.
    """

    def __init__(self, points: Float64[np.ndarray, "n 3"]) -> None:
        steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
        self._points = points
        self._at_m = np.concatenate([[0.0], np.cumsum(steps)])
        if not self.length_m > 0:
            raise NoFitError("a path without length")

    @staticmethod
    def through(*spots: Spot) -> "Path":
        """Return the path through places."""
        return Path(np.array([(spot.x_m, spot.y_m, spot.z_m) for spot in spots], np.float64))

    @property
    def length_m(self) -> float:
        """How long it is."""
        return float(self._at_m[-1])

    def at(self, distance_m: float) -> Spot:
        """Return the place so far along it, heading along it; it holds still at its ends."""
        along = float(np.clip(distance_m, 0.0, self.length_m))
        i = int(
            np.clip(np.searchsorted(self._at_m, along, side="right") - 1, 0, len(self._at_m) - 2)
        )
        a, b = self._points[i], self._points[i + 1]
        span = max(float(self._at_m[i + 1] - self._at_m[i]), 1e-9)
        x, y, z = a + (b - a) * ((along - self._at_m[i]) / span)
        yaw = float(np.arctan2(b[1] - a[1], b[0] - a[0]))
        return Spot(x_m=float(x), y_m=float(y), z_m=float(z), yaw_rad=yaw)

    def reverse(self) -> "Path":
        """Return it from its end to its start."""
        return Path(self._points[::-1].copy())


def along_road(
    cast: Cast,
    from_m: float,
    to_m: float,
    left_m: float | Callable[[float], float] = 0.0,
    *,
    at_least_m: float = 30.0,
) -> Path:
    """Return a path along the ego's way.

    Args:
        cast: The event's cast.
        from_m: Where it begins, ahead of the ego.
        to_m: Where it ends, at most; it ends earlier where the way does.
        left_m: How far left of the ego's lane, or a function of the metres from its begin.
        at_least_m: Where it would be shorter, the event does not fit.

    Returns:
        The path.
    """
    spots = []
    for along in np.arange(0.0, to_m - from_m + 0.1, _STEP_M):
        left = left_m(float(along)) if callable(left_m) else left_m
        spot = cast.stage.ahead(from_m + float(along), left)
        if spot is None:
            break
        spots.append(spot)
    if _STEP_M * (len(spots) - 1) < min(at_least_m, to_m - from_m - _STEP_M):
        raise NoFitError("the way is too short")
    return Path.through(*spots)


def beside(spot: Spot, forward_m: float = 0.0, left_m: float = 0.0, up_m: float = 0.0) -> Spot:
    """Return a place beside another one, in the other's frame; it faces the same way."""
    cos, sin = float(np.cos(spot.yaw_rad)), float(np.sin(spot.yaw_rad))
    return Spot(
        x_m=spot.x_m + cos * forward_m - sin * left_m,
        y_m=spot.y_m + sin * forward_m + cos * left_m,
        z_m=spot.z_m + up_m,
        yaw_rad=spot.yaw_rad,
    )


def turned(spot: Spot, by_rad: float) -> Spot:
    """Return a place that faces another way, left above 0."""
    return Spot(x_m=spot.x_m, y_m=spot.y_m, z_m=spot.z_m, yaw_rad=spot.yaw_rad + by_rad)


def until(cast: Cast, done: Callable[[], bool], limit_s: float = _LIMIT_S) -> Script:
    """Wait for something, but no longer than the limit."""
    end_s = cast.stage.t_s + limit_s
    while not done() and cast.stage.t_s < end_s:
        yield


def wait(cast: Cast, time_s: float) -> Script:
    """Let time pass."""
    yield from until(cast, lambda: False, time_s)


def until_behind(cast: Cast, spot: Spot, behind_m: float = 35.0) -> Script:
    """Wait until the ego has left a place so far behind."""
    yield from until(cast, lambda: cast.gap_m(spot) < -behind_m)


def each_step(cast: Cast, action: Callable[[float], None], done: Callable[[float], bool]) -> Script:
    """Do something in each step, given the seconds since the first, until it is done."""
    begin_s = cast.stage.t_s
    while (since_s := cast.stage.t_s - begin_s) < _LIMIT_S and not done(since_s):
        action(since_s)
        yield


def together(*scripts: Script) -> Script:
    """Let scripts run side by side until all are over."""
    running = list(scripts)
    while running := [script for script in running if next(script, StopIteration) is None]:
        yield


def follow(
    cast: Cast,
    handle: int,
    path: Path,
    speed: float | Callable[[float], float],
    *,
    lamps: Lamp | Callable[[float], Lamp] | None = Lamp.NONE,
    turned_rad: float = 0.0,
    careful: bool = False,
    waits: Callable[[float], bool] = lambda _: False,
) -> Iterator[None]:
    """Move a thing along a path to its end.

    Args:
        cast: The event's cast.
        handle: The thing.
        path: Where it goes.
        speed: How fast, m/s, or a function of the seconds since the start.
        lamps: What shines, or a function of the seconds since the start; None where no lamp
            works, not even those that say that it brakes.
        turned_rad: How it is turned against its way: pi drives backwards.
        careful: Whether it brakes for traffic and the ego ahead of it, as a car does.
        waits: Whether it goes on waiting, so far along, once it has waited for traffic that could
            not stop for it any more.

    Yields:
        Once a step.
    """
    begin_s, along_m = cast.stage.t_s, 0.0
    pace: float | None = None
    blocked, steps = False, 0
    while along_m < path.length_m and cast.stage.t_s - begin_s < _LIMIT_S:
        since_s, spot = cast.stage.t_s - begin_s, path.at(along_m)
        wanted = speed(since_s) if callable(speed) else speed
        fast = wanted if pace is None else pace
        free = min(wanted, free_mps(cast, spot, fast)) if careful else wanted
        if steps % _LOOKS_EVERY == 0:
            no_way = not cast.may_go(handle, free, spot.yaw_rad)
            blocked = no_way or (blocked and waits(along_m))
        free = 0.0 if blocked else free
        pace = _changed(free if pace is None else pace, free, cast.stage.step_s)
        if pace > 0 and cast.stage.runs_into(handle, path.at(along_m + pace * cast.stage.step_s)):
            pace = 0.0
        brake = Lamp.BRAKE if pace < wanted and lamps is not None else Lamp.NONE
        shine = lamps(since_s) if callable(lamps) else lamps or Lamp.NONE
        cast.move(handle, turned(spot, turned_rad), shine | brake)
        yield
        steps += 1
        along_m += pace * cast.stage.step_s
    cast.move(handle, turned(path.at(along_m), turned_rad))


def _changed(before_mps: float, wanted_mps: float, step_s: float) -> float:
    """Return a speed a step later, as feet and brakes change it."""
    least = before_mps - _BRAKE_MPS2 * step_s
    most = max(before_mps, _SETS_OFF_MPS) + _GAIN_MPS2 * step_s
    return float(np.clip(wanted_mps, max(least, 0.0), most))


def overtake(
    cast: Cast,
    handle: int,
    from_m: float,
    to_m: float,
    faster_mps: float,
    left: Callable[[float], float],
    *,
    lamps: Lamp | Callable[[float], Lamp] = LIGHTS,
    careful: bool = False,
) -> Iterator[None]:
    """Let a thing pass the ego, always so much faster than the ego is then.

    Args:
        cast: The event's cast.
        handle: The thing.
        from_m: Where it begins, ahead of the ego: below 0 behind.
        to_m: Where it ends, ahead of the ego.
        faster_mps: How much faster.
        left: How far left of the ego's lane, by how far it is ahead of the ego.
        lamps: What shines, or a function of the seconds since the start.
        careful: Whether it brakes for traffic and the ego, as a car does.

    Yields:
        Once a step.
    """
    begin_s, ahead_m = cast.stage.t_s, from_m
    while ahead_m < to_m and cast.stage.t_s - begin_s < _LIMIT_S:
        spot = cast.ahead(ahead_m, left(ahead_m))
        pace = cast.ego.speed_mps + faster_mps
        free = min(pace, free_mps(cast, spot, pace)) if careful else pace
        shine = lamps(cast.stage.t_s - begin_s) if callable(lamps) else lamps
        cast.move(handle, spot, shine | (Lamp.BRAKE if free < pace else Lamp.NONE))
        yield
        ahead_m += (free - cast.ego.speed_mps) * cast.stage.step_s


def free_mps(cast: Cast, spot: Spot, speed_mps: float) -> float:
    """Return how fast a car may be at a place, so as to stop or follow whoever is in its way.

    Args:
        cast: The event's cast.
        spot: The middle of the car.
        speed_mps: How fast it is.

    Returns:
        The speed from which usual braking is enough; infinite where the way is free.
    """
    ego = cast.ego
    middle = beside(Spot(x_m=ego.x_m, y_m=ego.y_m, yaw_rad=ego.yaw_rad), forward_m=1.4)
    others = [(agent.spot, agent.size_m, agent.speed_mps) for agent in cast.stage.agents()]
    cos, sin = math.cos(spot.yaw_rad), math.sin(spot.yaw_rad)
    free = float("inf")
    for other, (long, wide, _), fast in (*others, (middle, _CAR_M, ego.speed_mps)):
        dx, dy = other.x_m - spot.x_m, other.y_m - spot.y_m
        along, across = dx * cos + dy * sin, dy * cos - dx * sin
        if along <= 0.5 or abs(across) > long + _CAR_M[1]:
            continue
        turn_cos = math.cos(other.yaw_rad - spot.yaw_rad)
        turn_sin = abs(math.sin(other.yaw_rad - spot.yaw_rad))
        if abs(across) < (turn_sin * long + abs(turn_cos) * wide + _CAR_M[1]) / 2 - 0.2:
            half = (abs(turn_cos) * long + turn_sin * wide + _CAR_M[0]) / 2
            room, leads = max(along - half - _GAP_M, 0.0), fast * turn_cos
            if leads < 0.0:  # who comes towards it takes a share of the room
                room, leads = room * speed_mps / max(speed_mps - leads, 0.1), 0.0
            free = min(free, math.sqrt(leads**2 + 2.0 * _USUAL_BRAKE_MPS2 * room))
    return free


def stand(
    cast: Cast, things: Sequence[tuple[int, Spot]], lamps: Callable[[float], Lamp], where: Spot
) -> Script:
    """Let lamps of standing things blink until the ego has passed a place."""

    def shine(since_s: float) -> None:
        for handle, spot in things:
            cast.move(handle, spot, lamps(since_s))

    yield from each_step(cast, shine, lambda _: cast.gap_m(where) < -35.0)


def carry(
    cast: Cast, handle: int, agent_id: str, time_s: float, *, forward_m: float, up_m: float
) -> Script:
    """Let a thing ride on an agent for a while."""

    def ride(_: float) -> None:
        cast.move(handle, beside(cast.agent(agent_id).spot, forward_m, 0.0, up_m))

    yield from each_step(cast, ride, lambda since_s: since_s >= time_s)


def hazards(since_s: float) -> Lamp:
    """Return what a car with hazard lights on shows: 1.5 flashes a second."""
    return (Lamp.LEFT | Lamp.RIGHT if since_s * 1.5 % 1.0 < 0.5 else Lamp.NONE) | Lamp.TAIL


def blinker(side: int) -> Callable[[float], Lamp]:
    """Return what a driving car shows that will turn to the left (+1) or right (-1)."""
    lamp = Lamp.LEFT if side > 0 else Lamp.RIGHT
    return lambda since_s: LIGHTS | (lamp if since_s * 1.5 % 1.0 < 0.5 else Lamp.NONE)


def beacon(since_s: float) -> Lamp:
    """Return what an emergency vehicle shows: two flashes a second."""
    return LIGHTS | (Lamp.BEACON if since_s * 2.0 % 1.0 < 0.5 else Lamp.NONE)
