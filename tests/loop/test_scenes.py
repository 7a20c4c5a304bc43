"""The scenes line on a small archive of its own: two drives along one painted street each."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bessemer.core.records import SplitRule
from bessemer.loop.archive import ingest_archive
from bessemer.loop.compile import gather_examples, labels_at
from bessemer.loop.drive import dense_rarity
from bessemer.loop.line import Line
from bessemer.loop.opinions import opinions
from bessemer.loop.recipe import Recipe, archive_of_recipe
from bessemer.loop.recipes import find_recipe
from bessemer.loop.records import TurnRecord
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.works import Works

FRAMES = 24
DRIVES = ("0001TP", "0006R0")
SETTINGS = (
    "train.steps=4",
    "train.batch=4",
    "noise_networks=1",
    "turns=1",
    "seeds=1",
    "budget.labels=4",
    "preprocess.width_px=80",
    "preprocess.height_px=64",
)


def write_street(root: Path) -> Path:
    """Write two drives in CamVid's layout, a frame a second, each a slow pan along one picture."""
    (root / "train").mkdir(parents=True)
    (root / "trainannot").mkdir()
    for number, drive in enumerate(DRIVES):
        rng = np.random.default_rng(number)
        scene = np.zeros((64, 80 + 2 * FRAMES, 3))
        for cell in (4, 8):
            coarse = rng.uniform(0, 120, (64 // cell, scene.shape[1] // cell, 3))
            scene += np.kron(coarse, np.ones((cell, cell, 1)))
        answer = np.zeros(scene.shape[:2], np.uint8)
        answer[32:] = 3
        answer[20:32, ::7] = 8
        for i in range(FRAMES):
            view = np.s_[:, 2 * i : 2 * i + 80]
            name = f"{drive}_{30 * i:06}"
            Image.fromarray(scene[view].astype(np.uint8)).save(root / f"train/{name}.jpg")
            Image.fromarray(answer[view]).save(root / f"trainannot/{name}.png")
    return root


def street_recipe(*settings: str) -> Recipe:
    """Return the scenes recipe with the second drive for the test."""
    recipe = find_recipe("scenes", [*SETTINGS, *settings])
    return replace(recipe, split=SplitRule(test_sources=("camvid/0006R0",)))


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Line, TurnRecord]]:
    """One turn on a street; to be read only."""
    folder = tmp_path_factory.mktemp("scenes")
    recipe = street_recipe("triggers.rarity_at_most=3")
    with Works.open(folder / "works") as works:
        ingest_archive(works, archive_of_recipe(recipe), write_street(folder / "street"))
        line = Line.ready(recipe, works)
        (record,) = run_turns(line, branches_of(line)[:1], 1)
        yield line, record


def test_a_class_is_counted_in_the_frames_that_show_it_and_held_against_its_usual_share(
    driven: tuple[Line, TurnRecord],
) -> None:
    line, record = driven
    network, labels = record.network, labels_at(line, record.commit_id)
    trigger = dense_rarity(line, labels, network)
    counts = dict(zip(trigger.classes, trigger.counts, strict=True))
    shown = {name for name, count in counts.items() if count}
    assert shown == {"sky", "road", "car"}
    assert {counts[name] for name in shown} == {4.0}
    assert trigger.at_most == 3
    said = opinions(line, network, [label.unit for label in labels]).probs
    assert trigger.usual == pytest.approx(said.mean(axis=0).tolist())
    assert dense_rarity(line, labels[:1], network).counts == tuple(c / 4 for c in trigger.counts)
    assert set(dense_rarity(line, [], network).counts) == {0.0}


def test_answers_are_carried_to_the_frames_beside_theirs(
    driven: tuple[Line, TurnRecord],
) -> None:
    plain, record = driven
    labels, pool = labels_at(plain, record.commit_id), record.state.pool
    paid = gather_examples(plain, labels, pool)
    assert len(paid.pictures) == len(labels) == 4
    carrying = Line.ready(street_recipe('carry={"reach":1,"weight":0.25}'), plain.works)
    more = gather_examples(carrying, labels, pool)
    n = len(paid.pictures)
    assert n < len(more.pictures) <= 3 * n
    assert (more.targets[0][:n] == paid.targets[0]).all()
    assert more.weights[:n].tolist() == [1.0] * n
    assert set(more.weights[n:].tolist()) == {0.25}
    said = more.targets[0][n:] != 255
    assert said.mean() > 0.5
    street_truth = np.where(np.arange(64) < 32, 0, 3)[None, :, None]
    rows = np.ones((1, 64, 1), bool)
    rows[:, 18:34] = False
    right = more.targets[0][n:] == street_truth
    assert right[said & rows].mean() > 0.99
