"""Things that lie or stand on a road: what falls off, and what works on the road put up.

Boards and signs show their face backwards, to those who come along the way that they stand on.
"""

import numpy as np
from jaxtyping import Float64

from bessemer.twin.bodies.build import body_of, wheel
from bessemer.twin.bodies.shape import (
    Point,
    bevelled,
    both,
    box,
    ellipsoid,
    hoop,
    join,
    loft,
    mirror,
    move,
    pane,
    tube,
    turn,
)
from bessemer.twin.classes import SemanticClass
from bessemer.twin.scene import Body, Mesh


def _round(material: str, tiers: list[tuple[float, float]], corners: int = 10) -> Mesh:
    """Return an upright round shape from radii and heights, rising."""
    angle = np.arange(corners) * 2 * np.pi / corners
    rings = np.array([[(r * np.cos(a), r * np.sin(a), z) for a in angle] for r, z in tiers], float)
    return loft(rings, material)


def _cone() -> Mesh:
    bands = ((0.145, 0.04, 0.115, 0.20), (0.115, 0.20, 0.088, 0.34), (0.088, 0.34, 0.066, 0.46),
             (0.066, 0.46, 0.048, 0.56), (0.048, 0.56, 0.018, 0.72))  # fmt: skip
    colours = ("cone/orange", "cone/white", "cone/orange", "cone/white", "cone/orange")
    foot = box("cone/orange", (-0.19, -0.19, 0.0), (0.19, 0.19, 0.045), top=(0.92, 0.92))
    parts = [
        _round(colour, [(r0, z0), (r1, z1)], 9)
        for colour, (r0, z0, r1, z1) in zip(colours, bands, strict=True)
    ]
    return join(foot, *parts)


def _beacon() -> Mesh:
    """Return an upright board with leaning red and white bands, as it closes a lane."""
    foot = box("debris/rubber", (-0.4, -0.2, 0.0), (0.4, 0.2, 0.12), top=(0.9, 0.8))
    post = box("debris/metal", (-0.02, -0.03, 0.1), (0.02, 0.03, 0.3))
    return join(foot, post, _board(0.25, 1.0, 0.28, bands=6))


def _board(wide_m: float, high_m: float, low_m: float, *, bands: int) -> Mesh:
    """Return a board across the road, with bands on both of its faces."""
    half = wide_m / 2
    board = box("cone/white", (-0.02, -half, low_m), (0.02, half, low_m + high_m))
    panes = []
    step, lean = high_m / bands, 0.45 * high_m / bands
    for k in range(0, bands, 2):
        z = low_m + k * step + 0.02
        face: list[Point] = [
            (0.021, -half, z),
            (0.021, half, z + lean),
            (0.021, half, z + lean + step * 0.9),
            (0.021, -half, z + step * 0.9),
        ]
        front = pane("cone/red", face, proud_m=0.004)
        panes += [front, turn(front, "z", np.pi)]
    return join(board, *panes)


def _barrier() -> Mesh:
    """Return a barrier across a lane: a red and white rail on two feet, lamps on top."""
    pieces = [
        box(
            ("cone/red", "cone/white")[k % 2],
            (-0.025, -1.0 + 0.25 * k, z),
            (0.025, -0.75 + 0.25 * k, z + 0.25),
        )
        for k in range(8)
        for z in (0.75,)
    ]
    lower = box("cone/white", (-0.02, -1.0, 0.3), (0.02, 1.0, 0.42))
    posts = [
        box("debris/metal", (-0.03, y - 0.03, 0.05), (0.03, y + 0.03, 1.0)) for y in (-0.85, 0.85)
    ]
    feet = [
        box("debris/rubber", (-0.35, y - 0.12, 0.0), (0.35, y + 0.12, 0.1)) for y in (-0.85, 0.85)
    ]
    return join(*pieces, lower, *posts, *feet)


def _wall() -> Mesh:
    """Return a filled plastic barrier, two metres along the road."""
    rings = np.array(
        [
            [(-1.0, -y, z), (1.0, -y, z), (1.0, y, z), (-1.0, y, z)]
            for y, z in ((0.25, 0.0), (0.25, 0.15), (0.09, 0.45), (0.06, 0.85))
        ]
    )
    bands = [["cone/red"] * 4, ["cone/red"] * 4, ["cone/white"] * 4]
    return loft(rings, "cone/red", sides=bands)


