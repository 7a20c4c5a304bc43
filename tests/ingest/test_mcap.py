import itertools
import tempfile
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import msgspec
import numpy as np
import pytest
from foxglove_schemas_protobuf.CubePrimitive_pb2 import CubePrimitive
from foxglove_schemas_protobuf.KeyValuePair_pb2 import KeyValuePair
from foxglove_schemas_protobuf.Pose_pb2 import Pose
from foxglove_schemas_protobuf.Quaternion_pb2 import Quaternion
from foxglove_schemas_protobuf.SceneEntity_pb2 import SceneEntity
from foxglove_schemas_protobuf.SceneUpdate_pb2 import SceneUpdate
from foxglove_schemas_protobuf.Vector3_pb2 import Vector3
from hypothesis import given, settings
from hypothesis import strategies as st
from mcap.writer import CompressionType

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.ids import StreamName, TaskName
from bessemer.core.labels import LabelRevision
from bessemer.core.ontology import Migration, Ontology
from bessemer.core.protocols import LogReader
from bessemer.core.records import Codec, StreamKind, Terms
from bessemer.edge.decode import decode_segment
from bessemer.fleet.telemetry import mean_signals
from bessemer.ingest.mcap import McapReader
from bessemer.ingest.mcap_truth import OBJECTS, SCENES
from bessemer.ingest.run import ingest
from bessemer.tasks.segment import read_mask
from bessemer.testing.readers import ReaderConformance
from bessemer.twin.classes import SemanticClass
from bessemer.twin.drive_log.log import LogConfig
from bessemer.twin.truth import quaternion_of
from tests.fleet.test_telemetry import Shelf
from tests.ingest.films import square, square_at
from tests.ingest.logs import (
    BEGIN_NS,
    PERIOD_NS,
    packets,
    ros_image,
    ros_lens,
    ros_links,
    ros_video,
    write_log,
)
from tests.ingest.stores import MemoryWorks
from tests.ingest.trees import encoded
from tests.twin.drives import RIG, drive, write_drive

SMALL = LogConfig(chunk_bytes=2_048)


class TestMcap(ReaderConformance):
    def make_reader(self) -> LogReader:
        return McapReader()

    def make_archive(self, folder: Path) -> Path:
        write_drive(folder / "1.mcap", drive(6), config=SMALL)
        rows = [ros_lens(), ros_links(0, ("base_link", "cam_optical", (1, 0, 1), (0, 0, 0, 1)))]
        rows += [ros_video(data, k) for k, data in enumerate(packets())]
        write_log(folder / "2" / "a.mcap", rows)
        return folder

    def make_bad_archive(self, folder: Path) -> Path | None:
        self.make_archive(folder)
        cut = write_drive(folder / "2" / "b.mcap", config=SMALL)
        cut.write_bytes(cut.read_bytes()[:20_000])
        (folder / "2" / "c.mcap").write_bytes(b"none of those")
        (folder / "notes.txt").write_text("?")
        return folder


def _read(
    root: Path, reader: McapReader | None = None
) -> tuple[list[Arrival], dict[str, list[str]]]:
    items = list((reader or McapReader()).read(root))
    rejected: dict[str, list[str]] = {}
    for item in items:
        if isinstance(item, Rejection):
            rejected.setdefault(item.reason, []).append(item.where)
    return [item for item in items if isinstance(item, Arrival)], rejected


def _shown(arrival: Arrival, stream: str) -> Iterator[tuple[int, np.ndarray]]:
    by_id = {segment.segment_id: segment for segment in arrival.segments}
    for ref in arrival.recording.segments:
        if ref.stream == stream:
            segment = by_id[ref.segment_id]
            for index, picture in decode_segment(segment):
                yield ref.start_ns + segment.offsets_ns[index], picture


def _rows(arrival: Arrival, stream: str) -> tuple[list[int], np.ndarray]:
    by_id = {segment.segment_id: segment for segment in arrival.segments}
    times, values = [], []
    for ref in arrival.recording.segments:
        if ref.stream == stream:
            segment = by_id[ref.segment_id]
            times += [ref.start_ns + offset for offset in segment.offsets_ns]
            found = np.frombuffer(segment.packets[0], "<f8")
            values.append(found.reshape(len(segment.offsets_ns), -1))
    return times, np.concatenate(values)


