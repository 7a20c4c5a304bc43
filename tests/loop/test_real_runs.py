"""The runs on recordings, as a user starts and kills them: two kills change no address.

Each on a small archive that is generated in the official layout, and on one cut from the real data
where that is at hand. The moments are drawn by a seed: so many stages into the run, and a while.
"""

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bessemer.loop.works import Works
from tests.loop.archives import CUTTERS, MAKERS
from tests.loop.tiny import addresses

pytestmark = pytest.mark.slow

SETTINGS = {
    "signs": (
        "train.steps=120",
        "train.checkpoint_every_steps=20",
        "train.learning_rate=0.01",
        "pretrain.fit.steps=20",
        "pretrain.fit.checkpoint_every_steps=8",
        "network.width=8",
        "budget.uploads=20",
        "budget.labels=16",
        "deal.weeks=2",
    ),
    "scenes": (
        "train.steps=16",
        "train.checkpoint_every_steps=4",
        "preprocess.width_px=48",
        "preprocess.height_px=36",
        "budget.uploads=3",
        "budget.labels=6",
        "deal.weeks=2",
    ),
}


@dataclass(frozen=True)
class Run:
    """How one run is started."""

    recipe: str
    archive: Path

    def start(self, works: Path) -> "subprocess.Popen[str]":
        """Start it as a process of its own."""
        command = [str(Path(sys.executable).with_name("bessemer")), "run", self.recipe, "--json"]
        command += ["--data", str(self.archive), "--works", str(works)]
        command += ["--turns", "2", "--seeds", "1"]
        command += [word for setting in SETTINGS[self.recipe] for word in ("--set", setting)]
        return subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )

    def finish(self, works: Path) -> Any:
        """Run to the end; return the story, without how long each stage took."""
        process = self.start(works)
        said, _ = process.communicate()
        assert process.returncode == 0
        story = json.loads(said)
        for turn in story["turns"]:
            del turn["stages"]
        return story


@dataclass(frozen=True)
class Ended:
    """All that a run left behind that has an address, and the story that its report tells."""

    turns: dict[str, str]
    rows: dict[str, list[tuple[object, ...]]]
    files: set[str]
    story: Any


ADDRESSED = {
    "documents": "document_id, kind",
    "commits": "commit_id",
    "nodes": "node_id",
    "refs": "name, commit_id",
    "artifacts": "artifact_id",
    "attestations": "commit_id, document_id",
    "gates": "branch, turn, network_id, shipped, document_id",
    "releases": "branch, version, network_id, document_id",
    "networks": "network_id",
    "network_recordings": "network_id, recording_id",
    "recordings": "recording_id, side",
    "rejections": "stage, reason, place, detail",
    "stages": "key, branch, turn, name, state, output",
}


def ended(run: Run, root: Path) -> Ended:
    """Run to the end and return what is there."""
    story = run.finish(root)
    page = (root / f"report-{run.recipe}.html").read_text()
    assert all(named["address"] in page for named in story["addresses"])
    with Works.open(root) as works:
        turns = addresses(works)
    with sqlite3.connect(root / "ledger.sqlite") as ledger:
        rows = {
            table: sorted(ledger.execute(f"SELECT {columns} FROM {table}").fetchall())
            for table, columns in ADDRESSED.items()
        }
    files = {path.name for path in (root / "lake" / "artifacts").rglob("*") if path.is_file()}
    return Ended(turns=turns, rows=rows, files=files, story=story)


def n_begun(root: Path) -> int:
    """Return how many stages were begun, as another process sees it."""
    try:
        ledger = sqlite3.connect(f"file:{root / 'ledger.sqlite'}?mode=ro", uri=True)
    except sqlite3.OperationalError:
        return 0
    try:
        [(count,)] = ledger.execute("SELECT count(*) FROM stages").fetchall()
    except sqlite3.OperationalError:
        return 0
    finally:
        ledger.close()
    return int(count)


def kill_after(run: Run, root: Path, stages: int, wait_s: float) -> bool:
    """Start a run and kill it once so many stages were begun; return whether it was still alive."""
    process = run.start(root)
    while process.poll() is None and n_begun(root) < stages:
        time.sleep(0.01)
    time.sleep(wait_s)
    process.kill()
    process.communicate()
    return process.returncode == -signal.SIGKILL


@pytest.fixture(params=["generated", "real"])
def source(request: pytest.FixtureRequest) -> Path | None:
    """The folder of real recordings, or None for an archive made here."""
    if request.param == "generated":
        return None
    folder: Path = request.getfixturevalue("real_data")
    return folder


@pytest.mark.parametrize("recipe", sorted(SETTINGS))
def test_killed_twice_at_random_a_run_changes_no_address(
    recipe: str, source: Path | None, tmp_path: Path
) -> None:
    if source is None:
        archive = MAKERS[recipe](tmp_path / "archive")
    else:
        name, cut = CUTTERS[recipe]
        archive = cut(source / name, tmp_path / "archive")
    run = Run(recipe, archive)
    straight = ended(run, tmp_path / "straight")
    n_stages = len(straight.rows["stages"])
    rng = random.Random(f"{recipe} {source is None}")
    first, second = sorted(rng.sample(range(1, n_stages), 2))
    killed = [
        kill_after(run, tmp_path / "killed", stages, rng.random() * 0.3)
        for stages in (first, second)
    ]
    assert all(killed), "it ended before it was killed"
    again = ended(run, tmp_path / "killed")
    assert len(straight.turns) == 4
    assert again == straight
