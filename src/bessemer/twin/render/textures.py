# mypy: ignore-errors
# ruff: noqa: UP018
# Warp compiles these functions: its annotations are not Python's, `float(1.0)` is a variable where
# `1.0` is a constant.
"""How surfaces vary: each texture is a formula over metres, the same on every device.

A texture gives a factor on the albedo with a mean of about 1, and fades into that mean where its
period falls below a pixel, so that far roads do not flicker. Lattice noise hashes whole numbers;
nothing is stored, and a place looks the same from every camera.
"""

from typing import no_type_check

import warp as wp

from bessemer.twin.scene import Texture

wp.set_module_options({"enable_backward": False, "fast_math": True})

ASPHALT = wp.constant(int(Texture.ASPHALT))
PAVING = wp.constant(int(Texture.PAVING))
GRASS = wp.constant(int(Texture.GRASS))
BRICK = wp.constant(int(Texture.BRICK))
PLASTER = wp.constant(int(Texture.PLASTER))
WINDOWS = wp.constant(int(Texture.WINDOWS))
LEAVES = wp.constant(int(Texture.LEAVES))
BARK = wp.constant(int(Texture.BARK))
PAINT_WORN = wp.constant(int(Texture.PAINT_WORN))
CONCRETE = wp.constant(int(Texture.CONCRETE))
CLOTH = wp.constant(int(Texture.CLOTH))
WOOD = wp.constant(int(Texture.WOOD))
FIELD = wp.constant(int(Texture.FIELD))


@no_type_check
@wp.func
def lattice(column: int, row: int) -> float:
    """Return a number in [0, 1) that belongs to a cell."""
    h = wp.uint32(column) * wp.uint32(374761393) + wp.uint32(row) * wp.uint32(668265263)
    h = (h ^ (h >> wp.uint32(13))) * wp.uint32(1274126177)
    h = h ^ (h >> wp.uint32(16))
    return float(h & wp.uint32(0xFFFFFF)) * (1.0 / 16777216.0)


@no_type_check
@wp.func
def noise(x: float, y: float) -> float:
    """Return smooth noise in [0, 1] with a period of about 1."""
    column = wp.floor(x)
    row = wp.floor(y)
    u = x - column
    v = y - row
    u = u * u * (3.0 - 2.0 * u)
    v = v * v * (3.0 - 2.0 * v)
    i = int(column)
    j = int(row)
    low = wp.lerp(lattice(i, j), lattice(i + 1, j), u)
    high = wp.lerp(lattice(i, j + 1), lattice(i + 1, j + 1), u)
    return wp.lerp(low, high, v)


@no_type_check
@wp.func
def keep(period_m: float, pixel_m: float) -> float:
    """Return how much of a texture a pixel can still show: 1 when it is wide, 0 when too fine."""
    return wp.clamp(1.6 - 2.0 * pixel_m / period_m, 0.0, 1.0)


@no_type_check
@wp.func
def ripple(x: float, y: float, period_m: float, pixel_m: float) -> float:
    """Return noise of a period in [-0.5, 0.5], gone where a pixel is coarser."""
    share = keep(period_m, pixel_m)
    if share <= 0.0:
        return 0.0
    return share * (noise(x / period_m, y / period_m) - 0.5)


@no_type_check
@wp.func
def joint(x: float, period_m: float, gap_m: float, pixel_m: float) -> float:
    """Return 1 on the gap between two stones of a row, softened to the width of a pixel."""
    off = wp.abs(x / period_m - wp.floor(x / period_m) - 0.5) * period_m
    edge = 0.5 * (period_m - gap_m)
    soft = wp.max(pixel_m, 0.004)
    return wp.clamp((off - edge) / soft + 0.5, 0.0, 1.0) * keep(2.0 * period_m, pixel_m)


@no_type_check
@wp.func
def stone(u: float, v: float, width_m: float, height_m: float, gap_m: float, pixel_m: float):
    """Return the factor of a wall or a pavement of stones: each its own tone, dark gaps between."""
    row = int(wp.floor(v / height_m))
    shift = 0.5 * width_m * float(row & 1)
    column = int(wp.floor((u + shift) / width_m))
    tone = (lattice(column, row) - 0.5) * 0.3 * keep(height_m, pixel_m)
    gap = wp.max(joint(u + shift, width_m, gap_m, pixel_m), joint(v, height_m, gap_m, pixel_m))
    return (1.03 + tone) * (1.0 - 0.35 * gap)


