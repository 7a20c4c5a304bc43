"""Verdicts: pass, fail, or cannot tell, corrected for the number of checks.

Every question asked of a check gives two one-sided p values: that luck alone would look this bad
(``p_fail``), and that luck alone would look this good (``p_pass``). Each family is corrected by
Holm over all questions of the suite, so that the chance of any wrong fail stays below alpha, and
so does that of any wrong pass. What neither settles is *cannot tell*.

* Bounds on a proportion of examples: exact binomial tests at the effective sample size.
* Other bounds, and differences: t tests with the bootstrap's standard error, n - 1 degrees of
  freedom for n recordings.
* ``no_worse_than``: fails if the candidate is worse than the released network beyond the luck of
  the recordings (paired) *and* beyond that of the seed (the noise floor), the larger p counting,
  and by more than the margin. Passes if it is shown not to be worse by more than the margin.

Source: Holm, "A Simple Sequentially Rejective Multiple Test Procedure", Scand. J. Stat. 1979.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from bessemer.validate.bootstrap import Estimate, effective_size


class Verdict(StrEnum):
    """What a check came to."""

    PASS = "pass"
    FAIL = "fail"
    CANNOT_TELL = "cannot tell"


class Ask(StrEnum):
    """What a question asks."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    NO_WORSE_THAN = "no_worse_than"


@dataclass(frozen=True, slots=True, kw_only=True)
class Odds:
    """The two one-sided p values of a question; 1 where there is nothing to go by."""

    p_fail: float = 1.0
    p_pass: float = 1.0


def odds_of_bound(value: Estimate, ask: Ask, bound: float, *, n_examples: int | None) -> Odds:
    """Return the odds that a metric keeps an absolute bound.

    Args:
        value: The metric.
        ask: ``at_least`` or ``at_most``.
        bound: The bound.
        n_examples: Examples counted, for a proportion of examples; None for any other metric.

    Returns:
        The p values.
    """
    if value.value is None or value.se is None:
        return Odds()
    if n_examples is not None:
        size = effective_size(
            value.value, value.se, n_recordings=value.n_recordings, n_examples=n_examples
        )
        below, above = _binomial_tails(value.value * size, size, bound)
    else:
        below, above = _t_tails(value, bound)
    if ask is Ask.AT_LEAST:
        return Odds(p_fail=below, p_pass=above)
    return Odds(p_fail=above, p_pass=below)


def odds_of_difference(difference: Estimate, margin: float, p_seed: float | None) -> Odds:
    """Return the odds that a candidate is no worse than its reference.

    Args:
        difference: Candidate less reference, paired.
        margin: How far below is still no worse.
        p_seed: Chance that another seed of the reference's recipe does as badly as the
            candidate; None if it was not measured.

    Returns:
        The p values.
    """
    if difference.value is None or difference.se is None:
        return Odds()
    worse, _ = _t_tails(difference, 0.0)
    _, within = _t_tails(difference, -margin)
    if difference.value >= -margin:
        worse = 1.0
    return Odds(p_fail=max(worse, p_seed if p_seed is not None else 0.0), p_pass=within)


def holm(p_values: Sequence[float]) -> tuple[float, ...]:
    """Return p values adjusted for their number.

    Args:
        p_values: One for each question.

    Returns:
        Adjusted values, in the same order: comparing each with alpha keeps the chance of any
        false rejection below alpha.

    Example:
        >>> holm([0.01, 0.04, 0.03])
        (0.03, 0.06, 0.06)
    """
    p = np.asarray(p_values, dtype=np.float64)
    order = np.argsort(p, kind="stable")
    steps = p[order] * np.arange(len(p), 0, -1)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(np.maximum.accumulate(steps), 1.0)
    return tuple(float(x) for x in adjusted)


def settle(odds: Sequence[Odds], alpha: float) -> tuple[tuple[Verdict, Odds], ...]:
    """Return the verdicts of all questions of a suite together.

    Args:
        odds: The p values of each question.
        alpha: Chance of any wrong fail, and of any wrong pass, over all of them.

    Returns:
        For each question its verdict and its adjusted p values.
    """
    fails = holm([o.p_fail for o in odds])
    passes = holm([o.p_pass for o in odds])
    settled = []
    for p_fail, p_pass in zip(fails, passes, strict=True):
        verdict = Verdict.CANNOT_TELL
        if p_pass < alpha:
            verdict = Verdict.PASS
        elif p_fail < alpha:
            verdict = Verdict.FAIL
        settled.append((verdict, Odds(p_fail=p_fail, p_pass=p_pass)))
    return tuple(settled)


def _binomial_tails(successes: float, trials: float, bound: float) -> tuple[float, float]:
    """Return P(at most as many) and P(at least as many) successes if the bound were the truth."""
    from scipy.special import betainc

    failures = trials - successes
    below = 1.0 - float(betainc(successes + 1.0, failures, bound)) if failures > 1e-12 else 1.0
    above = float(betainc(successes, failures + 1.0, bound)) if successes > 1e-12 else 1.0
    return below, above


def _t_tails(value: Estimate, bound: float) -> tuple[float, float]:
    """Return P(at most) and P(at least) what was seen if the bound were the truth."""
    from scipy.special import stdtr

    if value.value is None or value.se is None:
        return 1.0, 1.0
    gap = value.value - bound
    if value.se == 0.0:
        return float(gap >= 0.0), float(gap <= 0.0)
    below = float(stdtr(value.n_recordings - 1, gap / value.se))
    return below, 1.0 - below
