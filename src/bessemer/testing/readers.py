# ruff: noqa: D102 - the name of a test is its sentence
"""What every reader of recordings keeps: inherit the class, say how to make an archive, run pytest.

Example of a test module for a reader of your own::

    class TestMyReader(ReaderConformance):
        def make_reader(self) -> LogReader:
            return MyReader()

        def make_archive(self, folder: Path) -> Path:
            return write_small_archive(folder)

        def make_bad_archive(self, folder: Path) -> Path | None:
            return write_small_archive(folder, with_a_truncated_picture=True)
"""

import itertools
import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.ids import SegmentId
from bessemer.core.labels import Action, Box2d, Box3d, ClassSpan, LabelRevision, Mask, Polyline
from bessemer.core.protocols import LogReader
from bessemer.core.records import Recording, Segment, StreamKind, Terms
from bessemer.edge.decode import decode_segment

_WORD = re.compile(r"[a-z][a-z0-9_]*")


class ReaderConformance:
    """The tests; an implementer gives a reader and archives made of files in a folder.

    Attributes:
        max_recordings: How many recordings of an archive are looked at.
    """

    max_recordings: int = 64

    def make_reader(self) -> LogReader:
        """Return a new reader."""
        raise NotImplementedError

    def make_archive(self, folder: Path) -> Path:
        """Write an archive of at least two recordings with nothing wrong; return its root."""
        raise NotImplementedError

    def make_bad_archive(self, folder: Path) -> Path | None:
        """Write an archive with good recordings and something wrong; None if there can be none."""
        raise NotImplementedError

    def test_it_plays_the_role(self) -> None:
        reader = self.make_reader()
        assert isinstance(reader, LogReader)
        assert _WORD.fullmatch(reader.name)

    def test_it_recognises_its_own_layout_and_raises_at_no_other(self, tmp_path: Path) -> None:
        reader = self.make_reader()
        assert reader.recognises(self.make_archive(tmp_path / "archive")) is True
        (tmp_path / "empty").mkdir()
        assert reader.recognises(tmp_path / "empty") is False
        assert reader.recognises(tmp_path / "absent") is False
        (tmp_path / "file.bin").write_bytes(b"\0")
        assert reader.recognises(tmp_path / "file.bin") is False

    def test_a_good_archive_goes_in_whole(self, tmp_path: Path) -> None:
        items = self._items(self.make_archive(tmp_path / "archive"))
        assert [item for item in items if isinstance(item, Rejection)] == []
        assert len(items) >= 2

    def test_twice_is_the_same_in_the_same_order(self, tmp_path: Path) -> None:
        root = self.make_archive(tmp_path / "archive")
        first, second = self._arrivals(root), self._arrivals(root)
        assert [_address(a) for a in first] == [_address(a) for a in second]
        assert first == second

    def test_the_same_files_elsewhere_have_the_same_addresses(self, tmp_path: Path) -> None:
        here = self._arrivals(self.make_archive(tmp_path / "here" / "archive"))
        there = self._arrivals(self.make_archive(tmp_path / "there" / "archive"))
        assert [_address(a) for a in here] == [_address(a) for a in there]

    def test_sources_are_relative_unique_and_ascend(self, tmp_path: Path) -> None:
        arrivals = self._arrivals(self.make_archive(tmp_path / "archive"))
        sources = [arrival.recording.source for arrival in arrivals]
        assert len(set(sources)) == len(sources)
        parts = [PurePosixPath(source).parts for source in sources]
        assert parts == sorted(parts)
        for source in sources:
            assert not PurePosixPath(source).is_absolute()
            assert ".." not in PurePosixPath(source).parts
            assert str(tmp_path) not in source

    def test_segments_are_those_that_the_manifest_names(self, tmp_path: Path) -> None:
        for arrival in self._arrivals(self.make_archive(tmp_path / "archive")):
            by_id = {segment.segment_id: segment for segment in arrival.segments}
            assert len(by_id) == len(arrival.segments), "a segment comes twice"
            assert set(by_id) == {ref.segment_id for ref in arrival.recording.segments}
            _check_refs(arrival.recording, by_id)

    def test_every_camera_frame_decodes(self, tmp_path: Path) -> None:
        n_frames = 0
        for arrival in self._arrivals(self.make_archive(tmp_path / "archive")):
            for segment in _camera_segments(arrival):
                shapes = [picture.shape for _, picture in decode_segment(segment)]
                assert len(shapes) == len(segment.offsets_ns)
                n_frames += len(shapes)
        assert n_frames > 0

    def test_skipped_sources_are_not_read_and_the_rest_is_unchanged(self, tmp_path: Path) -> None:
        root = self.make_archive(tmp_path / "archive")
        arrivals = self._arrivals(root)
        skipped = arrivals[0].recording.source
        rest = self._arrivals(root, skip=frozenset({skipped}))
        n_both = min(len(rest), len(arrivals) - 1)
        assert rest[:n_both] == arrivals[1 : n_both + 1]
        everything = frozenset(arrival.recording.source for arrival in arrivals)
        left = self._arrivals(root, skip=everything)
        assert everything.isdisjoint(arrival.recording.source for arrival in left)

    def test_terms_are_carried_and_move_no_address(self, tmp_path: Path) -> None:
        root = self.make_archive(tmp_path / "archive")
        given = Terms(licence="LicenseRef-mine", region="FR", retention_days=7)
        own, mine = self._arrivals(root), self._arrivals(root, terms=given)
        assert {arrival.recording.terms for arrival in mine} == {given}
        assert all(a.recording.terms.licence and a.recording.terms.region for a in own)
        assert [_address(a) for a in own] == [_address(a) for a in mine]

    def test_truth_lies_within_its_recording(self, tmp_path: Path) -> None:
        for arrival in self._arrivals(self.make_archive(tmp_path / "archive")):
            revisions = [revision.revision_id for revision in arrival.truth]
            assert len(set(revisions)) == len(revisions)
            for revision in arrival.truth:
                _check_truth(arrival.recording, revision)

    def test_reading_can_stop_at_any_moment(self, tmp_path: Path) -> None:
        root = self.make_archive(tmp_path / "archive")
        reading = iter(self.make_reader().read(root))
        first = next(reading)
        del reading
        assert next(iter(self.make_reader().read(root))) == first

    def test_bad_things_are_refused_with_reasons_and_the_rest_goes_in(self, tmp_path: Path) -> None:
        root = self.make_bad_archive(tmp_path / "archive")
        if root is None:
            return
        items = self._items(root)
        rejections = [item for item in items if isinstance(item, Rejection)]
        assert rejections, "nothing was refused"
        assert len(rejections) < len(items), "nothing was taken in"
        for rejection in rejections:
            assert _WORD.fullmatch(rejection.reason), rejection
            assert _WORD.fullmatch(rejection.stage), rejection
            assert rejection.where, rejection
            assert rejection.detail, rejection
            assert str(tmp_path) not in rejection.where, "no place outside of the archive"
            assert str(tmp_path) not in rejection.detail, "no place outside of the archive"
        assert len(set(rejections)) == len(rejections), "one thing is refused twice"
        assert items == self._items(root)

    def _items(self, root: Path) -> list[Arrival | Rejection]:
        """Return the first things that a new reader yields."""
        return list(itertools.islice(self.make_reader().read(root), self.max_recordings))

    def _arrivals(
        self, root: Path, terms: Terms | None = None, skip: frozenset[str] = frozenset()
    ) -> list[Arrival]:
        """Return the first recordings that a new reader yields."""
        items: Iterator[Arrival | Rejection] = self.make_reader().read(root, terms, skip=skip)
        arrivals = (item for item in items if isinstance(item, Arrival))
        return list(itertools.islice(arrivals, self.max_recordings))


