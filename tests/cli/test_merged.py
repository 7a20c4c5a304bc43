"""What people correct is merged into a run's branch, measured, and learnt from in the next turn."""

import csv
from pathlib import Path

import pytest

from bessemer.core.labels import AuthorKind, LabelRevision
from bessemer.loop.compile import labels_at
from bessemer.loop.line import Line
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from tests.cli.conftest import Bessemer
from tests.cli.test_turn import TURN
from tests.loop.tiny import RECIPE, archive_of, tiny_recipe

pytestmark = pytest.mark.slow

Branches = tuple[str, str]


def correct_one(bessemer: Bessemer, root: Path, branch: str, folder: Path) -> str:
    """Let ann correct the first answer of a branch; return the branch of her corrections."""
    hand = ("label", "export", RECIPE, folder, "--known", branch, "--works", root)
    assert bessemer(*hand).code == 0
    table = folder / "labels.csv"
    header, first, *rest = csv.reader(table.read_text().splitlines())
    first[1] = "one" if first[1] != "one" else "two"
    with table.open("w", newline="") as file:
        csv.writer(file).writerows([header, first, *rest])
    said = bessemer("label", "import", folder, "--person", "ann", "--works", root, "--json")
    assert said.code == 0, said.err
    assert said.json["n_corrected"] == 1
    return str(said.json["branch"])


def measured(bessemer: Bessemer, root: Path, ref: str) -> list[str]:
    """Return the first words of the lines that a commit is shown with."""
    return [line.split()[0] for line in show(bessemer, root, ref)]


def show(bessemer: Bessemer, root: Path, ref: str) -> list[str]:
    said = bessemer("data", "show", ref, "--works", root)
    assert said.code == 0, said.err
    return said.out.splitlines()


def test_corrections_and_merges_are_measured(
    bessemer: Bessemer, copy_root: Path, branches: Branches, tmp_path: Path
) -> None:
    chance, engine = branches
    corrections = correct_one(bessemer, copy_root, engine, tmp_path / "review")
    assert measured(bessemer, copy_root, corrections)[-3:] == ["large", "accurate", "diverse"]
    audit = show(bessemer, copy_root, engine)[-2]
    assert show(bessemer, copy_root, corrections)[-2] == audit, "a correction is no audit"
    bessemer("data", "branch", "mine", "--at", f"{engine}~1", "--works", copy_root)
    merged = bessemer("data", "merge", "mine", corrections, "--works", copy_root)
    assert merged.code == 0
    assert measured(bessemer, copy_root, "mine")[-3:] == ["large", "accurate", "diverse"]
    both = bessemer("data", "merge", chance, f"{engine}~1", "--works", copy_root, "--json")
    if not both.json["conflicts"]:
        told = bessemer("data", "show", chance, "--works", copy_root, "--json").json
        assert told["attestation"]["large"]["units"] > 20


def test_a_turn_goes_on_from_what_was_merged(
    bessemer: Bessemer, copy_root: Path, branches: Branches, tmp_path: Path
) -> None:
    engine = branches[1]
    corrections = correct_one(bessemer, copy_root, engine, tmp_path / "review")
    merged = bessemer("data", "merge", engine, corrections, "--works", copy_root)
    assert merged.code == 0
    third = bessemer(*TURN, "--data", archive_of(copy_root), "--works", copy_root)
    assert third.code == 0, third.err
    assert "1 answers were merged into it" in third.err
    log = bessemer("data", "log", engine, "--works", copy_root).out.splitlines()
    told = [line.split("  ")[-1] for line in log]
    assert told[0] == "Turn 3"
    assert told[1].endswith("answers looked at again")
    assert told[2:] == ["Turn 2", "Turn 1"]
    with Works.open(copy_root) as works:
        line = Line.ready(tiny_recipe(), works)
        last = max(turn_records(works), key=lambda record: record.turn)
        learnt = {label.unit: label for label in labels_at(line, last.network.commit_id)}
        (mended,) = (c for c in works.history.changes_in(corrections))
        label: LabelRevision = learnt[mended.key.unit]
        assert label.revision_id == mended.after
        (person,) = works.lake.read_labels(label.parents)
        assert (person.author.kind, person.author.name) == (AuthorKind.PERSON, "ann")
