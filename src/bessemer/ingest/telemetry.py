"""Signals beside a video: a CSV with a column ``t_s`` and one column a signal.

A header such as ``Vehicle.Speed [km/h]`` names a signal and its unit. An empty cell says that the
signal was not sampled then, so signals of mixed rates share a table.
"""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from bessemer.core.arrivals import Rejection
from bessemer.core.ids import StreamName
from bessemer.core.records import Codec, Segment, Stream, StreamKind
from bessemer.ingest.assemble import Placed, place_segment
from bessemer.ingest.files import RefusedError, Row, read_table, refuse, relative

TIME_COLUMN = "t_s"

_SPAN_NS = 10_000_000_000
_Samples = list[tuple[int, float]]


def read_telemetry(
    root: Path, path: Path, end_ns: int
) -> Iterator[tuple[Stream, list[Placed]] | Rejection]:
    """Yield the signals of a table and the rows refused.

    Args:
        root: The archive, resolved.
        path: The table.
        end_ns: First instant after the video, which begins at 0; rows outside of it are refused.

    Yields:
        A stream with its segments for every column with a sample, or rejections.
    """
    samples: dict[str, _Samples] = {}
    place = relative(root, path)
    last_ns = -1
    try:
        for row in read_table(root, path, (TIME_COLUMN,)):
            if isinstance(row, Rejection):
                yield row
                continue
            for column in row.cells.keys() - {TIME_COLUMN}:
                samples.setdefault(column, [])
            try:
                t_ns, values = _parse(row, last_ns, end_ns)
            except RefusedError as refused:
                yield refused.rejection(f"{place}:{row.line}")
                continue
            last_ns = t_ns
            for column, value in values.items():
                samples[column].append((t_ns, value))
    except RefusedError as refused:
        yield refused.rejection(place)
    names: set[str] = set()
    for column, found in sorted(samples.items()):
        stream = _stream_of(column)
        if not found or not stream.name or stream.name in names:
            detail = "The column has no samples, no name, or the name of another."
            yield refuse("bad_column", f"{place}, {column}", detail)
            continue
        names.add(stream.name)
        yield stream, _segments_of(stream.name, found, end_ns)


def _parse(row: Row, last_ns: int, end_ns: int) -> tuple[int, dict[str, float]]:
    """Return a row's time and samples; refuse cells that are no numbers and times that misfit."""
    try:
        numbers = {column: float(cell) for column, cell in row.cells.items() if cell.strip()}
    except ValueError as error:
        raise RefusedError("bad_row", f"A number is none: {error}.") from error
    if TIME_COLUMN not in numbers or not all(map(math.isfinite, numbers.values())):
        raise RefusedError("bad_row", "The time is missing, or a number is not finite.")
    t_ns = round(numbers.pop(TIME_COLUMN) * 1e9)
    if not 0 <= t_ns < end_ns:
        raise RefusedError(
            "outside_recording", f"The time is not within the video's {end_ns / 1e9:.3f} s."
        )
    if t_ns <= last_ns:
        raise RefusedError("bad_row", "The time does not ascend.")
    return t_ns, numbers


def _stream_of(column: str) -> Stream:
    """Return the stream that a header names: ``NAME`` or ``NAME [UNIT]``."""
    name, _, unit = column.partition("[")
    name = name.strip()
    return Stream(
        name=StreamName(name),
        kind=StreamKind.SIGNAL,
        unit=unit.rstrip("] "),
        columns=(name,),
    )


def _segments_of(name: StreamName, samples: _Samples, end_ns: int) -> list[Placed]:
    """Return samples as segments of at most ten seconds; each lasts until the next begins."""
    groups: list[_Samples] = []
    for sample in samples:
        if groups and sample[0] - groups[-1][0][0] < _SPAN_NS:
            groups[-1].append(sample)
        else:
            groups.append([sample])
    ends = [group[0][0] for group in groups[1:]] + [end_ns]
    return [
        place_segment(
            name,
            Segment(
                codec=Codec.FLOAT64,
                offsets_ns=tuple(t_ns - group[0][0] for t_ns, _ in group),
                packets=(np.array([value for _, value in group], "<f8").tobytes(),),
            ),
            group[0][0],
            next_ns,
        )
        for group, next_ns in zip(groups, ends, strict=True)
    ]
