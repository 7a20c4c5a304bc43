"""Cells of the experiment: one (data set, arm, seed, budget) each, cached, in a chain.

A cell starts from the answers of the cell before it, buys labels up to its budget, and trains.
What it bought and scored lies in ``bench/cache``, written whole or not at all: stop at any time.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from safetensors.torch import load_file, save_file

from bench.cell_file import read_measured, write_cell
from bench.label_efficiency.learner import (
    VIEWS,
    Answer,
    LearnerConfig,
    Weights,
    features_of,
    learn,
    learn_frames,
    pretrain,
)
from bench.label_efficiency.tracks import Tracks, load_tracks
from bessemer.core.ids import content_id
from bessemer.core.selection import Candidates, Labelled, Selector
from bessemer.curate.embed import PinnedEmbedder
from bessemer.curate.select_chance import RandomSelector
from bessemer.curate.select_engine import EngineSelector
from bessemer.curate.select_k_centre import KCentreSelector
from bessemer.curate.select_peers import PeerConfig, PeerSelector
from bessemer.curate.select_uncertain import UncertaintySelector

BUDGETS = {
    "gtsrb": (43, 64, 86, 110, 140, 180, 230, 300, 400, 560, 800),
    "digits": (10, 20, 30, 40, 60, 80, 120, 160, 240, 320),
    "digits40": (40, 60, 80, 120, 160, 200, 260, 340, 440),
    "fashion24": (24, 48, 72, 96, 130, 170, 220, 290, 380, 500),
}
ARMS = ("random", "engine", "uncertainty", "k_centre", "typiclust")
FULL = "full"
FRAMES = "frames"
"""Random single frames: a label is of one frame, and nothing but the paid frames is trained on."""
FRAME_BUDGETS = {
    "gtsrb": (800, 1600, 3200, 4800, 6400),
    "digits": (80, 160, 320, 640, 1280),
    "digits40": (160, 320, 640, 1280, 2560),
    "fashion24": (160, 320, 640, 1280, 2560),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """Where things lie, and how the network is trained.

    Args:
        cache: Folder of cells; git-ignored.
        data: Folder that holds ``gtsrb``.
        learner: The training that all arms share.
    """

    cache: Path
    data: Path
    learner: LearnerConfig = field(default_factory=LearnerConfig)


def selector_of(arm: str) -> Selector:
    """Return an arm's selector with the settings that are committed."""
    plain: dict[str, Selector] = {
        "random": RandomSelector(),
        "engine": EngineSelector(),
        "uncertainty": UncertaintySelector(),
        "k_centre": KCentreSelector(),
    }
    return plain[arm] if arm in plain else PeerSelector(config=PeerConfig(method=arm))


def budgets_of(dataset: str, arm: str) -> tuple[int, ...]:
    """Return the budgets of an arm: tracks, or single frames."""
    return FRAME_BUDGETS[dataset] if arm == FRAMES else BUDGETS[dataset]


def folder_of(bench: Bench, dataset: str, arm: str) -> Path:
    """Return where an arm's cells lie; the address covers all of its settings."""
    plain = arm in (FULL, FRAMES)
    config = None if plain else asdict(selector_of(arm).config)  # type: ignore[attr-defined]
    parts = (1, asdict(bench.learner), config, budgets_of(dataset, arm))
    address = content_id("label-efficiency", parts)
    return bench.cache / "label_efficiency" / dataset / f"{arm}-{address[:12]}"


def run_chain(bench: Bench, dataset: str, arm: str, seed: int) -> Iterator[dict[str, float]]:
    """Run the cells of one arm and seed that are missing, in order of budget.

    Args:
        bench: Places and training.
        dataset: A key of :data:`BUDGETS`.
        arm: One of :data:`ARMS`, ``full`` for all labels, or ``frames`` for random single frames.
        seed: Of split, selector and training; the same for all arms.

    Yields:
        What each cell measured.
    """
    tracks = load_tracks(dataset, seed, bench.cache, bench.data)
    if arm == FRAMES:
        yield from _run_frames(bench, dataset, tracks, seed)
        return
    pool = np.flatnonzero(~tracks.test)
    pinned = _pinned_means(tracks)
    begun = _begun(bench, dataset, tracks, seed)
    bought, answer = np.zeros(0, np.int64), _no_answer(tracks, begun, bench.learner)
    budgets = (len(pool),) if arm == FULL else BUDGETS[dataset]
    for budget in budgets:
        path = folder_of(bench, dataset, arm) / f"{seed}-{budget}.npz"
        if not path.exists():
            began = time.process_time()
            more = budget - len(bought)
            picks = pool if arm == FULL else _buy(tracks, pinned, answer, bought, more, arm, seed)
            bought = np.concatenate([bought, picks])
            answer = learn(tracks, bought, begun, bench.learner, seed)
            _store(path, bought, answer, time.process_time() - began)
        bought, answer, measured = _stored(path)
        yield {"budget": float(budget), **measured}


