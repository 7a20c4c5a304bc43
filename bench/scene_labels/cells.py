"""Cells of the experiment: one (arm, drive, seed, budget) each, cached, in a chain of budgets."""

import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file

from bench.cell_file import read_measured, write_cell
from bench.scene_labels.film import CLASSES, RECIPE, UNSAID, Scenes
from bessemer.core.ids import content_id
from bessemer.core.selection import Candidates, Labelled
from bessemer.curate.embed import PinnedEmbedder
from bessemer.curate.select_chance import RandomSelector
from bessemer.curate.select_engine import EngineSelector
from bessemer.edge.preprocess import normalise
from bessemer.label.carry import CarryConfig, carry_maps
from bessemer.networks.config import BackboneKind, HydraConfig
from bessemer.networks.foundation import founded_hydra
from bessemer.networks.network import TrainableNetwork, make_network
from bessemer.networks.published import FOUNDATIONS
from bessemer.networks.weights import load_weights, save_weights
from bessemer.tasks.confusion import confusion
from bessemer.train.config import PretrainConfig, TrainConfig
from bessemer.train.examples import Examples
from bessemer.train.pretrain import pretrain
from bessemer.train.run import train

BUDGETS = (10, 25, 50, 100)
DRAWN = replace(RECIPE.network, backbone=BackboneKind.RESIDUAL, width=16, blocks=4)
DRAWN_TRAIN = replace(RECIPE.train, steps=600, learning_rate=3e-3)
PRETRAIN = PretrainConfig(fit=replace(PretrainConfig().fit, steps=500, batch=32, flip=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Arm:
    """What is switched on."""

    select: bool = False
    carry: bool = False
    pretrain: bool = False
    foundation: bool = False

    @property
    def network(self) -> HydraConfig:
        """The network's shape: the recipe's where its published weights are switched on."""
        return RECIPE.network if self.foundation else DRAWN

    @property
    def train(self) -> TrainConfig:
        """How it is compiled; from weights as drawn it takes more and larger steps."""
        return RECIPE.train if self.foundation else DRAWN_TRAIN


ARMS = {
    "random": Arm(),
    "selection": Arm(select=True),
    "selection, carrying": Arm(select=True, carry=True),
    "selection, carrying, pretraining": Arm(select=True, carry=True, pretrain=True),
    "random, ImageNet": Arm(foundation=True),
    "selection, ImageNet": Arm(select=True, foundation=True),
}


def run_chain(
    cache: Path, film: Scenes, name: str, drive: str, seed: int
) -> Iterator[dict[str, float]]:
    """Run the cells of one arm, drive and seed that are missing, in order of budget."""
    arm = ARMS[name]
    pool = np.flatnonzero(film.drives != drive)
    bought = np.zeros(0, np.int64)
    shares = np.full((len(pool), CLASSES), 1 / CLASSES, np.float32)
    features = film.points[pool]
    for budget in BUDGETS:
        path = folder_of(cache, name) / f"{drive}-{seed}-{budget}.npz"
        if not path.exists():
            began = time.process_time()
            begun = _begun(cache, film, pool, arm, drive, seed)
            more = budget - len(bought)
            bought = np.concatenate(
                [bought, _buy(film, pool, bought, shares, features, arm, more, seed)]
            )
            net = _compile(film, pool, bought, arm, begun, seed)
            shares, features, _ = _ask(net, film.pictures[pool])
            miou, accuracy = _score(net, film, drive)
            measured = {
                "miou": miou,
                "accuracy": accuracy,
                "cpu_s": time.process_time() - began,
            }
            write_cell(path, measured, bought=bought, shares=shares, features=features)
        with np.load(path) as cell:
            bought, shares, features = cell["bought"], cell["shares"], cell["features"]
        yield {"budget": budget, **read_measured(path)}


def folder_of(cache: Path, name: str) -> Path:
    """Return where an arm's cells lie; the address covers all of its settings."""
    arm = ARMS[name]
    settings = (
        arm.network,
        arm.train,
        RECIPE.preprocess,
        FOUNDATIONS["imagenet"].sha256 if arm.foundation else None,
        EngineSelector().config if arm.select else None,
        CarryConfig() if arm.carry else None,
        PRETRAIN if arm.pretrain else None,
        BUDGETS,
    )
    address = content_id("scene-labels", (1, settings))[:12]
    return cache / "scene_labels" / f"{name.replace(', ', '+')}-{address}"


def _buy(
    film: Scenes,
    pool: np.ndarray,
    bought: np.ndarray,
    shares: np.ndarray,
    features: np.ndarray,
    arm: Arm,
    count: int,
    seed: int,
) -> np.ndarray:
    """Return the frames whose labels are bought next, as places in the pool."""
    left = np.setdiff1d(np.arange(len(pool)), bought)
    space = PinnedEmbedder().space_id
    candidates = Candidates(
        units=tuple(str(i) for i in left),
        probabilities=shares[left],
        embeddings=film.points[pool[left]],
        own_embeddings=features[left],
        frame_counts=np.ones(len(left), np.int64),
        space_id=space,
    )
    counts = np.zeros((len(bought), CLASSES))
    for row, answer in zip(counts, film.maps[pool[bought]], strict=True):
        row += np.bincount(answer[answer != UNSAID], minlength=CLASSES)
    labelled = Labelled(
        shares=(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)).astype(np.float32),
        embeddings=film.points[pool[bought]],
        own_embeddings=features[bought],
        space_id=space,
    )
    selector = EngineSelector() if arm.select else RandomSelector()
    chosen = selector.select(candidates, labelled, count, seed).indices
    return left[np.asarray(chosen, np.int64)]


def _compile(
    film: Scenes, pool: np.ndarray, bought: np.ndarray, arm: Arm, begun: Path | None, seed: int
) -> TrainableNetwork:
    """Train on what was bought, and on what is carried from it where the arm does."""
    rows, maps = pool[bought], [film.maps[pool[bought]]]
    weights = [np.ones(len(rows), np.float32)]
    if arm.carry:
        config = CarryConfig()
        for drive in np.unique(film.drives[rows]):
            mine = pool[film.drives[pool] == drive]
            answers = np.full((len(mine), *film.maps.shape[1:]), UNSAID, np.uint8)
            paid = np.isin(mine, rows)
            answers[paid] = film.maps[mine[paid]]
            carried = carry_maps(film.pictures[mine], film.times_ns[mine], answers, config)
            kept = np.flatnonzero(carried.steps)
            rows = np.concatenate([rows, mine[kept]])
            maps.append(carried.maps[kept])
            weights.append(np.full(len(kept), config.weight, np.float32))
    examples = Examples(
        pictures=film.pictures[rows],
        targets=(np.concatenate(maps),),
        groups=np.unique(film.drives[rows], return_inverse=True)[1].astype(np.int64),
        weights=np.concatenate(weights),
    )
    with tempfile.TemporaryDirectory() as folder:
        trained = train(
            examples,
            arm.network,
            RECIPE.preprocess,
            arm.train,
            seed=seed,
            workdir=Path(folder),
            init_weights=begun,
        )
        net = make_network(arm.network, seed)
        load_weights(net, trained.weights_path)
    return net.eval()


def _begun(
    cache: Path, film: Scenes, pool: np.ndarray, arm: Arm, drive: str, seed: int
) -> Path | None:
    """Return the weights that an arm begins with; None where they are drawn."""
    if arm.pretrain:
        return _pretrained(cache, film, pool, drive, seed)
    if not arm.foundation:
        return None
    address = content_id("scene-foundation", (arm.network, FOUNDATIONS["imagenet"].sha256))[:12]
    path = cache / "scene_labels" / f"imagenet-{address}-{seed}.safetensors"
    if not path.exists():
        part = path.with_suffix(f".{os.getpid()}.part")
        save_weights(founded_hydra("imagenet", arm.network, seed), part, without="heads.")
        part.replace(path)
    return path


def _pretrained(cache: Path, film: Scenes, pool: np.ndarray, drive: str, seed: int) -> Path:
    """Return weights learnt from the pool without a label, made once a drive and seed."""
    address = content_id("scene-pretraining", (1, DRAWN, RECIPE.preprocess, PRETRAIN))[:12]
    path = cache / "scene_labels" / f"pretrained-{address}" / f"{drive}-{seed}.safetensors"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            made = pretrain(
                film.pictures[pool],
                np.arange(len(pool), dtype=np.int64),
                DRAWN,
                RECIPE.preprocess,
                PRETRAIN,
                seed=seed,
                workdir=Path(folder),
            )
            part = path.with_suffix(f".{os.getpid()}.part")
            save_file(load_file(made.weights_path), part)
        part.replace(path)
    return path


@torch.inference_mode()
def _ask(net: TrainableNetwork, pictures: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return shares of classes, features and class maps of pictures."""
    shares, features, maps = [], [], []
    for start in range(0, len(pictures), 16):
        block = normalise(pictures[start : start + 16], RECIPE.preprocess)
        logits, hidden = net(torch.from_numpy(block))
        shares.append(logits.softmax(dim=1).mean(dim=(2, 3)).numpy())
        features.append(hidden.numpy())
        maps.append(logits.argmax(dim=1).numpy())
    return np.concatenate(shares), np.concatenate(features), np.concatenate(maps)


def _score(net: TrainableNetwork, film: Scenes, drive: str) -> tuple[float, float]:
    """Return mIoU over the classes that a drive shows, and its share of right pixels."""
    test = np.flatnonzero(film.drives == drive)
    counts = confusion(film.maps[test], _ask(net, film.pictures[test])[2], CLASSES)
    right, there = np.diag(counts), counts.sum(axis=1)
    union = there + counts.sum(axis=0) - right
    return float((right / np.maximum(union, 1))[there > 0].mean()), float(right.sum() / there.sum())
