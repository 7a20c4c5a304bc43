"""Regions of dense maps, and the mistake that people make there: a whole region taken for another.

Shapes: h x w pixels, c classes.
"""

import numpy as np
from jaxtyping import Bool, Float64, UInt8

from bessemer.tasks.segment import read_mask, write_mask


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
    values = read_mask(png)
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
    return write_mask(changed)
