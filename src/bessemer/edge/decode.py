"""From the packets of a camera segment to RGB pictures.

Cost: one decode a packet; one picture in memory at a time for the caller to keep or shrink.
"""

import io
from collections.abc import Iterator

import numpy as np
from jaxtyping import UInt8

from bessemer.core.errors import InputError
from bessemer.core.records import Codec, Segment

MAX_PIXELS = 64_000_000
"""No camera of a fleet makes larger pictures; a file that claims to is refused unread."""

_VIDEO = {Codec.H264: "h264", Codec.AV1: "libdav1d"}


def decode_pictures(segment: Segment, *, where: str = "") -> Iterator[UInt8[np.ndarray, "h w 3"]]:
    """Yield the pictures of a camera segment in the order of its times.

    Args:
        segment: Pictures or video; a video segment begins with a key frame.
        where: Named in errors.

    Yields:
        One RGB picture a time stamp.

    Raises:
        InputError: If a packet is truncated or no picture, or the codec is no camera's.
    """
    if segment.codec in _VIDEO:
        yield from _decode_video(segment, where)
    elif segment.codec in {Codec.JPEG, Codec.PNG, Codec.PPM}:
        for index, packet in enumerate(segment.packets):
            yield decode_picture(packet, where=f"{where} frame {index}".strip())
    else:
        raise InputError(f"A segment of {segment.codec} holds no pictures.", where=where)


def decode_picture(data: bytes, *, where: str = "") -> UInt8[np.ndarray, "h w 3"]:
    """Return one encoded picture as RGB.

    Args:
        data: A JPEG, PNG or PPM file.
        where: Named in errors.

    Returns:
        The picture.

    Raises:
        InputError: If it is truncated, too large, or no picture of these kinds.
    """
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=("JPEG", "PNG", "PPM")) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise InputError(
                    f"A picture of {picture.width} x {picture.height} pixels is refused.",
                    where=where,
                    fix=f"At most {MAX_PIXELS} pixels are read.",
                )
            return np.asarray(picture.convert("RGB"), dtype=np.uint8)
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise InputError(
            f"This picture cannot be decoded: {error}.", where=where, fix="Copy it again."
        ) from error


def _decode_video(segment: Segment, where: str) -> Iterator[UInt8[np.ndarray, "h w 3"]]:
    """Yield the pictures of a group of video packets, ordered by presentation time."""
    import av

    context = av.CodecContext.create(_VIDEO[segment.codec], "r")
    context.thread_count = 1
    n_decoded = 0
    try:
        for index in range(len(segment.packets) + 1):
            packet = None
            if index < len(segment.packets):
                packet = av.Packet(segment.packets[index])
                packet.pts = packet.dts = index
            for frame in context.decode(packet):  # type: ignore[attr-defined]
                n_decoded += 1
                yield frame.to_ndarray(format="rgb24")
    except av.FFmpegError as error:
        raise InputError(
            f"This video cannot be decoded: {error}.", where=where, fix="Copy it again."
        ) from error
    if n_decoded != len(segment.offsets_ns):
        raise InputError(
            f"{n_decoded} of {len(segment.offsets_ns)} frames could be decoded.",
            where=where,
            fix="Copy the video again; a segment begins with a key frame.",
        )
