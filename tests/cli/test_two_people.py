"""Two people answer about one unit by ``label import``, and ``data merge`` brings both together."""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bessemer.core.history import Entry, UnitKey
from bessemer.core.labelling import LabelRequest
from bessemer.core.labels import Author, AuthorKind, LabelRevision
from bessemer.label.exchange.marks import file_of
from bessemer.label.propagate import propagate_track
from bessemer.loop.people import take_answers
from bessemer.loop.recipes import find_recipe
from bessemer.loop.works import Works
from tests.cli.conftest import Bessemer, Said
from tests.loop.tiny import RECIPE

pytestmark = pytest.mark.slow

FRAMES = 3
PEOPLE = ("ada", "ben")


@dataclass(frozen=True)
class Table:
    """A folder of questions about the frames of one recording, and the works they belong to."""

    root: Path
    hand: Path
    requests: tuple[LabelRequest, ...]
    base: str

    def answer(self, works: Works, person: str, frame: int, class_name: str) -> LabelRevision:
        """Let a person answer about one of the frames."""
        file = self.hand / f"{person}.csv"
        with file.open("w", newline="") as out:
            rows = [("path", "class"), (file_of(self.requests[frame]), class_name)]
            csv.writer(out).writerows(rows)
        (revision,) = take_answers(works, self.hand, person, file).answers.revisions
        return revision


@pytest.fixture
def table(bessemer: Bessemer, copy_root: Path, branches: tuple[str, str], tmp_path: Path) -> Table:
    """Questions about the frames of a recording that the works has just taken in."""
    film = tmp_path / "film" / "crossing"
    film.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for number in range(FRAMES):
        picture = rng.integers(0, 255, (8, 8, 3), dtype=np.uint8)
        Image.fromarray(picture).save(film / f"{number}.png")
    # On the side of training: what the exam holds is answered by nobody.
    settings = ("--set", "reader.sequence=true", "--set", "split.test_frac=0.0")
    where = (*settings, "--works", copy_root)
    assert bessemer("ingest", "pictures", film.parent, *where).code == 0
    with Works.open(copy_root) as works:
        (recording,) = (r for r in works.atlas.recordings.values() if "crossing" in r.source)
        frames = works.atlas.frames_of(recording.stretch)
        requests = tuple(
            LabelRequest(
                unit=recording.stretch,
                task=find_recipe(RECIPE, []).ontology.task,
                frame=frame,
                reason="new",
            )
            for frame in frames
        )
        works.ledger.ask_labels("engine/0", 1, requests)
    hand = tmp_path / "hand"
    said = bessemer("label", "export", RECIPE, hand, "--format", "csv", "--works", copy_root)
    assert said.out.startswith(f"{FRAMES} questions")
    return Table(copy_root, hand, requests, branches[1])


def bring_together(
    bessemer: Bessemer, table: Table, said: dict[str, tuple[int, str]], *, carried: bool
) -> tuple[Said, list[LabelRevision]]:
    """Commit each person's answer to a branch of its own, and merge the two."""
    revisions = []
    with Works.open(table.root) as works:
        for person, (frame, class_name) in said.items():
            answer = table.answer(works, person, frame, class_name)
            if carried:
                answer = propagate_track(answer, works.atlas.frames_of(answer.unit))
                works.lake.seal_labels([answer])
            works.history.branch(person, table.base)
            works.history.commit(
                person,
                put=[
                    Entry(
                        key=UnitKey(unit=answer.unit, task=answer.task),
                        revision_id=answer.revision_id,
                    )
                ],
                author=Author(kind=AuthorKind.PERSON, name=person),
                message="By hand",
            )
            revisions.append(answer)
    return bessemer("data", "merge", *PEOPLE, "--works", table.root), revisions


def standing(table: Table) -> LabelRevision:
    """Return what the first person's branch says of the unit now."""
    with Works.open(table.root) as works:
        (found,) = (
            entry.revision_id
            for entry in works.history.map_at(works.history.resolve("ada")).entries()
            if entry.key.unit == table.requests[0].unit
        )
        return works.lake.read_labels([found])[0]


@pytest.mark.parametrize("second", ["one", "two"])
def test_different_spans_both_stay(bessemer: Bessemer, table: Table, second: str) -> None:
    answers = {"ada": (0, "one"), "ben": (2, second)}
    said, revisions = bring_together(bessemer, table, answers, carried=False)
    assert said.code == 0, said.out + said.err
    merged = standing(table)
    both = {span for revision in revisions for span in revision.elements.class_spans}
    assert len(both) == 2
    assert set(merged.elements.class_spans) == both
    assert set(merged.parents) == {revision.revision_id for revision in revisions}
    t_ns = [request.frame.t_ns for request in table.requests]
    seen = [merged.coverage.includes(table.requests[0].frame.stream, t) for t in t_ns]
    assert seen == [True, False, True]


@pytest.mark.parametrize(("frame", "carried"), [(0, False), (0, True), (2, True)])
def test_the_same_span_answered_differently_is_a_conflict_that_names_both(
    bessemer: Bessemer, table: Table, frame: int, carried: bool
) -> None:
    answers = {"ada": (0, "one"), "ben": (frame, "two")}
    said, revisions = bring_together(bessemer, table, answers, carried=carried)
    assert said.code == 1
    assert all(person in said.out for person in PEOPLE)
    assert all(revision.revision_id[:12] in said.out for revision in revisions)
    assert standing(table) == revisions[0]


def test_the_same_class_carried_from_two_instants_is_no_conflict(
    bessemer: Bessemer, table: Table
) -> None:
    answers = {"ada": (0, "one"), "ben": (2, "one")}
    said, _ = bring_together(bessemer, table, answers, carried=True)
    assert said.code == 0, said.out + said.err
    assert {span.class_name for span in standing(table).elements.class_spans} == {"one"}
