import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import LeakError
from bessemer.core.ids import RecordingId, SegmentId
from bessemer.validate.leak import Member, find_leaks, refuse_leaks


def member(name: str, *segments: str) -> Member:
    return Member(
        recording_id=RecordingId(name),
        segments=tuple(SegmentId(s) for s in segments),
        source=f"drives/{name}",
    )


@given(st.sets(st.integers(0, 9)), st.sets(st.integers(0, 9)))
def test_a_leak_is_what_both_sides_share(train: set[int], test: set[int]) -> None:
    leaks = find_leaks([member(str(i)) for i in train], [member(str(i)) for i in test])
    assert {leak.shared for leak in leaks} == {str(i) for i in train & test}


def test_the_same_bytes_under_two_names_are_a_leak_with_both_places() -> None:
    with pytest.raises(LeakError, match=r"segment s2: drives/a \| drives/b"):
        refuse_leaks([member("a", "s1", "s2")], [member("b", "s2", "s3")])


def test_many_leaks_are_counted_and_a_few_shown() -> None:
    both = [member(str(i)) for i in range(9)]
    with pytest.raises(LeakError, match=r"9 recordings or segments.*and 4 more"):
        refuse_leaks(both, both)


def test_sides_apart_pass() -> None:
    refuse_leaks([member("a", "s1")], [member("b", "s2")])
