"""Which examples a step sees: recordings alike, whatever their number of frames."""

import numpy as np
from jaxtyping import Bool, Float32, Float64, Int64, UInt8

from bessemer.core.errors import InputError
from bessemer.train.examples import Examples, Targets
from bessemer.train.losses import UNSAID_CLASS, UNSAID_PIXEL


def draw_chances(examples: Examples, balance: float) -> Float64[np.ndarray, " n"]:
    """Return how likely each example is drawn: groups alike, classes evened out by ``balance``.

    A track of thirty near-identical frames counts as one thing. Classes are those of the first
    head that classifies; examples that it says nothing about are drawn by group alone.

    Args:
        examples: The examples.
        balance: 0 draws groups alike; 1 draws classes alike.

    Returns:
        Chances that sum to 1; 0 where no head says anything.

    Raises:
        InputError: If nothing is labelled.
    """
    said = np.any([_is_said(column) for column in examples.targets], axis=0)
    _, group, sizes = np.unique(examples.groups[said], return_inverse=True, return_counts=True)
    chances = np.zeros(len(said))
    chances[said] = 1.0 / sizes[group]
    column = next((c for c in examples.targets if c.ndim == 1), None)
    if column is not None and balance > 0:
        known = np.asarray(column >= 0)
        totals = np.bincount(column[known], weights=chances[known])
        before = chances[known].sum()
        chances[known] /= totals[column[known]] ** balance
        chances[known] *= before / max(chances[known].sum(), 1e-12)
    chances *= np.maximum(examples.weights, 0)
    if not chances.sum() > 0:
        raise InputError("No example has a label.", where="train", fix="Label something first.")
    return np.asarray(chances / chances.sum(), dtype=np.float64)


def pixel_weights(
    column: UInt8[np.ndarray, "n h w"], n_classes: int, balance: float
) -> Float32[np.ndarray, " c"]:
    """Return how much a pixel of each class counts, so that the sky does not drown the people.

    Args:
        column: Dense targets.
        n_classes: c.
        balance: 0 counts pixels alike, 1 counts classes alike.

    Returns:
        Frequency to the power -``balance``, with mean 1 over the pixels that say something; a class
        that is not there counts 1.
    """
    counts = np.bincount(column.reshape(-1), minlength=n_classes)[:n_classes].astype(np.float64)
    there = counts > 0
    frequency = counts / max(counts.sum(), 1)
    weights = np.where(there, np.maximum(frequency, 1e-6) ** -balance, 0)
    weights /= max(float((weights * frequency).sum()), 1e-12)
    return np.where(there, weights, 1).astype(np.float32)


def draw_rows(
    chances: Float64[np.ndarray, " n"], size: int, rng: np.random.Generator
) -> Int64[np.ndarray, " b"]:
    """Return ``size`` rows drawn with replacement."""
    edges = np.cumsum(chances)
    rows = np.searchsorted(edges, rng.random(size) * edges[-1], side="right")
    return np.asarray(np.minimum(rows, len(chances) - 1), np.int64)


def draw_pairs(
    groups: Int64[np.ndarray, " n"], size: int, rng: np.random.Generator
) -> Int64[np.ndarray, "2 b"]:
    """Return rows of two frames of each of up to ``size`` groups, no group twice.

    Args:
        groups: The group of each row.
        size: Groups wanted.
        rng: Of every draw.

    Returns:
        Two rows a group; the same row twice where a group has one only.
    """
    order = np.argsort(groups, kind="stable")
    _, starts, sizes = np.unique(groups[order], return_index=True, return_counts=True)
    chosen = rng.permutation(len(starts))[:size]
    first = rng.integers(0, sizes[chosen])
    step = 1 + rng.integers(0, np.maximum(sizes[chosen] - 1, 1))
    second = (first + step) % sizes[chosen]
    return np.stack([order[starts[chosen] + first], order[starts[chosen] + second]]).astype(
        np.int64
    )


def _is_said(column: Targets) -> Bool[np.ndarray, " n"]:
    """Return which rows of a target column say anything."""
    if column.ndim == 1:
        return np.asarray(column != UNSAID_CLASS)
    return np.asarray((column != UNSAID_PIXEL).any(axis=(1, 2)))
