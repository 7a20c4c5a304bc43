"""``bessemer twin play`` of recorded drives: what it shows is what the file holds."""

import subprocess
import sys
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image

from bessemer.cli.twin_replay import recorded_play
from bessemer.twin.drive_log.log import LogConfig
from bessemer.twin.play.replay import ShownPicture, ShownState
from bessemer.twin.play.rerun import write_rrd
from tests.cli.conftest import Bessemer
from tests.ingest.logs import packets, ros_lens, ros_links, ros_video, write_log
from tests.twin.drives import HEIGHT_PX, RIG, WIDTH_PX, drive, write_drive

START_NS = 1_700_000_000_000_000_000


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drive of twelve steps by two cameras, as a file."""
    path = tmp_path_factory.mktemp("drives") / "drive.mcap"
    return write_drive(path, config=LogConfig(chunk_bytes=4_096), start_ns=START_NS)


def test_a_recorded_drive_is_shown_as_it_was(recorded: Path) -> None:
    play = recorded_play(recorded)
    truth = drive()
    assert [camera.name for camera in play.cameras] == ["front", "back"]
    for camera, rigged in zip(play.cameras, RIG.cameras, strict=True):
        assert np.allclose(camera.intrinsics, rigged.intrinsics)
        assert np.allclose(camera.ego_from_camera, rigged.ego_from_camera, atol=1e-6)
    assert play.rate_hz == pytest.approx(5.0)
    shown = list(play.shown)
    pictures = [item for item in shown if isinstance(item, ShownPicture)]
    assert len(pictures) == 24
    given = {(view.camera, view.t_ns): view.picture for seen, _ in truth for view in seen.views}
    for item in pictures:
        # The clock starts with the file's first message, the first picture.
        own = given[item.camera, item.t_ns].astype(int)
        assert np.abs(item.picture.astype(int) - own).mean() < 12
    states = [item for item in shown if isinstance(item, ShownState)]
    boxes = [item.boxes for item in states if item.boxes is not None]
    assert [len(found) for found in boxes] == [len(one.boxes) for _, one in truth]
    assert {box.class_name for box in boxes[0]} == {"car", "person"}
    for found, (_, one) in zip(boxes, truth, strict=True):
        centres = {box.center_m for box in found}
        assert centres == {true.box.center_m for true in one.boxes}
    poses = [item.world_from_ego for item in states if item.world_from_ego is not None]
    assert np.allclose(poses[-1], truth[-1][0].ego.world_from_ego, atol=1e-6)
    assert [item.events for item in states if item.events is not None] == [("cut_in",), ()]
    assert any(item.lines for item in states)
    speeds = [dict(item.signals)["Vehicle.Speed"] for item in states if item.signals]
    assert speeds == [27.0 + k for k in range(12)]


def test_each_picture_is_shown_from_where_it_was_taken(recorded: Path) -> None:
    views = {(view.camera, view.t_ns): view for seen, _ in drive() for view in seen.views}
    cameras = {camera.name: camera for camera in RIG.cameras}
    pose = None
    for item in recorded_play(recorded).shown:
        if isinstance(item, ShownPicture):
            assert pose is not None
            view = views.pop((item.camera, item.t_ns))
            taken_from = pose @ cameras[item.camera].ego_from_camera
            assert np.allclose(taken_from, view.world_from_camera, atol=1e-9)
        elif item.world_from_ego is not None:
            pose = item.world_from_ego
    assert not views


def test_a_picture_without_a_pose_of_its_time_is_shown_from_the_nearest(tmp_path: Path) -> None:
    """As those of other people's logs, whose poses come at a rate of their own."""
    here = (0.0, 0.0, 0.0, 1.0)
    rows = [ros_lens(), ros_links(0, ("base_link", "cam_optical", (1, 0, 1), here))]
    rows += [ros_links(3 * k, ("map", "base_link", (3 * k, 0, 0), here)) for k in range(5)]
    rows += [ros_video(data, k) for k, data in enumerate(packets(12))]
    x_m = -1.0
    at_m = []
    for item in recorded_play(write_log(tmp_path / "a.mcap", rows)).shown:
        if isinstance(item, ShownPicture):
            at_m.append(x_m)
        elif item.world_from_ego is not None:
            x_m = float(item.world_from_ego[0, 3])
    assert at_m == [0, 0, 3, 3, 3, 6, 6, 6, 9, 9, 9, 12]


