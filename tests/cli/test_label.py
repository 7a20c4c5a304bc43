"""``bessemer label``: out to a tool and back, questions and answers that stand, in every format."""

import csv
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bessemer.core.history import Entry, OntologyPin, UnitKey
from bessemer.core.ids import ElementId
from bessemer.core.labelling import LabelRequest
from bessemer.core.labels import (
    Author,
    AuthorKind,
    ClassSpan,
    Coverage,
    Elements,
    LabelRevision,
    Mask,
    Span,
)
from bessemer.loop.correcting import answers_at
from bessemer.loop.recipe import Recipe
from bessemer.loop.recipes import find_recipe
from bessemer.loop.works import Works
from bessemer.tasks.segment import read_mask, write_mask
from tests.cli.conftest import Bessemer
from tests.loop.tiny import RECIPE

COUNT = 4
ADA = Author(kind=AuthorKind.PERSON, name="ada")
DRAWING = ["coco", "cvat"]


@dataclass(frozen=True)
class Yard:
    """A works with a few pictures, and a data commit that answers the task of two recipes."""

    root: Path
    run: Bessemer

    def out(self, recipe: str, folder: Path, *more: object) -> str:
        said = self.run("label", "export", recipe, folder, "--works", self.root, *more)
        assert said.code == 0, said.err
        return said.out

    def back(self, folder: Path, *more: object, person: str = "ben") -> str:
        said = self.run("label", "import", folder, "--person", person, "--works", self.root, *more)
        assert said.code == 0, said.out + said.err
        return said.out

    def differing(self, other: str) -> int:
        said = self.run("data", "diff", "main", other, "--works", self.root)
        return len(said.out.splitlines())

    def answers(self, recipe: str, commit: str) -> list[LabelRevision]:
        with Works.open(self.root) as works:
            task = find_recipe(recipe, []).ontology.task
            return list(answers_at(works, works.history.resolve(commit), task).values())


@pytest.fixture
def yard(bessemer: Bessemer, tmp_path: Path) -> Yard:
    folder, root = tmp_path / "pictures", tmp_path / "works"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(COUNT):
        picture = rng.integers(0, 255, (12, 16, 3), dtype=np.uint8)
        Image.fromarray(picture).save(folder / f"{number}.png")
    assert bessemer("ingest", "pictures", folder, "--works", root).code == 0
    with Works.open(root) as works:
        commit_all(works, [find_recipe(RECIPE, []), find_recipe("scenes", [])])
    return Yard(root, bessemer)


def commit_all(works: Works, recipes: list[Recipe]) -> None:
    """Commit to ``main`` an answer of each recipe's task to every recording."""
    labels = [
        answer_of(works, recipe, number)
        for recipe in recipes
        for number in range(len(works.atlas.recordings))
    ]
    works.lake.seal_labels(labels)
    pins = [OntologyPin(task=r.ontology.task, ontology_id=r.ontology.ontology_id) for r in recipes]
    works.history.commit(
        "main",
        put=[
            Entry(key=UnitKey(unit=r.unit, task=r.task), revision_id=r.revision_id) for r in labels
        ],
        author=ADA,
        message="By hand",
        split_id=recipes[0].split.split_id,
        ontologies=tuple(sorted(pins, key=lambda pin: pin.task)),
    )


def answer_of(works: Works, recipe: Recipe, number: int) -> LabelRevision:
    recording = list(works.atlas.recordings.values())[number]
    unit, (frame,) = recording.stretch, works.atlas.frames_of(recording.stretch)
    values = np.full((12, 16), 255, dtype=np.uint8)
    values[:6], values[6:, :5] = number, 2
    mask = Mask(
        element_id=ElementId("map"), stream=frame.stream, t_ns=frame.t_ns, png=write_mask(values)
    )
    span = ClassSpan(
        element_id=ElementId("digit"),
        stream=frame.stream,
        start_ns=unit.start_ns,
        end_ns=unit.end_ns,
        class_name=recipe.ontology.classes[number],
    )
    dense = recipe.name == "scenes"
    return LabelRevision(
        unit=unit,
        task=recipe.ontology.task,
        ontology_id=recipe.ontology.ontology_id,
        author=ADA,
        coverage=Coverage(
            streams=(frame.stream,), spans=(Span(start_ns=unit.start_ns, end_ns=unit.end_ns),)
        ),
        elements=Elements(masks=(mask,)) if dense else Elements(class_spans=(span,)),
        price=1.0,
    )


