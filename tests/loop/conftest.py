"""The finished tiny run, open; tests that change it take a copy."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from bessemer.loop.works import Works


@pytest.fixture
def finished(finished_root: Path) -> Iterator[Works]:
    """That works, open; to be read only."""
    with Works.open(finished_root) as works:
        yield works


@pytest.fixture
def copy_of_finished(finished_root: Path, tmp_path: Path) -> Iterator[Works]:
    """A copy of that works, open."""
    root = tmp_path / "copy"
    shutil.copytree(finished_root, root)
    with Works.open(root) as works:
        yield works
