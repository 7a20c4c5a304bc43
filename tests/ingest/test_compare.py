"""What is known by name is compared by content: new answers go in, changed files do not."""

from pathlib import Path

import pytest

from bessemer.core.fleet import Count
from bessemer.ingest.compare import newest_answers
from bessemer.ingest.pictures import TASK, PicturesReader
from bessemer.ingest.run import IngestReport, ingest
from tests.ingest.stores import MemoryWorks
from tests.ingest.trees import encoded


@pytest.fixture
def root(tmp_path: Path) -> Path:
    top = tmp_path / "pets"
    top.mkdir()
    for number in range(4):
        (top / f"{number}.png").write_bytes(encoded("PNG", number))
    return top


def write_labels(root: Path, *rows: str) -> None:
    (root / "labels.csv").write_text("\n".join(["path,class", *rows]) + "\n")


def take(
    root: Path, works: MemoryWorks, *, compare: bool = True, at_once: int = 512
) -> IngestReport:
    reader = PicturesReader()
    return ingest(reader, root, works, works, compare=compare, batch_count=at_once)


def answers(works: MemoryWorks) -> dict[str, str]:
    """Return the class that now counts, by source."""
    return {
        works.arrivals[r.unit.recording_id].recording.source: r.elements.class_spans[0].class_name
        for r in newest_answers(works.find_labels(TASK))
    }


@pytest.mark.parametrize("at_once", [1, 3, 512])
def test_rows_added_later_are_taken_in(root: Path, at_once: int) -> None:
    works = MemoryWorks()
    write_labels(root, "0.png,cat")
    take(root, works)
    write_labels(root, "0.png,cat", "1.png,dog", "2.png,cat")
    report = take(root, works, at_once=at_once)
    assert (report.n_new, report.n_known, report.n_answered) == (0, 4, 2)
    assert answers(works) == {"pets/0.png": "cat", "pets/1.png": "dog", "pets/2.png": "cat"}
    again = take(root, works)
    assert (again.n_known, again.n_answered, again.n_rejected) == (4, 0, 0)


def test_a_corrected_row_counts_and_the_first_stays(root: Path) -> None:
    works = MemoryWorks()
    for name in ("cat", "dog", "cat"):
        write_labels(root, f"0.png,{name}")
        take(root, works)
        assert answers(works) == {"pets/0.png": name}
    assert len(works.find_labels(TASK)) == 3
    assert take(root, works).n_answered == 0


def test_a_changed_file_is_refused_and_what_was_stored_stays(root: Path) -> None:
    works = MemoryWorks()
    take(root, works)
    stored = dict(works.arrivals)
    size_bytes = (root / "2.png").stat().st_size
    (root / "2.png").write_bytes(encoded("PNG", 99))
    assert (root / "2.png").stat().st_size == size_bytes, "as large as before, and another picture"
    report = take(root, works)
    assert (report.n_new, report.n_known) == (0, 3)
    assert report.rejected == (Count(reason="changed_content", count=1),)
    assert [r.where for r in report.rejections] == ["pets/2.png"]
    assert works.arrivals == stored


def test_an_erased_recording_does_not_come_back_by_changing(root: Path) -> None:
    works = MemoryWorks()
    take(root, works)
    works.erased = {i for i, a in works.arrivals.items() if a.recording.source != "pets/3.png"}
    (root / "0.png").write_bytes(encoded("PNG", 99))
    report = take(root, works)
    assert (report.n_new, report.n_known) == (0, 1)
    assert report.rejected == (Count(reason="erased", count=3),)


def test_by_name_alone_nothing_known_is_read(root: Path) -> None:
    works = MemoryWorks()
    take(root, works)
    (root / "2.png").write_bytes(b"no picture any more")
    (root / "4.png").write_bytes(encoded("PNG", 4))
    report = take(root, works, compare=False)
    assert (report.n_new, report.n_known, report.n_rejected) == (1, 4, 0)
    assert not report.compared
