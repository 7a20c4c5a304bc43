"""Columns of frames as rows, one a segment and recording: for predictions and embeddings.

Shapes: n frames; a matrix has one row a frame and is stored flat.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from jaxtyping import Float32

from bessemer.core.frames import Frame
from bessemer.core.ids import RecordingId, SegmentId, StreamName, content_id
from bessemer.lake.table import Table

Matrix = Float32[np.ndarray, "n d"]

_PLACES = ("key", "segment_id", "recording_id", "stream", "frame_index", "t_ns")


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameRows:
    """Rows of one table under one head, such as ``network_id``, ``preprocess_id`` and ``task``.

    Attributes:
        table: The table.
        head: Values of the head's columns; part of every row's key.
        matrices: Names of the columns that hold numbers.
    """

    table: Table
    head: Mapping[str, str]
    matrices: tuple[str, ...]

    def missing(self, frames: Sequence[Frame]) -> list[int]:
        """Return the rows of ``frames`` that are not stored yet, each frame once."""
        keys = [self.key_of(s) for s in dict.fromkeys(frame.segment_id for frame in frames)]
        stored: set[Frame] = set()
        self.table.refresh()  # a known key may have got another row
        for frames_of_row in _frames(self.table.read(keys, _PLACES)):
            stored.update(frames_of_row)
        wanted: dict[Frame, int] = {}
        for index, frame in enumerate(frames):
            if frame not in stored:
                wanted.setdefault(frame, index)
        return list(wanted.values())

    def pack(self, frames: Sequence[Frame], matrices: Mapping[str, Matrix]) -> pa.Table:
        """Return rows, without their batch.

        Args:
            frames: Where; n of them.
            matrices: Numbers by column, one row a frame.

        Returns:
            One row a run of frames of one segment and recording.
        """
        groups: dict[tuple[str, str, str], list[int]] = {}
        for index, frame in enumerate(frames):
            place = (frame.segment_id, frame.recording_id, frame.stream)
            groups.setdefault(place, []).append(index)
        rows = []
        for (segment_id, recording_id, stream), indices in groups.items():
            flat = {name: matrix[indices].ravel() for name, matrix in matrices.items()}
            rows.append(
                {
                    "key": self.key_of(SegmentId(segment_id)),
                    **self.head,
                    "segment_id": segment_id,
                    "recording_id": recording_id,
                    "stream": stream,
                    "frame_index": [frames[i].index for i in indices],
                    "t_ns": [frames[i].t_ns for i in indices],
                    **flat,
                }
            )
        fields = [field for field in self.table.schema if field.name != "batch_id"]
        return pa.Table.from_pylist(rows, schema=pa.schema(fields))

    def read(self, segments: Sequence[SegmentId]) -> tuple[tuple[Frame, ...], dict[str, Matrix]]:
        """Return what is stored for segments, in their order, then by recording and time.

        Args:
            segments: Segments; one that several recordings share comes with the frames of each.

        Returns:
            Frames, each once, and their numbers by column.
        """
        unique = list(dict.fromkeys(segments))
        rank = {segment_id: place for place, segment_id in enumerate(unique)}
        self.table.refresh()
        rows = self.table.read([self.key_of(s) for s in unique], (*_PLACES, *self.matrices))
        per_row = _frames(rows)
        frames = [frame for frames_of_row in per_row for frame in frames_of_row]
        first: dict[Frame, int] = {}
        for index, frame in enumerate(frames):
            first.setdefault(frame, index)
        order = sorted(first, key=lambda f: (rank[f.segment_id], f.recording_id, f.stream, f.t_ns))
        picked = np.array([first[frame] for frame in order], np.int64)
        stacked = {name: _stack(rows, name, per_row)[picked] for name in self.matrices}
        return tuple(order), stacked

    def key_of(self, segment_id: SegmentId) -> str:
        """Return the key of a segment's rows under this head."""
        return content_id("frames", (tuple(sorted(self.head.items())), segment_id))


def _frames(rows: pa.Table) -> list[list[Frame]]:
    columns = (rows[name].to_pylist() for name in _PLACES[1:])
    return [
        [
            Frame(
                recording_id=RecordingId(recording_id),
                stream=StreamName(stream),
                segment_id=SegmentId(segment_id),
                index=index,
                t_ns=t_ns,
            )
            for index, t_ns in zip(indices, times_ns, strict=True)
        ]
        for segment_id, recording_id, stream, indices, times_ns in zip(*columns, strict=True)
    ]


def _stack(rows: pa.Table, name: str, per_row: Sequence[Sequence[Frame]]) -> Matrix:
    parts: list[Matrix] = []
    values = (scalar.values for scalar in rows[name])
    for flat, frames in zip(values, per_row, strict=True):
        parts.append(flat.to_numpy(zero_copy_only=False).reshape(len(frames), -1))
    return np.concatenate(parts) if parts else np.zeros((0, 0), np.float32)
