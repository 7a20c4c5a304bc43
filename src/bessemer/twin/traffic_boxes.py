"""Do two upright boxes on the ground touch?

Source: the separating axis theorem; Ericson, "Real-Time Collision Detection", 2005, section 4.4.
"""

import numpy as np
from jaxtyping import Float64

from bessemer.twin.drive import EgoState
from bessemer.twin.ego_bicycle import EGO_SHAPE, EgoShape
from bessemer.twin.stage import Spot


def boxes_touch(
    first: Spot, first_size_m: tuple[float, ...], second: Spot, second_size_m: tuple[float, ...]
) -> bool:
    """Say whether two boxes, seen from above, share a point.

    Args:
        first: Middle of one.
        first_size_m: Its length and width (and height, of no meaning here).
        second: Middle of the other.
        second_size_m: Its length and width.

    Returns:
        Whether they touch.

    Example:
        >>> boxes_touch(Spot(x_m=0, y_m=0), (4.0, 2.0), Spot(x_m=3.9, y_m=0), (4.0, 2.0))
        True
    """
    apart = float(np.hypot(first.x_m - second.x_m, first.y_m - second.y_m))
    if apart > (sum(first_size_m[:2]) + sum(second_size_m[:2])) / 2:
        return False
    one, other = _corners(first, first_size_m), _corners(second, second_size_m)
    for yaw in (first.yaw_rad, second.yaw_rad):
        for angle in (yaw, yaw + np.pi / 2):
            axis = np.array([np.cos(angle), np.sin(angle)])
            a, b = one @ axis, other @ axis
            if a.max() < b.min() or b.max() < a.min():
                return False
    return True


def ego_middle(ego: EgoState, shape: EgoShape = EGO_SHAPE) -> Spot:
    """Return the middle of the ego's box on the ground."""
    ahead = shape.axle_to_middle_m
    return Spot(
        x_m=ego.x_m + ahead * float(np.cos(ego.yaw_rad)),
        y_m=ego.y_m + ahead * float(np.sin(ego.yaw_rad)),
        z_m=ego.z_m,
        yaw_rad=ego.yaw_rad,
    )


def _corners(spot: Spot, size_m: tuple[float, ...]) -> Float64[np.ndarray, "4 2"]:
    half_x, half_y = size_m[0] / 2, size_m[1] / 2
    cos, sin = np.cos(spot.yaw_rad), np.sin(spot.yaw_rad)
    local = np.array(
        [[half_x, half_y], [half_x, -half_y], [-half_x, -half_y], [-half_x, half_y]], np.float64
    )
    turned: Float64[np.ndarray, "4 2"] = local @ np.array([[cos, sin], [-sin, cos]])
    moved: Float64[np.ndarray, "4 2"] = turned + np.array([spot.x_m, spot.y_m])
    return moved
