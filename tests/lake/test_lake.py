import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from bessemer.core.commit_point import CommitPoint, Seal
from bessemer.core.errors import ConflictError, InputError, IntegrityError, NotFoundError
from bessemer.core.frames import Embeddings, Frame, Predictions
from bessemer.core.ids import ArtifactId, NetworkId, PreprocessId, SegmentId, SpaceId
from bessemer.core.labels import AuthorKind
from bessemer.core.records import Recording, Split
from bessemer.lake import Lake
from bessemer.ledger import Ledger
from tests.lake.arrivals import TASK, arrival_of, frames_of, label_of, segment_of


class DiskFullError(Exception):
    """What the ledger below raises."""


class DyingLedger(Ledger):
    """A ledger that is never reached: everything before the commit point has happened."""

    def seal_batch(self, batch_id: int, seals: object) -> None:
        raise DiskFullError

    def seal_arrivals(self, *arguments: object) -> int:
        raise DiskFullError


def add(lake: Lake, *sources: str) -> list[Recording]:
    arrivals = [arrival_of(source) for source in sources]
    lake.add_arrivals(arrivals, [Split.TRAIN] * len(arrivals))
    return [arrival.recording for arrival in arrivals]


def test_the_ledger_is_the_lakes_commit_point(ledger: Ledger) -> None:
    assert isinstance(ledger, CommitPoint)


def test_what_arrives_is_there_and_arrives_once(lake: Lake, tmp_path: Path, ledger: Ledger) -> None:
    arrivals = [arrival_of("a"), arrival_of("b")]
    sides = [Split.TRAIN, Split.TEST]
    assert lake.add_arrivals(arrivals, sides) == 2
    assert lake.add_arrivals(arrivals, sides) == 0
    for reader in (lake, Lake.open(tmp_path / "lake", ledger)):
        assert reader.recordings() == [arrival.recording for arrival in arrivals]
        assert reader.recordings(split=Split.TEST) == [arrivals[1].recording]
        ids = [segment.segment_id for arrival in arrivals for segment in arrival.segments]
        assert list(reader.read_segments(ids[::-1])) == [
            segment for arrival in arrivals[::-1] for segment in arrival.segments
        ]
        truth = reader.find_labels(TASK, author=AuthorKind.ORACLE)
        assert {label.revision_id for label in truth} == {a.truth[0].revision_id for a in arrivals}


def test_segments_are_stored_once_and_read_in_the_order_asked(lake: Lake) -> None:
    one, two = segment_of("one"), segment_of("two", 5)
    assert lake.put_segments([one, two, one]) == 2
    assert lake.put_segments([two]) == 0
    ids = [two.segment_id, one.segment_id, two.segment_id]
    assert list(lake.read_segments(ids)) == [two, one, two]
    assert {k: v.tolist() for k, v in lake.offsets_of(ids).items()} == {
        two.segment_id: [0, 1, 2, 3, 4],
        one.segment_id: [0, 1, 2],
    }


def test_what_is_not_stored_is_said(lake: Lake) -> None:
    with pytest.raises(NotFoundError, match="segments are not stored"):
        list(lake.read_segments([SegmentId("0" * 64)]))
    with pytest.raises(NotFoundError, match="not stored"):
        lake.offsets_of([SegmentId("0" * 64)])


def test_damaged_bytes_are_noticed(lake: Lake, tmp_path: Path) -> None:
    (recording,) = add(lake, "damaged-recording")
    (file,) = (tmp_path / "lake" / "segments.lance" / "data").iterdir()
    body = file.read_bytes()
    assert body.count(b"damaged-recording 1") == 1
    file.write_bytes(body.replace(b"damaged-recording 1", b"damaged-recording 7"))
    with pytest.raises(IntegrityError, match="do not match"):
        list(lake.read_segments([recording.segments[0].segment_id]))