def _truths(arrival: Arrival, task: str) -> list[LabelRevision]:
    return [revision for revision in arrival.truth if revision.task == task]


@pytest.mark.parametrize("start_ns", [0, 1_700_000_000_123_456_789])
def test_pictures_come_back_at_their_times_and_look_alike(tmp_path: Path, start_ns: int) -> None:
    steps = drive()
    write_drive(tmp_path / "a.mcap", steps, start_ns=start_ns)
    (arrival,), rejected = _read(tmp_path)
    assert rejected == {}
    for index, camera in enumerate(RIG.cameras):
        shown = list(_shown(arrival, f"camera/{camera.name}"))
        views = [seen.views[index] for seen, _ in steps]
        assert [t_ns for t_ns, _ in shown] == [start_ns + view.t_ns for view in views]
        for (_, picture), view in zip(shown, views, strict=True):
            error = np.square(picture.astype(float) - view.picture).mean()
            assert 10 * np.log10(255**2 / error) > 30


def test_calibrations_come_back(tmp_path: Path) -> None:
    (arrival,), _ = _read(write_drive(tmp_path / "a.mcap"))
    streams = {stream.name: stream for stream in arrival.recording.streams}
    for camera in RIG.cameras:
        found, given = streams[StreamName(f"camera/{camera.name}")].calibration, camera.calibration
        assert found is not None
        assert found.intrinsics == given.intrinsics
        assert found.distortion == given.distortion
        assert (found.model, found.width_px, found.height_px) == (
            (given.model, given.width_px, given.height_px)
        )
        assert np.allclose(found.ego_from_camera, given.ego_from_camera, atol=1e-12)


def test_poses_come_back(tmp_path: Path) -> None:
    steps = drive()
    (arrival,), _ = _read(write_drive(tmp_path / "a.mcap", steps))
    times, rows = _rows(arrival, "pose")
    way = dict(zip(times, rows, strict=True))
    assert times == sorted(way.keys())
    poses = {seen.t_ns: seen.ego.world_from_ego for seen, _ in steps}
    for seen, _ in steps:
        for camera, view in zip(RIG.cameras, seen.views, strict=True):
            poses[view.t_ns] = view.world_from_camera @ np.linalg.inv(camera.ego_from_camera)
    assert way.keys() == poses.keys()
    for t_ns, pose in poses.items():
        given = [*pose[:3, 3], *quaternion_of(pose[:3, :3])]
        assert np.allclose(way[t_ns], given, atol=1e-12)


def test_signals_come_back_and_reach_triggers(tmp_path: Path) -> None:
    steps = drive()
    (arrival,), _ = _read(write_drive(tmp_path / "a.mcap", steps))
    times, rows = _rows(arrival, "Vehicle.Speed")
    assert times == [seen.t_ns for seen, _ in steps]
    assert rows[:, 0].tolist() == [dict(seen.signals)["Vehicle.Speed"] for seen, _ in steps]
    shelf = Shelf(list(arrival.segments))
    signal = mean_signals(arrival.recording, times[:3], shelf)
    assert signal["Vehicle.Speed"] == 28.0


def test_boxes_come_back_with_what_was_visible(tmp_path: Path) -> None:
    steps = drive()
    (arrival,), _ = _read(write_drive(tmp_path / "a.mcap", steps))
    found = _truths(arrival, "objects3d")
    assert [revision.unit.start_ns for revision in found] == [seen.t_ns for seen, _ in steps]
    for revision, (_, truth) in zip(found, steps, strict=True):
        assert revision.elements.boxes3d == tuple(true.box for true in truth.boxes)
        assert {(e.ref, e.name, e.value) for e in revision.evidence} == {
            (true.box.element_id, f"visible_frac/{camera}", share)
            for true in truth.boxes
            for camera, share in true.visible_frac
        }
        assert set(revision.coverage.streams) == {"camera/front", "camera/back"}
    for before, after in itertools.pairwise(found):
        assert before.unit.end_ns == after.unit.start_ns


