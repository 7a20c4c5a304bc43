"""Animals that run onto a road: four legs between joints, a trunk, a neck, a head."""

from dataclasses import dataclass

import numpy as np

from bessemer.twin.bodies.build import body_of
from bessemer.twin.bodies.shape import Point, both, ellipsoid, join, tube
from bessemer.twin.classes import SemanticClass
from bessemer.twin.materials import material_index
from bessemer.twin.scene import Body, Mesh


@dataclass(frozen=True, slots=True, kw_only=True)
class Beast:
    """An animal's proportions.

    Attributes:
        name: Of the body.
        coat: Material of most of it.
        trunk_m: Length from chest to rump.
        shoulder_m: Height of the back.
        depth_m: Of the chest, from back to belly.
        rump_frac: Depth of the rump, as a share of the chest's.
        neck: Where the head begins, beside the shoulder: ahead and up.
        head_m: Length of the head.
        ear_m: Length of the ears.
        tail: Where the tail ends, beside the rump: behind and up.
        tail_frac: Thickness of the tail, as a share of the chest's depth.
        limb_m: Thickness of a leg.
        face: Material of head and legs, where it is another.
    """

    name: str
    coat: str
    trunk_m: float
    shoulder_m: float
    depth_m: float
    rump_frac: float = 0.88
    neck: tuple[float, float]
    head_m: float
    ear_m: float
    tail: tuple[float, float]
    tail_frac: float = 0.09
    limb_m: float
    face: str = ""

    @property
    def face_coat(self) -> str:
        """Material of head and legs."""
        return self.face or self.coat


DEER = Beast(
    name="animal/deer",
    coat="animal/hide_red",
    trunk_m=1.2,
    shoulder_m=1.1,
    depth_m=0.46,
    neck=(0.34, 0.44),
    head_m=0.31,
    ear_m=0.18,
    tail=(0.10, -0.10),
    limb_m=0.045,
)
DOG = Beast(
    name="animal/dog",
    coat="animal/fur",
    trunk_m=0.62,
    shoulder_m=0.56,
    depth_m=0.25,
    neck=(0.05, 0.10),
    head_m=0.23,
    ear_m=0.09,
    tail=(0.20, 0.20),
    limb_m=0.032,
)
FOX = Beast(
    name="animal/fox",
    coat="animal/fox",
    trunk_m=0.48,
    shoulder_m=0.38,
    depth_m=0.16,
    neck=(0.06, 0.05),
    head_m=0.19,
    ear_m=0.09,
    tail=(0.36, -0.12),
    tail_frac=0.36,
    limb_m=0.02,
)
BOAR = Beast(
    name="animal/boar",
    coat="animal/bristle",
    trunk_m=1.05,
    shoulder_m=0.80,
    depth_m=0.62,
    rump_frac=0.80,
    neck=(0.12, -0.20),
    head_m=0.42,
    ear_m=0.11,
    tail=(0.06, -0.20),
    tail_frac=0.05,
    limb_m=0.045,
)
COW = Beast(
    name="animal/cow",
    coat="animal/hide_white",
    trunk_m=1.7,
    shoulder_m=1.4,
    depth_m=0.80,
    rump_frac=0.95,
    neck=(0.36, -0.02),
    head_m=0.52,
    ear_m=0.18,
    tail=(0.10, -0.75),
    limb_m=0.068,
)
SHEEP = Beast(
    name="animal/sheep",
    coat="animal/wool",
    trunk_m=0.95,
    shoulder_m=0.75,
    depth_m=0.54,
    rump_frac=1.0,
    neck=(0.11, -0.02),
    head_m=0.26,
    ear_m=0.12,
    tail=(0.04, -0.16),
    tail_frac=0.16,
    limb_m=0.032,
    face="animal/patch",
)
BEASTS = (DEER, DOG, BOAR, COW, SHEEP, FOX)


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
        radii = [2.0 * thick, 1.05 * thick, 0.7 * thick]
        legs.append(tube(beast.face_coat, path, radii, corners=5))
        hoof = (path[-1][0] + 0.6 * thick, path[-1][1], 0.035)
        legs.append(ellipsoid("animal/dark", hoof, (1.2 * thick, 0.8 * thick, 0.035), fine=False))
    return join(*legs)


