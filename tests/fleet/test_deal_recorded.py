"""Laws of drives that are dealt as recorded: each is met by who drove it, when it was driven."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.core.records import Attribute, Recording, day_start_ns
from bessemer.fleet.deal import RecordedDeal, deal_as_recorded
from tests.fleet.worlds import make_recording

FIRST_DAY = "2026-01-05"
FIRST_NS = day_start_ns(FIRST_DAY)
WEEK_NS = 7 * 24 * 3600 * 10**9
THREE = RecordedDeal(weeks=3, stretch_s=4.0, first_day=FIRST_DAY)


def make_drive(name: str, vehicle: str, start_ns: int, segments: int = 1) -> Recording:
    """A drive of some seconds that knows its vehicle and its time."""
    made = make_recording(name, segments=segments)
    return replace(
        made,
        start_ns=made.start_ns + start_ns,
        end_ns=made.end_ns + start_ns,
        segments=tuple(
            replace(ref, start_ns=ref.start_ns + start_ns, end_ns=ref.end_ns + start_ns)
            for ref in made.segments
        ),
        attributes=(Attribute(name="vehicle", value=vehicle),) if vehicle else (),
    )


Rows = list[tuple[str, int, int]]
driven = st.lists(
    st.tuples(
        st.sampled_from(["red", "blue"]), st.integers(-2 * WEEK_NS, 5 * WEEK_NS), st.integers(1, 3)
    ),
    min_size=1,
    max_size=12,
)


def make_drives(rows: Rows) -> list[Recording]:
    """A drive of each vehicle, time and length."""
    return [
        make_drive(f"d{i}", vehicle, FIRST_NS + at_ns, segments)
        for i, (vehicle, at_ns, segments) in enumerate(rows)
    ]


IN_WEEK_1 = make_drive("sure", "red", FIRST_NS + WEEK_NS)


@given(driven)
def test_each_vehicle_meets_what_it_drove_in_the_week_in_which_it_did(
    rows: Rows,
) -> None:
    by_id = {drive.recording_id: drive for drive in [*make_drives(rows), IN_WEEK_1]}
    deals = deal_as_recorded(list(by_id.values()), THREE)
    for one in deals:
        drive = by_id[one.stretch.recording_id]
        assert drive.attributes[0].value == one.vehicle
        assert one.week * WEEK_NS <= one.stretch.start_ns - FIRST_NS < (one.week + 1) * WEEK_NS
    met = {one.stretch.recording_id for one in deals}
    whole = {
        i
        for i, drive in by_id.items()
        if drive.start_ns >= FIRST_NS and drive.end_ns <= FIRST_NS + 3 * WEEK_NS
    }
    assert whole <= met


@given(driven, st.integers(0, 12))
def test_drives_that_come_later_move_no_encounter(rows: Rows, n: int) -> None:
    drives = make_drives(rows)
    early = [IN_WEEK_1, *drives[:n]]
    before = deal_as_recorded(early, THREE)
    after = deal_as_recorded([*drives[n:], *early][::-1], THREE)
    known = {drive.recording_id for drive in early}
    assert before == tuple(one for one in after if one.stretch.recording_id in known)


@pytest.mark.parametrize(
    ("drive", "said"),
    [
        (make_drive("d", "", FIRST_NS), "who drove it, so"),
        (make_drive("d", "red", 0), "in which week, so"),
        (make_drive("d", "", 0), "who drove it nor in which week"),
    ],
)
def test_a_recording_that_does_not_say_who_or_when_is_an_error(drive: Recording, said: str) -> None:
    with pytest.raises(InputError, match=said):
        deal_as_recorded([IN_WEEK_1, drive], THREE)


def test_drives_of_other_years_name_the_day_to_begin_with() -> None:
    late = make_drive("d", "red", FIRST_NS + 40 * WEEK_NS)
    with pytest.raises(InputError, match=r"deal\.first_day=2026-10-12"):
        deal_as_recorded([late], THREE)
    assert deal_as_recorded([], THREE) == ()


def test_what_recordings_decide_is_not_set() -> None:
    with pytest.raises(InputError, match=r"RecordedDeal\.tail_frac"):
        RecordedDeal(first_day=FIRST_DAY, tail_frac=0.3)
    with pytest.raises(InputError, match="is no day"):
        RecordedDeal(first_day="monday")
