"""Selectors of other people, through ``scikit-activeml``, for comparison.

An adapter hands over the pinned space and which units are labelled, and takes the picks back.
Source: scikit-activeml; Kottke et al., "scikit-activeml: a library and toolbox for active
learning algorithms", 2021.
"""

import warnings
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Int64

from bessemer.core.errors import InputError, MissingExtraError, NotFoundError
from bessemer.core.selection import Candidates, Labelled, ReasonCode, Selection
from bessemer.curate.select import Leftover, Pick, check_control_frac, spend_budget

_METHODS = {
    "typiclust": "TypiClust",
    "probcover": "ProbCover",
    "core_set": "CoreSet",
    "max_herding": "MaxHerding",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerConfig:
    """Settings of :class:`PeerSelector`.

    Args:
        method: ``typiclust``, ``probcover``, ``core_set`` or ``max_herding``.
        control_frac: Share of the budget drawn uniformly.
    """

    method: str = "typiclust"
    control_frac: float = 0.1

    def __post_init__(self) -> None:
        """Check name and range.

        Raises:
            NotFoundError: If no such method is adapted.
        """
        if self.method not in _METHODS:
            raise NotFoundError.among("method", self.method, _METHODS, where="PeerConfig.method")
        check_control_frac(self.control_frac, "PeerConfig.control_frac")


@dataclass(frozen=True, slots=True, kw_only=True)
class PeerSelector:
    """Asks a query strategy of ``scikit-activeml``."""

    config: PeerConfig = field(default_factory=PeerConfig)

    @property
    def name(self) -> str:
        """The method's name."""
        return self.config.method

    def select(
        self, candidates: Candidates, labelled: Labelled, budget: int, seed: int
    ) -> Selection:
        """Choose as the peer does; see :class:`bessemer.core.selection.Selector`."""

        def rank(
            control: Int64[np.ndarray, "k"], left: int, rng: np.random.Generator
        ) -> list[Pick]:
            rows = self._query(candidates, labelled, control, left, int(rng.integers(2**31)))
            reason = f"{_METHODS[self.config.method]} of scikit-activeml chose it."
            return [Pick(index=i, code=ReasonCode.PEER, reason=reason) for i in rows]

        def explain(_index: int) -> Leftover:
            return Leftover(
                code=ReasonCode.LOWER_RANK,
                reason=f"{_METHODS[self.config.method]} of scikit-activeml preferred others.",
            )

        return spend_budget(
            self.name, candidates, labelled, budget, seed, self.config.control_frac, rank, explain
        )

    def _query(
        self,
        candidates: Candidates,
        labelled: Labelled,
        control: Int64[np.ndarray, "k"],
        count: int,
        seed: int,
    ) -> list[int]:
        """Return rows of candidates; the control sample counts as labelled with class 0.

        These methods ask *whether* a unit has a label and never which.
        """
        n = len(candidates)
        points = np.concatenate([candidates.embeddings, labelled.embeddings]).astype(np.float64)
        known = np.full(len(points), np.nan)
        known[n:] = labelled.shares.argmax(axis=1) if len(labelled) else 0
        known[control] = 0
        strategy = _strategy(self.config.method, candidates.class_count, seed)
        free = np.setdiff1d(np.arange(n), control)
        with warnings.catch_warnings():
            # k-means says so where units coincide; it is no reason to stop.
            warnings.simplefilter("ignore")
            picked = strategy.query(points, known, candidates=free, batch_size=count)
        rows = [int(i) for i in picked]
        if len(set(rows)) != count:
            raise InputError(
                f"{_METHODS[self.config.method]} picked {len(set(rows))} units instead of {count}.",
                where="PeerSelector.select",
                fix="Use another method, or a smaller budget.",
            )
        return rows


def _strategy(method: str, class_count: int, seed: int) -> Any:
    """Make the query strategy, which has no types; refuse where scikit-activeml is missing."""
    try:
        from skactiveml import pool
    except ImportError as error:
        raise MissingExtraError(
            "scikit-activeml is not installed.",
            where=f"PeerConfig.method={method!r}",
            fix="pip install 'bessemer[peers]'",
        ) from error
    settings = {"n_classes": class_count} if method == "probcover" else {}
    return getattr(pool, _METHODS[method])(random_state=seed, **settings)
