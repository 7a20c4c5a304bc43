"""Cars: a lower body with wheel arches, a tapered cabin with windows, lamps where they belong."""

import itertools
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from bessemer.twin.bodies.build import axle, body_of, facing, within
from bessemer.twin.bodies.shape import Point, bevelled, both, box, join, loft, pane, repaint
from bessemer.twin.classes import SemanticClass
from bessemer.twin.scene import Body, Mesh


@dataclass(frozen=True, slots=True, kw_only=True)
class CarPlan:
    """The lines of a car seen from its side; x is 0 at its rear.

    Attributes:
        name: Of the body.
        length_m: From bumper to bumper.
        width_m: Without mirrors.
        height_m: To the roof.
        sill_m: Height of its lower edge.
        wheel_m: Radius of its wheels.
        axles_m: Where the rear and the front axle are.
        deck: Upper edge of the lower body: x and height, from the rear to the nose.
        belt: Where the cabin begins and ends at its foot, and that height.
        roof: Where the roof begins and ends.
        pillars_frac: Where windows of a side are parted, along the cabin.
        blind_frac: Share of a side's rear part that has no window: a van.
    """

    name: str
    length_m: float
    width_m: float
    height_m: float
    sill_m: float = 0.20
    wheel_m: float = 0.31
    axles_m: tuple[float, float]
    deck: tuple[tuple[float, float], ...]
    belt: tuple[float, float, float]
    roof: tuple[float, float]
    pillars_frac: tuple[float, ...] = (0.5,)
    blind_frac: float = 0.0


HATCH = CarPlan(
    name="car/hatch",
    length_m=4.05,
    width_m=1.76,
    height_m=1.48,
    axles_m=(0.68, 3.24),
    deck=((0.0, 0.62), (0.05, 0.92), (2.95, 0.90), (3.75, 0.78), (3.97, 0.66), (4.05, 0.50)),
    belt=(0.07, 3.05, 0.91),
    roof=(0.42, 2.15),
    pillars_frac=(0.22, 0.60),
)
ESTATE = CarPlan(
    name="car/estate",
    length_m=4.70,
    width_m=1.82,
    height_m=1.49,
    wheel_m=0.32,
    axles_m=(0.95, 3.80),
    deck=((0.0, 0.62), (0.05, 0.92), (3.40, 0.92), (4.35, 0.77), (4.61, 0.66), (4.70, 0.50)),
    belt=(0.07, 3.50, 0.92),
    roof=(0.48, 2.60),
    pillars_frac=(0.30, 0.62),
)
SALOON = CarPlan(
    name="car/saloon",
    length_m=4.72,
    width_m=1.82,
    height_m=1.43,
    wheel_m=0.32,
    axles_m=(0.98, 3.80),
    deck=(
        (0.0, 0.60),
        (0.05, 0.93),
        (0.62, 0.98),
        (3.40, 0.91),
        (4.38, 0.76),
        (4.63, 0.65),
        (4.72, 0.5),
    ),
    belt=(0.55, 3.50, 0.92),
    roof=(1.32, 2.55),
    pillars_frac=(0.52,),
)
SUV = CarPlan(
    name="car/suv",
    length_m=4.50,
    width_m=1.86,
    height_m=1.69,
    sill_m=0.27,
    wheel_m=0.36,
    axles_m=(0.85, 3.55),
    deck=((0.0, 0.70), (0.05, 1.08), (3.30, 1.07), (4.15, 0.98), (4.42, 0.86), (4.50, 0.60)),
    belt=(0.06, 3.38, 1.07),
    roof=(0.36, 2.55),
    pillars_frac=(0.27, 0.62),
)
VAN = CarPlan(
    name="car/van",
    length_m=5.40,
    width_m=2.00,
    height_m=2.30,
    sill_m=0.25,
    wheel_m=0.34,
    axles_m=(1.05, 4.45),
    deck=((0.0, 0.80), (0.04, 1.12), (4.60, 1.14), (5.15, 1.00), (5.32, 0.85), (5.40, 0.60)),
    belt=(0.05, 4.92, 1.12),
    roof=(0.10, 4.10),
    pillars_frac=(),
    blind_frac=0.72,
)


