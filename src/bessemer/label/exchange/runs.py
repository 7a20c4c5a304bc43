"""Masks as run lengths and polygons, as labelling tools write them.

Nothing is allocated by what a file claims: a mask has the size of the picture that was handed out.
Shapes: h x w pixels.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool

from bessemer.core.errors import InputError


def runs_of(flat: Bool[np.ndarray, " p"]) -> list[int]:
    """Return the lengths of runs, outside and inside in turn, beginning outside.

    Args:
        flat: True inside.

    Returns:
        Lengths that sum to the number of pixels.

    Example:
        >>> runs_of(np.array([True, True, False]))
        [0, 2, 1]
    """
    borders = np.flatnonzero(np.diff(flat.astype(np.int8)))
    lengths = np.diff(np.concatenate([[0], borders + 1, [len(flat)]]))
    lead = [0] if len(flat) and flat[0] else []
    return [*lead, *(int(length) for length in lengths)]


def flat_of(runs: Sequence[int], size: int) -> Bool[np.ndarray, " p"]:
    """Return what :func:`runs_of` was given.

    Args:
        runs: Lengths of runs, beginning outside.
        size: Number of pixels.

    Returns:
        True inside.

    Raises:
        InputError: If the runs do not sum to ``size``.
    """
    if any(run < 0 for run in runs) or sum(runs) != size:
        raise InputError(
            f"The runs of this mask sum to {sum(runs)}, but it has {size} pixels.",
            fix="It was damaged, or drawn on a picture of another size.",
        )
    return np.repeat(np.arange(len(runs)) % 2 == 1, np.array(runs, dtype=np.int64))


def parse_compressed_runs(text: str) -> list[int]:
    """Return the runs in COCO's compressed string.

    Five bits a character, low ones first; from the fourth on, differences to the last but one.

    Args:
        text: Such as pycocotools writes.

    Returns:
        Lengths of runs.

    Raises:
        InputError: If the string ends within a number or holds a foreign character.
    """
    runs: list[int] = []
    value = shift = 0
    for character in text:
        bits = ord(character) - 48
        if not 0 <= bits < 64 or shift > 40:
            raise InputError(f"{character!r} has no place in compressed runs.")
        value |= (bits & 31) << shift
        shift += 5
        if bits & 32:
            continue
        if bits & 16:
            value -= 1 << shift
        runs.append(value + (runs[-2] if len(runs) > 2 else 0))
        value = shift = 0
    if shift:
        raise InputError("Compressed runs end within a number.")
    return runs


def fill_polygons(
    polygons: Sequence[Sequence[tuple[float, float]]], height_px: int, width_px: int
) -> Bool[np.ndarray, "h w"]:
    """Return the pixels inside any of some polygons, their outlines included.

    Args:
        polygons: Points x, y in pixels, at least three each.
        height_px: Of the picture.
        width_px: Of the picture.

    Returns:
        True inside.

    Raises:
        InputError: If a polygon has fewer than three points, or a point lies far outside.
    """
    from PIL import Image, ImageDraw

    picture = Image.new("1", (width_px, height_px))
    pen = ImageDraw.Draw(picture)
    for points in polygons:
        near = all(
            -width_px <= x <= 2 * width_px and -height_px <= y <= 2 * height_px for x, y in points
        )
        if len(points) < 3 or not near:
            raise InputError(
                f"A polygon has at least three points in the picture, not {list(points)[:4]}."
            )
        pen.polygon([(x, y) for x, y in points], fill=1, outline=1)
    return np.array(picture, dtype=np.bool_)
