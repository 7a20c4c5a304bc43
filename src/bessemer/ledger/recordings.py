"""Recordings: their manifests, their side of the split, and what remains after an erasure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import Select, select, update
from sqlalchemy.orm import Session, aliased

from bessemer.core.commit_point import Seal, Tombstone
from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import RecordingId, SegmentId
from bessemer.core.records import Recording, Split
from bessemer.ledger.batches import seal
from bessemer.ledger.database import Database, chunked, distinct, insert_new
from bessemer.ledger.documents import get_documents, put_documents
from bessemer.ledger.schema import RecordingRow, RecordingSegmentRow, TombstoneRow

_DAY_S: Final = 86_400.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptUntil:
    """A recording that may be kept for a while: counted from its arrival, since 1970."""

    recording_id: RecordingId
    source: str
    until_unix_s: float
    retention_days: int


class Recordings:
    """Rows of recordings; part of the lake's commit point."""

    _database: Database

    def seal_arrivals(
        self,
        batch_id: int,
        seals: Sequence[Seal],
        recordings: Sequence[Recording],
        sides: Sequence[Split],
    ) -> int:
        """Make a batch and the recordings that stand on it visible, in one transaction.

        Args:
            batch_id: From ``open_batch``.
            seals: What was written, a table each.
            recordings: What arrived.
            sides: The side of each.

        Returns:
            How many recordings were new.
        """
        now = self._database.clock()
        with self._database.writing() as session:
            seal(session, batch_id, seals, now)
            return _insert(session, recordings, sides, now)

    def known_recordings(self, ids: Sequence[RecordingId]) -> frozenset[RecordingId]:
        """Return which of these recordings are stored, erased ones included."""
        known: set[str] = set()
        with self._database.reading() as session:
            for chunk in chunked(distinct(ids)):
                column = RecordingRow.recording_id
                known.update(session.scalars(select(column).where(column.in_(chunk))))
        return frozenset(RecordingId(recording_id) for recording_id in known)

    def known_sources(self) -> frozenset[str]:
        """Return the sources of all recordings, erased ones included: what need not be read."""
        with self._database.reading() as session:
            return frozenset(session.scalars(select(RecordingRow.source)))

    def stored_under(self, sources: Sequence[str]) -> dict[str, dict[RecordingId, bool]]:
        """Return what is stored under each source: addresses, and whether each was erased.

        Args:
            sources: Names as an archive gives them.

        Returns:
            Addresses by source; sources that are not stored are left out.
        """
        found: dict[str, dict[RecordingId, bool]] = {}
        columns = (RecordingRow.source, RecordingRow.recording_id, RecordingRow.erased)
        # Both sides are named so that the index over (side, source) serves.
        by_index = select(*columns).where(RecordingRow.side.in_([s.value for s in Split]))
        with self._database.reading() as session:
            for chunk in chunked(distinct(sources)):
                rows = session.execute(by_index.where(RecordingRow.source.in_(chunk)))
                for source, recording_id, erased in rows:
                    found.setdefault(source, {})[RecordingId(recording_id)] = erased
        return found

    def sources_of(self, ids: Collection[RecordingId]) -> dict[RecordingId, str]:
        """Return the source of each recording, erased ones included; unknown ones are left out."""
        columns = (RecordingRow.recording_id, RecordingRow.source)
        found: dict[RecordingId, str] = {}
        with self._database.reading() as session:
            for chunk in chunked(distinct(ids)):
                rows = session.execute(select(*columns).where(columns[0].in_(chunk)))
                found.update((RecordingId(recording_id), source) for recording_id, source in rows)
        return found

    def recordings(
        self, *, split: Split | None = None, ids: Sequence[RecordingId] | None = None
    ) -> list[Recording]:
        """Return recordings that were not erased, by source.

        Args:
            split: Only those of one side.
            ids: Only these; those that are not stored are left out.

        Returns:
            Manifests by source, then address.
        """
        columns = (RecordingRow.source, RecordingRow.recording_id, RecordingRow.document_id)
        statement = select(*columns).where(RecordingRow.erased.is_(False))
        if split is not None:
            statement = statement.where(RecordingRow.side == split.value)
        found: list[tuple[str, str, str]] = []
        with self._database.reading() as session:
            if ids is None:
                found.extend(_triples(session, statement))
            else:
                for chunk in chunked(distinct(ids)):
                    some = statement.where(RecordingRow.recording_id.in_(chunk))
                    found.extend(_triples(session, some))
            found.sort()
            bodies = get_documents(session, [row[2] for row in found], Recording)
        return [bodies[document_id] for _, _, document_id in found]

    def kept_until(self, before_unix_s: float) -> list[KeptUntil]:
        """Return the recordings, not erased yet, whose retention ends before a moment.

        Args:
            before_unix_s: The moment.

        Returns:
            Those that end first, first; what may be kept without limit is never among them.
        """
        until = RecordingRow.arrived_unix_s + RecordingRow.retention_days * _DAY_S
        statement = (
            select(
                RecordingRow.recording_id, RecordingRow.source, until, RecordingRow.retention_days
            )
            .where(
                RecordingRow.erased.is_(False),
                RecordingRow.retention_days > 0,
                until < before_unix_s,
            )
            .order_by(until, RecordingRow.source, RecordingRow.recording_id)
        )
        with self._database.reading() as session:
            return [
                KeptUntil(
                    recording_id=RecordingId(recording_id),
                    source=source,
                    until_unix_s=until_unix_s,
                    retention_days=days,
                )
                for recording_id, source, until_unix_s, days in session.execute(statement)
            ]

    def sides_of(self, ids: Sequence[RecordingId]) -> dict[RecordingId, Split]:
        """Return the side of each recording.

        Args:
            ids: Recordings.

        Returns:
            Sides by recording, in the order asked.

        Raises:
            NotFoundError: If one is not stored.
        """
        sides: dict[str, str] = {}
        with self._database.reading() as session:
            for chunk in chunked(distinct(ids)):
                statement = select(RecordingRow.recording_id, RecordingRow.side)
                rows = session.execute(statement.where(RecordingRow.recording_id.in_(chunk)))
                sides.update((recording_id, side) for recording_id, side in rows)
        missing = [recording_id for recording_id in ids if recording_id not in sides]
        if missing:
            raise _unknown(missing[0])
        return {recording_id: Split(sides[recording_id]) for recording_id in ids}

    def bury(self, recording_id: RecordingId, reason: str) -> Tombstone:
        """Hide a recording for good and leave a tombstone; a second time changes nothing.

        Args:
            recording_id: The recording.
            reason: Why, in words.

        Returns:
            The tombstone.

        Raises:
            NotFoundError: If there is no such recording.
        """
        with self._database.writing() as session:
            row = session.get(RecordingRow, recording_id)
            if row is None:
                raise _unknown(recording_id)
            row.erased = True
            stone = session.get(TombstoneRow, recording_id)
            if stone is None:
                stone = TombstoneRow(
                    recording_id=recording_id,
                    reason=reason,
                    at_unix_s=self._database.clock(),
                    bytes_gone=False,
                )
                session.add(stone)
            return _tombstone(stone)

    def tombstones(self) -> list[Tombstone]:
        """Return all tombstones by time."""
        order = (TombstoneRow.at_unix_s, TombstoneRow.recording_id)
        with self._database.reading() as session:
            return [
                _tombstone(row) for row in session.scalars(select(TombstoneRow).order_by(*order))
            ]

    def unshared_segments(self, recording_id: RecordingId) -> tuple[SegmentId, ...]:
        """Return the segments of a recording that no living recording uses."""
        other = aliased(RecordingSegmentRow)
        used = (
            select(other.segment_id)
            .join(RecordingRow, RecordingRow.recording_id == other.recording_id)
            .where(
                other.segment_id == RecordingSegmentRow.segment_id,
                RecordingRow.erased.is_(False),
            )
        )
        statement = (
            select(RecordingSegmentRow.segment_id)
            .where(RecordingSegmentRow.recording_id == recording_id, ~used.exists())
            .order_by(RecordingSegmentRow.segment_id)
        )
        with self._database.reading() as session:
            return tuple(SegmentId(s) for s in session.scalars(statement))

    def close_grave(self, recording_id: RecordingId) -> None:
        """Note that the bytes of an erased recording are gone."""
        with self._database.writing() as session:
            session.execute(
                update(TombstoneRow)
                .where(TombstoneRow.recording_id == recording_id)
                .values(bytes_gone=True)
            )


