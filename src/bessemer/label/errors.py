"""A search for wrong labels: where what was answered contradicts what everything else says.

A unit's label is judged by three witnesses. Networks that were not trained on the unit speak for
each of its frames, and their word is taken over the whole track, not frame by frame. Two
neighbourhoods speak: the labels of units of which the networks say the same, and of units that look
the same in the pinned space. How far each is trusted, and which mistakes labellers make, is fitted
to the labels at hand: taking one speed limit for another then counts as likelier than taking it for
a stop sign.

Source: Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels",
JAIR 2021 (normalised margin, the noise matrix). Differences: the margin is taken of the posterior;
evidence is gathered by track; the noise matrix is fitted by expectation maximisation instead of
counted above class thresholds; neighbourhoods speak beside networks.
Cost: O(t m^2) time for m landmarks of the neighbourhoods.
Shapes: n frames, t units, c classes, d embedding size.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int64

from bessemer.core.errors import InputError
from bessemer.core.frames import Frame
from bessemer.core.ids import TaskName
from bessemer.core.labelling import LabelRequest
from bessemer.core.records import Stretch
from bessemer.label.witnesses import WitnessConfig, account_for, ask_neighbourhood, softmax

_LEAST_PROB = 1e-3
"""One frame cannot speak against a class more strongly than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Suspect:
    """A label that is probably wrong.

    Attributes:
        unit: Its row among the labels.
        given: The class it carries.
        suggested: The class the witnesses name.
        score: In [-1, 1]; above 0 the witnesses are for the other class.
        reason: Why, in words with numbers.
    """

    unit: int
    given: str
    suggested: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LabelScores:
    """How suspect each label is.

    Attributes:
        score: In [-1, 1]; higher is more suspect.
        suggested: The likeliest other class.
        word: What the networks alone say of each unit.
        vote: What its neighbours in the pinned space say; zeros where there were no embeddings.
    """

    score: Float64[np.ndarray, " t"]
    suggested: Int64[np.ndarray, " t"]
    word: Float64[np.ndarray, "t c"]
    vote: Float64[np.ndarray, "t c"]


def score_labels(
    labels: Int64[np.ndarray, " t"],
    probs: Float32[np.ndarray, "n c"],
    groups: Int64[np.ndarray, " n"],
    vectors: Float32[np.ndarray, "n d"] | None = None,
    config: WitnessConfig | None = None,
) -> LabelScores:
    """Score every label by how much its witnesses contradict it.

    Args:
        labels: The class given to each unit.
        probs: Out-of-sample class probabilities of frames.
        groups: The unit of each frame; every unit has at least one.
        vectors: Frames in the pinned space, unit norm; None leaves the neighbours out.
        config: How witnesses are weighed.

    Returns:
        One score a unit.

    Raises:
        InputError: If units have no frames, or labels are no classes.
    """
    config = config or WitnessConfig()
    _check(labels, probs, groups)
    n_classes = probs.shape[1]
    word = _unit_means(np.log(np.clip(probs, _LEAST_PROB, 1.0)), groups)
    alike = word - word.mean(axis=1, keepdims=True)
    neighbourhoods = [ask_neighbourhood(labels, alike, n_classes, config)]
    vote = np.zeros_like(word)
    if vectors is not None:
        near = ask_neighbourhood(labels, _unit_means(vectors, groups), n_classes, config)
        neighbourhoods.append(near)
        vote = np.maximum(near, 0.0)
        vote /= np.maximum(vote.sum(axis=1, keepdims=True), 1e-12)
    posterior = account_for(labels, word, neighbourhoods, config).posterior
    rows = np.arange(len(labels))
    others = posterior.copy()
    others[rows, labels] = -1.0
    # Where there is but one class, nothing speaks for another.
    margin = np.maximum(others.max(axis=1) - posterior[rows, labels], -1.0)
    return LabelScores(score=margin, suggested=others.argmax(axis=1), word=softmax(word), vote=vote)


