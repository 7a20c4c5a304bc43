"""Packets to pictures: every frame that a network, a person or a test sees comes through here.

Pictures are RGB as the sensor laid them out: transparency is dropped, an orientation written by a
phone is not applied, so that labels keep their place. A segment of video decodes alone and
from its first packet, its key frame; frames come out in the order in which they are shown.

Cost: one decoded picture is held at a time.      Shapes: h x w pixels.
"""

import io
import struct
import zlib
from collections.abc import Collection, Iterator
from typing import cast

import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageFile, UnidentifiedImageError

from bessemer.core.errors import InputError
from bessemer.core.records import Codec, Segment

MAX_PIXELS = 64_000_000
"""More pixels than any camera of today gives; a picture that claims more is a bomb."""

PICTURE_FORMATS = {Codec.JPEG: "JPEG", Codec.PNG: "PNG", Codec.PPM: "PPM"}
"""The one format that each picture codec may hold; the file's own claim is not believed."""


class PictureTooLargeError(InputError):
    """A picture claims more pixels than are read."""


VIDEO_DECODERS = {Codec.H264: "h264", Codec.AV1: "libdav1d"}
"""FFmpeg's decoder of each video codec; one thread each, so that frames come out the same."""

# What Pillow's parsers raise on damaged bytes; it has no single error for it.
_BROKEN = (
    OSError,
    ValueError,
    SyntaxError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)
# Pillow's own limits on size; the warning is an error where warnings are.
_BOMB = (Image.DecompressionBombError, Image.DecompressionBombWarning)


def decode_picture(
    data: bytes, *, codec: Codec | None = None, where: str = "", max_pixels: int = MAX_PIXELS
) -> UInt8[np.ndarray, "h w 3"]:
    """Return the picture that ``data`` encodes, whole.

    Args:
        data: One encoded picture.
        codec: The picture codec it must be of; None for any of them.
        where: Named in errors.
        max_pixels: A picture that claims more is refused before it is unpacked.

    Returns:
        RGB values.

    Raises:
        InputError: If it is damaged, ends early, is too large, or of another format.
    """
    if ImageFile.LOAD_TRUNCATED_IMAGES:
        raise InputError(
            "Pillow is set to fill in pictures that end early.",
            where="ImageFile.LOAD_TRUNCATED_IMAGES",
            fix="Leave it at False; half a picture must not pass for a whole one.",
        )
    formats = tuple(PICTURE_FORMATS.values()) if codec is None else (PICTURE_FORMATS[codec],)
    try:
        with Image.open(io.BytesIO(data), formats=formats) as picture:
            _check_size(picture.width, picture.height, max_pixels, where)
            picture.load()
            _check_end(data, where)
            return np.array(_eight_bits(picture).convert("RGB"), dtype=np.uint8)
    except InputError:
        raise
    except _BOMB as error:
        raise PictureTooLargeError(f"The picture is too large: {error}", where=where) from error
    except UnidentifiedImageError as error:  # its own words name an address in memory
        raise InputError(
            f"These {len(data)} bytes are no picture of the kinds {', '.join(formats)}.",
            where=where,
            fix="Copy it again from where it was recorded.",
        ) from error
    except _BROKEN as error:
        raise InputError(
            f"This {codec or 'picture'} of {len(data)} bytes cannot be decoded: {error}.",
            where=where,
            fix="Copy it again from where it was recorded.",
        ) from error


