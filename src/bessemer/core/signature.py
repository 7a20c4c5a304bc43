"""The contract of a network file: named inputs and outputs, and how pictures become inputs.

A network is an ONNX file whose metadata carries its :class:`Signature` under ``METADATA_KEY``. Any
file that keeps this contract can be evaluated, released and run on vehicles, whoever made it.
"""

from dataclasses import dataclass
from enum import StrEnum

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import PreprocessId, TaskName, content_id
from bessemer.core.ontology import Ontology

METADATA_KEY = "bessemer.signature"


class Geometry(StrEnum):
    """What a task's answers look like."""

    CLASS = "class"
    DENSE = "dense"


@dataclass(frozen=True, slots=True, kw_only=True)
class Preprocess:
    """How a decoded RGB picture becomes a network's input; the same code trains and drives.

    A picture of uint8 [h, w, 3] is resized to ``height_px`` x ``width_px`` with an anti-aliasing
    bilinear filter, then (value / 255 - mean) / std by channel, laid out as float32 [3, h, w].
    """

    width_px: int
    height_px: int
    mean: tuple[float, float, float] = (0.5, 0.5, 0.5)
    std: tuple[float, float, float] = (0.25, 0.25, 0.25)

    def __post_init__(self) -> None:
        """Check sizes and that nothing is divided by zero."""
        if self.width_px < 1 or self.height_px < 1 or min(self.std) <= 0:
            raise InputError("Sizes and deviations are positive.", where="Preprocess")

    @property
    def preprocess_id(self) -> PreprocessId:
        """The address of this preprocessing."""
        return PreprocessId(content_id("preprocess", self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """One task's output: logits float32 [n, c], or [n, c, h, w] for dense tasks."""

    task: TaskName
    geometry: Geometry
    output: str
    ontology: Ontology


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """What a network takes and gives.

    Attributes:
        preprocess: How its input is made: float32 [n, 3, height_px, width_px], any n.
        heads: Its task outputs.
        input: Name of the input.
        embedding: Name of the feature output, float32 [n, d].
    """

    preprocess: Preprocess
    heads: tuple[Head, ...]
    input: str = "image"
    embedding: str = "embedding"

    def head_of(self, task: TaskName) -> Head:
        """Return the head of a task.

        Args:
            task: The task that the head answers.

        Returns:
            The head that answers it.

        Raises:
            NotFoundError: If the network has no such head.
        """
        for head in self.heads:
            if head.task == task:
                return head
        raise NotFoundError.among("head", task, [h.task for h in self.heads], where="signature")
