"""What a person reads while a run goes on."""

import pytest

from bessemer.cli.story import _rate


@pytest.mark.parametrize(
    ("per_s", "told"), [(250.4, "250/s"), (1.0, "1/s"), (0.5, "2 s each"), (1 / 300, "300 s each")]
)
def test_a_rate_is_never_told_as_nothing(per_s: float, told: str) -> None:
    assert _rate(per_s) == told
