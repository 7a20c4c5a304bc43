"""Motorcycles and bicycles with who rides them; the rider's triangles are of the class rider."""

import numpy as np

from bessemer.twin.bodies.build import body_of, facing, wheel
from bessemer.twin.bodies.people import Figure, Limb, pose
from bessemer.twin.bodies.shape import (
    Point,
    both,
    box,
    ellipsoid,
    extrude,
    hoop,
    join,
    move,
    tube,
)
from bessemer.twin.classes import SemanticClass
from bessemer.twin.scene import Body, Mesh

CYCLIST = Figure(name="rider", height_m=1.76, kind="rider", crown="helmet")
BAREHEADED = Figure(name="rider", height_m=1.70, kind="rider")
BIKER = Figure(
    name="rider", height_m=1.78, girth_frac=1.12, head_frac=1.12, kind="rider", crown="helmet"
)

_SECTION = ((0.02, 0.0), (-0.012, 0.018), (-0.012, -0.018))


def _spoked(x_m: float, radius_m: float) -> Mesh:
    """Return a bicycle's wheel: a thin tyre and a few spokes."""
    middle = (x_m, 0.0, radius_m)
    spokes = [
        tube(
            "bicycle/metal",
            [
                (x_m - reach * np.cos(angle), 0.0, radius_m - reach * np.sin(angle)),
                (x_m + reach * np.cos(angle), 0.0, radius_m + reach * np.sin(angle)),
            ],
            [0.006, 0.006],
            corners=3,
        )
        for angle in (0.3, 1.35, 2.4)
        for reach in (radius_m - 0.03,)
    ]
    return join(hoop("bicycle/rubber", middle, radius_m - 0.02, _SECTION, corners=14), *spokes)


def _bar(kind: str, *path: Point, radius_m: float = 0.018) -> Mesh:
    return tube(kind, list(path), [radius_m] * len(path), corners=4)


def _bicycle() -> Mesh:
    rear, front, crank = (-0.52, 0.0, 0.34), (0.54, 0.0, 0.34), (-0.08, 0.0, 0.29)
    saddle, head, grip = (-0.24, 0.0, 0.86), (0.33, 0.0, 0.86), (0.27, 0.0, 1.05)
    paint, metal = "bicycle/paint", "bicycle/metal"
    frame = [
        _bar(paint, crank, saddle),
        _bar(paint, saddle, head),
        _bar(paint, crank, head),
        _bar(paint, rear, crank),
        _bar(paint, rear, saddle),
        _bar(paint, head, front),
        _bar(metal, head, grip),
        _bar("bicycle/dark", (0.17, -0.28, 1.04), (0.27, 0.0, 1.05), (0.17, 0.28, 1.04)),
    ]
    seat = box("bicycle/dark", (-0.38, -0.07, 0.89), (-0.13, 0.07, 0.95), top=(0.9, 0.7))
    guard = box("bicycle/dark", (-0.82, -0.03, 0.6), (-0.5, 0.03, 0.63))
    carrier = box("bicycle/metal", (-0.78, -0.06, 0.72), (-0.4, 0.06, 0.745))
    lamp = box("bicycle/head", (0.4, -0.035, 0.84), (0.46, 0.035, 0.91))
    rear_lamp = box("bicycle/tail", (-0.83, -0.035, 0.66), (-0.79, 0.035, 0.73))
    pedals = [
        _bar(metal, crank, (crank[0] + s * 0.12, s * 0.1, crank[2] - s * 0.1), radius_m=0.014)
        for s in (1, -1)
    ]
    return join(
        _spoked(rear[0], 0.34), _spoked(front[0], 0.34), *frame, *pedals,
        seat, guard, carrier, lamp, rear_lamp,
    )  # fmt: skip


def _cyclist(figure: Figure, lean_rad: float) -> Mesh:
    legs = (Limb(upper_rad=0.78, lower_rad=-0.12), Limb(upper_rad=1.35, lower_rad=-0.22))
    reach = Limb(upper_rad=lean_rad + 0.42, lower_rad=lean_rad + 0.62)
    return pose(
        figure, legs, (reach, reach), lean_rad=lean_rad, hip=(-0.26, 0.0, 0.99), spread_m=0.02
    )


