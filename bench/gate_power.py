"""Does the gate let twins through and stop planted regressions? Real trainings on digits.

A *trial* takes a released network, twins of it (same recipe, other seeds) for the noise floor, and
a candidate, all trained for this trial alone in the twin arm, so that trials are independent and
Clopper and Pearson's interval holds. The candidate is another twin, or comes of a recipe with a
fault planted: a class taken out of training, or labels drawn at random on part of a slice.

Digits are written in order by one person after another, so ten in a row are a recording, and
whole recordings are held out. Three regimes: ``few`` trains on a tenth of the training recordings;
``short`` on all of them but not to the end, where some classes differ much by the seed and noisy
labels hardly harm; ``long`` on all of them until they are learnt.

Each candidate is judged twice: by a suite that asks for right answers alone, and by one that also
asks, slice by slice, how likely the network held the truth to be.

The gate was chosen on networks of seeds below 10^9; these trials draw theirs from there on.

Run: ``python bench/gate_power.py`` (half an hour of one core; trained cells are cached).
"""

import argparse
import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import torch
from sklearn.datasets import load_digits

from bessemer.core.gates import Decision
from bessemer.core.ids import NetworkId, RecordingId, content_id, unit_interval
from bessemer.release.gate import StandingGate
from bessemer.validate.bootstrap import exact_interval
from bessemer.validate.metrics import Counts, Metric, count_examples, log_score, measure
from bessemer.validate.noise import NoiseFloor, measure_noise
from bessemer.validate.outcome import run_suite
from bessemer.validate.slices import select_slices
from bessemer.validate.suite import Suite, parse_suite

HERE = Path(__file__).parent
FIRST_SEED = 10**9
N_PLANTED = 60
RECIPES_FLOOR = 2
"""Networks of the floor that the shipped recipes measure: ``Recipe.noise_networks``."""
CLASSES = tuple(str(i) for i in range(10))
ANSWERS = """
name = "digits"
[[slice]]
name = "all"
where = "true"
[[slice]]
name = "faint"
where = "ink < 4.4"
[[slice]]
name = "bold"
where = "ink > 5.4"
[[slice]]
name = "wide"
where = "width > 1.36"
[[check]]
slice = "all"
metric = "accuracy"
no_worse_than = "released"
[[check]]
slice = "all"
metric = "macro_recall"
no_worse_than = "released"
[[check]]
slice = "all"
metric = "recall"
class = "*"
no_worse_than = "released"
[[check]]
slice = "faint"
metric = "accuracy"
no_worse_than = "released"
[[check]]
slice = "bold"
metric = "accuracy"
no_worse_than = "released"
[[check]]
slice = "wide"
metric = "accuracy"
no_worse_than = "released"
"""
LIKELIHOOD = """
[[check]]
slice = "{}"
metric = "likelihood"
no_worse_than = "released"
"""
SUITES = {
    "answers": parse_suite(ANSWERS),
    "likelihood too": parse_suite(
        ANSWERS + "".join(map(LIKELIHOOD.format, ("all", "faint", "bold", "wide")))
    ),
}
SLICES = SUITES["answers"].slices


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """How a network of this bench is trained, and the fault planted in it, if any."""

    train_frac: float
    removed: str = ""
    noisy_slice: str = ""
    noise_frac: float = 0.0
    steps: int = 300
    width: int = 48


REGIMES = {
    "few": Recipe(train_frac=0.1),
    "short": Recipe(train_frac=1.0),
    "long": Recipe(train_frac=1.0, steps=1500),
}


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Digits:
    """The pictures, their recordings and slices, and who is held out."""

    x: np.ndarray
    y: np.ndarray
    recordings: tuple[RecordingId, ...]
    slices: dict[str, np.ndarray]
    draw: np.ndarray

    @property
    def test(self) -> np.ndarray:
        """Which pictures are held out."""
        return self.draw >= 0.5


def load() -> Digits:
    """Return the digits with ten in a row as a recording."""
    raw = load_digits()
    x = raw.data.astype(np.float32)
    names = tuple(RecordingId(f"writer{i // 10:03d}") for i in range(len(x)))
    columns = x.reshape(-1, 8, 8).sum(axis=1) + 1e-6
    place = np.arange(8)
    middle = (columns * place).sum(axis=1) / columns.sum(axis=1)
    width = np.sqrt((columns * (place - middle[:, None]) ** 2).sum(axis=1) / columns.sum(axis=1))
    table = pa.table({"recording_id": list(names), "ink": x.mean(axis=1), "width": width})
    draw = np.array([unit_interval(content_id("recording", name)) for name in names])
    return Digits(
        x=x / 16.0,
        y=raw.target.astype(np.int64),
        recordings=names,
        slices=select_slices(table, SLICES),
        draw=draw,
    )


