"""Laws of dealing recordings to train and test by the day on which they were made."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.core.records import Split, SplitByDay, day_start_ns
from tests.core.recordings import control_episode

DAY = "2026-01-05"
EPISODE = control_episode().recording


@given(st.integers(-(10**17), 10**17))
def test_a_day_deals_by_time_alone(offset_ns: int) -> None:
    shift_ns = day_start_ns(DAY) + offset_ns - EPISODE.start_ns
    moved = replace(
        EPISODE,
        start_ns=EPISODE.start_ns + shift_ns,
        end_ns=EPISODE.end_ns + shift_ns,
        segments=tuple(
            replace(ref, start_ns=ref.start_ns + shift_ns, end_ns=ref.end_ns + shift_ns)
            for ref in EPISODE.segments
        ),
    )
    side = Split.TEST if offset_ns < 0 else Split.TRAIN
    assert SplitByDay(test_before=DAY).side_of(moved) is side


def test_named_sources_go_first() -> None:
    rule = SplitByDay(test_before="2300-01-01", test_sources=("elsewhere/",))
    assert rule.side_of(EPISODE) is Split.TRAIN


@pytest.mark.parametrize("day", ["", "yesterday", "2026-02-30", "2026-01-05T12:00"])
def test_what_is_no_day_is_refused(day: str) -> None:
    with pytest.raises(InputError, match="is no day"):
        SplitByDay(test_before=day)
