from pathlib import Path

import numpy as np
import pytest

from bessemer.core.errors import InputError
from bessemer.twin.rig import Rig
from bessemer.twin.rigs import RIGS, load_rig

TOML = """
name = "mine"
rate_hz = 10.0
[[cameras]]
name = "front"
[cameras.calibration]
model = "pinhole"
width_px = 64
height_px = 48
intrinsics = [{focal}, 0.0, 32.0, 0.0, 50.0, 24.0, 0.0, 0.0, 1.0]
ego_from_camera = [0.0, 0.0, 1.0, 1.5, -1.0, 0.0, 0.0, 0.0, 0.0, -1.0, 0.0, 1.4, 0.0, 0.0, 0.0, 1.0]
"""


def headings(rig: Rig) -> np.ndarray:
    axes = np.array([camera.ego_from_camera[:3, 2] for camera in rig.cameras])
    return np.sort(np.degrees(np.arctan2(axes[:, 1], axes[:, 0])))


@pytest.mark.parametrize("name", RIGS)
def test_pictures_stand_upright(name: str) -> None:
    for camera in load_rig(name).cameras:
        down = camera.ego_from_camera[:3, 1]
        assert down[2] < -0.9
        assert camera.ego_from_camera[2, 3] > 0.5


def test_six_cameras_leave_no_gap_around() -> None:
    rig = load_rig("surround", width_px=128, height_px=72)
    assert len(rig.cameras) == 6
    seen = np.zeros(360, bool)
    for camera in rig.cameras:
        axis = camera.ego_from_camera[:3, 2]
        middle = np.degrees(np.arctan2(axis[1], axis[0]))
        half = np.degrees(np.arctan(64 / camera.intrinsics[0, 0]))
        gap = (np.arange(360) - middle + 180) % 360 - 180
        seen |= np.abs(gap) <= half
    assert seen.all()


def test_eight_has_left_and_right_alike() -> None:
    rig = load_rig("eight")
    assert len(rig.cameras) == 8
    np.testing.assert_allclose(headings(rig)[:2], [-140.0, -60.0])
    sides = [c.ego_from_camera[1, 3] for c in rig.cameras if "left" in c.name or "right" in c.name]
    assert sum(sides) == 0


@pytest.mark.parametrize("name", ["surround", "eight"])
@pytest.mark.parametrize("rate_hz", [1.0, 3.0, 5.0, 30.0])
def test_cameras_share_a_period_evenly_clockwise_from_ahead(name: str, rate_hz: float) -> None:
    rig = load_rig(name, rate_hz=rate_hz)
    offsets = [camera.offset_s for camera in rig.cameras]
    steps = np.diff([*offsets, 1 / rate_hz])
    assert offsets[0] == 0
    np.testing.assert_allclose(steps, 1 / (len(offsets) * rate_hz))
    axes = np.array([camera.ego_from_camera[:3, 2] for camera in rig.cameras])
    clockwise = -np.degrees(np.arctan2(axes[:, 1], axes[:, 0])).round(6) % 360
    assert clockwise[0] == 0
    assert (np.diff(clockwise) >= 0).all()


def test_one_camera_ahead_looks_when_a_period_begins() -> None:
    assert [camera.offset_s for camera in load_rig("front").cameras] == [0.0]


def test_a_file_holds_a_rig(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TOML.format(focal="50.0"))
    rig = load_rig(str(path))
    assert (rig.name, rig.rate_hz, rig.cameras[0].calibration.width_px) == ("mine", 10.0, 64)
    np.testing.assert_allclose(rig.cameras[0].ego_from_camera[:3, 2], [1, 0, 0])


def test_a_singular_matrix_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(TOML.format(focal="0.0"))
    with pytest.raises(InputError, match="singular"):
        load_rig(str(path))


@pytest.mark.parametrize(
    ("text", "said"), [("name = 3", "name"), ("name = ", "no rig"), ("x = 1\n", "no rig")]
)
def test_a_file_that_holds_none_is_named(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(InputError, match=said) as raised:
        load_rig(str(path))
    assert str(path) in str(raised.value)


def test_a_misspelt_name_is_mended() -> None:
    with pytest.raises(InputError, match="surround"):
        load_rig("suround")
