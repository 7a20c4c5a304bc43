"""Clusters of an embedding space, each with the unit that stands for it.

Source: Dhillon and Modha, "Concept decompositions for large sparse text data", Machine Learning
2001 (spherical k-means), started by Arthur and Vassilvitskii, "k-means++", SODA 2007.
Cost: O(n k d) time a round, O(n k) memory.      Shapes: n units, k clusters, d embedding size.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int64

from bessemer.core.errors import InputError


@dataclass(frozen=True, slots=True, kw_only=True)
class ClustersConfig:
    """How many clusters, and how long to look for them.

    Args:
        count: Clusters; fewer come back where there are fewer units.
        rounds: Most rounds of moving the centres.
    """

    count: int = 12
    rounds: int = 50

    def __post_init__(self) -> None:
        """Check the ranges.

        Raises:
            InputError: If there would be no cluster or no round.
        """
        if self.count < 1 or self.rounds < 1:
            raise InputError(
                f"count={self.count} and rounds={self.rounds} must be at least 1.",
                where="ClustersConfig",
                fix="Ask for one cluster or more.",
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Clusters:
    """A partition of the units, largest cluster first.

    Args:
        members: The cluster of each unit.
        centres: Unit vectors in the middle of each cluster.
        representatives: The unit nearest to each centre.
        sizes: Units of each cluster.
    """

    members: Int64[np.ndarray, "n"]
    centres: Float32[np.ndarray, "k d"]
    representatives: Int64[np.ndarray, "k"]
    sizes: Int64[np.ndarray, "k"]


def find_clusters(
    embeddings: Float32[np.ndarray, "n d"], config: ClustersConfig | None = None, *, seed: int = 0
) -> Clusters:
    """Partition units by direction.

    Args:
        embeddings: Vectors of unit norm; at least one.
        config: How many clusters.
        seed: Of the first centres.

    Returns:
        The clusters; none is empty.

    Raises:
        InputError: If there is no unit.

    Example:
        >>> corners = np.array([[1, 0], [0, 1], [0, 1]], np.float32)
        >>> find_clusters(corners, ClustersConfig(count=2)).members.tolist()
        [1, 0, 0]
    """
    spec = config or ClustersConfig()
    if not len(embeddings):
        raise InputError(
            "There is nothing to cluster.", where="find_clusters", fix="Pass at least one unit."
        )
    centres = embeddings[_spread_starts(embeddings, spec.count, np.random.default_rng(seed))]
    members = np.full(len(embeddings), -1)
    for _ in range(spec.rounds):
        moved = np.argmax(embeddings @ centres.T, axis=1)
        if np.array_equal(moved, members):
            break
        members = moved
        centres = _centres(embeddings, members, centres)
    return _largest_first(embeddings, members, centres)


def _spread_starts(
    embeddings: Float32[np.ndarray, "n d"], count: int, rng: np.random.Generator
) -> list[int]:
    """Draw starts with probability as their squared distance to the nearest start so far."""
    starts = [int(rng.integers(len(embeddings)))]
    nearest = 1.0 - embeddings @ embeddings[starts[0]]
    while len(starts) < count and nearest.max() > 1e-6:
        weights = np.clip(nearest, 0.0, None).astype(np.float64)
        drawn = int(rng.choice(len(embeddings), p=weights / weights.sum()))
        starts.append(drawn)
        nearest = np.minimum(nearest, 1.0 - embeddings @ embeddings[drawn])
    return starts


def _centres(
    embeddings: Float32[np.ndarray, "n d"],
    members: Int64[np.ndarray, "n"],
    before: Float32[np.ndarray, "k d"],
) -> Float32[np.ndarray, "k d"]:
    """Return the mean direction of each cluster; an empty one stays where it was."""
    sums = np.zeros_like(before)
    np.add.at(sums, members, embeddings)
    norms = np.linalg.norm(sums, axis=1, keepdims=True)
    return np.where(norms > 1e-6, sums / np.maximum(norms, 1e-6), before).astype(np.float32)


def _largest_first(
    embeddings: Float32[np.ndarray, "n d"],
    members: Int64[np.ndarray, "n"],
    centres: Float32[np.ndarray, "k d"],
) -> Clusters:
    """Drop empty clusters, sort the rest by size, and name who stands for each."""
    sizes = np.bincount(members, minlength=len(centres))
    order = np.argsort(-sizes, kind="stable")[: int((sizes > 0).sum())]
    rank = np.full(len(centres), -1)
    rank[order] = np.arange(len(order))
    members = rank[members]
    centres = centres[order]
    closeness = (embeddings * centres[members]).sum(axis=1)
    representatives = [
        int(np.flatnonzero(members == k)[np.argmax(closeness[members == k])])
        for k in range(len(order))
    ]
    return Clusters(
        members=members,
        centres=centres,
        representatives=np.array(representatives, np.int64),
        sizes=sizes[order],
    )
