"""The lake's one face: bytes, labels, predictions, embeddings and files, by address.

A write opens a batch in the ledger, appends rows to Lance, flushes them, and seals the batch. What
was not sealed is invisible, whatever was killed, and :meth:`Lake.sweep` removes it. Labels,
predictions and embeddings are tables of their own, so that none of them ever rewrites a picture.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import numpy as np
import pyarrow as pa
from jaxtyping import Int64

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.commit_point import CommitPoint, Lineage, Seal, Tombstone
from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.frames import Embeddings, Predictions
from bessemer.core.ids import (
    ArtifactId,
    CommitId,
    DocumentId,
    NetworkId,
    PreprocessId,
    RecordingId,
    RevisionId,
    SegmentId,
    SpaceId,
    TaskName,
)
from bessemer.core.labels import AuthorKind, LabelRevision
from bessemer.core.records import Recording, Segment, Split
from bessemer.lake.artifacts import ArtifactFolder
from bessemer.lake.frame_rows import FrameRows
from bessemer.lake.labels import (
    assemble,
    check_exact,
    element_rows,
    revision_rows,
    revisions_with,
)
from bessemer.lake.schemas import EMBEDDINGS, GEOMETRIES, PREDICTIONS, REVISIONS, SEGMENTS
from bessemer.lake.segments import offsets_of, read_segments, require_held, segment_rows
from bessemer.lake.table import Table, is_any

T = TypeVar("T")

_FLUSH_BYTES = 64 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """What a sweep removed: rows that were never sealed, files cut off, erasures completed."""

    n_rows: int
    n_files: int
    n_erasures: int


class Batch:
    """Rows on their way into the lake, and what there will be to seal.

    Args:
        batch_id: From the ledger.
    """

    def __init__(self, batch_id: int) -> None:
        self.batch_id = batch_id
        self.seals: list[Seal] = []

    def append(self, table: Table, rows: pa.Table) -> None:
        """Write rows; nobody sees them yet."""
        if rows.num_rows:
            self.seals.append(table.append(rows, self.batch_id))


class Lake:
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

    # ------------------------------------------------------------ segments and recordings

    def put_segments(self, segments: Iterable[Segment]) -> int:
        """Store what is not there yet; return how many were new."""
        n_new, waiting, n_bytes = 0, dict[SegmentId, Segment](), 0
        for segment in segments:
            waiting[segment.segment_id] = segment
            n_bytes += segment.size_bytes
            if n_bytes >= _FLUSH_BYTES:
                n_new += self._put_segments(waiting)
                waiting, n_bytes = {}, 0
        return n_new + self._put_segments(waiting)

    def read_segments(self, ids: Sequence[SegmentId]) -> Iterator[Segment]:
        """Yield segments in the order asked, holding few in memory."""
        return read_segments(self._segments, ids)

    def offsets_of(self, ids: Sequence[SegmentId]) -> dict[SegmentId, Int64[np.ndarray, " n"]]:
        """Return the frame times of segments without reading their packets."""
        return offsets_of(self._segments, ids)

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

    # ------------------------------------------------------------ labels

    def seal_labels(self, revisions: Sequence[LabelRevision]) -> int:
        """Store revisions for good; return how many were new."""
        by_id = {revision.revision_id: revision for revision in revisions}
        if self._revisions.held(by_id.keys()) == by_id.keys():
            return 0
        with self._batch() as batch:
            return self._write_labels(batch, by_id)

    def read_labels(self, ids: Sequence[RevisionId]) -> list[LabelRevision]:
        """Return revisions in the order asked.

        Args:
            ids: Addresses; may repeat.

        Returns:
            The revisions.

        Raises:
            NotFoundError: If one is not stored.
        """
        found = self._assemble(self._revisions.read(list(dict.fromkeys(ids)), REVISIONS.names))
        missing = [revision_id for revision_id in ids if revision_id not in found]
        if missing:
            raise NotFoundError(
                f"{len(missing)} of {len(ids)} label revisions are not stored.",
                where=missing[0],
                fix="Seal them first.",
            )
        return [found[revision_id] for revision_id in ids]

    def find_labels(
        self,
        task: TaskName,
        *,
        author: AuthorKind | None = None,
        recordings: Sequence[RecordingId] | None = None,
    ) -> list[LabelRevision]:
        """Return all revisions of a task, by recording, start and address.

        Args:
            task: The task.
            author: Only those of this kind of author.
            recordings: Only those about these recordings.

        Returns:
            The revisions, of erased recordings too.
        """
        where = is_any("task", [task])
        if author is not None:
            where += " AND " + is_any("author_kind", [author.value])
        if recordings is not None:
            where += " AND " + is_any("recording_id", recordings)
        found = self._assemble(self._revisions.select(where, REVISIONS.names))
        return [
            revision
            for _, revision in sorted(
                found.items(),
                key=lambda pair: (pair[1].unit.recording_id, pair[1].unit.start_ns, pair[0]),
            )
        ]

    # ------------------------------------------------------------ predictions and embeddings

    def put_predictions(self, predictions: Predictions) -> None:
        """Store predictions; frames there already are left as they are."""
        rows = self._prediction_rows(
            predictions.network_id, predictions.preprocess_id, predictions.task
        )
        new = rows.missing(predictions.frames)
        if new:
            numbers = {
                "probs": predictions.probs[new],
                "confidence": predictions.confidence[new, None],
                "embeddings": predictions.embeddings[new],
            }
            with self._batch() as batch:
                packed = rows.pack([predictions.frames[i] for i in new], numbers)
                batch.append(self._predictions, packed)

    def read_predictions(
        self,
        network_id: NetworkId,
        preprocess_id: PreprocessId,
        task: TaskName,
        segments: Sequence[SegmentId],
    ) -> Predictions:
        """Return what is stored for these segments, in their order; missing ones are left out."""
        frames, numbers = self._prediction_rows(network_id, preprocess_id, task).read(segments)
        return Predictions(
            network_id=network_id,
            preprocess_id=preprocess_id,
            task=task,
            frames=frames,
            probs=numbers["probs"],
            confidence=numbers["confidence"].reshape(len(frames)),
            embeddings=numbers["embeddings"],
        )

    def put_embeddings(self, embeddings: Embeddings) -> None:
        """Store vectors; frames there already are left as they are."""
        rows = self._embedding_rows(embeddings.space_id)
        new = rows.missing(embeddings.frames)
        if new:
            with self._batch() as batch:
                frames = [embeddings.frames[i] for i in new]
                packed = rows.pack(frames, {"vectors": embeddings.vectors[new]})
                batch.append(self._embeddings, packed)

    def read_embeddings(self, space_id: SpaceId, segments: Sequence[SegmentId]) -> Embeddings:
        """Return what is stored for these segments, in their order; missing ones are left out."""
        frames, numbers = self._embedding_rows(space_id).read(segments)
        return Embeddings(space_id=space_id, frames=frames, vectors=numbers["vectors"])

    # ------------------------------------------------------------ files and documents

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

    # ------------------------------------------------------------ erasing and sweeping

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

    # ------------------------------------------------------------ within

    @contextmanager
    def _batch(self) -> Iterator[Batch]:
        batch = Batch(self._ledger.open_batch())
        yield batch
        self._ledger.seal_batch(batch.batch_id, batch.seals)

    def _put_segments(self, segments: dict[SegmentId, Segment]) -> int:
        stored = self._segments.held(segments.keys())
        fresh = {key: segment for key, segment in segments.items() if key not in stored}
        if fresh:
            with self._batch() as batch:
                batch.append(self._segments, segment_rows(fresh))
        return len(fresh)

    def _write_labels(self, batch: Batch, revisions: dict[RevisionId, LabelRevision]) -> int:
        stored = self._revisions.held(revisions.keys())
        fresh = {key: revision for key, revision in revisions.items() if key not in stored}
        if fresh:
            rows, elements = revision_rows(fresh), element_rows(fresh)
            check_exact(fresh, rows, elements)
            for name, part in elements.items():
                batch.append(self._elements[name], part)
            batch.append(self._revisions, rows)
        return len(fresh)

    def _assemble(self, rows: pa.Table) -> dict[RevisionId, LabelRevision]:
        elements = {
            g.name: self._elements[g.name].read(revisions_with(rows, index), g.schema.names)
            for index, g in enumerate(GEOMETRIES)
        }
        return assemble(rows, elements)

    def _prediction_rows(
        self, network_id: NetworkId, preprocess_id: PreprocessId, task: TaskName
    ) -> FrameRows:
        head = {"network_id": network_id, "preprocess_id": preprocess_id, "task": task}
        matrices = ("probs", "confidence", "embeddings")
        return FrameRows(table=self._predictions, head=head, matrices=matrices)

    def _embedding_rows(self, space_id: SpaceId) -> FrameRows:
        head = {"space_id": str(space_id)}
        return FrameRows(table=self._embeddings, head=head, matrices=("vectors",))

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
