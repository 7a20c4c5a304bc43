# mypy: disable-error-code="index,no-untyped-call"
"""A tree finds what looking at every triangle finds, whatever the triangles."""

from typing import Any

import numpy as np
import pytest
import warp as wp
from hypothesis import given, settings
from hypothesis import strategies as st

from bessemer.twin.render import walk
from bessemer.twin.render.tree import Trees, build_trees

FAR_M = 1000.0


@wp.kernel
def _cast(
    trees: walk.Trees,
    root: int,
    start: wp.array[wp.vec3],
    ahead: wp.array[wp.vec3],
    t: wp.array[wp.float32],
    face: wp.array[wp.int32],
    any_face: wp.array[wp.int32],
) -> None:
    i = wp.tid()
    strike = walk.first_met(trees, root, start[i], ahead[i], FAR_M)
    t[i] = strike.t
    face[i] = strike.face
    if walk.any_met(trees, root, start[i], ahead[i], FAR_M):
        any_face[i] = 1


def cast(
    trees: Trees, tree: int, start: np.ndarray, ahead: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return how far each ray goes, what it meets, and whether the quick question agrees."""
    columns = walk.Trees()
    for name, kind in walk.COLUMNS.items():
        setattr(columns, name, wp.array(getattr(trees, name), dtype=kind, device="cpu"))
    n = len(start)
    t = wp.zeros(n, dtype=wp.float32, device="cpu")
    face, met = (wp.zeros(n, dtype=wp.int32, device="cpu") for _ in range(2))
    lines: list[Any] = [
        wp.array(x.astype(np.float32), dtype=wp.vec3, device="cpu") for x in (start, ahead)
    ]
    root = int(trees.roots[tree])
    wp.launch(_cast, n, [columns, root, *lines], [t, face, met], device="cpu")
    return t.numpy(), face.numpy(), met.numpy() > 0


def cast_at_each(places: np.ndarray, start: np.ndarray, ahead: np.ndarray) -> np.ndarray:
    """Return how far each ray goes if every triangle is looked at, in double precision."""
    best = np.full(len(start), FAR_M)
    for a, b, c in places.astype(np.float64):
        with np.errstate(divide="ignore", invalid="ignore"):
            p = np.cross(ahead, c - a)
            det = p @ (b - a)
            s = start - a
            u = (s * p).sum(1) / det
            q = np.cross(s, b - a)
            v = (ahead * q).sum(1) / det
            t = q @ (c - a) / det
            met = (u >= 0) & (v >= 0) & (u + v <= 1) & (t >= 0) & (np.abs(det) > 1e-9)
        best = np.where(met, np.minimum(best, np.where(met, t, FAR_M)), best)
    return best


def rays_among(rng: np.random.Generator, n: int) -> tuple[np.ndarray, np.ndarray]:
    ahead = rng.normal(size=(n, 3))
    ahead[: n // 4, rng.integers(3)] = 0.0  # along a plane of boxes
    return rng.uniform(-12, 12, (n, 3)), ahead / np.linalg.norm(ahead, axis=1, keepdims=True)


@settings(max_examples=25, deadline=None)
@given(count=st.integers(1, 300), size_m=st.sampled_from([0.1, 2.0, 30.0]), seed=st.integers(0, 99))
def test_a_ray_meets_what_it_meets_if_every_triangle_is_looked_at(
    count: int, size_m: float, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    places = rng.uniform(-10, 10, (count, 1, 3)) + rng.normal(0, size_m, (count, 3, 3))
    start, ahead = rays_among(rng, 200)
    t, face, met = cast(build_trees(places, np.array([count])), 0, start, ahead)
    expected = cast_at_each(places.astype(np.float32), start, ahead)
    close = np.abs(t - expected) < 1e-3 * (1 + expected)
    assert close.mean() > 0.99  # rays that graze an edge may fall on either side of it
    assert np.array_equal(met, face >= 0)
    assert np.array_equal(face >= 0, t < FAR_M)


def test_trees_that_are_built_together_are_apart() -> None:
    rng = np.random.default_rng(4)
    parts = [rng.normal(5.0 * i, 2.0, (n, 3, 3)) for i, n in enumerate((40, 1, 0, 300))]
    together = build_trees(np.concatenate(parts), np.array([len(part) for part in parts]))
    start, ahead = rays_among(rng, 500)
    first = 0
    for i, part in enumerate(parts):
        t, face, _ = cast(together, i, start, ahead)
        alone, own, _ = cast(build_trees(part, np.array([len(part)])), 0, start, ahead)
        assert np.array_equal(t, alone)
        assert np.array_equal(np.where(face >= 0, face - first, -1), own)
        first += len(part)


@pytest.mark.parametrize("count", [1, 4, 5, 1000])
def test_triangles_on_one_spot_are_a_tree_too(count: int) -> None:
    one = np.array([[[-1.0, -1.0, 0.0], [1.0, -1.0, 0.0], [0.0, 1.0, 0.0]]])
    trees = build_trees(np.repeat(one, count, axis=0), np.array([count]))
    t, _, met = cast(trees, 0, np.array([[0.0, 0.0, 3.0]]), np.array([[0.0, 0.0, -1.0]]))
    assert t[0] == pytest.approx(3.0)
    assert met.all()


def test_no_ray_slips_through_between_two_triangles() -> None:
    """A wall of many small triangles, seen from places that make rays pass through corners."""
    n = 24
    grid = np.stack(np.meshgrid(np.arange(n + 1.0), np.arange(n + 1.0), indexing="ij"), -1)
    corner = np.concatenate([grid, np.full((n + 1, n + 1, 1), 5.0)], -1)
    a, b, c, d = corner[:-1, :-1], corner[1:, :-1], corner[1:, 1:], corner[:-1, 1:]
    wall = np.stack([np.stack([a, b, c], 2), np.stack([a, c, d], 2)]).reshape(-1, 3, 3)
    aim = corner[1:-1, 1:-1].reshape(-1, 3)
    halves = 0.5 * (aim[:-1] + aim[1:])[np.arange(len(aim) - 1) % (n - 1) != n - 2]
    for eye in ((0.3, 0.7, 0.0), (12.0, 12.0, 1.0), (30.0, -4.0, -8.0)):
        ahead = np.concatenate([aim, halves]) - eye
        far = np.linalg.norm(ahead, axis=1, keepdims=True)
        _, face, _ = cast(
            build_trees(wall, np.array([len(wall)])),
            0,
            np.tile(eye, (len(ahead), 1)),
            ahead / far,
        )
        assert (face >= 0).all()


def test_a_triangle_without_area_is_never_met() -> None:
    flat = np.array([[[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [2.0, 0.0, 0.0]]] * 9)
    start, ahead = rays_among(np.random.default_rng(0), 300)
    _, face, met = cast(build_trees(flat, np.array([9])), 0, start, ahead)
    assert (face < 0).all()
    assert not met.any()
