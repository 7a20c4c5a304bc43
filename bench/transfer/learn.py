"""Networks that name every pixel: compiled from pictures and maps, and scored."""

import tempfile
from pathlib import Path

import numpy as np
import torch

from bench.scene_labels.film import CLASSES
from bessemer.core.signature import Preprocess
from bessemer.edge.preprocess import normalise
from bessemer.networks.config import HydraConfig
from bessemer.networks.network import TrainableNetwork, make_network
from bessemer.networks.weights import load_weights
from bessemer.tasks.confusion import confusion
from bessemer.train.config import TrainConfig
from bessemer.train.examples import Examples
from bessemer.train.run import train


def examples_of(pictures: np.ndarray, maps: np.ndarray, drives: np.ndarray) -> Examples:
    """Return pictures and maps, grouped by drive, as the trainer takes them."""
    return Examples(
        pictures=pictures,
        targets=(maps,),
        groups=np.unique(drives, return_inverse=True)[1].astype(np.int64),
        weights=np.ones(len(pictures), np.float32),
    )


def compiled(
    examples: Examples,
    network: HydraConfig,
    preprocess: Preprocess,
    config: TrainConfig,
    seed: int,
    begun: Path | None = None,
) -> TrainableNetwork:
    """Return a network trained from some weights, or as drawn."""
    with tempfile.TemporaryDirectory() as folder:
        trained = train(
            examples,
            network,
            preprocess,
            config,
            seed=seed,
            workdir=Path(folder),
            init_weights=begun,
        )
        net = make_network(network, seed)
        load_weights(net, trained.weights_path)
    return net.eval()


@torch.inference_mode()
def maps_of(net: TrainableNetwork, pictures: np.ndarray, preprocess: Preprocess) -> np.ndarray:
    """Return what a network sees in pictures, as class maps."""
    blocks = [pictures[start : start + 16] for start in range(0, len(pictures), 16)]
    inputs = (torch.from_numpy(normalise(block, preprocess)) for block in blocks)
    return np.concatenate([net(image)[0].argmax(dim=1).numpy() for image in inputs])


def score(
    net: TrainableNetwork, pictures: np.ndarray, maps: np.ndarray, preprocess: Preprocess
) -> tuple[np.ndarray, float]:
    """Return IoU by class, NaN for those that no map shows, and right pixels' share."""
    counts = confusion(maps, maps_of(net, pictures, preprocess), CLASSES)
    right, there = np.diag(counts), counts.sum(axis=1)
    union = there + counts.sum(axis=0) - right
    by_class = np.where(there > 0, right / np.maximum(union, 1), np.nan)
    return by_class, float(right.sum() / there.sum())
