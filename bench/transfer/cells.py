"""Cells of the experiment: one (arm, drive, seed, budget) each, cached."""

import os
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.cell_file import Measured, read_measured, write_cell
from bench.scene_labels.cells import DRAWN, DRAWN_TRAIN
from bench.scene_labels.film import RECIPE, Scenes
from bench.transfer.learn import compiled, examples_of, score
from bench.transfer.twin_film import TwinFilm
from bessemer.core.ids import content_id
from bessemer.networks.config import HydraConfig
from bessemer.networks.foundation import founded_hydra
from bessemer.networks.network import TrainableNetwork, make_network
from bessemer.networks.published import FOUNDATIONS
from bessemer.networks.weights import load_weights, save_weights
from bessemer.train.config import TrainConfig

_TWIN_STEPS = 2000
BUDGETS = (0, 20, 50, 100)
"""Real frames labelled; with 0 a network is tested as it came from the twin."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What a network has seen before the first real labelled frame."""

    foundation: bool = False
    twin: bool = False
    longer: bool = False

    @property
    def network(self) -> HydraConfig:
        """The recipe's where its published weights are switched on, else a small one."""
        return RECIPE.network if self.foundation else DRAWN

    @property
    def train(self) -> TrainConfig:
        """How it learns from real frames, the same whatever it has seen before.

        One arm takes as many steps on them as another takes on the twin's and on them.
        """
        config = RECIPE.train if self.foundation else DRAWN_TRAIN
        return replace(config, steps=config.steps + _TWIN_STEPS) if self.longer else config

    @property
    def twin_train(self) -> TrainConfig:
        """How it learns from the twin's."""
        return replace(self.train, steps=1000 if self.foundation else _TWIN_STEPS)

    @property
    def budgets(self) -> tuple[int, ...]:
        """Its budgets; nothing is known without the twin and without a frame."""
        if self.longer:
            return (20,)
        return BUDGETS if self.twin else BUDGETS[1:]


ARMS = {
    "scratch": Arm(),
    "scratch, longer": Arm(longer=True),
    "twin": Arm(twin=True),
    "ImageNet": Arm(foundation=True),
    "ImageNet, twin": Arm(foundation=True, twin=True),
}


def run_cell(
    cache: Path, film: Scenes, twin: TwinFilm, name: str, drive: str, seed: int, budget: int
) -> Measured:
    """Run the cell of one arm, drive, seed and budget, unless it is there."""
    arm = ARMS[name]
    path = folder_of(cache, name, twin) / f"{drive}-{seed}-{budget}.npz"
    if not path.exists():
        began = time.process_time()
        net = _network(cache, film, twin, arm, drive, seed, budget)
        test = film.drives == drive
        by_class, accuracy = score(net, film.pictures[test], film.maps[test], RECIPE.preprocess)
        measured = {
            "miou": float(np.nanmean(by_class)),
            "accuracy": accuracy,
            "cpu_s": time.process_time() - began,
        }
        write_cell(path, measured, by_class=by_class)
    return read_measured(path)


def folder_of(cache: Path, name: str, twin: TwinFilm) -> Path:
    """Return where an arm's cells lie; the address covers its settings and what it saw."""
    arm = ARMS[name]
    settings = (
        arm.network,
        arm.train,
        RECIPE.preprocess,
        FOUNDATIONS["imagenet"].sha256 if arm.foundation else None,
        (arm.twin_train, twin.address, "as many of the twin's") if arm.twin else None,
    )
    return cache / f"{name.replace(', ', '+')}-{content_id('transfer', (1, settings))[:12]}"


def drawn_frames(film: Scenes, drive: str, seed: int, budget: int) -> np.ndarray:
    """Return the real frames that are labelled: the first of an order that all arms share."""
    pool = np.flatnonzero(film.drives != drive)
    return np.random.default_rng([seed, 0x7A]).permutation(pool)[:budget]


def _network(
    cache: Path, film: Scenes, twin: TwinFilm, arm: Arm, drive: str, seed: int, budget: int
) -> TrainableNetwork:
    """Return an arm's network after its real frames."""
    begun = _begun(cache, twin, arm, seed)
    if budget == 0:
        assert begun is not None, "only what has seen something is tested as it is"
        net = make_network(arm.network, seed)
        load_weights(net, begun)
        return net.eval()
    rows = drawn_frames(film, drive, seed, budget)
    pictures, maps, drives = film.pictures[rows], film.maps[rows], film.drives[rows]
    if arm.twin:
        again = np.random.default_rng([seed, 0x7B]).permutation(len(twin.maps))[:budget]
        # Groups are drawn alike: as many of the twin's make every other frame that is seen real.
        groups = np.arange(budget) % len(np.unique(drives))
        pictures = np.concatenate([pictures, twin.pictures[again]])
        maps = np.concatenate([maps, twin.maps[again]])
        drives = np.concatenate([drives, [f"twin {group}" for group in groups]])
    examples = examples_of(pictures, maps, drives)
    return compiled(examples, arm.network, RECIPE.preprocess, arm.train, seed, begun)


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
        examples = examples_of(twin.pictures, twin.maps, twin.drives)
        net = compiled(examples, arm.network, RECIPE.preprocess, arm.twin_train, seed, begun)
        _keep(net, path)
    return path


def _keep(net: TrainableNetwork, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.part")
    save_weights(net, part)
    part.replace(path)
