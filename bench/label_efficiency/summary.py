"""From cells to one figure: labels needed for 95% of full-data macro recall, beside chance."""

from dataclasses import dataclass

import numpy as np

from bench.label_efficiency.cells import ARMS, BUDGETS, FULL, Bench, measured_cells

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
    done, macro, accuracy, full = [], [], [], []
    for seed in seeds:
        cells = measured_cells(bench, dataset, arm, seed)
        whole = measured_cells(bench, dataset, FULL, seed)
        if len(cells) == len(BUDGETS[dataset]) and whole:
            done.append(seed)
            macro.append([cell["macro_recall"] for cell in cells.values()])
            accuracy.append([cell["accuracy"] for cell in cells.values()])
            full.append(next(iter(whole.values()))["macro_recall"])
    shape = (len(done), len(BUDGETS[dataset]))
    return Curves(
        budgets=np.array(BUDGETS[dataset]),
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


def compare(arm: Curves, chance: Curves, draws: int = DRAWS) -> dict[str, object]:
    """Return what an arm needs beside chance, on the seeds that both have, with intervals.

    Seeds are drawn again with replacement; arm and chance keep their pairs.
    """
    seeds = [s for s in arm.seeds if s in chance.seeds]
    if not seeds:
        return {"seeds": 0}
    a = np.array([arm.seeds.index(s) for s in seeds])
    c = np.array([chance.seeds.index(s) for s in seeds])

    def figures(rows: np.ndarray) -> tuple[float, float, float]:
        goal = GOAL_FRAC * arm.full[a[rows]].mean()
        mine = labels_needed(arm.budgets, arm.macro[a[rows]].mean(axis=0), goal)
        theirs = labels_needed(chance.budgets, chance.macro[c[rows]].mean(axis=0), goal)
        return mine, theirs, mine / theirs if np.isfinite(theirs) else float("nan")

    rng = np.random.default_rng(0)
    drawn = [figures(rng.integers(0, len(seeds), len(seeds))) for _ in range(draws)]
    mine, theirs, ratio = figures(np.arange(len(seeds)))
    gain = arm.accuracy[a] - chance.accuracy[c]
    ratios = np.array([r for _, _, r in drawn])
    ratios = ratios[np.isfinite(ratios)]
    spread = np.percentile(ratios, [2.5, 97.5]).tolist() if len(ratios) else [None, None]
    return {
        "seeds": len(seeds),
        "full_macro_recall": float(arm.full[a].mean()),
        "labels": mine,
        "labels_random": theirs,
        "labels_over_random": ratio,
        "labels_over_random_95": spread,
        "macro_recall": arm.macro[a].mean(axis=0).round(4).tolist(),
        "accuracy": arm.accuracy[a].mean(axis=0).round(4).tolist(),
        "accuracy_gain_mean": float(gain.mean()),
        "accuracy_gain_least": float(gain.mean(axis=0).min()),
    }


def summarise(bench: Bench, dataset: str, seeds: tuple[int, ...]) -> dict[str, object]:
    """Return the figures of all arms of which some seed is complete."""
    curves = {arm: read_curves(bench, dataset, arm, seeds) for arm in ARMS}
    return {
        "dataset": dataset,
        "goal_frac": GOAL_FRAC,
        "budgets": list(BUDGETS[dataset]),
        "arms": {
            arm: compare(curves[arm], curves["random"]) for arm in ARMS if len(curves[arm].seeds)
        },
    }


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
            axis.plot(summary["budgets"], values[field], marker="o", markersize=3, label=label)
        axis.set(xscale="log", xlabel="tracks labelled", ylabel=field.replace("_", " "))
        axis.grid(alpha=0.3)
    axes[0].legend(frameon=False)
    figure.suptitle(f"Label efficiency, {summary['dataset']}")
    figure.savefig(path, dpi=110)
    plt.close(figure)
