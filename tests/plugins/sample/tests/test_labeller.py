import numpy as np
from jaxtyping import UInt8

from bessemer.core.frames import Frame
from bessemer.core.ids import RecordingId, SegmentId, StreamName, TaskName
from bessemer.core.labelling import LabelRequest
from bessemer.core.ontology import Ontology
from bessemer.core.plugins import find_plugin
from bessemer.core.protocols import Labeller
from bessemer.core.records import Stretch
from bessemer.testing.labellers import LabellerConformance

LIGHT = Ontology(task=TaskName("light"), classes=("bright", "dark"))


def look(frame: Frame) -> UInt8[np.ndarray, "h w 3"]:
    return np.full((4, 4, 3), 40 * frame.index, dtype=np.uint8)


class TestLightMeter(LabellerConformance):
    def make_labeller(self) -> Labeller:
        labeller: Labeller = find_plugin("labellers", "light_meter", ontology=LIGHT, look=look)
        return labeller

    def make_requests(self) -> list[LabelRequest]:
        recording = RecordingId("strip")
        return [
            LabelRequest(
                unit=Stretch(recording_id=recording, start_ns=10 * i, end_ns=10 * i + 10),
                task=LIGHT.task,
                frame=Frame(
                    recording_id=recording,
                    stream=StreamName("camera"),
                    segment_id=SegmentId("strip"),
                    index=i,
                    t_ns=10 * i,
                ),
                reason="why not",
            )
            for i in range(6)
        ]

    def test_light_decides(self) -> None:
        said = self.make_labeller().answer(self.make_requests()).revisions
        names = [revision.elements.class_spans[0].class_name for revision in said]
        assert names == ["dark", "dark", "dark", "bright", "bright", "bright"]
