from pathlib import Path

import numpy as np
import pytest

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.records import Terms
from bessemer.ingest.camvid import ONTOLOGY, PERIOD_NS, CamvidReader
from bessemer.tasks.segment import UNSAID, read_mask
from tests.ingest.trees import camvid_tree, encoded, mask_png


def _read(root: Path) -> tuple[list[Arrival], dict[str, list[str]]]:
    items = list(CamvidReader().read(root))
    rejected: dict[str, list[str]] = {}
    for item in items:
        if isinstance(item, Rejection):
            rejected.setdefault(item.reason, []).append(item.where)
    return [item for item in items if isinstance(item, Arrival)], rejected


def test_a_prefix_is_one_recording_whichever_folders_it_lies_in(tmp_path: Path) -> None:
    arrivals, rejected = _read(camvid_tree(tmp_path))
    assert rejected == {}
    assert [a.recording.source for a in arrivals] == ["camvid/0001TP", "camvid/0006R0"]
    drive = arrivals[1].recording
    assert drive.terms == Terms(licence="CamVid-academic", region="GB")
    times = [t.unit.start_ns for t in arrivals[1].truth]
    assert times == [31_000_000_000, 31_066_666_666, 51_000_000_000]
    assert all(t.unit.end_ns - t.unit.start_ns == PERIOD_NS for t in arrivals[1].truth)


def test_a_stretch_of_a_drive_does_not_need_the_whole_drive(tmp_path: Path) -> None:
    drive = _read(camvid_tree(tmp_path))[0][1].recording
    assert [ref.n_frames for ref in drive.segments] == [2, 1]
    assert all(ref.end_ns - ref.start_ns <= 10_000_000_000 + PERIOD_NS for ref in drive.segments)


def test_void_is_unsaid_and_everything_else_stays(tmp_path: Path) -> None:
    (truth, *_), _ = _read(camvid_tree(tmp_path))[0][0].truth, None
    written = read_mask(mask_png(0))
    values = read_mask(truth.elements.masks[0].png)
    np.testing.assert_array_equal(values == UNSAID, written == 11)
    np.testing.assert_array_equal(values[written < 11], written[written < 11])
    assert len(ONTOLOGY.classes) == 11
    assert truth.ontology_id == ONTOLOGY.ontology_id


def test_a_frame_without_a_usable_answer_goes_in_without_it(tmp_path: Path) -> None:
    answers = camvid_tree(tmp_path) / "trainannot"
    (answers / "0001TP_006690.png").write_bytes(mask_png(highest=12))
    (answers / "0001TP_006720.png").write_bytes(mask_png(size_px=(10, 12)))
    (answers / "0006R0_f00930.png").unlink()
    (answers / "0006R0_f01530.png").write_bytes(encoded("PNG"))
    (answers / "0009XX_000001.png").write_bytes(mask_png())
    arrivals, rejected = _read(tmp_path)
    assert [len(a.truth) for a in arrivals] == [0, 1]
    assert sum(ref.n_frames for a in arrivals for ref in a.recording.segments) == 5
    assert rejected == {
        "unlisted_file": ["trainannot/0009XX_000001.png"],
        "unknown_class": ["trainannot/0001TP_006690.png"],
        "size_mismatch": ["trainannot/0001TP_006720.png"],
        "missing_file": ["trainannot/0006R0_f00930.png"],
        "not_a_mask": ["trainannot/0006R0_f01530.png"],
    }


def test_a_frame_twice_and_names_that_are_none_are_refused(tmp_path: Path) -> None:
    root = camvid_tree(tmp_path)
    (root / "val/0006R0_f00930.jpg").write_bytes(encoded("JPEG"))
    (root / "train/IMG.jpg").write_bytes(encoded("JPEG"))
    (root / "train/0001TP_006690.jpg").write_bytes(b"")
    arrivals, rejected = _read(root)
    assert len(arrivals) == 2
    assert rejected == {
        "bad_name": ["train/IMG.jpg"],
        "zero_bytes": ["train/0001TP_006690.jpg"],
        "duplicate_frame": ["val/0006R0_f00930.jpg"],
    }


@pytest.mark.slow
def test_the_real_drives_go_in_whole(real_data: Path) -> None:
    arrivals, rejected = _read(real_data / "camvid")
    assert rejected == {}
    frames = {a.recording.source: sum(r.n_frames for r in a.recording.segments) for a in arrivals}
    assert frames == {"camvid/0001TP": 62, "camvid/0006R0": 101, "camvid/0016E5": 305}
    assert sum(len(a.truth) for a in arrivals) == 468
