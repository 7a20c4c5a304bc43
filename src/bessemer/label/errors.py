"""A search for wrong labels: where what was answered contradicts what everything else says.

A unit's label is judged by three witnesses. Networks that were not trained on the unit speak for
each of its frames, and their word is taken over the whole track, not frame by frame. The labels of
its nearest neighbours in the pinned space vote. And the mistakes that labellers make are learned
from the labels at hand, so that taking one speed limit for another counts as likelier than taking
it for a stop sign.

Source: Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset Labels",
JAIR 2021 (self-confidence, normalised margin, the noise matrix). Differences: evidence is gathered
by track; the noise matrix is fitted by expectation maximisation instead of counted above class
thresholds, which did worse in trials on digits and Fashion-MNIST; neighbours vote beside networks.
Cost: O(t^2 d) time for the neighbours.
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

_LEAST_PROB = 1e-3
"""One frame cannot speak against a class more strongly than this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorSearchConfig:
    """How witnesses are weighed; settled on digits and Fashion-MNIST.

    Attributes:
        neighbours: How many neighbours vote.
        neighbour_weight: The weight of their vote beside the networks' word.
        vote_width: Cosine distance at which a neighbour's vote has fallen to 1/e.
        least_vote: Added to every vote, so that neighbours never rule a class out.
        mistake_weight: How far the learned mistakes count; 1 would be Bayes' rule, 0 not at all.
        assumed_error_frac: Where the learning of mistakes starts.
        prior_labels: Weight of that start, in labels a class.
    """

    neighbours: int = 10
    neighbour_weight: float = 0.5
    vote_width: float = 0.1
    least_vote: float = 0.05
    mistake_weight: float = 0.5
    assumed_error_frac: float = 0.1
    prior_labels: float = 5.0


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
        vote: What the neighbours alone say; zeros where there were no embeddings.
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
    config: ErrorSearchConfig | None = None,
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
    config = config or ErrorSearchConfig()
    _check(labels, probs, groups)
    word = _softmax(_unit_means(np.log(np.clip(probs, _LEAST_PROB, 1.0)), groups))
    vote = np.zeros_like(word)
    evidence = np.log(word)
    if vectors is not None and len(labels) > 1:
        vote = _neighbour_votes(labels, _unit_means(vectors, groups), word.shape[1], config)
        evidence += config.neighbour_weight * np.log(vote + config.least_vote)
    belief = _softmax(evidence)
    mistakes = _learn_mistakes(labels, belief, config)
    return _contradict(labels, belief, mistakes, config, word, vote)


def find_label_errors(
    labels: Int64[np.ndarray, " t"],
    probs: Float32[np.ndarray, "n c"],
    groups: Int64[np.ndarray, " n"],
    classes: Sequence[str],
    vectors: Float32[np.ndarray, "n d"] | None = None,
    config: ErrorSearchConfig | None = None,
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


def _neighbour_votes(
    labels: Int64[np.ndarray, " t"],
    vectors: Float64[np.ndarray, "t d"],
    n_classes: int,
    config: ErrorSearchConfig,
) -> Float64[np.ndarray, "t c"]:
    """Return the share of each class among a unit's neighbours, near ones counting more."""
    norms = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit = vectors / np.maximum(norms, 1e-12)
    k = min(config.neighbours, len(labels) - 1)
    votes = np.zeros((len(labels), n_classes))
    for start in range(0, len(labels), 1024):
        rows = np.arange(start, min(start + 1024, len(labels)))
        cosine = unit[rows] @ unit.T
        cosine[np.arange(len(rows)), rows] = -np.inf
        nearest = np.argsort(-cosine, axis=1, kind="stable")[:, :k]
        near = np.take_along_axis(cosine, nearest, axis=1)
        weight = np.exp((near - near[:, :1]) / config.vote_width)
        np.add.at(votes, (rows[:, None], labels[nearest]), weight)
    return np.asarray(votes / votes.sum(axis=1, keepdims=True), dtype=np.float64)


def _learn_mistakes(
    labels: Int64[np.ndarray, " t"], belief: Float64[np.ndarray, "t c"], config: ErrorSearchConfig
) -> Float64[np.ndarray, "c c"]:
    """Fit how often each class (row) is written down as each other (column)."""
    n_classes = belief.shape[1]
    start = np.full((n_classes, n_classes), config.assumed_error_frac / max(n_classes - 1, 1))
    np.fill_diagonal(start, 1.0 - config.assumed_error_frac)
    given = np.eye(n_classes)[labels]
    mistakes = start
    for _ in range(20):
        posterior = belief * mistakes[:, labels].T
        posterior /= posterior.sum(axis=1, keepdims=True)
        counts = posterior.T @ given + config.prior_labels * start
        mistakes = counts / counts.sum(axis=1, keepdims=True)
    return np.asarray(mistakes, dtype=np.float64)


def _contradict(
    labels: Int64[np.ndarray, " t"],
    belief: Float64[np.ndarray, "t c"],
    mistakes: Float64[np.ndarray, "c c"],
    config: ErrorSearchConfig,
    word: Float64[np.ndarray, "t c"],
    vote: Float64[np.ndarray, "t c"],
) -> LabelScores:
    """Return belief in the best other class less belief in the given one."""
    rows = np.arange(len(labels))
    log_belief = np.log(belief + 1e-12)
    weighed = log_belief + config.mistake_weight * np.log(mistakes[:, labels].T + 1e-4)
    # The given class is not discounted: most labels are right.
    weighed[rows, labels] = log_belief[rows, labels]
    belief = _softmax(weighed)
    others = belief.copy()
    others[rows, labels] = -1.0
    suggested = others.argmax(axis=1)
    score = (others.max(axis=1) if belief.shape[1] > 1 else 0.0) - belief[rows, labels]
    return LabelScores(
        score=np.asarray(score, dtype=np.float64), suggested=suggested, word=word, vote=vote
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


def _softmax(logits: Float64[np.ndarray, "t c"]) -> Float64[np.ndarray, "t c"]:
    """Return probabilities over the second axis."""
    raised = np.exp(logits - logits.max(axis=1, keepdims=True))
    return np.asarray(raised / raised.sum(axis=1, keepdims=True), dtype=np.float64)
