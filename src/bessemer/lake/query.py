"""The lake as Arrow tables, for SQL: slices are predicates over these columns."""

import pyarrow as pa

from bessemer.core.ids import TaskName
from bessemer.core.labels import LabelRevision
from bessemer.core.stores import LabelStore, RecordingStore
from bessemer.lake.schemas import GEOMETRIES

_RECORDINGS = pa.schema(
    [
        ("recording_id", pa.string()),
        ("source", pa.string()),
        ("side", pa.string()),
        ("start_ns", pa.int64()),
        ("end_ns", pa.int64()),
        ("n_frames", pa.int64()),
        ("size_bytes", pa.int64()),
        ("licence", pa.string()),
        ("region", pa.string()),
        ("attributes", pa.map_(pa.string(), pa.string())),
    ]
)
_LABELS = pa.schema(
    [
        ("revision_id", pa.string()),
        ("recording_id", pa.string()),
        ("unit_start_ns", pa.int64()),
        ("unit_end_ns", pa.int64()),
        ("author_kind", pa.string()),
        ("author_name", pa.string()),
        ("price", pa.float64()),
        ("geometry", pa.string()),
        ("element_id", pa.string()),
        ("stream", pa.string()),
        ("start_ns", pa.int64()),
        ("end_ns", pa.int64()),
        ("class_name", pa.string()),
    ]
)


def recordings_table(store: RecordingStore) -> pa.Table:
    """Return one row a recording that was not erased; attributes are a map from name to value."""
    recordings = store.recordings()
    sides = store.sides_of([recording.recording_id for recording in recordings])
    rows = [
        {
            "recording_id": recording.recording_id,
            "source": recording.source,
            "side": sides[recording.recording_id].value,
            "start_ns": recording.start_ns,
            "end_ns": recording.end_ns,
            "n_frames": sum(ref.n_frames for ref in recording.segments),
            "size_bytes": sum(ref.size_bytes for ref in recording.segments),
            "licence": recording.terms.licence,
            "region": recording.terms.region,
            "attributes": [(a.name, a.value) for a in recording.attributes],
        }
        for recording in recordings
    ]
    return pa.Table.from_pylist(rows, schema=_RECORDINGS)


def labels_table(store: LabelStore, task: TaskName) -> pa.Table:
    """Return one row an element of every revision of a task.

    Args:
        store: The lake.
        task: The task.

    Returns:
        Elements at one instant start and end there. A revision without elements has one row
        without a geometry: what was looked at and found empty.
    """
    rows = [row for revision in store.find_labels(task) for row in _rows_of(revision)]
    return pa.Table.from_pylist(rows, schema=_LABELS)


def _rows_of(revision: LabelRevision) -> list[dict[str, object]]:
    head: dict[str, object] = {
        "revision_id": revision.revision_id,
        "recording_id": revision.unit.recording_id,
        "unit_start_ns": revision.unit.start_ns,
        "unit_end_ns": revision.unit.end_ns,
        "author_kind": revision.author.kind.value,
        "author_name": revision.author.name,
        "price": revision.price,
    }
    rows = []
    for geometry in GEOMETRIES:
        for element in getattr(revision.elements, geometry.name):
            at_ns = getattr(element, "t_ns", None)
            place = {
                "geometry": geometry.name,
                "element_id": element.element_id,
                "stream": getattr(element, "stream", None),
                "start_ns": getattr(element, "start_ns", at_ns),
                "end_ns": getattr(element, "end_ns", at_ns),
                "class_name": getattr(element, "class_name", None),
            }
            rows.append(head | place)
    return rows or [head]
