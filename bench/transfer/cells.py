"""Cells of the experiment: one (arm, drive, seed, budget) each, cached."""

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from bench.cell_file import read_measured, write_cell
from bench.scene_labels.cells import DRAWN, DRAWN_TRAIN
from bench.scene_labels.film import CLASSES, RECIPE, Scenes
from bench.transfer.twin_film import TwinFilm
from bessemer.core.ids import content_id
from bessemer.edge.preprocess import normalise
from bessemer.networks.config import HydraConfig
from bessemer.networks.foundation import founded_hydra
from bessemer.networks.hydra import Hydra, make_hydra
from bessemer.networks.published import FOUNDATIONS
from bessemer.networks.weights import load_weights, save_weights
from bessemer.tasks.confusion import confusion
from bessemer.train.config import TrainConfig
from bessemer.train.examples import Examples
from bessemer.train.run import train

BUDGETS = (0, 20, 50, 100)
"""Real frames labelled; with 0 a network is tested as it came from the twin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What a network has seen before the first real labelled frame."""

    foundation: bool = False
    twin: bool = False

    @property
    def network(self) -> HydraConfig:
        """The recipe's where its published weights are switched on, else a small one."""
        return RECIPE.network if self.foundation else DRAWN

    @property
    def train(self) -> TrainConfig:
        """How it learns from real frames, the same whatever it has seen before."""
        return RECIPE.train if self.foundation else DRAWN_TRAIN

    @property
    def twin_train(self) -> TrainConfig:
        """How it learns from the twin's."""
        return replace(self.train, steps=1000 if self.foundation else 2000)

    @property
    def budgets(self) -> tuple[int, ...]:
        """Its budgets; nothing is known without the twin and without a frame."""
        return BUDGETS if self.twin else BUDGETS[1:]


ARMS = {
    "scratch": Arm(),
    "twin": Arm(twin=True),
    "ImageNet": Arm(foundation=True),
    "ImageNet, twin": Arm(foundation=True, twin=True),
}


def run_cells(
    cache: Path, film: Scenes, twin: TwinFilm, name: str, drive: str, seed: int
) -> Iterator[dict[str, float]]:
    """Run the cells of one arm, drive and seed that are missing, in order of budget."""
    arm = ARMS[name]
    for budget in arm.budgets:
        path = folder_of(cache, name, twin) / f"{drive}-{seed}-{budget}.npz"
        if not path.exists():
            began = time.process_time()
            net = _network(cache, film, twin, arm, drive, seed, budget)
            by_class, accuracy = score(net, film, drive)
            measured = {
                "miou": float(np.nanmean(by_class)),
                "accuracy": accuracy,
                "cpu_s": time.process_time() - began,
            }
            write_cell(path, measured, by_class=by_class)
        yield {"budget": budget, **read_measured(path)}


def folder_of(cache: Path, name: str, twin: TwinFilm) -> Path:
    """Return where an arm's cells lie; the address covers its settings and what it saw."""
    arm = ARMS[name]
    settings = (
        arm.network,
        arm.train,
        RECIPE.preprocess,
        FOUNDATIONS["imagenet"].sha256 if arm.foundation else None,
        (arm.twin_train, twin.address) if arm.twin else None,
    )
    return cache / f"{name.replace(', ', '+')}-{content_id('transfer', (1, settings))[:12]}"


def drawn_frames(film: Scenes, drive: str, seed: int, budget: int) -> np.ndarray:
    """Return the real frames that are labelled: the first of an order that all arms share."""
    pool = np.flatnonzero(film.drives != drive)
    return np.random.default_rng([seed, 0x7A]).permutation(pool)[:budget]


def score(net: Hydra, film: Scenes, drive: str) -> tuple[np.ndarray, float]:
    """Return IoU by class, NaN for those that a drive does not show, and right pixels' share."""
    test = np.flatnonzero(film.drives == drive)
    counts = confusion(film.maps[test], maps_of(net, film.pictures[test]), CLASSES)
    right, there = np.diag(counts), counts.sum(axis=1)
    union = there + counts.sum(axis=0) - right
    by_class = np.where(there > 0, right / np.maximum(union, 1), np.nan)
    return by_class, float(right.sum() / there.sum())


@torch.inference_mode()
def maps_of(net: Hydra, pictures: np.ndarray) -> np.ndarray:
    """Return what a network sees in pictures, as class maps."""
    blocks = [pictures[start : start + 16] for start in range(0, len(pictures), 16)]
    inputs = (torch.from_numpy(normalise(block, RECIPE.preprocess)) for block in blocks)
    return np.concatenate([net(image)[0].argmax(dim=1).numpy() for image in inputs])


def _network(
    cache: Path, film: Scenes, twin: TwinFilm, arm: Arm, drive: str, seed: int, budget: int
) -> Hydra:
    """Return an arm's network after its real frames."""
    begun = _begun(cache, twin, arm, seed)
    if budget == 0:
        assert begun is not None, "only what has seen something is tested as it is"
        net = make_hydra(arm.network, seed)
        load_weights(net, begun)
        return net.eval()
    rows = drawn_frames(film, drive, seed, budget)
    drives = np.unique(film.drives[rows], return_inverse=True)[1]
    examples = _examples(film.pictures[rows], film.maps[rows], drives)
    return _compile(examples, arm.network, arm.train, begun, seed).eval()


def _begun(cache: Path, twin: TwinFilm, arm: Arm, seed: int) -> Path | None:
    """Return the weights that an arm begins its real frames with; None where they are drawn."""
    path = _imagenet(cache, seed) if arm.foundation else None
    return _after_twin(cache, twin, arm, path, seed) if arm.twin else path


def _imagenet(cache: Path, seed: int) -> Path:
    """Return the published weights under a head as drawn."""
    address = content_id("transfer-imagenet", (RECIPE.network, FOUNDATIONS["imagenet"].sha256))[:12]
    path = cache / f"imagenet-{address}-{seed}.safetensors"
    if not path.exists():
        _keep(founded_hydra("imagenet", RECIPE.network, seed), path)
    return path


def _after_twin(cache: Path, twin: TwinFilm, arm: Arm, begun: Path | None, seed: int) -> Path:
    """Return weights learnt from the twin, made once a network and seed."""
    source = FOUNDATIONS["imagenet"].sha256 if arm.foundation else None
    settings = (arm.network, arm.twin_train, RECIPE.preprocess, source, twin.address)
    path = cache / f"twin-{content_id('transfer-begun', settings)[:12]}-{seed}.safetensors"
    if not path.exists():
        examples = _examples(twin.pictures, twin.maps, twin.drives)
        _keep(_compile(examples, arm.network, arm.twin_train, begun, seed), path)
    return path


def _keep(net: Hydra, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    save_weights(net, part)
    part.replace(path)


def _examples(pictures: np.ndarray, maps: np.ndarray, groups: np.ndarray) -> Examples:
    return Examples(
        pictures=pictures,
        targets=(maps,),
        groups=groups.astype(np.int64),
        weights=np.ones(len(pictures), np.float32),
    )


def _compile(
    examples: Examples, network: HydraConfig, config: TrainConfig, begun: Path | None, seed: int
) -> Hydra:
    """Train a network."""
    with tempfile.TemporaryDirectory() as folder:
        trained = train(
            examples,
            network,
            RECIPE.preprocess,
            config,
            seed=seed,
            workdir=Path(folder),
            init_weights=begun,
        )
        net = make_hydra(network, seed)
        load_weights(net, trained.weights_path)
    return net