def ask_all(yard: Yard) -> None:
    """Let a turn wait for an answer about every recording."""
    with Works.open(yard.root) as works:
        task = find_recipe(RECIPE, []).ontology.task
        asked = [
            LabelRequest(unit=r.stretch, task=task, frame=frame, reason="new")
            for r in works.atlas.recordings.values()
            for frame in works.atlas.frames_of(r.stretch)
        ]
        works.ledger.ask_labels("engine/0", 1, asked)


def say_in_csv(folder: Path, names: list[str]) -> None:
    path = folder / "labels.csv"
    with path.open(newline="") as file:
        head, *rows = csv.reader(file)
    with path.open("w", newline="") as file:
        said = [[row[0], name, *row[2:]] for row, name in zip(rows, names, strict=True)]
        csv.writer(file).writerows([head, *said])


def say_in_coco(folder: Path, names: list[str]) -> None:
    path = folder / "annotations.json"
    whole = json.loads(path.read_text())
    ids = {category["name"]: category["id"] for category in whole["categories"]}
    whole["annotations"] = [
        {"id": n, "image_id": image["id"], "category_id": ids[name]}
        for n, (image, name) in enumerate(zip(whole["images"], names, strict=True), start=1)
    ]
    path.write_text(json.dumps(whole))


def say_in_cvat(folder: Path, names: list[str]) -> None:
    path = folder / "annotations.xml"
    tree = ET.parse(path)
    for image, name in zip(tree.iter("image"), names, strict=True):
        for tag in image.findall("tag"):
            image.remove(tag)
        ET.SubElement(image, "tag", label=name)
    tree.write(path)


SAY: dict[str, Callable[[Path, list[str]], None]] = {
    "csv": say_in_csv,
    "coco": say_in_coco,
    "cvat": say_in_cvat,
}


def box_in_coco(folder: Path, names: list[str]) -> None:
    """Draw a box about each picture, which is how most tools say a class."""
    say_in_coco(folder, names)
    path = folder / "annotations.json"
    whole = json.loads(path.read_text())
    whole["annotations"] = [{**one, "bbox": [0, 0, 16, 12]} for one in whole["annotations"]]
    path.write_text(json.dumps(whole))


def draw_in_cvat(folder: Path, names: list[str]) -> None:
    """Draw a polygon about each picture instead of tagging it."""
    path = folder / "annotations.xml"
    tree = ET.parse(path)
    for image, name in zip(tree.iter("image"), names, strict=True):
        for tag in image.findall("tag"):
            image.remove(tag)
        ET.SubElement(image, "polygon", label=name, points="0,0;16,0;16,12;0,12")
    tree.write(path)


@pytest.mark.parametrize(("format", "draw"), [("coco", box_in_coco), ("cvat", draw_in_cvat)])
def test_a_class_is_corrected_by_a_shape_as_by_a_tag(
    yard: Yard, tmp_path: Path, format: str, draw: Callable[[Path, list[str]], None]
) -> None:
    hand = tmp_path / "hand"
    yard.out(RECIPE, hand, "--known", "main", "--format", format)
    draw(hand, ["nine", *(spans(r)[0].class_name for r in yard.answers(RECIPE, "main")[1:])])
    assert "1 corrected, ben at " in yard.back(hand, "--branch", "ben")
    after = yard.answers(RECIPE, "ben")[0]
    assert [span.class_name for span in spans(after)] == ["nine"]
    assert (spans(after)[0].start_ns, spans(after)[0].end_ns) == (
        after.unit.start_ns,
        after.unit.end_ns,
    )


