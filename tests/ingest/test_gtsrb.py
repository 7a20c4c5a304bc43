from pathlib import Path

import pytest

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.records import Attribute, Terms
from bessemer.ingest.gtsrb import ONTOLOGY, PERIOD_NS, GtsrbReader
from tests.ingest.trees import HEADER, encoded, gtsrb_row, gtsrb_tree


def _read(root: Path) -> tuple[list[Arrival], dict[str, list[Rejection]]]:
    arrivals: list[Arrival] = []
    rejected: dict[str, list[Rejection]] = {}
    for item in GtsrbReader().read(root):
        if isinstance(item, Arrival):
            arrivals.append(item)
        else:
            rejected.setdefault(item.reason, []).append(item)
    return arrivals, rejected


def _edit(folder: Path, old: str, new: str) -> None:
    table = folder / f"GT-{folder.name}.csv"
    text = table.read_text()
    assert old in text
    table.write_text(text.replace(old, new))


def test_a_track_is_a_recording_with_its_class_as_truth(tmp_path: Path) -> None:
    gtsrb_tree(tmp_path)
    arrivals, rejected = _read(tmp_path)
    assert not rejected
    sources = [a.recording.source for a in arrivals]
    assert sources == [f"gtsrb/{c:05d}/{t:05d}" for c in (0, 1) for t in (0, 1)]
    last = arrivals[-1]
    assert last.recording.terms == Terms(licence="GTSRB-research", region="DE")
    assert last.recording.attributes == ()
    assert last.segments[0].offsets_ns == (0, PERIOD_NS, 2 * PERIOD_NS)
    (truth,) = last.truth
    (span,) = truth.elements.class_spans
    assert (truth.task, truth.unit) == ("signs", last.recording.stretch)
    assert (span.class_name, span.element_id) == (ONTOLOGY.classes[1], "00001")


@pytest.mark.parametrize("below", ["", "Final_Training", "Final_Training/Images"])
def test_the_root_may_be_any_of_three_folders(tmp_path: Path, below: str) -> None:
    gtsrb_tree(tmp_path)
    assert GtsrbReader().recognises(tmp_path / below)
    assert len(_read(tmp_path / below)[0]) == 4


def test_there_are_43_classes() -> None:
    assert len(ONTOLOGY.classes) == 43
    assert ONTOLOGY.classes[14] == "stop"
    assert ONTOLOGY.classes[38:40] == ("keep_right", "keep_left")


def test_a_missing_frame_leaves_a_gap_in_time(tmp_path: Path) -> None:
    images = gtsrb_tree(tmp_path)
    (images / "00000/00000_00001.ppm").write_bytes(b"")
    arrivals, rejected = _read(tmp_path)
    assert arrivals[0].segments[0].offsets_ns == (0, 2 * PERIOD_NS)
    assert [r.where for r in rejected["zero_bytes"]] == ["00000/00000_00001.ppm"]


def test_every_bad_row_has_its_reason_and_the_rest_goes_in(tmp_path: Path) -> None:
    folder = gtsrb_tree(tmp_path, classes=1, tracks=8, frames=2) / "00000"
    right = [gtsrb_row(f"{t:05d}_00000.ppm", 15 + t, 16, 0) for t in range(8)]
    _edit(folder, right[0], right[0].replace("15;16", "99;16"))
    _edit(folder, right[1], right[1].replace(";14;", ";400;"))
    _edit(folder, right[2], right[2][:-1] + "43")
    _edit(folder, right[3], right[3][:-1] + "7")
    _edit(folder, right[4], right[4][:-2])
    _edit(folder, right[5], right[5].replace("20;", "wide;", 1))
    _edit(folder, right[6], f"{right[6]}\n{right[6]}\n../{right[6]}\n00009_00000.ppm;9;9;0;0;8;8;0")
    (folder / "note.txt").write_text("?")
    arrivals, rejected = _read(tmp_path)
    assert {reason: len(found) for reason, found in rejected.items()} == {
        "size_mismatch": 1,
        "roi_outside": 1,
        "unknown_class": 1,
        "class_mismatch": 1,
        "bad_row": 2,
        "duplicate_row": 1,
        "path_escape": 1,
        "missing_file": 1,
        "unlisted_file": 2,
        "empty_recording": 1,
    }
    assert rejected["unknown_class"][0].where == "00000/GT-00000.csv:6"
    assert len(arrivals) == 8
    frames = [a.recording.segments[0].n_frames for a in arrivals]
    assert frames == [1, 1, 1, 1, 1, 1, 2, 2]