def train(digits: Digits, recipe: Recipe, seeds: Sequence[int]) -> np.ndarray:
    """Return probabilities of networks of one recipe on all pictures, one row a seed.

    The networks are trained side by side in one batched product; each has weights, batches and
    planted noise of its own seed, so that none depends on which others it was trained with.
    """
    keep = (digits.draw < 0.5 * recipe.train_frac) & (digits.y != int(recipe.removed or -1))
    x, y = torch.from_numpy(digits.x[keep]), digits.y[keep]
    labels, batches, weights = [], [], []
    for seed in seeds:
        rng = np.random.default_rng(seed)
        label = y.copy()
        if recipe.noisy_slice:
            wrong = digits.slices[recipe.noisy_slice][keep] & (
                rng.random(len(y)) < recipe.noise_frac
            )
            label[wrong] = rng.integers(0, 10, int(wrong.sum()))
        labels.append(label)
        batches.append(rng.integers(0, len(y), (recipe.steps, 32)))
        shapes = ((64, recipe.width), (recipe.width, 10))
        weights.append([rng.normal(0, (2 / a) ** 0.5, (a, b)) for a, b in shapes])
    target = torch.from_numpy(np.stack(labels))
    order = torch.from_numpy(np.stack(batches))
    parameters = [
        torch.tensor(np.stack([w[i] for w in weights]), dtype=torch.float32) for i in (0, 1)
    ]
    parameters += [torch.zeros(len(seeds), 1, recipe.width), torch.zeros(len(seeds), 1, 10)]
    for parameter in parameters:
        parameter.requires_grad_()
    optimiser = torch.optim.Adam(parameters, lr=5e-3)
    for step in range(recipe.steps):
        rows = order[:, step]
        logits = forward(x[rows], parameters)
        loss = torch.nn.functional.cross_entropy(
            logits.flatten(0, 1), target.gather(1, rows).flatten(), reduction="sum"
        )
        optimiser.zero_grad()
        (loss / 32).backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    with torch.no_grad():
        everything = torch.from_numpy(digits.x).expand(len(seeds), -1, -1)
        return np.asarray(torch.softmax(forward(everything, parameters), dim=-1))


def forward(x: torch.Tensor, parameters: list[torch.Tensor]) -> torch.Tensor:
    """Return the logits of all networks, each on pictures of its own."""
    hidden = torch.relu(x @ parameters[0] + parameters[2])
    return hidden @ parameters[1] + parameters[3]


def answers(digits: Digits, recipe: Recipe, first: int, n: int) -> list[dict[str, Counts]]:
    """Return the counts by slice of ``n`` networks, from the cache where they lie there."""
    address = content_id("gate power", (recipe, first, n, "answers and log scores"))
    path = HERE / "cache" / "gate_power" / f"{address[:24]}.npz"
    if not path.exists():
        truth = np.arange(len(digits.y)), digits.y
        said, scores = [], []
        for start in range(first, first + n, 50):
            probs = train(digits, recipe, range(start, min(start + 50, first + n)))
            said.append(probs.argmax(axis=-1).astype(np.int8))
            scores.append(log_score(probs[:, *truth]))
        path.parent.mkdir(parents=True, exist_ok=True)
        partial = path.with_suffix(".partial.npz")
        np.savez(partial, said=np.concatenate(said), log_scores=np.concatenate(scores))
        partial.replace(path)
    with np.load(path) as kept:
        rows = zip(kept["said"].astype(np.int64), kept["log_scores"], strict=True)
        return [count(digits, *row) for row in rows]


def count(digits: Digits, said: np.ndarray, scores: np.ndarray) -> dict[str, Counts]:
    """Return a network's counts on the held-out pictures of each slice."""
    return {
        name: count_examples(
            digits.recordings,
            digits.y,
            said,
            CLASSES,
            log_scores=scores,
            inside=digits.test & inside,
        )
        for name, inside in digits.slices.items()
    }


def judge(
    suite: Suite,
    candidate: dict[str, Counts],
    group: Sequence[dict[str, Counts]],
    noise: NoiseFloor | None,
) -> bool:
    """Return whether the gate refuses a candidate against the first network of a group."""
    report = run_suite(suite, candidate, group[0], noise=noise, seed=0)
    gate = StandingGate().decide([report], candidate=NetworkId("new"), released=NetworkId("old"))
    return gate.decision is Decision.REFUSE


def rate(refused: Sequence[bool]) -> dict[str, float | int]:
    """Return a rate with its interval."""
    low, high = exact_interval(float(sum(refused)), float(len(refused)))
    return {
        "refused": int(sum(refused)),
        "trials": len(refused),
        "rate": float(np.mean(refused)),
        "low": low,
        "high": high,
    }


