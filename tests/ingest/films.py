"""Small films of moving squares in any codec, made on the spot."""

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.stream import VideoStream


def square(index: int, size_px: tuple[int, int] = (64, 48)) -> np.ndarray:
    """Return frame ``index``: a white square that walks to the right over grey."""
    width_px, height_px = size_px
    picture = np.full((height_px, width_px, 3), 60, np.uint8)
    x = (index * 2) % (width_px - 12)
    picture[10:22, x : x + 12] = 255
    return picture


def write_film(
    path: Path,
    codec: str = "libx264",
    *,
    frames: int = 20,
    options: dict[str, str] | None = None,
    size_px: tuple[int, int] = (64, 48),
    rate_hz: int = 10,
    pix_fmt: str = "yuv420p",
    drop: Sequence[int] = (),
) -> Path:
    """Write a film with a key frame every 8 frames and frames that look ahead, by default.

    Args:
        path: The file; its suffix says the container.
        codec: FFmpeg's encoder.
        frames: How many.
        options: Of the encoder.
        size_px: Width and height.
        rate_hz: Frames a second.
        pix_fmt: How pixels are stored.
        drop: Frames left out, so that time jumps.

    Returns:
        The path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    usual = {"g": "8", "bf": "2", "threads": "1"}
    if codec == "libx264":
        usual |= {"x264-params": "scenecut=0:open-gop=0", "crf": "12"}
    with av.open(str(path), "w") as container:
        added = container.add_stream(codec, rate=rate_hz, options=usual | (options or {}))
        stream = cast(VideoStream, added)
        stream.width, stream.height = size_px
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = Fraction(1, rate_hz)
        for index in range(frames):
            if index in drop:
                continue
            frame = av.VideoFrame.from_ndarray(square(index, size_px), format="rgb24")
            frame.pts = index
            frame.time_base = Fraction(1, rate_hz)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return path


def square_at(picture: np.ndarray) -> float:
    """Return where the square stands: the mean column of the bright pixels."""
    return float(np.nonzero(picture.mean(axis=2) > 160)[1].mean())
