import pytest
from sqlalchemy import text

from bessemer.core.errors import ConflictError, InputError
from bessemer.ledger.database import Database, open_engine
from bessemer.ledger.ledger import Ledger
from bessemer.ledger.migrate import upgrade
from bessemer.ledger.schema import VERSION, Base


def test_migrations_make_exactly_the_tables_that_the_program_speaks_of(url: str) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    database = Database(open_engine(url), lambda: 0.0)
    upgrade(database)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
        assert context.get_current_revision() == VERSION
    database.engine.dispose()


def test_the_last_migration_is_the_one_the_schema_names() -> None:
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", "bessemer.ledger:migrations")
    assert ScriptDirectory.from_config(config).get_current_head() == VERSION


def test_opening_twice_changes_nothing(url: str) -> None:
    with Ledger.open(url) as first:
        address = first.put_document("note", "kept")
    with Ledger.open(url) as second:
        assert second.get_document(address, str) == "kept"


def test_a_ledger_of_a_newer_program_is_refused(url: str) -> None:
    with Ledger.open(url):
        pass
    database = Database(open_engine(url), lambda: 0.0)
    with database.writing() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(ConflictError, match="newer"):
        Ledger.open(url)
    database.engine.dispose()


@pytest.mark.parametrize("bad", ["not a url", "mysql://localhost/x"])
def test_a_url_of_no_use_says_what_to_write(bad: str) -> None:
    with pytest.raises(InputError, match="sqlite:///FILE"):
        open_engine(bad)
