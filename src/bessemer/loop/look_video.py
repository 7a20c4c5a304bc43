"""A video, read for a first look: all of it where it is short, its key frames where it is long."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8

from bessemer.core.arrivals import Rejection
from bessemer.core.errors import InputError
from bessemer.core.progress import Progress
from bessemer.loop.look_frames import (
    THUMB_PX,
    SeenFrames,
    SmallFrame,
    gather_frames,
    reduce_frame,
    reject_frame,
)

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

_FEWEST_KEYS = 100
"""With fewer key frames, a long video is decoded whole."""


def read_video(file: Path, max_frames: int, side_px: int, progress: Progress) -> SeenFrames:
    """Read a video from its first frame to its last; of a long one, its key frames."""
    import av

    try:
        with av.open(str(file)) as container:
            n_frames, n_keys = _count_packets(container)
        with av.open(str(file)) as container:
            keys_only = n_frames > 2 * max_frames and n_keys >= min(_FEWEST_KEYS, max_frames)
            return _decode(container, n_frames, max_frames, side_px, progress, keys_only=keys_only)
    except av.FFmpegError as error:
        raise InputError(
            f"This is no video that can be read: {error.strerror}.",
            where=str(file),
            fix="Name a video, or the folder that holds the pictures.",
        ) from error


def _count_packets(container: "InputContainer") -> tuple[int, int]:
    """Return how many frames a video has and how many of them stand alone, decoding none."""
    if not container.streams.video:
        raise InputError(
            "This file has no picture in it.",
            where=str(container.name),
            fix="Name a video, or the folder that holds the pictures.",
        )
    n_frames = n_keys = 0
    for packet in container.demux(container.streams.video[0]):
        n_frames += bool(packet.size)
        n_keys += bool(packet.size and packet.is_keyframe)
    return n_frames, n_keys


def _decode(
    container: "InputContainer",
    n_frames: int,
    max_frames: int,
    side_px: int,
    progress: Progress,
    *,
    keys_only: bool,
) -> SeenFrames:
    """Decode a video, keeping frames at even distances.

    The stride doubles whenever too many are kept: a count in a header is not to be relied on.
    """
    import av

    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    if keys_only:
        stream.codec_context.skip_frame = "NONKEY"
    kept: list[SmallFrame] = []
    rejections: list[Rejection] = []
    read, stride = 0, 1
    try:
        for frame in container.decode(stream):
            if read % stride == 0:
                kept.append(reduce_frame(_time_of(frame, read), _rgb(frame), side_px))
            read += 1
            progress(read, 0 if keys_only else n_frames)
            if len(kept) > max_frames:
                kept, stride = kept[::2], stride * 2
    except av.FFmpegError as error:
        detail = f"The video is damaged after frame {read}: {error.strerror}."
        rejections.append(reject_frame("damaged_video", f"after frame {read}", detail))
    found = max(n_frames, read)
    sampling = ""
    if len(kept) < found:
        kind = "key frames" if keys_only else "at even distances"
        sampling = f"{len(kept):,} of {found:,} frames: {kind}."
    return gather_frames(
        kept,
        is_video=True,
        n_found=found,
        sampling=sampling,
        side_px=side_px,
        rejections=rejections,
    )


def _rgb(frame: "VideoFrame") -> UInt8[np.ndarray, "h w 3"]:
    """Return a frame as RGB, a large one by whole factors smaller: colours are dear to convert."""
    factor = max(max(frame.width, frame.height) // (2 * THUMB_PX), 1)
    picture: UInt8[np.ndarray, "h w 3"] = frame.to_ndarray(
        format="rgb24",
        width=frame.width // factor,
        height=frame.height // factor,
        interpolation="AREA",
    )
    return picture


def _time_of(frame: "VideoFrame", index: int) -> str:
    """Return when a frame is shown, as a player says it, or its number."""
    if frame.pts is None:
        return f"frame {index}"
    minutes, seconds = divmod(frame.time, 60)
    return f"{int(minutes)}:{seconds:05.2f}"
