"""Small real recordings for the tests of the lake."""

from bessemer.core.arrivals import Arrival
from bessemer.core.frames import Frame, camera_frames
from bessemer.core.ids import ElementId, OntologyId, StreamName, TaskName
from bessemer.core.labels import (
    Author,
    AuthorKind,
    ClassSpan,
    Coverage,
    Elements,
    LabelRevision,
    Span,
)
from bessemer.core.records import (
    Codec,
    Recording,
    Segment,
    SegmentRef,
    Stream,
    StreamKind,
    Terms,
)
from bessemer.lake import Lake

CAMERA = StreamName("camera/front")
TASK = TaskName("signs")


def segment_of(text: str, n_frames: int = 3) -> Segment:
    return Segment(
        codec=Codec.PPM,
        offsets_ns=tuple(range(n_frames)),
        packets=tuple(f"{text} {i}".encode() for i in range(n_frames)),
    )


def arrival_of(source: str, *segments: Segment) -> Arrival:
    """One camera; the segments follow each other, ten nanoseconds each."""
    parts = segments or (segment_of(source),)
    refs = tuple(
        SegmentRef(
            stream=CAMERA,
            segment_id=part.segment_id,
            start_ns=10 * i,
            end_ns=10 * i + 10,
            n_frames=len(part.offsets_ns),
            size_bytes=part.size_bytes,
        )
        for i, part in enumerate(parts)
    )
    recording = Recording(
        source=source,
        start_ns=0,
        end_ns=10 * len(parts),
        streams=(Stream(name=CAMERA, kind=StreamKind.CAMERA),),
        segments=refs,
        terms=Terms(licence="CC0-1.0", region="DE"),
    )
    return Arrival(recording=recording, segments=parts, truth=(label_of(recording, "stop"),))


def label_of(
    recording: Recording, class_name: str, author: AuthorKind = AuthorKind.ORACLE
) -> LabelRevision:
    start_ns, end_ns = recording.start_ns, recording.end_ns
    span = ClassSpan(
        element_id=ElementId("track"),
        stream=CAMERA,
        start_ns=start_ns,
        end_ns=end_ns,
        class_name=class_name,
    )
    return LabelRevision(
        unit=recording.stretch,
        task=TASK,
        ontology_id=OntologyId("o"),
        author=Author(kind=author, name="archive"),
        coverage=Coverage(streams=(CAMERA,), spans=(Span(start_ns=start_ns, end_ns=end_ns),)),
        elements=Elements(class_spans=(span,)),
        price=1.0,
    )


def frames_of(lake: Lake, recording: Recording) -> tuple[Frame, ...]:
    offsets_ns = lake.offsets_of([ref.segment_id for ref in recording.segments])
    return camera_frames(recording, offsets_ns)
