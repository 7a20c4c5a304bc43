import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from bessemer.twin.scene import Lamp
from bessemer.twin.traffic.kinds import VEHICLE_TYPES
from bessemer.twin.traffic.steady import JUMP_M, Steady
from bessemer.twin.traffic.table import AgentTable

STEP_S = 0.1


def table(x_m: float, y_m: float = 0.0, speed_mps: float = 1.0) -> AgentTable:
    """Return one agent that goes east."""
    return AgentTable(
        agent_ids=("a",),
        types=(VEHICLE_TYPES[0],),
        position_m=np.array([[x_m, y_m, 0.0]]),
        yaw_rad=np.zeros(1),
        speed_mps=np.array([speed_mps]),
        lamps=(Lamp.NONE,),
        variants=(1,),
    )


@settings(max_examples=25)
@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(-2, 2)), min_size=1, max_size=8))
def test_what_is_shown_never_jumps_and_ends_where_it_is(jumps: list[tuple[float, float]]) -> None:
    steady, step = Steady(STEP_S), 0
    place = np.zeros(2)
    shown = steady.shown(table(*place), step).position_m[0, :2]
    for jump in (*jumps, *[(0.0, 0.0)] * 500):
        step += 1
        place += (jump[0] + 1.0 * STEP_S, jump[1])
        now = steady.shown(table(*place), step).position_m[0, :2]
        assert np.hypot(*(now - shown - [1.0 * STEP_S, 0.0])) <= JUMP_M + 0.06 + 1e-9
        shown = now
    np.testing.assert_allclose(shown, place)


def test_one_that_goes_as_its_speed_says_is_shown_where_it_is() -> None:
    steady = Steady(STEP_S)
    for step in range(20):
        read = table(step * 0.1)
        assert steady.shown(read, step) is read


def test_the_same_step_may_be_asked_for_again() -> None:
    steady = Steady(STEP_S)
    steady.shown(table(0.0), 0)
    first = steady.shown(table(0.1, 1.0), 1).position_m
    assert (steady.shown(table(0.1, 1.0), 1).position_m == first).all()
    assert 0.0 < first[0, 1] < 0.1


def test_who_comes_from_far_or_after_a_gap_is_there_at_once() -> None:
    steady = Steady(STEP_S)
    steady.shown(table(0.0), 0)
    assert steady.shown(table(0.0, 50.0), 1).position_m[0, 1] == 50.0
    assert steady.shown(table(0.0, 49.0), 7).position_m[0, 1] == 49.0