@no_type_check
@wp.func
def texture_factor(kind: int, u: float, v: float, pixel_m: float) -> wp.vec3:
    """Return the factor on the albedo at metres u, v of a surface; v is up on walls."""
    f = float(1.0)
    tone = float(0.0)
    if kind == ASPHALT:
        f = 1.0 + 0.22 * ripple(u, v, 4.0, pixel_m) + 0.10 * ripple(u + 31.0, v, 0.7, pixel_m)
        f += 0.5 * ripple(u, v, 0.03, pixel_m)
    elif kind == PAVING:
        f = stone(u, v, 0.6, 0.4, 0.02, pixel_m) + 0.15 * ripple(u, v, 2.5, pixel_m)
    elif kind == GRASS:
        f = 1.0 + 0.5 * ripple(u, v, 5.0, pixel_m) + 0.5 * ripple(v, u, 0.6, pixel_m)
        f += 0.9 * ripple(u, v, 0.06, pixel_m)
        tone = 0.35 * ripple(u, v + 57.0, 9.0, pixel_m)
    elif kind == FIELD:
        rows = keep(0.8, pixel_m) * wp.sin(u * 7.85)
        f = 1.0 + 0.25 * rows + 0.3 * ripple(u, v, 12.0, pixel_m) + 0.5 * ripple(u, v, 0.2, pixel_m)
        tone = 0.2 * ripple(u, v + 57.0, 20.0, pixel_m)
    elif kind == BRICK:
        f = stone(u, v, 0.25, 0.085, 0.012, pixel_m) + 0.2 * ripple(u, v, 3.0, pixel_m)
    elif kind == PLASTER:
        f = 1.0 + 0.12 * ripple(u, v, 3.0, pixel_m) + 0.1 * ripple(u, v, 0.2, pixel_m)
        f -= 0.15 * wp.exp(-wp.max(v, 0.0) * 1.2)
    elif kind == CONCRETE:
        f = 1.0 + 0.2 * ripple(u, v, 1.7, pixel_m) + 0.15 * ripple(u, v, 0.1, pixel_m)
        f -= 0.25 * joint(u, 3.0, 0.03, pixel_m)
    elif kind == LEAVES:
        f = 1.0 + 0.9 * ripple(u, v, 0.9, pixel_m) + 1.1 * ripple(v, u, 0.25, pixel_m)
        f += 0.7 * ripple(u, v, 0.08, pixel_m)
        tone = 0.3 * ripple(u, v + 57.0, 4.0, pixel_m)
    elif kind == BARK:
        f = 1.0 + 0.8 * ripple(u * 4.0, v * 0.6, 0.12, pixel_m)
    elif kind == CLOTH:
        f = 1.0 + 0.35 * ripple(u, v, 0.14, pixel_m)
    elif kind == WOOD:
        board = int(wp.floor(u / 0.12))
        f = 1.0 + keep(0.12, pixel_m) * 0.3 * (lattice(board, 7) - 0.5)
        f = f * (1.0 - 0.4 * joint(u, 0.12, 0.012, pixel_m))
        f += 0.25 * ripple(u * 6.0, v, 0.3, pixel_m)
    f = wp.max(f, 0.05)
    return wp.vec3(f * (1.0 + tone), f, f * (1.0 - 0.5 * tone))


@no_type_check
@wp.func
def pane(u: float, v: float, pixel_m: float) -> wp.vec3:
    """Return glass of a facade: its share of the pixel, its tone, and whether somebody is at home.

    Storeys are 3.1 m high and windows stand 2.4 m apart; where a pixel is wider, glass is spread.
    """
    column = int(wp.floor(u / 2.4))
    row = int(wp.floor(v / 3.1))
    x = wp.abs(u - 2.4 * (float(column) + 0.5))
    y = wp.abs(v - 3.1 * (float(row) + 0.52))
    soft = wp.max(pixel_m, 0.01)
    inside = wp.clamp((0.62 - x) / soft + 0.5, 0.0, 1.0)
    inside = inside * wp.clamp((0.85 - y) / soft + 0.5, 0.0, 1.0)
    frame = wp.clamp((x - 0.03) / soft + 0.5, 0.0, 1.0)
    share = keep(3.1, pixel_m)
    glass = wp.lerp(0.28, inside * (0.4 + 0.6 * frame), share)
    if v < 0.3:
        glass = 0.0
    tone = lattice(column, row)
    home = wp.where(lattice(column + 91, row) < 0.3, 1.0, 0.0)
    return wp.vec3(glass, tone, wp.lerp(0.3, home, share))


@no_type_check
@wp.func
def paint_left(x: float, y: float, worn_frac: float, pixel_m: float) -> float:
    """Return how much of a marking's paint is left at a place of a road."""
    if worn_frac <= 0.0:
        return 1.0
    spot = 0.55 * noise(x / 1.3, y / 1.3) + 0.45 * noise(x / 0.17, y / 0.17)
    left = wp.clamp((spot - (0.2 + 0.6 * worn_frac)) * 8.0 + 0.5, 0.0, 1.0)
    return wp.lerp(wp.clamp(1.1 - worn_frac * 1.1, 0.0, 1.0), left, keep(0.5, pixel_m))
