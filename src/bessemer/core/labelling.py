"""Requests for labels and the answers to them."""

from dataclasses import dataclass

from bessemer.core.frames import Frame
from bessemer.core.ids import TaskName
from bessemer.core.labels import LabelRevision
from bessemer.core.records import Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRequest:
    """One question to a labeller.

    Attributes:
        unit: What the answer is to be about.
        task: The task.
        frame: The frame to look at: the one most worth a person's time.
        reason: Why it was asked.
        price: What an answer costs, in labels.
    """

    unit: Stretch
    task: TaskName
    frame: Frame
    reason: str
    price: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelAnswers:
    """What a labeller gave: revisions that are in, and requests that people still hold."""

    revisions: tuple[LabelRevision, ...]
    waiting: tuple[LabelRequest, ...] = ()
