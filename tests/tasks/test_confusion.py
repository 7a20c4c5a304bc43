"""Confusion counts against their definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.tasks.confusion import confusion, confusion_by_group

rows = st.lists(
    st.tuples(st.sampled_from([-1, 0, 1, 2, 255]), st.integers(0, 2), st.integers(0, 1)),
    min_size=1,
)


@given(rows)
def test_counts_are_those_of_a_plain_loop_and_groups_add_up(
    table: list[tuple[int, int, int]],
) -> None:
    targets, predicted, groups = (np.array(column) for column in zip(*table, strict=True))
    expected = np.zeros((2, 3, 3), np.int64)
    for target, guess, group in table:
        if 0 <= target < 3:
            expected[group, target, guess] += 1
    counts = confusion_by_group(targets, predicted, groups, 2, 3)
    assert (counts == expected).all()
    assert (confusion(targets, predicted, 3) == expected.sum(0)).all()


def test_dense_maps_count_pixels_of_their_frames_group() -> None:
    targets = np.array([[[0, 255]], [[1, 1]]], np.uint8)
    predicted = np.array([[[0, 0]], [[0, 1]]], np.int64)
    counts = confusion_by_group(targets, predicted, np.array([1, 0]), 2, 2)
    assert counts.tolist() == [[[0, 0], [1, 1]], [[1, 0], [0, 0]]]


def test_a_prediction_out_of_range_is_an_error() -> None:
    with pytest.raises(InputError, match="prediction"):
        confusion(np.array([0]), np.array([3]), 3)
