import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessemer.twin.collide import corners, touching

metres = st.floats(-6, 6)
angles = st.floats(-4, 4)
sizes = st.floats(0.3, 5)


def rectangle(x: float, y: float, yaw: float, length: float, width: float) -> np.ndarray:
    return corners(
        np.array([[x, y]], float), np.array([yaw], float), np.array([[length, width]], float)
    )


boxes = st.builds(rectangle, metres, metres, angles, sizes, sizes)


@given(boxes, boxes)
def test_touching_is_mutual(a: np.ndarray, b: np.ndarray) -> None:
    assert touching(a[0], b)[0] == touching(b[0], a)[0]


@given(boxes, metres, metres, angles)
def test_touching_does_not_depend_on_where_the_world_begins(
    a: np.ndarray, x: float, y: float, yaw: float
) -> None:
    b = rectangle(1.0, 0.5, 0.3, 2.0, 1.0)
    turn = np.array([[np.cos(yaw), -np.sin(yaw)], [np.sin(yaw), np.cos(yaw)]])
    grown, shrunk = (rectangle(1.0, 0.5, 0.3, 2.0 * k, 1.0 * k) for k in (1 + 1e-6, 1 - 1e-6))
    if touching(a[0], grown)[0] != touching(a[0], shrunk)[0]:
        return  # they touch by a hair, where rounding decides
    moved_a, moved_b = a @ turn.T + [x, y], b @ turn.T + [x, y]
    assert touching(a[0], b)[0] == touching(moved_a[0], moved_b)[0]


@given(boxes, st.floats(0, 1), st.floats(0, 1))
def test_a_point_inside_both_means_that_they_touch(a: np.ndarray, u: float, v: float) -> None:
    inside = a[0, 1] + u * (a[0, 0] - a[0, 1]) + v * (a[0, 2] - a[0, 1])
    b = rectangle(inside[0], inside[1], 0.7, 0.5, 0.4)
    assert touching(a[0], b)[0]


def test_a_rectangle_turned_into_the_gap_of_an_l_does_not_touch() -> None:
    car = rectangle(0, 0, 0, 4, 2)
    beside = rectangle(2.9, 1.9, np.pi / 4, 2, 0.2)
    assert not touching(car[0], beside)[0]
    assert touching(car[0], rectangle(2.5, 1.5, np.pi / 4, 2, 0.2) - [0.6, 0.6])[0]
