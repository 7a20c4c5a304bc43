"""One record serves a sign track, a dash-cam drive, six cameras with poses, a control episode."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bessemer.core.arrivals import Arrival
from bessemer.core.errors import InputError
from bessemer.core.frames import camera_frames
from bessemer.core.ids import StreamName, decode, encode
from bessemer.core.records import Codec, Recording, Split, StreamKind, camera_segments, cut_clip
from bessemer.lake import Lake
from bessemer.ledger import Ledger
from tests.core.recordings import (
    CAMERAS_HZ,
    KINDS,
    SECOND_NS,
    calibration_of,
    control_episode,
    six_cameras,
)

every_kind = pytest.mark.parametrize("make", KINDS.values(), ids=KINDS.keys())


@every_kind
def test_a_recording_goes_into_a_lake_and_comes_back_equal(
    make: Callable[[], Arrival], tmp_path: Path
) -> None:
    arrival = make()
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    with Ledger.open(url) as ledger:
        Lake.open(tmp_path / "lake", ledger).add_arrivals([arrival], [Split.TRAIN])
    with Ledger.open(url) as ledger:
        lake = Lake.open(tmp_path / "lake", ledger)
        [recording] = lake.recordings()
        assert recording == arrival.recording
        assert recording.recording_id == arrival.recording.recording_id
        segments = tuple(lake.read_segments([ref.segment_id for ref in recording.segments]))
        assert segments == arrival.segments
        assert lake.read_labels([truth.revision_id for truth in arrival.truth]) == [*arrival.truth]


@every_kind
def test_a_manifest_is_read_back_from_its_encoding(make: Callable[[], Arrival]) -> None:
    recording = make().recording
    assert decode(encode(recording), Recording) == recording
    assert decode(encode(recording), Recording).recording_id == recording.recording_id


def test_every_kind_of_stream_stands_in_one_of_them() -> None:
    kinds = {stream.kind for make in KINDS.values() for stream in make().recording.streams}
    assert kinds == set(StreamKind)
    addresses = {make().recording.recording_id for make in KINDS.values()}
    assert len(addresses) == len(KINDS)


def test_cameras_keep_their_own_rates_and_other_streams_have_no_frames() -> None:
    for arrival in (six_cameras(), control_episode()):
        offsets_ns = {s.segment_id: np.array(s.offsets_ns, np.int64) for s in arrival.segments}
        frames = camera_frames(arrival.recording, offsets_ns)
        streams = [frame.stream for frame in frames]
        assert all(name.startswith("camera/") for name in streams)
        assert all(frame.t_ns >= SECOND_NS for frame in frames)
    rig = six_cameras()
    offsets_ns = {s.segment_id: np.array(s.offsets_ns, np.int64) for s in rig.segments}
    seen = [frame.stream for frame in camera_frames(rig.recording, offsets_ns)]
    assert {name: seen.count(StreamName(f"camera/{name}")) for name in CAMERAS_HZ} == CAMERAS_HZ


@every_kind
def test_segments_of_cameras_are_those_that_frames_lie_in(make: Callable[[], Arrival]) -> None:
    arrival = make()
    offsets_ns = {s.segment_id: np.array(s.offsets_ns, np.int64) for s in arrival.segments}
    frames = camera_frames(arrival.recording, offsets_ns)
    assert set(camera_segments(arrival.recording)) == {frame.segment_id for frame in frames}


def test_rows_of_poses_come_back_as_numbers() -> None:
    rig = six_cameras()
    [place] = [i for i, s in enumerate(rig.segments) if s.codec is Codec.FLOAT64]
    segment, poses = rig.segments[place], rig.recording.streams[place]
    assert poses.kind is StreamKind.POSE
    table = np.frombuffer(segment.packets[0], "<f8").reshape(len(segment.offsets_ns), -1)
    assert table.shape == (100, len(poses.columns))
    assert table.ravel().tolist() == [i / 7 for i in range(table.size)]


def test_a_clip_names_the_segments_that_its_stretch_touches() -> None:
    recording = six_cameras().recording
    whole = cut_clip(recording, recording.start_ns, recording.end_ns)
    assert set(whole.segments) == {ref.segment_id for ref in recording.segments}
    last = cut_clip(recording, max(r.end_ns for r in recording.segments) - 1, 10**18)
    assert set(last.segments) < set(whole.segments)
    assert last.stretch.end_ns == recording.end_ns


def test_a_calibration_has_an_address_and_another_one_makes_another_recording() -> None:
    cameras = [s for s in six_cameras().recording.streams if s.calibration]
    assert len({s.calibration.calibration_id for s in cameras if s.calibration}) == 6
    assert calibration_of(0.1).calibration_id == calibration_of(0.1).calibration_id
    assert calibration_of(0.1).calibration_id != calibration_of(0.1, 1920).calibration_id
    recording = six_cameras().recording
    first, *others = recording.streams
    moved = replace(recording, streams=(replace(first, calibration=calibration_of(0.9)), *others))
    assert moved.recording_id != recording.recording_id
    with pytest.raises(InputError, match="9 intrinsics and 16 numbers of pose, not 9 and 3"):
        replace(calibration_of(0.0), ego_from_camera=(1.0, 2.0, 3.0))


def test_terms_and_attributes_decide_no_address() -> None:
    recording = six_cameras().recording
    other = replace(recording, attributes=(), terms=replace(recording.terms, licence="own"))
    assert other != recording
    assert other.recording_id == recording.recording_id