def _carton() -> Mesh:
    case = box("debris/card", (-0.3, -0.25, 0.0), (0.3, 0.25, 0.42))
    tape = pane(
        "debris/plastic",
        [(-0.3, -0.03, 0.42), (0.3, -0.03, 0.42), (0.3, 0.03, 0.42), (-0.3, 0.03, 0.42)],
        proud_m=0.004,
    )
    flap = turn(box("debris/card", (-0.26, -0.25, 0.0), (0.0, 0.25, 0.012)), "y", 0.9)
    return join(case, tape, move(flap, -0.29, 0.0, 0.41))


def _standing_tyre() -> Mesh:
    section = (
        (0.09, 0.06),
        (0.09, -0.06),
        (0.03, -0.1),
        (-0.09, -0.08),
        (-0.09, 0.08),
        (0.03, 0.1),
    )
    return hoop("debris/rubber", (0.0, 0.0, 0.0), 0.24, section)


def _tyre() -> Mesh:
    """Return a tyre that lies flat, an open ring."""
    return move(turn(_standing_tyre(), "x", np.pi / 2), z_m=0.1)


def _wheel() -> Mesh:
    """Return a wheel that stands and rolls along x: a tyre on a disc of metal."""
    angle = np.arange(12) * np.pi / 6
    disc = np.stack(
        [
            np.stack([0.17 * np.cos(angle), np.full(12, y), 0.17 * np.sin(angle)], axis=1)
            for y in (-0.05, 0.05)
        ]
    )
    return move(join(_standing_tyre(), loft(disc, "debris/metal")), z_m=0.33)


def _shreds() -> Mesh:
    """Return the tread of a burst truck tyre: curled strips."""
    strips = []
    for x, y, yaw, long in ((0.0, 0.0, 0.3, 0.9), (0.7, 0.35, 1.5, 0.5), (-0.6, -0.3, -0.5, 0.4)):
        t = np.linspace(-0.5, 0.5, 6)
        rise = 0.03 + 0.5 * (t * long) ** 2 + 0.08 * np.maximum(t, 0)
        path: list[Point] = [(float(s), 0.0, float(z)) for s, z in zip(t * long, rise, strict=True)]
        strip = tube(
            "debris/rubber", path, [0.03, 0.1, 0.12, 0.12, 0.1, 0.04], corners=4, tall_frac=0.25
        )
        strips.append(move(turn(strip, "z", yaw), x, y, 0.04))
    return join(*strips)


def _plank() -> Mesh:
    return join(
        turn(box("debris/wood", (-1.2, -0.1, 0.0), (1.2, 0.1, 0.05)), "z", 0.0),
        move(
            turn(box("debris/wood", (-0.7, -0.07, 0.0), (0.7, 0.07, 0.05)), "z", 0.5),
            0.2,
            0.1,
            0.05,
        ),
    )


def _pallet() -> Mesh:
    boards = [
        box("debris/wood", (-0.6, -0.4 + 0.165 * k, 0.122), (0.6, -0.26 + 0.165 * k, 0.144))
        for k in range(5)
    ]
    blocks = [
        box("debris/wood", (x - 0.07, y - 0.06, 0.02), (x + 0.07, y + 0.06, 0.122))
        for x in (-0.53, 0.0, 0.53)
        for y in (-0.34, 0.0, 0.34)
    ]
    runners = [
        box("debris/wood", (-0.6, y - 0.05, 0.0), (0.6, y + 0.05, 0.022)) for y in (-0.35, 0, 0.35)
    ]
    return join(*boards, *blocks, *runners)


def _triangle(side_m: float, low_m: float) -> Float64[np.ndarray, "n 2"]:
    """Return the corners of an upright triangle, in y and z, counter-clockwise seen from ahead."""
    return np.array([(-side_m / 2, low_m), (side_m / 2, low_m), (0.0, low_m + side_m * 0.866)])


def _plate(material: str, outline: Float64[np.ndarray, "n 2"], from_m: float, to_m: float) -> Mesh:
    rings = np.array([[(x, y, z) for y, z in outline] for x in (from_m, to_m)])
    return loft(rings, material)


