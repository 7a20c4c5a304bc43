import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.core.ids import StreamName
from bessemer.core.records import Codec, Segment, SegmentRef
from bessemer.edge.ring import RingBuffer, RingClip

_FRONT, _REAR = StreamName("camera/front"), StreamName("camera/rear")


def _piece(stream: StreamName, start_ns: int, end_ns: int, size: int = 10) -> SegmentRef:
    segment = _segment(stream, start_ns, size)
    return SegmentRef(
        stream=stream,
        segment_id=segment.segment_id,
        start_ns=start_ns,
        end_ns=end_ns,
        n_frames=1,
        size_bytes=size,
    )


def _segment(stream: StreamName, start_ns: int, size: int) -> Segment:
    return Segment(
        codec=Codec.UTF8, offsets_ns=(0,), packets=(f"{stream}{start_ns}".encode().ljust(size),)
    )


def _push(ring: RingBuffer, stream: StreamName, start_ns: int, end_ns: int, size: int = 40) -> None:
    ring.push(_piece(stream, start_ns, end_ns, size), _segment(stream, start_ns, size))


def _spans(clip: RingClip) -> list[tuple[str, int, int]]:
    return [(h.ref.stream, h.ref.start_ns, h.ref.end_ns) for h in clip.held]


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=30),
    span_ns=st.integers(1, 60),
    fire=st.integers(0, 29),
    before_ns=st.integers(0, 80),
    after_ns=st.integers(1, 30),
    room=st.integers(1, 12),
)
def test_every_instant_wanted_is_held_or_said_to_be_lost(
    lengths: list[int], span_ns: int, fire: int, before_ns: int, after_ns: int, room: int
) -> None:
    ring = RingBuffer(span_ns, max_bytes=room * 40)
    start, clips = 0, []
    for index, length in enumerate(lengths):
        _push(ring, _FRONT, start, start + length)
        start += length
        assert ring.size_bytes <= room * 40
        if index == fire:
            ring.mark("t", start, before_ns, after_ns)
        clips += list(ring.cut_ready())
    clips += list(ring.cut_ready(finish=True))
    assert len(clips) == (fire < len(lengths))
    for clip in clips:
        wanted = set(range(max(clip.mark.start_ns, 0), min(clip.mark.end_ns, start)))
        have = {t for h in clip.held for t in range(h.ref.start_ns, h.ref.end_ns)}
        lost = {t for loss in clip.lost for t in range(loss.start_ns, loss.end_ns)}
        assert wanted <= have | lost
        assert not lost & have
        assert lost <= wanted


@given(
    lengths=st.lists(st.integers(1, 9), min_size=1, max_size=30),
    before_ns=st.integers(0, 40),
    after_ns=st.integers(1, 40),
)
def test_nothing_within_the_span_is_lost_while_there_is_room(
    lengths: list[int], before_ns: int, after_ns: int
) -> None:
    ring = RingBuffer(span_ns=40, max_bytes=1 << 20)
    start = 0
    for length in lengths:
        _push(ring, _FRONT, start, start + length)
        start += length
        ring.mark("t", start, before_ns, after_ns)
        assert all(clip.lost == () for clip in ring.cut_ready())
    assert all(clip.lost == () for clip in ring.cut_ready(finish=True))


def test_a_clip_waits_for_its_end_in_every_stream() -> None:
    ring = RingBuffer(span_ns=100, max_bytes=1_000)
    _push(ring, _FRONT, 0, 10)
    _push(ring, _REAR, 0, 10)
    ring.mark("t", 10, 5, 5)
    _push(ring, _FRONT, 10, 20)
    assert list(ring.cut_ready()) == []
    _push(ring, _REAR, 10, 20)
    (clip,) = ring.cut_ready()
    assert _spans(clip) == [
        (_FRONT, 0, 10), (_FRONT, 10, 20), (_REAR, 0, 10), (_REAR, 10, 20)
    ]  # fmt: skip
    assert list(ring.cut_ready()) == []


def test_clips_that_overlap_share_their_segments() -> None:
    ring = RingBuffer(span_ns=100, max_bytes=1_000)
    for start in range(0, 50, 10):
        _push(ring, _FRONT, start, start + 10)
        if start in (10, 20):
            ring.mark(f"t{start}", start + 10, 15, 10)
    first, second = ring.cut_ready()
    shared = {id(h.segment) for h in first.held} & {id(h.segment) for h in second.held}
    assert len(shared) == 2
    assert first.mark.trigger == "t10"


def test_a_clip_that_reaches_too_far_back_says_what_is_gone() -> None:
    ring = RingBuffer(span_ns=20, max_bytes=1_000)
    for start in range(0, 60, 10):
        _push(ring, _FRONT, start, start + 10)
    ring.mark("t", 60, 45, 1)
    (clip,) = ring.cut_ready(finish=True)
    assert _spans(clip) == [(_FRONT, 40, 50), (_FRONT, 50, 60)]
    assert [(loss.start_ns, loss.end_ns) for loss in clip.lost] == [(15, 40)]


def test_what_has_no_room_at_all_is_lost_and_said() -> None:
    ring = RingBuffer(span_ns=100, max_bytes=100)
    ring.mark("t", 0, 0, 20)
    _push(ring, _FRONT, 0, 10, size=101)
    assert ring.size_bytes == 0
    _push(ring, _FRONT, 10, 20, size=100)
    (clip,) = ring.cut_ready()
    assert _spans(clip) == [(_FRONT, 10, 20)]
    assert [(loss.start_ns, loss.end_ns) for loss in clip.lost] == [(0, 10)]


def test_segments_out_of_order_or_of_another_name_are_refused() -> None:
    ring = RingBuffer(span_ns=100, max_bytes=100)
    _push(ring, _FRONT, 10, 20)
    with pytest.raises(InputError, match="in order of time"):
        _push(ring, _FRONT, 15, 25)
    with pytest.raises(InputError, match="names another segment"):
        ring.push(_piece(_REAR, 0, 10), _segment(_FRONT, 99, 10))
    with pytest.raises(InputError, match="some time and some bytes"):
        RingBuffer(span_ns=0, max_bytes=1)
    with pytest.raises(InputError, match="reaches back"):
        ring.mark("t", 0, 0, 0)
