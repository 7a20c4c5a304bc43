"""From what a file says to streams and their segments."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from jaxtyping import Float64

from bessemer.core.ids import StreamName
from bessemer.core.records import Calibration, Codec, Segment, Stream, StreamKind
from bessemer.ingest.assemble import Placed, TimedPicture, place_pictures, place_segment
from bessemer.ingest.files import RefusedError
from bessemer.ingest.mcap_poses import POSE_COLUMNS, calibration_of
from bessemer.ingest.mcap_take import Taken, lens_for
from bessemer.ingest.mcap_video import Refused, end_of, period_of, place_video

POSE: Final = StreamName("pose")

_SPAN_NS = 60_000_000_000
"""Numbers are small: a minute of them to a segment keeps rows of the lake few."""


def stream_of(topic: str) -> StreamName:
    """Return the name of the stream of a topic, ``camera/front`` for ``/camera/front``."""
    return StreamName(topic.strip("/") or "camera")


def place_all(taken: Taken) -> tuple[list[Stream], list[Placed]]:
    """Return all streams of a recording and their segments; what is left out is counted.

    Args:
        taken: What the file says.

    Returns:
        Cameras by name, the pose, signals by name, texts by name; and segments.
    """
    streams: list[Stream] = []
    placed: list[Placed] = []
    for stream, parts in (*_cameras(taken), *_poses(taken), *_signals(taken), *_texts(taken)):
        if any(stream.name == other.name for other in streams):
            taken.refusals.add("duplicate_name", stream.name, "Another stream has this name.")
        elif parts:
            streams.append(stream)
            placed += parts
    return streams, placed


def _cameras(taken: Taken) -> Iterator[tuple[Stream, list[Placed]]]:
    """Yield cameras with their pictures."""
    for topic in sorted({*taken.video, *taken.stills}):
        name = stream_of(topic)
        read = _video if topic in taken.video else _stills
        parts = read(taken, topic, name)
        if parts:
            calibration = _calibration(taken, topic, parts[0].ref.start_ns)
            yield Stream(name=name, kind=StreamKind.CAMERA, calibration=calibration), parts


def _video(taken: Taken, topic: str, name: StreamName) -> list[Placed]:
    parts = []
    for item in place_video(name, taken.codecs[topic], taken.video[topic]):
        if isinstance(item, Refused):
            detail = f"At {item.t_ns} ns. {item.detail}"
            taken.refusals.add(item.reason, topic, detail, item.count)
        else:
            parts.append(item)
    return parts


def _stills(taken: Taken, topic: str, name: StreamName) -> list[Placed]:
    """Return pictures as segments; none reaches into the next, however its clock wavers."""
    pictures = _ascending(taken, topic)
    parts = place_pictures(name, pictures, period_of([picture.t_ns for picture in pictures]))
    starts = [part.ref.start_ns for part in parts[1:]]
    ends = [min(p.ref.end_ns, start) for p, start in zip(parts, starts, strict=False)]
    cut = [
        replace(part, ref=replace(part.ref, end_ns=end))
        for part, end in zip(parts, ends, strict=False)
    ]
    return [*cut, *parts[-1:]]


def _ascending(taken: Taken, topic: str) -> list[TimedPicture]:
    """Return pictures in order of time, one an instant."""
    found: dict[int, TimedPicture] = {}
    for picture in sorted(taken.stills[topic], key=lambda picture: picture.t_ns):
        if picture.t_ns in found:
            detail = f"Two pictures are of {picture.t_ns} ns; the first is kept."
            taken.refusals.add("time_stands_still", topic, detail)
        found.setdefault(picture.t_ns, picture)
    return list(found.values())


def _calibration(taken: Taken, topic: str, t_ns: int) -> Calibration | None:
    """Return a camera's calibration, or None and the reason among what is left out."""
    lens = lens_for(taken, topic)
    if lens is None:
        return None
    try:
        return calibration_of(lens, taken.tree, t_ns)
    except RefusedError as refused:
        taken.refusals.add(refused.reason, topic, f"{refused.what} {refused.fix}".strip())
        return None


def _poses(taken: Taken) -> Iterator[tuple[Stream, list[Placed]]]:
    """Yield the ego's way, if the file has one."""
    ego = taken.tree.ego()
    rows = taken.tree.path(ego) if ego is not None else {}
    if rows:
        stream = Stream(name=POSE, kind=StreamKind.POSE, columns=POSE_COLUMNS)
        yield stream, place_rows(POSE, list(rows), np.stack(list(rows.values())))


def _signals(taken: Taken) -> Iterator[tuple[Stream, list[Placed]]]:
    """Yield signals, each with its own times."""
    for way, samples in sorted(taken.samples.items()):
        name = StreamName(way)
        times = sorted(samples)
        values = np.array([[samples[t_ns]] for t_ns in times], np.float64)
        stream = Stream(name=name, kind=StreamKind.SIGNAL, columns=(way,))
        yield stream, place_rows(name, times, values)


def _texts(taken: Taken) -> Iterator[tuple[Stream, list[Placed]]]:
    """Yield streams of names, such as the events under way."""
    for topic, texts in sorted(taken.texts.items()):
        name = stream_of(topic)
        times = sorted(texts)
        segment = Segment(
            codec=Codec.UTF8,
            offsets_ns=tuple(t_ns - times[0] for t_ns in times),
            packets=tuple(texts[t_ns] for t_ns in times),
        )
        stream = Stream(name=name, kind=StreamKind.TEXT)
        yield stream, [place_segment(name, segment, times[0], times[-1] + 1)]


def place_rows(
    name: StreamName, times_ns: Sequence[int], values: Float64[np.ndarray, "n c"]
) -> list[Placed]:
    """Return rows of numbers as segments of at most a minute.

    Args:
        name: Their stream.
        times_ns: Ascending, one a row.
        values: The rows.

    Returns:
        Segments with their places; each lasts until the next begins, or for a usual step.
    """
    starts = [0]
    for index, t_ns in enumerate(times_ns):
        if t_ns - times_ns[starts[-1]] >= _SPAN_NS:
            starts.append(index)
    period_ns = period_of(times_ns)
    parts = []
    for start, stop in zip(starts, [*starts[1:], len(times_ns)], strict=True):
        times = times_ns[start:stop]
        segment = Segment(
            codec=Codec.FLOAT64,
            offsets_ns=tuple(t_ns - times[0] for t_ns in times),
            packets=(np.ascontiguousarray(values[start:stop], "<f8").tobytes(),),
        )
        next_ns = times_ns[stop] if stop < len(times_ns) else None
        end_ns = end_of(times[-1], next_ns, period_ns)
        parts.append(place_segment(name, segment, times[0], end_ns))
    return parts
