from pathlib import Path

import av
import numpy as np
import pytest
from jaxtyping import Float32, UInt8
from PIL import Image

from bessemer.core.errors import InputError
from bessemer.core.ids import decode, encode
from bessemer.core.progress import Silence
from bessemer.loop.look import LookConfig, choose_frames, look, read_frames
from bessemer.loop.look_frames import even_rows
from bessemer.report.look_page import LookFindings, render_look, summarise_look


def scene(kind: int, shift: int = 0) -> UInt8[np.ndarray, "48 64 3"]:
    """One of several unlike pictures, moved a little."""
    coarse = np.random.default_rng(kind).integers(0, 256, (6, 8, 3)).astype(np.uint8)
    return np.roll(np.kron(coarse, np.ones((8, 8, 1), np.uint8)), shift, axis=1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Thirty pictures of three scenes, ten copies each; one more that is alone."""
    root = tmp_path / "pictures"
    for kind in range(3):
        (root / f"scene{kind}").mkdir(parents=True)
        for copy in range(10):
            Image.fromarray(scene(kind)).save(root / f"scene{kind}" / f"{copy}.png")
    Image.fromarray(scene(9)).save(root / "alone.jpg", quality=95)
    return root


def write_video(path: Path, count: int) -> Path:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("h264", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        stream.options = {"preset": "ultrafast", "g": "5"}
        for index in range(count):
            picture = av.VideoFrame.from_ndarray(scene(index // 10), format="rgb24")
            container.mux(stream.encode(picture))
        container.mux(stream.encode(None))
    return path


def random_units(n: int) -> Float32[np.ndarray, "n d"]:
    vectors = np.random.default_rng(n).normal(size=(n, 12)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), np.float32)


def test_copies_count_once(folder: Path) -> None:
    found = look(folder)
    assert (found.n_found, found.n_looked) == (31, 31)
    assert found.effective_frames == pytest.approx(4)
    assert found.duplicate_frac == pytest.approx(27 / 31)


def test_each_kind_of_picture_is_picked_once(folder: Path) -> None:
    found = look(folder)
    kinds = [pick.name.split("/")[0] for pick in found.picks]
    assert sorted(kinds) == ["alone.jpg", "scene0", "scene1", "scene2"]
    assert found.covered_frac == 1.0
    assert sum(pick.stands_for for pick in found.picks) == found.n_looked
    assert "Stands for 10 pictures, 10 near-identical." in {p.shot.reason for p in found.picks}
    assert "4 instead of 20" in found.notes[0]


def test_clusters_hold_every_frame(folder: Path) -> None:
    found = look(folder)
    assert sum(cluster.size for cluster in found.clusters) == found.n_looked
    assert sum(count for _, count in found.order) == found.n_looked
    assert sum(cluster.picks for cluster in found.clusters) == len(found.picks)


def test_the_same_bytes_give_the_same_findings_which_are_json(folder: Path) -> None:
    found = look(folder)
    assert look(folder) == found
    assert decode(encode(found), LookFindings) == found
    assert b"base64" not in encode(found.without_pictures())


def test_the_page_and_the_summary_name_every_pick(folder: Path) -> None:
    found = look(folder)
    html, text = render_look(found), summarise_look(found)
    for pick in found.picks:
        assert pick.name in html
        assert pick.name in text
    assert "87% of 31 pictures repeat another" in html
    assert text.endswith("\n")


def test_what_cannot_be_read_is_counted_and_the_rest_goes_in(folder: Path) -> None:
    whole = (folder / "alone.jpg").read_bytes()
    (folder / "half.jpg").write_bytes(whole[: len(whole) // 2])
    (folder / "empty.png").touch()
    (folder / "text.ppm").write_text("no picture")
    found = look(folder)
    counts = {count.reason: count.count for count in found.unreadable}
    assert counts == {"empty_file": 1, "unreadable_picture": 2}
    assert (found.n_found, found.n_looked) == (34, 31)
    assert any(example.startswith("half.jpg: ") for example in found.unreadable_examples)
    assert "unreadable picture" in render_look(found)


def test_what_is_no_picture_is_counted_and_a_video_is_told_where_to_go(folder: Path) -> None:
    (folder / "notes.txt").write_text("not looked at")
    (folder / "scene1" / "labels.csv").write_text("path,class")
    write_video(folder / "scene0" / "drive.mp4", 3)
    (folder / "elsewhere").symlink_to(folder.parent, target_is_directory=True)
    found = look(folder)
    counts = {count.reason: count.count for count in found.unreadable}
    assert counts == {"video": 1, "no_picture": 2, "linked_folder": 1}
    assert (found.n_found, found.n_looked) == (31, 31)
    said = summarise_look(found)
    assert "Not read: 2 (no picture)." in said
    assert "1 video not looked at: give each by itself, scene0/drive.mp4 first." in said
    assert "scene0/drive.mp4: A video is looked at by itself" in render_look(found)
    assert look(folder / "scene0" / "drive.mp4").n_looked == 3


def test_a_folder_of_videos_alone_says_what_to_do(tmp_path: Path) -> None:
    write_video(tmp_path / "drive.mp4", 3)
    with pytest.raises(InputError, match=r"no picture.*drive\.mp4: A video is looked at by itself"):
        look(tmp_path)


def test_flat_pictures_are_no_picks(folder: Path) -> None:
    Image.fromarray(np.zeros((48, 64, 3), np.uint8)).save(folder / "black.png")
    found = look(folder)
    assert "black.png" not in {pick.name for pick in found.picks}
    assert any("Nothing to see" in note for note in found.notes)


def test_a_folder_of_black_pictures_is_still_told(tmp_path: Path) -> None:
    for index in range(3):
        Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(tmp_path / f"{index}.png")
    assert len(look(tmp_path).picks) == 1


def test_large_folders_are_drawn_at_even_distances(folder: Path) -> None:
    found = look(folder, LookConfig(max_frames=8, n_frames=3))
    assert (found.n_found, found.n_looked) == (31, 8)
    assert found.sampling.startswith("8 of 31 pictures")


def test_a_video_is_read_from_first_to_last(tmp_path: Path) -> None:
    found = look(write_video(tmp_path / "a.mp4", 30))
    assert found.is_video
    assert found.n_looked == found.n_found == 30
    assert len(found.picks) == 3
    assert {pick.name.split(".")[0] for pick in found.picks} == {"0:00", "0:01", "0:02"}


@pytest.mark.parametrize("most", [4, 7, 16])
def test_of_a_long_video_no_more_is_kept_than_asked(tmp_path: Path, most: int) -> None:
    found = look(write_video(tmp_path / "a.mp4", 30), LookConfig(max_frames=most))
    assert most // 2 <= found.n_looked <= most
    assert "of 30 frames: " in found.sampling


def test_of_a_very_long_video_key_frames_are_enough(tmp_path: Path) -> None:
    found = look(write_video(tmp_path / "a.mp4", 40), LookConfig(max_frames=8))
    assert found.n_looked == 8
    assert found.sampling == "8 of 40 frames: key frames."


def test_a_video_that_ends_early_is_told_as_far_as_it_goes(tmp_path: Path) -> None:
    path = write_video(tmp_path / "a.mkv", 30)
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    assert 0 < look(path).n_looked < 30


@pytest.mark.parametrize(
    ("name", "said"), [("empty", "holds no picture"), ("none", "nothing here"), ("x", "no video")]
)
def test_nothing_to_look_at_is_one_clear_error(tmp_path: Path, name: str, said: str) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "x").write_text("text")
    with pytest.raises(InputError, match=said):
        look(tmp_path / name)


def test_a_folder_of_broken_pictures_is_one_clear_error(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("no")
    with pytest.raises(InputError, match="None of 1 pictures"):
        look(tmp_path)


@pytest.mark.parametrize("n", [1, 5, 60])
def test_picks_are_distinct_and_never_near_duplicates(n: int) -> None:
    vectors = np.repeat(random_units(n), 3, axis=0)
    rows = [pick.row for pick in choose_frames(vectors, LookConfig())]
    assert len(set(rows)) == len(rows) == min(n, 20)
    cosines = vectors[rows] @ vectors[rows].T
    assert (cosines[~np.eye(len(rows), dtype=bool)] < 0.95).all()


def test_typical_picks_come_closer_to_all_than_even_ones() -> None:
    vectors = np.repeat(random_units(40), np.arange(1, 41), axis=0)
    rows = [pick.row for pick in choose_frames(vectors, LookConfig(n_frames=12, far_frac=0))]
    even = even_rows(len(vectors), 12)
    assert (vectors @ vectors[rows].T).max(axis=1).mean() > (vectors @ vectors[even].T).max(
        axis=1
    ).mean()


def test_a_config_that_looks_at_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="make no sense"):
        LookConfig(n_frames=0)


def test_names_are_those_of_the_folder(folder: Path) -> None:
    with Silence().bar("") as progress:
        seen = read_frames(folder, 100, 32, progress)
    assert seen.names[0] == "alone.jpg"
    assert seen.names == tuple(sorted(seen.names))


def test_a_real_dash_cam_mostly_repeats(real_data: Path) -> None:
    found = look(real_data / "dashcam" / "solidWhiteRight.mp4", LookConfig(max_frames=60))
    assert found.duplicate_frac > 0.8
