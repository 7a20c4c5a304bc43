"""Pictures to H.264 as they come: one packet a picture, no waiting, no looking ahead.

Foxglove asks for Annex B, one picture a message, SPS and PPS before each key frame and no B-frames.
One thread and a frame counter for a clock give the same bytes on the same machine.
"""

from fractions import Fraction

import av
import numpy as np
from jaxtyping import UInt8

from bessemer.core.errors import InputError


class VideoEncoder:
    """Encodes the pictures of one camera.

    Args:
        width_px: Width of every picture.
        height_px: Height of every picture.
        rate_hz: Pictures a second, on which the encoder plans its bits.
        group_frames: Pictures from one key frame to the next.
        crf: Quality; less is better and larger.
        preset: How hard x264 tries.
    """

    def __init__(
        self,
        width_px: int,
        height_px: int,
        *,
        rate_hz: float,
        group_frames: int,
        crf: int = 23,
        preset: str = "veryfast",
    ) -> None:
        self._shape = (height_px, width_px, 3)
        self._count = 0
        encoder = av.CodecContext.create("libx264", "w")
        encoder.width, encoder.height = width_px, height_px
        # Half as many colour samples need even sizes; odd ones keep all.
        encoder.pix_fmt = "yuv444p" if width_px % 2 or height_px % 2 else "yuv420p"
        rate = Fraction(rate_hz).limit_denominator(1_000)
        encoder.framerate, encoder.time_base = rate, 1 / rate
        encoder.thread_count = 1
        encoder.gop_size = group_frames
        encoder.max_b_frames = 0
        encoder.options = {
            "crf": str(crf),
            "preset": preset,
            "tune": "zerolatency",
            "x264-params": (
                f"annexb=1:repeat-headers=1:scenecut=0:keyint={group_frames}:"
                f"min-keyint={group_frames}:sliced-threads=0"
            ),
        }
        self._encoder = encoder

    def encode(self, picture: UInt8[np.ndarray, "h w 3"]) -> bytes:
        """Return the packet of the next picture.

        Args:
            picture: sRGB, of the encoder's size.

        Returns:
            One access unit; a key frame carries its parameter sets.

        Raises:
            InputError: If the picture is of another size.
        """
        if picture.shape != self._shape:
            raise InputError(
                f"A picture is {picture.shape[1]}x{picture.shape[0]}, its camera "
                f"{self._shape[1]}x{self._shape[0]}.",
                where="VideoEncoder",
                fix="Render at the size that the calibration speaks of.",
            )
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        plain = frame.reformat(format=self._encoder.pix_fmt)
        plain.pts, plain.time_base = self._count, self._encoder.time_base
        self._count += 1
        return b"".join(bytes(packet) for packet in self._encoder.encode(plain))