def _triples(session: Session, statement: Select[str, str, str]) -> list[tuple[str, str, str]]:
    return [(a, b, c) for a, b, c in session.execute(statement)]


def _insert(
    session: Session, recordings: Sequence[Recording], sides: Sequence[Split], now: float
) -> int:
    if len(recordings) != len(sides):
        raise InputError(
            f"There are {len(recordings)} recordings but {len(sides)} sides.",
            where="seal_arrivals",
            fix="Give one side a recording.",
        )
    documents = put_documents(session, "recording", recordings)
    rows, uses = [], []
    for recording, side, document_id in zip(recordings, sides, documents, strict=True):
        rows.append(_row_of(recording, side, document_id, now))
        for segment_id in distinct([ref.segment_id for ref in recording.segments]):
            uses.append({"recording_id": recording.recording_id, "segment_id": segment_id})
    n_new = insert_new(session, RecordingRow, rows)
    insert_new(session, RecordingSegmentRow, uses)
    return n_new


def _row_of(recording: Recording, side: Split, document_id: str, now: float) -> dict[str, object]:
    return {
        "recording_id": recording.recording_id,
        "source": recording.source,
        "side": side.value,
        "start_ns": recording.start_ns,
        "end_ns": recording.end_ns,
        "n_frames": sum(ref.n_frames for ref in recording.segments),
        "size_bytes": sum(ref.size_bytes for ref in recording.segments),
        "licence": recording.terms.licence,
        "region": recording.terms.region,
        "retention_days": recording.terms.retention_days,
        "document_id": document_id,
        "erased": False,
        "arrived_unix_s": now,
    }


def _tombstone(row: TombstoneRow) -> Tombstone:
    return Tombstone(
        recording_id=RecordingId(row.recording_id),
        reason=row.reason,
        at_unix_s=row.at_unix_s,
        bytes_gone=row.bytes_gone,
    )


def _unknown(recording_id: str) -> NotFoundError:
    return NotFoundError(
        "There is no such recording.", where=recording_id, fix="List what there is."
    )