def test_bad_pictures_have_reasons(tmp_path: Path) -> None:
    folder = gtsrb_tree(tmp_path / "a", classes=1, tracks=1, frames=6) / "00000"
    outside = tmp_path / "outside.ppm"
    outside.write_bytes(encoded("PPM"))
    frames = [folder / f"00000_{i:05d}.ppm" for i in range(6)]
    frames[0].write_bytes(frames[0].read_bytes()[:-20])
    frames[1].write_bytes(b"P6\n60000 60000\n255\n" + bytes(100))
    frames[2].write_bytes(encoded("PNG"))
    frames[3].unlink()
    frames[3].symlink_to(outside)
    frames[4].unlink()
    frames[4].mkdir()
    arrivals, rejected = _read(tmp_path / "a")
    assert set(rejected) == {
        "truncated_picture",
        "absurd_size",
        "not_a_picture",
        "leaves_archive",
        "unreadable",
    }
    assert arrivals[0].recording.segments[0].n_frames == 1


def test_a_folder_of_no_class_and_a_missing_table_are_refused(tmp_path: Path) -> None:
    images = gtsrb_tree(tmp_path)
    (images / "00043").mkdir()
    (images / "00001/GT-00001.csv").unlink()
    (images / "readme.txt").write_text("?")
    arrivals, rejected = _read(tmp_path)
    assert len(arrivals) == 2
    assert [r.where for r in rejected["unknown_class"]] == ["00043"]
    assert [r.where for r in rejected["missing_file"]] == ["00001/GT-00001.csv"]
    assert len(rejected["unlisted_file"]) == 7


def test_a_table_that_is_none_is_refused(tmp_path: Path) -> None:
    folder = gtsrb_tree(tmp_path, classes=1) / "00000"
    table = folder / "GT-00000.csv"
    table.write_bytes(b"\xff\xfe\x00")
    assert len(_read(tmp_path)[1]["bad_table"]) == 1
    table.write_text(HEADER.replace("Width", "Breadth") + "\n")
    assert "Breadth" in _read(tmp_path)[1]["bad_table"][0].detail


def test_a_resampled_copy_is_taken_and_says_so(tmp_path: Path) -> None:
    images = gtsrb_tree(tmp_path, classes=4, tracks=2, frames=3)
    for index, path in enumerate(sorted(images.glob("*/*.ppm"))):
        path.write_bytes(encoded("PPM", index, (32, 32)))
    arrivals, rejected = _read(tmp_path)
    assert not rejected
    mark = Attribute(name="resampled_px", value="32x32")
    assert all(a.recording.attributes == (mark,) for a in arrivals)
    odd = images / "00002/00001_00001.ppm"
    odd.write_bytes(encoded("PPM", 0, (16, 17)))
    arrivals, rejected = _read(tmp_path)
    assert [r.where for r in rejected["size_mismatch"]] == ["00002/00001_00001.ppm"]
    assert len(arrivals) == 8


def test_an_empty_folder_is_not_recognised_and_says_why(tmp_path: Path) -> None:
    assert not GtsrbReader().recognises(tmp_path)
    assert not GtsrbReader().recognises(tmp_path / "absent")
    assert list(_read(tmp_path)[1]) == ["unknown_layout"]


@pytest.mark.slow
def test_the_real_archive_goes_in_whole(real_data: Path) -> None:
    arrivals, rejected = _read(real_data / "gtsrb")
    assert not rejected
    assert len(arrivals) == 1_307
    assert sum(ref.n_frames for a in arrivals for ref in a.recording.segments) == 39_209
    assert len({a.truth[0].elements.class_spans[0].class_name for a in arrivals}) == 43
    assert len({a.recording.recording_id for a in arrivals}) == 1_307
