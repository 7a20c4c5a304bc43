"""Laws of the merge by element."""

from typing import TypeAlias

from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.ids import ElementId, OntologyId, RecordingId, StreamName, TaskName
from bessemer.core.labels import (
    Author,
    AuthorKind,
    Box2d,
    ClassSpan,
    Coverage,
    Elements,
    LabelRevision,
    Mask,
    Span,
)
from bessemer.core.protocols import MergeConflict, Merged
from bessemer.core.records import Stretch
from bessemer.tasks.cells import elements_of, keyed_elements
from bessemer.tasks.merge import merge_revisions, union_coverage

CAMERA = StreamName("camera")
REAR = StreamName("rear")


def span(name: str, label: str) -> ClassSpan:
    return ClassSpan(
        element_id=ElementId(name), stream=CAMERA, start_ns=0, end_ns=10, class_name=label
    )


def coverage(start_ns: int = 0, end_ns: int = 10, *streams: StreamName) -> Coverage:
    return Coverage(streams=streams or (CAMERA,), spans=(Span(start_ns=start_ns, end_ns=end_ns),))


def revision(*spans: ClassSpan, who: str = "ada", looked: Coverage | None = None) -> LabelRevision:
    return LabelRevision(
        unit=Stretch(recording_id=RecordingId("r"), start_ns=0, end_ns=10),
        task=TaskName("signs"),
        ontology_id=OntologyId("o"),
        author=Author(kind=AuthorKind.PERSON, name=who),
        coverage=looked or coverage(),
        elements=Elements(class_spans=spans),
        price=1.0,
    )


# Plain values are drawn and records built from them in the test, since checking the types of a
# record draws random numbers of its own, which a strategy must not.
Draft: TypeAlias = tuple[dict[str, str], str, tuple[int, int]]
drafts = st.tuples(
    st.dictionaries(st.sampled_from("abc"), st.sampled_from(["stop", "yield"])),
    st.sampled_from(["ada", "bob"]),
    st.tuples(st.integers(0, 4), st.integers(5, 10)),
)
maybe = st.none() | drafts


def built(draft: Draft | None) -> LabelRevision | None:
    if draft is None:
        return None
    labels, who, (start_ns, end_ns) = draft
    spans = (span(name, label) for name, label in sorted(labels.items()))
    return revision(*spans, who=who, looked=coverage(start_ns, end_ns))


def revision_of(outcome: Merged | MergeConflict | None) -> LabelRevision | None:
    assert not isinstance(outcome, MergeConflict)
    return outcome.revision if outcome else None


@given(base=maybe, changed=maybe)
def test_a_change_on_one_side_alone_is_taken(base: Draft | None, changed: Draft | None) -> None:
    before, after = built(base), built(changed)
    assert revision_of(merge_revisions(before, after, before)) == after
    assert revision_of(merge_revisions(before, before, after)) == after


@given(base=maybe, changed=maybe)
def test_the_same_change_twice_is_that_change(base: Draft | None, changed: Draft | None) -> None:
    after = built(changed)
    assert revision_of(merge_revisions(built(base), after, after)) == after


@given(base=maybe, ours=maybe, theirs=maybe)
def test_merge_commutes(base: Draft | None, ours: Draft | None, theirs: Draft | None) -> None:
    before, here, there = built(base), built(ours), built(theirs)
    one, other = merge_revisions(before, here, there), merge_revisions(before, there, here)
    if isinstance(one, MergeConflict):
        assert isinstance(other, MergeConflict)
        assert one.elements == other.elements
        assert (one.ours, one.theirs) == (other.theirs, other.ours)
    else:
        assert one == other


@given(base=drafts, ours=drafts, theirs=drafts)
def test_merged_elements_come_from_a_side_and_coverage_is_the_union(
    base: Draft, ours: Draft, theirs: Draft
) -> None:
    here, there = built(ours), built(theirs)
    assert here
    assert there
    outcome = merge_revisions(built(base), here, there)
    if not isinstance(outcome, Merged) or outcome.revision in (here, there):
        return
    merged = outcome.revision
    sides = {*here.elements.class_spans, *there.elements.class_spans}
    assert set(merged.elements.class_spans) <= sides
    for t_ns in range(10):
        seen = here.coverage.includes(CAMERA, t_ns) or there.coverage.includes(CAMERA, t_ns)
        assert merged.coverage.includes(CAMERA, t_ns) == seen
    assert set(merged.parents) == {here.revision_id, there.revision_id}
    assert merged.price == 0


def test_two_people_who_labelled_different_spans_both_stay() -> None:
    ours, theirs = revision(span("a", "stop")), revision(span("b", "yield"), who="bob")
    merged = revision_of(merge_revisions(None, ours, theirs))
    assert merged is not None
    assert merged.elements.class_spans == (span("a", "stop"), span("b", "yield"))
    assert merged.author.kind is AuthorKind.MERGE


def test_the_same_element_answered_differently_is_a_conflict_of_both_revisions() -> None:
    ours, theirs = revision(span("a", "stop")), revision(span("a", "yield"), who="bob")
    outcome = merge_revisions(None, ours, theirs)
    assert isinstance(outcome, MergeConflict)
    assert (outcome.ours, outcome.theirs) == (ours.revision_id, theirs.revision_id)
    assert outcome.elements == ("a",)
    assert outcome.reason == "the same element answered differently"


def test_an_element_removed_on_one_side_goes_and_removed_against_changed_is_a_conflict() -> None:
    base = revision(span("a", "stop"), span("b", "stop"))
    removed = revision(span("b", "stop"), who="bob")
    other = revision(span("a", "stop"), span("b", "yield"))
    merged = revision_of(merge_revisions(base, removed, other))
    assert merged is not None
    assert merged.elements.class_spans == (span("b", "yield"),)
    changed = revision(span("a", "yield"), span("b", "stop"))
    assert isinstance(merge_revisions(base, removed, changed), MergeConflict)


def test_a_revision_removed_against_changed_is_a_conflict() -> None:
    base, changed = revision(span("a", "stop")), revision(span("a", "yield"))
    outcome = merge_revisions(base, None, changed)
    assert isinstance(outcome, MergeConflict)
    assert outcome.elements == ("a",)
    assert merge_revisions(base, None, base) is None


def test_coverage_never_claims_what_nobody_examined() -> None:
    assert union_coverage(coverage(0, 5), coverage(5, 10)) == coverage(0, 10)
    assert union_coverage(coverage(0, 5), coverage(0, 5, REAR)) == coverage(0, 5, CAMERA, REAR)
    assert union_coverage(coverage(0, 5), coverage(5, 10, REAR)) is None
    assert union_coverage(coverage(0, 10, CAMERA, REAR), coverage(2, 5)) == coverage(
        0, 10, CAMERA, REAR
    )


def test_a_moving_box_is_one_element_and_many_cells() -> None:
    boxes = tuple(
        Box2d(
            element_id=ElementId("car"),
            stream=CAMERA,
            t_ns=t,
            class_name="car",
            x0_px=0.0,
            y0_px=0.0,
            x1_px=1.0,
            y1_px=1.0,
        )
        for t in range(3)
    )
    masks = (Mask(element_id=ElementId("m"), stream=CAMERA, t_ns=0, png=b"x"),)
    elements = Elements(boxes2d=boxes, masks=masks)
    assert len(keyed_elements(elements)) == 4
    assert elements_of(keyed_elements(elements)) == elements
