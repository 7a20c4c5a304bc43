"""From the light that reaches a camera to the picture it hands out: exposure, faults, film.

In order: rain and snow before the lens, dirt and glare on it, vignetting and bloom in it, exposure,
a filmic curve, noise, eight bits. The curve is Narkowicz's fit of ACES ("ACES filmic tone mapping
curve", 2016), half by channel and half by the strongest channel, so that a brake light stays red.

Cost: about 1 ms a picture of 128 x 72. Shapes: h rows, w columns.
"""

from functools import lru_cache
from zlib import crc32

import numpy as np
from jaxtyping import Float32, Float64, UInt8

from bessemer.twin.classes import SemanticClass
from bessemer.twin.render.image import Image, Look
from bessemer.twin.render.lens import project
from bessemer.twin.render.light import Light

_KEY = 0.17  # radiance that a picture's log average is brought to
_LEAST_GAIN, _MOST_GAIN = 0.25, 10.0
_ADAPTS = 0.6  # below 1, a dark scene stays darker than a bright one
_VIGNETTE = 0.22
_LUMINANCE = np.array([0.2126, 0.7152, 0.0722], np.float32)
_STEPS = 4096


def metered_gain(image: Image) -> float:
    """Return the exposure that a camera would choose for an image.

    Args:
        image: What reaches the sensor.

    Returns:
        A factor on radiance.

    Example:
        >>> grey = np.full((2, 2, 3), 0.17, np.float32)
        >>> nothing = np.zeros((2, 2))
        >>> image = Image(
        ...     radiance=grey,
        ...     depth_m=nothing.astype(np.float32),
        ...     semantic=nothing.astype(np.uint8),
        ...     instance=nothing.astype(np.int32),
        ... )
        >>> round(metered_gain(image), 3)
        1.0
    """
    luminance = np.minimum(image.radiance, 4.0) @ _LUMINANCE
    average = float(np.exp(np.log(luminance + 1e-4).mean()))
    return float(np.clip((_KEY / average) ** _ADAPTS, _LEAST_GAIN, _MOST_GAIN))


def develop(
    image: Image, look: Look, light: Light, *, gain: float, seed: int
) -> UInt8[np.ndarray, "h w 3"]:
    """Return the picture that a camera hands out.

    Args:
        image: What reaches the sensor.
        look: The camera, its pose and the time.
        light: Weather and sun.
        gain: Exposure, as :func:`metered_gain` gives it.
        seed: Draws noise, rain and snow, together with the camera's name and the time.

    Returns:
        sRGB.
    """
    camera = look.camera
    rng = np.random.default_rng([seed, crc32(camera.name.encode()), look.t_ns])
    seen = image.radiance * np.float32(gain)
    air = np.array(light.fog, np.float32) * np.float32(gain)
    if light.rain_frac > 0 or light.flakes_frac > 0:
        seen = _falling(seen, light, 1.35 * air + 0.03, rng)
    if camera.dirt_frac > 0:
        seen = _soiled(seen, camera.dirt_frac, camera.dirt_seed, 0.25, 0.07)
    if light.rain_frac > 0:
        drops = int(rng.integers(2**31))
        seen = _soiled(seen, 0.05 * light.rain_frac, drops, 0.9, 0.018)
    seen = _bloomed(seen) + _glare(image, look, light, gain)
    seen *= _vignette(*seen.shape[:2])
    shown = _film(seen)
    iso = max(gain, 1.0) ** 0.5
    spread = np.sqrt((camera.noise_frac * iso) ** 2 + camera.shot_noise_frac**2 * iso * shown)
    shown = shown + spread * rng.standard_normal(shown.shape, dtype=np.float32)
    return np.asarray(np.clip(shown, 0.0, 1.0) * 255.0 + 0.5, np.uint8)


def _film(seen: Float32[np.ndarray, "h w 3"]) -> Float32[np.ndarray, "h w 3"]:
    """Return display values in [0, 1], sRGB encoded."""
    red, green, blue = (seen[..., i : i + 1] for i in range(3))  # numpy's max of three is slow
    strongest = np.maximum(np.maximum(np.maximum(red, green), blue), 1e-6)
    kept = seen * (_curve(strongest) / strongest)
    return _encode(np.asarray(0.5 * (kept + _curve(seen))))


def _curve(x: np.ndarray) -> np.ndarray:
    y = (x * (2.51 * x + 0.03)) / (x * (2.43 * x + 0.59) + 0.14)
    return np.asarray(np.minimum(y, 1.0))


@lru_cache(maxsize=1)
def _srgb() -> Float32[np.ndarray, " s"]:
    """Return sRGB of the squares of evenly spaced numbers in [0, 1]."""
    linear = np.linspace(0.0, 1.0, _STEPS) ** 2
    curve = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(curve, np.float32)


def _encode(linear: np.ndarray) -> np.ndarray:
    rows = (np.sqrt(np.clip(linear, 0.0, 1.0)) * (_STEPS - 1)).astype(np.int32)
    return np.asarray(_srgb()[rows])


@lru_cache(maxsize=64)
def _gauss(n: int, sigma: float) -> Float32[np.ndarray, "n n"]:
    """Return the matrix that blurs a column of n pixels; blurring is two products of matrices."""
    place = np.arange(n)
    weight = np.exp(-0.5 * ((place[:, None] - place[None]) / sigma) ** 2)
    return np.asarray(weight / weight.sum(axis=1, keepdims=True), np.float32)