def decode_segment(
    segment: Segment,
    indices: Collection[int] | None = None,
    *,
    where: str = "",
    max_pixels: int = MAX_PIXELS,
) -> Iterator[tuple[int, UInt8[np.ndarray, "h w 3"]]]:
    """Yield frames of a camera segment with their indices, in order of time.

    Args:
        segment: A segment of pictures or of video.
        indices: Which frames; None for all. Video is decoded no further than the last of them.
        where: Named in errors.
        max_pixels: As for :func:`decode_picture`.

    Yields:
        Index and picture.

    Raises:
        InputError: If an index does not exist or a frame cannot be decoded.
    """
    n_frames = len(segment.offsets_ns)
    wanted = set(range(n_frames) if indices is None else indices)
    if not wanted:
        return
    if min(wanted) < 0 or max(wanted) >= n_frames:
        raise InputError(
            f"A segment of {n_frames} frames has no frame {max(wanted)}.",
            where=where,
            fix=f"Ask for 0 to {n_frames - 1}.",
        )
    if segment.codec in PICTURE_FORMATS:
        for index in sorted(wanted):
            packet = segment.packets[index]
            place = f"{where} frame {index}".strip()
            yield (
                index,
                decode_picture(packet, codec=segment.codec, where=place, max_pixels=max_pixels),
            )
    elif segment.codec in VIDEO_DECODERS:
        yield from _decode_video(segment, wanted, where, max_pixels)
    else:
        raise InputError(
            f"A {segment.codec} segment holds no pictures.",
            where=where,
            fix="Ask for a camera stream.",
        )


def _decode_video(
    segment: Segment, wanted: set[int], where: str, max_pixels: int
) -> Iterator[tuple[int, UInt8[np.ndarray, "h w 3"]]]:
    """Yield the wanted frames of a group of pictures; decoders give frames in order of time."""
    import av

    name = VIDEO_DECODERS[segment.codec]
    decoder = cast(av.VideoCodecContext, av.CodecContext.create(name, "r"))
    decoder.thread_count = 1
    decoder.options = {"max_pixels": str(max_pixels)}
    last = max(wanted)
    index = 0
    try:
        for packet in (*map(av.Packet, segment.packets), None):
            for frame in decoder.decode(packet):
                if frame.is_corrupt:
                    raise InputError(f"Frame {index} of the video is damaged.", where=where)
                if index in wanted:
                    _check_size(frame.width, frame.height, max_pixels, where)
                    yield index, frame.to_ndarray(format="rgb24")
                if index == last:
                    return
                index += 1
    except av.FFmpegError as error:
        raise InputError(
            f"This {segment.codec} segment cannot be decoded at frame {index}: {error}.",
            where=where,
            fix="Copy the video again from where it was recorded.",
        ) from error
    raise InputError(
        f"The video gives {index} frames where {len(segment.offsets_ns)} are declared.",
        where=where,
        fix="Copy the video again from where it was recorded.",
    )


def _check_end(data: bytes, where: str) -> None:
    """Refuse a JPEG or PNG without its end; Pillow fills in what little may be missing."""
    if data.startswith(b"\x89PNG"):
        ends = b"IEND\xaeB`\x82" in data
    elif data.startswith(b"\xff\xd8"):
        # Within coded data 0xff is escaped, so the last scan's marker is where it seems to be.
        ends = data.rfind(b"\xff\xd9") > data.rfind(b"\xff\xda")
    else:
        return
    if not ends:
        raise InputError(
            f"The picture of {len(data)} bytes ends early.",
            where=where,
            fix="Copy it again from where it was recorded.",
        )


def _eight_bits(picture: Image.Image) -> Image.Image:
    """Return ``picture`` with 8 bits a channel; sensors of 16 bits lose their low ones."""
    if picture.mode.startswith("I"):
        values = np.asarray(picture).astype(np.int64)
        return Image.fromarray((values >> 8).clip(0, 255).astype(np.uint8))
    return picture


def _check_size(width_px: int, height_px: int, max_pixels: int, where: str) -> None:
    """Refuse a picture that would fill the memory."""
    if width_px * height_px > max_pixels:
        raise PictureTooLargeError(
            f"A picture claims {width_px}x{height_px} pixels; at most {max_pixels} are read.",
            where=where,
            fix="Leave it out, or make it smaller if it is really that large.",
        )
