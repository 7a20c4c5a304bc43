import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.report.charts import draw_curves, draw_spark, draw_stack, fit_axis
from bessemer.report.story import ArmStory, Curve, CurvePoint, Mark, Measure

FINITE = st.floats(-1e3, 1e3)


@given(st.lists(FINITE, min_size=1, max_size=6))
def test_an_axis_holds_every_value_between_its_ends(values: list[float]) -> None:
    axis = fit_axis(values, 10, 210)
    assert axis.low <= min(values) + 1e-6
    assert axis.high >= max(values) - 1e-6
    assert len(axis.ticks) >= 2
    assert all(10 <= axis.at(value) <= 210 for value in values)


@given(FINITE, FINITE)
def test_an_axis_keeps_the_order_of_values(a: float, b: float) -> None:
    axis = fit_axis([a, b], 0, 100)
    assert (axis.at(a) <= axis.at(b)) == (axis.at(a) == axis.at(b) or a < b)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=5))
def test_the_axis_of_a_share_stays_between_zero_and_one(values: list[float]) -> None:
    axis = fit_axis([*values, 1.3], 0, 100, within=(0, 1))
    assert axis.ticks[-1] <= 1
    assert axis.at(1.3) == pytest.approx(axis.at(1.0))


def test_a_name_cannot_break_out_of_the_drawing() -> None:
    point = CurvePoint(turn=1, paid=1, mean=Measure(value=0.5), seeds=(0.5,))
    arm = ArmStory(name="<b>&", curves=(Curve(metric="<i>", points=(point,)),))
    drawn = draw_curves([arm], "<i>")
    assert "<b>" not in drawn
    assert "<i>" not in drawn
    assert "&lt;b&gt;&amp;" in drawn


def test_a_stack_fills_its_share_of_the_longest_bar() -> None:
    drawn = draw_stack([("train", 3.0, 0), ("drive", 1.0, 1)], most=8.0)
    assert 'width="225.00"' in drawn
    assert 'x="225.00" y="0" width="75.00"' in drawn
    assert "NaN" not in draw_stack([], most=0.0)


def test_a_turn_that_was_not_measured_leaves_a_gap() -> None:
    drawn = draw_spark([Measure(value=0.2), None, Measure(value=0.4)], [Mark.FAIL, None, Mark.PASS])
    assert drawn.count("<circle") == 2
    assert draw_spark([None], [None]) == ""
