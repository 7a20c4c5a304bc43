"""Leaks: the same recording, or the same bytes, in both training and test.

Hashing recordings to a side on arrival keeps them apart; this check is for what arrives twice
under two names, and for splits that came from elsewhere.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from bessemer.core.errors import LeakError
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


def refuse_leaks(train: Iterable[Member], test: Iterable[Member]) -> None:
    """Raise if anything stands on both sides.

    Args:
        train: Recordings trained on.
        test: Recordings tested on.

    Raises:
        LeakError: Naming the places; the first few of them if there are many.
    """
    leaks = find_leaks(train, test)
    if not leaks:
        return
    shown = [f"{leak.kind} {leak.shared[:12]}: {leak.train} | {leak.test}" for leak in leaks]
    more = [f"and {len(leaks) - _SHOWN} more"] if len(leaks) > _SHOWN else []
    raise LeakError(
        f"{len(leaks)} recordings or segments stand in both training and test.",
        where="; ".join(shown[:_SHOWN] + more),
        fix="Take them out of training, and train again.",
    )


def _leak(kind: str, shared: str, train: str, test: str) -> Leak:
    """Return the record."""
    return Leak(kind=kind, shared=shared, train=train, test=test)