@pytest.mark.parametrize("format", list(SAY))
def test_questions_go_out_and_answers_come_in(yard: Yard, tmp_path: Path, format: str) -> None:
    ask_all(yard)
    assert yard.out(RECIPE, tmp_path / "hand", "--format", format).startswith(f"{COUNT} questions")
    SAY[format](tmp_path / "hand", ["one", "two", "two", "(none)"][:COUNT])
    assert yard.back(tmp_path / "hand").startswith(f"{COUNT} answers in, 0 still waiting")
    assert "No turn waits" in yard.out(RECIPE, tmp_path / "again")
    with Works.open(yard.root) as works:
        ids = [row.revision_id for row in works.ledger.label_requests(waiting=False)]
        said = [
            span.class_name
            for label in works.lake.read_labels([i for i in ids if i])
            for span in label.elements.class_spans
        ]
    assert sorted(said) == ["one", "two", "two"]


@pytest.mark.parametrize("format", list(SAY))
def test_classes_that_stand_come_back_and_one_corrected(
    yard: Yard, tmp_path: Path, format: str
) -> None:
    hand = tmp_path / "hand"
    out = yard.out(RECIPE, hand, "--known", "main", "--format", format)
    assert out.startswith(f"{COUNT} pictures")
    assert "0 corrected" in yard.back(hand, "--branch", "ben")
    before = [span.class_name for r in yard.answers(RECIPE, "main") for span in spans(r)]
    wanted = ["nine", *before[1:]]
    SAY[format](hand, wanted)
    assert "1 corrected, ben at " in yard.back(hand, "--branch", "ben")
    after = yard.answers(RECIPE, "ben")
    assert [span.class_name for label in after for span in spans(label)] == wanted
    assert yard.differing("ben") == 1
    # The picture's whole unit has the new answer, and it names what it corrects.
    assert (spans(after[0])[0].start_ns, spans(after[0])[0].end_ns) == (
        after[0].unit.start_ns,
        after[0].unit.end_ns,
    )
    with Works.open(yard.root) as works:
        (person,) = works.lake.read_labels(after[0].parents)
    assert person.author.name == "ben"
    assert person.parents == (yard.answers(RECIPE, "main")[0].revision_id,)


def spans(label: LabelRevision) -> tuple[ClassSpan, ...]:
    return label.elements.class_spans


@pytest.mark.parametrize("format", DRAWING)
def test_maps_that_stand_come_back_and_one_corrected(
    yard: Yard, tmp_path: Path, format: str
) -> None:
    hand = tmp_path / "hand"
    yard.out("scenes", hand, "--known", "main", "--format", format)
    assert "0 corrected" in yard.back(hand, "--branch", "ben")
    if format == "coco":
        path = hand / "annotations.json"
        whole = json.loads(path.read_text())
        whole["annotations"][0]["category_id"] = 6
        wanted = [c["name"] for c in whole["categories"]].index(
            next(c["name"] for c in whole["categories"] if c["id"] == 6)
        )
        path.write_text(json.dumps(whole))
    else:
        path = hand / "annotations.xml"
        wanted = 5
        name = find_recipe("scenes", []).ontology.classes[wanted]
        path.write_text(
            re.sub(r'(<mask[^>]*label=)"\w+"', rf'\1"{name}"', path.read_text(), count=1)
        )
    assert "1 corrected, ben at " in yard.back(hand, "--branch", "ben")
    before, after = (yard.answers("scenes", commit) for commit in ("main", "ben"))
    assert after[1:] == before[1:]
    values = [read_mask(label.elements.masks[0].png) for label in (before[0], after[0])]
    assert (values[1] != values[0]).any()
    assert set(np.unique(values[1][values[1] != values[0]])) == {wanted}
    assert after[0].parents == (before[0].revision_id,)
    assert yard.differing("ben") == 1


def test_corrections_taken_in_again_replace_themselves(yard: Yard, tmp_path: Path) -> None:
    hand = tmp_path / "hand"
    yard.out(RECIPE, hand, "--known", "main")
    untouched = (hand / "labels.csv").read_bytes()
    say_in_csv(hand, ["two"] * COUNT)
    first = yard.back(hand)
    assert f"{COUNT} corrected, corrections/ben/" in first
    assert yard.back(hand) == first
    branch = re.search(r"corrections/ben/\w+", first)
    assert branch
    (hand / "labels.csv").write_bytes(untouched)
    assert "0 corrected" in yard.back(hand)
    assert yard.differing(branch.group()) == 0


