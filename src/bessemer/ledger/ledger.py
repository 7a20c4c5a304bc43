"""The ledger's one face: open it by URL, speak to it in records."""

import time
from types import TracebackType

from bessemer.ledger.batches import Batches
from bessemer.ledger.commits import Commits, SqlNodeStore, SqlRefStore
from bessemer.ledger.database import Clock, Database, open_engine
from bessemer.ledger.documents import Documents
from bessemer.ledger.migrate import upgrade
from bessemer.ledger.networks import Networks
from bessemer.ledger.recordings import Recordings
from bessemer.ledger.rejections import Rejections
from bessemer.ledger.requests import Requests
from bessemer.ledger.stages import Stages


class Ledger(Batches, Commits, Documents, Networks, Recordings, Rejections, Requests, Stages):
    """Everything that must be agreed on, in one SQL database; a subject a base class.

    Args:
        database: See :meth:`open`.

    Attributes:
        nodes: Nodes of data commits' maps.
        refs: Names of data commits.

    Example:
        >>> with Ledger.open("sqlite://", clock=lambda: 0.0) as ledger:
        ...     address = ledger.put_document("note", "kept")
        ...     ledger.get_document(address, str)
        'kept'
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self.nodes = SqlNodeStore(database)
        self.refs = SqlRefStore(database)

    @classmethod
    def open(cls, url: str, *, clock: Clock = time.time) -> "Ledger":
        """Open a ledger, creating or upgrading its tables.

        Args:
            url: ``sqlite:///FILE`` or ``postgresql+psycopg://USER@HOST/NAME``.
            clock: Dates rows, in seconds since 1970; no address ever depends on it.

        Returns:
            The ledger; close it, or use it in a ``with`` block.
        """
        database = Database(open_engine(url), clock)
        ledger = cls(database)
        try:
            upgrade(database)
        except BaseException:
            ledger.close()
            raise
        return ledger

    def close(self) -> None:
        """Close all connections."""
        self._database.engine.dispose()

    def __enter__(self) -> "Ledger":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
