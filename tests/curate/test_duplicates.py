"""Near-duplicates count once."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.curate.duplicates import DuplicatesConfig, find_duplicates


def directions(angles_rad: list[float]) -> np.ndarray:
    angles = np.array(angles_rad)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


@given(st.lists(st.floats(0, 6.28), min_size=1, max_size=30), st.integers(1, 7))
def test_the_size_of_a_block_changes_nothing(angles: list[float], rows: int) -> None:
    points = directions(angles)
    whole = find_duplicates(points, DuplicatesConfig(cosine=0.99))
    parts = find_duplicates(points, DuplicatesConfig(cosine=0.99, block_rows=rows))
    assert whole.groups.tolist() == parts.groups.tolist()
    assert whole.like_counts.tolist() == parts.like_counts.tolist()


@given(st.lists(st.floats(0, 6.28), min_size=1, max_size=20), st.integers(2, 4))
def test_copies_add_nothing_to_the_effective_size(angles: list[float], copies: int) -> None:
    points = directions(angles)
    once = find_duplicates(points).effective_size
    assert find_duplicates(np.repeat(points, copies, axis=0)).effective_size == pytest.approx(once)


def test_a_chain_is_one_group_but_not_one_unit() -> None:
    chain = find_duplicates(directions([0.1 * i for i in range(20)]), DuplicatesConfig(cosine=0.99))
    assert chain.group_count == 1
    assert 5 < chain.effective_size < 20


def test_a_group_is_named_by_its_earliest_unit() -> None:
    groups = find_duplicates(directions([0.0, 1.0, 2.0, 1.0, 0.0])).groups
    assert groups.tolist() == [0, 1, 2, 1, 0]


def test_nothing_has_no_size() -> None:
    empty = find_duplicates(np.zeros((0, 2), np.float32))
    assert (empty.effective_size, empty.duplicate_frac) == (0.0, 0.0)


def test_an_impossible_threshold_is_refused() -> None:
    with pytest.raises(InputError, match=r"cosine=1\.5"):
        DuplicatesConfig(cosine=1.5)
