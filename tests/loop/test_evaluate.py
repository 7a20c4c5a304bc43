"""Any network that keeps the contract is scored on any folder that a reader knows."""

import shutil
import tracemalloc
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import RecordingId, encode
from bessemer.core.ontology import Ontology
from bessemer.core.progress import Silence
from bessemer.core.records import Split
from bessemer.core.signature import METADATA_KEY, Geometry, Head, Preprocess, Signature
from bessemer.ingest.camvid import ONTOLOGY
from bessemer.loop.evaluate import Evaluation, evaluate_network
from bessemer.loop.evaluate_table import table_of
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from bessemer.validate.metrics import Metric
from bessemer.validate.outcome import SuiteReport
from bessemer.validate.verdict import Verdict
from tests.loop.archives import DRIVES, FRAMES_OF_A_DRIVE, make_scenes
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
at_least = 1.0
min_recordings = 400
[[check]]
slice = "all"
metric = "accuracy"
no_worse_than = "released"
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
    recalls = [row for row in scores.slices if row.metric is Metric.MACRO_RECALL]
    rows = {row.slice_name: row.candidate for row in recalls}
    ones = next(row for row in scores.classes if row.class_name == "one")
    assert rows["ones"].n_recordings == ones.candidate.n_recordings > 0
    assert rows["ones"].value == ones.candidate.value


def test_where_nothing_is_scored_the_error_names_what_was_refused_and_how_often(
    finished: Works, tmp_path: Path
) -> None:
    path, _ = network_of(finished)
    folder = held_out(finished, tmp_path / "unseen")
    n = len(list(folder.glob("*.png")))
    (folder / "labels.csv").write_text("picture,kind\n1.png,one\n")
    (folder / "extra.png").write_bytes(b"no picture")
    with pytest.raises(InputError) as caught:
        evaluate_network(path, folder, "", "", None, Silence())
    said = str(caught.value)
    assert "says anything about 'classes'" in said
    assert f"{n} were read that do not" in said
    assert "1 x bad_table" in said
    assert "labels.csv" in said
    assert "Mend what was rejected" in said


def test_a_folder_without_truth_is_told_without_refusals(finished: Works, tmp_path: Path) -> None:
    path, _ = network_of(finished)
    folder = held_out(finished, tmp_path / "unseen")
    (folder / "labels.csv").unlink()
    with pytest.raises(InputError, match=r"says anything.*'pictures' was taken") as caught:
        evaluate_network(path, folder, "", "", None, Silence())
    assert "rejected" not in str(caught.value)


def test_the_table_has_a_line_a_slice_a_class_and_a_check(scores: Evaluation) -> None:
    head, _, *lines = table_of(scores).splitlines()
    assert f"{scores.n_frames} frames of {scores.n_recordings} recordings" in head
    heads = [line for line in lines if line.startswith(("slice ", "class ", "check "))]
    assert [line.split()[0] for line in heads] == ["slice", "class", "check"]
    assert "95% over all 2" in heads[0]
    rows = len(scores.slices) + len(scores.classes) + len(scores.checks)
    unmet = [line for line in lines if line.startswith(("cannot tell: ", "not asked: "))]
    assert len(unmet) == 2
    blanks, rules = 2, 3
    assert len(lines) == len(heads) + rules + rows + blanks + len(unmet)


def test_the_checks_of_a_suite_are_judged(scores: Evaluation) -> None:
    every, ones = scores.checks
    assert (every.verdict, ones.verdict) == (Verdict.PASS, Verdict.CANNOT_TELL)
    assert "400 are needed" in ones.reason
    assert every.value.value == scores.slices[0].candidate.value
    (skipped,) = scores.skipped
    assert "no released network" in skipped


