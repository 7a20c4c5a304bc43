"""What all selectors share: the control sample, the checks, and a reason for every candidate.

A selector is a function that ranks. Around it, a share of the budget is drawn uniformly first:
the control sample, which no opinion of a network has touched.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int64

from bessemer.core.errors import InputError
from bessemer.core.selection import Candidates, Choice, Labelled, ReasonCode, Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """One candidate that a selector wants, and why."""

    index: int
    code: ReasonCode
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Leftover:
    """Why a candidate was passed over."""

    code: ReasonCode
    reason: str


Rank = Callable[[Int64[np.ndarray, "k"], int, np.random.Generator], Sequence[Pick]]
"""(control sample, budget left, generator) -> picks outside the control sample, best first."""

Explain = Callable[[int], Leftover]
"""Candidate passed over -> why."""


def spend_budget(
    name: str,
    candidates: Candidates,
    labelled: Labelled,
    budget: int,
    seed: int,
    control_frac: float,
    rank: Rank,
    explain: Explain,
) -> Selection:
    """Draw the control sample, let the selector rank the rest, and account for everyone.

    Args:
        name: The selector's name.
        candidates: Units without a label.
        labelled: Units with a label.
        budget: How many may be paid for.
        seed: Of the draws.
        control_frac: Share of the budget drawn uniformly, to the nearest whole unit.
        rank: Ranks the candidates outside the control sample.
        explain: Says why a candidate was left, once ``rank`` has run.

    Returns:
        Control sample first, then the picks; every candidate stands in it once.

    Raises:
        InputError: If candidates and labelled units do not belong together.
    """
    check_alike(candidates, labelled, budget)
    n = len(candidates)
    budget = min(budget, n)
    rng = np.random.default_rng([seed, n, budget])
    control = draw_control(n, budget, control_frac, rng)
    chosen = [
        Choice(
            index=int(i),
            unit=candidates.units[i],
            code=ReasonCode.CONTROL,
            reason="Drawn uniformly, as a control that no network has influenced.",
        )
        for i in control
    ]
    picks = rank(control, budget - len(control), rng) if budget > len(control) else ()
    chosen += [
        Choice(index=p.index, unit=candidates.units[p.index], code=p.code, reason=p.reason)
        for p in picks
    ]
    taken = {choice.index for choice in chosen}
    assert len(taken) == len(chosen) == budget, "a selector spends the budget on distinct units"
    passed = []
    for i in range(n):
        if i not in taken:
            left = explain(i)
            passed.append(
                Choice(index=i, unit=candidates.units[i], code=left.code, reason=left.reason)
            )
    return Selection(selector=name, chosen=tuple(chosen), passed_over=tuple(passed))


def draw_control(
    n: int, budget: int, control_frac: float, rng: np.random.Generator
) -> Int64[np.ndarray, "k"]:
    """Return the control sample: candidates drawn uniformly, without putting any back."""
    count = int(np.floor(control_frac * budget + 0.5))
    return rng.choice(n, size=min(count, n), replace=False).astype(np.int64)


def check_alike(candidates: Candidates, labelled: Labelled, budget: int) -> None:
    """Check that candidates and labelled units speak of the same classes and space.

    Args:
        candidates: Units to choose from.
        labelled: Units that have labels already.
        budget: Units that may be chosen.

    Raises:
        InputError: If they do not, or the budget is negative.
    """
    if candidates.space_id != labelled.space_id:
        raise InputError(
            "Candidates and labelled units lie in different spaces: "
            f"{candidates.space_id[:8]} and {labelled.space_id[:8]}.",
            where="Selector.select",
            fix="Embed both with the same embedder.",
        )
    if candidates.class_count != labelled.shares.shape[1]:
        raise InputError(
            f"Candidates have {candidates.class_count} classes, labelled units "
            f"{labelled.shares.shape[1]}.",
            where="Selector.select",
            fix="Use one version of the ontology for both.",
        )
    if budget < 0:
        raise InputError(
            f"The budget is {budget}.", where="Selector.select", fix="Pass 0 or more units."
        )


def check_control_frac(control_frac: float, where: str) -> None:
    """Check that a share is a share.

    Args:
        control_frac: Share of the budget drawn by chance.
        where: Who asks, for the message.

    Raises:
        InputError: If it is outside [0, 1].
    """
    if not 0.0 <= control_frac <= 1.0:
        raise InputError(
            f"control_frac is {control_frac}.", where=where, fix="Give a share from 0 to 1."
        )


def margins(probabilities: Float32[np.ndarray, "n c"]) -> Float32[np.ndarray, "n"]:
    """Return how far the first class is ahead of the second; 1 where there is one class."""
    if probabilities.shape[1] < 2:
        return np.ones(len(probabilities), np.float32)
    top = np.partition(probabilities, -2, axis=1)
    return top[:, -1] - top[:, -2]


def best_first(
    scores: Float32[np.ndarray, "n"] | Float64[np.ndarray, "n"], excluded: Int64[np.ndarray, "k"]
) -> list[int]:
    """Return indices by falling score without the excluded ones; ties to the earlier index."""
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = order[~np.isin(order, excluded)].tolist()
    return kept
