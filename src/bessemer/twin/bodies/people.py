"""People: a figure of limbs between joints, walking, standing, or seated on a bike."""

from dataclasses import dataclass

import numpy as np

from bessemer.twin.bodies.build import body_of
from bessemer.twin.bodies.shape import Point, box, ellipsoid, hoop, join, loft, move, tube, turn
from bessemer.twin.classes import SemanticClass
from bessemer.twin.scene import Body, Mesh

GAIT_PHASES = 4
"""Left leg ahead, right leg passing, right leg ahead, left leg passing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limb:
    """Angles of a leg or an arm from hanging straight down, ahead positive.

    Attributes:
        upper_rad: Of the thigh, or of the upper arm.
        lower_rad: Of the shin, or of the forearm.
    """

    upper_rad: float
    lower_rad: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A person's proportions and clothes.

    Attributes:
        name: Of the bodies made of it.
        height_m: From sole to crown, standing.
        girth_frac: How broad, beside an adult of that height.
        head_frac: Size of the head, beside an adult's of that height: children have large ones.
        kind: Whose materials: ``person`` or ``rider``.
        top: Material of jacket and sleeves, without its kind.
        crown: Material on top of the head: hair or a helmet.
        skirt: Whether a coat or a skirt hides the thighs.
    """

    name: str
    height_m: float
    girth_frac: float = 1.0
    head_frac: float = 1.0
    kind: str = "person"
    top: str = "cloth"
    crown: str = "hair"
    skirt: bool = False


ADULT = Figure(name="person/adult", height_m=1.78)
COAT = Figure(name="person/coat", height_m=1.68, girth_frac=0.95, skirt=True)
CHILD = Figure(name="person/child", height_m=1.18, girth_frac=1.05, head_frac=1.28)
WORKER = Figure(name="person/worker", height_m=1.80, girth_frac=1.1, top="vest", crown="helmet")


def _along(start: Point, angle_rad: float, length_m: float, aside_m: float = 0.0) -> Point:
    x, y, z = start
    return (
        x + length_m * float(np.sin(angle_rad)),
        y + aside_m,
        z - length_m * float(np.cos(angle_rad)),
    )


def _leg(figure: Figure, hip: Point, limb: Limb) -> Mesh:
    h, g = figure.height_m, figure.height_m * figure.girth_frac
    knee = _along(hip, limb.upper_rad, 0.245 * h)
    ankle = _along(knee, limb.lower_rad, 0.235 * h)
    kind = figure.kind
    trousers = tube(
        f"{kind}/trousers", [hip, knee, ankle], [0.056 * g, 0.042 * g, 0.031 * g], corners=5
    )
    long, wide, high = 0.15 * h, 0.027 * g, 0.045 * h
    shoe = box(
        f"{kind}/shoes", (-0.3 * long, -wide, -high), (0.7 * long, wide, 0.01 * h), top=(0.7, 0.8)
    )
    return join(trousers, move(turn(shoe, "y", -0.6 * limb.lower_rad), *ankle))


def _arm(figure: Figure, shoulder: Point, limb: Limb, aside_m: float) -> Mesh:
    h, g, kind = figure.height_m, figure.height_m * figure.girth_frac, figure.kind
    elbow = _along(shoulder, limb.upper_rad, 0.165 * h, aside_m)
    wrist = _along(elbow, limb.lower_rad, 0.145 * h, aside_m * 0.3)
    sleeve = tube(
        f"{kind}/{figure.top}",
        [shoulder, elbow, wrist],
        [0.031 * g, 0.026 * g, 0.02 * g],
        corners=5,
    )
    hand = ellipsoid(
        f"{kind}/skin",
        _along(wrist, limb.lower_rad, 0.03 * h),
        (0.022 * h, 0.018 * h, 0.034 * h),
        fine=False,
    )
    return join(sleeve, hand)


