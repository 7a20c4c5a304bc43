"""Brings a database to the schema of this version, from inside the package.

No ``alembic.ini`` is needed; Alembic itself is imported only when there is something to do.
"""

from sqlalchemy import Connection, inspect, text

from bessemer.core.errors import ConflictError
from bessemer.ledger.database import Database
from bessemer.ledger.schema import VERSION

_LOCK = 0x6265737365  # any number; all processes that upgrade must agree on it


def upgrade(database: Database) -> None:
    """Create or upgrade the tables; does nothing when they are of this version.

    Args:
        database: The database.

    Raises:
        ConflictError: If a newer version of the program wrote the database.
    """
    with database.reading() as session:
        if _version_of(session.connection()) == VERSION:
            return
    with database.writing() as session:
        connection = session.connection()
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        if _version_of(connection) != VERSION:
            _run_alembic(connection)


def _version_of(connection: Connection) -> str | None:
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _run_alembic(connection: Connection) -> None:
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", "bessemer.ledger:migrations")
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as error:
        raise ConflictError(
            f"The ledger is of a version that this program does not know: {error}.",
            where=connection.engine.url.render_as_string(),
            fix="Install the version of bessemer that wrote it, or a newer one.",
        ) from error
