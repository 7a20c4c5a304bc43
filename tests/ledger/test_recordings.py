"""What the ledger knows of recordings by name, and how long each may be kept."""

from bessemer.core.ids import RecordingId, SegmentId, StreamName
from bessemer.core.records import Recording, SegmentRef, Split, Stream, StreamKind, Terms
from bessemer.ledger import Ledger

DAY_S = 86_400.0
CAMERA = StreamName("camera/front")


def arrive(ledger: Ledger, source: str, retention_days: int = 0, end_ns: int = 1) -> RecordingId:
    """Note a recording; return its address."""
    ref = SegmentRef(
        stream=CAMERA,
        segment_id=SegmentId("s"),
        start_ns=0,
        end_ns=end_ns,
        n_frames=1,
        size_bytes=1,
    )
    recording = Recording(
        source=source,
        start_ns=0,
        end_ns=end_ns,
        streams=(Stream(name=CAMERA, kind=StreamKind.CAMERA),),
        segments=(ref,),
        terms=Terms(licence="mine", region="CH", retention_days=retention_days),
    )
    ledger.seal_arrivals(ledger.open_batch(), [], [recording], [Split.TRAIN])
    return recording.recording_id


def test_what_is_stored_under_a_name_is_told_by_address(ledger: Ledger) -> None:
    first = arrive(ledger, "a/1")
    second = arrive(ledger, "a/1", end_ns=2)
    other = arrive(ledger, "a/2")
    ledger.bury(first, "asked to")
    found = ledger.stored_under(["a/1", "a/2", "a/3", "a/1"])
    assert found == {"a/1": {first: True, second: False}, "a/2": {other: False}}
    assert ledger.stored_under([]) == {}
    assert ledger.sources_of({first, other, RecordingId("none")}) == {first: "a/1", other: "a/2"}


def test_retention_ends_so_many_days_after_arrival(ledger: Ledger) -> None:
    arrive(ledger, "for ever")
    long, short = arrive(ledger, "long", 30), arrive(ledger, "short", 2)
    gone = arrive(ledger, "gone", 1)
    ledger.bury(gone, "asked to")
    kept = ledger.kept_until(1e12)
    assert [(k.recording_id, k.retention_days) for k in kept] == [(short, 2), (long, 30)]
    ends = [k.until_unix_s for k in kept]
    assert 1_000 + 2 * DAY_S < ends[0] < 1_100 + 2 * DAY_S, "the clock began at 1,000 s"
    assert [k.source for k in ledger.kept_until(ends[1])] == ["short"]
    assert ledger.kept_until(ends[0]) == []
