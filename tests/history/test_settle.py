"""Contests are settled by the task's own merge of labels."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from bessemer.core.bylines import Byline
from bessemer.core.errors import NotFoundError
from bessemer.core.history import UnitKey
from bessemer.core.ids import (
    ElementId,
    OntologyId,
    RecordingId,
    RevisionId,
    StreamName,
    TaskName,
)
from bessemer.core.labels import (
    Author,
    AuthorKind,
    ClassSpan,
    Coverage,
    Elements,
    LabelRevision,
    Span,
)
from bessemer.core.ontology import Ontology
from bessemer.core.records import Stretch
from bessemer.history.merge import Conflict, Contest, Settled
from bessemer.history.settle import TaskSettle
from bessemer.tasks.classify import ClassifyTrack

SIGN = TaskName("sign")
CAMERA = StreamName("camera")
TRACK = Author(kind=AuthorKind.PROPAGATION, name="track")
TASKS = {SIGN: ClassifyTrack(Ontology(task=SIGN, classes=("stop", "yield")))}


class Shelf:
    """A label store in a dict that counts its calls."""

    def __init__(self, revisions: Sequence[LabelRevision]) -> None:
        self.held = {revision.revision_id: revision for revision in revisions}
        self.n_reads = 0

    def seal_labels(self, revisions: Sequence[LabelRevision]) -> int:
        n_before = len(self.held)
        self.held.update({revision.revision_id: revision for revision in revisions})
        return len(self.held) - n_before

    def read_labels(self, ids: Sequence[RevisionId]) -> list[LabelRevision]:
        self.n_reads += 1
        if not self.held.keys() >= set(ids):
            raise NotFoundError.among("revision", "?", self.held)
        return [self.held[revision_id] for revision_id in ids]

    def find_labels(
        self,
        task: TaskName,
        *,
        author: AuthorKind | None = None,
        recordings: Sequence[RecordingId] | None = None,
    ) -> list[LabelRevision]:
        return []


def answer(who: str, spans: Sequence[tuple[str, int, str]], recording: str = "r") -> LabelRevision:
    """A revision of class spans: element, start, class."""
    unit = Stretch(recording_id=RecordingId(recording), start_ns=0, end_ns=100)
    found = tuple(
        ClassSpan(
            element_id=ElementId(element),
            stream=CAMERA,
            start_ns=start_ns,
            end_ns=start_ns + 10,
            class_name=class_name,
        )
        for element, start_ns, class_name in spans
    )
    return LabelRevision(
        unit=unit,
        task=SIGN,
        ontology_id=OntologyId("o1"),
        author=Author(kind=AuthorKind.PERSON, name=who),
        coverage=Coverage(streams=(CAMERA,), spans=(Span(start_ns=0, end_ns=100),)),
        elements=Elements(class_spans=found),
    )


def contest(base: LabelRevision, ours: LabelRevision, theirs: LabelRevision) -> Contest:
    return Contest(
        key=UnitKey(unit=base.unit, task=SIGN),
        base=base.revision_id,
        ours=ours.revision_id,
        theirs=theirs.revision_id,
    )


def triple(recording: str, theirs: tuple[str, int, str]) -> list[LabelRevision]:
    return [
        answer("base", [], recording),
        answer("ann", [("e1", 0, "stop")], recording),
        answer("bob", [theirs], recording),
    ]


APART = triple("r", ("e2", 50, "yield"))
CLASHING = triple("s", ("e1", 0, "yield"))


def test_spans_of_two_people_both_stay() -> None:
    shelf = Shelf(APART)
    (settled,) = TaskSettle(TASKS, shelf)([contest(*APART)])
    assert isinstance(settled, Settled)
    assert settled.revision_id is not None
    merged = shelf.held[settled.revision_id]
    assert {span.element_id for span in merged.elements.class_spans} == {"e1", "e2"}


def test_one_element_said_differently_names_both_and_their_authors() -> None:
    (left,) = TaskSettle(TASKS, Shelf(CLASHING))([contest(*CLASHING)])
    assert isinstance(left, Conflict)
    assert left.ours_by == Byline(authors=(CLASHING[1].author,))
    assert left.theirs_by == Byline(authors=(CLASHING[2].author,))
    assert all("e1" in element for element in left.elements)
    assert CLASHING[1].revision_id[:12] + " by ann" in str(left)


def test_an_answer_that_was_carried_along_names_who_gave_it() -> None:
    base, ann, bob = CLASHING
    ann, bob = replace(ann, author=TRACK), replace(bob, author=TRACK)
    ann = replace(ann, parents=(CLASHING[1].revision_id,))
    bob = replace(bob, parents=(CLASHING[2].revision_id,))
    (left,) = TaskSettle(TASKS, Shelf([*CLASHING, ann, bob]))([contest(base, ann, bob)])
    assert isinstance(left, Conflict)
    assert left.ours_by == Byline(authors=(CLASHING[1].author,), since="carried along the track")
    assert f"{ann.revision_id[:12]} by ann, carried along the track" in str(left)
    assert f"{bob.revision_id[:12]} by bob, carried along the track" in str(left)
    assert "propagation" not in str(left)


def test_a_side_that_removed_the_answer_is_nobody_s() -> None:
    base, ann, _ = CLASHING
    removed = replace(contest(base, ann, ann), theirs=None)
    (left,) = TaskSettle(TASKS, Shelf(CLASHING))([removed])
    assert isinstance(left, Conflict)
    assert left.theirs_by is None
    assert "against no answer:" in str(left)


def test_a_merge_that_fails_seals_nothing_and_reads_once() -> None:
    shelf = Shelf(APART + CLASHING)
    held = dict(shelf.held)
    outcomes = TaskSettle(TASKS, shelf)([contest(*APART), contest(*CLASHING)])
    assert [type(outcome) for outcome in outcomes] == [Settled, Conflict]
    assert shelf.held == held
    assert shelf.n_reads == 1


def test_a_task_without_a_merge_conflicts() -> None:
    (left,) = TaskSettle({}, Shelf(APART))([contest(*APART)])
    assert isinstance(left, Conflict)
    assert "no merge" in left.reason
    assert left.ours_by == Byline(authors=(APART[1].author,))


def test_a_revision_that_is_missing_is_an_error() -> None:
    with pytest.raises(NotFoundError):
        TaskSettle(TASKS, Shelf(APART[:2]))([contest(*APART)])
