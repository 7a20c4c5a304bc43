"""Predictions and embeddings in the lake's tables."""

from collections.abc import Sequence

from bessemer.core.commit_point import CommitPoint
from bessemer.core.frames import Embeddings, Predictions
from bessemer.core.ids import NetworkId, PreprocessId, SegmentId, SpaceId, TaskName
from bessemer.lake.batch import writing
from bessemer.lake.frame_rows import FrameRows
from bessemer.lake.table import Table


class Frames:
    """Implements the prediction and embedding stores of the core; a part of the lake."""

    _ledger: CommitPoint
    _predictions: Table
    _embeddings: Table

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
            with writing(self._ledger) as batch:
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
            with writing(self._ledger) as batch:
                frames = [embeddings.frames[i] for i in new]
                packed = rows.pack(frames, {"vectors": embeddings.vectors[new]})
                batch.append(self._embeddings, packed)

    def read_embeddings(self, space_id: SpaceId, segments: Sequence[SegmentId]) -> Embeddings:
        """Return what is stored for these segments, in their order; missing ones are left out."""
        frames, numbers = self._embedding_rows(space_id).read(segments)
        return Embeddings(space_id=space_id, frames=frames, vectors=numbers["vectors"])

    def _prediction_rows(
        self, network_id: NetworkId, preprocess_id: PreprocessId, task: TaskName
    ) -> FrameRows:
        head = {"network_id": network_id, "preprocess_id": preprocess_id, "task": task}
        matrices = ("probs", "confidence", "embeddings")
        return FrameRows(table=self._predictions, head=head, matrices=matrices)

    def _embedding_rows(self, space_id: SpaceId) -> FrameRows:
        head = {"space_id": str(space_id)}
        return FrameRows(table=self._embeddings, head=head, matrices=("vectors",))
