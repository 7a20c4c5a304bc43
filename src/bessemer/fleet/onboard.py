"""The computer of a vehicle: what it keeps of a batch, and how far a frame lies from what is held.

Shapes: n frames, m vectors held, d embedding size.
"""

import numpy as np
from jaxtyping import Float32

from bessemer.core.frames import Predictions


def rows_of(predictions: Predictions, start: int, stop: int) -> Predictions:
    """Return the rows [start, stop) of predictions."""
    return Predictions(
        network_id=predictions.network_id,
        preprocess_id=predictions.preprocess_id,
        task=predictions.task,
        frames=predictions.frames[start:stop],
        probs=predictions.probs[start:stop],
        confidence=predictions.confidence[start:stop],
        embeddings=predictions.embeddings[start:stop],
    )


def nearest_distance(
    vectors: Float32[np.ndarray, "n d"], known: Float32[np.ndarray, "m d"]
) -> Float32[np.ndarray, " n"]:
    """Return the cosine distance of each vector to the nearest one known.

    Args:
        vectors: Of unit norm.
        known: Of unit norm, in the same space.

    Returns:
        Distances in [0, 2]; 1, as of something unrelated, where nothing is known.
    """
    if not len(known):
        return np.ones(len(vectors), dtype=np.float32)
    nearest = np.full(len(vectors), -1.0, dtype=np.float32)
    for start in range(0, len(known), 4096):
        block = vectors @ known[start : start + 4096].T
        nearest = np.maximum(nearest, block.max(axis=1))
    return np.asarray(np.clip(1.0 - nearest, 0.0, 2.0), dtype=np.float32)
