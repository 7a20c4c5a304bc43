# mypy: ignore-errors
# ruff: noqa: RUF046, UP018
# Warp compiles these functions: its annotations are not Python's, `int(0)` is a variable.
"""How a ray walks a tree of :mod:`bessemer.twin.render.tree`: four boxes or triangles a step.

Source: triangles by Möller and Trumbore, "Fast, minimum storage ray/triangle intersection", JGT
1997; they reach a hair over their edges, so that no ray slips through between two. Four values at
a time are one vector: on a CPU an instruction each, on a GPU four.
"""

from typing import no_type_check

import warp as wp

from bessemer.twin.render.tree import STACK, WIDTH

wp.set_module_options({"enable_backward": False, "fast_math": True})

Four = wp.types.vector(length=WIDTH, dtype=wp.float32)
FourInts = wp.types.vector(length=WIDTH, dtype=wp.int32)
Boxes = wp.types.matrix(shape=(6, WIDTH), dtype=wp.float32)
Corners = wp.types.matrix(shape=(9, WIDTH), dtype=wp.float32)
_Codes = wp.types.vector(length=STACK, dtype=wp.int32)
_Gaps = wp.types.vector(length=STACK, dtype=wp.float32)
MISSED = wp.constant(1.0e30)  # not infinity: fast arithmetic may take that for any number
EDGE_ON = wp.constant(1.0e-15)  # six times the volume that ray and triangle span, per metre
ROUNDED = wp.constant(1.0 + 5.0e-7)  # what rounding may have taken from a box (Ize, JCGT 2013)
OVER = wp.constant(1.0e-5)  # share of a triangle's side that it reaches beyond its edge


@no_type_check
@wp.struct
class Trees:
    """The columns of :class:`bessemer.twin.render.tree.Trees`."""

    boxes: wp.array[Boxes]
    children: wp.array[FourInts]
    corners: wp.array[Corners]
    faces: wp.array[FourInts]
    normals: wp.array[wp.vec3]


COLUMNS = {
    "boxes": Boxes,
    "children": FourInts,
    "corners": Corners,
    "faces": FourInts,
    "normals": wp.vec3,
}
"""What a row of each is."""


@no_type_check
@wp.struct
class Strike:
    """Where a ray met a triangle first; face -1 if it met none."""

    t: wp.float32
    face: wp.int32


@no_type_check
@wp.func
def four(value: float) -> Four:
    """Return a value four times."""
    return Four(value)


@no_type_check
@wp.func
def inverse(ahead: wp.vec3) -> wp.vec3:
    """Return one over each part; never infinite, since infinity times 0 is no number."""
    x = wp.where(wp.abs(ahead[0]) < 1.0e-12, 1.0e-12, ahead[0])
    y = wp.where(wp.abs(ahead[1]) < 1.0e-12, 1.0e-12, ahead[1])
    z = wp.where(wp.abs(ahead[2]) < 1.0e-12, 1.0e-12, ahead[2])
    return wp.vec3(1.0 / x, 1.0 / y, 1.0 / z)


@no_type_check
@wp.func
def ways_in(boxes: Boxes, start: wp.vec3, over: wp.vec3, reach_m: float) -> Four:
    """Return how far away each of four boxes begins; MISSED for one that the ray misses."""
    x0 = (boxes[0] - four(start[0])) * over[0]
    x1 = (boxes[3] - four(start[0])) * over[0]
    y0 = (boxes[1] - four(start[1])) * over[1]
    y1 = (boxes[4] - four(start[1])) * over[1]
    z0 = (boxes[2] - four(start[2])) * over[2]
    z1 = (boxes[5] - four(start[2])) * over[2]
    enter = wp.max(wp.max(wp.min(x0, x1), wp.min(y0, y1)), wp.max(wp.min(z0, z1), four(0.0)))
    leave = wp.min(wp.min(wp.max(x0, x1), wp.max(y0, y1)), wp.min(wp.max(z0, z1), four(reach_m)))
    for k in range(WIDTH):
        if enter[k] > leave[k] * ROUNDED:
            enter[k] = MISSED
    return enter


