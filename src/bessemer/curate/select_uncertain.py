"""Naive uncertainty sampling: the smallest margins first.

Here for comparison. On camera tracks it is often worse than chance: it collects blur and outliers,
many times over.
Source: Scheffer, Decomain and Wrobel, "Active hidden Markov models for information extraction",
IDA 2001 (margin).
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from jaxtyping import Int64

from bessemer.core.selection import Candidates, Labelled, ReasonCode, Selection
from bessemer.curate.select import (
    Leftover,
    Pick,
    best_first,
    check_control_frac,
    margins,
    spend_budget,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertaintyConfig:
    """Settings of :class:`UncertaintySelector`.

    Args:
        control_frac: Share of the budget drawn uniformly.
    """

    control_frac: float = 0.1

    def __post_init__(self) -> None:
        """Check the range."""
        check_control_frac(self.control_frac, "UncertaintyConfig.control_frac")


@dataclass(frozen=True, slots=True, kw_only=True)
class UncertaintySelector:
    """Takes the units about which the network is least sure."""

    config: UncertaintyConfig = field(default_factory=UncertaintyConfig)
    name: ClassVar[str] = "uncertainty"

    def select(
        self, candidates: Candidates, labelled: Labelled, budget: int, seed: int
    ) -> Selection:
        """Choose the smallest margins; see :class:`bessemer.core.selection.Selector`."""
        margin = margins(candidates.probabilities)

        def rank(
            control: Int64[np.ndarray, "k"], left: int, _rng: np.random.Generator
        ) -> list[Pick]:
            return [
                Pick(
                    index=i,
                    code=ReasonCode.UNCERTAIN,
                    reason=f"The network's first class is only {margin[i]:.2f} ahead.",
                )
                for i in best_first(-margin, control)[:left]
            ]

        def explain(index: int) -> Leftover:
            return Leftover(
                code=ReasonCode.CONFIDENT,
                reason=f"The network's first class is {margin[index]:.2f} ahead.",
            )

        return spend_budget(
            self.name, candidates, labelled, budget, seed, self.config.control_frac, rank, explain
        )
