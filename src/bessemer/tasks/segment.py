"""Segment a frame: a class for every pixel, frame by frame."""

import io
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from bessemer.core.errors import InputError
from bessemer.core.frames import Frame
from bessemer.core.labels import LabelRevision, Mask
from bessemer.core.ontology import Ontology
from bessemer.core.protocols import MergeConflict, Merged
from bessemer.core.records import Recording, Stretch
from bessemer.core.signature import Geometry
from bessemer.tasks.merge import merge_revisions

UNSAID = 255
"""The value of a dense map where nothing is said."""


@dataclass(frozen=True, slots=True)
class SegmentFrame:
    """A class for every pixel; answers are masks: dense maps, or one class a mask.

    Attributes:
        ontology: The classes, at most 255.
    """

    ontology: Ontology

    def __post_init__(self) -> None:
        """Check that every class has a pixel value."""
        if len(self.ontology.classes) > UNSAID:
            raise InputError("A dense map holds at most 255 classes.", where=self.ontology.task)

    @property
    def geometry(self) -> Geometry:
        """A class a pixel."""
        return Geometry.DENSE

    def units_of(self, recording: Recording, frames: Sequence[Frame]) -> tuple[Stretch, ...]:
        """Return one unit an instant at which a camera saw something.

        Args:
            recording: The recording.
            frames: Its camera frames; cameras that fire together share a unit.

        Returns:
            Stretches in order of time, each up to the next; the last up to the recording's end.
        """
        recording_id = recording.recording_id
        times = sorted({f.t_ns for f in frames if f.recording_id == recording_id})
        return tuple(
            Stretch(recording_id=recording_id, start_ns=start, end_ns=end)
            for start, end in itertools.pairwise([*times, recording.end_ns])
        )

    def targets(
        self,
        frames: Sequence[Frame],
        labels: Sequence[LabelRevision | None],
        size_px: tuple[int, int],
    ) -> UInt8[np.ndarray, "n h w"]:
        """Return a dense map a frame, 255 where nothing is said.

        Args:
            frames: Frames.
            labels: The revision that covers each, or None.
            size_px: Height and width of the maps; labels are resized to the nearest pixel.

        Returns:
            Class indices of the ontology.

        Raises:
            InputError: If the columns differ in length.
        """
        if len(frames) != len(labels):
            raise InputError("Frames and labels differ in length.", where=self.ontology.task)
        targets = np.full((len(frames), *size_px), UNSAID, np.uint8)
        for row, (frame, label) in enumerate(zip(frames, labels, strict=True)):
            for mask in label.elements.masks if label else ():
                if mask.stream == frame.stream and mask.t_ns == frame.t_ns:
                    self._paint(targets[row], mask)
        return targets

    def merge3(
        self, base: LabelRevision | None, ours: LabelRevision | None, theirs: LabelRevision | None
    ) -> Merged | MergeConflict | None:
        """Merge by element; see :func:`bessemer.tasks.merge.merge_revisions`."""
        return merge_revisions(base, ours, theirs)

    def _paint(self, target: UInt8[np.ndarray, "h w"], mask: Mask) -> None:
        """Lay a mask over a target, in place."""
        height_px, width_px = target.shape
        values = read_mask(mask.png, where=mask.element_id)
        if values.shape != target.shape:
            rows = _nearest(height_px, values.shape[0])
            values = values[rows][:, _nearest(width_px, values.shape[1])]
        if mask.class_name:
            index = self.ontology.index_of(mask.class_name)
            target[values > 0] = UNSAID if index < 0 else index
        else:
            said = values < len(self.ontology.classes)
            target[said] = values[said]


def read_mask(png: bytes, *, where: str = "") -> UInt8[np.ndarray, "h w"]:
    """Return the values of a single-channel PNG.

    Args:
        png: The encoded picture.
        where: Named in the error.

    Returns:
        Its values.

    Raises:
        InputError: If it is not a single-channel PNG of 8 bits.
    """
    try:
        with Image.open(io.BytesIO(png), formats=("PNG",)) as picture:
            if picture.mode not in ("L", "P"):
                raise InputError(
                    f"A mask has one channel of 8 bits, not the mode {picture.mode}.", where=where
                )
            return np.asarray(picture).astype(np.uint8, copy=False)
    except (OSError, SyntaxError) as error:
        raise InputError(
            "This mask cannot be read as a PNG.", where=where, fix="Write 8 bits, one channel."
        ) from error


def write_mask(values: UInt8[np.ndarray, "h w"]) -> bytes:
    """Return values as a single-channel PNG.

    Args:
        values: One value a pixel, row by row from the top.

    Returns:
        Bytes of the PNG.

    Example:
        >>> bool((read_mask(write_mask(np.eye(3, dtype=np.uint8))) == np.eye(3)).all())
        True
    """
    sink = io.BytesIO()
    Image.fromarray(values).save(sink, format="PNG", compress_level=6)
    return sink.getvalue()


def _nearest(size: int, source_size: int) -> list[int]:
    """Return for each of ``size`` pixels the nearest of ``source_size``, by their centres."""
    return [((2 * pixel + 1) * source_size) // (2 * size) for pixel in range(size)]
