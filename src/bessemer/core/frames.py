"""Frames in columns: addresses of single frames, and what networks said about them.

Shapes: n frames, c classes, d embedding size, h x w pixels. Rows of one record belong together.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64

from bessemer.core.errors import InputError
from bessemer.core.ids import (
    NetworkId,
    PreprocessId,
    RecordingId,
    SegmentId,
    SpaceId,
    StreamName,
    TaskName,
)
from bessemer.core.records import Recording, StreamKind, Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """The address of one frame: the ``index``-th of a segment, at ``t_ns`` of its recording."""

    recording_id: RecordingId
    stream: StreamName
    segment_id: SegmentId
    index: int
    t_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Predictions:
    """What one network said about frames in one task.

    Attributes:
        network_id: Digest of the network.
        preprocess_id: Digest of the preprocessing.
        task: The task.
        frames: Where; n of them.
        probs: Class probabilities of a frame; for dense tasks the share of pixels by class.
        confidence: In [0, 1]; for dense tasks the mean over pixels of the highest probability.
        embeddings: The network's own features.
    """

    network_id: NetworkId
    preprocess_id: PreprocessId
    task: TaskName
    frames: tuple[Frame, ...]
    probs: Float32[np.ndarray, "n c"]
    confidence: Float32[np.ndarray, " n"]
    embeddings: Float32[np.ndarray, "n d"]

    def __post_init__(self) -> None:
        """Check that all columns have one length."""
        n = len(self.frames)
        if not len(self.probs) == len(self.confidence) == len(self.embeddings) == n:
            raise InputError("The columns of predictions differ in length.", where=self.task)


@dataclass(frozen=True, slots=True, kw_only=True)
class Embeddings:
    """Vectors of frames in one space; mixing spaces is an error."""

    space_id: SpaceId
    frames: tuple[Frame, ...]
    vectors: Float32[np.ndarray, "n d"]

    def __post_init__(self) -> None:
        """Check that both columns have one length."""
        if len(self.frames) != len(self.vectors):
            raise InputError("The columns of embeddings differ in length.", where=self.space_id)

    def joined(self, other: "Embeddings") -> "Embeddings":
        """Return both, one after the other.

        Args:
            other: Embeddings in the same space.

        Returns:
            The rows of this one, then those of ``other``.

        Raises:
            InputError: If they are of two spaces.
        """
        if self.space_id != other.space_id:
            raise InputError(
                "Embeddings of two spaces cannot be mixed.",
                where=f"{self.space_id[:12]}, {other.space_id[:12]}",
                fix="Embed both with the same embedder.",
            )
        return Embeddings(
            space_id=self.space_id,
            frames=self.frames + other.frames,
            vectors=np.concatenate([self.vectors, other.vectors]),
        )


def camera_frames(
    recording: Recording, offsets_ns: dict[SegmentId, Int64[np.ndarray, " n"]]
) -> tuple[Frame, ...]:
    """Return the address of every camera frame of a recording, by stream, then time.

    Args:
        recording: The recording.
        offsets_ns: Frame times of each of its camera segments since the segment's start.

    Returns:
        One address a frame.
    """
    recording_id = recording.recording_id
    cameras = {s.name for s in recording.streams if s.kind is StreamKind.CAMERA}
    return tuple(
        Frame(
            recording_id=recording_id,
            stream=ref.stream,
            segment_id=ref.segment_id,
            index=index,
            t_ns=ref.start_ns + int(offset),
        )
        for ref in recording.segments
        if ref.stream in cameras
        for index, offset in enumerate(offsets_ns[ref.segment_id])
    )


def frames_within(frames: Sequence[Frame], stretch: Stretch) -> tuple[Frame, ...]:
    """Return the frames that lie in a stretch, in their order."""
    return tuple(
        frame
        for frame in frames
        if frame.recording_id == stretch.recording_id
        and stretch.start_ns <= frame.t_ns < stretch.end_ns
    )
