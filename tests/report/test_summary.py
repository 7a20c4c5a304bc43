from dataclasses import replace

import pytest

from bessemer.report.story import Difference, Measure
from bessemer.report.summary import summarise_run, text_table
from bessemer.report.wording import judgement, say_bytes, say_seconds
from tests.report.stories import run_story


def test_a_terminal_shows_every_turn() -> None:
    text = summarise_run(run_story())
    table = text.split("\n\n")[1].splitlines()
    assert len(table) == 2 + 3
    assert table[2].split()[:4] == ["1", "60", "0.710", "0.660"]
    assert "refused" in table[3]
    assert "unknown_class 1" in text
    assert max(map(len, table)) <= 100
    assert text.endswith("\n")


def test_columns_stand_below_their_heads() -> None:
    lines = text_table(["a", "bb"], [["long", "1"], ["x", "22222"]])
    assert len({len(line) for line in lines}) == 1


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [(0.01, 0.09, "ahead of"), (-0.09, -0.01, "behind"), (-0.01, 0.09, "cannot be told")],
)
def test_no_more_is_claimed_than_the_interval_does(low: float, high: float, said: str) -> None:
    gap = Measure(value=(low + high) / 2, low=low, high=high)
    story = replace(run_story(), differences=(Difference(metric="macro_recall", difference=gap),))
    assert said in judgement(story)


def test_arms_that_paid_unlike_sums_are_said_to_be_no_fair_race() -> None:
    story = run_story()
    assert "fair" not in judgement(story)
    first, *others = story.arms
    cheaper = [
        replace(curve, points=tuple(replace(p, paid=p.paid - 2.0) for p in curve.points))
        for curve in first.curves
    ]
    said = judgement(replace(story, arms=(replace(first, curves=tuple(cheaper)), *others)))
    assert said.endswith("(engine 178 and chance 180 labels): this is no fair race.")


@pytest.mark.parametrize(
    ("size", "said"), [(0, "0 bytes"), (999, "999 bytes"), (1_500, "1.5 kB"), (2e12, "2e+03 GB")]
)
def test_sizes_are_said(size: float, said: str) -> None:
    assert say_bytes(size) == said


def test_seconds_are_said() -> None:
    assert [say_seconds(s) for s in (9.94, 59.4, 3599)] == ["9.9 s", "59 s", "59 min 59 s"]
