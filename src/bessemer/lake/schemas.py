"""What each table of the lake holds, as Arrow schemas.

Addresses are hexadecimal text, so that SQL can join on them. Every row carries the number of its
batch; whether that batch is sealed stands in the ledger.
"""

from dataclasses import dataclass

import pyarrow as pa

from bessemer.core.labels import Action, Box2d, Box3d, ClassSpan, Mask, Polyline

BATCH = pa.field("batch_id", pa.int64(), nullable=False)
_TEXT = pa.string()
_TEXTS = pa.list_(pa.string())
_INTS = pa.list_(pa.int64())
_VALUES = pa.list_(pa.float32())
_XYZ = pa.list_(pa.float64(), 3)


def _schema(*fields: tuple[str, pa.DataType]) -> pa.Schema:
    return pa.schema([*fields, BATCH])


SEGMENTS = _schema(
    ("segment_id", _TEXT),
    ("codec", _TEXT),
    ("offsets_ns", _INTS),
    ("packets", pa.list_(pa.large_binary())),
)

_FRAMES = (
    ("segment_id", _TEXT),
    ("recording_id", _TEXT),
    ("stream", _TEXT),
    ("frame_index", pa.list_(pa.int32())),
    ("t_ns", _INTS),
)

PREDICTIONS = _schema(
    ("key", _TEXT),
    ("network_id", _TEXT),
    ("preprocess_id", _TEXT),
    ("task", _TEXT),
    *_FRAMES,
    ("probs", _VALUES),
    ("confidence", _VALUES),
    ("embeddings", _VALUES),
)

EMBEDDINGS = _schema(("key", _TEXT), ("space_id", _TEXT), *_FRAMES, ("vectors", _VALUES))

REVISIONS = _schema(
    ("revision_id", _TEXT),
    ("recording_id", _TEXT),
    ("start_ns", pa.int64()),
    ("end_ns", pa.int64()),
    ("task", _TEXT),
    ("ontology_id", _TEXT),
    ("author_kind", _TEXT),
    ("author_name", _TEXT),
    ("parents", _TEXTS),
    ("covered_streams", _TEXTS),
    ("covered_start_ns", _INTS),
    ("covered_end_ns", _INTS),
    ("covered_classes", _TEXTS),
    ("evidence_names", _TEXTS),
    ("evidence_values", pa.list_(pa.float64())),
    ("evidence_refs", _TEXTS),
    ("price", pa.float64()),
    ("n_elements", _INTS),
)

ElementType = type[ClassSpan | Box2d | Box3d | Polyline | Mask | Action]


@dataclass(frozen=True, slots=True, kw_only=True)
class GeometryTable:
    """One geometry: its table, named as in ``Elements``, and the record of a row."""

    name: str
    element: ElementType
    schema: pa.Schema


def _geometry(name: str, element: ElementType, *fields: tuple[str, pa.DataType]) -> GeometryTable:
    schema = _schema(("revision_id", _TEXT), ("element_id", _TEXT), *fields)
    return GeometryTable(name=name, element=element, schema=schema)


_AT = ("t_ns", pa.int64())
_SPAN = (("start_ns", pa.int64()), ("end_ns", pa.int64()))
_STREAM = ("stream", _TEXT)
_CLASS = ("class_name", _TEXT)
_CORNERS = tuple((name, pa.float64()) for name in ("x0_px", "y0_px", "x1_px", "y1_px"))

GEOMETRIES: tuple[GeometryTable, ...] = (
    _geometry("class_spans", ClassSpan, _STREAM, *_SPAN, _CLASS),
    _geometry("boxes2d", Box2d, _STREAM, _AT, _CLASS, *_CORNERS),
    _geometry(
        "boxes3d",
        Box3d,
        _AT,
        ("frame", _TEXT),
        _CLASS,
        ("center_m", _XYZ),
        ("size_m", _XYZ),
        ("rotation_wxyz", pa.list_(pa.float64(), 4)),
        ("velocity_mps", _XYZ),
    ),
    _geometry(
        "polylines", Polyline, _AT, ("frame", _TEXT), _CLASS, ("points", pa.list_(_XYZ)), _STREAM
    ),
    _geometry("masks", Mask, _STREAM, _AT, _CLASS, ("png", pa.large_binary())),
    _geometry("actions", Action, _STREAM, *_SPAN, ("values", pa.list_(pa.float64()))),
)