def _address(arrival: Arrival) -> str:
    """Return the recording's address."""
    return arrival.recording.recording_id


def _camera_segments(arrival: Arrival) -> Iterable[Segment]:
    """Return the segments of camera streams, each once."""
    recording = arrival.recording
    cameras = {s.name for s in recording.streams if s.kind is StreamKind.CAMERA}
    wanted = {ref.segment_id for ref in recording.segments if ref.stream in cameras}
    return (segment for segment in arrival.segments if segment.segment_id in wanted)


def _check_refs(recording: Recording, by_id: dict[SegmentId, Segment]) -> None:
    """Check that references are in order, apart, and tell the truth about their segments."""
    keys = [(ref.stream, ref.start_ns) for ref in recording.segments]
    assert keys == sorted(keys)
    for ref in recording.segments:
        segment = by_id[ref.segment_id]
        assert ref.n_frames == len(segment.offsets_ns)
        assert ref.size_bytes == segment.size_bytes
        assert ref.start_ns + segment.offsets_ns[-1] < ref.end_ns
    for before, after in itertools.pairwise(recording.segments):
        assert before.stream != after.stream or before.end_ns <= after.start_ns


def _check_truth(recording: Recording, revision: LabelRevision) -> None:
    """Check that a revision speaks of its recording, its unit, and declared streams."""
    unit, elements = revision.unit, revision.elements
    assert unit.recording_id == recording.recording_id
    assert recording.start_ns <= unit.start_ns < unit.end_ns <= recording.end_ns
    assert revision.price == 0
    assert revision.coverage.spans, "truth says what was examined"
    names = {stream.name for stream in recording.streams}
    assert set(revision.coverage.streams) <= names
    spans: tuple[ClassSpan | Action, ...] = (*elements.class_spans, *elements.actions)
    for span in spans:
        assert unit.start_ns <= span.start_ns < span.end_ns <= unit.end_ns
        assert span.stream in names
    things: tuple[Box2d | Box3d | Polyline | Mask, ...] = (
        *elements.boxes2d,
        *elements.boxes3d,
        *elements.polylines,
        *elements.masks,
    )
    for thing in things:
        assert unit.start_ns <= thing.t_ns < unit.end_ns