def _trunk(figure: Figure, lean_rad: float) -> Mesh:
    """Return the torso, standing on the hip at the origin and leaning ahead."""
    h, g = figure.height_m, figure.height_m * figure.girth_frac
    heights = np.array([-0.04, 0.06, 0.20, 0.275, 0.305]) * h
    wide = np.array([0.088, 0.080, 0.105, 0.10, 0.045]) * g
    deep = np.array([0.058, 0.055, 0.066, 0.055, 0.035]) * g
    if figure.skirt:
        heights = np.array([-0.22 * h, *heights[1:]])
        wide, deep = np.array([0.105 * g, *wide[1:]]), np.array([0.085 * g, *deep[1:]])
    angle = np.arange(8) * np.pi / 4 + np.pi / 8
    rings = np.stack(
        [
            deep[:, None] * np.cos(angle),
            wide[:, None] * np.sin(angle),
            np.repeat(heights[:, None], 8, axis=1),
        ],
        axis=2,
    )
    sides = [[f"{figure.kind}/{figure.top}"] * 8 for _ in heights[1:]]
    if figure.top == "vest":
        sides[1] = [f"{figure.kind}/band"] * 8
        rings[1, :, 2], rings[2, :, 2] = 0.09 * h, 0.13 * h
    torso = loft(rings, f"{figure.kind}/{figure.top}", sides=sides)
    return turn(torso, "y", lean_rad)


def _head(figure: Figure, lean_rad: float) -> Mesh:
    h, kind = figure.height_m, figure.kind
    size = h * figure.head_frac
    neck = _along((0.0, 0.0, 0.0), np.pi - lean_rad, 0.295 * h)
    x, y, z = _along(neck, np.pi - lean_rad * 0.3, 0.025 * h)
    middle = z + 0.065 * size
    head = ellipsoid(
        f"{kind}/skin", (x + 0.008 * h, y, middle), (0.055 * size, 0.045 * size, 0.068 * size)
    )
    throat = tube(f"{kind}/skin", [neck, (x, y, middle)], [0.034 * h, 0.03 * h], corners=5)
    grown = 1.22 if figure.crown == "helmet" else 1.08
    crown = ellipsoid(
        f"{kind}/{figure.crown}",
        (x - 0.008 * size, y, middle + 0.022 * size),
        (0.054 * size * grown, 0.047 * size * grown, 0.058 * size * grown),
    )
    return join(throat, head, crown)


def pose(
    figure: Figure,
    legs: tuple[Limb, Limb],
    arms: tuple[Limb, Limb],
    *,
    lean_rad: float = 0.04,
    hip: Point = (0.0, 0.0, 0.0),
    spread_m: float = 0.0,
) -> Mesh:
    """Return a figure in a pose.

    Args:
        figure: Who.
        legs: The left and the right one.
        arms: The left and the right one.
        lean_rad: How far the trunk leans ahead.
        hip: Where the middle of the hip is.
        spread_m: How far knees and elbows stand out to the sides.

    Returns:
        The mesh.
    """
    h, g = figure.height_m, figure.height_m * figure.girth_frac
    shoulder = _along((0.0, 0.0, 0.0), np.pi - lean_rad, 0.275 * h)
    parts = [_trunk(figure, lean_rad), _head(figure, lean_rad)]
    for side, leg, arm in ((1, legs[0], arms[0]), (-1, legs[1], arms[1])):
        parts.append(_leg(figure, (0.0, side * (0.047 * g + spread_m), -0.01 * h), leg))
        joint = (shoulder[0], side * 0.108 * g, shoulder[2] - 0.01 * h)
        parts.append(_arm(figure, joint, arm, side * (0.02 * h + spread_m)))
    return move(join(*parts), *hip)


def _walk(phase: int) -> tuple[tuple[Limb, Limb], tuple[Limb, Limb]]:
    """Return the legs and the arms of a walk."""
    ahead, behind = Limb(upper_rad=0.46, lower_rad=0.30), Limb(upper_rad=-0.30, lower_rad=-0.62)
    under, lifted = Limb(upper_rad=0.02, lower_rad=-0.04), Limb(upper_rad=0.42, lower_rad=-0.55)
    fore, back = Limb(upper_rad=0.40, lower_rad=0.75), Limb(upper_rad=-0.45, lower_rad=-0.15)
    hang, swing = Limb(upper_rad=-0.05, lower_rad=0.2), Limb(upper_rad=0.08, lower_rad=0.3)
    legs, arms = [
        ((ahead, behind), (back, fore)),
        ((under, lifted), (hang, swing)),
    ][phase % 2]
    return (legs, arms) if phase < 2 else (legs[::-1], arms[::-1])