def test_without_a_suite_slices_are_those_that_any_picture_answers(
    finished: Works, tmp_path: Path
) -> None:
    path, report = network_of(finished)
    folder = held_out(finished, tmp_path / "unseen")
    found = evaluate_network(path, folder, "", "", None, Silence())
    rows = {row.slice_name: row for row in found.slices if row.metric is Metric.MACRO_RECALL}
    assert list(rows) == ["all", "dark", "blurred"]
    assert rows["all"].candidate.value == report.slices[1].candidate.value is not None
    assert rows["dark"].n_examples < rows["all"].n_examples
    assert not found.checks
    assert not found.skipped
    assert "95% over all 3" in table_of(found)


def dense_network(path: Path, side_px: int, ontology: Ontology = ONTOLOGY) -> Path:
    """Write a network that gives each pixel a class by a linear map of its colour."""
    weights = np.random.default_rng(0).normal(size=(len(ontology.classes), 3, 1, 1))
    shape: list[str | int | None] = ["n", 3, side_px, side_px]
    graph = helper.make_graph(
        [
            helper.make_node("Conv", ["image", "weights"], ["scenes"]),
            helper.make_node("ReduceMean", ["image", "axes"], ["embedding"], keepdims=0),
        ],
        "linear",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, shape)],
        [
            helper.make_tensor_value_info(
                "scenes", TensorProto.FLOAT, ["n", len(ontology.classes), *shape[2:]]
            ),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, ["n", 3]),
        ],
        [
            numpy_helper.from_array(weights.astype(np.float32), "weights"),
            numpy_helper.from_array(np.array([2, 3], np.int64), "axes"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    head = Head(task=ontology.task, geometry=Geometry.DENSE, output="scenes", ontology=ontology)
    size = Preprocess(width_px=side_px, height_px=side_px)
    entry = model.metadata_props.add()
    entry.key, entry.value = (
        METADATA_KEY,
        encode(Signature(preprocess=size, heads=(head,))).decode(),
    )
    onnx.save(model, path)
    return path


def test_a_dense_map_in_another_ontology_is_no_truth(tmp_path: Path) -> None:
    other = replace(ONTOLOGY, classes=ONTOLOGY.classes[::-1])
    network = dense_network(tmp_path / "net.onnx", 8, other)
    with pytest.raises(InputError, match="the same number is another class"):
        evaluate_network(network, make_scenes(tmp_path / "unseen"), "camvid", "", None, Silence())


def test_dense_answers_are_scored_in_memory_that_the_frames_do_not_fill(tmp_path: Path) -> None:
    side_px = 256
    network = dense_network(tmp_path / "net.onnx", side_px)
    peaks = []
    for n_drives in (1, len(DRIVES)):
        folder = make_scenes(tmp_path / f"{n_drives}")
        for drive in DRIVES[n_drives:]:
            for path in folder.glob(f"*/{drive.partition('_')[0]}_*"):
                path.unlink()
        tracemalloc.start()
        found = evaluate_network(network, folder, "camvid", "", None, Silence())
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        assert (found.n_recordings, found.n_frames) == (n_drives, n_drives * FRAMES_OF_A_DRIVE)
        rows = {(row.slice_name, row.metric): row for row in found.slices}
        labelled = found.n_frames * side_px**2 * 34 / 36
        assert rows["all", Metric.ACCURACY].n_examples == pytest.approx(labelled, rel=0.02)
        assert all(row.candidate.value is None for row in found.slices if not row.n_examples)
    assert tuple(row.class_name for row in found.classes) == ONTOLOGY.classes
    map_bytes = side_px**2
    more_frames = (len(DRIVES) - 1) * FRAMES_OF_A_DRIVE
    assert peaks[1] - peaks[0] < more_frames * map_bytes


def test_a_folder_that_no_reader_recognises(finished: Works, tmp_path: Path) -> None:
    path, _ = network_of(finished)
    (tmp_path / "nothing").mkdir()
    with pytest.raises(NotFoundError, match="No reader recognises this"):
        evaluate_network(path, tmp_path / "nothing", "", "", None, Silence())


def test_a_file_that_is_no_network(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"no")
    with pytest.raises(InputError):
        evaluate_network(path, Path("digits"), "digits", "", None, Silence())
