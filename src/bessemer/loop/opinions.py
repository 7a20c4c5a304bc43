"""What a network thinks of units; what it said of their frames is kept in the lake.

Predictions are found again by the digests of the network and of the segment, so that a frame is
looked at once by each network: by curation, and again when answers about it are doubted.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

from bessemer.core.frames import Frame, Predictions
from bessemer.core.records import Stretch
from bessemer.edge.predict import predict
from bessemer.edge.runtime import OnnxNetwork
from bessemer.loop.line import Line
from bessemer.loop.records import Beginning, NetworkRef

_BLOCK = 1024
"""Pictures in memory at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Opinions:
    """What a network thinks of units."""

    probs: Float32[np.ndarray, "u c"]
    features: Float32[np.ndarray, "u e"]


def opinions(
    line: Line,
    network: NetworkRef | None,
    units: Sequence[Stretch],
    beginning: Beginning | None = None,
) -> Opinions:
    """Return what the newest network thinks of units, each the mean over its frames.

    Args:
        line: The line.
        network: The network; None says that nobody has an opinion.
        units: The units.
        beginning: Whose features stand in where there is no network; None for the pinned space.

    Returns:
        Probabilities and features by unit.
    """
    n, c = len(units), len(line.recipe.ontology.classes)
    uniform = np.full((n, c), 1.0 / c, dtype=np.float32)
    source = network or beginning
    if source is None or not units:
        return Opinions(probs=uniform, features=line.unit_vectors(units))
    frames = [line.frames_of(unit) for unit in units]
    flat = tuple(frame for part in frames for frame in part)
    opened = line.open_network(source.onnx)
    # A beginning has no opinion, only features: nothing that is worth keeping.
    said = remembered(line, opened, flat) if network else _predicted(line, opened, flat)
    ends = np.cumsum([len(part) for part in frames])[:-1]
    probs = np.stack([p.mean(axis=0) for p in np.split(said.probs, ends)])
    return Opinions(
        probs=probs if network else uniform,
        features=np.stack([p.mean(axis=0) for p in np.split(said.embeddings, ends)]),
    )


def remembered(line: Line, network: OnnxNetwork, frames: Sequence[Frame]) -> Predictions:
    """Return what a network says about frames: from the lake, or new, and then kept there.

    Args:
        line: The line.
        network: The network.
        frames: The frames.

    Returns:
        One row a frame, in their order.
    """
    lake, preprocess = line.works.lake, network.signature.preprocess
    segments = list(dict.fromkeys(frame.segment_id for frame in frames))
    kept = lake.read_predictions(network.network_id, preprocess.preprocess_id, line.name, segments)
    there = set(kept.frames)
    missing = tuple(dict.fromkeys(frame for frame in frames if frame not in there))
    if missing:
        fresh = _predicted(line, network, missing)
        lake.put_predictions(fresh)
        kept = _joined([kept, fresh]) if there else fresh
    row = {frame: place for place, frame in enumerate(kept.frames)}
    rows = [row[frame] for frame in frames]
    return Predictions(
        network_id=kept.network_id,
        preprocess_id=kept.preprocess_id,
        task=kept.task,
        frames=tuple(frames),
        probs=kept.probs[rows],
        confidence=kept.confidence[rows],
        embeddings=kept.embeddings[rows],
    )


def _predicted(line: Line, network: OnnxNetwork, frames: Sequence[Frame]) -> Predictions:
    """Return predictions of frames, a block of pictures at a time."""
    parts = []
    with line.works.story.bar("predicting") as progress:
        for start in range(0, len(frames), _BLOCK):
            block = frames[start : start + _BLOCK]
            pictures = line.pictures_of(block, network.signature.preprocess)
            parts.append(predict(network, block, pictures, line.name))
            progress(start + len(block), len(frames))
    return _joined(parts)


def _joined(parts: Sequence[Predictions]) -> Predictions:
    """Return predictions of one network, one part after the other."""
    return Predictions(
        network_id=parts[0].network_id,
        preprocess_id=parts[0].preprocess_id,
        task=parts[0].task,
        frames=tuple(frame for part in parts for frame in part.frames),
        probs=np.concatenate([p.probs for p in parts]),
        confidence=np.concatenate([p.confidence for p in parts]),
        embeddings=np.concatenate([p.embeddings for p in parts]),
    )
