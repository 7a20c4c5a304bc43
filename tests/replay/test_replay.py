"""Recorded input gives the committed output; it changes on purpose only."""

import pytest

from tests.replay.readable import as_text
from tests.replay.record import CASES, COMMAND, OUTPUTS, difference, path_of


@pytest.mark.parametrize("name", CASES)
def test_what_was_recorded_still_comes_out(name: str) -> None:
    changed = difference(name, as_text(CASES[name]()))
    if changed:
        pytest.fail(
            f"{path_of(name).name} is no longer what comes out. Look at the difference; if it is "
            f"meant, run `{COMMAND}` and commit.\n{changed}",
            pytrace=False,
        )


def test_every_output_belongs_to_a_case() -> None:
    assert set(OUTPUTS.iterdir()) == {path_of(name) for name in CASES}
