from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bessemer.core.errors import InputError
from bessemer.core.ids import StreamName
from bessemer.twin.rig import Camera, Rig
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


FRONT = load_rig("front").cameras[0]


def with_number(field: str, index: int, value: float) -> Camera:
    """Return a camera with one number of its calibration in place of another."""
    numbers = list(getattr(BENT.calibration, field))
    numbers[index] = value
    changed: dict[str, Any] = {field: tuple(numbers)}
    return replace(BENT, calibration=replace(BENT.calibration, **changed))


BENT = replace(
    FRONT,
    name=StreamName("left"),
    calibration=replace(FRONT.calibration, model="brown_conrady", distortion=(0.0,) * 5),
)
NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("field", "index", "value", "said"),
    [
        *[("intrinsics", i, bad, "matrix is not finite") for i in range(9) for bad in (NAN, INF)],
        *[("ego_from_camera", i, NAN, "pose is not finite") for i in range(16)],
        *[("distortion", i, bad, "has 5 coefficients, not") for i in (0, 4) for bad in (NAN, INF)],
        *[("intrinsics", i, -50.0, "focal lengths") for i in (0, 4)],
        *[("intrinsics", i, 0.0, "singular") for i in (0, 4)],
        *[("intrinsics", i, 0.5, "ends in the row") for i in (6, 7, 8)],
        ("intrinsics", 0, 1e-30, "singular"),
        *[("ego_from_camera", i, 0.5, "ends in the row") for i in (12, 13, 14, 15)],
        ("ego_from_camera", 0, 2.0, "no rotation"),
    ],
)
def test_a_lens_that_cannot_be_looked_through_is_refused(
    field: str, index: int, value: float, said: str
) -> None:
    with pytest.raises(InputError, match=said) as raised:
        with_number(field, index, value)
    assert raised.value.where == "camera left"
    assert raised.value.fix


@pytest.mark.parametrize("field", ["width_px", "height_px"])
def test_a_picture_has_a_pixel(field: str) -> None:
    none: dict[str, Any] = {field: 0}
    calibration = replace(BENT.calibration, **none)
    with pytest.raises(InputError, match=r"shows nothing.*camera left"):
        replace(BENT, calibration=calibration)


@pytest.mark.parametrize(
    ("field", "bad"),
    [
        *[(f, (NAN, INF, -0.1)) for f in ("offset_s", "exposure", "glare_frac")],
        *[(f, (NAN, -0.1, 1.1)) for f in ("noise_frac", "shot_noise_frac", "dirt_frac")],
        ("dirt_seed", (-1,)),
    ],
)
def test_a_camera_takes_numbers_in_their_ranges(field: str, bad: tuple[float, ...]) -> None:
    for value in bad:
        changed: dict[str, Any] = {field: value}
        with pytest.raises(InputError, match=rf"{field} is .*camera left.* Give") as raised:
            replace(BENT, **changed)
        assert raised.value.fix


@pytest.mark.parametrize("rate_hz", [0.0, -1.0, NAN, INF])
def test_a_rig_has_a_finite_rate(rate_hz: float) -> None:
    with pytest.raises(InputError, match=r"rate above 0.*rig mine"):
        Rig(name="mine", cameras=(FRONT,), rate_hz=rate_hz)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("intrinsics = [50.0, ", "intrinsics = [-50.0, ", "focal lengths"),
        ("intrinsics = [50.0, ", "intrinsics = [", "9 intrinsics"),
        ('"pinhole"', '"pinhol"', "lens model"),
    ],
)
def test_what_is_wrong_with_a_camera_names_the_file(
    right: str, wrong: str, said: str, tmp_path: Path
) -> None:
    path = tmp_path / "mine.toml"
    text = TOML.format(focal="50.0")
    second = text[text.index("[[cameras]]") :].replace('"front"', '"left"')
    path.write_text(text + second.replace(right, wrong))
    with pytest.raises(InputError, match=said) as raised:
        load_rig(str(path))
    assert raised.value.where == f"{path}: camera left"
    assert raised.value.fix