def find_label_errors(
    labels: Int64[np.ndarray, " t"],
    probs: Float32[np.ndarray, "n c"],
    groups: Int64[np.ndarray, " n"],
    classes: Sequence[str],
    vectors: Float32[np.ndarray, "n d"] | None = None,
    config: WitnessConfig | None = None,
    above: float = 0.0,
) -> tuple[Suspect, ...]:
    """Return the labels that are probably wrong, the most suspect first.

    Args:
        labels: The class given to each unit.
        probs: Out-of-sample class probabilities of frames.
        groups: The unit of each frame.
        classes: Names of the classes.
        vectors: Frames in the pinned space, or None.
        config: How witnesses are weighed.
        above: Suspects score more than this; -1 returns every unit.

    Returns:
        Suspects; ties go to the earlier unit.
    """
    scores = score_labels(labels, probs, groups, vectors, config)
    frames = np.bincount(groups, minlength=len(labels))
    ranked = np.argsort(-scores.score, kind="stable")
    return tuple(
        _suspect(int(unit), labels, scores, classes, int(frames[unit]))
        for unit in ranked
        if scores.score[unit] > above or above <= -1.0
    )


def request_again(
    suspects: Sequence[Suspect],
    units: Sequence[Stretch],
    frames: Sequence[Frame],
    task: TaskName,
    budget: int,
    price: float = 1.0,
) -> tuple[LabelRequest, ...]:
    """Spend a re-label budget on the most suspect labels.

    Args:
        suspects: The most suspect first.
        units: Every unit that was judged, by row.
        frames: The frame of each unit to look at.
        task: The task.
        budget: The most requests.
        price: Of each.

    Returns:
        At most ``budget`` requests, in the order of the suspects.
    """
    return tuple(
        LabelRequest(
            unit=units[suspect.unit],
            task=task,
            frame=frames[suspect.unit],
            reason=f"perhaps wrong: {suspect.reason}",
            price=price,
        )
        for suspect in suspects[: max(budget, 0)]
    )


def _suspect(
    unit: int,
    labels: Int64[np.ndarray, " t"],
    scores: LabelScores,
    classes: Sequence[str],
    n_frames: int,
) -> Suspect:
    """Return one unit as a suspect, with its reason."""
    given, suggested = int(labels[unit]), int(scores.suggested[unit])
    reason = (
        f"labelled {classes[given]}, but over {n_frames} frames networks that never saw it say "
        f"{classes[suggested]} ({scores.word[unit, suggested]:.2f} against "
        f"{scores.word[unit, given]:.2f})"
    )
    if scores.vote.any():
        reason += (
            f"; of its neighbours' votes {scores.vote[unit, suggested]:.0%} are for "
            f"{classes[suggested]}, {scores.vote[unit, given]:.0%} for {classes[given]}"
        )
    return Suspect(
        unit=unit,
        given=classes[given],
        suggested=classes[suggested],
        score=float(scores.score[unit]),
        reason=reason,
    )


def _check(
    labels: Int64[np.ndarray, " t"],
    probs: Float32[np.ndarray, "n c"],
    groups: Int64[np.ndarray, " n"],
) -> None:
    """Check that every unit has frames and a label that is a class."""
    n_classes = probs.shape[1]
    if len(labels) and (labels.min() < 0 or labels.max() >= n_classes):
        raise InputError(
            f"Labels are class indices from 0 to {n_classes - 1}.",
            where="labels",
            fix="Leave out units of ignored classes.",
        )
    if len(groups) and (groups.min() < 0 or groups.max() >= len(labels)):
        raise InputError("A frame belongs to no unit.", where="groups", fix="Number the units.")
    empty = np.flatnonzero(np.bincount(groups, minlength=len(labels)) == 0)
    if len(empty):
        raise InputError(
            f"{len(empty)} units have no frame.", where=f"unit {empty[0]}", fix="Leave them out."
        )


def _unit_means(
    values: Float32[np.ndarray, "n k"], groups: Int64[np.ndarray, " n"]
) -> Float64[np.ndarray, "t k"]:
    """Return the mean of each unit's rows."""
    counts = np.bincount(groups)
    sums = np.zeros((len(counts), values.shape[1]))
    np.add.at(sums, groups, values.astype(np.float64))
    return np.asarray(sums / counts[:, None], dtype=np.float64)
