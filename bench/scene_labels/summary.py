"""From cells to figures: mIoU by budget, and labels needed for what chance reaches with 100.

Chance is random frames; for arms with published weights it is also random frames with the same.
"""

from pathlib import Path
from typing import TypedDict

import numpy as np

from bench.cell_file import read_measured
from bench.label_efficiency.summary import labels_needed
from bench.scene_labels.cells import ARMS, BUDGETS, folder_of
from bench.scene_labels.film import DRIVES
from bessemer.core.errors import InputError


class Beside(TypedDict):
    """An arm beside random frames under the same network."""

    gain_mean: float
    gain_mean_95: list[float]
    labels_for_what_random_reaches_with_100: float | None


class ArmFigures(TypedDict):
    """What an arm measured, by budget, and paired with chance."""

    miou: list[float]
    gain_mean: float
    gain_mean_95: list[float]
    labels_for_what_random_reaches_with_100: float | None
    same_network: Beside | None
    miou_by_drive: dict[str, list[float]]


class Figures(TypedDict):
    """All arms over the same drives and seeds."""

    budgets: list[int]
    pairs: list[str]
    arms: dict[str, ArmFigures]


def summarise(cache: Path, seeds: tuple[int, ...]) -> Figures:
    """Return the figures of all arms over the (drive, seed) pairs that every arm has whole.

    Raises:
        InputError: If no pair is whole.
    """
    found = {name: _curves(cache, name, seeds) for name in ARMS}
    pairs = sorted(set.intersection(*(set(curves) for curves in found.values())))
    if not pairs:
        raise InputError(
            "No drive and seed is measured in every arm.", where="scene labels", fix="Run more."
        )
    chance = np.array([found["random"][pair] for pair in pairs])
    founded = np.array([found["random, ImageNet"][pair] for pair in pairs])
    arms: dict[str, ArmFigures] = {}
    for name, curves in found.items():
        mine = np.array([curves[pair] for pair in pairs])
        arms[name] = {
            "miou": mine.mean(axis=0).round(4).tolist(),
            **_beside(mine, chance),
            "same_network": _beside(mine, founded) if ARMS[name].foundation else None,
            "miou_by_drive": {
                d: np.mean([curves[p] for p in pairs if p[0] == d], axis=0).round(4).tolist()
                for d in DRIVES
                if any(p[0] == d for p in pairs)
            },
        }
    return {"budgets": list(BUDGETS), "pairs": [f"{d} {s}" for d, s in pairs], "arms": arms}


def _beside(mine: np.ndarray, chance: np.ndarray) -> Beside:
    """Compare curves of an arm with those of chance, [pairs, budgets], paired."""
    gain, rng = (mine - chance).mean(axis=1), np.random.default_rng(0)
    means = gain[rng.integers(0, len(gain), (2000, len(gain)))].mean(axis=1)
    needed = labels_needed(np.array(BUDGETS), mine.mean(axis=0), float(chance.mean(axis=0)[-1]))
    return {
        "gain_mean": round(float(gain.mean()), 4),
        "gain_mean_95": np.percentile(means, [2.5, 97.5]).round(4).tolist(),
        "labels_for_what_random_reaches_with_100": (
            round(needed, 1) if np.isfinite(needed) else None
        ),
    }


def _curves(cache: Path, name: str, seeds: tuple[int, ...]) -> dict[tuple[str, int], list[float]]:
    """Return mIoU by budget of the drives and seeds whose cells are all there."""
    curves = {}
    for drive in DRIVES:
        for seed in seeds:
            paths = [folder_of(cache, name) / f"{drive}-{seed}-{b}.npz" for b in BUDGETS]
            if all(path.exists() for path in paths):
                curves[drive, seed] = [read_measured(path)["miou"] for path in paths]
    return curves


def draw(summary: Figures, path: str) -> None:
    """Draw mIoU over frames labelled, one line an arm."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axis = plt.subplots(figsize=(6, 4), layout="constrained")
    for name, values in summary["arms"].items():
        axis.plot(summary["budgets"], values["miou"], marker="o", markersize=3, label=name)
    axis.set(xscale="log", xlabel="frames labelled", ylabel="mIoU on the drive left out")
    axis.grid(alpha=0.3)
    axis.legend(frameon=False)
    axis.set_title(f"CamVid, {len(summary['pairs'])} drives and seeds")
    figure.savefig(path, dpi=110)
    plt.close(figure)
