"""Segments as rows: packets beside their times, checked against their address when read."""

from collections.abc import Container, Iterator, Sequence

import numpy as np
import pyarrow as pa
from jaxtyping import Int64

from bessemer.core.errors import IntegrityError, NotFoundError
from bessemer.core.ids import SegmentId
from bessemer.core.records import Codec, Segment
from bessemer.lake.schemas import SEGMENTS
from bessemer.lake.table import Table

_CHUNK_BYTES = 8 << 20
_FIRST_CHUNK = 16
_LARGEST_CHUNK = 1_024
_COLUMNS = ("segment_id", "codec", "offsets_ns", "packets")


def segment_rows(segments: dict[SegmentId, Segment]) -> pa.Table:
    """Return segments as rows of the table ``segments``, without their batch."""
    fields = [SEGMENTS.field(name) for name in _COLUMNS]
    columns: tuple[list[object], ...] = (
        list(segments),
        [segment.codec.value for segment in segments.values()],
        [segment.offsets_ns for segment in segments.values()],
        [segment.packets for segment in segments.values()],
    )
    arrays = [pa.array(c, f.type) for c, f in zip(columns, fields, strict=True)]
    return pa.table(arrays, schema=pa.schema(fields))


def read_segments(table: Table, ids: Sequence[SegmentId]) -> Iterator[Segment]:
    """Yield segments in the order asked, about 8 MB of them in memory at a time.

    Args:
        table: The table ``segments``.
        ids: Addresses; may repeat.

    Yields:
        Segments whose bytes match their address.
    """
    require_segments(table, ids)
    start, n = 0, _FIRST_CHUNK
    while start < len(ids):
        asked = ids[start : start + n]
        unique = list(dict.fromkeys(asked))
        found = dict(_decoded(table.read(unique, _COLUMNS)))
        require_held(unique, found.keys())
        yield from (found[segment_id] for segment_id in asked)
        start += len(asked)
        mean_bytes = sum(segment.size_bytes for segment in found.values()) / len(found)
        n = int(min(max(_CHUNK_BYTES / max(mean_bytes, 1.0), 1), _LARGEST_CHUNK))


def offsets_of(table: Table, ids: Sequence[SegmentId]) -> dict[SegmentId, Int64[np.ndarray, " n"]]:
    """Return the frame times of segments without reading their packets.

    Args:
        table: The table ``segments``.
        ids: Addresses.

    Returns:
        Offsets by segment, in the order asked.
    """
    unique = list(dict.fromkeys(ids))
    rows = table.read(unique, ("segment_id", "offsets_ns"))
    found: dict[SegmentId, Int64[np.ndarray, " n"]] = {}
    for batch in rows.to_batches():
        ends = batch["offsets_ns"].offsets.to_numpy()
        values = batch["offsets_ns"].values.to_numpy()
        for row, segment_id in enumerate(batch["segment_id"].to_pylist()):
            found[SegmentId(segment_id)] = values[ends[row] : ends[row + 1]].astype(np.int64)
    require_held(unique, found.keys())
    return {segment_id: found[segment_id] for segment_id in unique}


def require_segments(table: Table, ids: Sequence[SegmentId]) -> None:
    """Check that all segments are stored."""
    require_held(ids, table.held(set(ids)))


def require_held(ids: Sequence[SegmentId], held: Container[str]) -> None:
    """Check that ``held`` names every one of ``ids``.

    Args:
        ids: What is needed.
        held: What there is.

    Raises:
        NotFoundError: If something is missing.
    """
    missing = [segment_id for segment_id in ids if segment_id not in held]
    if missing:
        raise NotFoundError(
            f"{len(missing)} of {len(ids)} segments are not stored.",
            where=missing[0],
            fix="Their recording was erased, or was never taken in.",
        )


def _decoded(rows: pa.Table) -> Iterator[tuple[SegmentId, Segment]]:
    columns = (rows[name].to_pylist() for name in _COLUMNS)
    for segment_id, codec, offsets_ns, packets in zip(*columns, strict=True):
        segment = Segment(codec=Codec(codec), offsets_ns=tuple(offsets_ns), packets=tuple(packets))
        if segment.segment_id != segment_id:
            raise IntegrityError(
                "The bytes of a segment do not match its address.",
                where=segment_id,
                fix="The disk lost them: ingest the recording's archive into a new lake.",
            )
        yield SegmentId(segment_id), segment