def _lower(plan: CarPlan) -> Mesh:
    """Return the lower body: sections along its length, raised over the wheels."""
    over = plan.wheel_m + 0.06
    arches = []
    for x in plan.axles_m:
        arches += [(x - over, plan.sill_m), (x - 0.62 * over, plan.wheel_m + 0.82 * over)]
        arches += [(x + 0.62 * over, plan.wheel_m + 0.82 * over), (x + over, plan.sill_m)]
    length = plan.length_m
    under = [(0.0, plan.sill_m + 0.1), (plan.deck[1][0], plan.sill_m), *arches]
    under += [(plan.deck[-2][0], plan.sill_m), (length, plan.sill_m + 0.04)]
    stations = np.unique([x for x, _ in (*under, *plan.deck)])
    low = np.interp(stations, *np.array(under).T)
    top = np.interp(stations, *np.array(plan.deck).T)
    ends = (0.0, 0.10, 0.5, length - 0.75, length - 0.2, length)
    half = (
        np.interp(stations, ends, np.array([0.90, 0.97, 1.0, 1.0, 0.94, 0.80])) * plan.width_m / 2
    )
    rings = np.stack([_section(*at) for at in zip(stations, low, top, half, strict=True)])
    sides = [["car/paint"] * 7 + ["car/dark"]] * (len(stations) - 1)
    return loft(rings, "car/paint", sides=sides)


def _section(x_m: float, low_m: float, top_m: float, half_m: float) -> Float64[np.ndarray, "n 3"]:
    """Return a section of the lower body: eight corners from the lower left one upwards."""
    shoulder = low_m + 0.62 * (top_m - low_m)
    side = [
        (0.94, low_m),
        (1.0, shoulder),
        (0.97, top_m - 0.18 * (top_m - shoulder)),
        (0.88, top_m),
    ]
    left = [(x_m, half_m * share, z) for share, z in side]
    return np.array(left + [(x, -y, z) for x, y, z in left[::-1]])


@dataclass(frozen=True, slots=True, kw_only=True)
class Cabin:
    """The faces of a cabin, each counter-clockwise from its lower corner, u along, v up.

    Attributes:
        hull: What carries the windows.
        left: Its left face, from front to rear.
        front: The windscreen's face.
        rear: The rear window's face.
        roof: Its upper face.
    """

    hull: Mesh
    left: list[Point]
    front: list[Point]
    rear: list[Point]
    roof: list[Point]


def _cabin(plan: CarPlan) -> Cabin:
    rear, front, foot = plan.belt
    back, fore = plan.roof
    eave = plan.height_m - 0.07
    wide, narrow = plan.width_m / 2 * 0.90, plan.width_m / 2 * 0.90 - 0.24 * (eave - foot)
    low = [(front, wide), (rear, wide)]
    high = [(fore, narrow), (back, narrow)]
    cap = [(fore - 0.15, narrow - 0.1), (back + 0.12, narrow - 0.1)]

    def ring(half: list[tuple[float, float]], z_m: float) -> list[Point]:
        (x1, y1), (x0, y0) = half
        return [(x1, y1, z_m), (x0, y0, z_m), (x0, -y0, z_m), (x1, -y1, z_m)]

    a, b, c = ring(low, foot - 0.02), ring(high, eave), ring(cap, plan.height_m)
    return Cabin(
        hull=loft(np.array([a, b, c]), "car/paint"),
        left=[a[0], a[1], b[1], b[0]],
        front=[a[3], a[0], b[0], b[3]],
        rear=[a[1], a[2], b[2], b[1]],
        roof=c,
    )


def _windows(plan: CarPlan, cabin: Cabin) -> Mesh:
    edges = [0.05, *(1 - frac for frac in plan.pillars_frac[::-1]), 0.95 - plan.blind_frac]
    gap = 0.014
    panes = [
        pane("car/glass", within(cabin.left, (a + gap, b - gap), (0.10, 0.92)))
        for a, b in itertools.pairwise(edges)
    ]
    return join(
        both(join(*panes)),
        pane("car/glass", within(cabin.front, (0.05, 0.95), (0.06, 0.95))),
        pane("car/glass", within(cabin.rear, (0.07, 0.93), (0.14, 0.90))),
    )


def _front(plan: CarPlan) -> Mesh:
    """Return head lamps, indicators, grille and number plate."""
    nose, half = plan.length_m, plan.width_m / 2
    (x1, z1), (x0, z0) = plan.deck[-1], plan.deck[-2]
    low, high = z1 + 0.25 * (z0 - z1), z1 + 0.98 * (z0 - z1)
    at = float(np.interp(low, [z1, z0], [x1, x0]))
    lean = at - float(np.interp(high, [z1, z0], [x1, x0]))
    lamp = both(
        facing("car/head", at, (0.46 * half, 0.70 * half), (low, high), ahead=True, lean_m=lean)
    )
    span = (0.71 * half, 0.80 * half)
    left = facing("car/left", at, span, (low, high), ahead=True, lean_m=lean)
    right = facing("car/right", at, (-span[1], -span[0]), (low, high), ahead=True, lean_m=lean)
    middle = plan.sill_m + 0.55 * (z1 - plan.sill_m)
    grille = facing("car/dark", nose - 0.005, (-0.5 * half, 0.5 * half), (middle, z1), ahead=True)
    plate = facing(
        "car/white", nose + 0.012, (-0.26, 0.26), (middle - 0.13, middle - 0.02), ahead=True
    )
    return join(lamp, left, right, grille, plate)