def test_masks_come_back_exactly(tmp_path: Path) -> None:
    steps = drive()
    (arrival,), _ = _read(write_drive(tmp_path / "a.mcap", steps))
    found = {
        (mask.stream, mask.t_ns): (revision, read_mask(mask.png))
        for revision in _truths(arrival, "scenes")
        for mask in revision.elements.masks
    }
    views = [view for seen, _ in steps for view in seen.views]
    assert len(found) == len(views)
    for view in views:
        stream = StreamName(f"camera/{view.camera}")
        revision, values = found[stream, view.t_ns]
        assert (values == view.semantic).all()
        assert revision.coverage.includes(stream, view.t_ns)
        assert revision.ontology_id == SCENES.ontology_id


def test_the_twins_ontology_has_each_class_at_the_value_of_its_pixels() -> None:
    assert [SCENES.index_of(kind.label) for kind in SemanticClass] == list(SemanticClass)
    assert OBJECTS.index_of("car") >= 0
    assert OBJECTS.index_of("debris") == -1


def test_masks_are_renamed_into_another_ontology(tmp_path: Path) -> None:
    wanted = Ontology(task=TaskName("scenes"), classes=("sky", "way", "car"), ignored=("void",))
    new = {"road": "way", "lane marking": "way", "car": "car", "sky": "sky", "wall": "void"}
    renames = tuple(
        Migration(old=kind.label, new=new.get(kind.label, "")) for kind in SemanticClass
    )
    steps = drive()
    write_drive(tmp_path / "a.mcap", steps)
    (arrival,), rejected = _read(tmp_path, McapReader(scenes=wanted, renames=renames))
    assert set(rejected) == {"unknown_class"} - {"unknown_class"}
    view = steps[3][0].views[0]
    (values,) = (
        read_mask(mask.png)
        for revision in _truths(arrival, "scenes")
        for mask in revision.elements.masks
        if mask.stream == "camera/front" and mask.t_ns == view.t_ns
    )
    for kind in SemanticClass:
        expected = {"sky": 0, "way": 1, "car": 2}.get(new.get(kind.label, ""), 255)
        assert (values[view.semantic == kind] == expected).all()


def test_a_class_that_the_ontology_lacks_is_counted(tmp_path: Path) -> None:
    write_drive(tmp_path / "a.mcap")
    wanted = Ontology(task=TaskName("scenes"), classes=SCENES.classes[:-1])
    (_,), rejected = _read(tmp_path, McapReader(scenes=wanted))
    assert rejected == {
        "unknown_class": [
            "a.mcap, /truth/back/semantic, ego",
            "a.mcap, /truth/front/semantic, ego",
        ]
    }


def test_facts_of_the_drive_become_attributes_and_terms(tmp_path: Path) -> None:
    (arrival,), _ = _read(write_drive(tmp_path / "a.mcap"))
    facts = {attribute.name: attribute.value for attribute in arrival.recording.attributes}
    assert (facts["weather"], facts["hour"], facts["vehicle"]) == ("rain", "21.5", "v3")
    assert (facts["importance"], facts["seed"], facts["scenario"]) == ("0.25", "7", "town")
    terms = Terms(licence="CC0-1.0", region="DE", retention_days=30)
    assert arrival.recording.terms == terms


def test_the_same_file_has_the_same_address_and_another_seed_another(tmp_path: Path) -> None:
    write_drive(tmp_path / "1" / "x" / "a.mcap")
    write_drive(tmp_path / "2" / "x" / "a.mcap")
    write_drive(tmp_path / "3" / "x" / "a.mcap", drive(seed=1))
    one, two, three = (
        _read(tmp_path / k / "x")[0][0].recording.recording_id for k in ("1", "2", "3")
    )
    assert one == two != three


def test_twice_in_is_once_there(tmp_path: Path) -> None:
    write_drive(tmp_path / "a.mcap")
    write_drive(tmp_path / "b.mcap", drive(seed=1))
    works = MemoryWorks()
    assert ingest(McapReader(), tmp_path, works, works).n_new == 2
    again = ingest(McapReader(), tmp_path, works, works)
    assert (again.n_new, again.n_known, again.n_answered) == (0, 2, 0)
    assert len(works.arrivals) == 2


