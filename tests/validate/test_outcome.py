"""The suite as a whole: tables, pairing, noise, campaigns."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import RecordingId, decode, encode
from bessemer.validate.campaigns import request_campaigns
from bessemer.validate.metrics import Counts, Metric, count_examples
from bessemer.validate.noise import measure_noise
from bessemer.validate.outcome import SuiteReport, run_suite
from bessemer.validate.suite import parse_suite
from bessemer.validate.verdict import Verdict

CLASSES = ("stop", "yield", "limit", "turn")
SUITE = parse_suite("""
name = "signs"
[[slice]]
name = "all"
where = "true"
[[slice]]
name = "dark"
where = "brightness < 0.2"
proxy = 'signal["brightness"] < 0.2'
[[check]]
slice = "all"
metric = "accuracy"
at_least = 0.5
no_worse_than = "released"
[[check]]
slice = "dark"
metric = "macro_recall"
at_least = 0.85
min_recordings = 20
[[check]]
slice = "all"
metric = "recall"
class = "*"
no_worse_than = "released"
margin = 0.02
""")


def scores(seed: int, chance: Mapping[str, float], n_tracks: int = 160) -> dict[str, Counts]:
    """Return counts of a network that has a track's frames right together, by class chance."""
    rng = np.random.default_rng(seed)
    track = np.repeat(np.arange(n_tracks), 3)
    truth = track % 4
    right = rng.random(n_tracks)[track] < np.array([chance[name] for name in CLASSES])[truth]
    predicted = np.where(right, truth, (truth + 1) % 4)
    names = [RecordingId(f"track{i:03d}") for i in track]
    dark = track < 40
    return {
        "all": count_examples(names, truth, predicted, CLASSES),
        "dark": count_examples(names, truth, predicted, CLASSES, inside=dark),
    }


GOOD = dict.fromkeys(CLASSES, 0.9)
BLIND = GOOD | {"yield": 0.0}


def test_a_report_is_the_same_twice_and_survives_its_encoding() -> None:
    report = run_suite(SUITE, scores(0, GOOD), scores(1, GOOD), seed=3)
    again = run_suite(SUITE, scores(0, GOOD), scores(1, GOOD), seed=3)
    assert report.report_id == again.report_id
    assert decode(encode(report), SuiteReport) == report


def test_the_tables_hold_slices_and_classes() -> None:
    report = run_suite(SUITE, scores(0, GOOD), scores(1, GOOD), seed=0)
    assert [(row.slice_name, row.metric) for row in report.slices] == [
        ("all", Metric.ACCURACY),
        ("all", Metric.MACRO_RECALL),
        ("dark", Metric.ACCURACY),
        ("dark", Metric.MACRO_RECALL),
    ]
    assert [row.class_name for row in report.classes] == list(CLASSES)
    assert report.n_recordings == 160
    assert report.classes[0].n_examples == 120


def test_slices_pay_for_their_number_and_verdicts_and_classes_stay() -> None:
    alone = replace(
        SUITE,
        slices=SUITE.slices[:1],
        checks=tuple(check for check in SUITE.checks if check.slice_name == "all"),
    )
    more = replace(
        alone, slices=(*SUITE.slices, *(replace(SUITE.slices[1], name=f"dark {i}") for i in (2, 3)))
    )
    counts = [scores(seed, GOOD) for seed in (0, 1)]
    both = [one | {f"dark {i}": one["dark"] for i in (2, 3)} for one in counts]
    few, many = (run_suite(suite, both[0], both[1], seed=0) for suite in (alone, more))
    assert (few.slice_level, many.slice_level) == (0.95, 1 - 0.05 / 4)
    for narrow, wide in zip(few.slices, many.slices, strict=False):
        for a, b in ((narrow.candidate, wide.candidate), (narrow.released, wide.released)):
            assert a is not None
            assert b is not None
            assert (b.low or 0.0) < (a.low or 0.0) < (a.high or 0.0) < (b.high or 0.0)
    assert many.classes == few.classes
    assert many.checks == few.checks


def test_a_class_gone_blind_fails_and_asks_for_its_class() -> None:
    twins = [scores(i, GOOD) for i in range(5)]
    noise = measure_noise(SUITE, twins, seed=0)
    report = run_suite(SUITE, scores(9, BLIND), twins[0], noise=noise, seed=0)
    failed = {check.name for check in report.verdicts(Verdict.FAIL)}
    assert "all recall[yield] no_worse_than" in failed
    requests = request_campaigns(SUITE, report.checks)
    assert requests[0].is_failing
    assert any(r.class_name == "yield" and r.is_failing for r in requests)
    assert {r.proxy for r in requests if r.slice_name == "dark"} <= {'signal["brightness"] < 0.2'}
    assert all(8 <= r.recordings_wanted <= 400 for r in requests)


def test_few_recordings_cannot_tell_and_ask_for_more() -> None:
    report = run_suite(SUITE, scores(0, GOOD, n_tracks=12), seed=0)
    dark = next(check for check in report.checks if check.slice_name == "dark")
    assert dark.verdict is Verdict.CANNOT_TELL
    assert "20 are needed" in dark.reason
    assert [r.reason for r in request_campaigns(SUITE, [dark])] == [dark.reason]


def test_without_a_released_network_comparisons_are_skipped_and_counted() -> None:
    report = run_suite(SUITE, scores(0, GOOD), seed=0)
    assert len(report.skipped) == 5
    assert all(check.difference is None for check in report.checks)


def test_networks_scored_on_different_recordings_are_refused() -> None:
    with pytest.raises(InputError, match="different recordings"):
        run_suite(SUITE, scores(0, GOOD), scores(0, GOOD, n_tracks=12), seed=0)


def test_a_likelihood_asked_of_answers_alone_is_an_error() -> None:
    """Rather than a check that nobody could ever fail."""
    check = replace(SUITE.checks[0], metric=Metric.LIKELIHOOD)
    with pytest.raises(InputError, match="only answers were counted"):
        run_suite(replace(SUITE, checks=(check,)), scores(0, GOOD), seed=0)


def test_a_slice_without_counts_is_an_error() -> None:
    with pytest.raises(NotFoundError, match="'dark'"):
        run_suite(SUITE, {"all": scores(0, GOOD)["all"]}, seed=0)


def test_a_noise_floor_of_another_suite_or_of_one_network_is_an_error() -> None:
    with pytest.raises(InputError, match="two twins"):
        measure_noise(SUITE, [scores(0, GOOD)], seed=0)
    noise = measure_noise(replace(SUITE, alpha=0.1), [scores(i, GOOD) for i in (0, 1)], seed=0)
    with pytest.raises(InputError, match="another suite"):
        run_suite(SUITE, scores(0, GOOD), scores(1, GOOD), noise=noise, seed=0)


def test_a_twin_is_likely_and_a_blind_network_is_not() -> None:
    noise = measure_noise(SUITE, [scores(i, GOOD) for i in range(6)], seed=0)
    other = [scores(i, GOOD, n_tracks=12) for i in (0, 1)]
    with pytest.raises(InputError, match="other recordings"):
        run_suite(SUITE, other[0], other[1], noise=noise, seed=0)
    checks = SUITE.checks_for(CLASSES)
    recall = next(check for check in checks if check.class_name == "yield")
    chances = [
        noise.chance_of(run_suite(SUITE, s, seed=0).classes[1].candidate.value or 0.0, recall)
        for s in (scores(7, GOOD), scores(8, BLIND))
    ]
    assert chances[0] is not None
    assert chances[1] is not None
    assert chances[0] > 0.01
    assert chances[1] < 1e-4