def _run_frames(
    bench: Bench, dataset: str, tracks: Tracks, seed: int
) -> Iterator[dict[str, float]]:
    """Run the cells of random single frames that are missing; a larger budget holds a smaller."""
    pool = np.flatnonzero(~tracks.test[tracks.track_of])
    order = np.random.default_rng([13, seed]).permutation(pool)
    for budget in FRAME_BUDGETS[dataset]:
        path = folder_of(bench, dataset, FRAMES) / f"{seed}-{budget}.npz"
        if not path.exists():
            began = time.process_time()
            macro, accuracy = learn_frames(tracks, order[:budget], bench.learner, seed)
            cpu_s = time.process_time() - began
            write_cell(path, {"macro_recall": macro, "accuracy": accuracy, "cpu_s": cpu_s})
        yield {"budget": float(budget), **read_measured(path)}


def measured_cells(bench: Bench, dataset: str, arm: str, seed: int) -> dict[int, dict[str, float]]:
    """Return the cells that are done, by budget."""
    cells = {}
    for path in folder_of(bench, dataset, arm).glob(f"{seed}-*.npz"):
        cells[int(path.stem.split("-")[1])] = read_measured(path)
    return dict(sorted(cells.items()))


def _buy(
    tracks: Tracks,
    pinned: np.ndarray,
    answer: Answer,
    bought: np.ndarray,
    count: int,
    arm: str,
    seed: int,
) -> np.ndarray:
    """Return the tracks whose labels the arm buys next."""
    space = PinnedEmbedder().space_id
    left = np.setdiff1d(np.flatnonzero(~tracks.test), bought)
    candidates = Candidates(
        units=tuple(str(i) for i in left),
        probabilities=answer.probabilities[left],
        embeddings=pinned[left],
        own_embeddings=answer.features[left],
        frame_counts=np.bincount(tracks.track_of)[left],
        space_id=space,
    )
    labelled = Labelled(
        shares=np.eye(tracks.class_count, dtype=np.float32)[tracks.classes[bought]],
        embeddings=pinned[bought],
        own_embeddings=answer.features[bought],
        space_id=space,
    )
    chosen = selector_of(arm).select(candidates, labelled, count, seed).indices
    return np.array([left[i] for i in chosen], np.int64)


def _pinned_means(tracks: Tracks) -> np.ndarray:
    """Return the mean direction of each track in the pinned space, over a few of its frames."""
    starts = np.searchsorted(tracks.track_of, np.arange(len(tracks.classes) + 1))
    steps = (np.arange(VIEWS) + 0.5) / VIEWS
    frames = (starts[:-1, None] + steps[None, :] * np.diff(starts)[:, None]).astype(np.int64)
    points = PinnedEmbedder().embed(tracks.pictures[frames.reshape(-1)])
    means = points.reshape(*frames.shape, -1).mean(axis=1)
    means /= np.linalg.norm(means, axis=1, keepdims=True)
    unit: np.ndarray = means.astype(np.float32)
    return unit


def _begun(bench: Bench, dataset: str, tracks: Tracks, seed: int) -> Weights:
    """Return pretrained weights, made once a seed."""
    learner = bench.learner
    settings = (learner.widths, learner.pretrain_steps, learner.pretrain_tracks)
    address = content_id("pretrained", (1, settings, learner.pretrain_rate))
    folder = bench.cache / "label_efficiency" / dataset / f"pretrained-{address[:12]}"
    path = folder / f"{seed}.safetensors"
    if not path.exists():
        weights = pretrain(tracks, learner, seed)
        folder.mkdir(parents=True, exist_ok=True)
        part = path.with_suffix(f".{os.getpid()}.part")
        save_file({k: v.contiguous() for k, v in weights.items()}, part)
        part.replace(path)
    return load_file(path)


def _no_answer(tracks: Tracks, begun: Weights, config: LearnerConfig) -> Answer:
    """Return what is known before any label: which tracks look alike."""
    n, c = len(tracks.classes), tracks.class_count
    return Answer(
        probabilities=np.full((n, c), 1 / c, np.float32),
        features=features_of(tracks, begun, config),
        macro_recall=0.0,
        accuracy=0.0,
    )


def _store(path: Path, bought: np.ndarray, answer: Answer, cpu_s: float) -> None:
    measured = {"macro_recall": answer.macro_recall, "accuracy": answer.accuracy, "cpu_s": cpu_s}
    arrays = {"probabilities": answer.probabilities, "features": answer.features}
    write_cell(path, measured, bought=bought, **arrays)


def _stored(path: Path) -> tuple[np.ndarray, Answer, dict[str, float]]:
    measured = read_measured(path)
    with np.load(path) as cell:
        answer = Answer(
            probabilities=cell["probabilities"],
            features=cell["features"],
            macro_recall=measured["macro_recall"],
            accuracy=measured["accuracy"],
        )
        return cell["bought"], answer, measured
