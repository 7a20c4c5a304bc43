"""Types of every call into bessemer are checked in every test run, shapes of arrays too.

Modules that name shapes are jaxtyping's to check, which holds the arrays of one call against each
other; the rest beartype checks alone, at a twentieth of the cost.
"""

from pathlib import Path

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
