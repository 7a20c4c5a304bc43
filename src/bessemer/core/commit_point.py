"""What the lake asks of the ledger: the row, written last, that makes bytes visible.

A batch is opened in the ledger, its rows are written to the lake, and then it is sealed in one
transaction. Readers see sealed batches only. A batch that was opened and never sealed is an
orphan: the ledger marks it as swept, after which it can no longer be sealed, and the lake deletes
its rows.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar, runtime_checkable

from bessemer.core.arrivals import Rejection
from bessemer.core.ids import ArtifactId, CommitId, DocumentId, NetworkId, RecordingId, SegmentId
from bessemer.core.records import Recording, Split

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """The part of a batch that lies in one table of the lake.

    Attributes:
        table: The table.
        n_rows: Rows of this batch.
        version: The table's version once they were written.
    """

    table: str
    n_rows: int
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A recording that was erased: which, why, when, and whether its bytes are gone yet."""

    recording_id: RecordingId
    reason: str
    at_unix_s: float
    bytes_gone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Lineage:
    """Every data commit and every network that used a recording."""

    recording_id: RecordingId
    commits: tuple[CommitId, ...]
    networks: tuple[NetworkId, ...]


@runtime_checkable
class CommitPoint(Protocol):
    """The ledger, as far as the lake knows it."""

    def open_batch(self) -> int:
        """Open a batch and return its number, which is never given out twice."""

    def seal_batch(self, batch_id: int, seals: Sequence[Seal]) -> None:
        """Make a batch visible.

        Args:
            batch_id: Number of an open batch.
            seals: One for each table that holds rows of the batch.

        Raises:
            ConflictError: If it is not open (any more).
        """

    def seal_arrivals(
        self,
        batch_id: int,
        seals: Sequence[Seal],
        recordings: Sequence[Recording],
        sides: Sequence[Split],
    ) -> int:
        """Make a batch and the recordings that stand on it visible, in one transaction.

        Args:
            batch_id: Number of an open batch.
            seals: One for each table that holds rows of the batch.
            recordings: Recordings that stand on the batch.
            sides: The side of the split of each recording, in the same order.

        Returns:
            How many recordings were new.

        Raises:
            ConflictError: If the batch is not open (any more).
        """

    def sealed_among(self, batch_ids: Collection[int]) -> frozenset[int]:
        """Return which of these batches are sealed."""

    def sweep_batches(self, min_age_s: float = 0.0) -> frozenset[int]:
        """Mark open batches as swept; return all that ever were: their rows may lie about."""

    def known_recordings(self, ids: Sequence[RecordingId]) -> frozenset[RecordingId]:
        """Return which of these recordings are stored, erased ones included."""

    def recordings(
        self, *, split: Split | None = None, ids: Sequence[RecordingId] | None = None
    ) -> list[Recording]:
        """Return recordings that were not erased, by source."""

    def sides_of(self, ids: Sequence[RecordingId]) -> dict[RecordingId, Split]:
        """Return the side of each recording."""

    def bury(self, recording_id: RecordingId, reason: str) -> Tombstone:
        """Hide a recording for good and leave a tombstone.

        Args:
            recording_id: The recording to hide.
            reason: Why it is erased, for the record.

        Returns:
            The tombstone; its bytes are not gone yet.

        Raises:
            NotFoundError: If there is no such recording.
        """

    def tombstones(self) -> list[Tombstone]:
        """Return all tombstones by time."""

    def unshared_segments(self, recording_id: RecordingId) -> tuple[SegmentId, ...]:
        """Return the segments of a recording that no living recording uses."""

    def close_grave(self, recording_id: RecordingId) -> None:
        """Note that the bytes of an erased recording are gone."""

    def lineage_of(
        self, recording_id: RecordingId, commits: Collection[CommitId] | None = None
    ) -> Lineage:
        """Return what used a recording."""

    def reject(self, rejections: Sequence[Rejection]) -> None:
        """Note rejections; the same one twice counts once."""

    def put_document(self, kind: str, value: object) -> DocumentId:
        """Store a record; return its address."""

    def get_document(self, document_id: DocumentId, kind: type[T]) -> T:
        """Return the record at an address."""

    def note_artifact(self, artifact_id: ArtifactId, name: str, size_bytes: int) -> None:
        """Note a file that was stored, under the name it came with."""
