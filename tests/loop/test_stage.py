"""A stage runs once for the same inputs; a failed one says why, and runs again where it was."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bessemer.core.errors import InputError
from bessemer.core.progress import Silence
from bessemer.ledger import Ledger
from bessemer.ledger.stages import StageState
from bessemer.loop.stage import StageRunner

Make = Callable[..., StageRunner]


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Make]:
    """Give runners of turns of branches over one ledger."""
    with Ledger.open("sqlite://") as ledger:

        def make(branch: str = "engine/0", turn: int = 1) -> StageRunner:
            return StageRunner(
                ledger=ledger,
                scratch=tmp_path / "scratch",
                branch=branch,
                turn=turn,
                story=Silence(),
            )

        yield make


def never(_: Path) -> str:
    raise AssertionError("a finished stage was run again")


def test_a_stage_runs_once_for_the_same_inputs(runner: Make) -> None:
    first = runner().run("train", (1, "a"), str, lambda _: "done")
    again = runner().run("train", (1, "a"), str, never)
    elsewhere = runner("chance/0", 2).run("train", (1, "a"), str, never)
    assert (first.cached, again.cached, elsewhere.cached) == (False, True, True)
    assert first.document_id == again.document_id == elsewhere.document_id


@pytest.mark.parametrize(
    ("name", "inputs", "version"), [("train", (2,), 1), ("validate", (1,), 1), ("train", (1,), 2)]
)
def test_other_inputs_another_name_or_version_is_another_stage(
    runner: Make, name: str, inputs: tuple[int, ...], version: int
) -> None:
    runner().run("train", (1,), str, lambda _: "one")
    other = runner().run(name, inputs, str, lambda _: "other", version=version)
    assert other.value == "other"


def test_a_stage_that_fails_says_why_and_goes_on_in_its_folder(runner: Make) -> None:
    def breaks(folder: Path) -> str:
        (folder / "checkpoint").write_text("half")
        raise InputError("The week is missing.", where="week 3")

    with pytest.raises(InputError, match="The week is missing"):
        runner().run("drive", 3, str, breaks)
    [row] = runner().ledger.stages()
    assert row.state is StageState.FAILED
    assert "The week is missing. [week 3]" in row.detail

    done = runner().run("drive", 3, str, lambda folder: (folder / "checkpoint").read_text())
    assert done.value == "half"
    [row] = runner().ledger.stages()
    assert (row.state, row.attempts, row.detail) == (StageState.DONE, 2, "")


def test_scratch_is_gone_once_the_row_stands(runner: Make, tmp_path: Path) -> None:
    seen = []

    def works(folder: Path) -> str:
        (folder / "part").write_text("x")
        seen.append(folder)
        return "done"

    runner().run("train", 1, str, works)
    assert not seen[0].exists()
    seen[0].mkdir()  # as if the process had been killed between the row and the removal
    runner().run("train", 1, str, never)
    assert not seen[0].exists()


@pytest.mark.skipif(not Path("/proc/self/io").exists(), reason="no kernel counts what is written")
def test_a_stage_costs_what_it_writes_and_nothing_when_it_is_there(runner: Make) -> None:
    def writes(folder: Path) -> str:
        (folder / "weights").write_bytes(bytes(1_000_000))
        return "done"

    runner().run("train", 1, str, writes)
    runner("chance/0").run("train", 1, str, never)
    first, reused = (runner().ledger.stages(branch=b)[0] for b in ("engine/0", "chance/0"))
    assert 1_000_000 <= first.cost.n_bytes < 1_100_000
    assert reused.cost.n_bytes == 0
