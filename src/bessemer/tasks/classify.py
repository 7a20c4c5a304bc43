"""Classify a track: one class for the whole of a recording, such as a sign's type."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from bessemer.core.errors import InputError
from bessemer.core.frames import Frame
from bessemer.core.labels import LabelRevision
from bessemer.core.ontology import Ontology
from bessemer.core.protocols import MergeConflict, Merged
from bessemer.core.records import Recording, Stretch
from bessemer.core.signature import Geometry
from bessemer.tasks.merge import merge_revisions

UNLABELLED = -1


@dataclass(frozen=True, slots=True)
class ClassifyTrack:
    """One class for the whole of a recording; answers are class spans.

    Attributes:
        ontology: The classes.
    """

    ontology: Ontology

    @property
    def geometry(self) -> Geometry:
        """A class a frame."""
        return Geometry.CLASS

    def units_of(self, recording: Recording, frames: Sequence[Frame]) -> tuple[Stretch, ...]:
        """Return the recording as a single unit."""
        return (recording.stretch,)

    def targets(
        self,
        frames: Sequence[Frame],
        labels: Sequence[LabelRevision | None],
        size_px: tuple[int, int] = (1, 1),
    ) -> Int64[np.ndarray, " n"]:
        """Return the class index of each frame, -1 where nothing is said.

        Args:
            frames: Frames.
            labels: The revision that covers each, or None.
            size_px: Not used.

        Returns:
            Indices of the ontology; -1 also for ignored classes and where spans contradict.

        Raises:
            InputError: If the columns differ in length or a label speaks of other classes.
        """
        if len(frames) != len(labels):
            raise InputError("Frames and labels differ in length.", where=self.ontology.task)
        indices = {name: index for index, name in enumerate(self.ontology.classes)}
        indices |= dict.fromkeys(self.ontology.ignored, UNLABELLED)
        targets = np.full(len(frames), UNLABELLED, np.int64)
        for row, (frame, label) in enumerate(zip(frames, labels, strict=True)):
            names = _classes_at(frame, label) if label else set()
            if len(names) == 1:
                name = names.pop()
                targets[row] = indices[name] if name in indices else self.ontology.index_of(name)
        return targets

    def merge3(
        self, base: LabelRevision | None, ours: LabelRevision | None, theirs: LabelRevision | None
    ) -> Merged | MergeConflict | None:
        """Merge by element, with one class at a time; see :mod:`bessemer.tasks.merge`."""
        return merge_revisions(base, ours, theirs, one_class=True)


def _classes_at(frame: Frame, label: LabelRevision) -> set[str]:
    """Return the names of the classes that hold at a frame."""
    return {
        span.class_name
        for span in label.elements.class_spans
        if span.stream == frame.stream and span.start_ns <= frame.t_ns < span.end_ns
    }
