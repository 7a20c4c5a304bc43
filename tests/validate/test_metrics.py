import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.core.ids import RecordingId
from bessemer.validate.metrics import (
    LEAST_PROBABILITY,
    Counts,
    Metric,
    confuse_pixels,
    count_examples,
    count_pixels,
    log_score,
    measure,
    sum_by_truth,
)

CLASSES = ("stop", "yield", "limit")


def examples(seed: int, n: int) -> tuple[list[RecordingId], np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    names = [RecordingId(f"r{i}") for i in rng.integers(0, 7, n)]
    truth = rng.integers(0, 3, n)
    return names, truth, np.where(rng.random(n) < 0.7, truth, rng.integers(0, 3, n))


@settings(deadline=None)
@given(seed=st.integers(0, 999), n=st.integers(1, 60))
def test_metrics_agree_with_scikit_learn(seed: int, n: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    names, truth, predicted = examples(seed, n)
    sums = count_examples(names, truth, predicted, CLASSES).margins().sum(axis=0)
    present = np.unique(truth)
    kwargs = {"labels": present, "average": "macro", "zero_division": 0.0}
    assert measure(sums, Metric.ACCURACY) == pytest.approx(metrics.accuracy_score(truth, predicted))
    assert measure(sums, Metric.MACRO_RECALL) == pytest.approx(
        metrics.recall_score(truth, predicted, **kwargs)
    )
    assert measure(sums, Metric.MIOU) == pytest.approx(
        metrics.jaccard_score(truth, predicted, **kwargs)
    )


@settings(deadline=None)
@given(seed=st.integers(0, 999), n=st.integers(1, 60))
def test_the_likelihood_agrees_with_scikit_learn(seed: int, n: int) -> None:
    metrics = pytest.importorskip("sklearn.metrics")
    names, truth, predicted = examples(seed, n)
    probs = np.random.default_rng(seed).dirichlet(np.ones(3), n).astype(np.float32) * 0.99 + 0.01
    probs /= probs.sum(axis=1, keepdims=True)
    scores = log_score(probs[np.arange(n), truth])
    counts = count_examples(names, truth, predicted, CLASSES, log_scores=scores)
    found = measure(counts.margins().sum(axis=0), Metric.LIKELIHOOD)
    loss = metrics.log_loss(truth, probs, labels=[0, 1, 2])
    assert found == pytest.approx(np.exp(-loss), rel=1e-4)


@given(seed=st.integers(0, 999))
def test_the_likelihood_of_pixels_is_that_of_as_many_examples(seed: int) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 4, (5, 3, 4))
    said = rng.integers(0, 3, truth.shape)
    scores = log_score(rng.random(truth.shape, np.float32))
    pixels = count_pixels(
        [RecordingId(f"r{i % 2}") for i in range(5)],
        np.stack([confuse_pixels(t, s, 3) for t, s in zip(truth, said, strict=True)]),
        CLASSES,
        log_scores=np.stack([sum_by_truth(t, s, 3) for t, s in zip(truth, scores, strict=True)]),
    )
    known = truth.ravel() < 3
    alone = count_examples(
        [RecordingId(f"r{i // 12 % 2}") for i in range(60)],
        np.where(known, truth.ravel(), -1),
        said.ravel(),
        CLASSES,
        log_scores=scores.ravel(),
    )
    np.testing.assert_allclose(pixels.margins(), alone.margins(), rtol=1e-9)


def test_a_network_that_rules_the_truth_out_is_not_scored_endlessly_low() -> None:
    assert log_score(np.zeros(1, np.float32)) == pytest.approx(np.log(LEAST_PROBABILITY))


@given(seed=st.integers(0, 999), cut=st.integers(0, 40))
def test_slices_that_split_the_examples_add_up(seed: int, cut: int) -> None:
    names, truth, predicted = examples(seed, 40)
    inside = np.arange(40) < cut
    whole = count_examples(names, truth, predicted, CLASSES).confusion.sum(axis=0)
    parts = [
        count_examples(names, truth, predicted, CLASSES, inside=mask).confusion.sum(axis=0)
        for mask in (inside, ~inside)
    ]
    assert (whole == sum(parts)).all()


def test_ignored_truths_are_not_scored() -> None:
    counts = count_examples([RecordingId("a")] * 2, np.array([-1, 0]), np.array([0, 0]), CLASSES)
    assert counts.n_examples == 1


def test_a_class_out_of_range_is_an_error() -> None:
    with pytest.raises(InputError, match="outside of the 3 classes"):
        count_examples([RecordingId("a")], np.array([3]), np.array([0]), CLASSES)


def test_counts_refuse_a_recording_named_twice() -> None:
    twice = (RecordingId("a"), RecordingId("a"))
    with pytest.raises(InputError, match="counted twice"):
        Counts(recordings=twice, classes=("x",), confusion=np.ones((2, 1, 1), dtype=np.int64))


def test_pixels_are_summed_by_recording_and_unknown_ones_skipped() -> None:
    truth = np.array([[0, 1], [255, 1]])
    frame = confuse_pixels(truth, np.array([[0, 0], [1, 1]]), 2)
    counts = count_pixels(
        [RecordingId("b"), RecordingId("a"), RecordingId("b")],
        np.stack([frame, frame, frame]),
        ("road", "sky"),
    )
    assert counts.recordings == ("a", "b")
    assert counts.n_examples == 9
    assert measure(counts.margins().sum(axis=0), Metric.IOU, 1) == pytest.approx(0.5)


def test_a_metric_of_one_class_needs_the_class() -> None:
    with pytest.raises(InputError, match="speaks of one class"):
        measure(np.ones((4, 2)), Metric.RECALL)
