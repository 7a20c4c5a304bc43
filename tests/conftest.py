"""Fixtures that every part of the suite shares."""

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# No test times anything: on a busy machine a deadline fails what is right.
settings.register_profile("bessemer", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("bessemer")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="session")
def repo_root() -> Path:
    """The checkout that the tests run from."""
    return ROOT


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real recordings; a test that asks for it is skipped where there is none."""
    named = os.environ.get("BESSEMER_DATA")
    folder = Path(named) if named else ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        if named:
            pytest.fail(f"BESSEMER_DATA names {folder}, which is not a folder.")
        pytest.skip(f"needs real recordings: no {folder} (set BESSEMER_DATA)")
    return folder.resolve()


@pytest.fixture(scope="session")
def finished_root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a works that ran two turns of two arms on a few digits; to be read only."""
    from bessemer.loop.works import Works
    from tests.loop.tiny import run_tiny

    root = tmp_path_factory.mktemp("finished") / "works"
    with Works.open(root) as works:
        run_tiny(works)
    return root


@pytest.fixture(scope="session")
def postgres_url() -> str:
    """The URL of a PostgreSQL that tests may fill; skipped where none is named."""
    url = os.environ.get("BESSEMER_TEST_POSTGRES_URL")
    if not url:
        pytest.skip("needs PostgreSQL: set BESSEMER_TEST_POSTGRES_URL (.ci/run starts one)")
    return url
