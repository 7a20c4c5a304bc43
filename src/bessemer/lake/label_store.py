"""Sealed label revisions in the lake's tables."""

from collections.abc import Mapping, Sequence

import pyarrow as pa

from bessemer.core.commit_point import CommitPoint
from bessemer.core.errors import NotFoundError
from bessemer.core.ids import RecordingId, RevisionId, TaskName
from bessemer.core.labels import AuthorKind, LabelRevision
from bessemer.lake.batch import Batch, writing
from bessemer.lake.labels import (
    assemble,
    check_exact,
    element_rows,
    revision_rows,
    revisions_with,
)
from bessemer.lake.schemas import GEOMETRIES, REVISIONS
from bessemer.lake.table import Table, is_any


class Labels:
    """Implements :class:`bessemer.core.stores.LabelStore`; a part of the lake."""

    _ledger: CommitPoint
    _revisions: Table
    _elements: Mapping[str, Table]

    def seal_labels(self, revisions: Sequence[LabelRevision]) -> int:
        """Store revisions for good; return how many were new."""
        by_id = {revision.revision_id: revision for revision in revisions}
        if self._revisions.held(by_id.keys()) == by_id.keys():
            return 0
        with writing(self._ledger) as batch:
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
