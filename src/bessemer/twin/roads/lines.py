"""Lines through the world: how long, how far along, and what runs beside them.

Offsets turn in the plane; heights stay. Bends are mitred, so that lines of one offset from the two
sides meet, and a sharp bend reaches no further than four times the offset.

Shapes: n points, m places along; x east, y north, z up, metres.
"""

import numpy as np
from jaxtyping import Float64

Line3 = Float64[np.ndarray, "n 3"]


def distances_along(line: Line3) -> Float64[np.ndarray, " n"]:
    """Return how far along the line each point lies, seen from above."""
    steps = np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def offset_line(line: Line3, left_m: float) -> Line3:
    """Return the line that runs so far to the left.

    Args:
        line: At least two points, no two of them in one place.
        left_m: How far; negative to the right.

    Returns:
        As many points.

    Example:
        >>> offset_line(np.array([[0.0, 0, 0], [9, 0, 0]]), 2.0)[:, 1].tolist()
        [2.0, 2.0]
    """
    step = np.diff(line[:, :2], axis=0)
    unit = step / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9)
    before, after = np.concatenate([unit[:1], unit]), np.concatenate([unit, unit[-1:]])
    normal = np.stack([-(before + after)[:, 1], (before + after)[:, 0]], axis=1)
    # |before + after| = 2 cos(half the turn); the mitre is 1 / cos.
    square = np.maximum((normal**2).sum(axis=1, keepdims=True), 0.25)
    moved = line.copy()
    moved[:, :2] += normal * (2.0 * left_m / square)
    return moved


def points_along(
    line: Line3,
    at_m: Float64[np.ndarray, "*m"],
    left_m: float | Float64[np.ndarray, "*m"] = 0.0,
) -> Float64[np.ndarray, "*m 3"]:
    """Return the points so far along a line, and so far to its left.

    Args:
        line: At least two points.
        at_m: How far; beyond an end it is the end.
        left_m: How far to the left.

    Returns:
        A point each.
    """
    along = distances_along(line)
    x, y, z = (np.interp(at_m, along, line[:, i]) for i in range(3))
    index = np.clip(np.searchsorted(along, at_m, side="right") - 1, 0, len(line) - 2)
    step = np.diff(line[:, :2], axis=0)
    unit = (step / np.maximum(np.linalg.norm(step, axis=1, keepdims=True), 1e-9))[index]
    return np.stack([x - unit[..., 1] * left_m, y + unit[..., 0] * left_m, z], axis=-1)
