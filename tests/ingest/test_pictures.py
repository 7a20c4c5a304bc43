import os
from pathlib import Path

import pytest

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.ids import TaskName
from bessemer.core.ontology import Ontology
from bessemer.ingest.pictures import PicturesReader
from tests.ingest.trees import encoded, pictures_tree


def _read(reader: PicturesReader, root: Path) -> tuple[list[Arrival], dict[str, list[str]]]:
    items = list(reader.read(root))
    rejected: dict[str, list[str]] = {}
    for item in items:
        if isinstance(item, Rejection):
            rejected.setdefault(item.reason, []).append(item.where)
    return [item for item in items if isinstance(item, Arrival)], rejected


def test_each_picture_is_a_recording_with_its_class(tmp_path: Path) -> None:
    arrivals, rejected = _read(PicturesReader(), pictures_tree(tmp_path / "pets"))
    assert rejected == {}
    found = {
        a.recording.source: a.truth[0].elements.class_spans[0].class_name if a.truth else None
        for a in arrivals
    }
    assert found == {
        "pets/a/1.png": "cat",
        "pets/a/10.jpg": "dog",
        "pets/a/2.jpg": "cat",
        "pets/b/1.ppm": None,
        "pets/c.png": "dog",
    }


def test_a_sequence_goes_by_its_numbers_and_keeps_the_gap_of_a_bad_frame(tmp_path: Path) -> None:
    root = pictures_tree(tmp_path / "pets")
    (root / "labels.csv").unlink()
    (root / "a/2.jpg").write_bytes(b"\xff\xd8\xff")
    arrivals, rejected = _read(PicturesReader(sequence=True, rate_hz=10), root)
    assert rejected == {"truncated_picture": ["a/2.jpg"]}
    assert [a.recording.source for a in arrivals] == ["pets", "pets/a", "pets/b"]
    drive = arrivals[1].recording
    assert [(r.start_ns, r.end_ns) for r in drive.segments] == [
        (0, 100_000_000),
        (200_000_000, 300_000_000),
    ]


def test_one_picture_is_an_archive_too(tmp_path: Path) -> None:
    root = pictures_tree(tmp_path / "pets") / "c.png"
    assert PicturesReader().recognises(root)
    arrivals, rejected = _read(PicturesReader(), root)
    assert rejected == {}
    assert [a.recording.source for a in arrivals] == ["pets/c.png"]


def test_a_named_ontology_refuses_unknown_classes(tmp_path: Path) -> None:
    root = pictures_tree(tmp_path / "pets")
    cats = Ontology(task=TaskName("pets"), classes=("cat",))
    arrivals, rejected = _read(PicturesReader(ontology=cats), root)
    assert rejected == {"unknown_class": ["labels.csv:3", "labels.csv:5"]}
    assert sum(len(a.truth) for a in arrivals) == 2
    assert all(t.ontology_id == cats.ontology_id for a in arrivals for t in a.truth)


def test_labels_that_climb_repeat_or_point_nowhere_are_refused(tmp_path: Path) -> None:
    root = pictures_tree(tmp_path / "pets")
    with (root / "labels.csv").open("a") as labels:
        labels.write("\n../a.jpg,cat\n/etc/passwd,cat\nno.jpg,cat\nc.png,cat\nc.png\nb/1.ppm, \n")
    arrivals, rejected = _read(PicturesReader(), root)
    assert len(arrivals) == 5
    assert rejected == {
        "path_escape": ["labels.csv:6", "labels.csv:7"],
        "duplicate_row": ["labels.csv:9"],
        "bad_row": ["labels.csv:10", "labels.csv:11"],
        "missing_file": ["labels.csv: no.jpg"],
    }


def test_links_out_devices_and_other_files_are_refused(tmp_path: Path) -> None:
    root = pictures_tree(tmp_path / "pets")
    (tmp_path / "secret.png").write_bytes(encoded("PNG"))
    (root / "link.png").symlink_to(tmp_path / "secret.png")
    (root / "dangling.png").symlink_to(root / "nothing.png")
    (root / "circle.png").symlink_to(root / "circle.png")
    (root / "up").symlink_to(tmp_path)
    (root / "notes.txt").write_text("a note")
    (root / "empty.jpg").write_bytes(b"")
    os.mkfifo(root / "pipe.png")
    (root / os.fsdecode(b"caf\xe9.png")).write_bytes(encoded("PNG"))
    arrivals, rejected = _read(PicturesReader(), root)
    assert len(arrivals) == 5
    assert rejected == {
        "bad_name": ["caf\\udce9.png"],
        "linked_folder": ["up"],
        "unreadable": ["circle.png", "pipe.png"],
        "missing_file": ["dangling.png"],
        "zero_bytes": ["empty.jpg"],
        "leaves_archive": ["link.png"],
        "not_a_picture": ["notes.txt"],
    }


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read_is_refused(tmp_path: Path) -> None:
    root = pictures_tree(tmp_path / "pets")
    (root / "c.png").chmod(0)
    arrivals, rejected = _read(PicturesReader(), root)
    assert len(arrivals) == 4
    assert rejected == {"unreadable": ["c.png"]}


def test_a_refusal_is_the_same_twice(tmp_path: Path) -> None:
    """Were an address in memory or a time in its words, a log would count it again each run."""
    root = pictures_tree(tmp_path / "pets")
    (root / "stub.jpg").write_bytes(b"\xff\xd8\xff")
    (root / "stub.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (root / "circle.png").symlink_to(root / "circle.png")
    first = [item for item in PicturesReader().read(root) if isinstance(item, Rejection)]
    assert len(first) == 3
    assert first == [i for i in PicturesReader().read(root) if isinstance(i, Rejection)]


def test_an_empty_folder_gives_nothing(tmp_path: Path) -> None:
    assert _read(PicturesReader(), tmp_path) == ([], {})