def test_before_the_ledgers_row_nothing_is_visible_and_a_sweep_leaves_no_rows(
    lake: Lake, ledger: Ledger, tmp_path: Path
) -> None:
    (kept,) = add(lake, "kept")
    lost = arrival_of("lost")
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    with DyingLedger.open(url, clock=lambda: 0.0) as dying:
        broken = Lake.open(tmp_path / "lake", dying)
        with pytest.raises(DiskFullError):
            broken.add_arrivals([lost], [Split.TRAIN])
        with pytest.raises(DiskFullError):
            broken.seal_labels([label_of(kept, "yield")])
    assert lake.recordings() == [kept]
    assert [label.elements.class_spans[0].class_name for label in lake.find_labels(TASK)] == [
        "stop"
    ]
    with pytest.raises(NotFoundError):
        list(lake.read_segments([lost.segments[0].segment_id]))
    assert lake.sweep().n_rows == 5  # a segment, two revisions and their two spans
    assert lake.sweep().n_rows == 0
    assert lake.add_arrivals([lost], [Split.TRAIN]) == 1
    assert list(lake.read_segments([lost.segments[0].segment_id])) == list(lost.segments)


def test_a_swept_writer_is_told_and_its_rows_stay_invisible(lake: Lake, ledger: Ledger) -> None:
    batch_id = ledger.open_batch()
    lake.sweep()
    with pytest.raises(ConflictError, match="swept"):
        ledger.seal_batch(batch_id, [Seal(table="segments", n_rows=1, version=1)])


KILLED = """
import os, signal, sys
from bessemer.core.records import Split
from bessemer.lake import Lake
from bessemer.lake.table import Table
from bessemer.ledger import Ledger
from tests.lake.arrivals import arrival_of

folder, point = sys.argv[1:]

def die(*arguments, **named):
    os.kill(os.getpid(), signal.SIGKILL)

class Dying(Ledger):
    if point == "before the seal":
        seal_arrivals = die
    def seal_arrivals_then_die(self, *arguments):
        super().seal_arrivals(*arguments)
        die()
    if point == "after the seal":
        seal_arrivals = seal_arrivals_then_die

class DyingTable(Table):
    def append(self, rows, batch_id):
        seal = super().append(rows, batch_id)
        die()

ledger = Dying.open(f"sqlite:///{folder}/ledger.sqlite")
lake = Lake.open(f"{folder}/lake", ledger)
if point == "after the bytes":
    table = lake._segments
    lake._segments = DyingTable(table.uri, table.schema, table.key, ledger)
lake.add_arrivals([arrival_of("cut off")], [Split.TRAIN])
"""


@pytest.mark.parametrize(
    ("point", "visible"),
    [("after the bytes", False), ("before the seal", False), ("after the seal", True)],
)
def test_kill_9_shows_all_or_nothing_and_a_second_try_ends_the_same(
    tmp_path: Path, repo_root: Path, point: str, visible: bool
) -> None:
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        add(Lake.open(tmp_path / "lake", ledger), "acknowledged")
    command = [sys.executable, "-c", KILLED, str(tmp_path), point]
    killed = subprocess.run(command, cwd=repo_root, check=False, env={"PYTHONPATH": "src:."})
    assert killed.returncode == -9
    cut_off = arrival_of("cut off")
    with Ledger.open(f"sqlite:///{tmp_path / 'ledger.sqlite'}") as ledger:
        lake = Lake.open(tmp_path / "lake", ledger)
        assert lake.recordings()[0] == arrival_of("acknowledged").recording
        assert (cut_off.recording in lake.recordings()) is visible
        assert len(lake.find_labels(TASK)) == 1 + visible
        lake.sweep()
        assert lake.add_arrivals([cut_off], [Split.TRAIN]) == (not visible)
        ids = [ref.segment_id for one in lake.recordings() for ref in one.segments]
        assert len(list(lake.read_segments(ids))) == 2
        assert len(lake.find_labels(TASK)) == 2


