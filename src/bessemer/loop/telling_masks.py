"""What a correction of a dense answer changed, in words: how much, and from what to what.

Shapes: n frames, h x w pixels.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

MOST_CLASSES = 2
NOTHING = "nothing said"


def tell_change(
    given: UInt8[np.ndarray, "n h w"],
    corrected: UInt8[np.ndarray, "n h w"],
    classes: Sequence[str],
) -> tuple[str, str]:
    """Return what a dense answer said where it was wrong, and what is there instead.

    Args:
        given: Class indices as first given; beyond the classes where nothing is said.
        corrected: The same pixels, corrected.
        classes: Names of the classes.

    Returns:
        The classes given, and those corrected to with the share of pixels that changed; in pairs,
        those of most pixels first.

    Example:
        >>> before = np.array([[[0, 0, 0, 1]]], np.uint8)
        >>> tell_change(before, np.array([[[0, 0, 1, 1]]], np.uint8), ("road", "car"))
        ('road', 'car, 25.0% of pixels changed')
    """
    changed = given != corrected
    if not changed.any():
        return "as it was", "no pixel changed"
    pairs, counts = np.unique(
        np.stack((given[changed], corrected[changed])), axis=1, return_counts=True
    )
    most = pairs[:, np.argsort(-counts, kind="stable")[:MOST_CLASSES]]
    before, after = ([_name(int(i), classes) for i in row] for row in most)
    share = f"{changed.mean():.1%} of pixels changed"
    return ", ".join(dict.fromkeys(before)), ", ".join([*dict.fromkeys(after), share])


def _name(index: int, classes: Sequence[str]) -> str:
    """Return the name of a pixel's class."""
    return classes[index] if index < len(classes) else NOTHING
