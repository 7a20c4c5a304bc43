"""Laws of a deal: everything is met once, early weeks miss the tail, order changes nothing."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.fleet.deal import DealConfig, cut_stretches, deal
from tests.fleet.worlds import make_recording

RECORDINGS = [make_recording(f"r{i}") for i in range(60)]


@given(
    segments=st.integers(1, 12),
    frames=st.integers(1, 5),
    stretch_s=st.floats(0.5, 30.0),
)
def test_pieces_tile_the_recording(segments: int, frames: int, stretch_s: float) -> None:
    recording = make_recording("r", segments=segments, frames=frames)
    pieces = cut_stretches(recording, stretch_s)
    assert pieces[0].start_ns == recording.start_ns
    assert pieces[-1].end_ns == recording.end_ns
    assert all(a.end_ns == b.start_ns for a, b in itertools.pairwise(pieces))
    borders = {ref.start_ns for ref in recording.segments}
    assert all(piece.start_ns in borders for piece in pieces)
    if len(pieces) > 1:
        assert all(piece.end_ns - piece.start_ns >= stretch_s * 1e9 for piece in pieces)


def test_long_drives_are_met_piece_by_piece_by_one_vehicle() -> None:
    drive = make_recording("drive", segments=10, frames=5)
    deals = deal([drive], DealConfig(vehicles=5, weeks=2, stretch_s=10.0))
    assert len(deals) == 5
    assert len({d.vehicle for d in deals}) == 1


def test_everything_is_met_once_and_weeks_are_even() -> None:
    deals = deal(RECORDINGS, DealConfig(vehicles=3, weeks=4))
    assert sorted(d.stretch.recording_id for d in deals) == sorted(
        r.recording_id for r in RECORDINGS
    )
    sizes = [sum(d.week == week for d in deals) for week in range(4)]
    assert max(sizes) - min(sizes) <= 1
    assert len({d.vehicle for d in deals}) == 3


def test_the_order_of_recordings_changes_nothing() -> None:
    config = DealConfig(vehicles=3, weeks=4, seed=7)
    assert deal(RECORDINGS, config) == deal(RECORDINGS[::-1], config)
    assert deal(RECORDINGS, config) != deal(RECORDINGS, DealConfig(vehicles=3, weeks=4, seed=8))


def test_early_weeks_miss_much_of_the_tail() -> None:
    tail = {r.recording_id for r in RECORDINGS[:15]}
    deals = deal(
        RECORDINGS,
        DealConfig(weeks=4, tail_frac=0.5),
        lambda stretch: float(stretch.recording_id in tail),
    )
    met = [sum(d.stretch.recording_id in tail for d in deals if d.week == w) for w in range(4)]
    assert met[0] <= 1
    assert met[3] >= 8


def test_wrong_config_is_refused() -> None:
    with pytest.raises(InputError, match="tail_frac"):
        DealConfig(tail_frac=1.5)
    with pytest.raises(InputError, match="at least one vehicle"):
        DealConfig(vehicles=0)