def test_a_file_cut_anywhere_gives_its_whole_prefix(tmp_path: Path) -> None:
    steps = drive(20)
    data = write_drive(tmp_path / "whole" / "a.mcap", steps, config=SMALL).read_bytes()
    (whole,), _ = _read(tmp_path / "whole")
    cameras = ("camera/front", "camera/back")
    all_times = {stream: [t_ns for t_ns, _ in _shown(whole, stream)] for stream in cameras}
    all_truth = {
        task: [revision.elements for revision in _truths(whole, task)]
        for task in ("scenes", "objects3d")
    }
    rng = np.random.default_rng(5)
    cuts = [0, 7, 8, 100, len(data) - 1, *sorted(rng.integers(9, len(data), 16).tolist())]
    longest = 0
    for cut in cuts:
        path = tmp_path / "cut" / "a.mcap"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data[:cut])
        arrivals, rejected = _read(path)
        assert sum(map(len, rejected.values())) >= 1
        for arrival in arrivals:
            for stream, times in all_times.items():
                shown = [t_ns for t_ns, _ in _shown(arrival, stream)]
                assert shown == times[: len(shown)]
                longest = max(longest, len(shown))
            for task, truth in all_truth.items():
                found = [revision.elements for revision in _truths(arrival, task)]
                assert found == truth[: len(found)]
            assert rejected["truncated_log"] == ["a.mcap"]
    assert longest > 15