def _rear(plan: CarPlan) -> Mesh:
    """Return tail, brake and turn lamps, and the number plate."""
    half = plan.width_m / 2
    (x0, z0), (x1, z1) = plan.deck[0], plan.deck[1]
    lean = x0 - x1

    def lamp(kind: str, y_frac: tuple[float, float], v_frac: tuple[float, float]) -> Mesh:
        z = [z0 + v * (z1 - z0) for v in v_frac]
        x = [x0 - v * lean for v in v_frac]
        y = (y_frac[0] * half, y_frac[1] * half)
        return facing(f"car/{kind}", x[0], y, (z[0], z[1]), ahead=False, lean_m=x[0] - x[1])

    return join(
        both(lamp("tail", (0.62, 0.86), (0.02, 0.42))),
        both(lamp("brake", (0.62, 0.86), (0.42, 0.88))),
        lamp("left", (0.50, 0.61), (0.1, 0.85)),
        lamp("right", (-0.61, -0.50), (0.1, 0.85)),
        facing("car/white", 0.0, (-0.26, 0.26), (z0 - 0.14, z0 - 0.03), ahead=False),
    )


def _shell(plan: CarPlan) -> list[Mesh]:
    """Return all that every car has."""
    half, cabin = plan.width_m / 2, _cabin(plan)
    rear, front = plan.axles_m
    mirror_x = plan.belt[1] - 0.55
    top = plan.belt[2]
    belly = box(
        "car/dark", (0.3, 0.24 - half, plan.sill_m + 0.02), (plan.length_m - 0.3, half - 0.24, 0.6)
    )
    ear = box("car/paint", (mirror_x, half * 0.86, top), (mirror_x + 0.12, half + 0.08, top + 0.14))
    stop = within(cabin.rear, (0.38, 0.62), (0.92, 0.985))
    return [
        _lower(plan),
        cabin.hull,
        belly,
        _windows(plan, cabin),
        both(ear),
        axle("car", rear, half - 0.02, plan.wheel_m, 0.2),
        axle("car", front, half - 0.02, plan.wheel_m, 0.2),
        _front(plan),
        _rear(plan),
        pane("car/brake", stop),
    ]


def car(plan: CarPlan, *extras: Mesh, name: str = "", paint: str = "car/paint") -> Body:
    """Return a car after its plan.

    Args:
        plan: Its lines.
        *extras: What it carries besides, in the plan's own x.
        name: Of the body; the plan's where empty.
        paint: Its paint, where it is not the tinted one.

    Returns:
        The body.
    """
    shell = repaint(join(*_shell(plan)), "car/paint", paint)
    return body_of(name or plan.name, SemanticClass.CAR, shell, *extras)


def _roof_box(plan: CarPlan) -> Mesh:
    back, fore = plan.roof
    top = plan.height_m
    rails = [
        box("car/metal", (x, -0.5, top - 0.03), (x + 0.06, 0.5, top + 0.07))
        for x in (back + 0.45, fore - 0.5)
    ]
    load = bevelled(
        "car/dark", (back + 0.1, -0.42, top + 0.05), (fore - 0.1, 0.42, top + 0.45), bevel_m=0.12
    )
    return join(*rails, load)


def _livery(plan: CarPlan, height_m: float) -> Mesh:
    """Return blue stripes along the sides and a bar of beacons on the roof."""
    rear, front = plan.axles_m
    over, half = plan.wheel_m + 0.1, plan.width_m / 2 + 0.005
    low, high = height_m, height_m + 0.22
    spans = ((front - over, rear + over), (rear - over, 0.4))
    stripes = [
        pane("car/blue", [(a, half, low), (b, half, low), (b, half, high), (a, half, high)])
        for a, b in spans
    ]
    at = plan.roof[1] - 0.45
    top = plan.height_m
    bar = box("car/white", (at - 0.13, -0.2, top - 0.02), (at + 0.13, 0.2, top + 0.1))
    lamp = box(
        "car/beacon", (at - 0.14, 0.2, top - 0.02), (at + 0.14, 0.6, top + 0.13), top=(0.7, 0.9)
    )
    return join(both(join(*stripes)), bar, both(lamp))


def cars() -> tuple[Body, ...]:
    """Return every car, plain ones first."""
    return (
        *(car(plan) for plan in (HATCH, ESTATE, SALOON, SUV, VAN)),
        car(ESTATE, _roof_box(ESTATE), name="car/roof_box"),
        car(ESTATE, _livery(ESTATE, 0.55), name="emergency/police", paint="car/white"),
        car(VAN, _livery(VAN, 0.75), name="emergency/ambulance", paint="car/white"),
    )
