"""The lake's one face: bytes, labels, predictions, embeddings and files, by address.

A write opens a batch in the ledger, appends rows to Lance, flushes them, and seals the batch. What
was not sealed is invisible, whatever was killed, and :meth:`Lake.sweep` removes it. Labels,
predictions and embeddings are tables of their own, so that none of them ever rewrites a picture.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import pyarrow as pa

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.commit_point import CommitPoint, Lineage, Tombstone
from bessemer.core.errors import InputError
from bessemer.core.ids import (
    ArtifactId,
    CommitId,
    DocumentId,
    RecordingId,
)
from bessemer.core.records import Recording, Split
from bessemer.lake.artifacts import ArtifactFolder
from bessemer.lake.batch import Batch
from bessemer.lake.frame_store import Frames
from bessemer.lake.label_store import Labels
from bessemer.lake.schemas import EMBEDDINGS, GEOMETRIES, PREDICTIONS, REVISIONS, SEGMENTS
from bessemer.lake.segment_store import Segments
from bessemer.lake.segments import require_held, segment_rows
from bessemer.lake.table import Table, is_any

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep removed: rows that were never sealed, files cut off, erasures completed."""

    n_rows: int
    n_files: int
    n_erasures: int


class Lake(Segments, Labels, Frames):
    """Implements the stores of :mod:`bessemer.core.stores` on Lance, files and a ledger.

    Args:
        root: A folder, or an object store's URI.
        ledger: The commit point.
        artifacts: Where files lie.
    """

    def __init__(self, root: str, ledger: CommitPoint, artifacts: Path) -> None:
        def table(name: str, schema: pa.Schema, key: str) -> Table:
            return Table(f"{root}/{name}.lance", schema, key, ledger)

        self._ledger = ledger
        self._files = ArtifactFolder(artifacts)
        self._segments = table("segments", SEGMENTS, "segment_id")
        self._revisions = table("revisions", REVISIONS, "revision_id")
        self._elements = {g.name: table(g.name, g.schema, "revision_id") for g in GEOMETRIES}
        self._predictions = table("predictions", PREDICTIONS, "key")
        self._embeddings = table("embeddings", EMBEDDINGS, "key")

    @classmethod
    def open(
        cls, root: Path | str, ledger: CommitPoint, *, artifacts: Path | None = None
    ) -> "Lake":
        """Open a lake; tables are made when something is first written to them.

        Args:
            root: A folder, or an object store's URI such as ``s3://bucket/lake``.
            ledger: The commit point; always the same one for the same lake.
            artifacts: Where files lie; by default ``artifacts`` below a folder ``root``.

        Returns:
            The lake.

        Raises:
            InputError: If ``root`` is a URI and no folder for artifacts is given.
        """
        remote = "://" in str(root)
        if remote and artifacts is None:
            raise InputError(
                "A lake in an object store needs a folder for its artifacts.",
                where=str(root),
                fix="Give `artifacts`.",
            )
        home = str(root).rstrip("/") if remote else str(Path(root).resolve())
        if not remote:
            Path(home).mkdir(parents=True, exist_ok=True)
        return cls(home, ledger, artifacts or Path(home) / "artifacts")

    def add_arrivals(self, arrivals: Sequence[Arrival], sides: Sequence[Split]) -> int:
        """Store arrivals whole (bytes, truth, then the row that makes them visible).

        An erased recording stays erased: it is noted as rejected instead. Give a few hundred
        arrivals at a time: each call appends once to each table.

        Args:
            arrivals: Recordings with their bytes and truth.
            sides: The side of each.

        Returns:
            How many recordings were new. A second time the same arrival changes nothing.
        """
        by_id = {
            arrival.recording.recording_id: (arrival, side)
            for arrival, side in zip(arrivals, sides, strict=True)
        }
        known = self._ledger.known_recordings(list(by_id))
        self._reject_erased([by_id[r][0].recording for r in known])
        new = [pair for recording_id, pair in by_id.items() if recording_id not in known]
        if not new:
            return 0
        segments = {s.segment_id: s for arrival, _ in new for s in arrival.segments}
        truth = {label.revision_id: label for arrival, _ in new for label in arrival.truth}
        needed = [ref.segment_id for arrival, _ in new for ref in arrival.recording.segments]
        stored = self._segments.held(set(needed) | segments.keys())
        require_held(needed, stored | segments.keys())
        batch = Batch(self._ledger.open_batch())
        fresh = {key: segment for key, segment in segments.items() if key not in stored}
        batch.append(self._segments, segment_rows(fresh))
        self._write_labels(batch, truth)
        return self._ledger.seal_arrivals(
            batch.batch_id,
            batch.seals,
            [arrival.recording for arrival, _ in new],
            [side for _, side in new],
        )

    def recordings(
        self, *, split: Split | None = None, ids: Sequence[RecordingId] | None = None
    ) -> list[Recording]:
        """Return recordings that were not erased, by source."""
        return self._ledger.recordings(split=split, ids=ids)

    def sides_of(self, ids: Sequence[RecordingId]) -> dict[RecordingId, Split]:
        """Return the side of each recording."""
        return self._ledger.sides_of(ids)

    def put_file(self, path: Path) -> ArtifactId:
        """Copy a file in, whole or not at all."""
        artifact_id, size_bytes = self._files.put(path)
        self._ledger.note_artifact(artifact_id, path.name, size_bytes)
        return artifact_id

    def path_of(self, artifact_id: ArtifactId) -> Path:
        """Return where the file lies; the bytes were checked on arrival."""
        return self._files.find(artifact_id)

    def put_document(self, kind: str, value: object) -> DocumentId:
        """Store a record; return its address."""
        return self._ledger.put_document(kind, value)

    def get_document(self, document_id: DocumentId, kind: type[T]) -> T:
        """Return the record at an address."""
        return self._ledger.get_document(document_id, kind)

    def erase(self, recording_id: RecordingId, reason: str) -> Tombstone:
        """Hide a recording for good, then delete what was drawn from it alone.

        Its bytes go, unless another recording holds the same segment, and so do predictions and
        embeddings. Label revisions stay: data commits name them. Once the tombstone stands the
        recording is gone for every reader; a cut-off deletion is completed by :meth:`sweep`.

        Args:
            recording_id: The recording.
            reason: Why, in words.

        Returns:
            The tombstone.
        """
        stone = self._ledger.bury(recording_id, reason)
        self._delete_bytes(recording_id)
        return stone

    def lineage(
        self, recording_id: RecordingId, commits: Collection[CommitId] | None = None
    ) -> Lineage:
        """Return every data commit and network that used a recording, erased or not.

        Args:
            recording_id: The recording.
            commits: The commits whose maps hold it, where the caller has looked.

        Returns:
            Commits and networks.
        """
        return self._ledger.lineage_of(recording_id, commits)

    def sweep(self, min_age_s: float = 0.0) -> Swept:
        """Remove what was written but never sealed, and complete what was begun to be erased.

        Args:
            min_age_s: Leaves younger batches alone; 0 when nobody else is writing. A writer whose
                batch is swept cannot seal it: it gets a ConflictError and writes again.

        Returns:
            What was removed.
        """
        swept = self._ledger.sweep_batches(min_age_s)
        n_rows = sum(table.sweep(swept) for table in self._tables()) if swept else 0
        graves = [stone for stone in self._ledger.tombstones() if not stone.bytes_gone]
        for stone in graves:
            self._delete_bytes(stone.recording_id)
        n_files = self._files.sweep(min_age_s)
        return Swept(n_rows=n_rows, n_files=n_files, n_erasures=len(graves))

    def compact(self) -> None:
        """Join small files of all tables; worth it after some hundred writes."""
        for table in self._tables():
            table.compact()

    def _delete_bytes(self, recording_id: RecordingId) -> None:
        self._segments.remove_keys(self._ledger.unshared_segments(recording_id))
        for table in (self._predictions, self._embeddings):
            table.remove(is_any("recording_id", [recording_id]))
        self._ledger.close_grave(recording_id)

    def _reject_erased(self, known: Sequence[Recording]) -> None:
        erased = {stone.recording_id for stone in self._ledger.tombstones()}
        self._ledger.reject(
            [
                Rejection(
                    stage="ingest",
                    reason="erased",
                    where=recording.source,
                    detail="This recording was erased and stays erased.",
                )
                for recording in known
                if recording.recording_id in erased
            ]
        )

    def _tables(self) -> tuple[Table, ...]:
        return (
            self._segments,
            self._revisions,
            *self._elements.values(),
            self._predictions,
            self._embeddings,
        )
