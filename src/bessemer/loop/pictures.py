"""Pictures and frame addresses of the whole lake, decoded once and kept while there is room."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np
from jaxtyping import UInt8

from bessemer.core.frames import Frame, camera_frames, frames_within
from bessemer.core.ids import RecordingId, SegmentId
from bessemer.core.progress import Progress
from bessemer.core.records import Recording, StreamKind, Stretch
from bessemer.core.stores import SegmentStore
from bessemer.edge.decode import decode_segment
from bessemer.edge.preprocess import resize_picture

MAX_BYTES = 768 << 20


class FrameAtlas:
    """Where every camera frame of the recordings lies.

    Args:
        recordings: The recordings.
        segments: Where their times are read from, once.
    """

    def __init__(self, recordings: Iterable[Recording], segments: SegmentStore) -> None:
        known = tuple(recordings)
        cameras = [
            ref.segment_id
            for recording in known
            for ref in recording.segments
            if _is_camera(recording, ref.stream)
        ]
        offsets = segments.offsets_of(list(dict.fromkeys(cameras)))
        self.recordings: dict[RecordingId, Recording] = {}
        self._frames: dict[RecordingId, tuple[Frame, ...]] = {}
        for recording in known:
            recording_id = recording.recording_id
            self.recordings[recording_id] = recording
            self._frames[recording_id] = camera_frames(recording, offsets)

    def frames_of(self, stretch: Stretch) -> tuple[Frame, ...]:
        """Return the camera frames of a stretch, by stream, then time."""
        frames = self._frames[stretch.recording_id]
        recording = self.recordings[stretch.recording_id]
        if stretch.start_ns <= recording.start_ns and stretch.end_ns >= recording.end_ns:
            return frames
        return frames_within(frames, stretch)

    def all_frames(self, recording_id: RecordingId) -> tuple[Frame, ...]:
        """Return all camera frames of a recording."""
        return self._frames[recording_id]


class PictureBook:
    """Decoded pictures at the sizes asked for; the least recently used go first.

    Args:
        segments: Where the bytes lie.
        max_bytes: The most that is kept.
    """

    def __init__(self, segments: SegmentStore, max_bytes: int = MAX_BYTES) -> None:
        self._segments = segments
        self._max_bytes = max_bytes
        self._kept_bytes = 0
        self._kept: OrderedDict[tuple[SegmentId, tuple[int, int]], UInt8[np.ndarray, "n h w 3"]] = (
            OrderedDict()
        )

    def load(
        self,
        frames: Sequence[Frame],
        size_px: tuple[int, int],
        progress: Progress | None = None,
    ) -> UInt8[np.ndarray, "n h w 3"]:
        """Return the pictures of frames at one size, in the order of the frames.

        Args:
            frames: Frames, in any order.
            size_px: Height and width.
            progress: Told after every segment that had to be decoded.

        Returns:
            RGB pictures.
        """
        rows: dict[SegmentId, list[int]] = {}
        for row, frame in enumerate(frames):
            rows.setdefault(frame.segment_id, []).append(row)
        pictures = np.empty((len(frames), *size_px, 3), dtype=np.uint8)
        missing = []
        for segment_id, wanted in rows.items():
            found = self._kept.get((segment_id, size_px))
            if found is None:
                missing.append(segment_id)
                continue
            self._kept.move_to_end((segment_id, size_px))
            pictures[wanted] = found[[frames[row].index for row in wanted]]
        for done, segment in enumerate(self._segments.read_segments(missing), start=1):
            segment_id = missing[done - 1]
            decoded = np.stack(
                [
                    resize_picture(picture, *size_px)
                    for _, picture in decode_segment(segment, where=segment_id[:12])
                ]
            )
            self._keep(segment_id, size_px, decoded)
            wanted = rows[segment_id]
            pictures[wanted] = decoded[[frames[row].index for row in wanted]]
            if progress is not None:
                progress(done, len(missing))
        return pictures

    def _keep(
        self,
        segment_id: SegmentId,
        size_px: tuple[int, int],
        pictures: UInt8[np.ndarray, "n h w 3"],
    ) -> None:
        """Keep a segment's pictures, and let go of others if there is no room."""
        self._kept[segment_id, size_px] = pictures
        self._kept_bytes += pictures.nbytes
        while self._kept_bytes > self._max_bytes and len(self._kept) > 1:
            _, oldest = self._kept.popitem(last=False)
            self._kept_bytes -= oldest.nbytes


def _is_camera(recording: Recording, stream: str) -> bool:
    """Return whether a stream of a recording is a camera."""
    return any(s.name == stream and s.kind is StreamKind.CAMERA for s in recording.streams)
