"""The one trainer: from examples to weights and to the file that vehicles run.

A run that was killed ends at the same bytes as one that was not (on CPU); see
:mod:`bessemer.train.fit`.
"""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from bessemer.core.errors import InputError
from bessemer.core.ids import NetworkId, content_id
from bessemer.core.progress import Progress
from bessemer.core.signature import Preprocess
from bessemer.edge.preprocess import normalise
from bessemer.networks.config import HydraConfig
from bessemer.networks.export import check_parity, export_onnx
from bessemer.networks.network import TrainableNetwork, make_network
from bessemer.networks.weights import load_fitting, save_weights
from bessemer.train.augment import augment
from bessemer.train.config import TrainConfig
from bessemer.train.examples import Examples
from bessemer.train.fit import fit, laid_back, laid_out, on_device, step_seed
from bessemer.train.losses import head_loss
from bessemer.train.sampling import draw_chances, draw_rows, pixel_weights

_PARITY_PICTURES = 8
_AUGMENT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What a training gave.

    Attributes:
        weights_path: The weights, safetensors.
        onnx_path: The file that vehicles run.
        network_id: Digest of that file.
        losses: Mean loss of each step, from the first, also where the run was resumed.
    """

    weights_path: Path
    onnx_path: Path
    network_id: NetworkId
    losses: tuple[float, ...]


def train(
    examples: Examples,
    network: HydraConfig,
    preprocess: Preprocess,
    config: TrainConfig,
    *,
    seed: int,
    workdir: Path,
    init_weights: Path | None = None,
    progress: Progress | None = None,
) -> Trained:
    """Compile examples to a network.

    Args:
        examples: What is to be learnt.
        network: Its shape.
        preprocess: How pictures become inputs.
        config: How it is trained.
        seed: Draws weights, batches and augmentations.
        workdir: Where checkpoints and results lie; a run that was cut off goes on from there.
        init_weights: Weights to begin with, such as pretrained ones; what does not fit, such as
            other heads, is drawn. None draws them all.
        progress: Told after every step.

    Returns:
        The network's files.

    Raises:
        InputError: If examples and heads do not belong together, nothing is labelled, or CUDA is
            asked for in vain.
    """
    if len(examples.targets) != len(network.heads):
        raise InputError(
            f"There are {len(network.heads)} heads but {len(examples.targets)} target columns.",
            where="train",
        )
    workdir.mkdir(parents=True, exist_ok=True)
    with on_device(config) as device:
        module = make_network(network, seed)
        if init_weights is not None:
            load_fitting(module, init_weights)
        module = laid_out(module, device)
        losses = fit(
            module,
            _loss_of(module, examples, preprocess, config, seed),
            config,
            seed=seed,
            checkpoint=workdir / "checkpoint.safetensors",
            key=_run_key(examples, network, preprocess, config, seed, init_weights),
            progress=progress,
        )
        return _write(laid_back(module), preprocess, examples, workdir, losses)


def _loss_of(
    module: TrainableNetwork,
    examples: Examples,
    preprocess: Preprocess,
    config: TrainConfig,
    seed: int,
) -> Callable[[int], Tensor]:
    """Return the function that gives the loss of a step."""
    chances = draw_chances(examples, config.balance)
    device = next(module.parameters()).device
    weights = _class_weights(module, examples, config, device)

    def loss_of(step: int) -> Tensor:
        rows = draw_rows(chances, config.batch, np.random.default_rng([seed, step]))
        image = torch.from_numpy(normalise(examples.pictures[rows], preprocess)).to(device)
        targets = [torch.from_numpy(c[rows].astype(np.int64)).to(device) for c in examples.targets]
        generator = torch.Generator().manual_seed(step_seed(seed, step, _AUGMENT))
        image, targets = augment(image, targets, config, generator, preprocess)
        outputs = module(image.contiguous(memory_format=torch.channels_last))
        if len(outputs) != len(weights) + 1:
            raise InputError(
                f"It gives {len(outputs)} outputs for {len(weights)} heads.",
                where=f"network {module.config.backbone}",
                fix="Return logits by head, then the embedding.",
            )
        losses = [
            head_loss(logits, target, config.label_smoothing, weight)
            for logits, target, weight in zip(outputs[:-1], targets, weights, strict=True)
        ]
        return torch.stack(losses).sum()

    return loss_of


def _class_weights(
    module: TrainableNetwork, examples: Examples, config: TrainConfig, device: torch.device
) -> list[Tensor | None]:
    """Return the weights of the classes of dense heads; heads that classify balance by drawing."""
    heads = zip(module.config.heads, examples.targets, strict=True)
    return [
        torch.from_numpy(pixel_weights(c, len(h.ontology.classes), config.balance)).to(device)
        if c.ndim == 3
        else None
        for h, c in heads
    ]


def _run_key(
    examples: Examples,
    network: HydraConfig,
    preprocess: Preprocess,
    config: TrainConfig,
    seed: int,
    init_weights: Path | None,
) -> str:
    """Return the address of everything that decides a run."""
    begun = hashlib.sha256(init_weights.read_bytes()).hexdigest() if init_weights else ""
    parts = (examples.examples_id, network, preprocess, config, seed, begun, str(torch.__version__))
    return content_id("training", parts)


def _write(
    module: TrainableNetwork,
    preprocess: Preprocess,
    examples: Examples,
    workdir: Path,
    losses: tuple[float, ...],
) -> Trained:
    """Write a network's files and check that they say the same."""
    weights_path, onnx_path = workdir / "weights.safetensors", workdir / "network.onnx"
    save_weights(module, weights_path)
    export_onnx(module, preprocess, onnx_path)
    check_parity(onnx_path, module, examples.pictures[:_PARITY_PICTURES])
    return Trained(
        weights_path=weights_path,
        onnx_path=onnx_path,
        network_id=NetworkId(hashlib.sha256(onnx_path.read_bytes()).hexdigest()),
        losses=losses,
    )
