import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.validate.bootstrap import Estimate
from bessemer.validate.verdict import (
    Ask,
    Odds,
    Verdict,
    holm,
    odds_of_bound,
    odds_of_difference,
    settle,
)

P_VALUES = st.lists(st.floats(0.0, 1.0), min_size=1, max_size=12)


def measured(value: float, se: float, n: int = 40) -> Estimate:
    return Estimate(value=value, se=se, low=value - se, high=value + se, n_recordings=n)


@given(p=P_VALUES, seed=st.integers(0, 99))
def test_holm_keeps_order_is_no_less_than_given_and_no_more_than_bonferroni(
    p: list[float], seed: int
) -> None:
    adjusted = holm(p)
    for given_p, now in zip(p, adjusted, strict=True):
        assert given_p <= now <= min(1.0, given_p * len(p)) + 1e-12
    shuffled = np.random.default_rng(seed).permutation(len(p))
    again = holm([p[i] for i in shuffled])
    assert again == pytest.approx([adjusted[i] for i in shuffled])


def test_holm_rejects_any_true_null_in_at_most_alpha_of_trials() -> None:
    rng = np.random.default_rng(0)
    wrong = sum(min(holm(list(rng.random(20)))) < 0.05 for _ in range(2000))
    assert wrong <= 2000 * 0.065


@pytest.mark.parametrize(
    ("value", "verdict"),
    [(0.95, Verdict.PASS), (0.80, Verdict.CANNOT_TELL), (0.5, Verdict.FAIL)],
)
def test_a_bound_has_three_verdicts(value: float, verdict: Verdict) -> None:
    for n_examples in (None, 400):
        odds = odds_of_bound(measured(value, 0.03), Ask.AT_LEAST, 0.8, n_examples=n_examples)
        assert settle([odds], 0.05)[0][0] is verdict


def test_at_most_is_at_least_turned_around() -> None:
    up = odds_of_bound(measured(0.7, 0.03), Ask.AT_LEAST, 0.8, n_examples=None)
    down = odds_of_bound(measured(0.7, 0.03), Ask.AT_MOST, 0.8, n_examples=None)
    assert (up.p_fail, up.p_pass) == (down.p_pass, down.p_fail)


@pytest.mark.parametrize(
    ("value", "margin", "p_seed", "verdict"),
    [
        (-0.10, 0.02, 0.001, Verdict.FAIL),
        (-0.10, 0.02, 0.3, Verdict.CANNOT_TELL),  # a twin might do the same
        (-0.10, 0.02, None, Verdict.FAIL),
        (-0.01, 0.10, 0.001, Verdict.PASS),
        (-0.05, 0.06, 0.001, Verdict.CANNOT_TELL),  # worse, but within the margin as measured
        (0.00, 0.02, 0.5, Verdict.CANNOT_TELL),
        (0.10, 0.00, 0.9, Verdict.PASS),
    ],
)
def test_a_comparison_fails_only_beyond_recordings_seeds_and_margin(
    value: float, margin: float, p_seed: float | None, verdict: Verdict
) -> None:
    odds = odds_of_difference(measured(value, 0.015), margin, p_seed)
    assert settle([odds], 0.05)[0][0] is verdict


def test_what_was_not_measured_cannot_be_told() -> None:
    nothing = Estimate(value=None, se=None, low=None, high=None, n_recordings=0)
    assert odds_of_bound(nothing, Ask.AT_LEAST, 0.5, n_examples=None) == Odds()
    assert odds_of_difference(nothing, 0.1, None) == Odds()


def test_more_questions_make_a_fail_harder() -> None:
    odds = Odds(p_fail=0.02)
    assert settle([odds], 0.05)[0][0] is Verdict.FAIL
    assert settle([odds] + [Odds()] * 9, 0.05)[0][0] is Verdict.CANNOT_TELL
