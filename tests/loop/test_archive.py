"""An archive that was taken in before is compared with what the lake stores."""

from pathlib import Path

from bessemer.loop.archive import archive_config, ingest_archive
from bessemer.loop.line import Line
from bessemer.loop.works import Works
from tests.loop.shades import shades, shades_recipe


def take(works: Works, data: Path, *rows: str) -> tuple[int, ...]:
    (data / "labels.csv").write_text("\n".join(["path,class", *rows]) + "\n")
    report = ingest_archive(works, archive_config("pictures"), data)
    return report.n_new, report.n_known, report.n_answered, report.n_rejected


def test_the_last_answer_of_the_archive_is_its_truth(tmp_path: Path) -> None:
    data = shades(tmp_path / "shades", count=3, exams=1)
    with Works.open(tmp_path / "works") as works:
        assert take(works, data, "road/00.png,dark") == (4, 0, 0, 0)
        assert take(works, data, "road/00.png,bright", "road/01.png,dark") == (0, 4, 2, 0)
        assert take(works, data, "road/00.png,bright", "road/01.png,dark") == (0, 4, 0, 0)
        line = Line.ready(shades_recipe(), works)
        names = {
            works.atlas.recordings[unit.recording_id].source: label.elements.class_spans[0]
            for unit, label in line.truth.items()
        }
        assert {source: span.class_name for source, span in names.items()} == {
            "shades/road/00.png": "bright",
            "shades/road/01.png": "dark",
        }


def test_what_is_stored_under_a_name_is_told_with_what_was_erased(tmp_path: Path) -> None:
    data = shades(tmp_path / "shades", count=2, exams=1)
    with Works.open(tmp_path / "works") as works:
        take(works, data)
        first, second, third = works.lake.recordings()
        works.lake.erase(first.recording_id, "asked to")
        found = works.ledger.stored_under([first.source, second.source, "shades/none.png"])
        assert found == {
            first.source: {first.recording_id: True},
            second.source: {second.recording_id: False},
        }
        assert take(works, data) == (0, 2, 0, 1)
        assert third.recording_id in {r.recording_id for r in works.lake.recordings()}
