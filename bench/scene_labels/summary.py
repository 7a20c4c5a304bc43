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
from bench.transfer.summary import interval
from bessemer.core.errors import InputError


class Beside(TypedDict):
    """An arm beside chance, paired by drive and seed."""

    gain_mean: float
    gain_interval: list[float]
    gain_by_drive: dict[str, float]
    labels_for_what_chance_reaches_with_100: float | None
    the_same_by_drive: dict[str, float | None]


class ArmFigures(TypedDict):
    """What an arm measured, by budget, and beside chance."""

    miou: list[float]
    miou_by_drive: dict[str, list[float]]
    beside_random: Beside
    beside_random_of_the_same_network: Beside | None


class Figures(TypedDict):
    """All arms that were run, over the same drives and seeds."""

    budgets: list[int]
    pairs: list[str]
    arms: dict[str, ArmFigures]


def summarise(cache: Path, seeds: tuple[int, ...]) -> Figures:
    """Return the figures of the arms that were run, over the pairs that all of them have whole.

    Drives part far more than seeds, and there are three: so figures stand by drive, and intervals
    are over drives, for (drive, seed) pairs are not independent.

    Raises:
        InputError: If no (drive, seed) pair is whole.
    """
    found = {name: _curves(cache, name, seeds) for name in ARMS}
    found = {name: curves for name, curves in found.items() if curves}
    pairs = sorted(set.intersection(*(set(curves) for curves in found.values()))) if found else []
    if not pairs or "random" not in found:
        raise InputError(
            "No drive and seed is measured in every arm.", where="scene labels", fix="Run more."
        )
    by_drive = {name: _by_drive(curves, pairs) for name, curves in found.items()}
    founded = by_drive.get("random, ImageNet")
    arms: dict[str, ArmFigures] = {}
    for name, mine in by_drive.items():
        same = founded if ARMS[name].foundation else by_drive["random"]
        arms[name] = {
            "miou": np.mean(list(mine.values()), axis=0).round(4).tolist(),
            "miou_by_drive": {d: values.round(4).tolist() for d, values in mine.items()},
            "beside_random": _beside(mine, by_drive["random"]),
            "beside_random_of_the_same_network": _beside(mine, same) if same else None,
        }
    return {"budgets": list(BUDGETS), "pairs": [f"{d} {s}" for d, s in pairs], "arms": arms}


def _by_drive(
    curves: dict[tuple[str, int], list[float]], pairs: list[tuple[str, int]]
) -> dict[str, np.ndarray]:
    """Return mIoU by budget of each drive, over its seeds."""
    return {
        drive: np.mean([curves[p] for p in pairs if p[0] == drive], axis=0)
        for drive in dict.fromkeys(d for d, _ in pairs)
    }


def _beside(mine: dict[str, np.ndarray], chance: dict[str, np.ndarray]) -> Beside:
    """Compare an arm's curves with those of chance; the interval is Student's t over the drives."""
    gains = {d: round(float((mine[d] - chance[d]).mean()), 4) for d in mine}
    middle, half = interval(list(gains.values()))
    mean, mean_of_chance = (np.mean(list(x.values()), axis=0) for x in (mine, chance))
    return {
        "gain_mean": round(middle, 4),
        "gain_interval": [] if half is None else [round(middle + s * half, 4) for s in (-1, 1)],
        "gain_by_drive": gains,
        "labels_for_what_chance_reaches_with_100": _needed(mean, mean_of_chance),
        "the_same_by_drive": {d: _needed(mine[d], chance[d]) for d in mine},
    }


def _needed(curve: np.ndarray, chance: np.ndarray) -> float | None:
    """Return the labels with which a curve reaches the end of another; None if it never does."""
    needed = labels_needed(np.array(BUDGETS), curve, float(chance[-1]))
    return round(needed, 1) if np.isfinite(needed) else None


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
    axis.set_xticks(summary["budgets"], [str(b) for b in summary["budgets"]])
    axis.minorticks_off()
    axis.grid(alpha=0.3)
    axis.legend(frameon=False, ncols=2, fontsize=8, loc="center", bbox_to_anchor=(0.5, 0.47))
    axis.set_title(f"CamVid, mean over {len(summary['pairs'])} pairs of drive and seed")
    figure.savefig(path, dpi=110)
    plt.close(figure)