def test_corrections_stay_off_a_branch_that_does_not_come_from_theirs(
    yard: Yard, tmp_path: Path
) -> None:
    with Works.open(yard.root) as works:
        (first, *_) = works.history.map_at("main").entries()
        works.history.branch("old", "main")
        works.history.commit("main", remove=[first.key], author=ADA, message="One fewer")
    yard.out(RECIPE, tmp_path / "hand", "--known", "main")
    said = yard.run(
        *("label", "import", tmp_path / "hand", "--person", "ben"),
        *("--branch", "old", "--works", yard.root),
    )
    assert said.code == 1
    assert "does not come from" in said.err


def test_dense_questions_go_out_as_coco_and_never_as_a_table(yard: Yard, tmp_path: Path) -> None:
    yard.out("scenes", tmp_path / "hand", "--known", "main")
    assert (tmp_path / "hand" / "annotations.json").exists()
    said = yard.run(
        *("label", "export", "scenes", tmp_path / "table", "--known", "main"),
        *("--format", "csv", "--works", yard.root),
    )
    assert said.code == 1
    assert "coco or cvat" in said.err


def test_drafts_answer_nothing_until_they_are_confirmed(yard: Yard, tmp_path: Path) -> None:
    ask_all(yard)
    hand, where = tmp_path / "hand", ("--works", yard.root)
    yard.out(RECIPE, hand)
    say_in_csv(hand, ["one", "two", "", ""])
    assert yard.back(hand, "--draft").startswith("2 drafts in, 2 still waiting")
    say_in_csv(hand, ["one", "six", "", ""])
    yard.back(hand, "--draft")
    yard.back(hand, "--draft", person="cy")
    assert f"{COUNT} questions" in yard.out(RECIPE, tmp_path / "still")
    listed = yard.run("label", "drafts", *where).out.splitlines()
    assert len(listed) == 4
    assert sum("ben" in line and "six" in line for line in listed) == 1
    assert not any("two" in line for line in listed)
    confirmed = yard.run("label", "confirm", "--person", "ben", "--json", *where)
    assert confirmed.json == {"person": "ben", "answers": 2}
    assert yard.run("label", "confirm", "--person", "ben", *where).out == "0 answers in\n"
    # What is answered has no drafts left, whoever drafted, and takes no new ones.
    yard.back(hand, "--draft", person="cy")
    assert yard.run("label", "drafts", *where, "--json").json == []
    with Works.open(yard.root) as works:
        waiting = works.ledger.label_requests(waiting=True)
        ids = [row.revision_id for row in works.ledger.label_requests(waiting=False)]
        said = works.lake.read_labels([i for i in ids if i])
    assert len(waiting) == 2
    assert {label.author.name for label in said} == {"ben"}
    assert sorted(spans(label)[0].class_name for label in said) == ["one", "six"]


def test_an_answer_makes_its_drafts_needless(yard: Yard, tmp_path: Path) -> None:
    ask_all(yard)
    hand = tmp_path / "hand"
    yard.out(RECIPE, hand)
    say_in_csv(hand, ["one", "two", "", ""])
    yard.back(hand, "--draft")
    yard.back(hand)
    assert yard.run("label", "drafts", "--works", yard.root).out == ""


def test_what_was_handed_out_is_told_as_json(yard: Yard, tmp_path: Path) -> None:
    def told(folder: str, *more: object) -> dict[str, object]:
        words = ("label", "export", RECIPE, tmp_path / folder, *more, "--json")
        found = yard.run(*words, "--works", yard.root).json
        assert found.pop("folder") == str(tmp_path / folder)
        assert isinstance(found, dict)
        return found

    assert told("none") == {"format": "csv", "questions": 0}
    ask_all(yard)
    assert told("asked", "--format", "coco") == {"format": "coco", "questions": COUNT}
    assert told("known", "--known", "main") == {"format": "csv", "pictures": COUNT}


def test_corrections_are_no_drafts(yard: Yard, tmp_path: Path) -> None:
    hand = tmp_path / "hand"
    yard.out(RECIPE, hand, "--known", "main")
    said = yard.run(*("label", "import", hand, "--person", "ben", "--draft", "--works", yard.root))
    assert said.code == 1
    assert "to be corrected" in said.err
