import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.ids import RecordingId
from bessemer.validate.bootstrap import (
    bca_interval,
    estimate,
    estimate_difference,
    exact_interval,
    level_of_each,
    resample,
)
from bessemer.validate.metrics import Counts, Metric


def tracks(rng: np.random.Generator, right: np.ndarray, frames: int = 10) -> Counts:
    """Return counts of one class pair where recording i has ``right[i]`` of its frames right."""
    confusion = np.zeros((len(right), 2, 2), dtype=np.int64)
    confusion[:, 0, 0] = right
    confusion[:, 0, 1] = frames - right
    names = tuple(RecordingId(f"r{i:04d}") for i in range(len(right)))
    return Counts(recordings=names, classes=("a", "b"), confusion=confusion)


def test_the_same_seed_draws_the_same_and_blocks_do_not_show() -> None:
    rng = np.random.default_rng(0)
    counts = tracks(rng, rng.integers(0, 11, 50))
    first = resample((counts,), n_resamples=300, seed=4)
    drawn = first.drawn[:, 0, :3]
    assert (drawn == resample((counts,), n_resamples=300, seed=4).drawn[:, 0, :3]).all()
    assert (drawn != resample((counts,), n_resamples=300, seed=5).drawn[:, 0, :3]).any()
    assert (drawn[:, 1].sum(axis=-1) == 500).all()


def test_the_standard_error_of_a_mean_is_the_textbook_one() -> None:
    rng = np.random.default_rng(1)
    right = rng.integers(0, 11, 60)
    drawn = resample((tracks(rng, right),), n_resamples=20000, seed=0)
    found = estimate(drawn, 0, Metric.ACCURACY, None)
    assert found.se == pytest.approx((right / 10).std(ddof=1) / 60**0.5, rel=0.03)
    assert found.value == pytest.approx(right.mean() / 10)


def test_frames_of_a_recording_that_agree_are_no_more_evidence() -> None:
    rng = np.random.default_rng(2)
    won = rng.integers(0, 2, 40)
    widths = []
    for frames in (1, 100):
        drawn = resample((tracks(rng, won * frames, frames),), n_resamples=2000, seed=0)
        found = estimate(drawn, 0, Metric.ACCURACY, None)
        assert found.low is not None
        assert found.high is not None
        widths.append(found.high - found.low)
    assert widths[0] == pytest.approx(widths[1])


def test_all_right_is_not_certain() -> None:
    rng = np.random.default_rng(3)
    drawn = resample((tracks(rng, np.full(20, 10)),), n_resamples=500, seed=0)
    found = estimate(drawn, 0, Metric.RECALL, 0)
    assert found.low == pytest.approx(exact_interval(20.0, 20.0)[0])
    assert found.high == 1.0


@pytest.mark.parametrize("n_recordings", [12, 60])
def test_intervals_of_a_recall_cover_the_truth(n_recordings: int) -> None:
    """Tracks with a chance each of their own, so frames of a track go together."""
    rng = np.random.default_rng(4)
    covered = 0
    for trial in range(300):
        chance = rng.beta(4.0, 1.0, n_recordings)
        drawn = resample((tracks(rng, rng.binomial(10, chance)),), n_resamples=400, seed=trial)
        found = estimate(drawn, 0, Metric.RECALL, 0)
        assert found.low is not None
        assert found.high is not None
        covered += found.low <= 0.8 <= found.high
    assert covered >= 300 * 0.93


