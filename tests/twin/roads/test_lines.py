import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessemer.twin.roads.lines import offset_line, points_along


def arc(radius_m: float, points: int = 60) -> np.ndarray:
    """A quarter of a circle, counter-clockwise: its middle lies on the left."""
    angle = np.linspace(0.0, np.pi / 2, points)
    return np.column_stack([radius_m * np.cos(angle), radius_m * np.sin(angle), 0 * angle])


@given(st.floats(10.0, 200.0), st.floats(-5.0, 5.0))
def test_an_arc_moved_left_is_a_smaller_arc(radius_m: float, left_m: float) -> None:
    moved = np.linalg.norm(offset_line(arc(radius_m), left_m)[:, :2], axis=1)
    assert np.allclose(moved, radius_m - left_m, atol=2e-3)


@given(st.floats(-5.0, 5.0))
def test_offsetting_there_and_back_changes_nothing(left_m: float) -> None:
    line = arc(50.0)
    assert np.allclose(offset_line(offset_line(line, left_m), -left_m), line, atol=1e-2)


def test_a_place_beyond_the_end_is_the_end() -> None:
    line = np.array([[0.0, 0, 1], [4, 0, 1]])
    assert points_along(line, np.array([9.0, -9.0]), 2.0).tolist() == [[4, 2, 1], [0, 2, 1]]