def _motorcycle() -> Mesh:
    kind, radius = "motorcycle", 0.31
    rear_x, front_x = -0.68, 0.72
    wheels = [
        move(wheel(kind, x, width / 2, radius, width, corners=12), y_m=0.0)
        for x, width in ((rear_x, 0.17), (front_x, 0.13))
    ]
    engine = extrude(
        f"{kind}/dark",
        [(-0.35, 0.28), (0.32, 0.24), (0.42, 0.62), (-0.35, 0.68)],
        [0.14, 0.14, 0.17, 0.13],
    )
    tank = ellipsoid(f"{kind}/paint", (0.16, 0.0, 0.84), (0.34, 0.17, 0.16))
    tail = extrude(
        f"{kind}/paint",
        [(-0.45, 0.66), (-0.1, 0.70), (-0.1, 0.80), (-0.98, 0.96), (-1.0, 0.88)],
        [0.1, 0.13, 0.13, 0.07, 0.07],
    )
    seat = extrude(
        f"{kind}/dark",
        [(-0.75, 0.86), (-0.05, 0.76), (-0.05, 0.83), (-0.75, 0.94)],
        [0.1, 0.13, 0.12, 0.1],
    )
    fairing = extrude(
        f"{kind}/paint",
        [(0.35, 0.62), (0.62, 0.72), (0.74, 0.92), (0.56, 1.12), (0.42, 0.92)],
        [0.16, 0.13, 0.13, 0.1, 0.17],
    )
    screen = extrude(
        f"{kind}/glass",
        [(0.6, 1.06), (0.66, 1.04), (0.5, 1.26), (0.47, 1.25)],
        [0.14, 0.14, 0.1, 0.1],
    )
    forks = both(
        tube(f"{kind}/metal", [(front_x, 0.1, radius), (0.46, 0.1, 1.0)], [0.03, 0.03], corners=4)
    )
    swing = both(
        tube(f"{kind}/metal", [(rear_x, 0.11, radius), (-0.1, 0.12, 0.42)], [0.03, 0.03], corners=4)
    )
    pipe = tube(
        f"{kind}/metal",
        [(0.2, -0.16, 0.28), (-0.4, -0.19, 0.3), (-0.9, -0.2, 0.46)],
        [0.04, 0.05, 0.06],
        corners=5,
    )
    fender = box(
        f"{kind}/paint", (front_x - 0.22, -0.08, 0.6), (front_x + 0.2, 0.08, 0.66), top=(0.7, 1.0)
    )
    bars = tube(
        f"{kind}/dark",
        [(0.3, -0.36, 1.04), (0.44, 0.0, 1.04), (0.3, 0.36, 1.04)],
        [0.025] * 3,
        corners=4,
    )
    return join(
        *wheels, engine, tank, tail, seat, fairing, screen, forks, swing, pipe, fender, bars,
        _motorcycle_lamps(),
    )  # fmt: skip


def _motorcycle_lamps() -> Mesh:
    kind = "motorcycle"

    def winker(name: str, side: int) -> Mesh:
        spots = [
            ellipsoid(f"{kind}/{name}", (x, side * 0.2, z), (0.04, 0.05, 0.03), fine=False)
            for x, z in ((0.62, 0.86), (-0.92, 0.86))
        ]
        return join(*spots)

    return join(
        ellipsoid(f"{kind}/head", (0.69, 0.0, 0.9), (0.07, 0.1, 0.09), fine=False),
        facing(f"{kind}/brake", -0.995, (-0.06, 0.06), (0.905, 0.95), ahead=False, lean_m=-0.015),
        facing(f"{kind}/tail", -1.0, (-0.06, 0.06), (0.86, 0.90), ahead=False, lean_m=-0.005),
        box(f"{kind}/white", (-0.98, -0.09, 0.62), (-0.96, 0.09, 0.78)),
        box(f"{kind}/dark", (-0.96, -0.03, 0.64), (-0.9, 0.03, 0.88)),
        winker("left", 1),
        winker("right", -1),
    )


def _biker() -> Mesh:
    legs = (Limb(upper_rad=1.18, lower_rad=-0.45), Limb(upper_rad=1.18, lower_rad=-0.45))
    arms = (Limb(upper_rad=0.55, lower_rad=1.1), Limb(upper_rad=0.55, lower_rad=1.1))
    return pose(BIKER, legs, arms, lean_rad=0.35, hip=(-0.28, 0.0, 0.93), spread_m=0.05)


def two_wheelers() -> tuple[Body, ...]:
    """Return bicycles and motorcycles, ridden, and a bicycle that lies about without anyone."""
    bike, motorcycle = _bicycle(), _motorcycle()
    return (
        body_of("bicycle/city", SemanticClass.BICYCLE, bike, _cyclist(BAREHEADED, 0.22)),
        body_of("bicycle/sport", SemanticClass.BICYCLE, bike, _cyclist(CYCLIST, 0.5)),
        body_of("parked/bicycle", SemanticClass.BICYCLE, bike),
        body_of("motorcycle/road", SemanticClass.MOTORCYCLE, motorcycle, _biker()),
        body_of("parked/motorcycle", SemanticClass.MOTORCYCLE, motorcycle),
    )
