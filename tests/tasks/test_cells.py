"""Laws of keys: nothing is lost by them, and spans meet only where they share an instant."""

from itertools import product

from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.ids import ElementId, OntologyId, RecordingId, StreamName, TaskName
from bessemer.core.labels import (
    Author,
    AuthorKind,
    ClassSpan,
    Coverage,
    Elements,
    LabelRevision,
    Span,
)
from bessemer.core.protocols import MergeConflict, Merged
from bessemer.core.records import Stretch
from bessemer.tasks.cells import elements_of, keyed_elements, rival_spans
from bessemer.tasks.merge import merge_revisions

END_NS = 12
FRONT = StreamName("front")

# Id, stream, begin, length, class: plain values, of which records are built in the test.
Drawn = tuple[str, str, int, int, str]
drawn_spans = st.lists(
    st.tuples(
        st.sampled_from("ab"),
        st.sampled_from(["front", "rear"]),
        st.integers(0, 8),
        st.integers(1, 4),
        st.sampled_from(["stop", "yield"]),
    ),
    max_size=5,
    unique_by=lambda drawn: drawn[:3],
)


def built(drawn: list[Drawn]) -> Elements:
    return Elements(
        class_spans=tuple(
            ClassSpan(
                element_id=ElementId(name),
                stream=StreamName(stream),
                start_ns=start_ns,
                end_ns=start_ns + length_ns,
                class_name=class_name,
            )
            for name, stream, start_ns, length_ns, class_name in drawn
        )
    )


def revision(elements: Elements, who: str) -> LabelRevision:
    return LabelRevision(
        unit=Stretch(recording_id=RecordingId("r"), start_ns=0, end_ns=END_NS),
        task=TaskName("signs"),
        ontology_id=OntologyId("o"),
        author=Author(kind=AuthorKind.PERSON, name=who),
        coverage=Coverage(streams=(FRONT,), spans=(Span(start_ns=0, end_ns=END_NS),)),
        elements=elements,
    )


def overlap(one: ClassSpan, other: ClassSpan) -> bool:
    return (
        one.stream == other.stream and one.start_ns < other.end_ns and other.start_ns < one.end_ns
    )


@given(drawn_spans)
def test_a_sign_that_is_seen_again_or_by_two_cameras_loses_no_span(drawn: list[Drawn]) -> None:
    elements = built(drawn)
    back = elements_of(keyed_elements(elements))
    assert set(back.class_spans) == set(elements.class_spans)
    assert len(back) == len(elements)


@given(drawn_spans, drawn_spans)
def test_rivals_are_all_pairs_that_overlap_and_stand_on_one_side_each(
    ours: list[Drawn], theirs: list[Drawn]
) -> None:
    here, there = keyed_elements(built(ours)), keyed_elements(built(theirs))
    merged = there | here
    found = {frozenset(pair) for pair in rival_spans(merged, here, there)}
    mine = [(k, e) for k, e in merged.items() if there.get(k) != e]
    yours = [(k, e) for k, e in merged.items() if here.get(k) != e]
    expected = set()
    for (one_key, one), (other_key, other) in product(mine, yours):
        assert isinstance(one, ClassSpan)
        assert isinstance(other, ClassSpan)
        if overlap(one, other):
            expected.add(frozenset((one_key, other_key)))
    assert found == expected


@given(drawn_spans, drawn_spans)
def test_with_one_class_at_a_time_a_merge_contradicts_itself_no_more_than_its_sides(
    ours: list[Drawn], theirs: list[Drawn]
) -> None:
    here, there = revision(built(ours), "ada"), revision(built(theirs), "bob")
    outcome = merge_revisions(None, here, there, one_class=True)
    mirrored = merge_revisions(None, there, here, one_class=True)
    assert isinstance(outcome, MergeConflict) == isinstance(mirrored, MergeConflict)
    sides = (here.elements.class_spans, there.elements.class_spans)
    fresh = [
        (one, other)
        for one, other in product(*sides)
        if one not in sides[1] and other not in sides[0] and overlap(one, other)
        if one.element_id == other.element_id or one.class_name != other.class_name
    ]
    if fresh:
        assert isinstance(outcome, MergeConflict)
        assert set(outcome.elements) <= {str(s.element_id) for pair in fresh for s in pair}
    else:
        assert isinstance(outcome, Merged)
        assert set(outcome.revision.elements.class_spans) == {*sides[0], *sides[1]}


def test_one_element_begun_at_two_other_instants_is_answered_differently() -> None:
    base, ours, theirs = (
        revision(built([("a", "front", start_ns, 4, "stop")]), who)
        for start_ns, who in ((0, "eve"), (1, "ada"), (2, "bob"))
    )
    outcome = merge_revisions(base, ours, theirs)
    assert isinstance(outcome, MergeConflict)
    assert outcome.elements == ("a",)
    merged = merge_revisions(base, ours, base)
    assert isinstance(merged, Merged)
    assert merged.revision == ours
