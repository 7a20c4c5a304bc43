"""Rigs by name, and rigs of the user's own from a TOML file.

Angles and places of ``surround`` follow the camera layout that nuScenes publishes (Caesar et al.,
CVPR 2020, figure 1: five cameras of 70 degrees and one of 110 behind), those of ``eight`` what
Tesla says of its cars (front at three focal lengths, pillars, repeaters, rear), both on the twin's
own car. Cameras of both look one after the other, clockwise as seen from above, so that a sweep
takes a period.
"""

import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import msgspec
import numpy as np

from bessemer.core.errors import InputError
from bessemer.core.ids import StreamName
from bessemer.core.records import Calibration
from bessemer.twin.rig import Camera, Rig, look_from, pinhole

_DEG = float(np.pi) / 180


def front(width_px: int = 320, height_px: int = 180, rate_hz: float = 5.0) -> Rig:
    """Return one camera behind the windscreen that sees 70 degrees.

    Args:
        width_px: Width of a picture.
        height_px: Its height.
        rate_hz: Pictures a second.

    Returns:
        The rig.
    """
    pose = look_from(1.6, 0.0, 1.35, pitch_rad=3 * _DEG)
    camera = pinhole("front", width_px, height_px, 70 * _DEG, pose)
    return Rig(name="front", cameras=(camera,), rate_hz=rate_hz)


def surround(width_px: int = 320, height_px: int = 180, rate_hz: float = 5.0) -> Rig:
    """Return six cameras that see all around, one after the other within a period.

    Args:
        width_px: Width of a picture.
        height_px: Its height.
        rate_hz: Pictures a second and camera.

    Returns:
        The rig.
    """
    places = (
        ("front", 1.7, 0.0, 0.0, 70.0),
        ("front_right", 1.5, -0.5, -55.0, 70.0),
        ("back_right", 1.0, -0.5, -110.0, 70.0),
        ("back", 0.0, 0.0, 180.0, 110.0),
        ("back_left", 1.0, 0.5, 110.0, 70.0),
        ("front_left", 1.5, 0.5, 55.0, 70.0),
    )
    cameras = tuple(
        pinhole(
            name,
            width_px,
            height_px,
            fov * _DEG,
            look_from(x, y, 1.55, yaw_rad=yaw * _DEG, pitch_rad=2 * _DEG),
        )
        for name, x, y, yaw, fov in places
    )
    return Rig(name="surround", cameras=_in_turn(cameras, rate_hz), rate_hz=rate_hz)


def eight(width_px: int = 320, height_px: int = 240, rate_hz: float = 5.0) -> Rig:
    """Return eight cameras, one after the other: three ahead, and fisheyes in front and behind.

    Args:
        width_px: Width of a picture.
        height_px: Its height.
        rate_hz: Pictures a second and camera.

    Returns:
        The rig.
    """
    places = (
        ("main", 1.7, 0.0, 1.4, 0.0, 50.0),
        ("narrow", 1.7, 0.03, 1.4, 0.0, 35.0),
        ("right_pillar", 1.1, -0.7, 1.2, -60.0, 90.0),
        ("right_repeater", 2.3, -0.95, 0.9, -140.0, 80.0),
        ("left_repeater", 2.3, 0.95, 0.9, 140.0, 80.0),
        ("left_pillar", 1.1, 0.7, 1.2, 60.0, 90.0),
    )
    pinholes = [
        pinhole(name, width_px, height_px, fov * _DEG, look_from(x, y, z, yaw_rad=yaw * _DEG))
        for name, x, y, z, yaw, fov in places
    ]
    wide = fisheye("wide", width_px, height_px, 140 * _DEG, look_from(1.7, -0.03, 1.4))
    rear = fisheye(
        "rear",
        width_px,
        height_px,
        150 * _DEG,
        look_from(-0.9, 0.0, 0.95, yaw_rad=np.pi, pitch_rad=10 * _DEG),
    )
    main, narrow, *right, left_repeater, left_pillar = pinholes
    cameras = (main, narrow, wide, *right, rear, left_repeater, left_pillar)
    return Rig(name="eight", cameras=_in_turn(cameras, rate_hz), rate_hz=rate_hz)


def _in_turn(cameras: Iterable[Camera], rate_hz: float) -> tuple[Camera, ...]:
    """Return cameras that share a period evenly, in their order."""
    every = tuple(cameras)
    return tuple(
        replace(camera, offset_s=i / (len(every) * rate_hz)) for i, camera in enumerate(every)
    )


def fisheye(
    name: str, width_px: int, height_px: int, fov_rad: float, pose: tuple[float, ...]
) -> Camera:
    """Return a camera whose angles grow evenly with the distance from the picture's middle.

    Args:
        name: Stream of its pictures.
        width_px: Width.
        height_px: Height.
        fov_rad: Horizontal field of view.
        pose: ``ego_from_camera``; see :func:`bessemer.twin.rig.look_from`.

    Returns:
        The camera, equidistant but for a slight bend at the rim.
    """
    focal = width_px / fov_rad
    matrix = (focal, 0.0, width_px / 2, 0.0, focal, height_px / 2, 0.0, 0.0, 1.0)
    return Camera(
        name=StreamName(name),
        calibration=Calibration(
            model="kannala_brandt",
            width_px=width_px,
            height_px=height_px,
            intrinsics=matrix,
            distortion=(-0.01, 0.001, 0.0, 0.0),
            ego_from_camera=pose,
        ),
    )


RIGS: dict[str, Callable[..., Rig]] = {"front": front, "surround": surround, "eight": eight}
"""Rigs by name; each takes ``width_px``, ``height_px`` and ``rate_hz``."""


def load_rig(name_or_path: str, **size: Any) -> Rig:
    """Return a rig by its name, or from a file.

    Args:
        name_or_path: A name of :data:`RIGS`, or a TOML file with the fields of
            :class:`~bessemer.twin.rig.Rig`.
        **size: ``width_px``, ``height_px``, ``rate_hz`` of a rig by name.

    Returns:
        The rig.

    Raises:
        InputError: If there is no such rig, or the file does not hold one.

    Example:
        >>> [camera.name for camera in load_rig("front").cameras]
        ['front']
    """
    if name_or_path in RIGS:
        return RIGS[name_or_path](**size)
    path = Path(name_or_path)
    if path.suffix != ".toml":
        close = get_close_matches(name_or_path, RIGS, n=1)
        raise InputError(
            f"There is no rig {name_or_path!r}.",
            where="rig",
            fix=f"Did you mean {close[0]!r}?"
            if close
            else f"Take one of {', '.join(RIGS)}, or a .toml file.",
        )
    try:
        table = tomllib.loads(path.read_text())
        return msgspec.convert(table, Rig)
    except InputError as error:
        place = error.where or _whose_calibration(table)
        raise InputError(error.what, where=f"{path}: {place}", fix=error.fix) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as e:
        raise InputError(
            f"The file holds no rig: {e}.",
            where=str(path),
            fix="Give `name`, `rate_hz` and one [[cameras]] table a camera, each with a "
            "[cameras.calibration].",
        ) from e


def _whose_calibration(table: dict[str, Any]) -> str:
    """Return the first camera of a rig's table whose calibration is refused: it knows no name."""
    for camera in table["cameras"]:
        try:
            msgspec.convert(camera["calibration"], Calibration)
        except InputError:
            return f"camera {camera['name']}"
    return "cameras"
