"""Large, accurate, diverse: three measured numbers of a set of labelled units.

*Large* is how much there is, and how much once near-duplicates count once. *Accurate* is the rate
of label errors that an audit of a uniform sample found. *Diverse* is how much of the world lies
near a labelled unit in the pinned space, and how evenly the classes are served, and the values of
what recordings say of themselves, such as the weather (:mod:`bessemer.curate.balance`).

What is compared pairwise grows: :func:`extend_spread` compares only what is new, and gives what
comparing everything again would. The effective size is that of :mod:`bessemer.curate.duplicates`.

Cost: O(k (n + r) d) for k new units.      Shapes: n units, k new ones, r of reference, d embedding.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int64

from bessemer.core.errors import InputError
from bessemer.curate.balance import AttributeBalance

_BLOCK_ROWS = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class AttestConfig:
    """What near means.

    Args:
        duplicate_cosine: Least cosine of units that count once.
        reach_cosine: Least cosine at which a labelled unit speaks for a recording.
    """

    duplicate_cosine: float = 0.95
    reach_cosine: float = 0.8

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            InputError: If a bound is no cosine above 0.
        """
        for name, bound in (("duplicate", self.duplicate_cosine), ("reach", self.reach_cosine)):
            if not 0.0 < bound <= 1.0:
                raise InputError(
                    f"{name}_cosine={bound} is no bound.",
                    where="AttestConfig",
                    fix="Give a cosine in (0, 1].",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """How much is labelled.

    Args:
        recordings: Recordings with a labelled unit.
        units: Labelled units.
        frames: Frames in them.
        duration_s: Their length together.
        effective_units: Units, once near-duplicates count once.
        clips: Clips in which they came; 0 where nobody counted.
    """

    recordings: int
    units: int
    frames: int
    duration_s: float
    effective_units: float
    clips: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Accurate:
    """How often a label is wrong, as bought, by an audit of the control sample.

    Args:
        audited: Labels that were bought a second time.
        errors: Those that the second answer contradicted.
        low_frac: Lower end of the 95% interval of the error rate.
        high_frac: Its upper end.
    """

    audited: int
    errors: int
    low_frac: float
    high_frac: float

    @property
    def error_frac(self) -> float | None:
        """The error rate found; None before anything was audited."""
        return self.errors / self.audited if self.audited else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Diverse:
    """How much of the world is spoken for, and how evenly.

    Args:
        reference: Units of all recordings that may be trained on.
        covered: Those that lie within reach of a labelled one.
        effective_classes: As many even classes would be as mixed: the exponential of the entropy.
        balance_frac: The entropy over that of all classes served alike.
        attributes: The same of each attribute that recordings carry, by name.
    """

    reference: int
    covered: int
    effective_classes: float
    balance_frac: float
    attributes: tuple[AttributeBalance, ...] = ()

    @property
    def covered_frac(self) -> float:
        """The share within reach."""
        return self.covered / self.reference if self.reference else 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Spread:
    """What was compared pairwise.

    Args:
        like_counts: For each unit, how many units are like it, itself included.
        covered: For each unit of reference, whether a labelled one is within reach.
    """

    like_counts: Int64[np.ndarray, " n"]
    covered: Bool[np.ndarray, " r"]

    @property
    def effective_size(self) -> float:
        """Units once near-duplicates count once; the same in any order of the units."""
        return math.fsum(1.0 / int(count) for count in self.like_counts)


def nothing_spread(n_reference: int) -> Spread:
    """Return the spread of no units over a reference."""
    return Spread(like_counts=np.zeros(0, np.int64), covered=np.zeros(n_reference, np.bool_))


def extend_spread(
    spread: Spread,
    known: Float32[np.ndarray, "n d"],
    added: Float32[np.ndarray, "k d"],
    reference: Float32[np.ndarray, "r d"],
    config: AttestConfig | None = None,
) -> Spread:
    """Return the spread of known and added units, comparing only the added ones.

    Args:
        spread: Of the known units.
        known: Their vectors, of unit norm.
        added: Vectors of the units that follow them.
        reference: Vectors of everything that could be labelled.
        config: What near means.

    Returns:
        The spread of all, known units first.

    Raises:
        InputError: If the spread is of other units than these.

    Example:
        >>> east, north = np.eye(2, dtype=np.float32)
        >>> first = extend_spread(
        ...     nothing_spread(2), np.empty((0, 2), np.float32), east[None], np.stack([east, north])
        ... )
        >>> first.covered.tolist()
        [True, False]
        >>> both = extend_spread(first, east[None], east[None], np.stack([east, north]))
        >>> both.like_counts.tolist(), both.effective_size
        ([2, 2], 1.0)
    """
    if len(spread.like_counts) != len(known) or len(spread.covered) != len(reference):
        raise InputError(
            f"A spread of {len(spread.like_counts)} units over {len(spread.covered)} does not "
            f"belong to {len(known)} units over {len(reference)}.",
            where="extend_spread",
            fix="Extend the spread of the same units, or begin with nothing_spread.",
        )
    spec = config or AttestConfig()
    units = np.concatenate([known, added])
    counts = np.concatenate([spread.like_counts, np.zeros(len(added), np.int64)])
    for rows, near in _near(added, units, spec.duplicate_cosine):
        counts[len(known) + rows.start : len(known) + rows.stop] = near.sum(axis=1)
        counts[: len(known)] += near[:, : len(known)].sum(axis=0)
    covered = spread.covered.copy()
    open_rows = np.flatnonzero(~covered)
    for _, near in _near(added, reference[open_rows], spec.reach_cosine):
        covered[open_rows] |= near.any(axis=0)
    return Spread(like_counts=counts, covered=covered)


def _near(
    rows: Float32[np.ndarray, "k d"], columns: Float32[np.ndarray, "m d"], cosine: float
) -> Iterator[tuple[slice, Bool[np.ndarray, "b m"]]]:
    """Yield which columns lie within a cosine of each block of rows."""
    # Rounding of a unit vector's product with itself must not hide an exact copy.
    bound = cosine - 1e-6
    for start in range(0, len(rows), _BLOCK_ROWS):
        block = slice(start, min(start + _BLOCK_ROWS, len(rows)))
        yield block, rows[block] @ columns.T >= bound