def plants(base: Recipe) -> dict[str, Recipe]:
    """Return the faults that are planted, by name."""
    planted = {f"without {name}": replace(base, removed=name) for name in CLASSES}
    for name in ("faint", "bold", "wide"):
        for frac in (0.5, 0.75, 1.0):
            title = f"noise {frac:g} on {name}"
            planted[title] = replace(base, noisy_slice=name, noise_frac=frac)
    return planted


def run_regime(digits: Digits, base: Recipe, *, n_trials: int, k: int) -> dict[str, Any]:
    """Return the rates of one regime, by suite."""
    networks = answers(digits, base, FIRST_SEED, n_trials * (k + 1))
    groups = [networks[i * (k + 1) :][:k] for i in range(n_trials)]
    candidates = networks[k :: k + 1]
    planted = {
        title: answers(digits, recipe, FIRST_SEED + 10**6 * order, N_PLANTED)
        for order, (title, recipe) in enumerate(plants(base).items(), start=1)
    }
    accuracy = [float(measure(c["all"].margins().sum(axis=0), Metric.ACCURACY)) for c in networks]
    found: dict[str, Any] = {
        "accuracy": {"mean": float(np.mean(accuracy)), "sd": float(np.std(accuracy, ddof=1))},
        "median drop": {
            title: median_drop(recipe, planted[title], groups)
            for title, recipe in plants(base).items()
        },
    }
    for name, suite in SUITES.items():
        found[name] = judge_all(suite, candidates, planted, groups)
    return found


def judge_all(
    suite: Suite,
    candidates: Sequence[dict[str, Counts]],
    planted: Mapping[str, Sequence[dict[str, Counts]]],
    groups: Sequence[Sequence[dict[str, Counts]]],
) -> dict[str, Any]:
    """Return how often a suite refuses twins and planted faults, by size of the noise floor."""
    found = {
        "twins, no floor": rate(
            [judge(suite, *pair, None) for pair in zip(candidates, groups, strict=True)]
        )
    }
    for size in sorted({RECIPES_FLOOR, 3, len(groups[0])}):
        floors = [measure_noise(suite, group[:size], seed=0) for group in groups]
        trials = zip(candidates, groups, floors, strict=True)
        found[f"twins, floor of {size}"] = rate([judge(suite, *trial) for trial in trials])
        if size not in (RECIPES_FLOOR, len(groups[0])):
            continue
        families: dict[str, list[bool]] = {}
        for title, faulty in planted.items():
            caught = [judge(suite, *t) for t in zip(faulty, groups, floors, strict=False)]
            found[f"{title}, floor of {size}"] = rate(caught)
            families.setdefault(title.rpartition(" on ")[0] or "without a class", []).extend(caught)
        for family, caught in families.items():
            found[f"all: {family}, floor of {size}"] = rate(caught)
    return found


def median_drop(
    recipe: Recipe,
    faulty: Sequence[dict[str, Counts]],
    groups: Sequence[Sequence[dict[str, Counts]]],
) -> float:
    """Return the median change, against the released networks, of what a fault was planted in."""
    where = recipe.noisy_slice or "all"
    metric = Metric.ACCURACY if recipe.noisy_slice else Metric.RECALL
    index = CLASSES.index(recipe.removed) if recipe.removed else None
    changes = [
        float(measure(ours[where].margins().sum(axis=0), metric, index))
        - float(measure(group[0][where].margins().sum(axis=0), metric, index))
        for ours, group in zip(faulty, groups, strict=False)
    ]
    return float(np.median(changes))


def main() -> None:
    """Run all regimes, print the rates, and write them down."""
    parser = argparse.ArgumentParser(description="False refusals and catches of the gate.")
    parser.add_argument("--trials", type=int, default=400)
    parser.add_argument("--twins", type=int, default=5)
    parser.add_argument("--regimes", nargs="+", choices=list(REGIMES), default=list(REGIMES))
    options = parser.parse_args()
    torch.set_num_threads(1)
    digits, results, started = load(), {}, time.process_time()
    for name in options.regimes:
        recipe = REGIMES[name]
        print(f"{name}: {options.trials} trials, floors of {options.twins} twins", flush=True)
        found = run_regime(digits, recipe, n_trials=options.trials, k=options.twins)
        results[name] = found
        for suite in SUITES:
            for title, r in found[suite].items():
                interval = f"{r['low']:.3f} to {r['high']:.3f}"
                print(f"  {suite:14} {title:32} refused {r['rate']:.3f} ({interval})", flush=True)
    cpu_s = round(time.process_time() - started)
    record = {"twins_per_floor": options.twins, "cpu_s": cpu_s, "regimes": results}
    path = HERE / "results" / "gate_power.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
