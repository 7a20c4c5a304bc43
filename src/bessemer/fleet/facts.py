"""What a vehicle knows about a stretch, as the few scalars that triggers speak of.

Scores are taken over the whole stretch, never over its worst frame: the worst frame of a track is
a blurred one, and a fleet that asks for those collects blur.

Shapes: n frames, c classes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from bessemer.core.errors import InputError
from bessemer.core.fleet import Sight
from bessemer.core.frames import Frame


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A sight in scalars.

    Attributes:
        confidence: Mean over the frames of the released network's confidence.
        predicted: The class of the highest mean probability; empty before the first release.
        second: The runner-up.
        margin: Mean probability of the first less that of the second.
        flicker: Share of consecutive frames between which the top class changes.
        novelty: Mean distance to what the works hold.
        disagreement: Half the L1 distance between the mean probabilities of the released network
            and of the candidate: 0 says the same, 1 says wholly else.
        n_frames: Frames met.
        duration_s: Length of the stretch.
        signal: On-board signals by name.
    """

    confidence: float
    predicted: str
    second: str
    margin: float
    flicker: float
    novelty: float
    disagreement: float
    n_frames: int
    duration_s: float
    signal: Mapping[str, float]


def facts_of(sight: Sight) -> Facts:
    """Return the scalars of a sight.

    Args:
        sight: What the vehicle met.

    Returns:
        The facts; what is not known is 0 or empty.

    Raises:
        InputError: If the network speaks of another number of classes than are named.
    """
    released, candidate, classes = sight.released, sight.candidate, sight.classes
    confidence = margin = flicker_frac = disagreement = 0.0
    predicted = second = ""
    if released is not None and len(released.probs):
        mean = released.probs.mean(axis=0)
        if len(mean) != len(classes):
            raise InputError(
                f"The network speaks of {len(mean)} classes, of which {len(classes)} are named.",
                where=sight.stretch.recording_id,
                fix="Give the sight the classes of the released network's signature.",
            )
        order = np.argsort(-mean, kind="stable")
        predicted = classes[order[0]]
        second = classes[order[1]] if len(order) > 1 else ""
        margin = float(mean[order[0]] - (mean[order[1]] if len(order) > 1 else 0.0))
        confidence = float(released.confidence.mean())
        flicker_frac = flicker(released.frames, released.probs)
        if candidate is not None and candidate.probs.shape[1] == len(classes):
            disagreement = float(np.abs(mean - candidate.probs.mean(axis=0)).sum() / 2)
    return Facts(
        confidence=confidence,
        predicted=predicted,
        second=second,
        margin=margin,
        flicker=flicker_frac,
        novelty=float(np.mean(sight.novelty)) if sight.novelty else 0.0,
        disagreement=disagreement,
        n_frames=len(sight.frames),
        duration_s=(sight.stretch.end_ns - sight.stretch.start_ns) / 1e9,
        signal=dict(sight.signals),
    )


def flicker(frames: Sequence[Frame], probs: Float32[np.ndarray, "n c"]) -> float:
    """Return the share of consecutive frames of a stream between which the top class changes.

    Args:
        frames: Where; by stream, then time.
        probs: Class probabilities of each.

    Returns:
        A share in [0, 1]; 0 where no stream has two frames.
    """
    top = probs.argmax(axis=1)
    pairs = [
        bool(top[i] != top[i + 1])
        for i in range(len(frames) - 1)
        if frames[i].stream == frames[i + 1].stream
    ]
    return sum(pairs) / len(pairs) if pairs else 0.0


def picture_signals(pictures: UInt8[np.ndarray, "n h w 3"]) -> tuple[tuple[str, float], ...]:
    """Return the on-board signals that pictures alone give, each the mean over the frames.

    Args:
        pictures: RGB.

    Returns:
        ``blur`` (1 / (1 + variance of the Laplacian of grey values in [0, 255]): near 1 is
        blurred), ``brightness`` and ``contrast`` (mean and standard deviation of grey values in
        [0, 1]), sorted by name.
    """
    weights = np.array([0.299, 0.587, 0.114], dtype=np.float32)
    grey = pictures.astype(np.float32) @ weights
    core = grey[:, 1:-1, 1:-1]
    laplacian = (
        grey[:, :-2, 1:-1] + grey[:, 2:, 1:-1] + grey[:, 1:-1, :-2] + grey[:, 1:-1, 2:] - 4 * core
    )
    sharp = laplacian.var(axis=(1, 2)) if core.size else np.zeros(len(grey))
    return (
        ("blur", float((1.0 / (1.0 + sharp)).mean())),
        ("brightness", float(grey.mean() / 255)),
        ("contrast", float(grey.std(axis=(1, 2)).mean() / 255)),
    )