def test_a_film_and_a_sheet_show_the_file(
    recorded: Path, tmp_path: Path, bessemer: Bessemer
) -> None:
    film, sheet = tmp_path / "a.mp4", tmp_path / "a.png"
    said = bessemer("twin", "play", recorded, "--mp4", film, "--sheet", sheet, "--json")
    assert said.code == 0, said.err
    assert said.json == {"mp4": str(film), "frames": 12, "sheet": str(sheet)}
    with av.open(str(film)) as file:
        last = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)][-1]
    seen, _ = drive()[-1]
    for i, view in enumerate(seen.views):
        there = last[:HEIGHT_PX, i * WIDTH_PX : (i + 1) * WIDTH_PX].astype(int)
        assert np.abs(there - view.picture).mean() < 12
    assert np.asarray(Image.open(sheet)).std() > 20


def test_without_a_screen_a_film_lies_where_one_is(recorded: Path, tmp_path: Path) -> None:
    said = _run(
        "import os; os.environ.pop('DISPLAY', None); os.environ.pop('WAYLAND_DISPLAY', None)",
        ["twin", "play", str(recorded)],
        tmp_path,
    )
    assert said.returncode == 0, said.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["drive.mp4"]


def test_without_rerun_it_says_what_to_install_and_what_to_do_else(
    recorded: Path, tmp_path: Path
) -> None:
    said = _run(
        "import sys; sys.modules['rerun'] = None",
        ["twin", "play", str(recorded), "--rrd", "a.rrd"],
        tmp_path,
    )
    assert said.returncode == 1
    assert "bessemer[view]" in said.stderr
    assert "--mp4" in said.stderr
    assert "Traceback" not in said.stderr
    assert not list(tmp_path.iterdir())


def _run(first: str, arguments: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    program = f"{first}\nfrom bessemer.cli import main\nmain({arguments!r})"
    command = [sys.executable, "-c", program]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("kept", [0.35, 0.5, 0.65])
def test_a_cut_drive_shows_what_is_whole(recorded: Path, tmp_path: Path, kept: float) -> None:
    data = recorded.read_bytes()
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(data[: int(len(data) * kept)])
    whole = [item for item in recorded_play(recorded).shown if isinstance(item, ShownPicture)]
    found = [item for item in recorded_play(cut).shown if isinstance(item, ShownPicture)]
    assert 0 < len(found) < len(whole)
    for one, other in zip(found, whole, strict=False):
        assert (one.camera, one.t_ns) == (other.camera, other.t_ns)
        assert np.array_equal(one.picture, other.picture)


def test_a_cut_drive_says_that_it_is_cut_and_a_whole_one_nothing(
    recorded: Path, tmp_path: Path, bessemer: Bessemer
) -> None:
    data = recorded.read_bytes()
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(data[: len(data) // 2])
    last_ns = max(item.t_ns for item in recorded_play(cut).shown)
    outputs = ("--mp4", tmp_path / "a.mp4", "--sheet", tmp_path / "a.png")
    said = bessemer("twin", "play", cut, *outputs)
    assert said.code == 0, said.err
    assert said.err.splitlines() == [
        f"{cut}: cut short; shown are the {last_ns / 1e9:.1f} s that were whole"
    ]
    assert bessemer("twin", "play", recorded, *outputs).err == ""


@pytest.mark.parametrize(
    ("content", "word"),
    [(b"", "MCAP"), (b"not a drive" * 9, "MCAP"), (b"\x89MCAP0\r\n", "is cut")],
)
def test_what_is_no_drive_is_said(
    tmp_path: Path, bessemer: Bessemer, content: bytes, word: str
) -> None:
    path = tmp_path / "odd.mcap"
    path.write_bytes(content)
    said = bessemer("twin", "play", path, "--mp4", tmp_path / "a.mp4")
    assert said.code == 1
    assert word in said.err
    assert str(path) in said.err
    assert [path.name for path in tmp_path.iterdir()] == ["odd.mcap"]


def test_the_viewer_gets_cameras_boxes_lanes_signals_and_events(
    recorded: Path, tmp_path: Path
) -> None:
    pytest.importorskip("rerun")
    path = tmp_path / "a.rrd"
    assert write_rrd(path, recorded_play(recorded)) == 24
    shown = subprocess.run(
        [sys.executable, "-m", "rerun", "rrd", "print", "-v", str(path)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    for place in (
        *("/world/ego/front", "/world/ego/back", "/world/boxes", "/world/lanes"),
        *("/signals/Vehicle/Speed", "/events"),
    ):
        assert place in shown, place
