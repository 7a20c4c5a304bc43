"""Random selection: the arm that every other selector is measured against."""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from jaxtyping import Int64

from bessemer.core.selection import Candidates, Labelled, ReasonCode, Selection
from bessemer.curate.select import Leftover, Pick, check_control_frac, spend_budget


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomConfig:
    """Chance has one setting, which changes the reasons and not the draw.

    Args:
        control_frac: Share of the budget that is marked as control.
    """

    control_frac: float = 0.1

    def __post_init__(self) -> None:
        """Check the range."""
        check_control_frac(self.control_frac, "RandomConfig.control_frac")


@dataclass(frozen=True, slots=True, kw_only=True)
class RandomSelector:
    """Draws units uniformly."""

    config: RandomConfig = field(default_factory=RandomConfig)
    name: ClassVar[str] = "random"

    def select(
        self, candidates: Candidates, labelled: Labelled, budget: int, seed: int
    ) -> Selection:
        """Choose ``budget`` units by chance; see :class:`bessemer.core.selection.Selector`."""

        def rank(
            control: Int64[np.ndarray, "k"], left: int, rng: np.random.Generator
        ) -> list[Pick]:
            rest = np.setdiff1d(np.arange(len(candidates)), control)
            drawn = rng.choice(rest, size=left, replace=False)
            return [
                Pick(index=int(i), code=ReasonCode.RANDOM, reason="Drawn by chance.") for i in drawn
            ]

        def explain(_index: int) -> Leftover:
            return Leftover(code=ReasonCode.NOT_DRAWN, reason="Chance did not draw it.")

        return spend_budget(
            self.name, candidates, labelled, budget, seed, self.config.control_frac, rank, explain
        )
