"""What the bus of a vehicle said while its cameras looked: recorded signals at the frames' times.

Cost: the segments of signals up to the last frame are read, those of ten seconds each that may hold
the value of some frame.
"""

from collections.abc import Sequence

import numpy as np

from bessemer.core.errors import InputError
from bessemer.core.records import Recording, Segment, SegmentRef, Stream, StreamKind
from bessemer.core.stores import SegmentStore


def mean_signals(
    recording: Recording, t_ns: Sequence[int], segments: SegmentStore
) -> dict[str, float]:
    """Return the recorded signals at some instants, each the mean over them.

    A signal holds until it is sampled again: an instant takes the latest value at or before it.

    Args:
        recording: The recording.
        t_ns: The instants, in any order.
        segments: Where its bytes lie.

    Returns:
        Means by name; with several columns by ``stream.column``. A signal that was not sampled by
        the last instant is left out, and instants before its first sample do not count.

    Raises:
        InputError: If a segment does not hold a row of all columns a time stamp.
    """
    streams = [stream for stream in recording.streams if stream.kind is StreamKind.SIGNAL]
    found: dict[str, float] = {}
    for stream in streams if len(t_ns) else ():
        refs = _refs_of(recording, stream, min(t_ns), max(t_ns))
        if not refs:
            continue
        read = list(segments.read_segments([ref.segment_id for ref in refs]))
        times_ns = np.concatenate(
            [
                np.asarray(segment.offsets_ns, dtype=np.int64) + ref.start_ns
                for ref, segment in zip(refs, read, strict=True)
            ]
        )
        values = np.concatenate([_rows(segment, stream, recording.source) for segment in read])
        latest = np.searchsorted(times_ns, np.asarray(t_ns, dtype=np.int64), side="right") - 1
        if (latest >= 0).any():
            means = values[latest[latest >= 0]].mean(axis=0)
            found.update(zip(_names(stream), map(float, means), strict=True))
    return found


def _refs_of(recording: Recording, stream: Stream, first_ns: int, last_ns: int) -> list[SegmentRef]:
    """Return the segments of a stream that may hold the latest value of an instant, by time."""
    begun = sorted(
        (r for r in recording.segments if r.stream == stream.name and r.start_ns <= last_ns),
        key=lambda ref: ref.start_ns,
    )
    n_before = sum(ref.start_ns <= first_ns for ref in begun)
    return begun[max(n_before - 1, 0) :]


def _rows(segment: Segment, stream: Stream, source: str) -> np.ndarray:
    """Return a segment's values, a row a time stamp."""
    values = np.frombuffer(segment.packets[0], "<f8")
    shape = (len(segment.offsets_ns), len(_names(stream)))
    if values.size != shape[0] * shape[1]:
        raise InputError(
            f"{values.size} values do not make {shape[0]} rows of {shape[1]} columns.",
            where=f"{source}, {stream.name}",
            fix="Write one row of all columns a time stamp.",
        )
    return values.reshape(shape)


def _names(stream: Stream) -> tuple[str, ...]:
    """Return the names of a stream's signals: its own, or of its columns if there are several."""
    if len(stream.columns) <= 1:
        return (stream.name,)
    return tuple(f"{stream.name}.{column}" for column in stream.columns)
