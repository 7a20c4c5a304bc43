"""What shapes of many bodies share: wheels, panes between corners, and the box of the whole."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float64

from bessemer.twin.bodies.shape import Point, join, loft, mirror, move, pane
from bessemer.twin.classes import SemanticClass
from bessemer.twin.scene import Body, Mesh


def body_of(name: str, semantic: SemanticClass, *meshes: Mesh) -> Body:
    """Return a body, its origin on the ground below the middle of its box.

    Args:
        name: What it is called.
        semantic: Its class as a whole.
        *meshes: Its parts.

    Returns:
        The body, its box as tight as can be.
    """
    whole = join(*meshes)
    low, high = whole.points.min(axis=0), whole.points.max(axis=0)
    middle = (low + high) / 2
    length, width, height = (round(float(side), 4) for side in high - low)
    return Body(
        name=name,
        semantic=semantic,
        mesh=move(whole, -float(middle[0]), -float(middle[1]), -float(low[2])),
        size_m=(length, width, height),
    )


def wheel(
    kind: str, x_m: float, y_m: float, radius_m: float, width_m: float, *, corners: int = 9
) -> Mesh:
    """Return a wheel that stands on the ground, its rim on the side away from the middle.

    Args:
        kind: Whose rubber and metal.
        x_m: Where its axle is.
        y_m: Where its outer side is.
        radius_m: Of the tyre.
        width_m: Of the tyre.
        corners: Corners of its outline.

    Returns:
        A tyre with a rim.
    """
    angle = np.arange(corners) * 2 * np.pi / corners + np.pi / corners
    inner = y_m - np.copysign(width_m, y_m)

    def ring(reach_m: float, at_m: float) -> Float64[np.ndarray, "n 3"]:
        across = np.full(corners, at_m)
        return np.stack(
            [x_m + reach_m * np.cos(angle), across, radius_m + reach_m * np.sin(angle)], axis=1
        )

    tyre = radius_m / np.cos(np.pi / corners) ** 0.5
    rings = np.stack([ring(tyre, inner), ring(tyre, y_m), ring(0.62 * radius_m, y_m)])
    return loft(rings, f"{kind}/rubber", lids=(f"{kind}/dark", f"{kind}/metal"))


def axle(
    kind: str, x_m: float, half_m: float, radius_m: float, width_m: float, *, corners: int = 9
) -> Mesh:
    """Return the two wheels of an axle, ``half_m`` from the middle to their outer sides."""
    left = wheel(kind, x_m, half_m, radius_m, width_m, corners=corners)
    return join(left, mirror(left))


def within(
    quad: Sequence[Point], u_frac: tuple[float, float], v_frac: tuple[float, float]
) -> list[Point]:
    """Return the corners of a part of a four-cornered face.

    Args:
        quad: Its corners; u runs from the first to the second, v from the first to the last.
        u_frac: From and to along u.
        v_frac: From and to along v.

    Returns:
        Four corners, in the same order.

    Example:
        >>> within([(0, 0, 0), (2, 0, 0), (2, 2, 0), (0, 2, 0)], (0.5, 1.0), (0.0, 0.5))[0]
        (1.0, 0.0, 0.0)
    """
    a, b, c, d = (np.array(corner, float) for corner in quad)
    corners: list[Point] = []
    for u, v in ((0, 0), (1, 0), (1, 1), (0, 1)):
        s, t = u_frac[u], v_frac[v]
        at = (a * (1 - s) + b * s) * (1 - t) + (d * (1 - s) + c * s) * t
        corners.append((float(at[0]), float(at[1]), float(at[2])))
    return corners


def facing(
    material: str,
    x_m: float,
    y_m: tuple[float, float],
    z_m: tuple[float, float],
    *,
    ahead: bool,
    lean_m: float = 0.0,
) -> Mesh:
    """Return an upright pane that looks ahead or back.

    Args:
        material: Name of its material.
        x_m: Where its lower edge is.
        y_m: From right to left.
        z_m: From below to above.
        ahead: Whether it looks ahead; back otherwise.
        lean_m: How far its upper edge lies behind the lower one.

    Returns:
        The pane.
    """
    (right, left), (low, high) = y_m, z_m
    corners = [
        (x_m, right, low),
        (x_m, left, low),
        (x_m - lean_m, left, high),
        (x_m - lean_m, right, high),
    ]
    if not ahead:
        corners = [corners[k] for k in (1, 0, 3, 2)]
    return pane(material, corners)
