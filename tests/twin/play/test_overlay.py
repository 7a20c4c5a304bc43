"""Truth as people see it says the same as truth."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.ids import ElementId
from bessemer.core.labels import Box3d
from bessemer.twin.classes import SemanticClass
from bessemer.twin.play.overlay import (
    CLASS_COLOURS,
    box_at,
    boxed_picture,
    class_picture,
    corners_of,
    depth_picture,
    instance_picture,
)
from bessemer.twin.rig import Camera, look_from, pinhole
from tests.twin.drives import fisheye
from tests.twin.looking import corners_of as corners_by_rotation

FRONT = pinhole("front", 200, 120, 1.2, look_from(0.0, 0.0, 1.5))


def car(x_m: float, y_m: float, yaw_rad: float) -> Box3d:
    """Return a car's box on the ground."""
    return Box3d(
        element_id=ElementId("actor/1"),
        t_ns=0,
        frame="world",
        class_name=SemanticClass.CAR.label,
        center_m=(x_m, y_m, 0.75),
        size_m=(4.5, 1.8, 1.5),
        rotation_wxyz=(float(np.cos(yaw_rad / 2)), 0.0, 0.0, float(np.sin(yaw_rad / 2))),
        velocity_mps=(0.0, 0.0, 0.0),
    )


def drawn(camera: Camera, box: Box3d) -> np.ndarray:
    """Return which pixels a box's edges colour."""
    black = np.zeros((camera.calibration.height_px, camera.calibration.width_px, 3), np.uint8)
    picture = boxed_picture(black, camera, camera.ego_from_camera, [box])
    found: np.ndarray = (picture == CLASS_COLOURS[SemanticClass.CAR]).all(axis=2)
    return found


def test_every_class_has_a_colour_of_its_own() -> None:
    assert set(CLASS_COLOURS) == set(SemanticClass)
    assert len(set(CLASS_COLOURS.values())) == len(CLASS_COLOURS)
    shown = class_picture(np.arange(len(CLASS_COLOURS), dtype=np.uint8)[None])
    assert len(np.unique(shown[0], axis=0)) == len(CLASS_COLOURS)


def test_what_is_nearer_is_brighter_and_the_sky_is_black() -> None:
    shown = depth_picture(np.array([[3.0, 10.0, 40.0, 119.0, np.inf]], np.float32))[0, :, 0]
    assert (np.diff(shown.astype(int)) < 0).all()
    assert shown[-1] == 0


def test_neighbouring_instances_differ_and_what_is_none_is_black() -> None:
    shown = instance_picture(np.arange(200, dtype=np.int32)[None])[0].astype(int)
    assert (shown[0] == 0).all()
    assert np.abs(np.diff(shown[1:], axis=0)).max(axis=1).min() > 60


@given(x_m=st.floats(8, 40), aside=st.floats(-0.3, 0.3), yaw_rad=st.floats(-3, 3))
def test_edges_are_drawn_where_the_corners_are_seen(
    x_m: float, aside: float, yaw_rad: float
) -> None:
    box = car(x_m, aside * x_m, yaw_rad)
    corners = corners_of(box)
    local = (corners - FRONT.ego_from_camera[:3, 3]) @ FRONT.ego_from_camera[:3, :3]
    seen = local @ FRONT.intrinsics.T
    pixels = seen[:, :2] / seen[:, 2:]
    rows, columns = np.nonzero(drawn(FRONT, box))
    there = np.stack([columns, rows], axis=1)
    inside = (pixels > 1).all(axis=1) & (pixels < (198, 118)).all(axis=1)
    for corner in pixels[inside]:
        assert np.linalg.norm(there - corner, axis=1).min() < 2.0
    assert (there >= pixels.min(axis=0) - 1.5).all()
    assert (there <= pixels.max(axis=0) + 1.5).all()


@given(x_m=st.floats(-50, -8), yaw_rad=st.floats(-3, 3))
def test_what_is_behind_is_not_drawn(x_m: float, yaw_rad: float) -> None:
    assert not drawn(FRONT, car(x_m, 0.0, yaw_rad)).any()


def test_a_fisheye_draws_what_it_sees() -> None:
    assert drawn(fisheye("back"), car(-12.0, 0.0, 0.3)).sum() > 20


@given(yaw_rad=st.floats(-3, 3))
def test_corners_are_those_of_the_turned_box(yaw_rad: float) -> None:
    box = car(5.0, -3.0, yaw_rad)
    assert np.allclose(corners_of(box), corners_by_rotation(box))


@given(speed_mps=st.floats(-40, 40), away_ns=st.integers(-(10**8), 10**8))
def test_a_box_moves_along_its_velocity_and_back(speed_mps: float, away_ns: int) -> None:
    box = replace(car(5.0, -3.0, 0.4), t_ns=10**9, velocity_mps=(speed_mps, 1.0, 0.0))
    moved = box_at(box, box.t_ns + away_ns)
    assert moved.center_m[0] - 5.0 == pytest.approx(speed_mps * away_ns / 1e9, abs=1e-9)
    again = box_at(moved, box.t_ns)
    assert again.center_m == pytest.approx(box.center_m, abs=1e-9)
    assert replace(again, center_m=box.center_m) == box
