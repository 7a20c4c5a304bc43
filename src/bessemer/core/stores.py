"""What stages need of the stores, as protocols; ``lake`` and ``ledger`` implement them."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Protocol, TypeVar, runtime_checkable

import numpy as np
from jaxtyping import Int64

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.fleet import Count
from bessemer.core.frames import Embeddings, Predictions
from bessemer.core.ids import (
    ArtifactId,
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

T = TypeVar("T")


@runtime_checkable
class SegmentStore(Protocol):
    """Bytes, by address."""

    def put_segments(self, segments: Iterable[Segment]) -> int:
        """Store what is not there yet; return how many were new."""

    def read_segments(self, ids: Sequence[SegmentId]) -> Iterator[Segment]:
        """Yield segments in the order asked, holding few in memory.

        Args:
            ids: Addresses of segments.

        Returns:
            Segments, one an address.

        Raises:
            NotFoundError: If one is not stored.
            IntegrityError: If bytes do not match their address.
        """

    def offsets_of(self, ids: Sequence[SegmentId]) -> dict[SegmentId, Int64[np.ndarray, " n"]]:
        """Return the frame times of segments without reading their packets."""


@runtime_checkable
class RecordingStore(Protocol):
    """Recordings and the side of the split on which each stands."""

    def add_arrivals(self, arrivals: Sequence[Arrival], sides: Sequence[Split]) -> int:
        """Store arrivals whole (bytes, truth, then the row that makes them visible).

        Args:
            arrivals: Recordings with their bytes and truth.
            sides: The side of the split of each arrival, in the same order.

        Returns:
            How many recordings were new. A second time the same arrival changes nothing.
        """

    def recordings(
        self, *, split: Split | None = None, ids: Sequence[RecordingId] | None = None
    ) -> list[Recording]:
        """Return recordings that were not erased, by source."""

    def sides_of(self, ids: Sequence[RecordingId]) -> dict[RecordingId, Split]:
        """Return the side of each recording."""


@runtime_checkable
class LabelStore(Protocol):
    """Sealed label revisions."""

    def seal_labels(self, revisions: Sequence[LabelRevision]) -> int:
        """Store revisions for good; return how many were new."""

    def read_labels(self, ids: Sequence[RevisionId]) -> list[LabelRevision]:
        """Return revisions in the order asked.

        Args:
            ids: Addresses of revisions.

        Returns:
            Revisions, one an address.

        Raises:
            NotFoundError: If one is not stored.
        """

    def find_labels(
        self,
        task: TaskName,
        *,
        author: AuthorKind | None = None,
        recordings: Sequence[RecordingId] | None = None,
    ) -> list[LabelRevision]:
        """Return all revisions of a task, by recording, start and address."""


@runtime_checkable
class PredictionStore(Protocol):
    """What networks said, by (network, preprocessing, task, segment)."""

    def put_predictions(self, predictions: Predictions) -> None:
        """Store predictions of whole segments; those there already are left as they are."""

    def read_predictions(
        self,
        network_id: NetworkId,
        preprocess_id: PreprocessId,
        task: TaskName,
        segments: Sequence[SegmentId],
    ) -> Predictions:
        """Return what is stored for these segments, in their order; missing ones are left out."""


@runtime_checkable
class EmbeddingStore(Protocol):
    """Vectors, by (space, segment)."""

    def put_embeddings(self, embeddings: Embeddings) -> None:
        """Store vectors of whole segments; those there already are left as they are."""

    def read_embeddings(self, space_id: SpaceId, segments: Sequence[SegmentId]) -> Embeddings:
        """Return what is stored for these segments, in their order; missing ones are left out."""


@runtime_checkable
class DocumentStore(Protocol):
    """Records as canonical JSON, by address: the inputs and outputs of stages."""

    def put_document(self, kind: str, value: object) -> DocumentId:
        """Store a record; return its address."""

    def get_document(self, document_id: DocumentId, kind: type[T]) -> T:
        """Return the record at an address."""


@runtime_checkable
class ArtifactStore(Protocol):
    """Files, by the digest of their bytes."""

    def put_file(self, path: Path) -> ArtifactId:
        """Copy a file in, whole or not at all."""

    def path_of(self, artifact_id: ArtifactId) -> Path:
        """Return where the file lies; the bytes were checked on arrival."""


@runtime_checkable
class RejectionLog(Protocol):
    """Everything refused, with its reason."""

    def reject(self, rejections: Sequence[Rejection]) -> None:
        """Note rejections; the same one twice counts once."""

    def rejection_counts(self, stage: str | None = None) -> tuple[Count, ...]:
        """Return how often each reason applied, the most frequent first."""