def test_a_damaged_chunk_loses_itself_and_what_leans_on_it(tmp_path: Path) -> None:
    path = write_drive(tmp_path / "a.mcap", drive(30), config=SMALL)
    data = bytearray(path.read_bytes())
    whole = [t_ns for t_ns, _ in _shown(_read(path)[0][0], "camera/front")]
    data[len(data) // 2] ^= 0x55
    path.write_bytes(data)
    (arrival,), rejected = _read(path)
    assert rejected["damaged_record"] == ["a.mcap"]
    shown = [t_ns for t_ns, _ in _shown(arrival, "camera/front")]
    assert set(shown) < set(whole)
    assert shown[0] == whole[0]
    assert shown[-1] == whole[-1]


def test_no_bit_flip_raises(tmp_path: Path) -> None:
    path = write_drive(tmp_path / "a.mcap", drive(6), config=SMALL)
    data = path.read_bytes()
    rng = np.random.default_rng(2)
    for at in rng.integers(0, len(data), 40).tolist():
        broken = bytearray(data)
        broken[at] ^= 1 << int(rng.integers(8))
        path.write_bytes(broken)
        _read(path)


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.mcap").write_bytes(b"not one of those")
    (tmp_path / "b.mcap").write_bytes(b"")
    (tmp_path / "c.txt").write_text("?")
    assert _read(tmp_path) == (
        [],
        {"not_an_mcap": ["a.mcap"], "zero_bytes": ["b.mcap"], "unlisted_file": ["c.txt"]},
    )


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize(
    ("compression", "chunked"),
    [(CompressionType.LZ4, True), (CompressionType.NONE, True), (CompressionType.ZSTD, False)],
)
def test_a_ros_2_log_goes_in(
    tmp_path: Path, order: str, compression: CompressionType, chunked: bool
) -> None:
    rows = [
        ros_lens(),
        ros_links(0, ("base_link", "mount", (1, 0, 1), (0, 0, 0, 1)), topic="/tf_static"),
        ros_links(0, ("mount", "cam_optical", (0, 0, 0.5), (0.5, -0.5, 0.5, -0.5))),
    ]
    for k, data in enumerate(packets()):
        rows.append(ros_video(data, k, order=order))
        turn = (0.0, 0.0, float(np.sin(0.01 * k)), float(np.cos(0.01 * k)))
        rows.append(ros_links(k, ("map", "odom", (100, 0, 0), (0, 0, 0, 1))))
        rows.append(ros_links(k, ("odom", "base_link", (k, 0, 0), turn)))
    path = write_log(tmp_path / "a.mcap", rows, compression=compression, chunked=chunked)
    (arrival,), rejected = _read(path)
    assert rejected == {}
    camera, pose = arrival.recording.streams
    assert (camera.name, camera.kind) == ("cam/video", StreamKind.CAMERA)
    assert camera.calibration is not None
    assert camera.calibration.model == "brown_conrady"
    expected: list[list[float]] = [[0, 0, 1, 1], [-1, 0, 0, 0], [0, -1, 0, 1.5], [0, 0, 0, 1]]
    assert np.allclose(camera.calibration.ego_from_camera, np.array(expected).ravel(), atol=1e-12)
    assert [t for t, _ in _shown(arrival, "cam/video")] == [
        BEGIN_NS + k * PERIOD_NS for k in range(12)
    ]
    times, way = _rows(arrival, pose.name)
    assert len(times) == 12
    assert way[:, 0].tolist() == [100.0 + k for k in range(12)]
    assert arrival.recording.terms.licence == "unknown"
    assert arrival.truth == ()


def test_what_was_said_once_holds_always(tmp_path: Path) -> None:
    still = (0.0, 0.0, 0.0, 1.0)
    rows = [ros_video(data, k) for k, data in enumerate(packets(6))]
    rows += [ros_links(k, ("odom", "base_link", (k, 0, 0), still)) for k in range(6)]
    rows.append(ros_links(3, ("map", "odom", (100, 0, 0), still), topic="/tf_static"))
    (arrival,), rejected = _read(write_log(tmp_path / "a.mcap", rows))
    assert rejected == {}
    times, way = _rows(arrival, "pose")
    assert times == [BEGIN_NS + k * PERIOD_NS for k in range(6)]
    assert way[:, 0].tolist() == [100.0 + k for k in range(6)]


def test_stills_of_ros_go_in_as_they_are(tmp_path: Path) -> None:
    jpeg = encoded("JPEG")
    rows = [ros_image(jpeg, k) for k in range(4)]
    rows += [ros_video(packets(1)[0], 9, topic="/cam/image/compressed")]
    rows += [ros_image(jpeg[:-200], 5), ros_image(b"RIFFxxxxWEBP", 6), ros_image(jpeg, 3)]
    (arrival,), rejected = _read(write_log(tmp_path / "a.mcap", rows))
    place = "a.mcap, /cam/image/compressed"
    assert rejected == {
        "truncated_picture": [place],
        "not_a_picture": [place],
        "time_stands_still": [place],
        "mixed_channel": [place],
    }
    (segment,) = arrival.segments
    assert segment.codec is Codec.JPEG
    assert segment.packets == (jpeg,) * 4


def test_what_cannot_be_read_is_counted_by_channel(tmp_path: Path) -> None:
    rows = [ros_video(data, k) for k, data in enumerate(packets())]
    rows += [("/points", "cdr", "sensor_msgs/msg/PointCloud2", BEGIN_NS, b"\0") for _ in range(3)]
    rows += [("/thing", "protobuf", "my.Thing", BEGIN_NS, b"\0")]
    rows += [("/state", "json", "State", BEGIN_NS, b"{}")]
    rows += [ros_video(b"\0\0\1\x40", k, format="h265", topic="/cam/h265") for k in range(2)]
    rows += [("/cam/camera_info", "cdr", "sensor_msgs/msg/CameraInfo", BEGIN_NS, b"\0\1\0\0xx")]
    items = list(McapReader().read(write_log(tmp_path / "a.mcap", rows)))
    found = {(i.reason, i.where): i.detail for i in items if isinstance(i, Rejection)}
    assert set(found) == {
        ("unread_channel", "a.mcap, /points"),
        ("unread_channel", "a.mcap, /thing"),
        ("unread_channel", "a.mcap, /state"),
        ("unknown_codec", "a.mcap, /cam/h265"),
        ("bad_message", "a.mcap, /cam/camera_info"),
    }
    assert found["unread_channel", "a.mcap, /points"].startswith("3 times")
    assert "h265" in found["unknown_codec", "a.mcap, /cam/h265"]
    assert sum(isinstance(item, Arrival) for item in items) == 1


def test_pictures_before_a_key_frame_are_counted(tmp_path: Path) -> None:
    rows = [ros_video(data, k) for k, data in enumerate(packets())][2:]
    path = write_log(tmp_path / "a.mcap", rows)
    (arrival,), rejected = _read(path)
    assert rejected == {"no_key_frame": ["a.mcap, /cam/video"]}
    times = [t_ns for t_ns, _ in _shown(arrival, "cam/video")]
    assert times == [BEGIN_NS + k * PERIOD_NS for k in range(5, 12)]


def test_video_without_any_key_frame_is_no_recording(tmp_path: Path) -> None:
    rows = [ros_video(data, k) for k, data in enumerate(packets(5))][1:]
    arrivals, rejected = _read(write_log(tmp_path / "a.mcap", rows))
    assert arrivals == []
    assert set(rejected) == {"no_key_frame", "empty_recording"}


def test_a_key_frame_without_parameters_is_given_the_last(tmp_path: Path) -> None:
    film = packets(10)
    parts = film[5].split(b"\0\0\1")
    bare = b"".join(b"\0\0\0\1" + p.rstrip(b"\0") for p in parts[1:] if p[0] & 31 not in (7, 8))
    rows = [ros_video(bare if k == 5 else data, k) for k, data in enumerate(film)]
    (arrival,), rejected = _read(write_log(tmp_path / "a.mcap", rows))
    assert rejected == {}
    assert [ref.n_frames for ref in arrival.recording.segments] == [5, 5]
    assert len(list(_shown(arrival, "cam/video"))) == 10


def test_packets_with_lengths_for_start_codes_are_refused(tmp_path: Path) -> None:
    rows = [ros_video(b"\0\0\0\5" + data[4:], k) for k, data in enumerate(packets(5))]
    arrivals, rejected = _read(write_log(tmp_path / "a.mcap", rows))
    assert arrivals == []
    assert set(rejected) == {"bad_packet", "empty_recording"}


def test_a_camera_of_which_nobody_says_where_it_sits_goes_in_without(tmp_path: Path) -> None:
    rows = [ros_lens(), *(ros_video(data, k) for k, data in enumerate(packets(5)))]
    (arrival,), rejected = _read(write_log(tmp_path / "a.mcap", rows))
    assert rejected == {"no_camera_pose": ["a.mcap, /cam/video"]}
    assert arrival.recording.streams[0].calibration is None


def test_boxes_of_others_are_truth_only_if_the_reader_is_told(tmp_path: Path) -> None:
    data = write_drive(tmp_path / "a.mcap").read_bytes()
    anonymous = tmp_path / "b" / "b.mcap"
    anonymous.parent.mkdir()
    anonymous.write_bytes(data.replace(b"bessemer.drive", b"somebody.drive"))
    (plain,), _ = _read(anonymous)
    (told,), _ = _read(anonymous, McapReader(trusted=True))
    assert plain.truth == ()
    assert {a.name: a.value for a in plain.recording.attributes}["left_out"] == (
        "/lanes, /scene, /truth/back/semantic, /truth/front/semantic"
    )
    assert len(told.truth) == 36


def test_what_is_no_number_is_no_signal(tmp_path: Path) -> None:
    rows = [ros_video(data, k) for k, data in enumerate(packets(5))]
    tree = {"Vehicle": {"Speed": 3, "On": True, "Name": "x", "Gone": None}}
    rows.append(("/signals", "json", "S", BEGIN_NS, msgspec.json.encode(tree)))
    rows.append(("/signals", "json", "S", BEGIN_NS + 1, b"{broken"))
    (arrival,), rejected = _read(write_log(tmp_path / "a.mcap", rows))
    signals = [s.name for s in arrival.recording.streams if s.kind is StreamKind.SIGNAL]
    assert signals == ["Vehicle.On", "Vehicle.Speed"]
    assert set(rejected) == {"not_a_number", "bad_message"}


def _film(codec: str, options: dict[str, str], frames: int = 12) -> list[bytes]:
    """Return packets of squares that walk, in the order in which the encoder gives them."""
    encoder = cast(av.VideoCodecContext, av.CodecContext.create(codec, "w"))
    encoder.width, encoder.height, encoder.pix_fmt = 96, 64, "yuv420p"
    encoder.framerate, encoder.time_base = Fraction(10), Fraction(1, 10)
    encoder.thread_count, encoder.gop_size = 1, 6
    encoder.options = options
    film: list[bytes] = []
    for index in range(frames):
        frame = av.VideoFrame.from_ndarray(square(index, (96, 64)), format="rgb24")
        plain = frame.reformat(format="yuv420p")
        plain.pts, plain.time_base = index, Fraction(1, 10)
        film += [bytes(packet) for packet in encoder.encode(plain)]
    return film + [bytes(packet) for packet in encoder.encode(None)]


def test_av1_is_kept_as_it_is(tmp_path: Path) -> None:
    params = "pred-struct=1:lookahead=0:scd=0:keyint=6"
    film = _film("libsvtav1", {"preset": "12", "svtav1-params": params})
    rows = [ros_video(data, k, format="av1") for k, data in enumerate(film)]
    (arrival,), rejected = _read(write_log(tmp_path / "a.mcap", rows))
    assert rejected == {}
    assert {segment.codec for segment in arrival.segments} == {Codec.AV1}
    shown = list(_shown(arrival, "cam/video"))
    assert len(shown) == 12
    for index, (_, picture) in enumerate(shown):
        assert abs(square_at(picture) - square_at(square(index, (96, 64)))) < 1.5


def test_frames_that_look_ahead_are_refused(tmp_path: Path) -> None:
    film = _film("libx264", {"bf": "2", "b_strategy": "0", "x264-params": "scenecut=0"})
    rows = [ros_video(data, k) for k, data in enumerate(film)]
    arrivals, rejected = _read(write_log(tmp_path / "a.mcap", rows))
    assert arrivals == []
    assert set(rejected) == {"reordered_video", "empty_recording"}


@settings(max_examples=25)
@given(st.lists(st.integers(1, 9_000_000_000), min_size=1, max_size=12))
def test_segments_never_overlap_however_clocks_waver(steps_ns: list[int]) -> None:
    times = list(itertools.accumulate(steps_ns))
    jpeg = encoded("JPEG")
    film = packets(len(times))
    rows = []
    for k, t_ns in enumerate(times):
        topic, encoding, schema, _, data = ros_image(jpeg, k)
        rows.append((topic, encoding, schema, t_ns, data))
        topic, encoding, schema, _, data = ros_video(film[k], k)
        rows.append((topic, encoding, schema, t_ns, data))
        rows.append(("/signals", "json", "S", t_ns, b'{"v":%d}' % k))
    with tempfile.TemporaryDirectory() as folder:
        (arrival,), rejected = _read(write_log(Path(folder) / "a.mcap", rows))
    assert rejected == {}
    by_id = {segment.segment_id: segment for segment in arrival.segments}
    refs = arrival.recording.segments
    for before, after in itertools.pairwise(refs):
        assert before.stream != after.stream or before.end_ns <= after.start_ns
    for stream in ("cam/video", "cam/image/compressed", "v"):
        found = [
            ref.start_ns + offset
            for ref in refs
            if ref.stream == stream
            for offset in by_id[ref.segment_id].offsets_ns
        ]
        assert found == times


def test_values_of_foreign_logs_that_no_record_could_hold_are_refused(tmp_path: Path) -> None:
    rows = [ros_video(data, k) for k, data in enumerate(packets(5))]
    deep = b'{"a":' * 5_000 + b"1" + b"}" * 5_000
    rows += [
        ("/signals", "json", "S", BEGIN_NS + k, data)
        for k, data in enumerate([deep, b'{"v":1' + b"0" * 400 + b"}", b'{"":3}', b"[1]"])
    ]
    rows.append(("/signals", "json", "S", (1 << 64) - 1, b'{"v":1}'))
    nan = float("nan")
    rows.append(ros_links(0, ("map", "base_link", (nan, 0, 0), (0, 0, 0, 1))))
    rows.append(ros_links(0, ("map", "base_link", (0, 0, 0), (0, 0, 0, 0))))
    cube = CubePrimitive(pose=Pose(position=Vector3(x=nan), orientation=Quaternion(w=1)))
    cubes = [SceneEntity(id="1", metadata=[KeyValuePair(key="class", value="car")], cubes=[cube])]
    boxes = SceneUpdate(entities=cubes).SerializeToString()
    rows.append(("/scene", "protobuf", "foxglove.SceneUpdate", BEGIN_NS, boxes))
    path = write_log(tmp_path / "a.mcap", rows)
    (arrival,), rejected = _read(path, McapReader(trusted=True))
    assert {s.name for s in arrival.recording.streams} == {"cam/video"}
    assert set(rejected) == {"bad_message", "not_a_number", "bad_time", "bad_pose", "bad_box"}
    assert [revision.elements.boxes3d for revision in arrival.truth] == [()]