def test_relabelling_never_rewrites_a_picture(lake: Lake, tmp_path: Path) -> None:
    (recording,) = add(lake, "a")
    folder = tmp_path / "lake" / "segments.lance"
    before = {file: file.stat().st_mtime_ns for file in folder.rglob("*")}
    for name in ("yield", "priority"):
        lake.seal_labels([label_of(recording, name, AuthorKind.PERSON)])
    assert {file: file.stat().st_mtime_ns for file in folder.rglob("*")} == before
    people = lake.find_labels(TASK, author=AuthorKind.PERSON, recordings=[recording.recording_id])
    assert len(people) == 2
    assert lake.read_labels([label.revision_id for label in people]) == people
    assert lake.find_labels(TASK, recordings=[]) == []


def test_another_readers_rows_are_found_when_they_are_sealed(
    lake: Lake, ledger: Ledger, tmp_path: Path
) -> None:
    other = Lake.open(tmp_path / "lake", ledger)
    (first,) = add(lake, "a")
    assert len(list(other.read_segments([first.segments[0].segment_id]))) == 1
    (second,) = add(lake, "b")
    assert len(list(other.read_segments([second.segments[0].segment_id]))) == 1
    lake.erase(first.recording_id, "asked to")
    lake.compact()
    assert len(list(other.read_segments([second.segments[0].segment_id]))) == 1


def predictions_of(frames: tuple[Frame, ...], value: float) -> Predictions:
    n = len(frames)
    return Predictions(
        network_id=NetworkId("n"),
        preprocess_id=PreprocessId("p"),
        task=TASK,
        frames=frames,
        probs=np.full((n, 4), value, np.float32) + np.arange(n, dtype=np.float32)[:, None],
        confidence=np.arange(n, dtype=np.float32) + np.float32(value),
        embeddings=np.full((n, 2), value, np.float32),
    )


def test_predictions_come_back_in_the_order_asked_and_the_first_stand(lake: Lake) -> None:
    a, b, c = add(lake, "a", "b", "c")
    frames = frames_of(lake, a) + frames_of(lake, b)
    first = predictions_of(frames, 0.5)
    lake.put_predictions(first)
    lake.put_predictions(predictions_of(frames + frames_of(lake, c), 9.0))
    ids = [recording.segments[0].segment_id for recording in (b, a)]
    read = lake.read_predictions(NetworkId("n"), PreprocessId("p"), TASK, ids)
    assert read.frames == frames_of(lake, b) + frames_of(lake, a)
    order = [frames.index(frame) for frame in read.frames]
    np.testing.assert_array_equal(read.probs, first.probs[order])
    np.testing.assert_array_equal(read.confidence, first.confidence[order])
    np.testing.assert_array_equal(read.embeddings, first.embeddings[order])
    third = lake.read_predictions(
        NetworkId("n"), PreprocessId("p"), TASK, [c.segments[0].segment_id]
    )
    assert third.embeddings.min() == 9.0
    nothing = lake.read_predictions(NetworkId("other"), PreprocessId("p"), TASK, ids)
    assert nothing.frames == ()


def test_embeddings_of_two_spaces_stay_apart(lake: Lake) -> None:
    (a,) = add(lake, "a")
    frames = frames_of(lake, a)
    for space, value in (("near", 1.0), ("far", 2.0)):
        vectors = np.full((len(frames), 3), value, np.float32)
        lake.put_embeddings(Embeddings(space_id=SpaceId(space), frames=frames, vectors=vectors))
    read = lake.read_embeddings(SpaceId("far"), [a.segments[0].segment_id])
    assert read.frames == frames
    assert read.vectors.tolist() == [[2.0] * 3] * len(frames)


