"""Leaks: the same recording, the same bytes, or nearly the same picture in training and test.

Hashing recordings to a side on arrival keeps them apart; this check is for what arrives twice
under two names, for copies that were scaled or compressed again, for two cameras that met the same
thing at the same moment, and for splits that came from elsewhere.

Cost: O(n m d) time and O(b^2) memory for blocks of b rows, beside the vectors.
Shapes: n training frames, m test frames, d embedding size.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64

from bessemer.core.errors import InputError, LeakError
from bessemer.core.ids import RecordingId, SegmentId

_SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A recording on one side of the split.

    Attributes:
        recording_id: The recording.
        segments: The segments of it that were used.
        source: Where it came from, for messages.
    """

    recording_id: RecordingId
    segments: tuple[SegmentId, ...] = ()
    source: str = ""

    @property
    def place(self) -> str:
        """Its source, or else its id."""
        return self.source or self.recording_id


@dataclass(frozen=True, slots=True, kw_only=True)
class LeakConfig:
    """When a training frame nearly repeats a test frame.

    At 0.98 a copy that was compressed again, scaled, lit otherwise or shifted by a hundredth of its
    width counts as near; two signs of one class on two poles do not, nor do two drives.

    Attributes:
        cosine: Least cosine in the pinned space.
        block_rows: Rows compared at once; bounds the memory.
    """

    cosine: float = 0.98
    block_rows: int = 1024

    def __post_init__(self) -> None:
        """Check the ranges."""
        if not 0.0 < self.cosine <= 1.0 or self.block_rows < 1:
            raise InputError(
                f"cosine={self.cosine} and block_rows={self.block_rows} make no sense.",
                where="LeakConfig",
                fix="Give a cosine in (0, 1] and at least one row a block.",
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Nearest:
    """For each training frame, the test frame nearest to it, and their cosine."""

    test_index: Int64[np.ndarray, " n"]
    cosine: Float32[np.ndarray, " n"]

    def at_least(self, cosine: float) -> Int64[np.ndarray, " k"]:
        """Return the training frames that are as near as that."""
        # Rounding of a unit vector's product with itself must not hide an exact copy.
        return np.flatnonzero(self.cosine >= cosine - 1e-6).astype(np.int64)


def find_nearest(
    train: Float32[np.ndarray, "n d"], test: Float32[np.ndarray, "m d"], block_rows: int = 1024
) -> Nearest:
    """Return the test frame nearest to each training frame.

    Args:
        train: Vectors of unit norm.
        test: Vectors of unit norm in the same space.
        block_rows: Rows compared at once.

    Returns:
        The nearest, the first of equals; a cosine of -1 where there is no test frame.

    Example:
        >>> axes = np.eye(3, dtype=np.float32)
        >>> find_nearest(axes[:2], axes[1:]).cosine.tolist()
        [0.0, 1.0]
    """
    index = np.zeros(len(train), np.int64)
    cosine = np.full(len(train), -1.0, np.float32)
    for top in range(0, len(train), block_rows):
        rows = slice(top, top + block_rows)
        for left in range(0, len(test), block_rows):
            found = train[rows] @ test[left : left + block_rows].T
            best = found.argmax(axis=1)
            value = found[np.arange(len(found)), best]
            nearer = value > cosine[rows]
            index[rows] = np.where(nearer, best + left, index[rows])
            cosine[rows] = np.where(nearer, value, cosine[rows])
    return Nearest(test_index=index, cosine=cosine)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """One thing found on both sides."""

    kind: str
    shared: str
    train: str
    test: str


def find_leaks(train: Iterable[Member], test: Iterable[Member]) -> tuple[Leak, ...]:
    """Return what stands on both sides.

    Args:
        train: Recordings trained on.
        test: Recordings tested on.

    Returns:
        One leak for each recording shared, and one for each segment shared by two recordings.

    Example:
        >>> drive = Member(recording_id=RecordingId("d1"), source="drives/1")
        >>> [leak.kind for leak in find_leaks([drive], [drive])]
        ['recording']
    """
    recordings: dict[RecordingId, str] = {}
    segments: dict[SegmentId, str] = {}
    for member in train:
        recordings[member.recording_id] = member.place
        segments.update(dict.fromkeys(member.segments, member.place))
    leaks = []
    for member in test:
        if member.recording_id in recordings:
            place = recordings[member.recording_id]
            leaks.append(_leak("recording", member.recording_id, place, member.place))
            continue
        for segment in member.segments:
            if segment in segments:
                leaks.append(_leak("segment", segment, segments[segment], member.place))
    return tuple(leaks)


def refuse_leaks(
    train: Iterable[Member], test: Iterable[Member], near: Iterable[Leak] = ()
) -> None:
    """Raise if anything stands on both sides.

    Args:
        train: Recordings trained on.
        test: Recordings tested on.
        near: What was trained on and nearly repeats the test, found by the caller.

    Raises:
        LeakError: Naming the places; the first few of them if there are many.
    """
    leaks = (*find_leaks(train, test), *near)
    if not leaks:
        return
    shown = [f"{leak.kind} {leak.shared[:12]}: {leak.train} | {leak.test}" for leak in leaks]
    more = [f"and {len(leaks) - _SHOWN} more"] if len(leaks) > _SHOWN else []
    raise LeakError(
        f"{len(leaks)} recordings, segments or near-duplicates stand in both training and test.",
        where="; ".join(shown[:_SHOWN] + more),
        fix="Erase them on the side of training (`bessemer erase`), and train again.",
    )


def _leak(kind: str, shared: str, train: str, test: str) -> Leak:
    """Return the record."""
    return Leak(kind=kind, shared=shared, train=train, test=test)
