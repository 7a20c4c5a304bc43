"""Confusion counts: how often each class was taken for each other.

Cost: O(n + r c^2) time and memory.      Shapes: n frames or pixels, r groups, c classes.
"""

import numpy as np
from jaxtyping import Int64, Integer

from bessemer.core.errors import InputError


def confusion(
    targets: Integer[np.ndarray, "*n"], predicted: Integer[np.ndarray, "*n"], n_classes: int
) -> Int64[np.ndarray, "c c"]:
    """Count (target, predicted) pairs where the target says something.

    Args:
        targets: True class indices; anything outside [0, n_classes), such as -1 or 255, is left
            out.
        predicted: What was said, same shape.
        n_classes: c.

    Returns:
        Counts; the row is the target, the column what was predicted.

    Example:
        >>> confusion(np.array([0, 1, -1]), np.array([0, 0, 0]), 2).tolist()
        [[1, 0], [1, 0]]
    """
    groups = np.zeros(np.shape(targets)[:1], np.int64)
    counts = confusion_by_group(targets, predicted, groups, 1, n_classes)
    return np.asarray(counts[0], np.int64)


def confusion_by_group(
    targets: Integer[np.ndarray, "n *hw"],
    predicted: Integer[np.ndarray, "n *hw"],
    groups: Integer[np.ndarray, " n"],
    n_groups: int,
    n_classes: int,
) -> Int64[np.ndarray, "r c c"]:
    """Count pairs apart for each group, such as a recording: what a bootstrap resamples.

    Args:
        targets: As for :func:`confusion`; the first axis is frames.
        predicted: What was said, same shape.
        groups: The group of each frame, in [0, n_groups).
        n_groups: r.
        n_classes: c.

    Returns:
        Counts by group, target and prediction.

    Raises:
        InputError: If a prediction or a group is out of range.
    """
    shape = (len(groups),) + (1,) * (np.ndim(targets) - 1)
    group = np.broadcast_to(np.reshape(groups, shape), np.shape(targets))
    said = (np.asarray(targets) >= 0) & (np.asarray(targets) < n_classes)
    group, target, guess = group[said], targets[said].astype(np.int64), predicted[said]
    for name, values, end in (("prediction", guess, n_classes), ("group", group, n_groups)):
        if values.size and not 0 <= values.min() <= values.max() < end:
            raise InputError(f"A {name} lies outside [0, {end}).", where="confusion")
    cell = (group.astype(np.int64) * n_classes + target) * n_classes + guess
    counts = np.bincount(cell, minlength=n_groups * n_classes * n_classes)
    return np.asarray(counts, np.int64).reshape(n_groups, n_classes, n_classes)
