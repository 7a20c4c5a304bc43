"""The noise floor: how far networks of one recipe differ by their seed alone.

Two networks of the same recipe really are different networks: each gets other examples right. A
paired bootstrap on enough recordings finds that difference and calls it significant, for it knows
only the luck of the recordings, not that of the seed. So a regression is believed only when the
candidate would also be a stranger among *twins*: networks of the released recipe with other seeds,
scored on the same recordings.

With k twins of mean m and spread s, another of them falls below x with the probability of
t = (x - m) / (s sqrt(1 + 1 / k)): a prediction, not a confidence, interval. Shares near 1 have a
long tail downwards, which t does not know; so m, s and x are taken on the scale of
arcsin(sqrt(share)), where the spread hardly depends on the mean. A spread from few twins is itself
noisy, and zero where all twins are right; so each check's variance is drawn towards what the
checks together say: ``ratio`` times the variance over recordings, with the weight of ``PRIOR_DF``
twins.

Sources: Bouthillier et al., "Accounting for Variance in Machine Learning Benchmarks", MLSys 2021
(the seed is a source of variance as large as the test set); Sellam et al., "The MultiBERTs", ICLR
2022 (resample seeds and examples both); Smyth, "Linear Models and Empirical Bayes Methods",
SAGMB 2004 (moderated t: shrink the variances of many small tests). Different: the prior's weight
is fixed at 6, which was measured (``bench/gate_power.py``): with less, t of so few degrees of
freedom hides regressions; estimated from a few dozen checks it came out too large, and twins were
refused twice as often. Anscombe, "The Transformation
of Poisson, Binomial and Negative-Binomial Data", Biometrika 1948 (the scale, with its 3/8).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from bessemer.core.errors import InputError
from bessemer.core.ids import content_id
from bessemer.validate.bootstrap import Resamples, resample, standard_error, worth_of_one
from bessemer.validate.metrics import Counts, measure
from bessemer.validate.suite import Check, Suite

PRIOR_DF = 6
_LEAST_RATIO = 0.1
"""Twins that never differ on a small test set would differ on a larger one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckNoise:
    """What the seed alone does to one check.

    Attributes:
        slice_name: The slice.
        metric: The metric.
        class_name: The class, or empty.
        n_recordings: Recordings that bear on it.
        mean: Mean over the twins, on the arcsine scale.
        sd: Moderated standard deviation of one network about that mean, on that scale.
        df: Degrees of freedom of ``sd``.
        n_twins: How many twins.
    """

    slice_name: str
    metric: str
    class_name: str
    n_recordings: int
    mean: float
    sd: float
    df: int
    n_twins: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseFloor:
    """The noise of each check of a suite, from the twins of one recipe.

    Attributes:
        suite_id: The suite.
        recordings_id: The recordings the twins were scored on.
        ratio: Variance over seeds, as a share of that over recordings, pooled over the checks.
        n_twins: How many twins.
        checks: The noise of each.
    """

    suite_id: str
    recordings_id: str
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
                place = float(_arcsine(np.asarray(value), noise.n_recordings))
                return float(stdtr(noise.df, (place - noise.mean) / width))
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
    rows: list[_Spread] = []
    for order, name in enumerate(part.name for part in suite.slices):
        drawn = resample(tuple(twin[name] for twin in twins), n_resamples=200, seed=seed + order)
        for check in checks.values():
            if check.slice_name == name:
                rows.extend(_spread(check, drawn))
    k = len(twins)
    ratios = [row.over_seeds / row.over_recordings for row in rows if row.over_recordings > 0]
    ratio = max(float(np.mean(ratios)), _LEAST_RATIO) if ratios else 1.0
    df = k - 1 + PRIOR_DF
    noises = []
    for row in rows:
        drawn_to = PRIOR_DF * ratio * row.over_recordings
        noises.append(
            CheckNoise(
                slice_name=row.check.slice_name,
                metric=row.check.metric,
                class_name=row.check.class_name,
                n_recordings=row.n_recordings,
                mean=row.mean,
                sd=((drawn_to + (k - 1) * row.over_seeds) / df) ** 0.5,
                df=df,
                n_twins=k,
            )
        )
    return NoiseFloor(
        suite_id=suite.suite_id,
        recordings_id=recordings_id({part.name: twins[0][part.name] for part in suite.slices}),
        ratio=ratio,
        n_twins=k,
        checks=tuple(noises),
    )


def recordings_id(counts: Mapping[str, Counts]) -> str:
    """Return the address of the recordings that counts by slice were made on."""
    return content_id("scored recordings", {name: c.recordings for name, c in counts.items()})


@dataclass(frozen=True, slots=True, kw_only=True)
class _Spread:
    """A check's mean over twins, and its variances, on the arcsine scale."""

    check: Check
    n_recordings: int
    mean: float
    over_seeds: float
    over_recordings: float


def _spread(check: Check, drawn: Resamples) -> list[_Spread]:
    """Return a check's spread; nothing where the metric is not defined or never varies."""
    counts = drawn.counts[0]
    index = counts.classes.index(check.class_name) if check.class_name else None
    values = measure(drawn.whole, check.metric, index)
    errors = [standard_error(drawn, i, check.metric, index) for i in range(len(values))]
    squares = [error**2 for error in errors if error is not None]
    if not np.isfinite(values).all() or len(squares) < len(values):
        return []
    square = float(np.mean(squares))
    if not counts.dense:
        square = max(square, worth_of_one(counts, check.metric, index) ** 2)
    n = drawn.bearing(check.metric, index)
    places = _arcsine(values, n)
    if square == 0.0 and np.ptp(places) == 0.0:
        return []
    # The scale's slope at p is n / (n + 3/4) / (2 sqrt(p (1 - p))).
    share = float(np.sin(places.mean()) ** 2)
    slope_squared = (n / (n + 0.75)) ** 2 / (4.0 * share * (1.0 - share))
    return [
        _Spread(
            check=check,
            n_recordings=n,
            mean=float(places.mean()),
            over_seeds=float(places.var(ddof=1)),
            over_recordings=square * slope_squared,
        )
    ]


def _arcsine(share: Float64[np.ndarray, "*k"], n: int) -> Float64[np.ndarray, "*k"]:
    """Return shares on the scale on which the spread of a share of ``n`` is nearly constant."""
    return np.asarray(np.arcsin(np.sqrt((share * n + 0.375) / (n + 0.75))))


def _key(check: Check) -> tuple[str, str, str]:
    """Return what a check measures, whatever it asks."""
    return check.slice_name, str(check.metric), check.class_name
