"""Regions of dense maps, and the mistake that people make there: a whole region taken for another.

Shapes: h x w pixels, c classes.
"""

import io

import numpy as np
from jaxtyping import Bool, Float64, UInt8

from bessemer.core.errors import InputError

UNSAID = 255
"""The value of a dense map where nothing is said."""


def decode_map(png: bytes, *, where: str = "mask") -> UInt8[np.ndarray, "h w"]:
    """Return the values of a single-channel PNG.

    Args:
        png: The encoded picture.
        where: Named in the error.

    Returns:
        The values.

    Raises:
        InputError: If it is no single-channel PNG.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(png), formats=["PNG"]) as picture:
            if picture.mode not in ("L", "P"):
                raise InputError(
                    f"A mask has one channel of 8 bits, not mode {picture.mode}.", where=where
                )
            return np.array(picture, dtype=np.uint8)
    except (OSError, SyntaxError, UnidentifiedImageError) as error:
        raise InputError(f"This mask is no PNG: {error}.", where=where) from error


def encode_map(values: UInt8[np.ndarray, "h w"]) -> bytes:
    """Return a single-channel PNG; the same values give the same bytes."""
    from PIL import Image

    buffer = io.BytesIO()
    Image.fromarray(values).save(buffer, format="PNG", compress_level=6)
    return buffer.getvalue()


def region_around(
    values: UInt8[np.ndarray, "h w"], row: int, column: int
) -> Bool[np.ndarray, "h w"]:
    """Return the connected region of one value around a pixel.

    Args:
        values: A dense map.
        row: Of the pixel.
        column: Of the pixel.

    Returns:
        True inside.
    """
    from scipy import ndimage

    regions, _ = ndimage.label(values == values[row, column])
    return np.asarray(regions == regions[row, column])


def confuse_region(
    png: bytes,
    confusion: Float64[np.ndarray, "c c"],
    rng: np.random.Generator,
    least_frac: float = 0.002,
) -> bytes:
    """Return a dense map in which one region carries a class that looks like its own.

    Where the map holds the mistaken class already, the one drawn is weighted towards it: a person
    takes the pavement for the road beside it rather than for a class that is not in the picture.

    Args:
        png: The true map.
        confusion: How likely each class is written down for another.
        rng: Draws the region (each class alike, then by area) and the mistake.
        least_frac: Smaller regions are not drawn.

    Returns:
        The map with one region changed; unchanged if it has no region large enough.
    """
    values = decode_map(png)
    n_classes = len(confusion)
    shares = np.bincount(values.ravel(), minlength=256)[:n_classes] / values.size
    present = np.flatnonzero(shares >= least_frac)
    if not len(present):
        return png
    old = int(rng.choice(present))
    pixels = np.argwhere(values == old)
    row, column = pixels[rng.integers(len(pixels))]
    region = region_around(values, int(row), int(column))
    weights = confusion[old] * (0.1 + (shares > 0))
    new = int(rng.choice(n_classes, p=weights / weights.sum()))
    changed = values.copy()
    changed[region] = new
    return encode_map(changed)
