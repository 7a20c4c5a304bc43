"""Animals that run onto a road: four legs between joints, a trunk, a neck, a head."""

from dataclasses import dataclass

import numpy as np

from bessemer.twin.bodies.build import body_of
from bessemer.twin.bodies.shape import Point, both, ellipsoid, join, tube
from bessemer.twin.classes import SemanticClass
from bessemer.twin.scene import Body, Mesh


@dataclass(frozen=True, slots=True, kw_only=True)
class Beast:
    """An animal's proportions.

    Attributes:
        name: Of the body.
        trunk_m: Length from chest to rump.
        shoulder_m: Height of the back.
        depth_m: Of the chest, from back to belly.
        neck: Where the head begins, beside the shoulder: ahead and up.
        head_m: Length of the head.
        ear_m: Length of the ears.
        tail: Where the tail ends, beside the rump: behind and up.
        limb_m: Thickness of a leg.
    """

    name: str
    trunk_m: float
    shoulder_m: float
    depth_m: float
    neck: tuple[float, float]
    head_m: float
    ear_m: float
    tail: tuple[float, float]
    limb_m: float


DEER = Beast(
    name="animal/deer",
    trunk_m=1.15,
    shoulder_m=1.02,
    depth_m=0.44,
    neck=(0.34, 0.42),
    head_m=0.30,
    ear_m=0.17,
    tail=(0.10, -0.10),
    limb_m=0.045,
)
DOG = Beast(
    name="animal/dog",
    trunk_m=0.62,
    shoulder_m=0.56,
    depth_m=0.25,
    neck=(0.05, 0.10),
    head_m=0.23,
    ear_m=0.09,
    tail=(0.20, 0.20),
    limb_m=0.032,
)
BOAR = Beast(
    name="animal/boar",
    trunk_m=1.15,
    shoulder_m=0.80,
    depth_m=0.50,
    neck=(0.16, -0.06),
    head_m=0.42,
    ear_m=0.12,
    tail=(0.08, -0.20),
    limb_m=0.045,
)
COW = Beast(
    name="animal/cow",
    trunk_m=1.65,
    shoulder_m=1.38,
    depth_m=0.78,
    neck=(0.34, 0.02),
    head_m=0.50,
    ear_m=0.18,
    tail=(0.10, -0.70),
    limb_m=0.065,
)
SHEEP = Beast(
    name="animal/sheep",
    trunk_m=0.95,
    shoulder_m=0.80,
    depth_m=0.52,
    neck=(0.14, 0.06),
    head_m=0.27,
    ear_m=0.12,
    tail=(0.05, -0.14),
    limb_m=0.035,
)


def _legs(beast: Beast) -> Mesh:
    """Return four legs in a trot: diagonal pairs swing together."""
    belly = beast.shoulder_m - 0.6 * beast.depth_m
    aside = 0.2 * beast.depth_m
    legs = []
    for ahead, side, swing in ((1, 1, 0.22), (1, -1, -0.2), (-1, 1, -0.22), (-1, -1, 0.2)):
        x = ahead * 0.40 * beast.trunk_m
        bend = -0.05 if ahead > 0 else -0.12
        reach = swing * beast.shoulder_m
        path: list[Point] = [
            (x, side * aside, belly + 0.12 * beast.depth_m),
            (x + 0.5 * reach + bend * beast.shoulder_m, side * aside * 0.9, 0.5 * belly),
            (x + reach, side * aside * 0.85, 0.02),
        ]
        thick = beast.limb_m
        legs.append(tube("animal/fur", path, [2.0 * thick, 1.05 * thick, 0.7 * thick], corners=5))
        hoof = (path[-1][0] + 0.6 * thick, path[-1][1], 0.035)
        legs.append(ellipsoid("animal/dark", hoof, (1.2 * thick, 0.8 * thick, 0.035), fine=False))
    return join(*legs)


def _trunk(beast: Beast) -> Mesh:
    half, deep, back = beast.trunk_m / 2, beast.depth_m / 2, beast.shoulder_m
    stations = np.array([-1.0, -0.75, -0.2, 0.35, 0.8, 1.0]) * half
    reach = np.array([0.45, 0.86, 0.84, 1.0, 0.92, 0.5]) * deep
    path = [
        (float(x), 0.0, float(back - deep - 0.1 * deep * (1 - r / deep)))
        for x, r in zip(stations, reach, strict=True)
    ]
    return tube("animal/fur", path, (0.66 * reach).tolist(), corners=8, tall_frac=1 / 0.66)


def _head(beast: Beast) -> Mesh:
    half, back = beast.trunk_m / 2, beast.shoulder_m
    foot = (half * 0.78, 0.0, back - 0.42 * beast.depth_m)
    x, z = half + beast.neck[0], back + beast.neck[1]
    size, thick = beast.head_m, 0.26 * beast.depth_m
    neck = tube(
        "animal/fur", [foot, (x, 0.0, z)], [1.5 * thick, 0.85 * thick], corners=7, tall_frac=1.3
    )
    nose = (x + size, 0.0, z - 0.35 * size)
    skull = tube(
        "animal/fur",
        [(x - 0.25 * size, 0.0, z + 0.1 * size), (x + 0.25 * size, 0.0, z), nose],
        [0.22 * size, 0.30 * size, 0.14 * size],
        corners=6,
        tall_frac=1.25,
    )
    snout = ellipsoid("animal/dark", nose, (0.1 * size, 0.11 * size, 0.11 * size), fine=False)
    top = z + 0.22 * size
    ear = tube(
        "animal/fur",
        [
            (x, 0.14 * size, top),
            (x - 0.3 * beast.ear_m, 0.14 * size + 0.5 * beast.ear_m, top + 0.8 * beast.ear_m),
        ],
        [0.32 * beast.ear_m, 0.06 * beast.ear_m],
        corners=4,
    )
    return join(neck, skull, snout, both(ear))


def _tail(beast: Beast) -> Mesh:
    root = (-beast.trunk_m / 2 + 0.02, 0.0, beast.shoulder_m - 0.35 * beast.depth_m)
    tip = (root[0] - beast.tail[0], 0.0, root[2] + beast.tail[1])
    return tube("animal/fur", [root, tip], [0.09 * beast.depth_m, 0.05 * beast.depth_m], corners=5)


def _antlers() -> Mesh:
    """Return a buck's antlers: a beam with two tines on either side."""
    root = (DEER.trunk_m / 2 + DEER.neck[0], 0.05, DEER.shoulder_m + DEER.neck[1] + 0.07)
    x, y, z = root
    beam: list[Point] = [root, (x - 0.10, y + 0.16, z + 0.22), (x + 0.02, y + 0.18, z + 0.46)]
    tines = [
        tube("animal/dark", [start, end], [0.016, 0.006], corners=4)
        for start, end in (
            ((x - 0.03, y + 0.05, z + 0.08), (x + 0.13, y + 0.08, z + 0.20)),
            (beam[1], (x + 0.10, y + 0.22, z + 0.34)),
        )
    ]
    return both(join(tube("animal/dark", beam, [0.022, 0.018, 0.007], corners=4), *tines))


def _beast(beast: Beast) -> Mesh:
    return join(_trunk(beast), _legs(beast), _head(beast), _tail(beast))


def animals() -> tuple[Body, ...]:
    """Return every animal."""
    return (
        *(
            body_of(beast.name, SemanticClass.ANIMAL, _beast(beast))
            for beast in (DEER, DOG, BOAR, COW, SHEEP)
        ),
        body_of("animal/buck", SemanticClass.ANIMAL, _beast(DEER), _antlers()),
    )
