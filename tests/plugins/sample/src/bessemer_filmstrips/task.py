"""A task whose unit is a pair of frames: a strip may change its class half-way."""

from collections.abc import Sequence
from itertools import pairwise

from bessemer.core.frames import Frame
from bessemer.core.records import Recording, Stretch
from bessemer.tasks.classify import ClassifyTrack


class ClassifyPairs(ClassifyTrack):
    """One class for every two frames; targets and merges are those of whole tracks."""

    __slots__ = ()

    def units_of(self, recording: Recording, frames: Sequence[Frame]) -> tuple[Stretch, ...]:
        """Return a unit for every two instants; the last up to the recording's end."""
        recording_id = recording.recording_id
        starts = sorted({f.t_ns for f in frames if f.recording_id == recording_id})[::2]
        return tuple(
            Stretch(recording_id=recording_id, start_ns=start_ns, end_ns=end_ns)
            for start_ns, end_ns in pairwise([*starts, recording.end_ns])
        )
