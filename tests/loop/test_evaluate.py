"""Any network that keeps the contract is scored on any folder that a reader knows."""

from pathlib import Path

import pytest

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.progress import Silence
from bessemer.loop.evaluate import evaluate_network, table_of
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.works import Works
from bessemer.validate.outcome import SuiteReport
from tests.loop.tiny import tiny_line


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, float]:
    """A trained network's file, and its accuracy on the recordings held out of its run."""
    works = Works.open(tmp_path_factory.mktemp("works"))
    line = tiny_line(works, "turns=1")
    record = next(run_turns(line, branches_of(line), 1))
    report = works.ledger.get_document(record.validation, SuiteReport)
    return works.lake.path_of(record.network.onnx), report.slices[0].candidate.value or 0.0


def test_scores_agree_with_those_of_the_run(network: tuple[Path, float]) -> None:
    path, held_out = network
    found = evaluate_network(path, Path("digits"), "digits", "", None, Silence())
    assert found.n_recordings == found.n_frames == 1797
    overall = found.slices[0].candidate.value
    assert overall is not None
    assert abs(overall - held_out) < 0.1
    assert len(found.classes) == 10
    assert "1797 frames of 1797 recordings" in table_of(found)


def test_the_reader_is_found_by_the_folder(network: tuple[Path, float], tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="No reader recognises this"):
        evaluate_network(network[0], tmp_path / "nothing", "", "", None, Silence())


def test_a_slice_of_a_suite(network: tuple[Path, float], tmp_path: Path) -> None:
    suite = tmp_path / "suite.toml"
    suite.write_text(
        'name = "ones"\n[[slice]]\nname = "ones"\nwhere = "class = \'one\'"\n'
        '[[check]]\nslice = "ones"\nmetric = "accuracy"\nat_least = 0.0\n'
    )
    found = evaluate_network(network[0], Path("digits"), "digits", "", suite, Silence())
    assert {row.slice_name for row in found.slices} == {"ones"}
    assert found.slices[0].n_examples == 182


def test_a_file_that_is_no_network(tmp_path: Path) -> None:
    path = tmp_path / "net.onnx"
    path.write_bytes(b"no")
    with pytest.raises(InputError):
        evaluate_network(path, Path("digits"), "digits", "", None, Silence())
