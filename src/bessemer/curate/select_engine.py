"""The engine's selector: large, accurate and diverse at once.

A label on a unit helps the units like it, by as much as the network is in doubt about them and by
as much as their classes are short of labels. So the gain of a unit is

    gain(i)   = sum over candidates j of  weight(j) * max(0, k(i, j) - cover(j))
    weight(j) = (1 - confidence(j))^doubt * sum over classes c of p(c | j) / (paid(c) + 1)^need

with k a similarity, cover(j) the greatest similarity of j to anything labelled or chosen, and
paid(c) the labels of class c, those expected of the units chosen so far among them.
Typical units come before outliers (many neighbours gain), never two of a kind (the second gains
nothing), rare classes before common ones, and doubt before what is known. Without a label yet
every weight is the same, and what is left is coverage.

Source: facility location as in Wei, Iyer and Bilmes, "Submodularity in data subset selection and
active learning", ICML 2015; typical units first as in Hacohen, Dekel and Weinshall, "Active
learning on a budget", ICML 2022. The shortage of classes and the mixed space are ours.
Cost: O(n^2 (d + b)) time and O(n^2) memory for b picks of n shortlisted candidates.
Shapes: n shortlisted candidates, m labelled units, c classes, d and e embedding sizes.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from jaxtyping import Float32, Int64

from bessemer.core.errors import InputError
from bessemer.core.selection import Candidates, Labelled, ReasonCode, Selection
from bessemer.curate.select import Leftover, Pick, check_control_frac, spend_budget

_NEAR = 0.5
"""Similarity from which a unit counts as covered in the reasons; it decides nothing."""
_SURE = 0.9
"""Confidence from which the reasons call a network sure; it decides nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """Settings of :class:`EngineSelector`, tuned on digits and Fashion-MNIST only.

    Args:
        control_frac: Share of the budget drawn uniformly.
        doubt: Power of the doubt.
        need: Power of the shortage of a class.
        reach: Cosine distance at which similarity has fallen to 1/e, in units of the median
            distance of a candidate to its nearest other candidate.
        own_frac: Share of the network's own space in the similarity.
        most_units: Candidates weighed at once; of more, so many are drawn uniformly.
    """

    control_frac: float = 0.1
    doubt: float = 1.0
    need: float = 1.0
    reach: float = 3.0
    own_frac: float = 0.5
    most_units: int = 4096

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            InputError: If a setting is out of range.
        """
        check_control_frac(self.control_frac, "EngineConfig.control_frac")
        powers = min(self.doubt, self.need)
        if self.reach <= 0 or powers < 0 or self.most_units < 1 or not 0 <= self.own_frac <= 1:
            raise InputError(
                "reach and most_units must be positive, doubt and need not negative, and own_frac "
                "a share.",
                where="EngineConfig",
                fix="Start from the defaults.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineSelector:
    """Takes the unit whose label helps most, again and again."""

    config: EngineConfig = field(default_factory=EngineConfig)
    name: ClassVar[str] = "engine"

    def select(
        self, candidates: Candidates, labelled: Labelled, budget: int, seed: int
    ) -> Selection:
        """Choose greedily by gain; see :class:`bessemer.core.selection.Selector`."""
        state = _Weighing(candidates, labelled, self.config)

        def rank(
            control: Int64[np.ndarray, "k"], left: int, rng: np.random.Generator
        ) -> list[Pick]:
            return list(state.picks(control, left, rng))

        return spend_budget(
            self.name,
            candidates,
            labelled,
            budget,
            seed,
            self.config.control_frac,
            rank,
            state.explain,
        )


class _Weighing:
    """One selection under way: what is covered, and what classes have, as picks are made."""

    def __init__(self, candidates: Candidates, labelled: Labelled, config: EngineConfig) -> None:
        self._candidates = candidates
        self._labelled = labelled
        self._config = config
        self._confidence = candidates.probabilities.max(axis=1, initial=0.0)
        self._guess = candidates.probabilities.argmax(axis=1)
        self._paid = labelled.class_counts.astype(np.float64)
        self._in_parts = bool(((labelled.shares > 0) & (labelled.shares < 1)).any())
        self._rows = np.zeros(0, np.int64)
        self._cover = np.zeros(0, np.float32)
        self._first_cover = np.zeros(0, np.float32)

    def picks(
        self, control: Int64[np.ndarray, "k"], count: int, rng: np.random.Generator
    ) -> Iterator[Pick]:
        """Yield the best candidates outside the control sample, best first."""
        config = self._config
        self._rows = _shortlist(len(self._candidates), control, count, config.most_units, rng)
        among, across = similarities(self._candidates, self._labelled, self._rows, config)
        self._first_cover = across.max(axis=1, initial=0.0)
        taken = np.isin(self._rows, control)
        self._cover = np.maximum(self._first_cover, among[:, taken].max(axis=1, initial=0.0))
        p = self._candidates.probabilities[self._rows]
        doubt = (1.0 - self._confidence[self._rows]) ** config.doubt
        gap = np.empty_like(among)
        for _ in range(count):
            shortage = (1.0 / (self._paid + 1.0) ** config.need).astype(np.float32)
            weight = (doubt * (p @ shortage)).astype(np.float32)
            np.subtract(among, self._cover[:, None], out=gap)
            np.maximum(gap, 0.0, out=gap)
            gains = weight @ gap
            gains[taken] = -1.0
            best = int(np.argmax(gains))
            yield self._pick(int(self._rows[best]), int((gap[:, best] > 0.1).sum()))
            taken[best] = True
            self._cover = np.maximum(self._cover, among[:, best])
            self._paid += p[best]

    def _pick(self, index: int, helped: int) -> Pick:
        confidence, guess = self._confidence[index], self._guess[index]
        if not len(self._labelled):
            reason = f"Nothing has a label yet, and it is like {helped} others that none covers."
            return Pick(index=index, code=ReasonCode.TYPICAL, reason=reason)
        counts = self._labelled.class_counts
        rare = counts[guess] < counts.mean()
        unsure = confidence < _SURE
        code = ReasonCode.UNCERTAIN if unsure else ReasonCode.UNCOVERED
        reason = (
            f"The class that fills most of it ({confidence:.2f}) fills {counts[guess]:.1f} of "
            f"{len(self._labelled)} labelled units, all parts added up, and its label covers "
            f"{helped} others."
            if self._in_parts
            else f"Its likeliest class has {counts[guess]:.0f} labels, the network is "
            f"{confidence:.2f} sure, and its label covers {helped} others."
        )
        return Pick(index=index, code=ReasonCode.RARE_CLASS if rare else code, reason=reason)

    def explain(self, index: int) -> Leftover:
        """Say why a candidate was passed over: the first of the reasons that holds."""
        place = np.searchsorted(self._rows, index)
        if place == len(self._rows) or self._rows[place] != index:
            reason = "Chance left it out of the shortlist, or no budget was left to weigh it."
            return Leftover(code=ReasonCode.NOT_DRAWN, reason=reason)
        confidence, guess = self._confidence[index], self._guess[index]
        counts = self._labelled.class_counts
        if self._first_cover[place] >= _NEAR:
            return Leftover(
                code=ReasonCode.NEAR_LABELLED,
                reason=f"A labelled unit is like it ({self._first_cover[place]:.2f}).",
            )
        if self._cover[place] >= _NEAR:
            return Leftover(
                code=ReasonCode.NEAR_CHOSEN,
                reason=f"A chosen unit is like it ({self._cover[place]:.2f}).",
            )
        if confidence >= _SURE:
            reason = (
                f"One class fills {confidence:.2f} of it, the network says."
                if self._in_parts
                else f"The network is {confidence:.2f} sure of it."
            )
            return Leftover(code=ReasonCode.CONFIDENT, reason=reason)
        if counts[guess] > counts.mean():
            reason = (
                f"The class that fills most of it fills {counts[guess]:.1f} labelled units already."
                if self._in_parts
                else f"Its likeliest class has {counts[guess]:.0f} labels already."
            )
            return Leftover(code=ReasonCode.CLASS_SERVED, reason=reason)
        return Leftover(code=ReasonCode.LOWER_RANK, reason="Labels of others help more.")


def _shortlist(
    n: int, control: Int64[np.ndarray, "k"], count: int, most_units: int, rng: np.random.Generator
) -> Int64[np.ndarray, "s"]:
    """Return the rows that are weighed, ascending; the control sample is among them."""
    size = max(most_units, count + len(control))
    if n <= size:
        return np.arange(n)
    rest = np.setdiff1d(np.arange(n), control)
    drawn = rng.choice(rest, size=size - len(control), replace=False)
    return np.sort(np.concatenate([control, drawn]))


def similarities(
    candidates: Candidates,
    labelled: Labelled,
    rows: Int64[np.ndarray, "s"],
    config: EngineConfig,
) -> tuple[Float32[np.ndarray, "s s"], Float32[np.ndarray, "s m"]]:
    """Return the similarity among some candidates, and of these to the labelled units.

    Args:
        candidates: Units without a label.
        labelled: Units with a label.
        rows: Candidates to compare.
        config: Reach, and the share of the network's own space.

    Returns:
        Similarities in [0, 1]; 1 means alike.
    """
    among, across = _kernel(candidates.embeddings[rows], labelled.embeddings, config.reach)
    share = np.float32(config.own_frac)
    if share == 0.0:
        return among, across
    own_among, own_across = _kernel(
        _unit_rows(candidates.own_embeddings[rows]),
        _unit_rows(labelled.own_embeddings),
        config.reach,
    )
    return (1 - share) * among + share * own_among, (1 - share) * across + share * own_across


def _kernel(
    points: Float32[np.ndarray, "s d"], others: Float32[np.ndarray, "m d"], reach: float
) -> tuple[Float32[np.ndarray, "s s"], Float32[np.ndarray, "s m"]]:
    """Return exp(-distance / scale) among points, and to others."""
    among = np.clip(1.0 - points @ points.T, 0.0, None)
    np.fill_diagonal(among, np.inf)
    nearest = among.min(axis=1, initial=np.inf)
    nearest = nearest[np.isfinite(nearest)]
    scale = np.float32(max(float(np.median(nearest)) if len(nearest) else 1.0, 1e-4) * reach)
    np.fill_diagonal(among, 0.0)
    across = np.clip(1.0 - points @ others.T, 0.0, None)
    return np.exp(-among / scale), np.exp(-across / scale)


def _unit_rows(vectors: Float32[np.ndarray, "n d"]) -> Float32[np.ndarray, "n d"]:
    """Scale rows to unit norm; rows of zeros stay."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Float32[np.ndarray, "n d"] = vectors / np.maximum(lengths, 1e-12)
    return unit
