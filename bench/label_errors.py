"""Label errors found: precision and recall beside ``cleanlab``, on the very same probabilities.

    python -m bench.label_errors --data DATA [--tune]

Tracks of GTSRB with a tenth of the labels taken for a similar class; probabilities by four folds
over tracks. ``cleanlab`` is given the mean probabilities of each track (its scores of single
frames, averaged by track, are shown as well). Ours is shown with the pinned space, and with no
more than ``cleanlab`` has. ``--tune`` scores digits and Fashion-MNIST instead, on which the
settings were chosen; they were committed before GTSRB was scored.
"""

import argparse
import json
import warnings
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import numpy as np
from jaxtyping import Bool, Float64, Int64

from bench.label_errors_cells import ERROR_FRAC, N_FOLDS, STEPS, Cell, cell_of
from bessemer.label.errors import score_labels
from bessemer.label.witnesses import WitnessConfig

RESULTS = Path(__file__).parent / "results"
RECALLS = tuple(round(0.1 * i, 1) for i in range(1, 10))
OURS = "bessemer"
ALONE = "bessemer, networks alone"
AVERAGE = "average precision"
METHODS = {
    "self_confidence": ("self_confidence", False),
    "self_confidence, adjusted": ("self_confidence", True),
    "normalized_margin": ("normalized_margin", False),
    "normalized_margin, adjusted": ("normalized_margin", True),
    "confidence_weighted_entropy": ("confidence_weighted_entropy", False),
}
"""``cleanlab``'s scores; adjusted ones take the mean confidence in each class off first."""
TUNING = ("digits", "digits40", "fashion", "fashion24")
N_DRAWS = 500

Scores = Float64[np.ndarray, " t"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A mean over seeds with its 95% interval; where nothing else is said, tracks are resampled."""

    mean: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """How one method did on one data set.

    Attributes:
        data: The data set.
        method: Who scored the labels.
        precision_at: Average precision, then precision at each recall.
        ours_ahead_by: By how much ours does better there: paired by seed, Student's t over seeds.
        alone_ahead_by: The same for ours without the pinned space.
    """

    data: str
    method: str
    precision_at: dict[str, Figure]
    ours_ahead_by: dict[str, Figure]
    alone_ahead_by: dict[str, Figure]


def scores_of(cell: Cell) -> dict[str, Scores]:
    """Score a cell's labels by every method; higher is more suspect."""
    from cleanlab.rank import get_label_quality_scores

    n = len(cell.labels)
    frames = np.bincount(cell.groups, minlength=n)
    probs = np.zeros((n, cell.probs.shape[1]))
    np.add.at(probs, cell.groups, cell.probs.astype(np.float64))
    probs /= probs.sum(axis=1, keepdims=True)
    by_frame = cell.probs.astype(np.float64)
    by_frame /= by_frame.sum(axis=1, keepdims=True)
    given = cell.labels[cell.groups]
    found = {
        OURS: score_labels(cell.labels, cell.probs, cell.groups, cell.vectors).score,
        ALONE: score_labels(cell.labels, cell.probs, cell.groups).score,
    }
    for name, (method, adjust) in METHODS.items():
        score = partial(get_label_quality_scores, method=method, adjust_pred_probs=adjust)
        found[f"cleanlab {name}"] = -score(cell.labels, probs)
        single = score(given, by_frame)
        found[f"cleanlab {name}, by frame"] = -np.bincount(cell.groups, single) / frames
    return found


def cuts_of(cell: Cell) -> dict[str, Bool[np.ndarray, " t"]]:
    """Return the labels that each would call wrong by itself, without a budget."""
    from cleanlab.filter import find_label_issues

    probs = np.zeros((len(cell.labels), cell.probs.shape[1]))
    np.add.at(probs, cell.groups, cell.probs.astype(np.float64))
    probs /= probs.sum(axis=1, keepdims=True)
    return {
        OURS: score_labels(cell.labels, cell.probs, cell.groups, cell.vectors).score > 0.0,
        ALONE: score_labels(cell.labels, cell.probs, cell.groups).score > 0.0,
        "cleanlab find_label_issues": np.asarray(find_label_issues(cell.labels, probs, n_jobs=1)),
    }


def measure_cuts(cells: list[Cell]) -> dict[str, dict[str, float]]:
    """Return precision and recall of each cut, means over seeds."""
    sums: dict[str, list[tuple[float, float]]] = {}
    for cell in cells:
        wrong = cell.labels != cell.truth
        for name, found in cuts_of(cell).items():
            hits = float((found & wrong).sum())
            sums.setdefault(name, []).append((hits / max(found.sum(), 1), hits / wrong.sum()))
    return {
        name: dict(
            zip(("precision", "recall"), np.mean(each, axis=0).round(4).tolist(), strict=True)
        )
        for name, each in sums.items()
    }


def curve(score: Scores, wrong: Bool[np.ndarray, " t"]) -> Float64[np.ndarray, " r"]:
    """Return average precision, then the precision where each recall is first reached."""
    hits = np.cumsum(wrong[np.argsort(-score, kind="stable")])
    precision = hits / np.arange(1, len(hits) + 1)
    places = np.flatnonzero(np.diff(hits, prepend=0))
    at = [places[max(int(np.ceil(r * len(places) - 1e-9)), 1) - 1] for r in RECALLS]
    return np.array([precision[places].mean(), *precision[at]])


def measure(data: str, cells: list[Cell]) -> list[Row]:
    """Return every method's figures; one draw of tracks serves all methods, so they are paired."""
    scored = [scores_of(cell) for cell in cells]
    names = list(scored[0])
    wrong = [cell.labels != cell.truth for cell in cells]

    def curves(draws: list[Int64[np.ndarray, " t"]]) -> Float64[np.ndarray, "s m r"]:
        return np.stack(
            [
                np.stack([curve(found[name][rows], w[rows]) for name in names])
                for found, w, rows in zip(scored, wrong, draws, strict=True)
            ]
        )

    by_seed = curves([np.arange(len(w)) for w in wrong])
    rng = np.random.default_rng(0)
    drawn = np.stack(
        [
            curves([np.sort(rng.integers(len(w), size=len(w))) for w in wrong]).mean(axis=0)
            for _ in range(N_DRAWS)
        ]
    )
    points = [AVERAGE, *map(str, RECALLS)]
    ours, alone = names.index(OURS), names.index(ALONE)
    return [
        Row(
            data=data,
            method=name,
            precision_at={
                point: _middle(by_seed[:, m, i], drawn[:, m, i]) for i, point in enumerate(points)
            },
            ours_ahead_by={
                point: _paired(by_seed[:, ours, i] - by_seed[:, m, i])
                for i, point in enumerate(points)
            },
            alone_ahead_by={
                point: _paired(by_seed[:, alone, i] - by_seed[:, m, i])
                for i, point in enumerate(points)
            },
        )
        for m, name in enumerate(names)
    ]


def _middle(by_seed: Float64[np.ndarray, " s"], draws: Float64[np.ndarray, " b"]) -> Figure:
    """Return the mean over seeds with the middle 95% of its draws."""
    low, high = np.percentile(draws, [2.5, 97.5])
    return Figure(
        mean=round(float(by_seed.mean()), 4), low=round(float(low), 4), high=round(float(high), 4)
    )


def _paired(differences: Float64[np.ndarray, " s"]) -> Figure:
    """Return the mean difference with its 95% interval by Student's t over seeds."""
    from scipy.stats import t

    mean, n = float(differences.mean()), len(differences)
    half = float(t.ppf(0.975, n - 1) * differences.std(ddof=1) / np.sqrt(n)) if n > 1 else np.inf
    return Figure(mean=round(mean, 4), low=round(mean - half, 4), high=round(mean + half, 4))


def draw_plot(rows: list[Row], path: Path) -> None:
    """Draw precision over recall, with intervals."""
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(7, 4.5), layout="constrained")
    # Of cleanlab's, one line a method, and its best.
    best = max(
        (r for r in rows if "cleanlab" in r.method), key=lambda r: r.precision_at[AVERAGE].mean
    )
    plain = [r for r in rows if "by frame" not in r.method and "adjusted" not in r.method]
    shown = [r for r in plain if r.method != best.method] + [best]
    for row in shown:
        style = "o-" if row.method == OURS else "o:" if row.method == ALONE else "s--"
        line = [row.precision_at[str(recall)] for recall in RECALLS]
        label = f"{row.method} (AP {row.precision_at[AVERAGE].mean:.3f})"
        (drawn,) = axes.plot(RECALLS, [f.mean for f in line], style, label=label)
        axes.fill_between(
            RECALLS,
            [f.low for f in line],
            [f.high for f in line],
            alpha=0.12,
            color=drawn.get_color(),
        )
    axes.set(xlabel="recall of wrong labels", ylabel="precision", ylim=(0.5, 1.01))
    axes.set_title(f"{shown[0].data}: tracks, {ERROR_FRAC:.0%} of labels wrong")
    axes.grid(alpha=0.3)
    axes.legend(loc="lower left")
    figure.savefig(path, dpi=140)
    pyplot.close(figure)


