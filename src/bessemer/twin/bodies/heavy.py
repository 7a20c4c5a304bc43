"""Trucks and buses: cabs, boxes, tipping bodies, trailers."""

import itertools
from collections.abc import Sequence

import numpy as np

from bessemer.twin.bodies.build import axle, body_of, facing
from bessemer.twin.bodies.shape import both, box, extrude, join, loft, pane
from bessemer.twin.classes import SemanticClass
from bessemer.twin.scene import Body, Mesh

_HALF_M = 1.25
_WHEEL_M = 0.5


def _cab(front_m: float, height_m: float, length_m: float = 1.9) -> Mesh:
    """Return a cab over its engine, its nose at ``front_m``, with lamps and windows."""
    rear, half, foot, belt = front_m - length_m, _HALF_M, 0.45, 1.62
    side = [
        (rear, foot),
        (front_m - 0.06, foot),
        (front_m, 1.0),
        (front_m - 0.05, belt),
        (front_m - 0.32, height_m - 0.2),
        (front_m - 0.6, height_m),
        (rear, height_m),
    ]
    hull = extrude(
        "truck/paint", side, [half, half, half, half, half - 0.05, half - 0.15, half - 0.1]
    )
    top = height_m - 0.45
    slope = 0.27 * (top - belt) / (height_m - 0.2 - belt)
    screen = facing(
        "truck/glass", front_m - 0.06, (-1.1, 1.1), (belt + 0.04, top), ahead=True, lean_m=slope
    )
    door = pane(
        "truck/glass",
        [
            (front_m - 0.2, half, belt),
            (front_m - 1.15, half, belt),
            (front_m - 1.15, half - 0.03, top),
            (front_m - 0.35, half - 0.03, top),
        ],
    )
    ear = box("truck/dark", (front_m - 0.16, half, 1.7), (front_m - 0.04, half + 0.16, 2.25))
    nose = front_m + 0.0
    lamp = facing("truck/head", nose - 0.015, (0.75, 1.06), (0.72, 0.95), ahead=True, lean_m=-0.01)
    return join(
        hull,
        screen,
        both(door),
        both(ear),
        both(lamp),
        facing("truck/left", nose - 0.015, (1.08, 1.2), (0.72, 0.95), ahead=True, lean_m=-0.01),
        facing("truck/right", nose - 0.015, (-1.2, -1.08), (0.72, 0.95), ahead=True, lean_m=-0.01),
        facing("truck/dark", nose - 0.01, (-0.85, 0.85), (1.02, 1.45), ahead=True, lean_m=0.03),
        facing("truck/white", nose - 0.01, (-0.26, 0.26), (0.56, 0.68), ahead=True, lean_m=-0.01),
    )


def _rear_lamps(kind: str, x_m: float, half_m: float, z_m: float, high_m: float = 0.16) -> Mesh:
    """Return a row of lamps on a bar across the rear, number plate included."""

    def lamp(name: str, right_m: float, left_m: float) -> Mesh:
        return facing(f"{kind}/{name}", x_m, (right_m, left_m), (z_m, z_m + high_m), ahead=False)

    return join(
        both(lamp("tail", half_m - 0.75, half_m - 0.5)),
        both(lamp("brake", half_m - 0.49, half_m - 0.2)),
        lamp("left", half_m - 0.19, half_m - 0.03),
        lamp("right", 0.03 - half_m, 0.19 - half_m),
        facing(f"{kind}/white", x_m, (-0.26, 0.26), (z_m, z_m + 0.13), ahead=False),
    )


def _frame(length_m: float, rear_m: float = 0.0) -> Mesh:
    """Return the dark frame under a load, with the bar that carries the lamps."""
    beam = box("truck/dark", (rear_m + 0.05, -0.45, 0.62), (length_m, 0.45, 1.0))
    bar = box(
        "truck/dark", (rear_m + 0.03, -_HALF_M + 0.05, 0.62), (rear_m + 0.16, _HALF_M - 0.05, 0.9)
    )
    return join(beam, bar, _rear_lamps("truck", rear_m + 0.03, _HALF_M - 0.05, 0.68))


def _axles(at_m: Sequence[float], *, corners: int = 9) -> Mesh:
    """Return axles under a load."""
    return join(*(axle("truck", x, _HALF_M - 0.04, _WHEEL_M, 0.42, corners=corners) for x in at_m))


