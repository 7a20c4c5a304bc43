"""Which class a tired person writes down instead: never a uniform draw, always a similar one.

Shapes: c classes, d embedding size, n vectors.
"""

import numpy as np
from jaxtyping import Float32, Float64, Int64

from bessemer.core.errors import InputError


def class_centroids(
    vectors: Float32[np.ndarray, "n d"], classes: Int64[np.ndarray, " n"], n_classes: int
) -> Float32[np.ndarray, "c d"]:
    """Return the mean direction of each class.

    Args:
        vectors: Of unit norm, in the pinned space.
        classes: Class index of each.
        n_classes: Number of classes.

    Returns:
        Unit vectors; zero for a class that does not occur.
    """
    sums = np.zeros((n_classes, vectors.shape[1]), dtype=np.float32)
    np.add.at(sums, classes, vectors)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.asarray(np.divide(sums, norms, out=sums, where=norms > 0), dtype=np.float32)


def confusion_from_centroids(
    centroids: Float32[np.ndarray, "c d"], sharpness: float = 20.0
) -> Float64[np.ndarray, "c c"]:
    """Return how likely each class is written down for another, given that an error is made.

    The chance falls with the distance of the centroids: softmax of ``sharpness`` times the cosine,
    the diagonal left out.

    Args:
        centroids: Of unit norm; a class of zero norm is never confused with.
        sharpness: 0 is uniform; higher keeps to the nearest classes.

    Returns:
        Rows that sum to 1, with a diagonal of 0.

    Raises:
        InputError: If there are fewer than two classes.
    """
    if len(centroids) < 2:
        raise InputError("A class can only be confused with another one.", where="centroids")
    cosine = centroids.astype(np.float64) @ centroids.T.astype(np.float64)
    absent = np.linalg.norm(centroids, axis=1) == 0
    scores = sharpness * cosine
    scores[:, absent] = -np.inf
    np.fill_diagonal(scores, -np.inf)
    # A row may know no other class at all; then any other is as likely.
    lost = ~np.isfinite(scores).any(axis=1)
    scores[lost] = 0.0
    np.fill_diagonal(scores, -np.inf)
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)


def draw_confused(confusion: Float64[np.ndarray, "c c"], index: int, draw: float) -> int:
    """Return the class written down for class ``index``.

    Args:
        confusion: As of :func:`confusion_from_centroids`.
        index: The true class.
        draw: A number in [0, 1) that decides.

    Returns:
        A class index other than ``index``.
    """
    cumulated = np.cumsum(confusion[index])
    chosen = int(np.searchsorted(cumulated, draw * cumulated[-1], side="right"))
    return min(chosen, len(cumulated) - 1)
