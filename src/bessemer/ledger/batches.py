"""Batches of the lake: opened before their rows are written, sealed after."""

from collections.abc import Collection, Sequence

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from bessemer.core.commit_point import Seal
from bessemer.core.errors import ConflictError
from bessemer.ledger.database import Database, chunked, distinct, insert_new
from bessemer.ledger.schema import BatchRow, SealRow

OPEN, SEALED, SWEPT = "open", "sealed", "swept"


class Batches:
    """The rows that make the lake's rows visible; part of the lake's commit point."""

    _database: Database

    def open_batch(self) -> int:
        """Open a batch and return its number, which is never given out twice."""
        with self._database.writing() as session:
            row = BatchRow(state=OPEN, opened_unix_s=self._database.clock())
            session.add(row)
            session.flush()
            return row.batch_id

    def seal_batch(self, batch_id: int, seals: Sequence[Seal]) -> None:
        """Make a batch visible.

        Args:
            batch_id: From :meth:`open_batch`.
            seals: What was written, a table each.
        """
        with self._database.writing() as session:
            seal(session, batch_id, seals, self._database.clock())

    def sealed_among(self, batch_ids: Collection[int]) -> frozenset[int]:
        """Return which of these batches are sealed."""
        sealed: set[int] = set()
        with self._database.reading() as session:
            for chunk in chunked(distinct(batch_ids)):
                statement = select(BatchRow.batch_id).where(
                    BatchRow.batch_id.in_(chunk), BatchRow.state == SEALED
                )
                sealed.update(session.scalars(statement))
        return frozenset(sealed)

    def sweep_batches(self, min_age_s: float = 0.0) -> frozenset[int]:
        """Mark open batches as swept; return all that ever were: their rows may lie about.

        Args:
            min_age_s: Leaves younger batches to whoever is writing them.

        Returns:
            Numbers of swept batches. They are kept, because a writer that was thought dead may
            still append rows; it cannot seal them.
        """
        now = self._database.clock()
        orphans = (BatchRow.state == OPEN, BatchRow.opened_unix_s <= now - min_age_s)
        with self._database.writing() as session:
            session.execute(update(BatchRow).where(*orphans).values(state=SWEPT, closed_unix_s=now))
            swept = session.scalars(select(BatchRow.batch_id).where(BatchRow.state == SWEPT))
            return frozenset(swept)


def seal(session: Session, batch_id: int, seals: Sequence[Seal], now: float) -> None:
    """Seal an open batch within a transaction.

    Args:
        session: A writing session.
        batch_id: The batch.
        seals: What was written, a table each.
        now: Seconds since 1970.

    Raises:
        ConflictError: If the batch is not open.
    """
    statement = (
        update(BatchRow)
        .where(BatchRow.batch_id == batch_id, BatchRow.state == OPEN)
        .values(state=SEALED, closed_unix_s=now)
        .returning(BatchRow.batch_id)
    )
    if session.scalars(statement).one_or_none() is None:
        raise ConflictError(
            "This batch of the lake is no longer open: it was swept while it was written.",
            where=f"batch {batch_id}",
            fix="Write it again; sweep only when nothing else writes.",
        )
    rows = [
        {"batch_id": batch_id, "table_name": s.table, "n_rows": s.n_rows, "version": s.version}
        for s in seals
    ]
    insert_new(session, SealRow, rows)
