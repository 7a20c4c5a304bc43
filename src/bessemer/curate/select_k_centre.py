"""Farthest-first cover of the pinned space.

Source: Sener and Savarese, "Active learning for convolutional neural networks: a core-set
approach", ICLR 2018 (the greedy 2-approximation). Differences: the pinned space instead of the
network's own, so that the cover does not move.
Cost: O(n (m + b)) products of d for n candidates, m labelled and b chosen units.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from jaxtyping import Float32, Int64

from bessemer.core.selection import Candidates, Labelled, ReasonCode, Selection
from bessemer.curate.select import Leftover, Pick, check_control_frac, spend_budget

_BLOCK = 1024
"""Labelled units compared at once; bounds the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KCentreConfig:
    """Settings of :class:`KCentreSelector`.

    Args:
        control_frac: Share of the budget drawn uniformly.
    """

    control_frac: float = 0.1

    def __post_init__(self) -> None:
        """Check the range."""
        check_control_frac(self.control_frac, "KCentreConfig.control_frac")


@dataclass(frozen=True, slots=True, kw_only=True)
class KCentreSelector:
    """Takes, again and again, the unit farthest from all that is labelled or chosen."""

    config: KCentreConfig = field(default_factory=KCentreConfig)
    name: ClassVar[str] = "k_centre"

    def select(
        self, candidates: Candidates, labelled: Labelled, budget: int, seed: int
    ) -> Selection:
        """Choose farthest first; see :class:`bessemer.core.selection.Selector`."""
        points = candidates.embeddings
        # Without any label the first unit is as good as any other.
        closest = greatest_cosine(points, labelled.embeddings)

        def rank(
            control: Int64[np.ndarray, "k"], left: int, _rng: np.random.Generator
        ) -> list[Pick]:
            closest[:] = np.maximum(closest, greatest_cosine(points, points[control]))
            # Exact copies of what is taken have cosine 1; only the taken themselves have 2.
            closest[control] = 2.0
            picks = []
            for _ in range(left):
                i = int(np.argmin(closest))
                reason = f"Nothing labelled is nearer than cosine {closest[i]:.2f}."
                picks.append(Pick(index=i, code=ReasonCode.UNCOVERED, reason=reason))
                closest[:] = np.maximum(closest, points @ points[i])
                closest[i] = 2.0
            return picks

        def explain(index: int) -> Leftover:
            return Leftover(
                code=ReasonCode.NEAR_CHOSEN,
                reason=f"A labelled or chosen unit is at cosine {closest[index]:.2f}.",
            )

        return spend_budget(
            self.name, candidates, labelled, budget, seed, self.config.control_frac, rank, explain
        )


def greatest_cosine(
    points: Float32[np.ndarray, "n d"], others: Float32[np.ndarray, "m d"]
) -> Float32[np.ndarray, "n"]:
    """Return the cosine of each point's nearest neighbour among others; -1 if there are none."""
    greatest = np.full(len(points), -1.0, np.float32)
    for start in range(0, len(others), _BLOCK):
        cosines = points @ others[start : start + _BLOCK].T
        greatest = np.maximum(greatest, cosines.max(axis=1))
    return greatest
