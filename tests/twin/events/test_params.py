"""Parameters are checked, and giving one leaves the others what they were."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError, NotFoundError
from bessemer.twin.events.catalogue import EVENTS, check_calls, event
from bessemer.twin.events.params import allowed_in
from bessemer.twin.events.vehicles import CutIn
from bessemer.twin.scenario import EventCall

SPECS = st.sampled_from(sorted(EVENTS)).map(event)


@given(SPECS, st.integers(0, 2**32 - 1))
def test_what_is_drawn_is_allowed(spec, seed) -> None:  # type: ignore[no-untyped-def]
    params = spec.draw(np.random.default_rng(seed))
    for name, allowed in allowed_in(spec.params).items():
        assert allowed.holds(getattr(params, name))


@given(SPECS, st.integers(0, 100), st.data())
def test_giving_one_leaves_the_others(spec, seed, data) -> None:  # type: ignore[no-untyped-def]
    allowed = allowed_in(spec.params)
    name = data.draw(st.sampled_from(sorted(allowed)))
    value = allowed[name].draw(np.random.default_rng(seed + 1))
    free = spec.draw(np.random.default_rng(seed))
    bound = spec.draw(np.random.default_rng(seed), ((name, value),))
    assert getattr(bound, name) == value
    assert all(getattr(bound, other) == getattr(free, other) for other in allowed if other != name)


def test_an_unknown_parameter_is_named_with_its_near_miss() -> None:
    with pytest.raises(NotFoundError, match=r"'gap'.*event cut_in.*'gap_m'"):
        check_calls([EventCall(name="cut_in", params=(("gap", 12.0),))])


@pytest.mark.parametrize("value", [0.0, 1e9, math.nan, -math.inf])
def test_a_value_out_of_range_is_named(value: float) -> None:
    with pytest.raises(InputError, match=r"gap_m lies in \[11, 24\].*event cut_in"):
        check_calls([EventCall(name="cut_in", params=(("gap_m", value),))])


def test_one_of_few_takes_no_other() -> None:
    with pytest.raises(InputError, match="side lies one of -1, 1"):
        event("cut_in").draw(np.random.default_rng(0), (("side", 0.0),))


def test_a_record_checks_itself() -> None:
    with pytest.raises(InputError, match="gap_m"):
        CutIn(gap_m=2.0, faster_mps=0.0, over_s=2.0, side=1, indicates=0)


def test_an_unknown_event_is_named_with_its_near_miss() -> None:
    with pytest.raises(NotFoundError, match=r"'jaywaker'.*'jaywalker'"):
        event("jaywaker")


def test_an_unknown_event_is_named_with_its_place() -> None:
    calls = [EventCall(name="cut_in"), EventCall(name="jaywalk")]
    with pytest.raises(NotFoundError, match=r"'jaywalk'.*event 2 of the scenario.*'jaywalker'"):
        check_calls(calls)
    with pytest.raises(NotFoundError, match=r"--event jaywalk\].*'jaywalker'"):
        check_calls(calls, option="--event")


@pytest.mark.parametrize("at_s", [math.nan, math.inf, -0.5])
def test_an_event_has_a_time(at_s: float) -> None:
    with pytest.raises(InputError, match=r"at_s is .*event cut_in.*from 0"):
        EventCall(name="cut_in", at_s=at_s)
