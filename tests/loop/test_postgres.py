"""The same run on PostgreSQL ends at the same addresses."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bessemer.loop.works import Works
from tests.loop.tiny import addresses, run_tiny


@pytest.fixture
def empty_postgres(postgres_url: str) -> Iterator[str]:
    """Give the URL of a schema of its own."""
    schema = f"loop_{os.getpid()}"
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    joint = "&" if "?" in postgres_url else "?"
    yield f"{postgres_url}{joint}options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


def test_the_kind_of_database_changes_no_address(
    finished: Works, empty_postgres: str, tmp_path: Path
) -> None:
    with Works.open(tmp_path, ledger_url=empty_postgres) as works:
        run_tiny(works)
        done = works.ledger.stages()
        assert addresses(works) == addresses(finished)
        run_tiny(works)
        assert works.ledger.stages() == done
