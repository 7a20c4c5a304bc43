import io
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
from foxglove_schemas_protobuf.SceneUpdate_pb2 import SceneUpdate
from mcap.reader import make_reader
from PIL import Image

from bessemer.core.errors import InputError
from bessemer.core.ids import decode
from bessemer.twin.drive_log.channels import nested
from bessemer.twin.drive_log.log import METADATA, LogConfig, depth_steps
from bessemer.twin.drive_log.video import VideoEncoder
from tests.twin.drives import HEIGHT_PX, RIG, WIDTH_PX, drive, picture, write_drive

ALL = LogConfig(instance_every=2, depth_every=3, chunk_bytes=4_096)


def _topics(path: Path) -> Counter[str]:
    with path.open("rb") as file:
        return Counter(channel.topic for _, channel, _ in make_reader(file).iter_messages())


def _pictures(path: Path, topic: str) -> list[np.ndarray]:
    with path.open("rb") as file:
        found = [
            CompressedImage.FromString(message.data)
            for _, _, message in make_reader(file).iter_messages(topics=[topic])
        ]
    return [np.asarray(Image.open(io.BytesIO(message.data))) for message in found]


def test_every_topic_has_what_was_given(tmp_path: Path) -> None:
    assert _topics(write_drive(tmp_path / "a.mcap", config=ALL)) == {
        "/camera/front": 12,
        "/camera/back": 12,
        "/camera/front/calibration": 1,
        "/camera/back/calibration": 1,
        "/tf": 1 + 12 + 12,  # the first picture ahead, those aside, the steps
        "/tf_static": 1,
        "/scene": 12,
        "/lanes": 3,
        "/signals": 12,
        "/events": 2,
        "/truth/front/semantic": 12,
        "/truth/back/semantic": 12,
        "/truth/front/instance": 6,
        "/truth/back/instance": 6,
        "/truth/front/depth": 4,
        "/truth/back/depth": 4,
    }


def test_the_same_drive_gives_the_same_bytes(tmp_path: Path) -> None:
    first = write_drive(tmp_path / "a.mcap", config=ALL)
    assert write_drive(tmp_path / "b.mcap", config=ALL).read_bytes() == first.read_bytes()


def test_facts_stand_before_the_first_message(tmp_path: Path) -> None:
    path = write_drive(tmp_path / "a.mcap")
    with path.open("rb") as file:
        (said,) = make_reader(file).iter_metadata()
    assert said.name == METADATA
    assert said.metadata["region"] == "DE"
    assert said.metadata["weather"] == "rain"
    assert said.metadata["importance"] == "0.25"
    assert b"bessemer.drive" in path.read_bytes()[:100]


def test_truth_of_pixels_is_exact(tmp_path: Path) -> None:
    steps = drive()
    path = write_drive(tmp_path / "a.mcap", steps, config=ALL)
    views = [seen.views[0] for seen, _ in steps]
    for found, view in zip(_pictures(path, "/truth/front/semantic"), views, strict=True):
        assert (found == view.semantic).all()
    for found, view in zip(_pictures(path, "/truth/front/instance"), views[::2], strict=True):
        assert (found == view.instance).all()
    for found, view in zip(_pictures(path, "/truth/front/depth"), views[::3], strict=True):
        there = np.isfinite(view.depth_m)
        assert (there == (found > 0)).all()
        assert np.abs(found[there] * 0.01 - view.depth_m[there]).max() <= 0.005 + 1e-6


def test_a_lane_says_its_width_and_where_it_leads(tmp_path: Path) -> None:
    path = write_drive(tmp_path / "a.mcap")
    with path.open("rb") as file:
        _, _, message = next(make_reader(file).iter_messages(topics=["/lanes"]))
    [lane] = SceneUpdate.FromString(message.data).entities
    facts = {pair.key: pair.value for pair in lane.metadata}
    assert lane.id == "lane/0"
    assert facts == {
        "class": "drive lane",
        "width_m": "3.25",
        "successors": "lane/next lane/turn",
    }


def test_signals_are_a_tree_whose_paths_are_their_names(tmp_path: Path) -> None:
    path = write_drive(tmp_path / "a.mcap")
    with path.open("rb") as file:
        _, channel, message = next(make_reader(file).iter_messages(topics=["/signals"]))
    assert channel.message_encoding == "json"
    tree = decode(message.data, dict)
    assert tree == {"Vehicle": {"Speed": 27.0, "Body": {"Lights": {"IsBrakeOn": 0.0}}}}


def test_a_signal_within_a_signal_is_refused() -> None:
    with pytest.raises(InputError, match="twice"):
        nested([("Vehicle", 1.0), ("Vehicle.Speed", 2.0)])
    with pytest.raises(InputError, match="twice"):
        nested([("Vehicle.Speed", 1.0), ("Vehicle", 2.0)])


def test_a_key_frame_comes_every_group_with_what_it_needs() -> None:
    rng = np.random.default_rng(1)
    encoder = VideoEncoder(WIDTH_PX, HEIGHT_PX, rate_hz=5.0, group_frames=5)
    for index in range(12):
        packet = encoder.encode(picture(rng, (HEIGHT_PX, WIDTH_PX)))
        kinds = {part[0] & 31 for part in packet.split(b"\0\0\1")[1:]}
        assert (kinds >= {5, 7, 8}) == (index % 5 == 0)
        assert bool(kinds & {1}) == (index % 5 != 0)


def test_a_block_left_by_an_error_leaves_nothing(tmp_path: Path) -> None:
    steps = drive()
    with pytest.raises(InputError, match="Time goes on"):
        write_drive(tmp_path / "a.mcap", [*steps, steps[0]])
    assert list(tmp_path.iterdir()) == []


def test_a_failed_drive_does_not_touch_the_one_before(tmp_path: Path) -> None:
    before = write_drive(tmp_path / "a.mcap").read_bytes()
    steps = drive()
    with pytest.raises(InputError, match="Time goes on"):
        write_drive(tmp_path / "a.mcap", [*steps, steps[0]])
    assert (tmp_path / "a.mcap").read_bytes() == before


def test_a_camera_of_another_rig_is_refused(tmp_path: Path) -> None:
    from bessemer.twin.rig import Rig

    one = Rig(name="one", cameras=RIG.cameras[:1])
    with pytest.raises(InputError, match="no camera 'back'"):
        write_drive(tmp_path / "a.mcap", drive(), rig=one)


def test_depth_keeps_sky_apart_from_what_is_far_or_near() -> None:
    steps = depth_steps(np.array([[0.0, 0.012, 9_999.0, np.inf]], np.float32), 0.01)
    assert steps.tolist() == [[1, 1, 65_535, 0]]
