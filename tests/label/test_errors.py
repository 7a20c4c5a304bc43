"""Laws of the error search: planted errors come first, order and relabelling change nothing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.label.errors import find_label_errors, request_again, score_labels
from bessemer.label.folds import fold_of_groups, predict_out_of_sample
from tests.label.truths import SIGN, frame_at, unit_of

CLASSES = SIGN.classes
N_UNITS, N_FRAMES = 120, 5


def planted(seed: int = 0, n_wrong: int = 12) -> tuple[np.ndarray, ...]:
    """Units of four classes with networks that are mostly right; some labels are wrong."""
    rng = np.random.default_rng(seed)
    truth = np.arange(N_UNITS) % 4
    labels = truth.copy()
    wrong = rng.choice(N_UNITS, n_wrong, replace=False)
    labels[wrong] = labels[wrong] ^ 1  # stop for yield, speed 30 for speed 50
    groups = np.repeat(np.arange(N_UNITS), N_FRAMES)
    logits = 2.0 * np.eye(4)[truth[groups]] + rng.normal(0, 1.0, (len(groups), 4))
    probs = np.exp(logits) / np.exp(logits).sum(1, keepdims=True)
    vectors = np.eye(4)[truth[groups]] + rng.normal(0, 0.3, (len(groups), 4))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return labels, truth, groups, probs.astype(np.float32), vectors.astype(np.float32)


def test_planted_errors_come_first_with_their_class_and_a_reason() -> None:
    labels, truth, groups, probs, vectors = planted()
    suspects = find_label_errors(labels, probs, groups, CLASSES, vectors)
    wrong = set(np.flatnonzero(labels != truth).tolist())
    first = suspects[: len(wrong)]
    assert len({s.unit for s in first} & wrong) >= len(wrong) - 1
    hit = next(s for s in first if s.unit in wrong)
    assert hit.suggested == CLASSES[truth[hit.unit]]
    assert hit.given == CLASSES[labels[hit.unit]]
    assert "over 5 frames" in hit.reason
    assert "neighbours" in hit.reason
    assert [s.score for s in suspects] == sorted((s.score for s in suspects), reverse=True)


def test_neighbours_help() -> None:
    def found(seed: int, with_vectors: bool) -> int:
        labels, truth, groups, probs, vectors = planted(seed)
        weak = (probs + 0.6) / (probs + 0.6).sum(axis=1, keepdims=True)
        scores = score_labels(
            labels, weak.astype(np.float32), groups, vectors if with_vectors else None
        )
        return int((labels != truth)[np.argsort(-scores.score)[:12]].sum())

    seeds = range(6)
    assert sum(found(s, True) for s in seeds) >= sum(found(s, False) for s in seeds)


@settings(max_examples=20)
@given(seed=st.integers(0, 50))
def test_the_order_of_frames_and_the_names_of_classes_change_nothing(seed: int) -> None:
    labels, _, groups, probs, vectors = planted(seed)
    scores = score_labels(labels, probs, groups, vectors).score
    rng = np.random.default_rng(seed)
    shuffled = rng.permutation(len(groups))
    again = score_labels(labels, probs[shuffled], groups[shuffled], vectors[shuffled]).score
    np.testing.assert_allclose(scores, again, atol=1e-6)
    renamed = rng.permutation(4)
    other = score_labels(renamed[labels], probs[:, np.argsort(renamed)], groups, vectors).score
    np.testing.assert_allclose(scores, other, atol=1e-6)


def test_a_budget_is_spent_on_the_most_suspect() -> None:
    labels, _, groups, probs, _ = planted()
    suspects = find_label_errors(labels, probs, groups, CLASSES, above=-1.0)
    assert len(suspects) == N_UNITS
    units = [unit_of(str(i)) for i in range(N_UNITS)]
    frames = [frame_at(str(i), 0) for i in range(N_UNITS)]
    requests = request_again(suspects, units, frames, SIGN.task, budget=7)
    assert [r.unit for r in requests] == [units[s.unit] for s in suspects[:7]]
    assert suspects[0].reason in requests[0].reason
    assert request_again(suspects, units, frames, SIGN.task, budget=0) == ()


def test_units_without_frames_and_labels_that_are_no_classes_are_refused() -> None:
    labels, _, groups, probs, _ = planted()
    with pytest.raises(InputError, match="no frame"):
        score_labels(np.append(labels, 0), probs, groups)
    with pytest.raises(InputError, match="0 to 3"):
        score_labels(np.where(labels == 0, -1, labels), probs, groups)


@given(
    groups=st.lists(st.integers(0, 9), min_size=20, max_size=60),
    n_folds=st.integers(2, 4),
    seed=st.integers(0, 9),
)
def test_no_network_judges_a_group_that_it_saw(groups: list[int], n_folds: int, seed: int) -> None:
    rows = np.array([*groups, 0, 1, 2, 3])
    seen: list[int] = []

    def fit_predict(train: np.ndarray, held: np.ndarray) -> np.ndarray:
        assert not set(rows[train]) & set(rows[held])
        assert len(train) + len(held) == len(rows)
        seen.extend(held.tolist())
        return np.stack([held, held], axis=1).astype(np.float32)

    probs = predict_out_of_sample(rows, n_folds, seed, fit_predict)
    assert sorted(seen) == list(range(len(rows)))
    np.testing.assert_array_equal(probs[:, 0], np.arange(len(rows)))
    assert set(fold_of_groups(rows, n_folds, seed)) == set(range(n_folds))


def test_more_folds_than_groups_are_refused() -> None:
    with pytest.raises(InputError, match="2 groups cannot be cut into 3"):
        fold_of_groups(np.array([0, 0, 1]), 3, 0)
