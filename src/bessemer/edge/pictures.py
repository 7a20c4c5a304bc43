"""From addresses of frames to pictures of one size.

Cost: each segment is read and decoded once; one segment and the result are held in memory.
Shapes: n frames, h x w pixels.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from jaxtyping import UInt8

from bessemer.core.frames import Frame
from bessemer.core.ids import SegmentId
from bessemer.core.progress import Progress
from bessemer.core.stores import SegmentStore
from bessemer.edge.decode import decode_segment
from bessemer.edge.preprocess import resize_picture


def load_pictures(
    frames: Sequence[Frame],
    size_px: tuple[int, int],
    segments: SegmentStore,
    progress: Progress | None = None,
) -> UInt8[np.ndarray, "n h w 3"]:
    """Return the pictures of frames, in their order, at one size.

    Args:
        frames: Addresses, in any order; one may be asked for twice.
        size_px: Height and width.
        segments: Where the bytes are.
        progress: Told how many frames are done.

    Returns:
        RGB values.

    Raises:
        NotFoundError: If a segment is not stored.
        InputError: If a frame does not exist or cannot be decoded.
    """
    pictures = np.empty((len(frames), *size_px, 3), np.uint8)
    rows_by_segment: defaultdict[SegmentId, defaultdict[int, list[int]]]
    rows_by_segment = defaultdict(lambda: defaultdict(list))
    for row, frame in enumerate(frames):
        rows_by_segment[frame.segment_id][frame.index].append(row)
    done = 0
    asked = list(rows_by_segment)
    for segment_id, segment in zip(asked, segments.read_segments(asked), strict=True):
        rows_by_index = rows_by_segment[segment_id]
        where = f"segment {segment_id[:12]}"
        for index, picture in decode_segment(segment, rows_by_index, where=where):
            rows = rows_by_index[index]
            pictures[rows] = resize_picture(picture, *size_px)
            done += len(rows)
        if progress is not None:
            progress(done, len(frames))
    return pictures
