"""Any network that keeps the contract is scored on any folder that a reader knows."""

import shutil
from pathlib import Path

import pytest

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import RecordingId
from bessemer.core.progress import Silence
from bessemer.core.records import Split
from bessemer.loop.evaluate import Evaluation, evaluate_network, table_of
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from bessemer.validate.outcome import SuiteReport
from tests.loop.tiny import archive_of

SUITE = """
name = "ones"
[[slice]]
name = "all"
where = "true"
[[slice]]
name = "ones"
where = "class = 'one'"
[[check]]
slice = "all"
metric = "accuracy"
at_least = 0.0
[[check]]
slice = "ones"
metric = "accuracy"
at_least = 0.0
"""


def held_out(works: Works, folder: Path) -> Path:
    """Write the test recordings of a works as an archive of its own."""
    archive = archive_of(works.root)
    folder.mkdir(parents=True)
    names = {r.source.rpartition("/")[2] for r in works.lake.recordings(split=Split.TEST)}
    rows = (archive / "labels.csv").read_text().splitlines()
    (folder / "labels.csv").write_text(
        "\n".join([rows[0], *(row for row in rows[1:] if row.split(",")[0] in names)])
    )
    for name in names:
        shutil.copy(archive / name, folder / name)
    return folder


def network_of(works: Works) -> tuple[Path, SuiteReport]:
    """Return the last network of a works, and how it did on the recordings held out of its run."""
    record = turn_records(works)[-1]
    report = works.ledger.get_document(record.validation, SuiteReport)
    return works.lake.path_of(record.network.onnx), report


@pytest.fixture
def scores(finished: Works, tmp_path: Path) -> Evaluation:
    """The last network on what was held out of its run."""
    (tmp_path / "suite.toml").write_text(SUITE)
    path, _ = network_of(finished)
    folder = held_out(finished, tmp_path / "unseen")
    return evaluate_network(path, folder, "", "", tmp_path / "suite.toml", Silence())


def test_scores_are_those_of_the_run(finished: Works, scores: Evaluation) -> None:
    _, report = network_of(finished)
    tested: list[RecordingId] = [r.recording_id for r in finished.lake.recordings(split=Split.TEST)]
    assert scores.n_recordings == scores.n_frames == len(tested)
    assert scores.slices[0].candidate.value == report.slices[0].candidate.value is not None
    seen = {row.class_name: row.candidate.value for row in report.classes}
    assert {row.class_name: row.candidate.value for row in scores.classes} == seen
    assert len(seen) == 10


def test_a_slice_of_a_suite_holds_what_its_predicate_says(scores: Evaluation) -> None:
    rows = {row.slice_name: row.candidate for row in scores.slices}
    ones = next(row for row in scores.classes if row.class_name == "one")
    assert rows["ones"].n_recordings == ones.candidate.n_recordings > 0
    assert rows["ones"].value == ones.candidate.value


def test_the_table_has_a_line_a_slice_and_a_class(scores: Evaluation) -> None:
    head, _, *lines = table_of(scores).splitlines()
    assert f"{scores.n_frames} frames of {scores.n_recordings} recordings" in head
    assert len(lines) == len(scores.slices) + len(scores.classes)


def test_a_folder_that_no_reader_recognises(finished: Works, tmp_path: Path) -> None:
    path, _ = network_of(finished)
    with pytest.raises(NotFoundError, match="No reader recognises this"):
        evaluate_network(path, tmp_path / "nothing", "", "", None, Silence())


def test_a_file_that_is_no_network(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"no")
    with pytest.raises(InputError):
        evaluate_network(path, Path("digits"), "digits", "", None, Silence())
