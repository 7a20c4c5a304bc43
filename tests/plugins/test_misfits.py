"""A plug-in that breaks its contract ends with one error that names it, as early as can be."""

from dataclasses import replace
from pathlib import Path

import pytest

from bessemer.core.errors import BessemerError, InputError, MissingExtraError
from bessemer.loop.archive import ingest_archive
from bessemer.loop.drive import ENGINE
from bessemer.loop.line import Line
from bessemer.loop.recipe import Recipe, TriggerConfig, archive_of_recipe
from bessemer.loop.recipes import find_recipe
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.works import Works
from tests.loop.shades import shades, shades_recipe

pytestmark = pytest.mark.slow

MODULE = """
from dataclasses import replace

import numpy as np
import torch

from bessemer.core.gates import Decision
from bessemer.core.labelling import LabelAnswers
from bessemer.curate.embed import PinnedEmbedder
from bessemer.curate.select_chance import RandomSelector
from bessemer.networks.hydra import Hydra
from bessemer.release.gate import StandingGate


class Spendthrift(RandomSelector):
    def select(self, candidates, labelled, budget, seed):
        return super().select(candidates, labelled, 2 * budget, seed)


class Eager:
    name = "eager"

    def fire(self, sight):
        return True


class Usurper(Eager):
    name = "novelty"


class Blind:
    space_id = "blind"
    size_px = (8, 8)

    def embed(self, pictures):
        return np.full((len(pictures), 3), np.nan, np.float32)


class Silent:
    name = "silent"

    def __init__(self, ontology, look):
        pass

    def answer(self, requests):
        return LabelAnswers(revisions=())


class Headless(Hydra):
    def forward(self, image):
        return super().forward(image)[:-1]


class Fickle(StandingGate):
    def decide(self, outcomes, *, candidate, released):
        ruling = super().decide(outcomes, candidate=candidate, released=released)
        return replace(ruling, decision=Decision.SHIP, reasons=("it is bad",))


class Greedy(StandingGate):
    def __init__(self, threshold):
        pass
"""
ENTRIES = """
[bessemer.selectors]
spendthrift = misfits:Spendthrift
[bessemer.triggers]
eager = misfits:Eager
usurper = misfits:Usurper
absent = not_there:Trigger
[bessemer.embedders]
blind = misfits:Blind
[bessemer.labellers]
silent = misfits:Silent
[bessemer.networks]
headless = misfits:Headless
[bessemer.gates]
fickle = misfits:Fickle
greedy = misfits:Greedy
"""


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Labelled pictures, and a package of misfits that is installed meanwhile."""
    site = tmp_path / "site"
    info = site / "misfits-1.dist-info"
    info.mkdir(parents=True)
    (site / "misfits.py").write_text(MODULE)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: misfits\nVersion: 1\n")
    (info / "entry_points.txt").write_text(ENTRIES)
    monkeypatch.syspath_prepend(site)
    folder = shades(tmp_path / "shades")
    paths = sorted(folder.rglob("*.png"))
    rows = [f"{p.relative_to(folder)},{'dark' if int(p.stem) % 2 else 'bright'}" for p in paths]
    (folder / "labels.csv").write_text("\n".join(["path,class", *rows]) + "\n")
    return folder


def error_of(recipe: Recipe, data: Path, turns: int = 1) -> str:
    with Works.open(data.parent / "works") as works:
        ingest_archive(works, archive_of_recipe(recipe), data)
        line = Line.ready(recipe, works)
        with pytest.raises(BessemerError) as caught:
            list(run_turns(line, branches_of(line, (ENGINE,)), turns))
    assert isinstance(caught.value, InputError)
    return str(caught.value)


def test_a_selector_that_spends_more_is_refused(data: Path) -> None:
    said = error_of(shades_recipe(selector="spendthrift"), data)
    assert "It chose 12 of 12 candidates where 8 are paid for" in said
    assert "selector random" in said


def test_a_labeller_that_loses_questions_is_refused(data: Path) -> None:
    said = error_of(shades_recipe(labeller="silent", auditor="oracle"), data)
    assert "Of 8 questions it answered 0, holds 0 and lost 8. [labeller silent]" in said


def test_a_space_without_length_is_refused(data: Path) -> None:
    assert "0 of them of unit norm. [embedder blind]" in error_of(
        shades_recipe(embedder="blind", leak=None), data
    )


def test_a_network_without_an_embedding_is_refused(data: Path) -> None:
    plain = shades_recipe()
    recipe = replace(plain, network=replace(plain.network, backbone="headless"))
    assert "It gives 1 outputs for 1 heads. [network headless]" in error_of(recipe, data)


def test_a_gate_that_ships_what_it_has_reasons_against_is_refused(data: Path) -> None:
    said = error_of(shades_recipe(gate="fickle"), data)
    assert "The decision is to ship, for 1 reasons. [gate standing]" in said


def test_a_trigger_that_says_yes_is_refused(data: Path) -> None:
    said = error_of(shades_recipe(triggers=TriggerConfig(also=("eager",))), data, turns=2)
    assert "The trigger 'eager' answers with True." in said


@pytest.mark.parametrize(
    ("setting", "kind", "message"),
    [
        ('triggers.also=["absent"]', MissingExtraError, "'absent' cannot be loaded"),
        ('triggers.also=["eager","eager"]', InputError, "Two triggers are called 'eager'"),
        ('triggers.also=["usurper"]', InputError, "Two triggers are called 'novelty'"),
        ("labeller=silent", InputError, "Name who is asked a second time"),
    ],
)
def test_what_can_be_known_is_said_before_anything_is_read(
    data: Path, setting: str, kind: type[BessemerError], message: str
) -> None:
    with pytest.raises(kind, match=message):
        find_recipe("digits", [setting])


def test_a_plug_in_that_wants_more_than_its_role_gives_says_what(data: Path) -> None:
    said = error_of(shades_recipe(gate="greedy"), data)
    assert "The gate 'greedy' cannot be made: missing a required argument: 'threshold'" in said
    assert "called with nothing" in said
