"""Everything refused: reason, place and count."""

from collections.abc import Sequence

from sqlalchemy import func, select

from bessemer.core.arrivals import Rejection
from bessemer.core.fleet import Count
from bessemer.core.ids import content_id
from bessemer.ledger.database import Database, insert_new
from bessemer.ledger.schema import RejectionRow


class Rejections:
    """Implements :class:`bessemer.core.stores.RejectionLog`."""

    _database: Database

    def reject(self, rejections: Sequence[Rejection]) -> None:
        """Note rejections; the same one twice counts once."""
        now = self._database.clock()
        rows = [
            {
                "rejection_id": content_id("rejection", rejection),
                "stage": rejection.stage,
                "reason": rejection.reason,
                "place": rejection.where,
                "detail": rejection.detail,
                "at_unix_s": now,
            }
            for rejection in rejections
        ]
        if rows:
            with self._database.writing() as session:
                insert_new(session, RejectionRow, rows)

    def rejection_counts(self, stage: str | None = None) -> tuple[Count, ...]:
        """Return how often each reason applied, the most frequent first."""
        n = func.count()
        statement = select(RejectionRow.reason, n).group_by(RejectionRow.reason)
        if stage is not None:
            statement = statement.where(RejectionRow.stage == stage)
        with self._database.reading() as session:
            rows = session.execute(statement.order_by(n.desc(), RejectionRow.reason)).all()
        return tuple(Count(reason=reason, count=count) for reason, count in rows)

    def rejections(self, stage: str | None = None) -> list[Rejection]:
        """Return every rejection, by stage, place and reason."""
        statement = select(RejectionRow)
        if stage is not None:
            statement = statement.where(RejectionRow.stage == stage)
        order = (RejectionRow.stage, RejectionRow.place, RejectionRow.reason, RejectionRow.detail)
        with self._database.reading() as session:
            rows = session.scalars(statement.order_by(*order)).all()
        return [
            Rejection(stage=row.stage, reason=row.reason, where=row.place, detail=row.detail)
            for row in rows
        ]
