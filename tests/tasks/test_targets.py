"""Units and targets of both tasks."""

import numpy as np
import pytest

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.frames import Frame
from bessemer.core.ids import ElementId, SegmentId, StreamName, TaskName
from bessemer.core.labels import (
    Author,
    AuthorKind,
    ClassSpan,
    Coverage,
    Elements,
    LabelRevision,
    Mask,
)
from bessemer.core.ontology import Ontology
from bessemer.core.records import Recording, SegmentRef, Stream, StreamKind, Terms
from bessemer.tasks import ClassifyTrack, SegmentFrame
from bessemer.tasks.segment import read_mask, write_mask

CAMERA = StreamName("camera")
ONTOLOGY = Ontology(task=TaskName("signs"), classes=("stop", "yield"), ignored=("void",))
RECORDING = Recording(
    source="a",
    start_ns=0,
    end_ns=35,
    streams=(Stream(name=CAMERA, kind=StreamKind.CAMERA),),
    segments=(
        SegmentRef(
            stream=CAMERA,
            segment_id=SegmentId("s"),
            start_ns=0,
            end_ns=35,
            n_frames=3,
            size_bytes=1,
        ),
    ),
    terms=Terms(licence="CC0-1.0", region="DE"),
)
FRAMES = tuple(
    Frame(
        recording_id=RECORDING.recording_id,
        stream=CAMERA,
        segment_id=SegmentId("s"),
        index=index,
        t_ns=10 * index,
    )
    for index in range(3)
)


def revision(elements: Elements) -> LabelRevision:
    return LabelRevision(
        unit=RECORDING.stretch,
        task=ONTOLOGY.task,
        ontology_id=ONTOLOGY.ontology_id,
        author=Author(kind=AuthorKind.PERSON, name="ada"),
        coverage=Coverage(streams=(CAMERA,), spans=()),
        elements=elements,
    )


def spanning(class_name: str, start_ns: int = 0, end_ns: int = 35) -> ClassSpan:
    return ClassSpan(
        element_id=ElementId(f"{class_name}{start_ns}"),
        stream=CAMERA,
        start_ns=start_ns,
        end_ns=end_ns,
        class_name=class_name,
    )


def test_a_track_is_one_unit() -> None:
    assert ClassifyTrack(ONTOLOGY).units_of(RECORDING, FRAMES) == (RECORDING.stretch,)


def test_frames_tile_the_recording() -> None:
    units = SegmentFrame(ONTOLOGY).units_of(RECORDING, FRAMES)
    assert [(u.start_ns, u.end_ns) for u in units] == [(0, 10), (10, 20), (20, 35)]
    assert SegmentFrame(ONTOLOGY).units_of(RECORDING, ()) == ()


def test_class_targets_follow_spans_and_are_silent_elsewhere() -> None:
    label = revision(Elements(class_spans=(spanning("yield", 0, 10), spanning("void", 10, 20))))
    targets = ClassifyTrack(ONTOLOGY).targets(FRAMES, [label] * 3)
    assert targets.tolist() == [1, -1, -1]
    assert ClassifyTrack(ONTOLOGY).targets(FRAMES, [None] * 3).tolist() == [-1, -1, -1]


def test_spans_that_contradict_say_nothing() -> None:
    label = revision(Elements(class_spans=(spanning("yield"), spanning("stop", 0, 15))))
    assert ClassifyTrack(ONTOLOGY).targets(FRAMES, [label] * 3).tolist() == [-1, -1, 1]


def test_an_unknown_class_is_named_with_its_near_miss() -> None:
    label = revision(Elements(class_spans=(spanning("yeild"),)))
    with pytest.raises(NotFoundError, match="yield"):
        ClassifyTrack(ONTOLOGY).targets(FRAMES, [label] * 3)


def test_dense_targets_are_resized_and_silent_where_nothing_is_said() -> None:
    values = np.array([[0, 1], [7, 255]], np.uint8)
    mask = Mask(element_id=ElementId("m"), stream=CAMERA, t_ns=10, png=write_mask(values))
    label = revision(Elements(masks=(mask,)))
    targets = SegmentFrame(ONTOLOGY).targets(FRAMES, [label, label, None], (4, 4))
    assert targets.dtype == np.uint8
    assert (targets[[0, 2]] == 255).all()
    assert targets[1].tolist() == [[0, 0, 1, 1]] * 2 + [[255] * 4] * 2


def test_a_mask_of_one_class_paints_over_and_an_ignored_one_silences() -> None:
    png = write_mask(np.array([[0, 9]], np.uint8))
    masks = tuple(
        Mask(element_id=ElementId(name), stream=CAMERA, t_ns=t, class_name=name, png=png)
        for name, t in (("yield", 0), ("yield", 10), ("void", 10))
    )
    label = revision(Elements(masks=masks))
    targets = SegmentFrame(ONTOLOGY).targets(FRAMES[:2], [label, label], (1, 2))
    assert targets.tolist() == [[[255, 1]], [[255, 255]]]


def test_a_damaged_mask_is_refused() -> None:
    with pytest.raises(InputError, match="cannot be read"):
        read_mask(b"no picture")