def test_recordings_that_share_a_segment_keep_their_own_frames(lake: Lake) -> None:
    shared = segment_of("shared")
    arrivals = [arrival_of("a", shared), arrival_of("b", segment_of("own"), shared)]
    lake.add_arrivals(arrivals, [Split.TRAIN] * 2)
    a, b = (frames_of(lake, arrival.recording) for arrival in arrivals)
    for frames in (a, b):
        vectors = np.full((len(frames), 1), float(len(frames)), np.float32)
        lake.put_embeddings(Embeddings(space_id=SpaceId("s"), frames=frames, vectors=vectors))
    read = lake.read_embeddings(SpaceId("s"), [shared.segment_id])
    values = dict(zip(read.frames, read.vectors[:, 0].tolist(), strict=True))
    assert values == {**dict.fromkeys(a, 3.0), **dict.fromkeys(b[3:], 6.0)}


def test_erasing_keeps_what_others_use_and_leaves_no_byte_of_the_rest(
    lake: Lake, ledger: Ledger, tmp_path: Path
) -> None:
    shared, private = segment_of("shared"), segment_of("private-to-the-erased")
    arrivals = [arrival_of("a", shared, private), arrival_of("b", shared)]
    lake.add_arrivals(arrivals, [Split.TRAIN] * 2)
    a, b = (arrival.recording for arrival in arrivals)
    frames = frames_of(lake, a)
    vectors = np.zeros((len(frames), 1), np.float32)
    lake.put_embeddings(Embeddings(space_id=SpaceId("s"), frames=frames, vectors=vectors))
    stone = lake.erase(a.recording_id, "a person asked")
    assert stone.reason == "a person asked"
    assert [s.bytes_gone for s in ledger.tombstones()] == [True]
    assert lake.recordings() == [b]
    assert list(lake.read_segments([shared.segment_id])) == [shared]
    with pytest.raises(NotFoundError):
        list(lake.read_segments([private.segment_id]))
    files = [file for file in (tmp_path / "lake").rglob("*") if file.is_file()]
    assert not [file for file in files if b"private-to-the-erased" in file.read_bytes()]
    assert lake.read_embeddings(SpaceId("s"), [shared.segment_id]).frames == ()
    assert lake.add_arrivals(arrivals, [Split.TRAIN] * 2) == 0
    assert [count.reason for count in ledger.rejection_counts("ingest")] == ["erased"]


def test_an_erasure_that_was_cut_off_is_completed_by_the_sweep(lake: Lake, ledger: Ledger) -> None:
    (a,) = add(lake, "a")
    ledger.bury(a.recording_id, "asked to")
    assert lake.recordings() == []
    assert lake.sweep().n_erasures == 1
    with pytest.raises(NotFoundError):
        list(lake.read_segments([a.segments[0].segment_id]))
    assert lake.sweep().n_erasures == 0


def test_files_are_named_by_their_bytes_and_by_nothing_else(lake: Lake, tmp_path: Path) -> None:
    source = tmp_path / "network.onnx"
    source.write_bytes(b"weights")
    artifact_id = lake.put_file(source)
    assert lake.put_file(source) == artifact_id
    assert lake.path_of(artifact_id).read_bytes() == b"weights"
    for name in ("../../network.onnx", "/etc/passwd", "f" * 63, "F" * 64):
        with pytest.raises(NotFoundError):
            lake.path_of(ArtifactId(name))
    with pytest.raises(NotFoundError):
        lake.path_of(ArtifactId("f" * 64))
    with pytest.raises(InputError, match="no such file"):
        lake.put_file(tmp_path / "nothing")
    (tmp_path / "lake" / "artifacts" / "incoming" / "cut-off").write_bytes(b"half")
    assert lake.sweep().n_files == 1


def test_a_manifest_that_names_bytes_it_did_not_bring_is_refused(lake: Lake) -> None:
    whole = arrival_of("a")
    hollow = type(whole)(recording=whole.recording, segments=())
    with pytest.raises(NotFoundError, match="not stored"):
        lake.add_arrivals([hollow], [Split.TRAIN])
    assert lake.recordings() == []
