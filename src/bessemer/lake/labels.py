"""Label revisions as rows: one of ``revisions``, and one an element in the table of its geometry.

A revision reads back exactly as it was sealed; its address is recomputed to prove it, before it is
sealed and whenever it is read.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TypeAlias

import pyarrow as pa

from bessemer.core.errors import InputError, IntegrityError
from bessemer.core.ids import OntologyId, RecordingId, RevisionId, StreamName, TaskName
from bessemer.core.labels import (
    Author,
    AuthorKind,
    Coverage,
    Elements,
    Evidence,
    LabelRevision,
    Span,
)
from bessemer.core.records import Stretch
from bessemer.lake.schemas import BATCH, GEOMETRIES, REVISIONS, GeometryTable

Row: TypeAlias = dict[str, Any]  # one row as Arrow gives it; never leaves this module
ElementRows: TypeAlias = Mapping[str, pa.Table]
"""Rows of elements by geometry."""


def revision_rows(revisions: Mapping[RevisionId, LabelRevision]) -> pa.Table:
    """Return revisions as rows of the table ``revisions``, without their batch."""
    rows = [_row_of(revision_id, revision) for revision_id, revision in revisions.items()]
    return pa.Table.from_pylist(rows, schema=_unbatched(REVISIONS))


def element_rows(revisions: Mapping[RevisionId, LabelRevision]) -> dict[str, pa.Table]:
    """Return the elements of revisions as rows by geometry, without their batch."""
    return {geometry.name: _elements_of(geometry, revisions) for geometry in GEOMETRIES}


def assemble(revisions: pa.Table, elements: ElementRows) -> dict[RevisionId, LabelRevision]:
    """Put revisions together from their rows.

    Args:
        revisions: Rows of ``revisions``; the first of an address counts.
        elements: Rows of their elements; where both tables name batches, only elements of the
            revision's own batch count.

    Returns:
        Revisions by address, in the order of their rows.

    Raises:
        IntegrityError: If what was put together does not match its address.
    """
    found: defaultdict[tuple[str, str, int], list[Any]] = defaultdict(list)
    for geometry in GEOMETRIES:
        for row in elements[geometry.name].to_pylist():
            owner = (geometry.name, row.pop("revision_id"), row.pop("batch_id", 0))
            found[owner].append(geometry.element(**{k: _tupled(v) for k, v in row.items()}))
    whole: dict[RevisionId, LabelRevision] = {}
    for row in revisions.to_pylist():
        revision_id = RevisionId(row["revision_id"])
        if revision_id in whole:
            continue
        batch_id = row.get("batch_id", 0)
        parts = {g.name: tuple(found[(g.name, revision_id, batch_id)]) for g in GEOMETRIES}
        revision = _revision_of(row, Elements(**parts))
        if revision.revision_id != revision_id:
            raise IntegrityError(
                "A label revision does not match its address.",
                where=f"{revision.unit.recording_id}, {revision.task}, {revision_id}",
                fix="The disk lost a part of it: import the label again.",
            )
        whole[revision_id] = revision
    return whole


def check_exact(
    revisions: Mapping[RevisionId, LabelRevision], rows: pa.Table, elements: ElementRows
) -> None:
    """Check that revisions can be read back from their rows, before they are sealed.

    Args:
        revisions: What is to be sealed.
        rows: Their rows of ``revisions``.
        elements: Their rows of elements.

    Raises:
        InputError: If one cannot.
    """
    try:
        assemble(rows, elements)
    except IntegrityError as error:
        raise InputError(
            "A label revision holds values of other types than its fields declare, "
            "so it would not read back as it is.",
            where=error.where,
            fix="Give whole numbers for times, and floats (1.0, not 1) for all other numbers.",
        ) from error


def _row_of(revision_id: RevisionId, revision: LabelRevision) -> Row:
    coverage, evidence = revision.coverage, revision.evidence
    return {
        "revision_id": revision_id,
        "recording_id": revision.unit.recording_id,
        "start_ns": revision.unit.start_ns,
        "end_ns": revision.unit.end_ns,
        "task": revision.task,
        "ontology_id": revision.ontology_id,
        "author_kind": revision.author.kind.value,
        "author_name": revision.author.name,
        "parents": revision.parents,
        "covered_streams": coverage.streams,
        "covered_start_ns": [span.start_ns for span in coverage.spans],
        "covered_end_ns": [span.end_ns for span in coverage.spans],
        "covered_classes": coverage.classes,
        "evidence_names": [one.name for one in evidence],
        "evidence_values": [one.value for one in evidence],
        "evidence_refs": [one.ref for one in evidence],
        "price": revision.price,
        "n_elements": [len(getattr(revision.elements, g.name)) for g in GEOMETRIES],
    }


def _revision_of(row: Row, elements: Elements) -> LabelRevision:
    spans = zip(row["covered_start_ns"], row["covered_end_ns"], strict=True)
    reasons = zip(row["evidence_names"], row["evidence_values"], row["evidence_refs"], strict=True)
    return LabelRevision(
        unit=Stretch(
            recording_id=RecordingId(row["recording_id"]),
            start_ns=row["start_ns"],
            end_ns=row["end_ns"],
        ),
        task=TaskName(row["task"]),
        ontology_id=OntologyId(row["ontology_id"]),
        author=Author(kind=AuthorKind(row["author_kind"]), name=row["author_name"]),
        parents=tuple(RevisionId(parent) for parent in row["parents"]),
        coverage=Coverage(
            streams=tuple(StreamName(stream) for stream in row["covered_streams"]),
            spans=tuple(Span(start_ns=start, end_ns=end) for start, end in spans),
            classes=tuple(row["covered_classes"]),
        ),
        elements=elements,
        evidence=tuple(Evidence(name=n, value=v, ref=r) for n, v, r in reasons),
        price=row["price"],
    )


def _elements_of(
    geometry: GeometryTable, revisions: Mapping[RevisionId, LabelRevision]
) -> pa.Table:
    schema = _unbatched(geometry.schema)
    names = schema.names[1:]
    rows: list[Row] = []
    for revision_id, revision in revisions.items():
        for element in getattr(revision.elements, geometry.name):
            rows.append({"revision_id": revision_id, **{n: getattr(element, n) for n in names}})
    return pa.Table.from_pylist(rows, schema=schema)


def revisions_with(rows: pa.Table, geometry: int) -> list[str]:
    """Return the addresses of those revisions that have elements of the ``geometry``-th kind."""
    counts: Sequence[Sequence[int]] = rows["n_elements"].to_pylist()
    ids: Iterable[str] = rows["revision_id"].to_pylist()
    return list(dict.fromkeys(i for i, n in zip(ids, counts, strict=True) if n[geometry]))


def _unbatched(schema: pa.Schema) -> pa.Schema:
    return schema.remove(schema.get_field_index(BATCH.name))


def _tupled(value: Any) -> Any:
    return tuple(_tupled(part) for part in value) if isinstance(value, list) else value
