"""Metrics of a network, computed from counts kept per recording.

A bootstrap over recordings needs a metric of every weighted sum of recordings. All metrics here
are functions of four vectors over the classes (hits, truths, predictions, log scores), so that sum
is one matrix product, and the metric is taken of thousands of resamples at once.

The *log score* of an example is the logarithm of the probability that the network gave to the
truth. Answers alone hide a fault until it turns one answer into another; the log score shows it as
soon as the network is less sure of what is true, or surer of what is not. Its mean, raised to a
probability again, is the metric ``likelihood``: the geometric mean of those probabilities.

Source: Good, "Rational Decisions", JRSS B 1952; Gneiting and Raftery, "Strictly Proper Scoring
Rules, Prediction, and Estimation", JASA 2007: no network gains by saying other probabilities than
it believes. Different: a probability counts as :data:`LEAST_PROBABILITY` at least, for one sure and
wrong answer would outweigh all others of its slice.

Shapes: r recordings, n examples, c classes, ``...`` any batch of resamples.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64

from bessemer.core.errors import InputError
from bessemer.core.ids import RecordingId

LEAST_PROBABILITY: Final = 1e-3
"""What a network that rules the truth out is scored with."""


class Metric(StrEnum):
    """What a check measures; all lie in [0, 1] and more is better."""

    ACCURACY = "accuracy"
    MACRO_RECALL = "macro_recall"
    RECALL = "recall"
    PRECISION = "precision"
    MIOU = "miou"
    IOU = "iou"
    LIKELIHOOD = "likelihood"

    @property
    def is_per_class(self) -> bool:
        """Whether the metric speaks of one class."""
        return self in (Metric.RECALL, Metric.PRECISION, Metric.IOU)

    @property
    def is_proportion(self) -> bool:
        """Whether the metric is a share of the examples of a set that the truth alone fixes."""
        return self in (Metric.ACCURACY, Metric.RECALL)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Counts:
    """What a network answered on a slice: one confusion matrix a recording.

    Attributes:
        recordings: The recordings, each once.
        classes: Names of the classes, in the order of both axes.
        confusion: Examples (or pixels) by truth, then prediction.
        log_scores: Sums of the log scores by truth; None where only answers are known, and then
            the likelihood cannot be asked for.
        dense: Whether the counts are pixels. Then recordings are never all right or all wrong,
            and their spread is taken as it is; else no spread is believed to be smaller than one
            recording's worth.
    """

    recordings: tuple[RecordingId, ...]
    classes: tuple[str, ...]
    confusion: Int64[np.ndarray, "r c c"]
    log_scores: Float64[np.ndarray, "r c"] | None = None
    dense: bool = False

    def __post_init__(self) -> None:
        """Check that the axes agree."""
        r, c = len(self.recordings), len(self.classes)
        if self.log_scores is not None and self.log_scores.shape != (r, c):
            raise InputError(
                f"{r} recordings and {c} classes need log scores of shape {(r, c)}, "
                f"not {self.log_scores.shape}.",
                where="Counts",
            )
        if self.confusion.shape != (r, c, c):
            raise InputError(
                f"{r} recordings and {c} classes need counts of shape {(r, c, c)}, "
                f"not {self.confusion.shape}.",
                where="Counts",
                fix="Count with `count_examples` or `count_pixels`.",
            )
        if len(set(self.recordings)) != r:
            raise InputError("A recording is counted twice.", where="Counts", fix="Sum its rows.")

    @property
    def n_examples(self) -> int:
        """Examples or pixels counted."""
        return int(self.confusion.sum())

    def margins(self) -> Float64[np.ndarray, "r 4 c"]:
        """Return each recording's hits, truths, predictions and log scores by class."""
        hits = np.diagonal(self.confusion, axis1=1, axis2=2)
        truths, predictions = self.confusion.sum(axis=2), self.confusion.sum(axis=1)
        scores = np.full(hits.shape, np.nan) if self.log_scores is None else self.log_scores
        return np.stack((hits, truths, predictions, scores), axis=1).astype(np.float64)


def log_score(probability: Float32[np.ndarray, "*n"]) -> Float32[np.ndarray, "*n"]:
    """Return the log scores of truths that were given a probability.

    Args:
        probability: What the network gave to each truth.

    Returns:
        Natural logarithms, none below that of :data:`LEAST_PROBABILITY`.

    Example:
        >>> [f"{x:.2f}" for x in log_score(np.array([1.0, 0.5, 0.0], np.float32))]
        ['0.00', '-0.69', '-6.91']
    """
    return np.asarray(np.log(np.maximum(probability, np.float32(LEAST_PROBABILITY))))


