from collections.abc import Sequence

import numpy as np

from bessemer.core.frames import Frame
from bessemer.core.ids import ElementId
from bessemer.core.labels import ClassSpan, Elements, Mask
from bessemer.core.ontology import Ontology
from bessemer.core.protocols import Task
from bessemer.core.records import Stretch
from bessemer.tasks.classify import ClassifyTrack
from bessemer.tasks.segment import SegmentFrame, write_mask
from bessemer.testing.tasks import TaskConformance


class TestClassifyTrack(TaskConformance):
    def make_task(self, ontology: Ontology) -> Task:
        return ClassifyTrack(ontology)

    def make_elements(self, unit: Stretch, frames: Sequence[Frame], class_name: str) -> Elements:
        span = ClassSpan(
            element_id=ElementId("sign"),
            stream=frames[0].stream,
            start_ns=unit.start_ns,
            end_ns=unit.end_ns,
            class_name=class_name,
        )
        return Elements(class_spans=(span,))


class TestSegmentFrame(TaskConformance):
    def make_task(self, ontology: Ontology) -> Task:
        return SegmentFrame(ontology)

    def make_elements(self, unit: Stretch, frames: Sequence[Frame], class_name: str) -> Elements:
        index = self.ontology.index_of(class_name)
        maps = tuple(
            Mask(
                element_id=ElementId(f"map {frame.index}"),
                stream=frame.stream,
                t_ns=frame.t_ns,
                png=write_mask(np.full(self.size_px, index, dtype=np.uint8)),
            )
            for frame in frames
        )
        return Elements(masks=maps)
