"""Balance: laws of how evenly classes and recordings' attributes are served."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.curate.balance import balance_attributes, balance_of

WEATHER = st.lists(st.sampled_from(["sun", "rain", "fog"]), max_size=30)


@given(st.lists(st.floats(0, 100), min_size=2, max_size=12))
def test_balance_lies_between_one_class_and_all_alike(mass: list[float]) -> None:
    classes, balance = balance_of(mass)
    assert 0.0 <= balance <= 1.0 + 1e-9
    assert classes <= np.count_nonzero(mass) + 1e-6


def test_all_alike_is_full_balance_and_one_class_is_none() -> None:
    assert balance_of([3.0] * 5) == (5.0, 1.0)
    assert balance_of([3.0, 0.0, 0.0]) == (1.0, 0.0)
    assert balance_of([0.0, 0.0]) == (0.0, 0.0)


@given(WEATHER, WEATHER, st.randoms())
def test_balance_of_an_attribute_is_that_of_its_counts_in_any_order(
    labelled: list[str], world: list[str], random: object
) -> None:
    facts, all_facts = ([{"weather": w} for w in some] for some in (labelled, world))
    found = balance_attributes(facts, all_facts)
    kinds = sorted({*labelled, *world})
    assert len(found) == (len(kinds) > 1)
    for one in found:
        counts = [labelled.count(kind) for kind in kinds]
        assert (one.name, one.values) == ("weather", len(kinds))
        assert (one.effective_values, one.balance_frac) == balance_of(counts)
        assert balance_attributes(facts[::-1], all_facts[::-1]) == found


def test_what_no_label_is_of_lowers_the_balance() -> None:
    world = [{"weather": w} for w in ("sun", "rain", "fog", "snow")]
    [even], [two] = (balance_attributes(world[:n], world) for n in (4, 2))
    assert even.balance_frac == pytest.approx(1.0)
    assert two.balance_frac == pytest.approx(0.5)


def test_numbers_are_binned_and_names_of_recordings_are_no_kind() -> None:
    world = [{"light": str(n / 7), "drive": f"drive {n}", "town": "Bern"} for n in range(40)]
    [light] = balance_attributes(world[:10], world)
    assert (light.name, light.values, light.balance_frac) == ("light", 4, 0.0)
    [every] = balance_attributes(world, world)
    assert every.balance_frac == pytest.approx(1.0)


def test_what_a_recording_does_not_say_is_a_value_of_its_own() -> None:
    [found] = balance_attributes([{}, {"weather": "sun"}], [{}, {"weather": "sun"}])
    assert (found.values, found.balance_frac) == (2, 1.0)
