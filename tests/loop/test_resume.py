"""The same input gives the same output: twice, again, and whatever is killed on the way."""

import random
import signal
import time
from collections import Counter
from pathlib import Path

import pytest

from bessemer.ledger import Ledger
from bessemer.ledger.stages import StageState
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.works import Works
from tests.loop.tiny import FORKS, addresses, run_tiny, start, tiny_line

STAGES = (
    "noise",
    "drive",
    "ingest",
    "curate",
    "label",
    "commit",
    "attest",
    "train",
    "validate",
    "release",
    "turn",
)
"""In the order of a turn."""


def dies(root: Path, where: str) -> bool:
    """Run until the process dies where it is told to."""
    process = start(root, where)
    process.join()
    assert process.exitcode in {0, -signal.SIGKILL}
    return process.exitcode == -signal.SIGKILL


def resumed(root: Path) -> dict[str, str]:
    """Run to the end; return the address of every turn."""
    with Works.open(root) as works:
        run_tiny(works)
        assert not any(s.state is StageState.RUNNING for s in works.ledger.stages())
        return addresses(works)


def first_turns(root: Path) -> dict[str, str]:
    """Run the first turn of each arm; return their addresses."""
    with Works.open(root) as works:
        line = tiny_line(works)
        list(run_turns(line, branches_of(line), 1))
        return addresses(works)


def test_another_folder_comes_to_the_same_addresses(finished: Works, tmp_path: Path) -> None:
    made = first_turns(tmp_path / "other")
    assert len(made) == 2
    assert made.items() < addresses(finished).items()


def test_a_second_run_repeats_no_stage(copy_of_finished: Works) -> None:
    works = copy_of_finished
    before, made = works.ledger.stages(), addresses(works)
    run_tiny(works)
    assert works.ledger.stages() == before
    assert {row.attempts for row in before} <= {0, 1}
    assert addresses(works) == made


def test_a_changed_setting_begins_branches_of_its_own(copy_of_finished: Works) -> None:
    works = copy_of_finished
    before = addresses(works)
    run_tiny(works, "turns=1", "train.learning_rate=0.002")
    after = addresses(works)
    assert {name: after[name] for name in before} == before
    assert len(after) == len(before) + 2


@pytest.mark.slow
def test_killed_before_the_row_of_every_stage_it_ends_at_the_same_addresses(
    finished: Works, tmp_path: Path
) -> None:
    """One life: each process takes up what the last one left and dies one stage further."""
    for begun, stage in enumerate(STAGES):
        assert dies(tmp_path, stage), stage
        with Works.open(tmp_path) as works:
            rows = {row.name: (row.state, row.attempts) for row in works.ledger.stages()}
        assert rows.pop(stage) == (StageState.RUNNING, 1)
        assert rows.pop("apart") == (StageState.DONE, 1)
        assert rows == dict.fromkeys(STAGES[:begun], (StageState.DONE, 2)), stage
    assert resumed(tmp_path) == addresses(finished)
    with Works.open(tmp_path) as works:
        attempts = Counter(row.attempts for row in works.ledger.stages())
    assert attempts.keys() <= {0, 1, 2}, "what was finished before was not run again"
    assert attempts[2] == len(STAGES)


@pytest.fixture(scope="module")
def beats(tmp_path_factory: pytest.TempPathFactory) -> tuple[int, int]:
    """How often a heart beats before the first turn, and until the end."""
    said, tell = FORKS.Pipe(duplex=False)
    process = start(tmp_path_factory.mktemp("beats"), tell=tell)
    process.join()
    assert process.exitcode == 0
    arrived, total = said.recv()
    return arrived, total


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(6))
def test_killed_twice_at_random_it_ends_at_the_same_addresses(
    finished: Works, tmp_path: Path, beats: tuple[int, int], seed: int
) -> None:
    rng = random.Random(seed)
    arrived, total = beats
    first = rng.randint(1, total) if seed % 3 == 0 else rng.randint(arrived + 1, total)
    assert dies(tmp_path, str(first))
    dies(tmp_path, str(rng.randint(1, total - first + 1)))
    assert resumed(tmp_path) == addresses(finished)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(2))
def test_killed_from_outside_it_ends_at_the_same_addresses(
    finished: Works, tmp_path: Path, seed: int
) -> None:
    rng = random.Random(seed)
    for _ in range(2):
        process = start(tmp_path)
        wanted = _rows(tmp_path) + rng.randint(1, 12)
        while process.exitcode is None and _rows(tmp_path) < wanted:
            time.sleep(0.005)
        time.sleep(rng.random() * 0.05)
        process.kill()
        process.join()
    assert resumed(tmp_path) == addresses(finished)


def _rows(root: Path) -> int:
    """Return how many stages were begun, as another process sees it."""
    if not (root / "ledger.sqlite").exists():
        return 0
    with Ledger.open(f"sqlite:///{root / 'ledger.sqlite'}") as ledger:
        return len(ledger.stages())
