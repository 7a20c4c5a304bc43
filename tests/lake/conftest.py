import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest

from bessemer.lake import Lake
from bessemer.ledger import Ledger


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    """Give an empty ledger whose clock ticks a second a look."""
    ticks = itertools.count(1_000)
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    with Ledger.open(url, clock=lambda: float(next(ticks))) as opened:
        yield opened


@pytest.fixture
def lake(tmp_path: Path, ledger: Ledger) -> Lake:
    """Give an empty lake."""
    return Lake.open(tmp_path / "lake", ledger)
