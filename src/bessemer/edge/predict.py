"""What a network says about frames, in columns.

Shapes: n frames, c classes, h x w pixels.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from bessemer.core.frames import Frame, Predictions
from bessemer.core.ids import NetworkId, TaskName
from bessemer.core.protocols import Network


def predict(
    network: Network,
    network_id: NetworkId,
    task: TaskName,
    frames: Sequence[Frame],
    pictures: UInt8[np.ndarray, "n h w 3"],
) -> Predictions:
    """Run a network on pictures and return what it says in one task.

    Args:
        network: The network.
        network_id: Its digest.
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
    probs = softmax(output.logits[signature.heads.index(head)])
    top = probs.max(axis=1)
    if probs.ndim > 2:
        probs, top = probs.mean(axis=(2, 3)), top.mean(axis=(1, 2))
    return Predictions(
        network_id=network_id,
        preprocess_id=signature.preprocess.preprocess_id,
        task=task,
        frames=tuple(frames),
        probs=probs.astype(np.float32),
        confidence=top.astype(np.float32),
        embeddings=output.embeddings,
    )


def answers(
    network: Network, task: TaskName, pictures: UInt8[np.ndarray, "n h w 3"]
) -> Int64[np.ndarray, "n *hw"]:
    """Return the index of the likeliest class: of each picture, or of each pixel in dense tasks."""
    signature = network.signature
    head = signature.head_of(task)
    logits = network.run(pictures).logits[signature.heads.index(head)]
    return np.asarray(logits.argmax(axis=1), dtype=np.int64)


def softmax(logits: Float32[np.ndarray, "n c *hw"]) -> Float32[np.ndarray, "n c *hw"]:
    """Return probabilities over the second axis."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)
