"""Estimates with intervals, by resampling recordings, never frames.

The frames of a recording resemble each other, so a bootstrap over frames would take one drive's
luck for evidence. Each resample draws as many recordings as there are, with replacement; its sums
are a row of weights times the recordings' counts, and thousands of rows are one matrix product.

* The standard error is the spread of the resamples times sqrt(n / (n - 1)): a bootstrap of n
  recordings sees a variance too small by (n - 1) / n.
* The interval of a proportion (accuracy, recall) is Clopper and Pearson's with the effective
  sample size p (1 - p) / SE^2, reduced for few recordings. When all recordings are right the
  bootstrap sees no spread at all, and this still gives an honest, wide interval.
* The interval of anything else, and of a difference, is BCa. With fewer than 20 recordings, or
  where no resample differs, it is a t interval: BCa's corrections come of the same few recordings,
  and a single one that stands out throws its ends to the edge of the range.

Sources: Efron, "Better Bootstrap Confidence Intervals", JASA 1987 (BCa, with a jackknife
acceleration); Korn and Graubard, "Confidence intervals for proportions with small expected number
of positive counts estimated from survey data", Survey Methodology 1998 (effective size). Different
from the latter: without any spread the size is that of the recordings, not of the examples.

Cost: O(b r c) time; O(b c) memory, and weights in blocks of at most 2^20 numbers.
Shapes: b resamples, r recordings, c classes, k networks.
"""

from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from bessemer.validate.metrics import Counts, Metric, measure

_BLOCK_NUMBERS = 1 << 20
LEVEL = 0.95
_FEWEST_FOR_BCA = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """A number measured on recordings, with how sure it is.

    Attributes:
        value: The estimate; None where nothing was measured.
        se: Standard error over recordings; None with fewer than two.
        low: Lower end of the interval, of 95% unless its table says otherwise; None with fewer
            than two recordings.
        high: Upper end of the interval.
        n_recordings: Recordings that bear on it.
    """

    value: float | None
    se: float | None
    low: float | None
    high: float | None
    n_recordings: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Resamples:
    """The sums of a slice and of its resamples, for networks scored on the same recordings.

    Attributes:
        counts: The networks' counts; the same recordings for all.
        whole: The sums as they are.
        drawn: The sums of each resample.
        left_out: The sums without each recording in turn.
    """

    counts: tuple[Counts, ...]
    whole: Float64[np.ndarray, "k 4 c"]
    drawn: Float64[np.ndarray, "b k 4 c"]
    left_out: Float64[np.ndarray, "r k 4 c"]

    def first(self, n_resamples: int) -> "Resamples":
        """Return the same with only the first draws."""
        return replace(self, drawn=self.drawn[:n_resamples])

    def bearing(self, metric: Metric, class_index: int | None) -> int:
        """Return how many recordings bear on a metric: those with the class, or all."""
        if not metric.is_per_class:
            return len(self.counts[0].recordings)
        return int((self.counts[0].confusion[:, class_index].sum(axis=-1) > 0).sum())

    def examples(self, class_index: int | None) -> int:
        """Return how many examples there are of a class, or of all."""
        truths = self.counts[0].confusion.sum(axis=(0, 2))
        return int(truths.sum() if class_index is None else truths[class_index])


