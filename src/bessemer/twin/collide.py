"""Whether boxes on the ground touch.

Source: the separating axis theorem; S. Gottschalk, M. Lin, D. Manocha, "OBBTree", SIGGRAPH 1996,
in two dimensions, where four axes are enough.
"""

import numpy as np
from jaxtyping import Bool, Float64

from bessemer.twin.drive import EgoState
from bessemer.twin.ego.bicycle import EGO_SHAPE, EgoShape
from bessemer.twin.stage import Spot


def corners(
    center_m: Float64[np.ndarray, "n 2"],
    yaw_rad: Float64[np.ndarray, " n"],
    size_m: Float64[np.ndarray, "n 2"],
) -> Float64[np.ndarray, "n 4 2"]:
    """Return the corners of rectangles, counter-clockwise from the front left.

    Args:
        center_m: Middles.
        yaw_rad: Headings.
        size_m: Length and width.

    Returns:
        Four corners each.
    """
    cos, sin = np.cos(yaw_rad), np.sin(yaw_rad)
    signs = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) / 2
    local = signs[None] * size_m[:, None]
    x = local[..., 0] * cos[:, None] - local[..., 1] * sin[:, None]
    y = local[..., 0] * sin[:, None] + local[..., 1] * cos[:, None]
    ring: Float64[np.ndarray, "n 4 2"] = np.stack([x, y], axis=-1) + center_m[:, None]
    return ring


def touching(
    one: Float64[np.ndarray, "4 2"], others: Float64[np.ndarray, "n 4 2"]
) -> Bool[np.ndarray, " n"]:
    """Return which rectangles share at least a point with one.

    Args:
        one: Corners of a rectangle.
        others: Corners of the others.

    Returns:
        A flag each.

    Example:
        >>> square = corners(np.zeros((1, 2)), np.zeros(1), np.ones((1, 2)))
        >>> bool(touching(square[0], square + 0.9)[0]), bool(touching(square[0], square + 1.1)[0])
        (True, False)
    """
    both = np.stack([np.broadcast_to(one, others.shape), others], axis=1)
    edges = both[:, :, [1, 2]] - both[:, :, [0, 1]]
    axes = edges.reshape(-1, 4, 2)
    shadow = np.einsum("nrcd,nad->nrac", both, axes)
    low, high = shadow.min(axis=-1), shadow.max(axis=-1)
    apart = (high[:, 0] < low[:, 1]) | (high[:, 1] < low[:, 0])
    met: Bool[np.ndarray, " n"] = ~apart.any(axis=-1)
    return met


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
    apart_m = float(np.hypot(first.x_m - second.x_m, first.y_m - second.y_m))
    if apart_m > (sum(first_size_m[:2]) + sum(second_size_m[:2])) / 2:
        return False
    both = corners(
        np.array([[first.x_m, first.y_m], [second.x_m, second.y_m]], np.float64),
        np.array([first.yaw_rad, second.yaw_rad], np.float64),
        np.array([first_size_m[:2], second_size_m[:2]], np.float64),
    )
    return bool(touching(both[0], both[1:])[0])


def ego_middle(ego: EgoState, shape: EgoShape = EGO_SHAPE) -> Spot:
    """Return the middle of the ego's box on the ground.

    Args:
        ego: The ego, at its rear axle.
        shape: How large it is.

    Returns:
        The place.
    """
    ahead = shape.axle_to_middle_m
    return Spot(
        x_m=ego.x_m + ahead * float(np.cos(ego.yaw_rad)),
        y_m=ego.y_m + ahead * float(np.sin(ego.yaw_rad)),
        z_m=ego.z_m,
        yaw_rad=ego.yaw_rad,
    )
