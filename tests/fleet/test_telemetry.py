"""Recorded signals at the times of frames: the latest value at or before each."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.core.ids import SegmentId, StreamName
from bessemer.core.records import Codec, Recording, Segment, SegmentRef, Stream, StreamKind
from bessemer.fleet.telemetry import mean_signals
from tests.fleet.worlds import make_recording

SPEED = StreamName("Vehicle.Speed")
END_NS = 1000


class Shelf:
    """Segments in memory."""

    def __init__(self, segments: list[Segment]) -> None:
        self._kept = {segment.segment_id: segment for segment in segments}

    def put_segments(self, segments: Iterable[Segment]) -> int:
        before = len(self._kept)
        self._kept.update({segment.segment_id: segment for segment in segments})
        return len(self._kept) - before

    def read_segments(self, ids: Sequence[SegmentId]) -> Iterator[Segment]:
        return iter([self._kept[i] for i in ids])

    def offsets_of(self, ids: Sequence[SegmentId]) -> dict[SegmentId, np.ndarray]:
        return {i: np.array(self._kept[i].offsets_ns, np.int64) for i in ids}


def recorded(groups: list[list[tuple[int, float]]], columns: int = 1) -> tuple[Recording, Shelf]:
    """A recording of one signal, each group of samples a segment."""
    segments = [
        Segment(
            codec=Codec.FLOAT64,
            offsets_ns=tuple(t - group[0][0] for t, _ in group),
            packets=(np.repeat([v for _, v in group], columns).astype("<f8").tobytes(),),
        )
        for group in groups
    ]
    ends = [*(group[0][0] for group in groups[1:]), END_NS]
    refs = tuple(
        SegmentRef(
            stream=SPEED,
            segment_id=segment.segment_id,
            start_ns=group[0][0],
            end_ns=end_ns,
            n_frames=len(group),
            size_bytes=segment.size_bytes,
        )
        for segment, group, end_ns in zip(segments, groups, ends, strict=True)
    )
    drive = make_recording("drive")
    signal = Stream(name=SPEED, kind=StreamKind.SIGNAL, unit="km/h", columns=(SPEED,))
    made = replace(drive, streams=(*drive.streams, signal), segments=(*drive.segments, *refs))
    return made, Shelf(segments)


SAMPLES = st.dictionaries(st.integers(0, END_NS - 1), st.integers(-50, 50), min_size=1)
INSTANTS = st.lists(st.integers(0, END_NS - 1), min_size=1)


@given(SAMPLES, INSTANTS, st.integers(1, 5))
def test_an_instant_takes_the_latest_value_however_samples_are_cut(
    samples: dict[int, int], instants: list[int], size: int
) -> None:
    rows = [(t, float(samples[t])) for t in sorted(samples)]
    recording, shelf = recorded([rows[i : i + size] for i in range(0, len(rows), size)])
    held = [[v for s, v in rows if s <= t][-1] for t in instants if t >= rows[0][0]]
    found = mean_signals(recording, instants, shelf)
    assert found == ({SPEED: pytest.approx(np.mean(held))} if held else {})


def test_no_instant_and_no_signal_say_nothing() -> None:
    recording, shelf = recorded([[(0, 1.0)]])
    assert mean_signals(recording, [], shelf) == {}
    assert mean_signals(make_recording("drive"), [5], shelf) == {}


def test_rows_that_lack_columns_are_refused_by_name() -> None:
    recording, shelf = recorded([[(0, 1.0)]], columns=2)
    with pytest.raises(InputError, match="2 values do not make 1 rows of 1") as caught:
        mean_signals(recording, [5], shelf)
    assert SPEED in str(caught.value)
