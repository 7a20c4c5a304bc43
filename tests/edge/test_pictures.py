import io
from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jaxtyping import Int64
from PIL import Image

from bessemer.core.errors import NotFoundError
from bessemer.core.frames import Frame
from bessemer.core.ids import RecordingId, SegmentId, StreamName
from bessemer.core.records import Codec, Segment
from bessemer.edge.pictures import load_pictures


class MemorySegments:
    """Segments in a dict, counting how often each is read."""

    def __init__(self) -> None:
        self.held: dict[SegmentId, Segment] = {}
        self.reads: list[SegmentId] = []

    def put_segments(self, segments: Iterable[Segment]) -> int:
        before = len(self.held)
        self.held.update((segment.segment_id, segment) for segment in segments)
        return len(self.held) - before

    def read_segments(self, ids: Sequence[SegmentId]) -> Iterator[Segment]:
        for segment_id in ids:
            if segment_id not in self.held:
                raise NotFoundError.among("segment", segment_id, self.held)
            self.reads.append(segment_id)
            yield self.held[segment_id]

    def offsets_of(self, ids: Sequence[SegmentId]) -> dict[SegmentId, Int64[np.ndarray, " n"]]:
        return {i: np.array(self.held[i].offsets_ns, np.int64) for i in ids}


def _segment(first: int, n: int) -> Segment:
    """A segment whose frame ``i`` is filled with the value ``first + i``."""
    packets = []
    for value in range(first, first + n):
        out = io.BytesIO()
        Image.new("RGB", (5 + value, 4), (value, value, value)).save(out, "PNG")
        packets.append(out.getvalue())
    return Segment(codec=Codec.PNG, offsets_ns=tuple(range(n)), packets=tuple(packets))


_SEGMENTS = [_segment(0, 4), _segment(10, 3), _segment(20, 1)]
_FRAMES = [
    Frame(
        recording_id=RecordingId("r"),
        stream=StreamName("camera/front"),
        segment_id=segment.segment_id,
        index=index,
        t_ns=index,
    )
    for segment in _SEGMENTS
    for index in range(len(segment.packets))
]
_VALUES = [0, 1, 2, 3, 10, 11, 12, 20]


def _store() -> MemorySegments:
    store = MemorySegments()
    store.put_segments(_SEGMENTS)
    return store


@given(rows=st.lists(st.integers(0, len(_FRAMES) - 1), max_size=12))
def test_pictures_come_in_the_order_asked_each_segment_read_once(rows: list[int]) -> None:
    store = _store()
    pictures = load_pictures([_FRAMES[row] for row in rows], (6, 7), store)
    assert pictures.shape == (len(rows), 6, 7, 3)
    assert [int(p[0, 0, 0]) for p in pictures] == [_VALUES[row] for row in rows]
    assert all(np.ptp(picture) == 0 for picture in pictures)
    assert len(store.reads) == len(set(store.reads))


def test_progress_ends_at_the_number_of_frames() -> None:
    told: list[tuple[int, int]] = []
    load_pictures(_FRAMES, (2, 2), _store(), lambda done, total: told.append((done, total)))
    assert told == [(4, 8), (7, 8), (8, 8)]


def test_a_segment_that_is_not_stored_is_an_error() -> None:
    with pytest.raises(NotFoundError):
        load_pictures(_FRAMES, (2, 2), MemorySegments())