def _steered(x_m: float) -> Mesh:
    """Return the axle under a cab, its arches cut dark into the cab's sides."""
    reach, half = _WHEEL_M + 0.1, _HALF_M
    outline = [(x_m + reach, 0.46), (x_m - reach, 0.46), (x_m - 0.6 * reach, 1.1)]
    corners = [(x, half, z) for x, z in (*outline, (x_m + 0.6 * reach, 1.1))]
    return join(both(pane("truck/dark", corners)), axle("truck", x_m, half + 0.03, _WHEEL_M, 0.3))


def _guards(from_m: float, to_m: float) -> Mesh:
    """Return the guards along the sides, between axles."""
    return both(box("truck/metal", (from_m, _HALF_M - 0.1, 0.5), (to_m, _HALF_M - 0.04, 0.9)))


def _doors(rear_m: float, low_m: float, high_m: float) -> Mesh:
    """Return the seam and the bars of a rear door, so that a rear looks like one."""
    return both(
        facing("truck/metal", rear_m, (0.3, 0.36), (low_m + 0.08, high_m - 0.08), ahead=False)
    )


def _box_truck() -> list[Mesh]:
    load = box("truck/white", (0.0, -_HALF_M, 1.05), (6.15, _HALF_M, 3.45))
    seam = facing("truck/dark", 0.0, (-0.015, 0.015), (1.1, 3.4), ahead=False)
    return [
        _cab(8.2, 2.85),
        _frame(7.4),
        load,
        seam,
        _doors(0.0, 1.05, 3.45),
        _axles((1.7,)),
        _steered(7.0),
        _guards(2.4, 6.2),
    ]


def _tub(rear_m: float, front_m: float) -> Mesh:
    """Return a tipper's open tub: four leaning walls, ribs, and gravel in it."""
    low, high, half = 1.1, 2.35, _HALF_M
    wall = extrude(
        "truck/paint",
        [(rear_m, low), (front_m, low), (front_m + 0.08, high), (rear_m - 0.12, high)],
        [half - 0.08, half - 0.08, half, half],
    )
    gravel = box(
        "truck/wood",
        (rear_m + 0.1, -1.1, high - 0.1),
        (front_m - 0.15, 1.1, high + 0.3),
        top=(0.5, 0.35),
    )
    ribs = [
        box("truck/metal", (x, half - 0.06, low), (x + 0.1, half + 0.03, high))
        for x in np.linspace(rear_m + 0.4, front_m - 0.4, 4)
    ]
    shield = box("truck/paint", (front_m, -half, low), (front_m + 0.1, half, high + 0.5))
    return join(wall, gravel, both(join(*ribs)), shield)


def _tipper() -> list[Mesh]:
    return [_cab(7.6, 2.75), _frame(6.9), _tub(0.15, 5.4), _axles((1.2, 2.5)), _steered(6.4)]


def _tractor(front_m: float) -> list[Mesh]:
    return [
        _cab(front_m, 3.55, 2.2),
        box("truck/dark", (front_m - 5.9, -0.5, 0.6), (front_m - 2.0, 0.5, 1.0)),
        box("truck/metal", (front_m - 3.3, -1.15, 0.45), (front_m - 2.3, 1.15, 0.95)),
        _axles((front_m - 4.9,), corners=8),
        _steered(front_m - 1.25),
    ]


def _semi() -> list[Mesh]:
    return [
        *_tractor(16.5),
        _frame(12.0),
        box("truck/white", (0.0, -_HALF_M, 1.15), (13.6, _HALF_M, 3.95)),
        facing("truck/dark", 0.0, (-0.015, 0.015), (1.2, 3.9), ahead=False),
        _doors(0.0, 1.15, 3.95),
        _axles((2.2, 3.5, 4.8), corners=7),
        _guards(5.6, 10.2),
        both(box("truck/dark", (10.4, 0.7, 0.2), (10.6, 0.9, 1.1))),
    ]


def _flatbed() -> list[Mesh]:
    return [
        _cab(8.4, 2.75),
        _frame(7.6),
        box("truck/dark", (0.0, -_HALF_M, 1.0), (6.3, _HALF_M, 1.15)),
        box("truck/metal", (6.2, -_HALF_M, 1.1), (6.3, _HALF_M, 2.3)),
        _axles((1.6,)),
        _steered(7.2),
        _guards(2.4, 6.3),
    ]


