"""From cells to one figure: labels needed for 95% of full-data macro recall, beside chance."""

from dataclasses import dataclass

import numpy as np

from bench.label_efficiency.cells import (
    ARMS,
    FRAMES,
    FULL,
    Bench,
    budgets_of,
    measured_cells,
)
from bessemer.core.errors import InputError

GOAL_FRAC = 0.95
DRAWS = 2000


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Curves:
    """Scores by seed and budget, of the seeds that are complete.

    Args:
        budgets: Labels paid.
        macro: Macro recall [seeds, budgets].
        accuracy: Plain accuracy [seeds, budgets].
        full: Macro recall with all labels [seeds].
        seeds: The seeds.
    """

    budgets: np.ndarray
    macro: np.ndarray
    accuracy: np.ndarray
    full: np.ndarray
    seeds: tuple[int, ...]


def read_curves(bench: Bench, dataset: str, arm: str, seeds: tuple[int, ...]) -> Curves:
    """Return an arm's curves over the seeds whose cells are all there."""
    budgets = budgets_of(dataset, arm)
    done, macro, accuracy, full = [], [], [], []
    for seed in seeds:
        cells = measured_cells(bench, dataset, arm, seed)
        whole = measured_cells(bench, dataset, FULL, seed)
        if len(cells) == len(budgets) and whole:
            done.append(seed)
            macro.append([cell["macro_recall"] for cell in cells.values()])
            accuracy.append([cell["accuracy"] for cell in cells.values()])
            full.append(next(iter(whole.values()))["macro_recall"])
    shape = (len(done), len(budgets))
    return Curves(
        budgets=np.array(budgets),
        macro=np.array(macro).reshape(shape),
        accuracy=np.array(accuracy).reshape(shape),
        full=np.array(full),
        seeds=tuple(done),
    )


def labels_needed(budgets: np.ndarray, scores: np.ndarray, goal: float) -> float:
    """Return the labels at which a curve first reaches the goal, log-linear between budgets.

    Args:
        budgets: Rising.
        scores: One a budget; a dip after a peak does not count against the curve.
        goal: The score to reach.

    Returns:
        Labels, or infinity if the curve never gets there.
    """
    best = np.maximum.accumulate(scores)
    after = int(np.searchsorted(best, goal))
    if after == len(best):
        return float("inf")
    if after == 0:
        return float(budgets[0])
    share = (goal - best[after - 1]) / (best[after] - best[after - 1])
    low, high = np.log(budgets[after - 1]), np.log(budgets[after])
    return float(np.exp(low + share * (high - low)))


def compare(arm: Curves, other: Curves, draws: int = DRAWS) -> dict[str, object]:
    """Return what an arm needs beside another, on the seeds that both have, with intervals.

    Seeds are drawn again with replacement; the two keep their pairs. Where a curve never reaches
    the goal, its labels are None.

    Args:
        arm: Curves of an arm.
        other: Curves of chance, or of random single frames.
        draws: Of the bootstrap.

    Returns:
        Labels of both for the goal, and their ratio with a 95% interval.
    """
    seeds = [s for s in arm.seeds if s in other.seeds]
    a = np.array([arm.seeds.index(s) for s in seeds], dtype=np.int64)
    o = np.array([other.seeds.index(s) for s in seeds], dtype=np.int64)
    if not seeds:
        return {"seeds": 0}

    def needed(rows: np.ndarray) -> tuple[float, float]:
        goal = GOAL_FRAC * arm.full[a[rows]].mean()
        return (
            labels_needed(arm.budgets, arm.macro[a[rows]].mean(axis=0), goal),
            labels_needed(other.budgets, other.macro[o[rows]].mean(axis=0), goal),
        )

    rng = np.random.default_rng(0)
    drawn = np.array([needed(rng.integers(0, len(seeds), len(seeds))) for _ in range(draws)])
    drawn = drawn[np.isfinite(drawn).all(axis=1)]
    spread = np.percentile(drawn[:, 0] / drawn[:, 1], [2.5, 97.5]) if len(drawn) else None
    mine, theirs = needed(np.arange(len(seeds)))
    return {
        "seeds": len(seeds),
        "labels": _known(mine),
        "labels_other": _known(theirs),
        "ratio": _known(mine / theirs) if np.isfinite(theirs) else None,
        "ratio_95": None if spread is None else [round(float(v), 3) for v in spread],
        "draws_that_reach_the_goal_frac": len(drawn) / draws,
    }


