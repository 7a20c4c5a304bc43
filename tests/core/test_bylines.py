"""Whoever carries an answer on, or merges it, those who gave it are named."""

from collections.abc import Sequence
from dataclasses import replace

from bessemer.core.bylines import Byline, sign_answers
from bessemer.core.ids import OntologyId, RecordingId, RevisionId, StreamName, TaskName
from bessemer.core.labels import Author, AuthorKind, Coverage, Elements, LabelRevision, Span
from bessemer.core.records import Stretch


class Shelf:
    """Labels in a dict, and how often they were read."""

    def __init__(self, revisions: Sequence[LabelRevision]) -> None:
        self.held = {revision.revision_id: revision for revision in revisions}
        self.n_reads = 0

    def seal_labels(self, revisions: Sequence[LabelRevision]) -> int:
        raise AssertionError("signing seals nothing")

    def read_labels(self, ids: Sequence[RevisionId]) -> list[LabelRevision]:
        self.n_reads += 1
        return [self.held[revision_id] for revision_id in ids]

    def find_labels(
        self,
        task: TaskName,
        *,
        author: AuthorKind | None = None,
        recordings: Sequence[RecordingId] | None = None,
    ) -> list[LabelRevision]:
        raise AssertionError("signing searches nothing")


def by(kind: AuthorKind, name: str, *parents: LabelRevision) -> LabelRevision:
    return LabelRevision(
        unit=Stretch(recording_id=RecordingId("r"), start_ns=0, end_ns=10),
        task=TaskName("signs"),
        ontology_id=OntologyId("o"),
        author=Author(kind=kind, name=name),
        parents=tuple(parent.revision_id for parent in parents),
        coverage=Coverage(streams=(StreamName("c"),), spans=(Span(start_ns=0, end_ns=10),)),
        elements=Elements(),
    )


ANN, BOB = by(AuthorKind.PERSON, "ann"), by(AuthorKind.PERSON, "bob")
CORRECTED = by(AuthorKind.PERSON, "cleo", ANN)
ANNS_TRACK, BOBS_TRACK, CORRECTED_TRACK = (
    by(AuthorKind.PROPAGATION, "track", first) for first in (ANN, BOB, CORRECTED)
)
MERGED = by(AuthorKind.MERGE, "merge3", BOBS_TRACK, ANNS_TRACK)
SHELF = (ANN, BOB, CORRECTED, ANNS_TRACK, BOBS_TRACK, CORRECTED_TRACK, MERGED)


def test_an_answer_is_signed_by_those_who_gave_it() -> None:
    said = [str(byline) for byline in sign_answers(Shelf(SHELF), SHELF)]
    assert said == [
        "ann",
        "bob",
        "cleo",
        "ann, carried along the track",
        "bob, carried along the track",
        "cleo, carried along the track",
        "ann and bob, merged",
    ]


def test_many_answers_are_signed_with_one_read_a_step_back() -> None:
    shelf = Shelf(SHELF)
    sign_answers(shelf, [ANN, BOB, CORRECTED])
    assert shelf.n_reads == 0
    sign_answers(shelf, [ANNS_TRACK, BOBS_TRACK] * 10)
    assert shelf.n_reads == 1
    sign_answers(shelf, [MERGED, CORRECTED_TRACK])
    assert shelf.n_reads == 3


def test_what_was_carried_from_nowhere_is_its_own_author_s() -> None:
    stray = replace(ANNS_TRACK, parents=())
    assert sign_answers(Shelf(()), [stray]) == [Byline(authors=(stray.author,))]
