"""Near-duplicates in an embedding space, and how large a set is once they count once.

Source: Leinster and Cobbold, "Measuring diversity: the influence of species similarity", Ecology
2012, diversity of order 0 with similarity 1 at or above a cosine threshold and 0 below: the sum
over units of one over the number of units like it, itself included. Where every near-duplicate of
a unit is one of all the others in its group, this is the number of groups; a chain of slow change
counts as about its length over the reach of the threshold, and does not collapse to 1.
Cost: O(n^2 d) time, O(n b) memory for blocks of b rows.      Shapes: n units, d embedding size.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64

from bessemer.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class DuplicatesConfig:
    """When two units are the same for all purposes.

    Args:
        cosine: Least cosine of near-duplicates.
        block_rows: Rows compared at once; bounds the memory.
    """

    cosine: float = 0.95
    block_rows: int = 1024

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            InputError: If the threshold is no cosine above 0, or a block is empty.
        """
        if not 0.0 < self.cosine <= 1.0 or self.block_rows < 1:
            raise InputError(
                f"cosine={self.cosine} and block_rows={self.block_rows} make no sense.",
                where="DuplicatesConfig",
                fix="Give a cosine in (0, 1] and at least one row a block.",
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Duplicates:
    """Groups of near-duplicates.

    Args:
        groups: The group of each unit: the index of the group's earliest unit.
        like_counts: For each unit, how many units are like it, itself included.
    """

    groups: Int64[np.ndarray, "n"]
    like_counts: Int64[np.ndarray, "n"]

    @property
    def group_count(self) -> int:
        """The number of groups."""
        return len(np.unique(self.groups))

    @property
    def effective_size(self) -> float:
        """How many units there are once near-duplicates count once."""
        return float((1.0 / self.like_counts).sum())

    @property
    def duplicate_frac(self) -> float:
        """The share of units that could go without a group being lost."""
        return 1.0 - self.group_count / len(self.groups) if len(self.groups) else 0.0


def find_duplicates(
    embeddings: Float32[np.ndarray, "n d"], config: DuplicatesConfig | None = None
) -> Duplicates:
    """Group units that are joined by a chain of near-duplicates.

    Args:
        embeddings: Vectors of unit norm.
        config: Threshold and memory.

    Returns:
        Groups and counts.

    Example:
        >>> twins = np.array([[1, 0], [0, 1], [1, 0]], np.float32)
        >>> find_duplicates(twins).groups.tolist()
        [0, 1, 0]
        >>> find_duplicates(twins).effective_size
        2.0
    """
    spec = config or DuplicatesConfig()
    n = len(embeddings)
    parents = np.arange(n)
    like_counts = np.ones(n, np.int64)
    for first, second in _near_pairs(embeddings, spec):
        np.add.at(like_counts, first, 1)
        np.add.at(like_counts, second, 1)
        for a, b in zip(first.tolist(), second.tolist(), strict=True):
            root_a, root_b = _root(parents, a), _root(parents, b)
            # The earlier unit names the group, whatever the order of the pairs.
            parents[max(root_a, root_b)] = min(root_a, root_b)
    groups = np.array([_root(parents, i) for i in range(n)], np.int64)
    return Duplicates(groups=groups, like_counts=like_counts)


def _near_pairs(
    embeddings: Float32[np.ndarray, "n d"], config: DuplicatesConfig
) -> Iterator[tuple[Int64[np.ndarray, "p"], Int64[np.ndarray, "p"]]]:
    """Yield the pairs (i, j), i < j, at or above the threshold, block by block."""
    n, step = len(embeddings), config.block_rows
    # Rounding of a unit vector's product with itself must not hide an exact copy.
    threshold = config.cosine - 1e-6
    for top in range(0, n, step):
        for left in range(top, n, step):
            cosines = embeddings[top : top + step] @ embeddings[left : left + step].T
            rows, columns = np.nonzero(cosines >= threshold)
            rows, columns = rows + top, columns + left
            later = rows < columns
            yield rows[later], columns[later]


def _root(parents: Int64[np.ndarray, "n"], unit: int) -> int:
    """Return the root of a unit's tree, halving the path on the way."""
    while parents[unit] != unit:
        parents[unit] = parents[parents[unit]]
        unit = int(parents[unit])
    return unit
