"""Out-of-sample probabilities: what networks say about labels that they were not trained on.

Folds are drawn over groups (recordings, tracks), so that no frame is judged by a network that saw
its neighbour.

Shapes: n frames, m of them in training, k of them held out, c classes.
"""

from collections.abc import Callable

import numpy as np
from jaxtyping import Float32, Int64

from bessemer.core.errors import InputError

FitPredict = Callable[
    [Int64[np.ndarray, " m"], Int64[np.ndarray, " k"]], Float32[np.ndarray, "k c"]
]
"""Trains on some rows and returns class probabilities of others."""


def fold_of_groups(
    groups: Int64[np.ndarray, " n"], n_folds: int, seed: int
) -> Int64[np.ndarray, " n"]:
    """Return the fold of each row; rows of one group share theirs.

    Args:
        groups: The group of each row.
        n_folds: Number of folds, of nearly equal numbers of groups.
        seed: Draws them.

    Returns:
        Numbers from 0 to ``n_folds - 1``.

    Raises:
        InputError: If there are fewer groups than folds, or fewer than two folds.
    """
    names, rows = np.unique(groups, return_inverse=True)
    if not 2 <= n_folds <= len(names):
        raise InputError(
            f"{len(names)} groups cannot be cut into {n_folds} folds.",
            where="fold_of_groups",
            fix="Take at least two folds, and no more than there are groups.",
        )
    order = np.random.default_rng(seed).permutation(len(names))
    fold = np.empty(len(names), dtype=np.int64)
    fold[order] = np.arange(len(names)) % n_folds
    return np.asarray(fold[rows], dtype=np.int64)


def predict_out_of_sample(
    groups: Int64[np.ndarray, " n"], n_folds: int, seed: int, fit_predict: FitPredict
) -> Float32[np.ndarray, "n c"]:
    """Return for every row what a network says that was trained on the other folds.

    Args:
        groups: The group of each row.
        n_folds: Number of networks trained.
        seed: Draws the folds.
        fit_predict: Trains one network.

    Returns:
        Class probabilities.
    """
    fold = fold_of_groups(groups, n_folds, seed)
    parts = []
    for one in range(n_folds):
        held = np.flatnonzero(fold == one)
        parts.append((held, fit_predict(np.flatnonzero(fold != one), held)))
    probs = np.empty((len(groups), parts[0][1].shape[1]), dtype=np.float32)
    for held, said in parts:
        probs[held] = said
    return probs