def gains(arm: Curves, chance: Curves, draws: int = DRAWS) -> dict[str, object]:
    """Return paired gains over chance at equal budgets, in macro recall and accuracy."""
    seeds = [s for s in arm.seeds if s in chance.seeds]
    a = np.array([arm.seeds.index(s) for s in seeds], dtype=np.int64)
    c = np.array([chance.seeds.index(s) for s in seeds], dtype=np.int64)
    figures: dict[str, object] = {}
    for name, mine, theirs in (
        ("macro_recall", arm.macro[a], chance.macro[c]),
        ("accuracy", arm.accuracy[a], chance.accuracy[c]),
    ):
        gain = mine - theirs
        rows = np.random.default_rng(0).integers(0, len(seeds), (draws, len(seeds)))
        means = gain.mean(axis=1)[rows].mean(axis=1)
        figures[f"{name}_gain_by_budget"] = gain.mean(axis=0).round(4).tolist()
        figures[f"{name}_gain_mean"] = round(float(gain.mean()), 4)
        figures[f"{name}_gain_mean_95"] = np.percentile(means, [2.5, 97.5]).round(4).tolist()
    return figures


def summarise(bench: Bench, dataset: str, seeds: tuple[int, ...]) -> dict[str, object]:
    """Return the figures of all arms of which some seed is complete.

    Raises:
        InputError: If no arm has a seed with all of its cells.
    """
    curves = {arm: read_curves(bench, dataset, arm, seeds) for arm in (*ARMS, FRAMES)}
    arms: dict[str, object] = {}
    for arm, curve in curves.items():
        if not curve.seeds:
            continue
        arms[arm] = {
            "seeds": len(curve.seeds),
            "budgets": curve.budgets.tolist(),
            "macro_recall": curve.macro.mean(axis=0).round(4).tolist(),
            "accuracy": curve.accuracy.mean(axis=0).round(4).tolist(),
            "full_macro_recall": round(float(curve.full.mean()), 4),
        }
        if arm != FRAMES:
            arms[arm] |= {"beside_frames": compare(curve, curves[FRAMES])}  # type: ignore[operator]
        if arm not in {FRAMES, "random"}:
            arms[arm] |= {  # type: ignore[operator]
                "beside_random": compare(curve, curves["random"]),
                **gains(curve, curves["random"]),
            }
    if not arms:
        raise InputError(
            "No arm has a seed with all of its cells yet.",
            where=f"label efficiency, {dataset}",
            fix="Run the bench without --summary first; it goes on where it stopped.",
        )
    return {"dataset": dataset, "goal_frac": GOAL_FRAC, "arms": arms}


def _known(value: float) -> float | None:
    """Return a figure; None for what was never reached, which JSON has no number for."""
    return round(value, 3) if np.isfinite(value) else None


def draw(summary: dict[str, object], path: str) -> None:
    """Draw macro recall and accuracy over labels, one line an arm."""
    import matplotlib as mpl

    mpl.use("Agg")
    from matplotlib import pyplot as plt

    figure, axes = plt.subplots(1, 2, figsize=(10, 4), sharex=True, layout="constrained")
    arms: dict[str, dict[str, list[float]]] = summary["arms"]  # type: ignore[assignment]
    for axis, field in zip(axes, ("macro_recall", "accuracy"), strict=True):
        for arm, values in arms.items():
            label = f"{arm} (n={values['seeds']})"
            axis.plot(values["budgets"], values[field], marker="o", markersize=3, label=label)
        axis.set(xscale="log", xlabel="labels paid", ylabel=field.replace("_", " "))
        most = max(max(values["budgets"]) for values in arms.values())
        ticks = [25 * 2**i for i in range(12) if 40 <= 25 * 2**i <= most]
        axis.set_xticks(ticks, [str(tick) for tick in ticks])
        axis.set_xticks([], minor=True)
        axis.grid(alpha=0.3)
    full = next(iter(arms.values()))["full_macro_recall"]
    axes[0].axhline(GOAL_FRAC * float(full), color="grey", lw=0.8, ls="--")  # type: ignore[arg-type]
    axes[0].legend(frameon=False)
    figure.suptitle(f"Label efficiency, {summary['dataset']}")
    figure.savefig(path, dpi=110)
    plt.close(figure)