@no_type_check
@wp.func
def meets(c: Corners, start: wp.vec3, ahead: wp.vec3) -> Four:
    """Return how far away a ray meets each of four triangles; negative for one that it misses."""
    dx = ahead[0]
    dy = ahead[1]
    dz = ahead[2]
    px = c[8] * dy - c[7] * dz
    py = c[6] * dz - c[8] * dx
    pz = c[7] * dx - c[6] * dy
    det = wp.cw_mul(c[3], px) + wp.cw_mul(c[4], py) + wp.cw_mul(c[5], pz)
    sx = four(start[0]) - c[0]
    sy = four(start[1]) - c[1]
    sz = four(start[2]) - c[2]
    qx = wp.cw_mul(sy, c[5]) - wp.cw_mul(sz, c[4])
    qy = wp.cw_mul(sz, c[3]) - wp.cw_mul(sx, c[5])
    qz = wp.cw_mul(sx, c[4]) - wp.cw_mul(sy, c[3])
    over = wp.cw_div(det, wp.max(wp.cw_mul(det, det), four(EDGE_ON * EDGE_ON)))
    u = wp.cw_mul(wp.cw_mul(sx, px) + wp.cw_mul(sy, py) + wp.cw_mul(sz, pz), over)
    v = wp.cw_mul(qx * dx + qy * dy + qz * dz, over)
    t = wp.cw_mul(wp.cw_mul(c[6], qx) + wp.cw_mul(c[7], qy) + wp.cw_mul(c[8], qz), over)
    for k in range(WIDTH):
        inside = u[k] >= -OVER and v[k] >= -OVER and u[k] + v[k] <= 1.0 + OVER
        if not inside or wp.abs(det[k]) < EDGE_ON:
            t[k] = -1.0
    return t


@no_type_check
@wp.func
def first_met(trees: Trees, root: int, start: wp.vec3, ahead: wp.vec3, reach_m: float) -> Strike:
    """Return the nearest triangle of a tree on a ray, nearer than ``reach_m``."""
    found = Strike()
    found.t = reach_m
    found.face = -1
    over = inverse(ahead)
    codes = _Codes()
    gaps = _Gaps()
    codes[0] = root
    gaps[0] = 0.0
    n = int(1)
    while n > 0:
        n -= 1
        code = codes[n]
        if gaps[n] < found.t:
            if code < 0:
                t = meets(trees.corners[-1 - code], start, ahead)
                for k in range(WIDTH):
                    if t[k] >= 0.0 and t[k] < found.t:
                        found.t = t[k]
                        found.face = trees.faces[-1 - code][k]
            else:
                enter = ways_in(trees.boxes[code], start, over, found.t)
                child = trees.children[code]
                base = int(n)
                for k in range(WIDTH):
                    if enter[k] < MISSED:
                        # The nearest comes to lie on top.
                        j = int(n)
                        while j > base and gaps[j - 1] < enter[k]:
                            codes[j] = codes[j - 1]
                            gaps[j] = gaps[j - 1]
                            j -= 1
                        codes[j] = child[k]
                        gaps[j] = enter[k]
                        n += 1
    return found


@no_type_check
@wp.func
def any_met(trees: Trees, root: int, start: wp.vec3, ahead: wp.vec3, reach_m: float) -> bool:
    """Return whether a ray meets any triangle of a tree nearer than ``reach_m``."""
    over = inverse(ahead)
    codes = _Codes()
    codes[0] = root
    n = int(1)
    while n > 0:
        n -= 1
        code = codes[n]
        if code < 0:
            t = meets(trees.corners[-1 - code], start, ahead)
            for k in range(WIDTH):
                if t[k] >= 0.0 and t[k] < reach_m:
                    return True
        else:
            enter = ways_in(trees.boxes[code], start, over, reach_m)
            child = trees.children[code]
            for k in range(WIDTH):
                if enter[k] < MISSED:
                    codes[n] = child[k]
                    n += 1
    return False
