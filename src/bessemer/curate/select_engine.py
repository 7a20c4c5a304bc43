"""The engine's selector: large, accurate and diverse at once.

A label on a unit helps the units like it, by as much as the network is in doubt about them and by
as much as their class is short of labels. So the gain of a unit is

    gain(i) = sum over candidates j of  weight(j) * max(0, k(i, j) - cover(j))
    weight(j) = (1 - confidence(j))^doubt * sum over classes c of p(c | j) / (labelled(c) + 1)^need

with k a similarity, and cover(j) the greatest similarity of j to anything labelled or chosen.
Typical units are chosen before outliers (many neighbours gain), never two of a kind (the second
gains nothing), rare classes before common ones, and doubt before what is known.

Source: facility location as in Wei, Iyer and Bilmes, "Submodularity in data subset selection and
active learning", ICML 2015; typicality first, Hacohen, Dekel and Weinshall, "Active learning on a
budget", ICML 2022. The class need is ours.
Cost: O(n r d) time and O(n r) memory for n shortlisted candidates and r reference units.
"""

from dataclasses import dataclass, field
from typing import ClassVar

import numpy as np
from jaxtyping import Float32, Int64

from bessemer.core.errors import InputError
from bessemer.core.selection import Candidates, Labelled, ReasonCode, Selection
from bessemer.curate.select import Leftover, Pick, check_control_frac, spend_budget


@dataclass(frozen=True, slots=True, kw_only=True)
class EngineConfig:
    """Settings of :class:`EngineSelector`, tuned on digits and Fashion-MNIST only.

    Args:
        control_frac: Share of the budget drawn uniformly.
        doubt: Power of the doubt.
        need: Power of the shortage of a class.
        reach: Cosine distance at which similarity has fallen to 1/e, in units of the median
            distance of a candidate to its nearest other candidate.
        own_frac: Share of the network's own space in the similarity, once there are labels.
    """

    control_frac: float = 0.1
    doubt: float = 1.0
    need: float = 1.0
    reach: float = 1.0
    own_frac: float = 0.5

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            InputError: If a setting is out of range.
        """
        check_control_frac(self.control_frac, "EngineConfig.control_frac")
        if self.reach <= 0 or self.doubt < 0 or self.need < 0 or not 0 <= self.own_frac <= 1:
            raise InputError(
                "reach must be positive, doubt and need not negative, own_frac a share.",
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
        spec = self.config
        similarity, to_labelled = similarities(candidates, labelled, spec)
        cover = to_labelled.max(axis=1, initial=0.0)
        confidence = candidates.probabilities.max(axis=1)
        counts = labelled.class_counts
        shortage = 1.0 / (counts + 1.0) ** spec.need
        weight = (1.0 - confidence) ** spec.doubt * (candidates.probabilities @ shortage)
        guess = candidates.probabilities.argmax(axis=1)
        taken = np.zeros(len(candidates), bool)

        def rank(
            control: Int64[np.ndarray, "k"], left: int, _rng: np.random.Generator
        ) -> list[Pick]:
            taken[control] = True
            cover[:] = np.maximum(cover, similarity[:, control].max(axis=1, initial=0.0))
            picks = []
            for _ in range(left):
                gains = (weight[:, None] * np.maximum(similarity - cover[:, None], 0.0)).sum(axis=0)
                gains[taken] = -1.0
                i = int(np.argmax(gains))
                taken[i] = True
                cover[:] = np.maximum(cover, similarity[:, i])
                rare = counts[guess[i]] < counts.mean()
                picks.append(
                    Pick(
                        index=i,
                        code=ReasonCode.RARE_CLASS if rare else ReasonCode.UNCERTAIN,
                        reason=(
                            f"Confidence {confidence[i]:.2f}; its likeliest class has "
                            f"{counts[guess[i]]:.0f} labels."
                        ),
                    )
                )
            return picks

        def explain(index: int) -> Leftover:
            return Leftover(
                code=ReasonCode.LOWER_RANK,
                reason=f"Others help more: similarity {cover[index]:.2f} to what is labelled.",
            )

        return spend_budget(
            self.name, candidates, labelled, budget, seed, spec.control_frac, rank, explain
        )


def similarities(
    candidates: Candidates, labelled: Labelled, config: EngineConfig
) -> tuple[Float32[np.ndarray, "n n"], Float32[np.ndarray, "n m"]]:
    """Return the similarity among candidates, and of candidates to labelled units."""
    pinned = _kernel(candidates.embeddings, labelled.embeddings, config.reach)
    if not len(labelled) or config.own_frac == 0.0:
        return pinned
    own = _kernel(
        unit_rows(candidates.own_embeddings), unit_rows(labelled.own_embeddings), config.reach
    )
    share = np.float32(config.own_frac)
    return tuple((1 - share) * p + share * o for p, o in zip(pinned, own, strict=True))  # type: ignore[return-value]


def _kernel(
    points: Float32[np.ndarray, "n d"], others: Float32[np.ndarray, "m d"], reach: float
) -> tuple[Float32[np.ndarray, "n n"], Float32[np.ndarray, "n m"]]:
    """Return exp(-distance / scale) among points and to others."""
    among = np.clip(1.0 - points @ points.T, 0.0, None)
    np.fill_diagonal(among, np.inf)
    nearest = among.min(axis=1, initial=np.inf)
    finite = nearest[np.isfinite(nearest)]
    scale = np.float32(max(float(np.median(finite)) if len(finite) else 1.0, 1e-6) * reach)
    np.fill_diagonal(among, 0.0)
    across = np.clip(1.0 - points @ others.T, 0.0, None)
    return np.exp(-among / scale), np.exp(-across / scale)


def unit_rows(vectors: Float32[np.ndarray, "n d"]) -> Float32[np.ndarray, "n d"]:
    """Scale rows to unit norm; rows of zeros stay."""
    unit: Float32[np.ndarray, "n d"] = vectors / np.maximum(
        np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12
    )
    return unit
