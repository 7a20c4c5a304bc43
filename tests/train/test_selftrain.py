"""Weak labels: whole recordings, sure and agreed, or nothing."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.train.selftrain import SelfTrainConfig, believe, with_weak_labels
from tests.train.colours import colours

CONFIG = SelfTrainConfig(confidence_at_least=0.6, agreement_at_least=0.7)


@given(st.lists(st.tuples(st.floats(0, 1, width=32), st.integers(0, 3)), min_size=1, max_size=20))
def test_a_recording_has_one_class_or_none_whatever_the_order(
    rows: list[tuple[float, int]],
) -> None:
    first = np.array([p for p, _ in rows], np.float32)
    probs, groups = np.stack([first, 1 - first], axis=1), np.array([g for _, g in rows])
    weak = believe(probs, groups, CONFIG)
    for group in set(groups.tolist()):
        assert len(set(weak.targets[groups == group].tolist())) == 1
    assert weak.n_groups == len(set(groups[weak.targets >= 0].tolist()))
    assert (weak.confidence[weak.targets >= 0] >= 0.6).all()
    turned = believe(probs[::-1].copy(), groups[::-1].copy(), CONFIG)
    assert (turned.targets[::-1] == weak.targets).all()


def test_frames_that_disagree_are_not_believed_however_sure() -> None:
    probs = np.array([[1, 0], [1, 0], [0, 1]], np.float32)
    assert believe(probs, np.zeros(3, np.int64), CONFIG).n_groups == 0


def test_the_surest_of_a_class_are_kept() -> None:
    probs = np.array([[0.7, 0.3], [0.9, 0.1], [0.1, 0.9]], np.float32)
    weak = believe(probs, np.arange(3), replace(CONFIG, per_class=1))
    assert weak.targets.tolist() == [-1, 0, 1]


def test_weak_labels_stand_behind_paid_ones_and_weigh_less() -> None:
    paid = colours(6)
    more = colours(6, seed=1)
    probs = np.eye(3, dtype=np.float32)[np.array([0, 0, 0, 1, 1, 1])]
    groups = more.groups + 100
    weak = believe(probs, groups, CONFIG)
    joined = with_weak_labels(paid, more.pictures, groups, weak, CONFIG)
    assert joined.targets[0].tolist() == [*paid.targets[0].tolist(), 0, 0, 0, 1, 1, 1]
    assert joined.weights.tolist() == [1.0] * 6 + [0.5] * 6
    with pytest.raises(InputError, match="weak label"):
        with_weak_labels(paid, more.pictures, more.groups, weak, CONFIG)


def test_nothing_unlabelled_is_nothing_believed() -> None:
    weak = believe(np.zeros((0, 3), np.float32), np.zeros(0, np.int64), CONFIG)
    assert (weak.n_groups, len(weak.targets)) == (0, 0)
