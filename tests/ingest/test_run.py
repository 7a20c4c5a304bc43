from pathlib import Path

import pytest

from bessemer.core.errors import NotFoundError
from bessemer.core.fleet import Count
from bessemer.core.records import Split, SplitRule, Terms
from bessemer.ingest.gtsrb import GtsrbReader
from bessemer.ingest.run import ingest
from tests.ingest.stores import KilledError, MemoryWorks
from tests.ingest.trees import gtsrb_tree


def _archive(root: Path, tracks: int = 5) -> Path:
    images = gtsrb_tree(root, tracks=tracks)
    (images / "00000/00001_00001.ppm").write_bytes(b"P6 broken")
    (images / "00001/stray.txt").write_text("?")
    return root


def test_twice_in_is_once_there(tmp_path: Path) -> None:
    root, works = _archive(tmp_path), MemoryWorks()
    first = ingest(GtsrbReader(), root, works, works)
    stored, noted = dict(works.arrivals), dict(works.rejections)
    assert (first.n_new, first.n_known, first.n_rejected) == (10, 0, 2)
    assert first.rejected == (
        Count(reason="truncated_picture", count=1),
        Count(reason="unlisted_file", count=1),
    )
    assert first.size_bytes == sum(
        s.size_bytes for a in works.arrivals.values() for s in a.segments
    )
    second = ingest(GtsrbReader(), root, works, works)
    assert (second.n_new, second.n_known, second.size_bytes) == (0, 10, 0)
    assert (works.arrivals, works.rejections) == (stored, noted)


@pytest.mark.parametrize("survived", [0, 1, 2, 3])
def test_a_kill_between_batches_loses_nothing(tmp_path: Path, survived: int) -> None:
    root, straight, works = _archive(tmp_path), MemoryWorks(), MemoryWorks(fail_after=survived)
    ingest(GtsrbReader(), root, straight, straight)
    with pytest.raises(KilledError):
        ingest(GtsrbReader(), root, works, works, batch_count=3)
    works.fail_after = None
    report = ingest(GtsrbReader(), root, works, works, batch_count=3)
    assert report.n_new + report.n_known == 10
    assert works.arrivals == straight.arrivals
    assert works.sides == straight.sides
    assert set(works.rejections) == set(straight.rejections)
    assert works.largest_batch <= 3


def test_the_rule_deals_and_terms_are_carried(tmp_path: Path) -> None:
    root, works = _archive(tmp_path), MemoryWorks()
    rule = SplitRule(test_sources=("gtsrb/00001/",))
    terms = Terms(licence="mine", region="FR", retention_days=30)
    ingest(GtsrbReader(), root, works, works, rule=rule, terms=terms)
    tests = works.recordings(split=Split.TEST)
    assert len(tests) == 5
    assert all(r.source.startswith("gtsrb/00001/") for r in tests)
    assert {r.terms for r in works.recordings()} == {terms}


def test_progress_counts_recordings(tmp_path: Path) -> None:
    root, works = _archive(tmp_path), MemoryWorks()
    told: list[int] = []
    ingest(GtsrbReader(), root, works, works, progress=lambda done, total: told.append(done))
    assert told == list(range(1, 11))


def test_nothing_there_is_an_error(tmp_path: Path) -> None:
    works = MemoryWorks()
    with pytest.raises(NotFoundError, match="nothing to read"):
        ingest(GtsrbReader(), tmp_path / "absent", works, works)
