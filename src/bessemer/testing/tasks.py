# ruff: noqa: D102 - the name of a test is its sentence
"""What every task keeps: inherit the class, say how to make one and what an answer looks like.

Example of a test module for a task of your own::

    class TestMyTask(TaskConformance):
        def make_task(self, ontology: Ontology) -> Task:
            return MyTask(ontology)

        def make_elements(
            self, unit: Stretch, frames: Sequence[Frame], class_name: str
        ) -> Elements:
            return Elements(class_spans=...)  # the whole unit is of this class
"""

from collections.abc import Sequence
from itertools import pairwise, permutations

import numpy as np
import pytest

from bessemer.core.errors import InputError
from bessemer.core.frames import Frame
from bessemer.core.ids import SegmentId, StreamName, TaskName
from bessemer.core.labels import Author, AuthorKind, Coverage, Elements, LabelRevision, Span
from bessemer.core.ontology import Ontology
from bessemer.core.protocols import MergeConflict, Merged, Task
from bessemer.core.records import Recording, SegmentRef, Stream, StreamKind, Stretch, Terms
from bessemer.core.signature import Geometry

_PERIOD_NS = 100_000_000
_FRONT = StreamName("front")
_NOTHING = {Geometry.CLASS: -1, Geometry.DENSE: 255}


class TaskConformance:
    """The tests; an implementer gives a task, and answers to it.

    Attributes:
        ontology: The classes.
        n_frames: Frames of the made recording.
        size_px: Height and width of dense targets.
    """

    ontology = Ontology(task=TaskName("conformance"), classes=("stop", "yield", "priority"))
    n_frames: int = 6
    size_px: tuple[int, int] = (4, 6)

    def make_task(self, ontology: Ontology) -> Task:
        """Return a new task."""
        raise NotImplementedError

    def make_elements(self, unit: Stretch, frames: Sequence[Frame], class_name: str) -> Elements:
        """Return what an answer holds that says one class of a whole unit."""
        raise NotImplementedError

    def test_it_plays_the_role(self) -> None:
        task = self.make_task(self.ontology)
        assert isinstance(task, Task)
        assert task.ontology == self.ontology
        assert isinstance(task.geometry, Geometry)

    def test_units_follow_each_other_inside_of_the_recording(self) -> None:
        recording, frames = self._recording()
        units = self.make_task(self.ontology).units_of(recording, frames)
        assert units
        assert units == self.make_task(self.ontology).units_of(recording, frames)
        assert all(unit.recording_id == recording.recording_id for unit in units)
        assert all(recording.start_ns <= u.start_ns < u.end_ns <= recording.end_ns for u in units)
        assert all(before.end_ns <= after.start_ns for before, after in pairwise(units))

    def test_every_unit_shows_something(self) -> None:
        recording, frames = self._recording()
        for unit in self.make_task(self.ontology).units_of(recording, frames):
            assert any(unit.start_ns <= frame.t_ns < unit.end_ns for frame in frames)

    def test_an_answer_becomes_the_target_of_its_frames_and_of_no_other(self) -> None:
        task = self.make_task(self.ontology)
        for unit, frames in self._units():
            for index, name in enumerate(self.ontology.classes):
                answer = self._answer(unit, frames, name)
                column = [answer, *[None] * len(frames)]
                targets = task.targets([frames[0], *frames], column, self.size_px)
                said, unsaid = targets[0], targets[1:]
                assert targets.dtype == (np.int64 if task.geometry is Geometry.CLASS else np.uint8)
                assert np.all(np.asarray(said) == index)
                assert np.all(np.asarray(unsaid) == _NOTHING[task.geometry])

    def test_columns_of_other_lengths_are_refused(self) -> None:
        _, frames = self._units()[0]
        with pytest.raises(InputError):
            self.make_task(self.ontology).targets(frames, [None] * (len(frames) + 1), self.size_px)

    def test_who_changed_nothing_does_not_stand_in_the_way(self) -> None:
        task = self.make_task(self.ontology)
        base, other, _ = self._answers()
        for side in (base, other, None):
            for ours, theirs in ((base, side), (side, base)):
                merged = task.merge3(base, ours, theirs)
                assert merged == (None if side is None else Merged(revision=side))

    def test_two_who_say_the_same_agree(self) -> None:
        task = self.make_task(self.ontology)
        base, other, _ = self._answers()
        assert task.merge3(base, other, other) == Merged(revision=other)
        assert task.merge3(None, other, other) == Merged(revision=other)
        assert task.merge3(base, None, None) is None

    def test_a_conflict_names_both_sides_and_what_stands_keeps_both(self) -> None:
        task = self.make_task(self.ontology)
        for ours, theirs in permutations(self._answers(), 2):
            found = task.merge3(None, ours, theirs)
            mirrored = task.merge3(None, theirs, ours)
            assert type(found) is type(mirrored)
            if isinstance(found, MergeConflict):
                assert {found.ours, found.theirs} == {ours.revision_id, theirs.revision_id}
                assert found.reason.strip()
            else:
                assert isinstance(found, Merged)
                assert found.revision.unit == ours.unit
                assert {ours.revision_id, theirs.revision_id} <= {*found.revision.parents}

    def test_removed_here_and_changed_there_is_never_settled_in_silence(self) -> None:
        task = self.make_task(self.ontology)
        base, other, _ = self._answers()
        assert isinstance(task.merge3(base, None, other), MergeConflict)
        assert isinstance(task.merge3(base, other, None), MergeConflict)

    def _recording(self) -> tuple[Recording, tuple[Frame, ...]]:
        """Return a recording of one camera, and its frames."""
        end_ns = self.n_frames * _PERIOD_NS
        segment = SegmentRef(
            stream=_FRONT,
            segment_id=SegmentId("conformance"),
            start_ns=0,
            end_ns=end_ns,
            n_frames=self.n_frames,
            size_bytes=1,
        )
        recording = Recording(
            source="conformance",
            start_ns=0,
            end_ns=end_ns,
            streams=(Stream(name=_FRONT, kind=StreamKind.CAMERA),),
            segments=(segment,),
            terms=Terms(licence="CC0-1.0", region="DE"),
        )
        frames = tuple(
            Frame(
                recording_id=recording.recording_id,
                stream=_FRONT,
                segment_id=segment.segment_id,
                index=index,
                t_ns=index * _PERIOD_NS,
            )
            for index in range(self.n_frames)
        )
        return recording, frames

    def _units(self) -> list[tuple[Stretch, tuple[Frame, ...]]]:
        """Return the units of the recording, each with its frames."""
        recording, frames = self._recording()
        return [
            (unit, tuple(f for f in frames if unit.start_ns <= f.t_ns < unit.end_ns))
            for unit in self.make_task(self.ontology).units_of(recording, frames)
        ]

    def _answers(self) -> tuple[LabelRevision, ...]:
        """Return answers to the first unit, each of another class."""
        unit, frames = self._units()[0]
        return tuple(self._answer(unit, frames, name) for name in self.ontology.classes)

    def _answer(self, unit: Stretch, frames: Sequence[Frame], class_name: str) -> LabelRevision:
        """Return an answer that says one class of a whole unit."""
        return LabelRevision(
            unit=unit,
            task=self.ontology.task,
            ontology_id=self.ontology.ontology_id,
            author=Author(kind=AuthorKind.PERSON, name=f"who says {class_name}"),
            coverage=Coverage(
                streams=(_FRONT,), spans=(Span(start_ns=unit.start_ns, end_ns=unit.end_ns),)
            ),
            elements=self.make_elements(unit, frames, class_name),
            price=1.0,
        )
