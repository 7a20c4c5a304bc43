"""How often each example is drawn."""

from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessemer.train.examples import Examples
from bessemer.train.sampling import draw_chances, draw_pairs, draw_rows, pixel_weights


def examples(targets: list[int], groups: list[int]) -> Examples:
    n = len(targets)
    return Examples(
        pictures=np.zeros((n, 1, 1, 3), np.uint8),
        targets=(np.array(targets),),
        groups=np.array(groups),
        weights=np.ones(n, np.float32),
    )


def test_groups_are_drawn_alike_whatever_their_size() -> None:
    chances = draw_chances(examples([0, 0, 0, 1], [0, 0, 0, 1]), balance=0.0)
    np.testing.assert_allclose(chances, [1 / 6] * 3 + [1 / 2])


def test_classes_are_drawn_alike_when_asked() -> None:
    chances = draw_chances(examples([0, 0, 0, 1, -1], [0, 1, 2, 3, 4]), balance=1.0)
    np.testing.assert_allclose(chances, [1 / 6] * 3 + [1 / 2, 0])


def test_a_weight_decides_how_often() -> None:
    rows = examples([0, 1], [0, 1])
    chances = draw_chances(replace(rows, weights=np.array([1, 0.5], np.float32)), balance=0.5)
    np.testing.assert_allclose(chances, [2 / 3, 1 / 3])


def test_what_only_another_head_speaks_of_is_drawn_too() -> None:
    dense = np.array([[[255]], [[0]], [[255]]], np.uint8)
    rows = replace(examples([0, -1, -1], [0, 1, 2]), targets=(np.array([0, -1, -1]), dense))
    np.testing.assert_allclose(draw_chances(rows, balance=1.0), [0.5, 0.5, 0.0])


def test_rows_follow_their_chances() -> None:
    rows = draw_rows(np.array([0.0, 0.25, 0.75, 0.0]), 4000, np.random.default_rng(0))
    shares = np.bincount(rows, minlength=4) / 4000
    np.testing.assert_allclose(shares, [0, 0.25, 0.75, 0], atol=0.03)


@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.integers(0, 2**31))
def test_pairs_are_two_frames_of_one_group_and_no_group_comes_twice(
    drawn: list[int], seed: int
) -> None:
    groups = np.array(drawn)
    one, other = draw_pairs(groups, 4, np.random.default_rng(seed))
    assert (groups[one] == groups[other]).all()
    assert len(set(groups[one])) == len(one) == min(4, len(set(drawn)))
    for a, b in zip(one, other, strict=True):
        assert a != b or drawn.count(drawn[a]) == 1


@given(st.lists(st.sampled_from([0, 1, 2, 255]), min_size=1), st.floats(0, 1))
def test_pixels_weigh_one_on_average_and_rare_classes_no_less(
    pixels: list[int], balance: float
) -> None:
    column = np.array(pixels, np.uint8)[None, None]
    weights = pixel_weights(column, 4, balance)
    said = column[column != 255]
    if len(said):
        np.testing.assert_allclose(weights[said].mean(), 1, rtol=1e-4)
    assert weights[3] == 1
    counts = np.bincount(said, minlength=4)
    for rare in range(3):
        for common in range(3):
            if 0 < counts[rare] <= counts[common]:
                assert weights[rare] >= weights[common] - 1e-5
