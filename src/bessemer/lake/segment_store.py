"""Segments in the lake's table, each once."""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
from jaxtyping import Int64

from bessemer.core.commit_point import CommitPoint
from bessemer.core.ids import SegmentId
from bessemer.core.records import Segment
from bessemer.lake.batch import writing
from bessemer.lake.segments import offsets_of, read_segments, segment_rows
from bessemer.lake.table import Table

_FLUSH_BYTES = 64 << 20


class Segments:
    """Implements :class:`bessemer.core.stores.SegmentStore`; a part of the lake."""

    _ledger: CommitPoint
    _segments: Table

    def put_segments(self, segments: Iterable[Segment]) -> int:
        """Store what is not there yet; return how many were new."""
        n_new, waiting, n_bytes = 0, dict[SegmentId, Segment](), 0
        for segment in segments:
            waiting[segment.segment_id] = segment
            n_bytes += segment.size_bytes
            if n_bytes >= _FLUSH_BYTES:
                n_new += self._put_segments(waiting)
                waiting, n_bytes = {}, 0
        return n_new + self._put_segments(waiting)

    def read_segments(self, ids: Sequence[SegmentId]) -> Iterator[Segment]:
        """Yield segments in the order asked, holding few in memory."""
        return read_segments(self._segments, ids)

    def offsets_of(self, ids: Sequence[SegmentId]) -> dict[SegmentId, Int64[np.ndarray, " n"]]:
        """Return the frame times of segments without reading their packets."""
        return offsets_of(self._segments, ids)

    def _put_segments(self, segments: dict[SegmentId, Segment]) -> int:
        stored = self._segments.held(segments.keys())
        fresh = {key: segment for key, segment in segments.items() if key not in stored}
        if fresh:
            with writing(self._ledger) as batch:
                batch.append(self._segments, segment_rows(fresh))
        return len(fresh)
