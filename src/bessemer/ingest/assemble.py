"""From timed pictures to recordings, and from an archive's answers to label revisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bessemer.core.arrivals import Arrival
from bessemer.core.ids import ElementId, StreamName
from bessemer.core.labels import (
    Author,
    AuthorKind,
    ClassSpan,
    Coverage,
    Elements,
    LabelRevision,
    Span,
)
from bessemer.core.ontology import Ontology
from bessemer.core.records import (
    Attribute,
    Codec,
    Recording,
    Segment,
    SegmentRef,
    Stream,
    Terms,
)

CAMERA: Final = StreamName("camera/front")
ARCHIVE: Final = Author(kind=AuthorKind.ORACLE, name="archive")
"""Who gave the answers that came with an archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedPicture:
    """One encoded picture and when it was taken."""

    t_ns: int
    codec: Codec
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """A segment and where it lies in its recording."""

    ref: SegmentRef
    segment: Segment


def place_segment(stream: StreamName, segment: Segment, start_ns: int, end_ns: int) -> Placed:
    """Return a segment with its place on a stream."""
    ref = SegmentRef(
        stream=stream,
        segment_id=segment.segment_id,
        start_ns=start_ns,
        end_ns=end_ns,
        n_frames=len(segment.offsets_ns),
        size_bytes=segment.size_bytes,
    )
    return Placed(ref=ref, segment=segment)


def place_pictures(
    stream: StreamName,
    pictures: Sequence[TimedPicture],
    period_ns: int,
    max_span_ns: int = 10_000_000_000,
) -> list[Placed]:
    """Return pictures as segments, short enough that a stretch need not bring a whole drive.

    Args:
        stream: Their stream.
        pictures: In order of time.
        period_ns: How long the last picture of a segment lasts.
        max_span_ns: A segment's last picture lies less than this after its first.

    Returns:
        Segments with their places; a new one also begins where the codec changes.
    """
    groups: list[list[TimedPicture]] = []
    for picture in pictures:
        first = groups[-1][0] if groups else None
        if first and first.codec is picture.codec and picture.t_ns - first.t_ns < max_span_ns:
            groups[-1].append(picture)
        else:
            groups.append([picture])
    return [
        place_segment(
            stream,
            Segment(
                codec=group[0].codec,
                offsets_ns=tuple(picture.t_ns - group[0].t_ns for picture in group),
                packets=tuple(picture.data for picture in group),
            ),
            group[0].t_ns,
            group[-1].t_ns + period_ns,
        )
        for group in groups
    ]


def recording_of(
    source: str,
    streams: Sequence[Stream],
    placed: Sequence[Placed],
    terms: Terms,
    attributes: tuple[Attribute, ...] = (),
) -> Recording:
    """Return the manifest of placed segments; it spans exactly what they span."""
    refs = sorted((part.ref for part in placed), key=lambda ref: (ref.stream, ref.start_ns))
    return Recording(
        source=source,
        start_ns=min(ref.start_ns for ref in refs),
        end_ns=max(ref.end_ns for ref in refs),
        streams=tuple(streams),
        segments=tuple(refs),
        attributes=attributes,
        terms=terms,
    )


def arrival_of(
    recording: Recording, placed: Sequence[Placed], truth: Sequence[LabelRevision] = ()
) -> Arrival:
    """Return an arrival whose segments stand in the manifest's order, each once."""
    by_id = {part.ref.segment_id: part.segment for part in placed}
    ordered = dict.fromkeys(ref.segment_id for ref in recording.segments)
    return Arrival(
        recording=recording,
        segments=tuple(by_id[segment_id] for segment_id in ordered),
        truth=tuple(truth),
    )


def class_truth(
    recording: Recording, ontology: Ontology, class_name: str, element_id: str
) -> LabelRevision:
    """Return the answer that one class holds over the whole of a recording's camera."""
    start_ns, end_ns = recording.start_ns, recording.end_ns
    return LabelRevision(
        unit=recording.stretch,
        task=ontology.task,
        ontology_id=ontology.ontology_id,
        author=ARCHIVE,
        coverage=Coverage(streams=(CAMERA,), spans=(Span(start_ns=start_ns, end_ns=end_ns),)),
        elements=Elements(
            class_spans=(
                ClassSpan(
                    element_id=ElementId(element_id),
                    stream=CAMERA,
                    start_ns=start_ns,
                    end_ns=end_ns,
                    class_name=class_name,
                ),
            )
        ),
    )