def _overhang() -> list[Mesh]:
    """Return a flatbed with beams that stick out far behind, a red rag at their end."""
    beams = [
        box(
            "truck/wood",
            (-2.6 + 0.25 * (k % 2), -0.85 + 0.36 * k, 1.17),
            (6.0, -0.57 + 0.36 * k, 1.45),
        )
        for k in range(5)
    ]
    upper = [
        box(
            "truck/wood",
            (-2.3 - 0.2 * (k % 2), -0.65 + 0.36 * k, 1.46),
            (5.9, -0.37 + 0.36 * k, 1.74),
        )
        for k in range(4)
    ]
    rag = facing("truck/tail", -2.62, (-0.25, 0.25), (0.95, 1.4), ahead=False)
    return [*_flatbed(), *beams, *upper, rag]


def _bus() -> list[Mesh]:
    length, half, low, belt, top = 12.0, 1.27, 0.32, 1.15, 2.75
    stations = np.array([0.0, 0.12, length - 0.25, length])
    inset = np.array([0.06, 0.0, 0.0, 0.1])
    roofs = np.array([2.95, 3.08, 3.08, 2.85])
    rings = np.array(
        [
            [
                (x, s * (half - d), z)
                for s, z in (
                    (1, low),
                    (1, roof - 0.2),
                    (0.88, roof),
                    (-0.88, roof),
                    (-1, roof - 0.2),
                    (-1, low),
                )
            ]
            for x, d, roof in zip(stations, inset, roofs, strict=True)
        ]
    )
    hull = loft(rings, "bus/paint")
    edges = (0.4, 2.1, 3.5, 5.1, 6.5, 8.2, 9.6, 10.5, 11.6)
    left = [
        _side_pane("bus/glass", 1, a + 0.05, b - 0.05, belt, top)
        for a, b in itertools.pairwise(edges)
    ]
    doors = {5, 7}
    right = [
        _side_pane("bus/glass", -1, a + 0.05, b - 0.05, 0.45 if k in doors else belt, top)
        for k, (a, b) in enumerate(itertools.pairwise(edges))
    ]
    return [
        hull,
        *left,
        *right,
        facing("bus/glass", length, (-1.05, 1.05), (0.95, 2.5), ahead=True),
        facing("bus/dark", length, (-1.05, 1.05), (2.53, 2.8), ahead=True),
        facing("bus/white", length + 0.012, (-0.6, 0.6), (2.58, 2.75), ahead=True),
        facing("bus/glass", 0.0, (-0.95, 0.95), (1.6, 2.6), ahead=False),
        facing("bus/dark", 0.0, (-0.9, 0.9), (1.05, 1.4), ahead=False),
        both(facing("bus/head", length, (0.7, 1.0), (0.6, 0.82), ahead=True)),
        facing("bus/left", length, (1.02, 1.13), (0.6, 0.82), ahead=True),
        facing("bus/right", length, (-1.13, -1.02), (0.6, 0.82), ahead=True),
        facing("bus/white", length, (-0.26, 0.26), (0.42, 0.54), ahead=True),
        _rear_lamps("bus", 0.0, half - 0.05, 0.62, 0.3),
        both(box("bus/dark", (length - 0.25, half, 1.9), (length - 0.05, half + 0.14, 2.4))),
        box("bus/metal", (2.5, -0.8, 3.05), (5.0, 0.8, 3.25)),
        *(_bus_axle(x, half) for x in (3.0, 9.0)),
    ]


def _side_pane(
    material: str, side: int, from_m: float, to_m: float, low_m: float, high_m: float
) -> Mesh:
    y = side * 1.27
    corners = [(to_m, y, low_m), (from_m, y, low_m), (from_m, y, high_m), (to_m, y, high_m)]
    return pane(material, corners if side > 0 else [corners[k] for k in (1, 0, 3, 2)])


def _bus_axle(x_m: float, half_m: float) -> Mesh:
    """Return two wheels in dark arches."""
    arch = _side_pane("bus/dark", 1, x_m - 0.58, x_m + 0.58, 0.33, 1.05)
    return join(both(arch), axle("bus", x_m, half_m + 0.02, 0.48, 0.3, corners=10))


def heavies() -> tuple[Body, ...]:
    """Return every truck and bus."""
    plans = (
        ("truck/box", _box_truck()),
        ("truck/tipper", _tipper()),
        ("truck/semi", _semi()),
        ("truck/flatbed", _flatbed()),
        ("truck/overhang", _overhang()),
    )
    return (
        *(body_of(name, SemanticClass.TRUCK, *parts) for name, parts in plans),
        body_of("bus/city", SemanticClass.BUS, *_bus()),
    )