def count_examples(
    recordings: Sequence[RecordingId],
    truth: Int64[np.ndarray, " n"],
    predicted: Int64[np.ndarray, " n"],
    classes: tuple[str, ...],
    *,
    log_scores: Float32[np.ndarray, " n"] | None = None,
    inside: Bool[np.ndarray, " n"] | None = None,
) -> Counts:
    """Return the confusion of each recording over its examples.

    Args:
        recordings: The recording of each example.
        truth: True class indices; negative ones are not scored.
        predicted: Predicted class indices.
        classes: Names of the classes.
        log_scores: See :func:`log_score`; None where only answers are known.
        inside: The examples of the slice; all where None.

    Returns:
        Counts over the recordings that have an example in the slice, sorted by id.

    Raises:
        InputError: If lengths differ or an index is beyond the classes.

    Example:
        >>> ids = [RecordingId("a"), RecordingId("a"), RecordingId("b")]
        >>> counts = count_examples(ids, np.array([0, 1, 1]), np.array([0, 0, 1]), ("x", "y"))
        >>> float(measure(counts.margins().sum(axis=0), Metric.RECALL, 1))
        0.5
    """
    n, c = len(recordings), len(classes)
    if truth.shape != (n,) or predicted.shape != (n,):
        raise InputError(
            f"{n} examples need as many truths and predictions, "
            f"not {truth.shape} and {predicted.shape}.",
            where="count_examples",
        )
    if n and (max(truth.max(), predicted.max()) >= c or predicted.min() < 0):
        raise InputError(
            f"A class index is outside of the {c} classes.",
            where="count_examples",
            fix="Score with the ontology the network was trained for.",
        )
    kept = truth >= 0 if inside is None else (truth >= 0) & inside
    names, rows = np.unique(
        np.asarray(recordings, dtype=object)[kept].astype(str), return_inverse=True
    )
    confusion = np.zeros((len(names), c, c), dtype=np.int64)
    np.add.at(confusion, (rows, truth[kept], predicted[kept]), 1)
    scores = None
    if log_scores is not None:
        scores = np.zeros((len(names), c))
        np.add.at(scores, (rows, truth[kept]), log_scores[kept])
    return Counts(
        recordings=tuple(RecordingId(str(name)) for name in names),
        classes=classes,
        confusion=confusion,
        log_scores=scores,
    )


def count_pixels(
    recordings: Sequence[RecordingId],
    confusion: Int64[np.ndarray, "n c c"],
    classes: tuple[str, ...],
    *,
    log_scores: Float64[np.ndarray, "n c"] | None = None,
    inside: Bool[np.ndarray, " n"] | None = None,
) -> Counts:
    """Return the confusion of each recording, summed over the confusions of its frames.

    Args:
        recordings: The recording of each frame.
        confusion: Pixels of each frame by truth and prediction; see :func:`confuse_pixels`.
        classes: Names of the classes.
        log_scores: Sums over each frame's pixels by truth; see :func:`sum_by_truth`.
        inside: The frames of the slice; all where None.

    Returns:
        Counts over the recordings that have a frame in the slice, sorted by id.

    Raises:
        InputError: If lengths differ.
    """
    if len(recordings) != len(confusion):
        raise InputError(
            f"{len(recordings)} frames need as many confusions, not {len(confusion)}.",
            where="count_pixels",
        )
    kept = np.ones(len(recordings), dtype=bool) if inside is None else inside
    names, rows = np.unique(
        np.asarray(recordings, dtype=object)[kept].astype(str), return_inverse=True
    )
    total = np.zeros((len(names), *confusion.shape[1:]), dtype=np.int64)
    np.add.at(total, rows, confusion[kept])
    scores = None
    if log_scores is not None:
        scores = np.zeros((len(names), len(classes)))
        np.add.at(scores, rows, log_scores[kept])
    return Counts(
        recordings=tuple(RecordingId(str(name)) for name in names),
        classes=classes,
        confusion=total,
        log_scores=scores,
        dense=True,
    )


def confuse_pixels(
    truth: Int64[np.ndarray, "h w"], predicted: Int64[np.ndarray, "h w"], n_classes: int
) -> Int64[np.ndarray, "c c"]:
    """Return one frame's pixels by truth and prediction; truths beyond the classes are skipped.

    Args:
        truth: True class of each pixel; negative, or at least ``n_classes``, where unknown.
        predicted: Predicted class of each pixel, below ``n_classes``.
        n_classes: How many classes there are.

    Returns:
        Counts by truth, then prediction.
    """
    known = (truth >= 0) & (truth < n_classes)
    flat = truth[known].astype(np.int64) * n_classes + predicted[known].astype(np.int64)
    return np.bincount(flat, minlength=n_classes**2).reshape(n_classes, n_classes).astype(np.int64)


def sum_by_truth(
    truth: Int64[np.ndarray, "h w"], log_scores: Float32[np.ndarray, "h w"], n_classes: int
) -> Float64[np.ndarray, " c"]:
    """Return one frame's log scores summed by truth; truths beyond the classes are skipped.

    Args:
        truth: True class of each pixel; negative, or at least ``n_classes``, where unknown.
        log_scores: Of each pixel.
        n_classes: How many classes there are.

    Returns:
        Sums by truth.
    """
    known = (truth >= 0) & (truth < n_classes)
    return np.bincount(truth[known], weights=log_scores[known], minlength=n_classes)


def measure(
    margins: Float64[np.ndarray, "*b 4 c"], metric: Metric, class_index: int | None = None
) -> Float64[np.ndarray, "*b"]:
    """Return a metric of summed counts; NaN where it is not defined (no example at all).

    Means over classes are taken over the classes that the truth contains.

    Args:
        margins: Sums over recordings of :meth:`Counts.margins`.
        metric: What to measure.
        class_index: The class, for a metric of one class.

    Returns:
        One number for each sum.
    """
    hits, truths, predictions, scores = np.moveaxis(margins, -2, 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        if metric is Metric.ACCURACY:
            return np.asarray(hits.sum(axis=-1) / truths.sum(axis=-1))
        if metric is Metric.LIKELIHOOD:
            return np.asarray(np.exp(scores.sum(axis=-1) / truths.sum(axis=-1)))
        if metric in (Metric.RECALL, Metric.MACRO_RECALL):
            by_class = hits / truths
        elif metric is Metric.PRECISION:
            by_class = hits / predictions
        else:
            by_class = hits / (truths + predictions - hits)
        if metric.is_per_class:
            if class_index is None:
                raise InputError(f"{metric} speaks of one class.", where="measure", fix="Name it.")
            return np.asarray(by_class[..., class_index])
        present = truths > 0
        total = np.where(present, by_class, 0.0).sum(axis=-1)
        return np.asarray(total / present.sum(axis=-1))