def _blur(seen: np.ndarray, sigma: float) -> np.ndarray:
    height, width = seen.shape[:2]
    down = np.tensordot(_gauss(height, sigma), seen, axes=(1, 0))
    across = np.tensordot(_gauss(width, sigma), down, axes=(1, 1))
    return np.ascontiguousarray(np.swapaxes(across, 0, 1), dtype=np.float32)


@lru_cache(maxsize=16)
def _vignette(height: int, width: int) -> Float32[np.ndarray, "h w 1"]:
    rows, columns = np.mgrid[0:height, 0:width]
    off = np.hypot((columns + 0.5) / width - 0.5, (rows + 0.5) / height - 0.5) / np.sqrt(0.5)
    return np.asarray(1.0 - _VIGNETTE * off**2, np.float32)[..., None]


def _bloomed(seen: np.ndarray) -> np.ndarray:
    """Let what is too bright shine onto its neighbours."""
    over = np.clip(seen - 1.2, 0.0, 12.0)
    if not over.any():
        return seen.copy()
    width = seen.shape[1]
    halo = 0.35 * _blur(over, 0.008 * width) + 0.12 * _blur(over, 0.035 * width)
    return np.asarray(seen + halo)


@lru_cache(maxsize=32)
def _spots(
    height: int, width: int, share: float, seed: int, size_frac: float
) -> Float32[np.ndarray, "h w 1"]:
    """Return soft blobs that cover a share of the picture."""
    grain = np.random.default_rng(seed).standard_normal((height, width, 1), dtype=np.float32)
    lumps = _blur(grain, max(size_frac * width, 0.7))
    edge = np.quantile(lumps, 1.0 - min(share, 1.0))
    soft = float(lumps.std()) * 0.35 + 1e-9
    return np.asarray(np.clip((lumps - edge) / soft + 0.5, 0.0, 1.0), np.float32)


def _soiled(
    seen: np.ndarray, share: float, seed: int, clear_frac: float, size_frac: float
) -> np.ndarray:
    """Blur and dim what lies behind blobs on the lens."""
    height, width = seen.shape[:2]
    blob = _spots(height, width, share, seed, size_frac)
    veil = seen.mean(axis=(0, 1)) * np.array([0.55, 0.5, 0.42], np.float32)
    through = clear_frac * _blur(seen, 0.04 * width) + (1.0 - clear_frac) * veil
    return np.asarray(seen + 0.93 * blob * (through - seen))


def _falling(
    seen: np.ndarray, light: Light, colour: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw streaks of rain and flakes of snow before the lens."""
    height, width = seen.shape[:2]
    layer = np.zeros((height, width), np.float32)
    streaks = int(light.rain_frac * height * width / 260)
    for steps, count, slant, weight in (
        (int(0.10 * height) + 2, streaks, 0.12, 0.10),
        (int(0.04 * height) + 2, streaks, 0.12, 0.08),
        (2, int(light.flakes_frac * height * width / 90), 0.5, 0.45),
        (1, int(light.flakes_frac * height * width / 45), 0.0, 0.35),
    ):
        x, y = rng.uniform(0, width, count), rng.uniform(0, height, count)
        along = np.arange(steps)
        columns = (x[:, None] + slant * along).astype(int) % width
        rows = (y[:, None] + along).astype(int) % height
        np.add.at(layer, (rows, columns), weight)
    share = np.minimum(layer, 0.85)[..., None]
    return np.asarray(seen + share * (colour - seen), np.float32)


def _glare(image: Image, look: Look, light: Light, gain: float) -> np.ndarray:
    """Return the light that a sun in view spreads over the picture.

    Above half of its scale, ``glare_frac`` floods the lens from the sun's side though the sun is
    out of view, as a wet road or a window does.
    """
    camera, sun = look.camera, np.array(light.sun_radiance, np.float32)
    height, width = image.depth_m.shape
    veil = np.zeros((height, width), np.float32)
    towards = look.world_from_camera[:3, :3].T @ np.array(light.sun_direction)
    pixel = project(camera, towards[None])[0]
    shown = _sun_shown(image, pixel) if sun.any() and np.isfinite(pixel).all() else 0.0
    flood = 2.0 * max(camera.glare_frac - 0.5, 0.0)
    if shown * camera.glare_frac == 0 and flood == 0:
        return np.zeros((1, 1, 1), np.float32)
    rows, columns = np.mgrid[0:height, 0:width]
    if shown > 0:
        off = np.hypot(columns - pixel[0], rows - pixel[1]) / width
        veil += 2.5 * shown * camera.glare_frac * (np.exp(-off * 9.0) + 0.3 * np.exp(-off * 2.2))
    if flood > 0:
        side = 0.5 + 0.4 * float(np.sign(towards[0]))
        off = np.hypot(columns / width - side, rows / height + 0.1)
        veil += flood * 3.0 * np.exp(-off * 2.0).astype(np.float32)
        return np.asarray(veil[..., None] * np.array([1.0, 0.93, 0.8]), np.float32)
    return np.asarray(veil[..., None] * sun * gain, np.float32)


def _sun_shown(image: Image, pixel: Float64[np.ndarray, " 2"]) -> float:
    """Return the share of the sun that nothing hides; 0 out of the picture."""
    height, width = image.semantic.shape
    column, row = int(pixel[0] // 1), int(pixel[1] // 1)
    if not (0 <= column < width and 0 <= row < height):
        return 0.0
    part = image.semantic[max(row - 1, 0) : row + 2, max(column - 1, 0) : column + 2]
    return float((part == SemanticClass.SKY).mean())
