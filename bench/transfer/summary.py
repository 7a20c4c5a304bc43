"""From cells to a table: mIoU by arm and budget, and what the twin adds, paired.

Pairs are (drive, seed): within one, arms share their frames. An interval is of Student's t over the
seeds of one drive; drives are too few, and too unlike, to be averaged into one.
"""

from pathlib import Path
from typing import TypedDict

import numpy as np

from bench.cell_file import read_measured
from bench.scene_labels.film import CLASSES
from bench.transfer.cells import ARMS, BUDGETS, folder_of
from bench.transfer.twin_film import TwinFilm
from bessemer.core.errors import InputError
from bessemer.ingest.camvid import ONTOLOGY

BESIDE = (
    ("twin", "scratch"),
    ("twin", "scratch, longer"),
    ("twin", "ImageNet"),
    ("ImageNet", "scratch"),
    ("ImageNet, twin", "ImageNet"),
    ("ImageNet, twin", "scratch"),
)
"""Arms and the arms that they are held against."""

_T_95 = {2: 12.706, 3: 4.303, 4: 3.182, 5: 2.776}
"""Two-sided 95% quantiles of Student's t, by how many seeds there are."""


class Cell(TypedDict):
    """What the seeds of one arm, drive and budget gave."""

    drive: str
    budget: int
    seeds: list[int]
    miou: list[float]
    mean: float
    low: float | None
    high: float | None
    accuracy: float
    iou_by_class: dict[str, float]


class Gain(TypedDict):
    """An arm beside another, on the seeds that both have."""

    arm: str
    beside: str
    drive: str
    budget: int
    seeds: list[int]
    mean: float
    low: float | None
    high: float | None


class Figures(TypedDict):
    """All cells that were run, and the gains that they give."""

    arms: dict[str, list[Cell]]
    gains: list[Gain]


Measured = dict[tuple[str, str, int, int], float]


def summarise(
    cache: Path, twin: TwinFilm, drives: tuple[str, ...], seeds: tuple[int, ...]
) -> Figures:
    """Return the figures of the cells that are there.

    Raises:
        InputError: If there are none.
    """
    measured: Measured = {}
    arms: dict[str, list[Cell]] = {}
    for name in ARMS:
        folder = folder_of(cache, name, twin)
        for drive in drives:
            for budget in BUDGETS:
                paths = {s: folder / f"{drive}-{s}-{budget}.npz" for s in seeds}
                there = {seed: path for seed, path in paths.items() if path.exists()}
                for seed, path in there.items():
                    measured[name, drive, budget, seed] = read_measured(path)["miou"]
                if there:
                    arms.setdefault(name, []).append(_cell(drive, budget, there))
    if not measured:
        raise InputError("No cell is there.", where="transfer", fix="Run some first.")
    return {"arms": arms, "gains": _gains(measured, drives, seeds)}


def _cell(drive: str, budget: int, paths: dict[int, Path]) -> Cell:
    """Return what the seeds of one arm, drive and budget gave."""
    cells = [read_measured(path) for path in paths.values()]
    mious = [cell["miou"] for cell in cells]
    mean, half = interval(mious)
    by_class = np.zeros((len(paths), CLASSES))
    for row, path in zip(by_class, paths.values(), strict=True):
        with np.load(path) as cell:
            row[:] = cell["by_class"]
    names = zip(ONTOLOGY.classes, by_class.mean(axis=0), strict=True)
    return {
        "drive": drive,
        "budget": budget,
        "seeds": list(paths),
        "miou": [round(value, 4) for value in mious],
        "mean": round(mean, 4),
        "low": None if half is None else round(mean - half, 4),
        "high": None if half is None else round(mean + half, 4),
        "accuracy": round(float(np.mean([cell["accuracy"] for cell in cells])), 4),
        "iou_by_class": {name: round(float(v), 3) for name, v in names if np.isfinite(v)},
    }


def _gains(measured: Measured, drives: tuple[str, ...], seeds: tuple[int, ...]) -> list[Gain]:
    """Return what arms gain beside others, paired by seed."""
    gains: list[Gain] = []
    for arm, beside in BESIDE:
        for drive in drives:
            for budget in BUDGETS[1:]:
                both = [
                    s
                    for s in seeds
                    if {(arm, drive, budget, s), (beside, drive, budget, s)} <= measured.keys()
                ]
                gained = [
                    measured[arm, drive, budget, s] - measured[beside, drive, budget, s]
                    for s in both
                ]
                if gained:
                    mean, half = interval(gained)
                    gains.append(
                        {
                            "arm": arm,
                            "beside": beside,
                            "drive": drive,
                            "budget": budget,
                            "seeds": both,
                            "mean": round(mean, 4),
                            "low": None if half is None else round(mean - half, 4),
                            "high": None if half is None else round(mean + half, 4),
                        }
                    )
    return gains


def interval(values: list[float]) -> tuple[float, float | None]:
    """Return the mean of a few values and half its 95% interval; None where one is too few."""
    n = len(values)
    if n not in _T_95:
        return float(np.mean(values)), None
    return float(np.mean(values)), _T_95[n] * float(np.std(values, ddof=1)) / n**0.5


def draw(figures: Figures, path: str) -> None:
    """Draw mIoU over real frames, a panel a drive and a line an arm; bars span the seeds."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    drives = list(dict.fromkeys(c["drive"] for cells in figures["arms"].values() for c in cells))
    size = (4.2 * len(drives) + 0.6, 3.8)
    figure, axes = plt.subplots(
        1, len(drives), figsize=size, sharey=True, squeeze=False, layout="constrained"
    )
    for axis, drive in zip(axes[0], drives, strict=True):
        for name, cells in figures["arms"].items():
            mine = [cell for cell in cells if cell["drive"] == drive]
            places = [BUDGETS.index(cell["budget"]) for cell in mine]
            means = np.array([cell["mean"] for cell in mine])
            low = means - [min(cell["miou"]) for cell in mine]
            high = [max(cell["miou"]) for cell in mine] - means
            bars = np.maximum([low, high], 0)
            axis.errorbar(places, means, bars, marker="o", markersize=4, capsize=2, label=name)
        axis.set_xticks(range(len(BUDGETS)), [str(budget) for budget in BUDGETS])
        axis.set(xlabel="real frames labelled", title=f"tested on {drive}")
        axis.grid(alpha=0.3)
    axes[0, 0].set_ylabel("mIoU")
    axes[0, 0].legend(frameon=False, loc="upper left")
    figure.savefig(path, dpi=110)
    plt.close(figure)