def _shrunk(outline: Float64[np.ndarray, "n 2"], share: float) -> Float64[np.ndarray, "n 2"]:
    middle = outline.mean(axis=0)
    return np.asarray(middle + (outline - middle) * share)


def _works_sign() -> Mesh:
    """Return the sign of works: a triangle on a foot, with a digging man in a few strokes."""
    outline = _triangle(0.9, 0.75)
    strokes = [
        [(0.02, 1.14), (0.08, 1.14), (0.08, 1.20), (0.02, 1.20)],
        [(-0.02, 0.96), (0.04, 0.98), (0.07, 1.13), (0.02, 1.13)],
        [(-0.06, 0.84), (-0.02, 0.84), (0.04, 0.97), (-0.01, 0.97)],
        [(0.06, 0.84), (0.10, 0.84), (0.05, 0.98), (0.01, 0.98)],
        [(-0.15, 0.90), (-0.13, 0.88), (0.06, 1.07), (0.04, 1.10)],
        [(-0.25, 0.83), (-0.11, 0.83), (-0.17, 0.92), (-0.19, 0.92)],
    ]
    man = [
        pane("sign_black", [(0.036, y, z) for y, z in stroke], proud_m=0.006) for stroke in strokes
    ]
    return join(
        _plate("sign_red", outline, 0.0, 0.02),
        _plate("sign_white", _shrunk(outline, 0.76), 0.01, 0.03),
        _plate("sign_back", _shrunk(outline, 0.97), -0.012, 0.004),
        *man,
        *(box("pole_metal", (-0.06, y - 0.02, 0.08), (-0.01, y + 0.02, 0.9)) for y in (-0.2, 0.2)),
        box("sign_black", (-0.4, -0.45, 0.0), (0.35, 0.45, 0.09), top=(0.9, 0.9)),
    )


def _arrow_sign() -> Mesh:
    """Return a trailer's board that sends traffic to the right: an arrow of dots on black."""
    board = box("sign_black", (-0.05, -1.1, 0.9), (0.0, 1.1, 2.9))
    rim = box("sign_yellow", (-0.08, -1.18, 0.82), (-0.04, 1.18, 2.98))
    dots = [(y, 1.9) for y in np.linspace(-0.7, 0.7, 6)]
    dots += [(0.7 - 0.22 * k, 1.9 + s * 0.22 * k) for k in (1, 2, 3) for s in (1, -1)]
    lamps = [
        pane(
            "sign_yellow",
            [(0.0, y + 0.09 * a, z + 0.09 * b) for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))],
        )
        for y, z in dots
    ]
    frame = box("sign_yellow", (-0.9, -0.8, 0.45), (0.4, 0.8, 0.6))
    mast = [box("pole_metal", (-0.2, y - 0.05, 0.5), (-0.05, y + 0.05, 2.2)) for y in (-0.6, 0.6)]
    tyres = [wheel("truck", -0.2, s * 0.95, 0.3, 0.18) for s in (1, -1)]
    return join(board, rim, *lamps, frame, *mast, *tyres)


def _warning_triangle() -> Mesh:
    """Return the folding triangle that a driver puts up behind a broken car."""
    outline = _triangle(0.45, 0.06)
    inner = _shrunk(outline, 0.55)
    sides = []
    for k in range(3):
        a, b = outline[k], outline[(k + 1) % 3]
        c, d = inner[(k + 1) % 3], inner[k]
        sides.append(_plate("cone/red", np.array([a, b, c, d]), -0.01, 0.01))
    feet = [
        box("debris/metal", (-0.14, y - 0.012, 0.0), (0.14, y + 0.012, 0.06)) for y in (-0.12, 0.12)
    ]
    return join(*sides, *feet)


def _ball() -> Mesh:
    return ellipsoid("debris/plastic", (0.0, 0.0, 0.12), (0.12, 0.12, 0.12))


def _roof_box() -> Mesh:
    """Return a box that came off a car's roof, on its side."""
    case = bevelled("debris/plastic", (-0.95, -0.4, 0.0), (0.95, 0.4, 0.38), bevel_m=0.12)
    return turn(case, "x", 1.2)