@given(
    metric=st.sampled_from([Metric.ACCURACY, Metric.MACRO_RECALL]),
    n_recordings=st.sampled_from([2, 5, 19, 20, 60]),
    fewer=st.integers(1, 20),
    more=st.integers(1, 20),
)
def test_a_table_of_more_slices_has_no_narrower_interval(
    metric: Metric, n_recordings: int, fewer: int, more: int
) -> None:
    rng = np.random.default_rng(n_recordings)
    right = rng.binomial(10, rng.beta(4.0, 1.0, n_recordings))
    drawn = resample((tracks(rng, right),), n_resamples=1000, seed=0)
    narrow, wide = (
        estimate(drawn, 0, metric, None, level=level_of_each(0.05, n))
        for n in (fewer, fewer + more)
    )
    assert None not in (wide.low, wide.high, narrow.low, narrow.high)
    assert (wide.low or 0.0) <= (narrow.low or 0.0) <= (narrow.value or 0.0)
    assert (narrow.value or 0.0) <= (narrow.high or 0.0) <= (wide.high or 0.0)


def test_intervals_of_many_slices_all_cover_the_truth_together() -> None:
    rng = np.random.default_rng(6)
    n_slices, covered = 6, {1: 0, 6: 0}
    for trial in range(200):
        tables = [
            resample(
                (tracks(rng, rng.binomial(10, rng.beta(4.0, 1.0, 40))),),
                n_resamples=400,
                seed=trial * n_slices + part,
            )
            for part in range(n_slices)
        ]
        for paid in covered:
            level = level_of_each(0.05, paid)
            found = [estimate(t, 0, Metric.RECALL, 0, level=level) for t in tables]
            covered[paid] += all((f.low or 0.0) <= 0.8 <= (f.high or 0.0) for f in found)
    assert covered[6] >= 200 * 0.93
    assert covered[1] <= 200 * 0.9, "each for itself, some interval of the six misses too often"


def test_a_difference_is_paired_and_never_surer_than_one_recording() -> None:
    rng = np.random.default_rng(5)
    one = tracks(rng, rng.integers(0, 11, 30))
    drawn = resample((one, one), n_resamples=400, seed=0)
    same = estimate_difference(drawn, Metric.ACCURACY, None)
    assert same.value == 0.0
    assert same.se == pytest.approx(1 / 31)
    assert same.low == pytest.approx(-2.045 / 31, rel=1e-3)


def test_one_recording_that_stands_out_does_not_throw_an_interval_to_the_edge() -> None:
    rng = np.random.default_rng(0)
    worse = np.array([0] + [10] * 7)
    drawn = resample((tracks(rng, worse), tracks(rng, np.full(8, 10))), n_resamples=400, seed=0)
    found = estimate_difference(drawn, Metric.RECALL, 0)
    assert found.value == pytest.approx(-1 / 8)
    assert found.low is not None
    assert -0.5 < found.low < -1 / 8


def test_a_mean_over_classes_that_are_all_right_is_not_certain_either() -> None:
    counts = tracks(np.random.default_rng(0), np.full(9, 10))
    found = estimate(resample((counts,), n_resamples=200, seed=0), 0, Metric.MACRO_RECALL, None)
    assert found.se == pytest.approx(1 / 10)
    assert found.low == pytest.approx(1 - 0.2306, abs=1e-3)
    assert found.high == 1.0


def test_a_single_recording_has_neither_a_standard_error_nor_an_interval() -> None:
    counts = tracks(np.random.default_rng(0), np.array([5]))
    found = estimate(resample((counts,), n_resamples=200, seed=0), 0, Metric.ACCURACY, None)
    assert found.value is not None
    assert (found.se, found.low, found.high) == (None, None, None)


def test_no_recording_gives_no_number() -> None:
    counts = tracks(np.random.default_rng(0), np.zeros(0, dtype=np.int64))
    found = estimate(resample((counts,), n_resamples=200, seed=0), 0, Metric.MACRO_RECALL, None)
    assert (found.value, found.low, found.n_recordings) == (None, None, 0)


def test_bca_of_a_symmetric_statistic_is_the_percentile_interval() -> None:
    drawn = np.linspace(-1.0, 1.0, 2001)
    low, high = bca_interval(0.0, drawn, np.array([-0.1, 0.1]))
    assert low == pytest.approx(-0.95, abs=1e-3)
    assert high == pytest.approx(0.95, abs=1e-3)
