"""Cameras as data: what each one sees through, where it sits, and when it looks.

Frames: the ego's is x forward, y left, z up, with the origin on the ground below the middle of the
rear axle (ISO 8855). A camera's is z forward, x right, y down, as OpenCV has it.

Lens models, after Brown, "Decentering distortion of lenses", 1966, and Kannala and Brandt, "A
generic camera model ...", PAMI 2006 (OpenCV's ``fisheye``): a calibration's ``distortion`` holds
k1, k2, p1, p2, k3 for ``brown_conrady`` and k1 to k4 for ``kannala_brandt``.
"""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from bessemer.core.errors import InputError
from bessemer.core.ids import StreamName
from bessemer.core.records import Calibration

MODELS = {"pinhole": 0, "brown_conrady": 5, "kannala_brandt": 4}
"""Lens models, with how many coefficients each has."""

_RANGES = {
    "offset_s": (0.0, math.inf),
    "exposure": (0.0, math.inf),
    "noise_frac": (0.0, 1.0),
    "shot_noise_frac": (0.0, 1.0),
    "dirt_frac": (0.0, 1.0),
    "dirt_seed": (0, math.inf),
    "glare_frac": (0.0, math.inf),
}
"""What a camera's numbers may be; glare adds up, so that it may pass 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Camera:
    """One camera of a rig.

    Attributes:
        name: Stream that its pictures go to: ``front``.
        calibration: Lens, picture size and pose on the ego.
        offset_s: When in a period it looks, so that a rig need not look everywhere at once.
        exposure: Factor on what reaches the sensor; 0 lets the camera choose for each picture.
        noise_frac: Standard deviation of read noise, as a share of full scale.
        shot_noise_frac: Standard deviation of shot noise at full scale.
        dirt_frac: Share of the lens that is dirty.
        dirt_seed: Draws where the dirt sits.
        glare_frac: How strongly a sun in view floods the picture.
    """

    name: StreamName
    calibration: Calibration
    offset_s: float = 0.0
    exposure: float = 0.0
    noise_frac: float = 0.008
    shot_noise_frac: float = 0.02
    dirt_frac: float = 0.0
    dirt_seed: int = 0
    glare_frac: float = 0.3

    def __post_init__(self) -> None:
        """Check that the lens can be looked through."""
        where = f"camera {self.name}"
        _check_lens(self.calibration, where)
        _check_matrix(self.intrinsics, where)
        _check_pose(self.ego_from_camera, where)
        for name, (low, high) in _RANGES.items():
            value = getattr(self, name)
            if not (math.isfinite(value) and low <= value <= high):
                allowed = f"from {low:g}" if math.isinf(high) else f"in [{low:g}, {high:g}]"
                raise InputError(
                    f"{name} is {value}.", where=where, fix=f"Give a finite number {allowed}."
                )

    @property
    def intrinsics(self) -> Float64[np.ndarray, "3 3"]:
        """The camera matrix, pixels."""
        return np.array(self.calibration.intrinsics, np.float64).reshape(3, 3)

    @property
    def ego_from_camera(self) -> Float64[np.ndarray, "4 4"]:
        """The camera's pose on the ego."""
        return np.array(self.calibration.ego_from_camera, np.float64).reshape(4, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rig:
    """The cameras of a vehicle.

    Attributes:
        name: What it is called.
        cameras: In the order in which pictures come.
        rate_hz: Pictures a second and camera.
    """

    name: str
    cameras: tuple[Camera, ...]
    rate_hz: float = 5.0

    def __post_init__(self) -> None:
        """Check that cameras have names of their own and look within a period."""
        names = [camera.name for camera in self.cameras]
        if not names or len(set(names)) != len(names):
            raise InputError(
                "A rig has at least one camera, and no two of one name.",
                where=f"rig {self.name}",
                fix="Give every camera a name of its own.",
            )
        if not 0 < self.rate_hz < math.inf:
            raise InputError(
                f"A rig looks at a finite rate above 0, not {self.rate_hz}.",
                where=f"rig {self.name}",
                fix="Give `rate_hz`, such as 5.0.",
            )
        for camera in self.cameras:
            if not 0 <= camera.offset_s < 1 / self.rate_hz:
                raise InputError(
                    f"Camera {camera.name!r} looks outside of a period of {1 / self.rate_hz} s.",
                    where=f"rig {self.name}",
                    fix="Give an `offset_s` from 0, below 1 / `rate_hz`.",
                )


def look_from(
    x_m: float, y_m: float, z_m: float, *, yaw_rad: float = 0.0, pitch_rad: float = 0.0
) -> tuple[float, ...]:
    """Return ``ego_from_camera``, row by row, of a camera at a place that looks some way.

    Args:
        x_m: Forward of the rear axle.
        y_m: To the left.
        z_m: Above the ground.
        yaw_rad: Turned to the left.
        pitch_rad: Turned downwards.

    Returns:
        Sixteen numbers, a rigid transform.
    """
    forward = np.array(
        [
            np.cos(yaw_rad) * np.cos(pitch_rad),
            np.sin(yaw_rad) * np.cos(pitch_rad),
            -np.sin(pitch_rad),
        ]
    )
    right = np.array([np.sin(yaw_rad), -np.cos(yaw_rad), 0.0])
    pose = np.eye(4)
    pose[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    pose[:3, 3] = (x_m, y_m, z_m)
    return tuple(float(value) for value in pose.ravel())


def pinhole(
    name: str, width_px: int, height_px: int, fov_rad: float, pose: tuple[float, ...]
) -> Camera:
    """Return a camera without distortion.

    Args:
        name: Stream of its pictures.
        width_px: Width.
        height_px: Height.
        fov_rad: Horizontal field of view.
        pose: ``ego_from_camera``; see :func:`look_from`.

    Returns:
        The camera, with its optical axis through the middle of the picture.
    """
    focal = width_px / 2 / float(np.tan(fov_rad / 2))
    matrix = (focal, 0.0, width_px / 2, 0.0, focal, height_px / 2, 0.0, 0.0, 1.0)
    return Camera(
        name=StreamName(name),
        calibration=Calibration(
            model="pinhole",
            width_px=width_px,
            height_px=height_px,
            intrinsics=matrix,
            ego_from_camera=pose,
        ),
    )


def _check_lens(calibration: Calibration, where: str) -> None:
    """Raise an error if a picture has no size, or its lens bends by none of the models."""
    if calibration.model not in MODELS:
        raise InputError(
            f"There is no lens model {calibration.model!r}.",
            where=where,
            fix=f"Take one of: {', '.join(MODELS)}.",
        )
    size = (calibration.width_px, calibration.height_px)
    if min(size) < 1:
        raise InputError(
            f"A picture of {size[0]} x {size[1]} pixels shows nothing.",
            where=where,
            fix="Give `width_px` and `height_px` from 1.",
        )
    expected = MODELS[calibration.model]
    given = calibration.distortion
    if len(given) != expected or not np.isfinite(given).all():
        raise InputError(
            f"{calibration.model} has {expected} coefficients, not {given}.",
            where=where,
            fix=f"Give `distortion` with {expected} finite numbers.",
        )


def _check_matrix(matrix: Float64[np.ndarray, "3 3"], where: str) -> None:
    """Raise an error if a camera matrix gives some pixel no ray."""
    fix = "Give finite numbers, focal lengths above 0 and a last row of 0 0 1."
    if not np.isfinite(matrix).all():
        raise InputError("The camera matrix is not finite.", where=where, fix=fix)
    if not abs(float(np.linalg.det(matrix))) >= 1e-9:
        raise InputError(
            "The camera matrix is singular: no ray belongs to a pixel.", where=where, fix=fix
        )
    if not min(matrix[0, 0], matrix[1, 1]) > 0:
        raise InputError(
            f"The focal lengths are {matrix[0, 0]:g} and {matrix[1, 1]:g} pixels.",
            where=where,
            fix=fix,
        )
    if not np.allclose(matrix[2], (0.0, 0.0, 1.0), rtol=0.0, atol=1e-9):
        raise InputError(
            f"The camera matrix ends in the row {matrix[2].tolist()}.", where=where, fix=fix
        )


def _check_pose(pose: Float64[np.ndarray, "4 4"], where: str) -> None:
    """Raise an error if a pose is no rigid transform."""
    if not np.isfinite(pose).all():
        raise InputError(
            "The camera's pose is not finite.",
            where=where,
            fix="Give `ego_from_camera` with 16 finite numbers.",
        )
    if not np.allclose(pose[3], (0.0, 0.0, 0.0, 1.0), rtol=0.0, atol=1e-9):
        raise InputError(
            f"The camera's pose ends in the row {pose[3].tolist()}.",
            where=where,
            fix="Give `ego_from_camera` row by row, the last of them 0 0 0 1.",
        )
    rotation = pose[:3, :3]
    turned = np.allclose(rotation @ rotation.T, np.eye(3), atol=1e-4)
    if not (turned and float(np.linalg.det(rotation)) > 0):
        raise InputError(
            "The camera's pose is no rotation.",
            where=where,
            fix="Give an orthonormal, right-handed rotation in `ego_from_camera`.",
        )