def _tunnel() -> Mesh:
    """Return ten metres of tunnel, wide enough for what roads it may be put over."""
    half, high, thick, reach = 9.0, 5.6, 0.6, 5.1
    wall = box("tunnel", (-reach, half, 0.0), (reach, half + thick, high + thick))
    ceiling = box("tunnel", (-reach, -half, high), (reach, half, high + thick))
    corner = loft(
        np.array(
            [
                [(x, half, high), (x, half - 1.6, high), (x, half, high - 1.6)]
                for x in (-reach, reach)
            ]
        ),
        "tunnel",
    )
    tube_lamp = box("tunnel_lamp", (-1.6, 3.0, high - 0.12), (1.6, 3.3, high + 0.05))
    return join(both(join(wall, corner, tube_lamp)), ceiling)


def _ladder() -> Mesh:
    rails = [box("debris/metal", (-1.5, y - 0.03, 0.0), (1.5, y + 0.03, 0.07)) for y in (-0.2, 0.2)]
    rungs = [
        box("debris/metal", (x - 0.02, -0.2, 0.02), (x + 0.02, 0.2, 0.05))
        for x in np.linspace(-1.3, 1.3, 9)
    ]
    return join(*rails, *rungs)


def _bag() -> Mesh:
    """Return a knotted rubbish bag."""
    bag = _round("debris/plastic", [(0.15, 0.0), (0.27, 0.12), (0.24, 0.3), (0.06, 0.46)], 7)
    return join(bag, _round("debris/plastic", [(0.03, 0.44), (0.09, 0.54)], 5))


def _mattress() -> Mesh:
    return box("debris/plastic", (-1.0, -0.7, 0.0), (1.0, 0.7, 0.2), top=(0.97, 0.96))


def _branch() -> Mesh:
    """Return a broken branch with some leaves on it."""
    stem: list[Point] = [(-1.3, 0.0, 0.07), (0.0, 0.15, 0.12), (1.1, -0.1, 0.16)]
    twigs: list[tuple[Point, Point]] = [
        ((-0.2, 0.12, 0.12), (0.5, 0.75, 0.22)),
        ((0.2, 0.1, 0.13), (0.7, -0.65, 0.2)),
    ]
    tufts: list[Point] = [(0.6, 0.75, 0.25), (0.8, -0.6, 0.22), (1.2, 0.0, 0.28)]
    return join(
        tube("debris/wood", stem, [0.07, 0.055, 0.025], corners=5),
        *(tube("debris/wood", list(twig), [0.03, 0.012], corners=4) for twig in twigs),
        *(ellipsoid("leaves", tuft, (0.42, 0.34, 0.22), fine=False) for tuft in tufts),
    )


def things() -> tuple[Body, ...]:
    """Return everything that does not move by itself."""
    arrow = turn(_arrow_sign(), "z", np.pi)
    debris, sign = SemanticClass.DEBRIS, SemanticClass.TRAFFIC_SIGN
    plans = (
        ("cone/cone", debris, _cone()),
        ("cone/beacon", debris, _beacon()),
        ("cone/barrier", debris, _barrier()),
        ("cone/wall", debris, _wall()),
        ("debris/box", debris, _carton()),
        ("debris/tyre", debris, _tyre()),
        ("debris/shreds", debris, _shreds()),
        ("debris/plank", debris, _plank()),
        ("debris/pallet", debris, _pallet()),
        ("debris/ladder", debris, _ladder()),
        ("debris/branch", debris, _branch()),
        ("debris/bag", debris, _bag()),
        ("debris/mattress", debris, _mattress()),
        ("debris/ball", debris, _ball()),
        ("debris/wheel", debris, _wheel()),
        ("debris/roof_box", debris, _roof_box()),
        ("cone/triangle", debris, _warning_triangle()),
        ("sign/works", sign, turn(_works_sign(), "z", np.pi)),
        ("sign/arrow_right", sign, arrow),
        ("sign/arrow_left", sign, mirror(arrow)),
        ("tunnel/segment", SemanticClass.TUNNEL, _tunnel()),
    )
    return tuple(body_of(name, semantic, mesh) for name, semantic, mesh in plans)
