"""Stores in memory, just large enough for ingest."""

from collections.abc import Sequence

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.errors import BessemerError
from bessemer.core.fleet import Count
from bessemer.core.ids import RecordingId
from bessemer.core.records import Recording, Split


class KilledError(BessemerError):
    """The power went."""


class MemoryWorks:
    """Recordings and rejections; ``fail_after`` stores that many batches, then the power goes."""

    def __init__(self, fail_after: int | None = None) -> None:
        self.arrivals: dict[RecordingId, Arrival] = {}
        self.sides: dict[RecordingId, Split] = {}
        self.rejections: dict[Rejection, None] = {}
        self.fail_after = fail_after
        self.n_batches = 0
        self.largest_batch = 0

    def add_arrivals(self, arrivals: Sequence[Arrival], sides: Sequence[Split]) -> int:
        if self.fail_after is not None and self.n_batches >= self.fail_after:
            raise KilledError("Killed.")
        self.n_batches += 1
        self.largest_batch = max(self.largest_batch, len(arrivals))
        n_before = len(self.arrivals)
        for arrival, side in zip(arrivals, sides, strict=True):
            self.arrivals.setdefault(arrival.recording.recording_id, arrival)
            self.sides.setdefault(arrival.recording.recording_id, side)
        return len(self.arrivals) - n_before

    def recordings(
        self, *, split: Split | None = None, ids: Sequence[RecordingId] | None = None
    ) -> list[Recording]:
        found = [a.recording for a in self.arrivals.values()]
        found = [r for r in found if ids is None or r.recording_id in ids]
        found = [r for r in found if split in (None, self.sides[r.recording_id])]
        return sorted(found, key=lambda r: r.source)

    def sides_of(self, ids: Sequence[RecordingId]) -> dict[RecordingId, Split]:
        return {i: self.sides[i] for i in ids}

    def known_sources(self) -> frozenset[str]:
        return frozenset(a.recording.source for a in self.arrivals.values())

    def reject(self, rejections: Sequence[Rejection]) -> None:
        self.rejections.update(dict.fromkeys(rejections))

    def rejection_counts(self, stage: str | None = None) -> tuple[Count, ...]:
        raise NotImplementedError
