import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from bessemer.ledger.ledger import Ledger


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Give the URL of an empty database; every test runs on each kind."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'ledger.sqlite'}"
        return
    server: str = request.getfixturevalue("postgres_url")
    schema = f"test_{os.getpid()}_{abs(hash(tmp_path)) % 10**9}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    joint = "&" if "?" in server else "?"
    yield f"{server}{joint}options=-csearch_path%3D{schema}"
    with engine.begin() as connection:
        connection.execute(text(f"DROP SCHEMA {schema} CASCADE"))
    engine.dispose()


@pytest.fixture
def ledger(url: str) -> Iterator[Ledger]:
    """Give an empty ledger whose clock ticks a second a look."""
    ticks = itertools.count(1_000)
    with Ledger.open(url, clock=lambda: float(next(ticks))) as opened:
        yield opened