def as_json(report: dict[str, object], rows: list[Row]) -> str:
    """Return a report as JSON, a row a line."""
    lines = ",\n  ".join(json.dumps(asdict(row)) for row in rows)
    return json.dumps(report, indent=1).removesuffix("\n}") + f',\n "rows": [\n  {lines}\n ]\n}}\n'


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--tune", action="store_true")
    options = parser.parse_args()
    report: dict[str, object] = {
        "error_frac": ERROR_FRAC,
        "folds": N_FOLDS,
        "steps": STEPS,
        "config": asdict(WitnessConfig()),
    }
    load: Callable[[str, int], Cell] = lambda name, seed: cell_of(name, seed, options.data)  # noqa: E731
    rows: list[Row] = []
    with warnings.catch_warnings():
        # cleanlab calls numpy in ways that are being retired; its figures are not touched by it.
        warnings.simplefilter("ignore", DeprecationWarning)
        for data in TUNING if options.tune else ("gtsrb",):
            seeds = range(100, 103) if options.tune else range(options.seeds)
            cells = [load(data, seed) for seed in seeds]
            rows += measure(data, cells)
            report[f"{data} without a budget"] = measure_cuts(cells)
            report[f"{data} seeds"] = list(seeds)
    name = "label_errors_tuning" if options.tune else "label_errors"
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / f"{name}.json").write_text(as_json(report, rows))
    if not options.tune:
        draw_plot(rows, RESULTS / f"{name}.png")
    print("average precision, then precision at recall 0.1 ... 0.9; by how much ours is ahead")
    for row in rows:
        print(
            f"{row.data:9} {row.method:44}", *(f"{f.mean:.3f} " for f in row.precision_at.values())
        )
        print(" " * 54, *(f"{f.mean:+.3f}" for f in row.ours_ahead_by.values()))


if __name__ == "__main__":
    main()
