"""The computer of a vehicle: the released network and its shadow on what was just met.

Shapes: n frames, c classes, h x w pixels.
"""

import numpy as np
from jaxtyping import Float32, UInt8

from bessemer.core.frames import Frame, Predictions
from bessemer.core.ids import ArtifactId, NetworkId, TaskName
from bessemer.core.protocols import Network


def predict_frames(
    artifact_id: ArtifactId,
    network: Network,
    task: TaskName,
    frames: tuple[Frame, ...],
    pictures: UInt8[np.ndarray, "n h w 3"],
) -> Predictions:
    """Run a network on pictures and return what it says in one task.

    Args:
        artifact_id: The network's file.
        network: The network.
        task: The task.
        frames: Where the pictures are from.
        pictures: Of the size that the network's signature asks for.

    Returns:
        Class probabilities; for dense tasks the share of pixels by class.

    Raises:
        NotFoundError: If the network has no head for the task.
    """
    signature = network.signature
    head = signature.head_of(task)
    output = network.run(pictures)
    probs = _softmax(output.logits[signature.heads.index(head)])
    top = probs.max(axis=1)
    if probs.ndim > 2:
        pixels = tuple(range(2, probs.ndim))
        probs, top = probs.mean(axis=pixels), top.mean(axis=tuple(range(1, top.ndim)))
    return Predictions(
        network_id=NetworkId(artifact_id),
        preprocess_id=signature.preprocess.preprocess_id,
        task=task,
        frames=frames,
        probs=probs.astype(np.float32),
        confidence=top.astype(np.float32),
        embeddings=output.embeddings,
    )


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


def _softmax(logits: Float32[np.ndarray, "n c *hw"]) -> Float32[np.ndarray, "n c *hw"]:
    """Return probabilities over the second axis."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)
