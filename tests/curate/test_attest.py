"""Large, accurate, diverse: laws of what is measured of a set of labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.curate.attest import (
    AttestConfig,
    Spread,
    extend_spread,
    nothing_spread,
)
from bessemer.curate.duplicates import DuplicatesConfig, find_duplicates

ANGLES = st.lists(st.integers(0, 359), max_size=25)
CONFIG = AttestConfig(duplicate_cosine=0.99, reach_cosine=0.9)


def directions(degrees: list[int]) -> np.ndarray:
    angles = np.deg2rad(np.array(degrees, dtype=np.float64))
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def measured(units: np.ndarray, reference: np.ndarray) -> Spread:
    nothing = np.empty((0, 2), np.float32)
    return extend_spread(nothing_spread(len(reference)), nothing, units, reference, CONFIG)


@given(ANGLES, ANGLES, ANGLES)
def test_what_grows_measures_like_what_is_measured_at_once(
    first: list[int], then: list[int], world: list[int]
) -> None:
    a, b, reference = directions(first), directions(then), directions(world)
    grown = extend_spread(measured(a, reference), a, b, reference, CONFIG)
    whole = measured(np.concatenate([a, b]), reference)
    assert grown.like_counts.tolist() == whole.like_counts.tolist()
    assert grown.covered.tolist() == whole.covered.tolist()
    assert grown.effective_size == whole.effective_size


@given(ANGLES, ANGLES)
def test_the_effective_size_is_that_of_near_duplicates(units: list[int], world: list[int]) -> None:
    points = directions(units)
    found = find_duplicates(points, DuplicatesConfig(cosine=0.99))
    spread = measured(points, directions(world))
    assert spread.like_counts.tolist() == found.like_counts.tolist()
    assert spread.effective_size == pytest.approx(found.effective_size)


@given(ANGLES, st.randoms())
def test_the_order_of_the_units_changes_no_number(units: list[int], random: object) -> None:
    shuffled = list(units)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    world = directions([0, 90, 180, 270])
    one, other = measured(directions(units), world), measured(directions(shuffled), world)
    assert one.effective_size == other.effective_size
    assert one.covered.tolist() == other.covered.tolist()


@given(ANGLES, ANGLES, ANGLES)
def test_more_labels_never_cover_less(a: list[int], b: list[int], world: list[int]) -> None:
    reference = directions(world)
    less, more = measured(directions(a), reference), measured(directions(a + b), reference)
    assert (more.covered >= less.covered).all()


def test_everything_labelled_covers_everything() -> None:
    world = directions(list(range(0, 360, 7)))
    assert measured(world, world).covered.all()
    assert not measured(world[:0], world).covered.any()


def test_a_spread_of_other_units_is_refused() -> None:
    world = directions([0, 90])
    with pytest.raises(InputError, match="does not belong"):
        extend_spread(nothing_spread(2), world, world, world)


@pytest.mark.parametrize("bound", [0.0, -0.5, 1.5])
def test_an_impossible_bound_is_refused(bound: float) -> None:
    with pytest.raises(InputError, match="reach_cosine"):
        AttestConfig(reach_cosine=bound)
