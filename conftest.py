"""What holds for every test: calls are checked, and machines without graphics are borne with.

Types of every call into bessemer are checked in every run, shapes of arrays too. Modules that name
shapes are jaxtyping's to check, which holds the arrays of one call against each other; the rest
beartype checks alone, at a twentieth of the cost.
"""

import ctypes
import doctest
from collections.abc import Generator
from pathlib import Path

import pytest
from beartype import BeartypeConf, BeartypeDecorPlace
from beartype.claw import beartype_package
from jaxtyping import install_import_hook

SOURCE = Path(__file__).resolve().parent / "src"


def _holding(*words: str) -> tuple[str, ...]:
    """Return the names of all modules whose text holds one of some words."""
    return tuple(
        ".".join(path.relative_to(SOURCE).with_suffix("").parts)
        for path in sorted((SOURCE / "bessemer").rglob("*.py"))
        if path.name != "__init__.py" and any(word in path.read_text() for word in words)
    )


# Compiled modules do not tell these settings apart: delete ``__pycache__`` after a change of them.
# As for mypy, an int is a float (PEP 484's numeric tower).
beartype_package(
    "bessemer",
    conf=BeartypeConf(
        is_pep484_tower=True,
        claw_decor_place_func=BeartypeDecorPlace.FIRST,
        claw_is_pep526=False,
        # Warp's hints are values, for a compiler of its own.
        claw_skip_package_names=_holding("@wp."),
        violation_type=TypeError,
    ),
)
# What is imported for type checkers alone, beartype does not find by itself.
install_import_hook(
    _holding("jaxtyping", "TYPE_CHECKING"),
    "beartype.beartype(conf=beartype.BeartypeConf(is_pep484_tower=True))",
)


LINKED = ("libGL.so.1", "libX11.so.6", "libXext.so.6", "libXrender.so.1")
"""What SUMO's wheel links to and does not bring, though nothing is drawn with it."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup() -> Generator[None]:
    """Skip a test whose fixtures need traffic on a machine without these libraries."""
    return (yield from _skipped_without_libraries())


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call() -> Generator[None]:
    """Skip a test that needs traffic on a machine without these libraries."""
    return (yield from _skipped_without_libraries())


def _skipped_without_libraries() -> Generator[None]:
    from bessemer.core.errors import MissingLibraryError

    try:
        yield
    except (MissingLibraryError, doctest.UnexpectedException) as error:
        cause = error.exc_info[1] if isinstance(error, doctest.UnexpectedException) else error
        lacking = [name for name in LINKED if not _loads(name)]
        # Where all are there, SUMO is broken, and that is no reason to skip.
        if not isinstance(cause, MissingLibraryError) or not lacking:
            raise
        pytest.skip(f"needs traffic, and SUMO's wheel needs {', '.join(lacking)}")


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
