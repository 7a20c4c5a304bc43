"""One driving world for all tests: its roads and pictures are prepared once."""

from collections.abc import Iterator

import pytest

from bessemer.twin.world import DrivingWorld


@pytest.fixture(scope="session")
def prepared_world() -> DrivingWorld:
    return DrivingWorld()


@pytest.fixture
def world(prepared_world: DrivingWorld) -> Iterator[DrivingWorld]:
    """A world to reset; a process holds one traffic, so that it is closed after each test."""
    yield prepared_world
    prepared_world.close()
