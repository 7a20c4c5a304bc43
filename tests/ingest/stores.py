"""Stores in memory, just large enough for ingest."""

from collections.abc import Sequence

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.errors import BessemerError
from bessemer.core.fleet import Count
from bessemer.core.ids import RecordingId, RevisionId, TaskName
from bessemer.core.labels import AuthorKind, LabelRevision
from bessemer.core.records import Recording, Split


class KilledError(BessemerError):
    """The power went."""


class MemoryWorks:
    """Recordings and rejections; ``fail_after`` stores that many batches, then the power goes."""

    def __init__(self, fail_after: int | None = None) -> None:
        self.arrivals: dict[RecordingId, Arrival] = {}
        self.sides: dict[RecordingId, Split] = {}
        self.rejections: dict[Rejection, None] = {}
        self.sealed: dict[RevisionId, LabelRevision] = {}
        self.erased: set[RecordingId] = set()
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
            self.seal_labels(arrival.truth)
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

    def stored_under(self, sources: Sequence[str]) -> dict[str, dict[RecordingId, bool]]:
        found: dict[str, dict[RecordingId, bool]] = {}
        for recording_id, arrival in self.arrivals.items():
            if arrival.recording.source in sources:
                under = found.setdefault(arrival.recording.source, {})
                under[recording_id] = recording_id in self.erased
        return found

    def seal_labels(self, revisions: Sequence[LabelRevision]) -> int:
        n_before = len(self.sealed)
        self.sealed.update({r.revision_id: r for r in revisions})
        return len(self.sealed) - n_before

    def read_labels(self, ids: Sequence[RevisionId]) -> list[LabelRevision]:
        return [self.sealed[i] for i in ids]

    def find_labels(
        self,
        task: TaskName,
        *,
        author: AuthorKind | None = None,
        recordings: Sequence[RecordingId] | None = None,
    ) -> list[LabelRevision]:
        found = [r for r in self.sealed.values() if r.task == task]
        found = [r for r in found if author in (None, r.author.kind)]
        return [r for r in found if recordings is None or r.unit.recording_id in recordings]

    def reject(self, rejections: Sequence[Rejection]) -> None:
        self.rejections.update(dict.fromkeys(rejections))

    def rejection_counts(self, stage: str | None = None) -> tuple[Count, ...]:
        raise NotImplementedError