_STAND = (
    (Limb(upper_rad=0.03, lower_rad=0.0), Limb(upper_rad=-0.03, lower_rad=-0.05)),
    (Limb(upper_rad=-0.05, lower_rad=0.2), Limb(upper_rad=0.0, lower_rad=0.25)),
)


def _stroller() -> Mesh:
    """Return a pram, half a metre ahead of who pushes it."""
    frame = [
        tube("person/shoes", [(0.3, y, 1.0), (0.95, y, 0.25)], [0.015, 0.015], corners=4)
        for y in (-0.22, 0.22)
    ]
    bar = tube("person/shoes", [(0.3, -0.24, 1.0), (0.3, 0.24, 1.0)], [0.02, 0.02], corners=4)
    cot = loft(
        np.array(
            [
                [(x0, -0.18, z), (x1, -0.18, z), (x1, 0.18, z), (x0, 0.18, z)]
                for x0, x1, z in ((0.58, 1.1, 0.42), (0.48, 1.22, 0.72))
            ]
        ),
        "person/cloth",
    )
    hood = ellipsoid("person/cloth", (0.68, 0.0, 0.78), (0.26, 0.2, 0.26))
    wheels = [
        hoop(
            "person/shoes",
            (x, y, 0.13),
            0.11,
            ((0.02, 0.0), (-0.012, 0.018), (-0.012, -0.018)),
            corners=8,
        )
        for x in (0.6, 1.08)
        for y in (-0.22, 0.22)
    ]
    axles = [
        tube("person/shoes", [(x, -0.22, 0.13), (x, 0.22, 0.13)], [0.015, 0.015], corners=4)
        for x in (0.6, 1.08)
    ]
    legs = [
        tube("person/shoes", [(x, y, 0.13), (0.84, y, 0.45)], [0.014, 0.014], corners=4)
        for x in (0.6, 1.08)
        for y in (-0.2, 0.2)
    ]
    return join(*frame, bar, cot, hood, *wheels, *axles, *legs)


def _pusher(legs: tuple[Limb, Limb]) -> Mesh:
    held = Limb(upper_rad=0.25, lower_rad=1.35)
    walker = pose(COAT, legs, (held, held), lean_rad=0.1)
    stance = -float(walker.points[:, 2].min())
    return join(move(walker, z_m=stance), move(_stroller(), x_m=0.12))


def _sheltered(legs: tuple[Limb, Limb]) -> Mesh:
    """Return someone under an umbrella."""
    free, held = Limb(upper_rad=-0.05, lower_rad=0.2), Limb(upper_rad=0.25, lower_rad=2.2)
    walker = pose(ADULT, legs, (free, held), lean_rad=0.05)
    at = (0.15, -0.15)
    angle = np.arange(8) * np.pi / 4
    rings = [
        [(at[0] + r * np.cos(a), at[1] + r * np.sin(a), z) for a in angle]
        for r, z in ((0.52, 0.92), (0.34, 1.07), (0.03, 1.14))
    ]
    stick = tube("person/shoes", [(*at, 0.28), (*at, 1.1)], [0.012, 0.012], corners=4)
    return join(walker, loft(np.array(rings), "person/cloth"), stick)


def people() -> tuple[Body, ...]:
    """Return all who go on foot, in each phase of their gait and standing."""
    bodies = []
    for figure in (ADULT, COAT, CHILD, WORKER):
        for phase in range(GAIT_PHASES):
            legs, arms = _walk(phase)
            mesh = pose(figure, legs, arms, lean_rad=0.06)
            bodies.append(body_of(f"{figure.name}/{phase}", SemanticClass.PERSON, mesh))
        still = pose(figure, *_STAND)
        bodies.append(body_of(f"{figure.name}/stand", SemanticClass.PERSON, still))
    paces = [(str(phase), _walk(phase)[0]) for phase in range(GAIT_PHASES)]
    for pace, legs in (*paces, ("stand", _STAND[0])):
        for stem, mesh in (("stroller", _pusher(legs)), ("umbrella", _sheltered(legs))):
            bodies.append(body_of(f"person/{stem}/{pace}", SemanticClass.PERSON, mesh))
    return tuple(bodies)
