"""Pictures of frames, read from their segments and resized; each segment is decoded once."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

from bessemer.core.frames import Frame
from bessemer.core.ids import SegmentId
from bessemer.core.progress import Progress
from bessemer.core.stores import SegmentStore
from bessemer.edge.decode import decode_pictures
from bessemer.edge.preprocess import resize_picture


def load_pictures(
    frames: Sequence[Frame],
    size_px: tuple[int, int],
    segments: SegmentStore,
    progress: Progress | None = None,
) -> UInt8[np.ndarray, "n h w 3"]:
    """Return the pictures of frames at one size.

    Args:
        frames: Frames, in any order.
        size_px: Height and width.
        segments: Where the bytes lie.
        progress: Told after every segment.

    Returns:
        One picture a frame, in the order of ``frames``.
    """
    rows: dict[SegmentId, dict[int, list[int]]] = {}
    for row, frame in enumerate(frames):
        rows.setdefault(frame.segment_id, {}).setdefault(frame.index, []).append(row)
    pictures = np.empty((len(frames), *size_px, 3), dtype=np.uint8)
    ids = list(rows)
    for done, segment in enumerate(segments.read_segments(ids), start=1):
        wanted = rows[ids[done - 1]]
        for index, picture in enumerate(decode_pictures(segment, where=ids[done - 1][:12])):
            if index in wanted:
                pictures[wanted[index]] = resize_picture(picture, size_px)
        if progress is not None:
            progress(done, len(ids))
    return pictures
