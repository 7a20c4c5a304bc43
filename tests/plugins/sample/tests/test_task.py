from collections.abc import Sequence

from bessemer.core.frames import Frame
from bessemer.core.ids import ElementId
from bessemer.core.labels import ClassSpan, Elements
from bessemer.core.ontology import Ontology
from bessemer.core.plugins import find_plugin
from bessemer.core.protocols import Task
from bessemer.core.records import Stretch
from bessemer.testing.tasks import TaskConformance


class TestPairs(TaskConformance):
    n_frames = 5

    def make_task(self, ontology: Ontology) -> Task:
        task: Task = find_plugin("tasks", "pairs", ontology=ontology)
        return task

    def make_elements(self, unit: Stretch, frames: Sequence[Frame], class_name: str) -> Elements:
        span = ClassSpan(
            element_id=ElementId("pair"),
            stream=frames[0].stream,
            start_ns=unit.start_ns,
            end_ns=unit.end_ns,
            class_name=class_name,
        )
        return Elements(class_spans=(span,))
