"""Clusters partition, and their representatives belong to them."""

import numpy as np
import pytest

from bessemer.core.errors import InputError
from bessemer.curate.clusters import ClustersConfig, find_clusters


def three_bundles(rng: np.random.Generator) -> np.ndarray:
    middles = np.repeat(np.eye(3), [9, 6, 3], axis=0)
    points = middles + 0.05 * rng.normal(size=middles.shape)
    unit: np.ndarray = points / np.linalg.norm(points, axis=1, keepdims=True)
    return unit.astype(np.float32)


def test_bundles_are_found_largest_first() -> None:
    clusters = find_clusters(three_bundles(np.random.default_rng(0)), ClustersConfig(count=3))
    assert clusters.sizes.tolist() == [9, 6, 3]
    assert clusters.members.tolist() == [0] * 9 + [1] * 6 + [2] * 3
    assert clusters.members[clusters.representatives].tolist() == [0, 1, 2]


@pytest.mark.parametrize("seed", range(5))
def test_no_cluster_is_empty(seed: int) -> None:
    rng = np.random.default_rng(seed)
    points = np.repeat(three_bundles(rng)[:4], 3, axis=0)
    clusters = find_clusters(points, ClustersConfig(count=9), seed=seed)
    assert clusters.sizes.min() > 0
    assert clusters.sizes.sum() == len(points)


def test_the_same_seed_gives_the_same_clusters() -> None:
    points = three_bundles(np.random.default_rng(1))
    first = find_clusters(points, ClustersConfig(count=5), seed=2)
    again = find_clusters(points, ClustersConfig(count=5), seed=2)
    assert first.members.tolist() == again.members.tolist()


def test_nothing_cannot_be_clustered() -> None:
    with pytest.raises(InputError, match="nothing to cluster"):
        find_clusters(np.zeros((0, 3), np.float32))
