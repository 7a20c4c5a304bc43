"""What a network says about frames, in columns.

Cost: logits of at most ``_CHUNK`` pictures are held at once.
Shapes: n frames, c classes, h x w pixels.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, Int64, UInt8

from bessemer.core.errors import InputError
from bessemer.core.frames import Frame, Predictions
from bessemer.core.ids import NetworkId, TaskName
from bessemer.core.protocols import Network

_CHUNK: Final = 64
"""Dense logits take some megabytes a picture; those of a whole drive would not fit."""


@runtime_checkable
class NamedNetwork(Network, Protocol):
    """A network that knows its own digest, by which predictions are kept."""

    network_id: NetworkId


def predict(
    network: NamedNetwork,
    frames: Sequence[Frame],
    pictures: UInt8[np.ndarray, "n h w 3"],
    task: TaskName,
) -> Predictions:
    """Run a network on the pictures of frames and return what it says in one task.

    Args:
        network: The network.
        frames: Where the pictures are from.
        pictures: Of the size that the network's signature asks for.
        task: The task.

    Returns:
        Class probabilities and the highest of them; for dense tasks the mean over pixels of the
        probabilities, which is the expected share of each class, and of the highest.

    Raises:
        InputError: If there is not one picture a frame.
        NotFoundError: If the network has no head for the task.
    """
    if len(frames) != len(pictures):
        raise InputError(f"{len(frames)} frames, but {len(pictures)} pictures.", where=task)
    probs, confidence, embeddings = [], [], []
    for logits, features in _outputs(network, task, pictures):
        chunk = softmax(logits)
        top = chunk.max(axis=1)
        pixels = tuple(range(1, top.ndim))
        probs.append(chunk.mean(axis=tuple(axis + 1 for axis in pixels)) if pixels else chunk)
        confidence.append(top.mean(axis=pixels) if pixels else top)
        embeddings.append(features)
    return Predictions(
        network_id=network.network_id,
        preprocess_id=network.signature.preprocess.preprocess_id,
        task=task,
        frames=tuple(frames),
        probs=np.concatenate(probs),
        confidence=np.concatenate(confidence),
        embeddings=np.concatenate(embeddings),
    )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answer:
    """What a network says where the truth is known.

    Attributes:
        likeliest: Indices of the ontology's classes; ties go to the earlier class.
        of_truth: The probability given to the truth; means nothing where the truth is unknown.
    """

    likeliest: Int64[np.ndarray, "n *hw"]
    of_truth: Float32[np.ndarray, "n *hw"]


def answer(
    network: Network,
    task: TaskName,
    pictures: UInt8[np.ndarray, "n h w 3"],
    truth: Int64[np.ndarray, "n *hw"],
) -> Answer:
    """Return what a network says about pictures, or in dense tasks pixels, whose truth is known.

    Args:
        network: The network.
        task: The task.
        pictures: Of the size that the network's signature asks for.
        truth: True classes; where they are unknown, any index beyond the classes.

    Returns:
        The likeliest class of each, and how likely the truth was held to be.

    Raises:
        InputError: If there is not one truth a picture.
        NotFoundError: If the network has no head for the task.
    """
    if len(truth) != len(pictures):
        raise InputError(f"{len(truth)} truths, but {len(pictures)} pictures.", where=task)
    likeliest, of_truth, start = [], [], 0
    for logits, _ in _outputs(network, task, pictures):
        asked = truth[start : start + len(logits)]
        start += len(logits)
        known = np.clip(asked, 0, logits.shape[1] - 1)[:, None]
        likeliest.append(logits.argmax(axis=1))
        of_truth.append(np.take_along_axis(softmax(logits), known, axis=1)[:, 0])
    return Answer(
        likeliest=np.concatenate(likeliest).astype(np.int64), of_truth=np.concatenate(of_truth)
    )


def softmax(logits: Float32[np.ndarray, "n c *hw"]) -> Float32[np.ndarray, "n c *hw"]:
    """Return probabilities over the second axis: exp(x_c) / sum_k exp(x_k).

    Args:
        logits: Any; pixels may follow the classes.

    Returns:
        Of the same shape.

    Example:
        >>> softmax(np.zeros((1, 4), np.float32)).tolist()
        [[0.25, 0.25, 0.25, 0.25]]
    """
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float32)


def _outputs(
    network: Network, task: TaskName, pictures: UInt8[np.ndarray, "n h w 3"]
) -> Iterator[tuple[Float32[np.ndarray, "m c *hw"], Float32[np.ndarray, "m d"]]]:
    """Yield logits of a task's head and embeddings, chunk by chunk; at least one chunk."""
    head = network.signature.heads.index(network.signature.head_of(task))
    for start in range(0, max(len(pictures), 1), _CHUNK):
        output = network.run(pictures[start : start + _CHUNK])
        yield output.logits[head], output.embeddings
