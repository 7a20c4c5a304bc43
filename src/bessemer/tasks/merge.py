"""Three-way merge of label revisions, element by element.

An element changed on one side only is taken from that side; changed alike on both, once; changed
differently, or removed here and changed there, it is a conflict. The result does not depend on
which side is called ours.

Cost: O(n log n) time for n elements, O(n) memory.
"""

from bessemer.core.labels import (
    Author,
    AuthorKind,
    ClassSpan,
    Coverage,
    LabelRevision,
    Span,
)
from bessemer.core.protocols import MergeConflict, Merged
from bessemer.tasks.cells import CellKey, Element, elements_of, keyed_elements, rival_spans

MERGE_AUTHOR = Author(kind=AuthorKind.MERGE, name="merge3")


def merge_revisions(
    base: LabelRevision | None,
    ours: LabelRevision | None,
    theirs: LabelRevision | None,
    *,
    one_class: bool = False,
) -> Merged | MergeConflict | None:
    """Merge two revisions of one unit, given what both started from.

    Args:
        base: What both started from; None where neither did.
        ours: One side; None where it removed the unit's answer.
        theirs: The other side.
        one_class: Whether a stream has one class at a time, so that two are a conflict, whichever
            elements say so.

    Returns:
        The merged revision, a conflict, or None where the answer is removed.
    """
    if ours == theirs or theirs == base:
        return None if ours is None else Merged(revision=ours)
    if ours == base:
        return None if theirs is None else Merged(revision=theirs)
    if ours is None or theirs is None:
        kept = ours or theirs
        return _conflict(
            ours or base, theirs or base, _changed(base, kept), "removed here, changed there"
        )
    if (ours.unit, ours.task, ours.ontology_id) != (theirs.unit, theirs.task, theirs.ontology_id):
        return _conflict(ours, theirs, (), "answers to different questions")
    return _merge_changed(base, ours, theirs, one_class)


def _merge_changed(
    base: LabelRevision | None, ours: LabelRevision, theirs: LabelRevision, one_class: bool
) -> Merged | MergeConflict:
    """Merge two revisions that both differ from their base."""
    before = keyed_elements(base.elements) if base else {}
    here, there = keyed_elements(ours.elements), keyed_elements(theirs.elements)
    merged: dict[CellKey, Element] = {}
    clashes: list[CellKey] = []
    for key in sorted({*before, *here, *there}):
        old, mine, yours = before.get(key), here.get(key), there.get(key)
        if mine == yours or yours == old:
            chosen = mine
        elif mine == old:
            chosen = yours
        else:
            clashes.append(key)
            continue
        if chosen is not None:
            merged[key] = chosen
    for pair in rival_spans(merged, here, there):
        same = pair[0].element_id == pair[1].element_id
        if same or (one_class and len({_class_of(merged[key]) for key in pair}) > 1):
            clashes += pair
    if clashes:
        return _conflict(ours, theirs, _names(clashes), "the same element answered differently")
    coverage = union_coverage(ours.coverage, theirs.coverage)
    if coverage is None:
        return _conflict(
            ours, theirs, (), "examined different streams or classes at different times"
        )
    revision = LabelRevision(
        unit=ours.unit,
        task=ours.task,
        ontology_id=ours.ontology_id,
        author=MERGE_AUTHOR,
        parents=tuple(sorted((ours.revision_id, theirs.revision_id))),
        coverage=coverage,
        elements=elements_of(merged),
        evidence=tuple(
            sorted({*ours.evidence, *theirs.evidence}, key=lambda e: (e.name, e.ref, e.value))
        ),
    )
    return Merged(revision=revision)


def union_coverage(one: Coverage, other: Coverage) -> Coverage | None:
    """Return what either side examined, or None if no single coverage says exactly that.

    A coverage is a product streams x times x classes. Where the sides differ in more than one of
    the three and neither contains the other, their product would claim things nobody looked at.

    Args:
        one: A coverage.
        other: Another.

    Returns:
        The exact union in canonical order, or None.
    """
    one, other = _canonical(one), _canonical(other)
    joined = _canonical(
        Coverage(
            streams=one.streams + other.streams,
            spans=one.spans + other.spans,
            classes=one.classes + other.classes if one.classes and other.classes else (),
        )
    )
    differing = sum(
        (one.streams != other.streams, one.spans != other.spans, one.classes != other.classes)
    )
    if differing <= 1 or joined in (one, other):
        return joined
    return None


def _canonical(coverage: Coverage) -> Coverage:
    """Return the same coverage with streams and classes sorted and touching spans joined."""
    spans: list[Span] = []
    for span in sorted(coverage.spans, key=lambda s: (s.start_ns, s.end_ns)):
        if spans and span.start_ns <= spans[-1].end_ns:
            end_ns = max(spans[-1].end_ns, span.end_ns)
            spans[-1] = Span(start_ns=spans[-1].start_ns, end_ns=end_ns)
        else:
            spans.append(span)
    return Coverage(
        streams=tuple(sorted(set(coverage.streams))),
        spans=tuple(spans),
        classes=tuple(sorted(set(coverage.classes))),
    )


def _conflict(
    ours: LabelRevision | None,
    theirs: LabelRevision | None,
    elements: tuple[str, ...],
    reason: str,
) -> MergeConflict:
    """Name both revisions (a removed one by its base).

    Who answered is for those to say who hold the answers that a revision continues.
    """
    assert ours is not None
    assert theirs is not None
    return MergeConflict(
        ours=ours.revision_id, theirs=theirs.revision_id, elements=elements, reason=reason
    )


def _class_of(element: Element) -> str:
    """Return the class that holds over a span; empty for what has none."""
    return element.class_name if isinstance(element, ClassSpan) else ""


def _changed(base: LabelRevision | None, kept: LabelRevision | None) -> tuple[str, ...]:
    """Return the names of the elements in which two revisions differ."""
    before = keyed_elements(base.elements) if base else {}
    after = keyed_elements(kept.elements) if kept else {}
    keys = sorted({*before, *after})
    return _names([key for key in keys if before.get(key) != after.get(key)])


def _names(keys: list[CellKey]) -> tuple[str, ...]:
    """Return the element ids of keys, each once, sorted."""
    return tuple(sorted({key.element_id for key in keys}))
