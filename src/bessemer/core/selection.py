"""What a label budget is spent on: candidates, what is labelled already, and the selection.

Plain arrays, so that a selector knows neither networks nor stores. A unit is whatever is paid for
at once: a track of a sign, a frame of a drive. A selector says why for every unit, also for those
it left.

Shapes: n candidates, m labelled units, c classes, d pinned and e own embedding size.
"""

from collections import Counter
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float32, Int64

from bessemer.core.errors import InputError
from bessemer.core.ids import SpaceId


class ReasonCode(StrEnum):
    """Why a unit was chosen, or was passed over."""

    CONTROL = "control"
    RANDOM = "random"
    UNCERTAIN = "uncertain"
    UNCOVERED = "uncovered"
    TYPICAL = "typical"
    RARE_CLASS = "rare_class"
    PEER = "peer"
    LOWER_RANK = "lower_rank"
    NOT_DRAWN = "not_drawn"
    NEAR_CHOSEN = "near_chosen"
    NEAR_LABELLED = "near_labelled"
    CLASS_SERVED = "class_served"
    CONFIDENT = "confident"


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Candidates:
    """Units that a label could be bought for.

    Args:
        units: Their names, each once; the order breaks ties.
        probabilities: Class probabilities of each unit, the mean over its frames; rows sum to 1.
            Uniform rows say that no network has an opinion yet.
        embeddings: In the pinned space, unit norm.
        own_embeddings: In the growing network's own space; any scale.
        frame_counts: Frames of each unit, at least 1.
        space_id: The pinned space.
    """

    units: tuple[str, ...]
    probabilities: Float32[np.ndarray, "n c"]
    embeddings: Float32[np.ndarray, "n d"]
    own_embeddings: Float32[np.ndarray, "n e"]
    frame_counts: Int64[np.ndarray, " n"]
    space_id: SpaceId

    def __post_init__(self) -> None:
        """Check that the arrays speak of the same units.

        Raises:
            InputError: If they do not.
        """
        n = len(self.units)
        lengths = {
            "probabilities": len(self.probabilities),
            "embeddings": len(self.embeddings),
            "own_embeddings": len(self.own_embeddings),
            "frame_counts": len(self.frame_counts),
        }
        for name, length in lengths.items():
            if length != n:
                raise InputError(
                    f"There are {n} units but {length} rows of {name}.",
                    where=f"Candidates.{name}",
                    fix="Give one row a unit, in the order of the units.",
                )
        if len(set(self.units)) != n:
            raise InputError(
                "A unit is named twice.", where="Candidates.units", fix="Name each unit once."
            )
        if n and abs(float(self.probabilities.sum(axis=1).mean()) - 1.0) > 1e-2:
            raise InputError(
                "Probabilities do not sum to 1.",
                where="Candidates.probabilities",
                fix="Pass softmax outputs, not logits, averaged over the frames of the unit.",
            )

    def __len__(self) -> int:
        return len(self.units)

    @property
    def class_count(self) -> int:
        """The number of classes."""
        return int(self.probabilities.shape[1])


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Labelled:
    """Units whose label is paid for.

    Args:
        shares: How much of each unit is each class: one-hot for a track of one sign, the share of
            pixels for a frame. Rows sum to at most 1.
        embeddings: In the pinned space, unit norm.
        own_embeddings: In the growing network's own space.
        space_id: The pinned space.
    """

    shares: Float32[np.ndarray, "m c"]
    embeddings: Float32[np.ndarray, "m d"]
    own_embeddings: Float32[np.ndarray, "m e"]
    space_id: SpaceId

    def __post_init__(self) -> None:
        """Check that the arrays speak of the same units.

        Raises:
            InputError: If they do not.
        """
        if not len(self.shares) == len(self.embeddings) == len(self.own_embeddings):
            raise InputError(
                "Shares and embeddings have different lengths: "
                f"{len(self.shares)}, {len(self.embeddings)}, {len(self.own_embeddings)}.",
                where="Labelled",
                fix="Give one row a labelled unit.",
            )

    def __len__(self) -> int:
        return len(self.shares)

    @property
    def class_counts(self) -> Float32[np.ndarray, " c"]:
        """Labelled units of each class; parts count as parts."""
        counts: Float32[np.ndarray, "c"] = self.shares.sum(axis=0, dtype=np.float32)
        return counts


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """A candidate, and why it was chosen or passed over.

    Args:
        index: Its row in the candidates.
        unit: Its name.
        code: The reason, to be counted.
        reason: The reason, to be read.
    """

    index: int
    unit: str
    code: ReasonCode
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a selector chose, in the order in which labels should be bought, and what it left.

    Args:
        selector: The selector's name.
        chosen: Best first.
        passed_over: Every other candidate, in the candidates' order.
    """

    selector: str
    chosen: tuple[Choice, ...]
    passed_over: tuple[Choice, ...]

    @property
    def indices(self) -> tuple[int, ...]:
        """Rows of the chosen candidates, best first."""
        return tuple(choice.index for choice in self.chosen)

    @property
    def chosen_by_reason(self) -> dict[ReasonCode, int]:
        """How many were chosen for each reason."""
        return dict(sorted(Counter(choice.code for choice in self.chosen).items()))

    @property
    def passed_by_reason(self) -> dict[ReasonCode, int]:
        """How many were passed over for each reason."""
        return dict(sorted(Counter(choice.code for choice in self.passed_over).items()))


@runtime_checkable
class Selector(Protocol):
    """Spends a label budget. Deterministic for a seed; ties go to the earlier candidate."""

    @property
    def name(self) -> str:
        """How it is called in settings and reports."""

    def select(
        self, candidates: Candidates, labelled: Labelled, budget: int, seed: int
    ) -> Selection:
        """Choose at most ``budget`` candidates and say why for every one.

        Args:
            candidates: Units without a label.
            labelled: Units with a label.
            budget: How many units may be paid for.
            seed: Of every draw.

        Returns:
            ``min(budget, n)`` chosen, and all others passed over.

        Raises:
            InputError: If candidates and labelled disagree on space or classes.
        """