def _trunk(beast: Beast) -> Mesh:
    """Return the trunk; its back is highest over the shoulder."""
    half, deep, back = beast.trunk_m / 2, beast.depth_m / 2, beast.shoulder_m
    stations = np.array([-1.0, -0.78, -0.45, -0.1, 0.3, 0.6, 0.84, 1.0])
    rump = beast.rump_frac
    reach = np.interp(stations, [-1, -0.75, 0.35, 0.8, 1], [0.5 * rump, rump, 1.0, 0.92, 0.5])
    path = [
        (float(x * half), 0.0, float(back - deep * (1.0 + 0.3 * (1.0 - r))))
        for x, r in zip(stations, reach, strict=True)
    ]
    return tube(beast.coat, path, (0.66 * deep * reach).tolist(), corners=8, tall_frac=1 / 0.66)


def _head(beast: Beast) -> Mesh:
    half, back = beast.trunk_m / 2, beast.shoulder_m
    foot = (half * 0.78, 0.0, back - 0.42 * beast.depth_m)
    x, z = half + beast.neck[0], back + beast.neck[1]
    size, thick = beast.head_m, 0.26 * beast.depth_m
    neck = tube(
        beast.coat, [foot, (x, 0.0, z)], [1.5 * thick, 0.85 * thick], corners=7, tall_frac=1.3
    )
    nose = (x + size, 0.0, z - 0.35 * size)
    skull = tube(
        beast.face_coat,
        [(x - 0.25 * size, 0.0, z + 0.1 * size), (x + 0.25 * size, 0.0, z), nose],
        [0.22 * size, 0.30 * size, 0.14 * size],
        corners=6,
        tall_frac=1.25,
    )
    snout = ellipsoid("animal/dark", nose, (0.1 * size, 0.11 * size, 0.11 * size), fine=False)
    top = z + 0.22 * size
    ear = tube(
        beast.face_coat,
        [
            (x, 0.14 * size, top),
            (x - 0.3 * beast.ear_m, 0.14 * size + 0.5 * beast.ear_m, top + 0.8 * beast.ear_m),
        ],
        [0.32 * beast.ear_m, 0.06 * beast.ear_m],
        corners=4,
    )
    return join(neck, skull, snout, both(ear))


def _spotted(mesh: Mesh, beast: Beast, spot: str) -> Mesh:
    """Return a mesh with patches of another material, a few to a side."""
    middle = mesh.points[mesh.triangles].mean(axis=1).astype(np.float64)
    x, y, z = middle.T / beast.depth_m
    patched = np.sin(4.3 * x + 2.1 * np.sign(y) + 0.7) + np.sin(3.7 * z - 1.9 * x) > 0.35
    coat = mesh.materials == material_index(beast.coat)
    return Mesh(
        points=mesh.points,
        triangles=mesh.triangles,
        materials=np.where(coat & patched, material_index(spot), mesh.materials).astype(np.int32),
    )


def _tusks() -> Mesh:
    """Return a boar's tusks, beside its snout."""
    x = BOAR.trunk_m / 2 + BOAR.neck[0] + 0.78 * BOAR.head_m
    z = BOAR.shoulder_m + BOAR.neck[1] - 0.28 * BOAR.head_m
    path: list[Point] = [(x, 0.05, z - 0.02), (x + 0.03, 0.075, z + 0.03), (x, 0.08, z + 0.08)]
    return both(tube("animal/hide_white", path, [0.012, 0.010, 0.004], corners=4))


def _tail(beast: Beast) -> Mesh:
    root = (-beast.trunk_m / 2 + 0.02, 0.0, beast.shoulder_m - 0.35 * beast.depth_m)
    tip = (root[0] - beast.tail[0], 0.0, root[2] + beast.tail[1])
    middle = (0.45 * root[0] + 0.55 * tip[0], 0.0, 0.45 * root[2] + 0.55 * tip[2])
    thick = beast.tail_frac * beast.depth_m
    return tube(beast.coat, [root, middle, tip], [0.7 * thick, thick, 0.4 * thick], corners=5)


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
    own = {
        BOAR.name: join(_beast(BOAR), _tusks()),
        COW.name: _spotted(_beast(COW), COW, "animal/patch"),
    }
    return (
        *(
            body_of(beast.name, SemanticClass.ANIMAL, own.get(beast.name) or _beast(beast))
            for beast in BEASTS
        ),
        body_of("animal/buck", SemanticClass.ANIMAL, _beast(DEER), _antlers()),
    )
