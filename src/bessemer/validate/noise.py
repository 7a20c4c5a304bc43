"""The noise floor: how far networks of one recipe differ by their seed alone.

Two networks of the same recipe really are different networks: each gets other examples right. A
paired bootstrap on enough recordings finds that difference and calls it significant, for it knows
only the luck of the recordings, not that of the seed. So a regression is believed only when the
candidate would also be a stranger among *twins*: networks of the released recipe with other seeds,
scored on the same recordings.

With k twins of mean m and spread s, another of them falls below x with the probability of
t = (x - m) / (s sqrt(1 + 1 / k)): a prediction, not a confidence, interval. A spread from few
twins is itself noisy, and zero where all twins are right; so each check's variance is drawn
towards what the checks together say: ``ratio`` times the variance over recordings, with the weight
of ``PRIOR_DF`` twins.

Sources: Bouthillier et al., "Accounting for Variance in Machine Learning Benchmarks", MLSys 2021
(the seed is a source of variance as large as the test set); Sellam et al., "The MultiBERTs", ICLR
2022 (resample seeds and examples both); Smyth, "Linear Models and Empirical Bayes Methods",
SAGMB 2004 (moderated t: shrink the variances of many small tests). Different: the prior's weight
is fixed at 4, the smallest for which the ratio's variance exists, rather than estimated.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from bessemer.core.errors import InputError
from bessemer.validate.bootstrap import Resamples, estimate, resample, worth_of_one
from bessemer.validate.metrics import Counts, measure
from bessemer.validate.suite import Check, Suite

PRIOR_DF = 4
_LEAST_RATIO = 0.1
"""Twins that never differ on a small test set would differ on a larger one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckNoise:
    """What the seed alone does to one check.

    Attributes:
        slice_name: The slice.
        metric: The metric.
        class_name: The class, or empty.
        mean: Mean over the twins.
        sd: Moderated standard deviation of one network about that mean.
        df: Degrees of freedom of ``sd``.
        n_twins: How many twins.
    """

    slice_name: str
    metric: str
    class_name: str
    mean: float
    sd: float
    df: int
    n_twins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseFloor:
    """The noise of each check of a suite, from the twins of one recipe.

    Attributes:
        suite_id: The suite.
        ratio: Variance over seeds, as a share of that over recordings, pooled over the checks.
        n_twins: How many twins.
        checks: The noise of each.
    """

    suite_id: str
    ratio: float
    n_twins: int
    checks: tuple[CheckNoise, ...]

    def chance_of(self, value: float, check: Check) -> float | None:
        """Return the probability that another seed of the recipe does as badly as ``value``.

        Args:
            value: The candidate's metric.
            check: The check, of at most one class.

        Returns:
            A one-sided p value; None where the twins say nothing, for want of recordings.
        """
        from scipy.special import stdtr

        for noise in self.checks:
            if _key(check) == (noise.slice_name, noise.metric, noise.class_name):
                width = noise.sd * (1.0 + 1.0 / noise.n_twins) ** 0.5
                return float(stdtr(noise.df, (value - noise.mean) / width))
        return None


def measure_noise(suite: Suite, twins: Sequence[Mapping[str, Counts]], *, seed: int) -> NoiseFloor:
    """Return the noise floor of a recipe from the scores of its twins.

    Args:
        suite: The suite.
        twins: For each network of the recipe, its counts by slice; two at least, the released
            network may be one.
        seed: Of the bootstrap.

    Returns:
        The floor, for every check that compares and whose metric is defined.

    Raises:
        InputError: If there are fewer than two twins.
    """
    if len(twins) < 2:
        raise InputError(
            f"A noise floor needs two twins or more, not {len(twins)}.",
            where=suite.name,
            fix="Train the released recipe again with another seed.",
        )
    classes = next(iter(twins[0].values())).classes
    checks = {_key(c): c for c in suite.checks_for(classes) if c.no_worse_than}
    rows: list[tuple[Check, float, float, float]] = []
    for order, name in enumerate(twins[0]):
        drawn = resample(tuple(twin[name] for twin in twins), n_resamples=400, seed=seed + order)
        for check in checks.values():
            if check.slice_name == name:
                rows.extend(_variances(check, drawn, classes))
    k = len(twins)
    ratios = [seeds / recordings for _, _, seeds, recordings in rows if recordings > 0]
    ratio = max(float(np.mean(ratios)), _LEAST_RATIO) if ratios else 1.0
    df = k - 1 + PRIOR_DF
    noises = tuple(
        CheckNoise(
            slice_name=check.slice_name,
            metric=check.metric,
            class_name=check.class_name,
            mean=mean,
            sd=float(((PRIOR_DF * ratio * recordings + (k - 1) * seeds) / df) ** 0.5),
            df=df,
            n_twins=k,
        )
        for check, mean, seeds, recordings in rows
    )
    return NoiseFloor(suite_id=suite.suite_id, ratio=ratio, n_twins=k, checks=noises)


def _variances(
    check: Check, drawn: Resamples, classes: tuple[str, ...]
) -> list[tuple[Check, float, float, float]]:
    """Return a check's mean and variances over seeds and recordings; nothing if undefined."""
    index = classes.index(check.class_name) if check.class_name else None
    values = measure(drawn.whole, check.metric, index)
    if not np.isfinite(values).all():
        return []
    errors = [estimate(drawn, i, check.metric, index).se for i in range(len(values))]
    if any(error is None for error in errors):
        return []
    recordings = float(np.mean([error**2 for error in errors if error is not None]))
    if not drawn.counts[0].dense:
        recordings = max(recordings, worth_of_one(drawn.counts[0], check.metric, index) ** 2)
    return [(check, float(values.mean()), float(values.var(ddof=1)), recordings)]


def _key(check: Check) -> tuple[str, str, str]:
    """Return what a check measures, whatever it asks."""
    return check.slice_name, str(check.metric), check.class_name