def resample(counts: tuple[Counts, ...], *, n_resamples: int, seed: int) -> Resamples:
    """Return the sums of ``n_resamples`` draws of the recordings, the same draws for all networks.

    Args:
        counts: One network's counts, or several over the same recordings in the same order.
        n_resamples: How many draws.
        seed: Draws other recordings.

    Returns:
        The sums.
    """
    stacked = np.stack([part.margins() for part in counts], axis=1)
    r = stacked.shape[0]
    flat = stacked.reshape(r, int(np.prod(stacked.shape[1:])))
    rng = np.random.default_rng(seed)
    drawn = np.empty((n_resamples, flat.shape[1]))
    step = max(1, _BLOCK_NUMBERS // max(r, 1))
    for start in range(0, n_resamples, step):
        rows = min(step, n_resamples - start)
        drawn[start : start + rows] = _draw_weights(rng, rows, r) @ flat if r else 0.0
    whole = stacked.sum(axis=0)
    return Resamples(
        counts=counts,
        whole=whole,
        drawn=drawn.reshape(n_resamples, *stacked.shape[1:]),
        left_out=whole - stacked,
    )


def _draw_weights(rng: np.random.Generator, n_draws: int, r: int) -> Float64[np.ndarray, "b r"]:
    """Return how often each draw of r recordings holds each; a tenth of the time of multinomial."""
    chosen = rng.integers(0, r, (n_draws, r)) + r * np.arange(n_draws)[:, None]
    times = np.bincount(chosen.ravel(), minlength=n_draws * r)
    return times.reshape(n_draws, r).astype(np.float64)


def level_of_each(alpha: float, n_intervals: int) -> float:
    """Return the level of each of several intervals that together hold with 1 - alpha.

    Args:
        alpha: Chance that any of them misses.
        n_intervals: How many there are.

    Returns:
        1 - alpha / n, which is what Holm's first step asks of each.

    Example:
        >>> level_of_each(0.05, 1), level_of_each(0.05, 5)
        (0.95, 0.99)
    """
    return 1.0 - alpha / n_intervals


def estimate(
    resamples: Resamples,
    which: int,
    metric: Metric,
    class_index: int | None,
    *,
    level: float = LEVEL,
) -> Estimate:
    """Return a network's metric with its standard error and interval.

    Args:
        resamples: Sums from :func:`resample`.
        which: Place of the network in ``resamples``.
        metric: What to measure.
        class_index: The class, for a metric of one class.
        level: Confidence of the interval; a higher one needs more resamples, for its ends lie
            further out.

    Returns:
        The estimate.
    """
    n = resamples.bearing(metric, class_index)
    value = float(measure(resamples.whole[which], metric, class_index))
    drawn = measure(resamples.drawn[:, which], metric, class_index)
    se = _standard_error(drawn, n)
    counts = resamples.counts[which]
    if metric.is_proportion and not counts.dense and se is not None and np.isfinite(value):
        size = effective_size(
            value, se, n_recordings=n, n_examples=resamples.examples(class_index), level=level
        )
        low, high = exact_interval(value * size, size, level)
    else:
        left_out = measure(resamples.left_out[:, which], metric, class_index)
        if se == 0.0 and not counts.dense:
            se = worth_of_one(counts, metric, class_index)
        low, high = bca_interval(value, drawn, left_out, level)
        if se is not None and (n < _FEWEST_FOR_BCA or low == high):
            low, high = _t_interval(value, se, n, level, lowest=0.0, highest=1.0)
    return _estimate(value, se, low, high, n)


def standard_error(
    resamples: Resamples, which: int, metric: Metric, class_index: int | None
) -> float | None:
    """Return only the standard error of a network's metric; see :func:`estimate`."""
    drawn = measure(resamples.drawn[:, which], metric, class_index)
    return _standard_error(drawn, resamples.bearing(metric, class_index))


def estimate_difference(resamples: Resamples, metric: Metric, class_index: int | None) -> Estimate:
    """Return the first network's metric less the second's, paired on the same recordings.

    Args:
        resamples: Sums from :func:`resample`, of two networks.
        metric: What to measure.
        class_index: The class, for a metric of one class.

    Returns:
        The estimate. For examples (not pixels) the standard error is at least what one recording
        is worth: a class seen in n recordings without a single change is not known to a finer
        grain than 1 / (n + 1).
    """
    n = resamples.bearing(metric, class_index)
    whole = measure(resamples.whole, metric, class_index)
    drawn = measure(resamples.drawn, metric, class_index)
    left_out = measure(resamples.left_out, metric, class_index)
    value = float(whole[0] - whole[1])
    spread = drawn[:, 0] - drawn[:, 1]
    se = _standard_error(spread, n)
    if se is not None and not resamples.counts[0].dense:
        se = max(se, worth_of_one(resamples.counts[0], metric, class_index))
    low, high = bca_interval(value, spread, left_out[:, 0] - left_out[:, 1])
    if se is not None and (n < _FEWEST_FOR_BCA or low == high):
        low, high = _t_interval(value, se, n, LEVEL, lowest=-1.0, highest=1.0)
    return _estimate(value, se, low, high, n)


def worth_of_one(counts: Counts, metric: Metric, class_index: int | None) -> float:
    """Return by how much a metric moves when one more recording comes in and is all wrong.

    Args:
        counts: Counts of examples.
        metric: The metric.
        class_index: The class, for a metric of one class.

    Returns:
        1 / (n + 1) for n recordings; for a mean over classes the root of the mean square of the
        classes' worths, over the root of their number. Nothing for the likelihood: no two networks
        that differ say the same probabilities, so that its spread is never seen too small.
    """
    holds = (counts.confusion.sum(axis=2) > 0).sum(axis=0)
    if metric.is_per_class:
        return 1.0 / (float(holds[class_index]) + 1.0)
    if metric is Metric.LIKELIHOOD:
        return 0.0
    if metric is Metric.ACCURACY:
        return 1.0 / (len(counts.recordings) + 1.0)
    worths = 1.0 / (holds[holds > 0] + 1.0)
    return float(np.sqrt((worths**2).sum()) / max(len(worths), 1))


def effective_size(
    value: float, se: float, *, n_recordings: int, n_examples: int, level: float = LEVEL
) -> float:
    """Return the number of independent examples that would be as sure about a proportion.

    Args:
        value: The proportion.
        se: Its standard error over recordings.
        n_recordings: Recordings that bear on it.
        n_examples: Examples counted; more cannot be known than from as many.
        level: Confidence of what is made of it, on which the price of few recordings depends.

    Returns:
        The effective size; that of the recordings where there is no spread.
    """
    from scipy.special import stdtrit

    if se <= 0.0 or value <= 0.0 or value >= 1.0:
        return float(n_recordings)
    tail = (1.0 + level) / 2.0
    few = float(_normal_quantile(tail) / stdtrit(max(n_recordings - 1, 1), tail)) ** 2
    return min(value * (1.0 - value) / se**2 * few, float(n_examples))


def exact_interval(successes: float, trials: float, level: float = LEVEL) -> tuple[float, float]:
    """Return Clopper and Pearson's interval; counts need not be whole.

    Args:
        successes: Successes.
        trials: Trials.
        level: Confidence.

    Returns:
        Lower and upper end.

    Example:
        >>> low, high = exact_interval(20.0, 20.0)
        >>> round(low, 3), high
        (0.832, 1.0)
    """
    from scipy.special import betaincinv

    tail = (1.0 - level) / 2.0
    failures = trials - successes
    low = float(betaincinv(successes, failures + 1.0, tail)) if successes > 0 else 0.0
    high = float(betaincinv(successes + 1.0, failures, 1.0 - tail)) if failures > 1e-12 else 1.0
    return low, high


def bca_interval(
    value: float,
    drawn: Float64[np.ndarray, " b"],
    left_out: Float64[np.ndarray, " r"],
    level: float = LEVEL,
) -> tuple[float, float]:
    """Return the bias-corrected and accelerated bootstrap interval.

    Args:
        value: The estimate on the whole.
        drawn: The estimate on each resample; NaN where it is not defined.
        left_out: The estimate without each recording, for the acceleration.
        level: Confidence.

    Returns:
        Lower and upper end; both NaN if no resample defines the estimate.
    """
    from scipy.special import ndtr

    drawn = np.sort(drawn[np.isfinite(drawn)])
    left_out = left_out[np.isfinite(left_out)]
    if not len(drawn) or not np.isfinite(value):
        return float("nan"), float("nan")
    if drawn[0] == drawn[-1]:
        return float(drawn[0]), float(drawn[0])
    below = ((drawn < value).sum() + 0.5 * (drawn == value).sum()) / len(drawn)
    edge = 0.5 / len(drawn)
    bias = _normal_quantile(float(np.clip(below, edge, 1.0 - edge)))
    pull = left_out.mean() - left_out if len(left_out) else np.zeros(1)
    square = float((pull**2).sum())
    acceleration = float((pull**3).sum()) / (6.0 * square**1.5) if square > 0 else 0.0
    ends = []
    for tail in ((1.0 - level) / 2.0, (1.0 + level) / 2.0):
        z = bias + _normal_quantile(tail)
        ends.append(float(ndtr(bias + z / (1.0 - acceleration * z))))
    low, high = np.quantile(drawn, ends)
    return float(low), float(high)


def _t_interval(
    value: float, se: float, n_recordings: int, level: float, *, lowest: float, highest: float
) -> tuple[float, float]:
    """Return the interval of a number with few recordings, within its range."""
    from scipy.special import stdtrit

    reach = se * float(stdtrit(max(n_recordings - 1, 1), (1.0 + level) / 2.0))
    return max(value - reach, lowest), min(value + reach, highest)


def _standard_error(drawn: Float64[np.ndarray, " b"], n_recordings: int) -> float | None:
    """Return the spread of the resamples, corrected for few recordings; None below two."""
    drawn = drawn[np.isfinite(drawn)]
    if n_recordings < 2 or len(drawn) < 2:
        return None
    return float(drawn.std(ddof=1) * np.sqrt(n_recordings / (n_recordings - 1)))


def _normal_quantile(p: float) -> float:
    """Return the standard normal quantile."""
    from scipy.special import ndtri

    return float(ndtri(p))


def _estimate(value: float, se: float | None, low: float, high: float, n: int) -> Estimate:
    """Return the record, with None where a number is not defined."""
    # Resamples of one recording are all alike: that is no interval, though it has two ends.
    known = se is not None and np.isfinite(low) and np.isfinite(high)
    ends = (low, high) if known else (None, None)
    return Estimate(
        value=value if np.isfinite(value) else None,
        se=se,
        low=ends[0],
        high=ends[1],
        n_recordings=n,
    )
