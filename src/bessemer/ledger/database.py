"""One database: how it is opened, read and written, on SQLite and on PostgreSQL.

Every write is one transaction. On SQLite it begins as a writer (``BEGIN IMMEDIATE``), so two
processes queue instead of failing half-way, and it is on disk when it returns.
"""

import itertools
import sqlite3
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

from bessemer.core.errors import InputError
from bessemer.ledger.schema import Base

Clock = Callable[[], float]
"""Returns seconds since 1970."""

T = TypeVar("T")

_BUSY_TIMEOUT_MS = 60_000
_CHUNK = 5_000
_PRAGMAS = (
    f"PRAGMA busy_timeout = {_BUSY_TIMEOUT_MS}",
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
)


class Database:
    """A database and a clock.

    Args:
        engine: From :func:`open_engine`.
        clock: Dates the rows.
    """

    def __init__(self, engine: Engine, clock: Clock) -> None:
        self.engine = engine
        self.clock = clock
        self._writer = engine.execution_options(bessemer_write=True)

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session that sees one state of the database."""
        with Session(self.engine) as session:
            yield session

    @contextmanager
    def writing(self) -> Iterator[Session]:
        """Give a session whose work is stored whole at the end, or not at all."""
        with Session(self._writer) as session, session.begin():
            yield session


def open_engine(url: str) -> Engine:
    """Return an engine for a database URL.

    Args:
        url: ``sqlite:///ledger.sqlite`` or ``postgresql+psycopg://user@host/name``.

    Returns:
        The engine; nothing is read yet.

    Raises:
        InputError: If the URL names no database that the ledger can live in.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise InputError(
            "This is no database URL.", where=url, fix="Write sqlite:///FILE."
        ) from error
    if parsed.get_backend_name() not in {"sqlite", "postgresql"}:
        raise InputError(
            f"The ledger does not speak {parsed.get_backend_name()}.",
            where=parsed.render_as_string(),
            fix="Use sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
        )
    engine = create_engine(parsed)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, entry: ConnectionPoolEntry) -> None:
    # The driver must not begin transactions by itself: it would begin them as a reader.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in _PRAGMAS:
        cursor.execute(pragma)
    # Two that open a new file at once both ask for the log, and SQLite refuses one of them without
    # waiting. The mode is the file's: the other one sets it, and until then the old one is as safe.
    with suppress(sqlite3.OperationalError):
        cursor.execute("PRAGMA journal_mode = WAL")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("bessemer_write", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def insert_new(session: Session, table: type[Base], rows: Iterable[Mapping[str, object]]) -> int:
    """Insert the rows whose keys are not there yet.

    Args:
        session: A writing session.
        table: The table.
        rows: Values by column; every row has the same columns.

    Returns:
        How many were new.
    """
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    statement = dialect.insert(table.__table__).on_conflict_do_nothing()
    # Without asking for it, PostgreSQL's driver does not say how many rows went in.
    statement = statement.execution_options(preserve_rowcount=True)
    connection = session.connection()
    n_new = 0
    for chunk in chunked(rows):
        n_inserted = connection.execute(statement, [dict(row) for row in chunk]).rowcount
        assert n_inserted >= 0, "the driver must count"
        n_new += n_inserted
    return n_new


def chunked(items: Iterable[T], size: int = _CHUNK) -> Iterator[Sequence[T]]:
    """Yield ``items`` in lists short enough for one statement."""
    rest = iter(items)
    while chunk := list(itertools.islice(rest, size)):
        yield chunk


def distinct(items: Collection[T]) -> list[T]:
    """Return ``items``, each once, in their order."""
    return list(dict.fromkeys(items))
