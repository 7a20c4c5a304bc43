"""A driver for bulk recording: keeps its lane and the limit, and stops for what is in the way.

Sources: steering by pure pursuit, Coulter, "Implementation of the Pure Pursuit Path Tracking
Algorithm", CMU-RI-TR-92-01; speed by the Intelligent Driver Model, Treiber, Hennecke and Helbing,
"Congested traffic states ...", Physical Review E 62, 2000, eq. 2 and 3, with the gentler braking
above the wanted speed of Treiber and Kesting, "Traffic Flow Dynamics", 2013, section 11.3.7.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from bessemer.core.errors import InputError
from bessemer.twin.drive import Controls, EgoState, Indicator
from bessemer.twin.driver.path import DrivePath, Leader
from bessemer.twin.ego.bicycle import EGO_SHAPE


@dataclass(frozen=True, slots=True, kw_only=True)
class Habits:
    """How somebody drives.

    Attributes:
        accel_mps2: Comfortable acceleration.
        brake_mps2: Comfortable braking, above 0.
        hardest_mps2: Hardest braking, above 0.
        headway_s: Time kept to who drives ahead.
        standing_gap_m: Gap in a queue.
        look_ahead_s: How far ahead it aims, in time.
        least_look_m: How far ahead it aims besides, also when it stands.
        indicate_s: How long before a turn it indicates.
    """

    accel_mps2: float = 1.8
    brake_mps2: float = 2.0
    hardest_mps2: float = 8.0
    headway_s: float = 1.4
    standing_gap_m: float = 2.5
    look_ahead_s: float = 0.7
    least_look_m: float = 2.0
    indicate_s: float = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sight:
    """What a driver goes by at one instant.

    Attributes:
        way: Points ahead in the world, the first one near the rear axle.
        speed_mps: The speed that it would like: limit and bends.
        leader: The next thing in the way.
        stop_m: From the front to a line where it must stop; None where it may go on.
        advice_mps2: Acceleration that right of way and signals leave it.
        turn: 1 for a turn to the left soon, -1 to the right, 0 for none.
    """

    way: Float64[np.ndarray, "n 3"]
    speed_mps: float
    leader: Leader | None = None
    stop_m: float | None = None
    advice_mps2: float = float("inf")
    turn: int = 0


def drive(ego: EgoState, sight: Sight, habits: Habits | None = None) -> Controls:
    """Return what a careful driver does.

    Args:
        ego: The ego.
        sight: What it goes by.
        habits: How it drives.

    Returns:
        Controls.

    Example:
        >>> way = np.array([[float(i), 0.0, 0.0] for i in range(50)])
        >>> rolling = EgoState(x_m=0, y_m=0, yaw_rad=0, speed_mps=10)
        >>> drive(rolling, Sight(way=way, speed_mps=10, stop_m=12.0)).accel_mps2 < -2
        True
    """
    ways = Habits() if habits is None else habits
    accel = follow(ego.speed_mps, sight.speed_mps, sight.leader, ways)
    if sight.stop_m is not None:
        line = Leader(gap_m=sight.stop_m + ways.standing_gap_m - 0.5)
        accel = min(accel, follow(ego.speed_mps, sight.speed_mps, line, ways))
    accel = min(accel, sight.advice_mps2)
    return Controls(
        steer_rad=aim(ego, sight.way, ways),
        accel_mps2=max(accel, -ways.hardest_mps2),
        indicator={1: Indicator.LEFT, -1: Indicator.RIGHT}.get(sight.turn, Indicator.OFF),
    )


def see(
    ego: EgoState,
    path: DrivePath,
    along_m: float,
    *,
    leader: Leader | None = None,
    stop_m: float | None = None,
    advice_mps2: float = float("inf"),
    habits: Habits | None = None,
) -> Sight:
    """Return what a driver on a path goes by.

    Args:
        ego: The ego.
        path: Its way.
        along_m: How far along it is.
        leader: The next thing in its way.
        stop_m: From its front to a line where it must stop.
        advice_mps2: Acceleration that right of way and signals leave it.
        habits: How it drives.

    Returns:
        The sight.
    """
    ways = Habits() if habits is None else habits
    reach_m = max(12.0, ego.speed_mps * ways.indicate_s)
    return Sight(
        way=path.ahead(along_m),
        speed_mps=path.speed_at(along_m + 0.2 * ego.speed_mps),
        leader=leader,
        stop_m=stop_m,
        advice_mps2=advice_mps2,
        turn=path.turn_within(along_m, reach_m),
    )


def follow(speed_mps: float, wanted_mps: float, leader: Leader | None, habits: Habits) -> float:
    """Return the acceleration of the Intelligent Driver Model.

    Args:
        speed_mps: Own speed, v.
        wanted_mps: Speed on a free road, v0.
        leader: Who drives ahead, at gap s; None on a free road.
        habits: Acceleration a, braking b, headway T and standing gap s0.

    Returns:
        Acceleration: a(1 - (v/v0)^4 - (s*/s)^2), s* = s0 + vT + v dv / (2 sqrt(ab)).
    """
    accel, brake = habits.accel_mps2, habits.brake_mps2
    wanted = max(wanted_mps, 0.1)
    if speed_mps <= wanted:
        free = accel * (1.0 - (speed_mps / wanted) ** 4)
    else:
        free = -brake * (1.0 - (wanted / speed_mps) ** (4 * accel / brake))
    if leader is None:
        return free
    closing = speed_mps - leader.speed_mps
    dynamic = speed_mps * habits.headway_s + speed_mps * closing / (2 * np.sqrt(accel * brake))
    desired = habits.standing_gap_m + max(0.0, float(dynamic))
    return free - accel * float(desired / max(leader.gap_m, 0.1)) ** 2


def aim(ego: EgoState, way: Float64[np.ndarray, "n 3"], habits: Habits) -> float:
    """Return the steering angle of the arc through the point of the way that is looked at.

    Args:
        ego: The ego.
        way: Points ahead, the first near the rear axle.
        habits: How far ahead it looks.

    Returns:
        Steering angle, left above 0.

    Raises:
        InputError: If the way has no length.
    """
    if len(way) < 2:
        raise InputError("A way ahead has two points at least.", where="driver")
    look_m = habits.least_look_m + habits.look_ahead_s * ego.speed_mps
    offset = way[:, :2] - np.array([ego.x_m, ego.y_m])
    away = np.linalg.norm(offset, axis=1)
    beyond = np.flatnonzero(away >= look_m)
    beyond = beyond[beyond >= int(np.argmin(away))]
    i = int(beyond[0]) if len(beyond) else len(way) - 1
    target = offset[i]
    if i > 0 and away[i] > look_m > away[i - 1]:
        share = (look_m - away[i - 1]) / (away[i] - away[i - 1])
        target = offset[i - 1] + share * (offset[i] - offset[i - 1])
    left = float(target[1] * np.cos(ego.yaw_rad) - target[0] * np.sin(ego.yaw_rad))
    reach = max(float(np.linalg.norm(target)), 0.5)
    return float(np.arctan(EGO_SHAPE.wheelbase_m * 2.0 * left / reach**2))
