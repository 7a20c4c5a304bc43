"""A ray through a pixel projects back onto that pixel, through every lens."""

import cv2
import numpy as np
import pytest

from bessemer.core.ids import StreamName
from bessemer.core.records import Calibration
from bessemer.twin.render.lens import project, rays
from bessemer.twin.rig import Camera, look_from, pinhole

POSE = look_from(1.5, 0.0, 1.4)


def lens(model: str, focal: float, distortion: tuple[float, ...]) -> Camera:
    matrix = (focal, 0.0, 81.0, 0.0, focal * 1.02, 46.0, 0.0, 0.0, 1.0)
    return Camera(
        name=StreamName("front"),
        calibration=Calibration(
            model=model,
            width_px=160,
            height_px=90,
            intrinsics=matrix,
            ego_from_camera=POSE,
            distortion=distortion,
        ),
    )


LENSES = {
    "pinhole": pinhole("front", 160, 90, 1.2, POSE),
    "barrel": lens("brown_conrady", 110.0, (-0.28, 0.07, 0.001, -0.0008, 0.001)),
    "cushion": lens("brown_conrady", 110.0, (0.12, -0.02, -0.001, 0.0, 0.0)),
    "fisheye": lens("kannala_brandt", 52.0, (0.02, -0.006, 0.001, -0.0002)),
}


@pytest.mark.parametrize("name", LENSES)
def test_what_a_pixel_looks_at_is_seen_in_that_pixel(name: str) -> None:
    camera = LENSES[name]
    directions = rays(camera)
    depths = np.random.default_rng(1).uniform(0.5, 90.0, directions.shape[:2])[..., None]
    pixels = project(camera, (directions * depths).reshape(-1, 3)).reshape(90, 160, 2)
    rows, columns = np.mgrid[0:90, 0:160]
    centres = np.stack([columns, rows], axis=-1) + 0.5
    assert np.abs(pixels - centres).max() < 0.01
    assert np.allclose(np.linalg.norm(directions, axis=-1), 1.0, atol=1e-6)


def test_projection_agrees_with_opencv() -> None:
    points = np.random.default_rng(2).uniform([-2, -1, 2], [2, 1, 9], (50, 3))
    zero = np.zeros(3)
    for name, ours in LENSES.items():
        matrix, distortion = ours.intrinsics, np.array(ours.calibration.distortion, np.float64)
        if name == "fisheye":
            theirs, _ = cv2.fisheye.projectPoints(points[:, None], zero, zero, matrix, distortion)
        else:
            theirs, _ = cv2.projectPoints(points, zero, zero, matrix, distortion)
        assert np.abs(project(ours, points) - theirs[:, 0]).max() < 1e-6


def test_a_fisheye_sees_more_than_150_degrees() -> None:
    row = rays(LENSES["fisheye"])[46]
    left, right = (np.degrees(np.arctan2(ray[0], ray[2])) for ray in (row[0], row[-1]))
    assert right - left > 150


def test_what_lies_behind_a_pinhole_is_not_seen() -> None:
    behind = np.array([[0.1, 0.2, -3.0]])
    assert np.isnan(project(LENSES["pinhole"], behind)).all()
    assert np.isnan(project(LENSES["barrel"], behind)).all()


def test_a_folded_back_lens_sees_nothing_beyond_the_fold() -> None:
    """Strong barrel distortion turns around at some radius: a far point must not come back in."""
    camera = lens("brown_conrady", 110.0, (-0.3, 0.0, 0.0, 0.0, 0.0))
    assert np.isnan(project(camera, np.array([[1.8, 0.0, 1.0]]))).all()
    assert np.isfinite(project(camera, np.array([[0.9, 0.0, 1.0]]))).all()
