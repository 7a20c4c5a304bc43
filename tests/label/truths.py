"""Small truths to be asked about: sign tracks, and dense maps."""

import numpy as np

from bessemer.core.frames import Frame
from bessemer.core.ids import ElementId, RecordingId, SegmentId, StreamName, TaskName
from bessemer.core.labelling import LabelRequest
from bessemer.core.labels import (
    Author,
    AuthorKind,
    ClassSpan,
    Coverage,
    Elements,
    LabelRevision,
    Mask,
    Span,
)
from bessemer.core.ontology import Ontology
from bessemer.core.records import Stretch
from bessemer.tasks.segment import write_mask

CAMERA = StreamName("camera")
SIGN = Ontology(task=TaskName("sign"), classes=("stop", "yield", "speed 30", "speed 50"))
ROAD = Ontology(task=TaskName("road"), classes=("sky", "road", "pavement"), ignored=("void",))
ARCHIVE = Author(kind=AuthorKind.ORACLE, name="archive")
END_NS = 100


def unit_of(name: str) -> Stretch:
    return Stretch(recording_id=RecordingId(name), start_ns=0, end_ns=END_NS)


def frame_at(name: str, t_ns: int) -> Frame:
    return Frame(
        recording_id=RecordingId(name),
        stream=CAMERA,
        segment_id=SegmentId(f"s-{name}"),
        index=t_ns // 10,
        t_ns=t_ns,
    )


def frames_of(name: str) -> tuple[Frame, ...]:
    return tuple(frame_at(name, t_ns) for t_ns in range(0, END_NS, 10))


def sign_truth(name: str, class_name: str) -> LabelRevision:
    return LabelRevision(
        unit=unit_of(name),
        task=SIGN.task,
        ontology_id=SIGN.ontology_id,
        author=ARCHIVE,
        coverage=Coverage(streams=(CAMERA,), spans=(Span(start_ns=0, end_ns=END_NS),)),
        elements=Elements(
            class_spans=(
                ClassSpan(
                    element_id=ElementId("sign"),
                    stream=CAMERA,
                    start_ns=0,
                    end_ns=END_NS,
                    class_name=class_name,
                ),
            )
        ),
    )


def road_map() -> np.ndarray:
    """Sky above, pavement left, road right, and a corner of which nothing is said."""
    values = np.zeros((12, 16), dtype=np.uint8)
    values[6:, :5] = 2
    values[6:, 5:] = 1
    values[0, 0] = 255
    return values


def road_truth(name: str) -> LabelRevision:
    png = write_mask(road_map())
    return LabelRevision(
        unit=unit_of(name),
        task=ROAD.task,
        ontology_id=ROAD.ontology_id,
        author=ARCHIVE,
        coverage=Coverage(streams=(CAMERA,), spans=(Span(start_ns=0, end_ns=END_NS),)),
        elements=Elements(
            masks=tuple(
                Mask(element_id=ElementId(f"m{f.t_ns}"), stream=CAMERA, t_ns=f.t_ns, png=png)
                for f in frames_of(name)
            )
        ),
    )


def request_for(name: str, ontology: Ontology = SIGN, t_ns: int = 50) -> LabelRequest:
    return LabelRequest(
        unit=unit_of(name),
        task=ontology.task,
        frame=frame_at(name, t_ns),
        reason="asked",
        price=1.0,
    )
