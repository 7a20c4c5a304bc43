"""Every place that failed or could not tell is asked for, or counted among what is not."""

import re

import numpy as np
import pytest

from bessemer.core.ids import RecordingId
from bessemer.fleet.cel import check_campaign
from bessemer.loop.judge import MAX_CAMPAIGNS, campaigns_after, say_unasked
from bessemer.validate.campaigns import request_campaigns
from bessemer.validate.metrics import count_examples
from bessemer.validate.outcome import SuiteReport, run_suite
from bessemer.validate.suite import Suite, parse_suite

SUITE = """
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
at_least = 0.9
[[check]]
slice = "dark"
metric = "accuracy"
at_least = 0.9
[[check]]
slice = "all"
metric = "recall"
class = "*"
at_least = 0.9
"""


def found(n_classes: int) -> tuple[Suite, SuiteReport]:
    """The suite, and what it finds on a network that is always wrong."""
    suite = parse_suite(SUITE)
    classes = tuple(f"c{i:02}" for i in range(n_classes))
    truth = np.repeat(np.arange(n_classes), 30)
    names = [RecordingId(f"r{i}") for i in range(len(truth))]
    said = (truth + 1) % n_classes
    dark = np.arange(len(truth)) % 2 == 0
    counts = {
        "all": count_examples(names, truth, said, classes),
        "dark": count_examples(names, truth, said, classes, inside=dark),
    }
    return suite, run_suite(suite, counts, None, seed=0)


@pytest.mark.parametrize("n_classes", [2, 5, 9, 20])
def test_a_place_is_asked_for_or_counted_and_a_blind_one_takes_no_slot(n_classes: int) -> None:
    suite, report = found(n_classes)
    wanted = request_campaigns(suite, report.checks)
    assert len(wanted) == n_classes + 2
    asked, unasked = campaigns_after(suite, report, turn=3), say_unasked(suite, report)
    assert len(asked) == min(n_classes + 1, MAX_CAMPAIGNS)
    counts = [int(re.match(r"\d+", sentence)[0]) for sentence in unasked]  # type: ignore[index]
    assert len(asked) + sum(counts) == len(wanted)
    assert unasked[0].startswith("1 not asked of the fleet, for vehicles cannot see it")
    assert "all" not in {campaign.name for campaign in asked}
    assert len({campaign.name for campaign in asked}) == len(asked)


def test_a_campaign_stands_for_the_week_that_comes_and_no_longer() -> None:
    suite, report = found(2)
    assert {campaign.until_week for campaign in campaigns_after(suite, report, turn=3)} == {4}


def test_what_a_campaign_asks_can_be_run_whatever_a_class_is_called() -> None:
    truth = np.zeros(20, dtype=np.int64)
    classes = ('a "b" \\ c', "é'f")
    suite = parse_suite(SUITE)
    counts = count_examples([RecordingId(f"r{i}") for i in range(20)], truth, truth + 1, classes)
    report = run_suite(suite, {"all": counts, "dark": counts}, None, seed=0)
    asked = campaigns_after(suite, report, turn=1)
    assert len(asked) == 3
    for campaign in asked:
        check_campaign(campaign)
