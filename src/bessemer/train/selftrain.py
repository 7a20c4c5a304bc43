"""Self-training: what a network is sure of, over a whole recording, becomes a weak label.

A network's mistakes on single frames are often sure of themselves; that all frames of a track
agree is the stronger evidence. The rule is the same whoever chose the labels that were paid for.

Cost: O(n c) time, O(r c) memory.      Shapes: n frames, c classes, r recordings.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64, UInt8

from bessemer.core.errors import InputError
from bessemer.train.examples import Examples


@dataclass(frozen=True, slots=True, kw_only=True)
class SelfTrainConfig:
    """When a recording is believed.

    Attributes:
        rounds: How often a network is trained anew with what the one before it is sure of.
        confidence_at_least: Mean probability of the class over the recording's frames.
        agreement_at_least: Share of the frames whose most likely class it is.
        weight: How often a weak label is drawn, beside 1 for one that was paid for.
        per_class: The most recordings believed a class, surest first; 0 for no limit.
    """

    rounds: int = 1
    confidence_at_least: float = 0.8
    agreement_at_least: float = 0.9
    weight: float = 0.5
    per_class: int = 0

    def __post_init__(self) -> None:
        """Check ranges."""
        shares = (self.confidence_at_least, self.agreement_at_least, self.weight)
        if min(shares) < 0 or max(shares) > 1 or self.per_class < 0 or self.rounds < 1:
            raise InputError(
                "Thresholds and the weight lie in [0, 1], and there is a round.",
                where="SelfTrainConfig",
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class WeakLabels:
    """What was believed.

    Attributes:
        targets: The class of each frame, -1 where its recording was not believed.
        confidence: Mean probability of that class over the recording; 0 where not believed.
        n_groups: Recordings believed.
    """

    targets: Int64[np.ndarray, " n"]
    confidence: Float32[np.ndarray, " n"]
    n_groups: int


def believe(
    probs: Float32[np.ndarray, "n c"], groups: Int64[np.ndarray, " n"], config: SelfTrainConfig
) -> WeakLabels:
    """Return weak labels for the recordings whose frames agree and are sure.

    Args:
        probs: Class probabilities of frames without a label.
        groups: The recording of each.
        config: When to believe.

    Returns:
        One class for all frames of a recording, or none.

    Example:
        >>> probs = np.array([[0.9, 0.1], [0.8, 0.2], [0.9, 0.1], [0.2, 0.8]], np.float32)
        >>> believe(probs, np.array([0, 0, 1, 1]), SelfTrainConfig()).targets.tolist()
        [0, 0, -1, -1]
    """
    if not len(probs):
        empty = np.zeros(0, np.int64)
        return WeakLabels(targets=empty, confidence=np.zeros(0, np.float32), n_groups=0)
    _, group = np.unique(groups, return_inverse=True)
    n_groups, n_classes = int(group.max()) + 1, probs.shape[1]
    sizes = np.bincount(group, minlength=n_groups)
    sums = np.zeros((n_groups, n_classes))
    np.add.at(sums, group, probs)
    means = sums / sizes[:, None]
    guess = means.argmax(axis=1)
    agree = np.bincount(group, weights=probs.argmax(axis=1) == guess[group]) / sizes
    sure = means.max(axis=1)
    believed = (sure >= config.confidence_at_least) & (agree >= config.agreement_at_least)
    if config.per_class:
        believed &= _surest(sure, np.where(believed, guess, -1), config.per_class)
    kept = believed[group]
    return WeakLabels(
        targets=np.where(kept, guess[group], -1).astype(np.int64),
        confidence=np.where(kept, sure[group], 0).astype(np.float32),
        n_groups=int(believed.sum()),
    )


def with_weak_labels(
    examples: Examples,
    pictures: UInt8[np.ndarray, "m h w 3"],
    groups: Int64[np.ndarray, " m"],
    weak: WeakLabels,
    config: SelfTrainConfig,
) -> Examples:
    """Return examples of a classifying task with weakly labelled ones behind them.

    Args:
        examples: What was paid for.
        pictures: Of the frames that ``weak`` speaks of.
        groups: The recording of each; none of them among the examples'.
        weak: What is believed of them.
        config: Its weight.

    Returns:
        Both.

    Raises:
        InputError: If there is more than one head, or a recording stands on both sides.
    """
    if len(examples.targets) != 1 or examples.targets[0].ndim != 1:
        raise InputError("Weak labels are of one head that classifies.", where="with_weak_labels")
    if np.isin(groups, examples.groups).any():
        raise InputError(
            "A recording has a label and a weak label.",
            where="with_weak_labels",
            fix="Number the recordings of both together.",
        )
    kept = weak.targets >= 0
    weights = np.full(int(kept.sum()), config.weight, np.float32)
    return Examples(
        pictures=np.concatenate([examples.pictures, pictures[kept]]),
        targets=(np.concatenate([examples.targets[0], weak.targets[kept]]),),
        groups=np.concatenate([examples.groups, groups[kept]]),
        weights=np.concatenate([examples.weights, weights]),
    )


def _surest(
    sure: Float64[np.ndarray, " r"], guess: Int64[np.ndarray, " r"], limit: int
) -> Bool[np.ndarray, " r"]:
    """Return which recordings are among the ``limit`` surest of their class; ties go to earlier."""
    order = np.lexsort((np.arange(len(sure)), -sure, guess))
    starts = np.searchsorted(guess[order], guess[order], side="left")
    among = np.zeros(len(sure), dtype=bool)
    among[order] = np.arange(len(sure)) - starts < limit
    return among
