"""Pretraining without labels: a backbone learns which frames are of one recording.

Frames of a track show one thing from near and far, so the fleet itself gives the pairs that other
methods have to make up. Each is disguised, or a ground or a light would give the recording away.

Source: Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations",
ICML 2020. Difference: a pair is two frames of one recording, each varied, not one picture twice.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Int64, UInt8
from torch import Tensor, nn

from bessemer.core.errors import InputError
from bessemer.core.ids import bytes_id, content_id
from bessemer.core.progress import Progress
from bessemer.core.signature import Preprocess
from bessemer.edge.preprocess import normalise
from bessemer.networks.config import HydraConfig
from bessemer.networks.export import export_onnx
from bessemer.networks.network import TrainableNetwork, make_network
from bessemer.networks.weights import load_fitting, save_weights
from bessemer.train.augment import augment, disguise
from bessemer.train.config import PretrainConfig
from bessemer.train.fit import fit, laid_back, laid_out, on_device, step_seed
from bessemer.train.losses import pair_contrast
from bessemer.train.sampling import draw_pairs

_VIEWS = (1, 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pretrained:
    """What a pretraining gave.

    Attributes:
        weights_path: Weights of the backbone and the embedding, to begin a training with.
        onnx_path: The same as a network, for its features; its heads have learnt nothing.
    """

    weights_path: Path
    onnx_path: Path


class _Projected(nn.Module):
    """A network with a projector on its embedding, which is thrown away afterwards."""

    def __init__(self, network: TrainableNetwork, projection: int) -> None:
        super().__init__()
        self.network = network
        self.projector = nn.Sequential(
            nn.Linear(network.config.features, network.config.features),
            nn.ReLU(),
            nn.Linear(network.config.features, projection),
        )

    def forward(self, image_B3HW: Tensor) -> Tensor:
        """Return projections, [B, projection]."""
        embedding_BC = self.network.embedding(image_B3HW)
        projected: Tensor = self.projector(embedding_BC)
        return projected


def pretrain(
    pictures: UInt8[np.ndarray, "n h w 3"],
    groups: Int64[np.ndarray, " n"],
    network: HydraConfig,
    preprocess: Preprocess,
    config: PretrainConfig,
    *,
    seed: int,
    workdir: Path,
    init_weights: Path | None = None,
    progress: Progress | None = None,
) -> Pretrained:
    """Train a backbone on recordings without labels.

    Args:
        pictures: Resized by the shared preprocessing.
        groups: What each shows: frames of one track, or of one instant, are one group.
        network: Its shape.
        preprocess: How pictures become inputs.
        config: How long, and how.
        seed: Draws weights, pairs and augmentations.
        workdir: Where the checkpoint and the result lie.
        init_weights: Of an earlier pretraining, to go on from; None begins with weights as drawn.
        progress: Told after every step.

    Returns:
        The network's files.

    Raises:
        InputError: If there are fewer than two groups.
    """
    if len(np.unique(groups)) < 2:
        raise InputError("Pretraining needs at least two tracks or instants.", where="pretrain")
    workdir.mkdir(parents=True, exist_ok=True)
    before = init_weights.read_bytes() if init_weights else b""
    digest = bytes_id("pretraining", (pictures.tobytes(), groups.tobytes(), before))
    with on_device(config.fit) as device:
        net = make_network(network, seed)
        if init_weights is not None:
            load_fitting(net, init_weights)
        torch.manual_seed(step_seed(seed, 0, 3))
        module = laid_out(_Projected(net, config.projection), device)
        fit(
            module,
            _loss_of(module, pictures, groups, preprocess, config, seed),
            config.fit,
            seed=seed,
            checkpoint=workdir / "pretraining.safetensors",
            key=content_id("pretraining", (digest, network, preprocess, config, seed)),
            progress=progress,
        )
        net = laid_back(net)
        weights_path, onnx_path = workdir / "pretrained.safetensors", workdir / "pretrained.onnx"
        save_weights(net, weights_path, without="heads.")
        export_onnx(net, preprocess, onnx_path)
    return Pretrained(weights_path=weights_path, onnx_path=onnx_path)


def _loss_of(
    module: _Projected,
    pictures: UInt8[np.ndarray, "n h w 3"],
    groups: Int64[np.ndarray, " n"],
    preprocess: Preprocess,
    config: PretrainConfig,
    seed: int,
) -> Callable[[int], Tensor]:
    """Return the function that gives the loss of a step."""
    device = next(module.parameters()).device

    def view(rows: Int64[np.ndarray, " b"], step: int, use: int) -> Tensor:
        image = torch.from_numpy(normalise(pictures[rows], preprocess)).to(device)
        generator = torch.Generator().manual_seed(step_seed(seed, step, use))
        image, _ = augment(image, [], config.fit, generator, preprocess)
        image = disguise(image, generator)
        return image.contiguous(memory_format=torch.channels_last)

    def loss_of(step: int) -> Tensor:
        pairs = draw_pairs(groups, config.fit.batch, np.random.default_rng([seed, step]))
        one, other = (view(rows, step, use) for rows, use in zip(pairs, _VIEWS, strict=True))
        return pair_contrast(module(one), module(other), config.temperature)

    return loss_of
