"""Where a pixel looks, and where a point is seen: the three lens models of a rig.

Source: Brown, "Decentering distortion of lenses", 1966, and Kannala and Brandt, "A generic camera
model and calibration method ...", PAMI 2006, in the form of OpenCV's ``calib3d`` and ``fisheye``.
Distortion is undone by Newton's method, in double precision; rays are computed once a camera.
Pixels: the centre of the one at row i and column j lies at (j + 0.5, i + 0.5).

Shapes: h rows, w columns, n points; the camera's frame is z forward, x right, y down.
"""

import numpy as np
from jaxtyping import Float, Float32, Float64

from bessemer.core.records import Calibration
from bessemer.twin.rig import Camera

_STEPS = 20  # Newton converges in under ten; the rest costs nothing once a camera


def rays(
    camera: Camera, *, offset_px: tuple[float, float] = (0.5, 0.5)
) -> Float32[np.ndarray, "h w 3"]:
    """Return the direction in which each pixel looks.

    Args:
        camera: The camera.
        offset_px: Where in a pixel, from its upper left corner: x, y.

    Returns:
        Unit vectors in the camera's frame.

    Example:
        >>> from bessemer.twin.rig import look_from, pinhole
        >>> camera = pinhole("front", 3, 3, 1.0, look_from(0.0, 0.0, 1.5))
        >>> rays(camera)[1, 1].tolist()
        [0.0, 0.0, 1.0]
    """
    calibration = camera.calibration
    rows, columns = np.mgrid[0 : calibration.height_px, 0 : calibration.width_px]
    pixels = np.stack([columns + offset_px[0], rows + offset_px[1], np.ones(rows.shape)], axis=-1)
    seen = pixels @ np.linalg.inv(camera.intrinsics).T
    seen = seen[..., :2] / seen[..., 2:]
    if calibration.model == "kannala_brandt":
        return _unbend_fisheye(calibration, seen).astype(np.float32)
    if calibration.model == "brown_conrady":
        seen = _undistort(calibration, seen)
    ahead = np.concatenate([seen, np.ones((*seen.shape[:-1], 1))], axis=-1)
    unit: np.ndarray = ahead / np.linalg.norm(ahead, axis=-1, keepdims=True)
    return unit.astype(np.float32)


def project(camera: Camera, points: Float[np.ndarray, "n 3"]) -> Float64[np.ndarray, "n 2"]:
    """Return where points are seen, in pixels, whether or not inside the picture.

    Args:
        camera: The camera.
        points: In the camera's frame.

    Returns:
        Column and row of each; nan where the lens cannot see it (behind a pinhole, or outside
        of the angles that the distortion was fitted for).
    """
    calibration = camera.calibration
    places = np.asarray(points, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        if calibration.model == "kannala_brandt":
            seen = _bend_fisheye(calibration, places)
        else:
            seen = places[:, :2] / places[:, 2:]
            radius = np.linalg.norm(seen, axis=1)
            blind = places[:, 2] <= 0
            if calibration.model == "brown_conrady":
                blind |= radius > _turning(_radial(calibration))
                seen = _distort(calibration, seen)
            seen = np.where(blind[:, None], np.nan, seen)
    whole = np.concatenate([seen, np.ones((len(seen), 1))], axis=1) @ camera.intrinsics.T
    pixels: np.ndarray = whole[:, :2] / whole[:, 2:]
    return pixels


def _radial(calibration: Calibration) -> tuple[float, ...]:
    """Return the coefficients of r^3, r^5, ... of a lens."""
    if calibration.model == "kannala_brandt":
        return tuple(calibration.distortion)
    k1, k2, _, _, k3 = calibration.distortion
    return (k1, k2, k3)


def _turning(radial: tuple[float, ...]) -> float:
    """Return where r (1 + k1 r^2 + ...) stops to rise: beyond it the model folds back."""
    slope = [(2 * i + 3) * k for i, k in reversed(list(enumerate(radial)))]
    roots = np.roots([*slope, 1.0])
    real = roots[np.abs(roots.imag) < 1e-12].real
    positive = real[real > 0]
    return float(np.sqrt(positive.min())) if len(positive) else float("inf")


def _distort(calibration: Calibration, xy: Float64[np.ndarray, "... 2"]) -> np.ndarray:
    k1, k2, p1, p2, k3 = calibration.distortion
    x, y = xy[..., 0], xy[..., 1]
    r2 = x * x + y * y
    radial = 1 + r2 * (k1 + r2 * (k2 + r2 * k3))
    return np.stack(
        [
            x * radial + 2 * p1 * x * y + p2 * (r2 + 2 * x * x),
            y * radial + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y,
        ],
        axis=-1,
    )


def _undistort(calibration: Calibration, seen: Float64[np.ndarray, "h w 2"]) -> np.ndarray:
    """Return what ``_distort`` maps to ``seen``: Newton's method with a Jacobian by differences."""
    tiny = 1e-6
    right, down = np.array([tiny, 0.0]), np.array([0.0, tiny])
    xy = seen.copy()
    for _ in range(_STEPS):
        here = _distort(calibration, xy)
        along_x = (_distort(calibration, xy + right) - here) / tiny
        along_y = (_distort(calibration, xy + down) - here) / tiny
        miss = here - seen
        det = along_x[..., 0] * along_y[..., 1] - along_y[..., 0] * along_x[..., 1]
        det = np.where(np.abs(det) < 1e-9, 1e-9, det)
        dx = (miss[..., 0] * along_y[..., 1] - along_y[..., 0] * miss[..., 1]) / det
        dy = (along_x[..., 0] * miss[..., 1] - miss[..., 0] * along_x[..., 1]) / det
        xy = xy - np.clip(np.stack([dx, dy], axis=-1), -0.5, 0.5)
    return xy


def _bend(calibration: Calibration, theta: np.ndarray) -> np.ndarray:
    k1, k2, k3, k4 = calibration.distortion
    t2 = theta * theta
    bent: np.ndarray = theta * (1 + t2 * (k1 + t2 * (k2 + t2 * (k3 + t2 * k4))))
    return bent


def _bend_fisheye(calibration: Calibration, points: Float64[np.ndarray, "n 3"]) -> np.ndarray:
    across = np.linalg.norm(points[:, :2], axis=1)
    theta = np.arctan2(across, points[:, 2])
    bent = _bend(calibration, theta)
    bent = np.where(theta > _turning(_radial(calibration)), np.nan, bent)
    scale = np.where(across > 1e-12, bent / np.maximum(across, 1e-12), 0.0)
    seen: np.ndarray = points[:, :2] * scale[:, None]
    return seen


def _unbend_fisheye(calibration: Calibration, seen: Float64[np.ndarray, "h w 2"]) -> np.ndarray:
    """Return unit vectors; pixels beyond the lens's circle look along its rim."""
    k1, k2, k3, k4 = calibration.distortion
    bent = np.linalg.norm(seen, axis=-1)
    most = min(_turning(_radial(calibration)), float(np.pi))
    theta = np.minimum(bent, most)
    for _ in range(_STEPS):
        t2 = theta * theta
        slope = 1 + t2 * (3 * k1 + t2 * (5 * k2 + t2 * (7 * k3 + t2 * 9 * k4)))
        step = (_bend(calibration, theta) - bent) / np.maximum(slope, 1e-3)
        theta = np.clip(theta - step, 0.0, most)
    scale = np.where(bent > 1e-12, np.sin(theta) / np.maximum(bent, 1e-12), 1.0)
    return np.concatenate([seen * scale[..., None], np.cos(theta)[..., None]], axis=-1)
