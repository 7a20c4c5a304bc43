"""The one trainer: from examples to weights and to the file that vehicles run.

Everything drawn follows from (seed, step), so a checkpoint is weights, optimiser state and a step,
and a run that was killed ends at the same bytes as one that was not (on CPU).
"""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float64
from safetensors.torch import load_file, save_file
from torch import Tensor
from torch.nn import functional

from bessemer.core.errors import InputError
from bessemer.core.ids import NetworkId
from bessemer.core.progress import Progress
from bessemer.core.signature import Preprocess
from bessemer.edge.preprocess import normalise
from bessemer.networks.config import HydraConfig
from bessemer.networks.export import check_parity, export_onnx
from bessemer.networks.hydra import Hydra, make_hydra
from bessemer.train.augment import augment
from bessemer.train.config import TrainConfig
from bessemer.train.examples import Examples

_PARITY_PICTURES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Trained:
    """What a training gave.

    Attributes:
        weights_path: The weights, safetensors.
        onnx_path: The file that vehicles run.
        network_id: Digest of that file.
        losses: Mean loss of each step of this process; a resumed run has the later ones only.
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
        init_weights: Weights to begin with, such as pretrained ones; None draws them.
        progress: Told after every step.

    Returns:
        The network's files.

    Raises:
        InputError: If examples and heads do not belong together, or CUDA is asked for in vain.
        IntegrityError: If the exported file parts from the weights.
    """
    if len(examples.targets) != len(network.heads):
        raise InputError(
            f"There are {len(network.heads)} heads but {len(examples.targets)} target columns.",
            where="train",
        )
    torch.set_num_threads(config.threads)
    device = _device(config.device)
    run = _Run(make_hydra(network, seed).to(device), config, workdir / "checkpoint.safetensors")
    if init_weights is not None:
        run.module.load_state_dict(load_file(init_weights), strict=False)
    first = run.resume()
    chances = draw_chances(examples, config.balance)
    std = torch.tensor(preprocess.std, dtype=torch.float32, device=device)
    losses = []
    for step in range(first, config.steps):
        rows = np.random.default_rng([seed, step]).choice(
            len(chances), size=config.batch, p=chances
        )
        image = torch.from_numpy(normalise(examples.pictures[rows], preprocess)).to(device)
        targets = [torch.from_numpy(c[rows].astype(np.int64)).to(device) for c in examples.targets]
        generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
        image, targets = augment(image, targets, config, generator, std)
        weights = torch.from_numpy(examples.weights[rows]).to(device)
        torch.manual_seed(seed * 1_000_003 + step)  # dropout draws from the global generator
        losses.append(run.step(step, image, targets, weights))
        if progress is not None:
            progress(step + 1, config.steps)
    module = run.module.cpu().eval()
    weights_path, onnx_path = workdir / "weights.safetensors", workdir / "network.onnx"
    save_file({k: v.contiguous() for k, v in module.state_dict().items()}, weights_path)
    export_onnx(module, preprocess, onnx_path)
    check_parity(onnx_path, module, examples.pictures[:_PARITY_PICTURES])
    digest = hashlib.sha256(onnx_path.read_bytes()).hexdigest()
    return Trained(
        weights_path=weights_path,
        onnx_path=onnx_path,
        network_id=NetworkId(digest),
        losses=tuple(losses),
    )


def draw_chances(examples: Examples, balance: float) -> Float64[np.ndarray, " n"]:
    """Return how likely each example is drawn: groups alike, classes evened out by ``balance``.

    A track of thirty near-identical frames counts as one thing; dense examples count by group.

    Args:
        examples: The examples.
        balance: 0 draws groups alike; 1 draws classes alike.

    Returns:
        Chances that sum to 1.
    """
    _, group, sizes = np.unique(examples.groups, return_inverse=True, return_counts=True)
    chances = 1.0 / sizes[group]
    column = examples.targets[0]
    if column.ndim == 1:
        known = column >= 0
        totals = np.bincount(column[known], weights=chances[known])
        chances[known] /= totals[column[known]] ** balance
        chances[~known] = 0.0
    if not chances.sum():
        raise InputError("No example has a label.", where="train", fix="Label something first.")
    chances = chances * np.maximum(examples.weights, 0)
    return np.asarray(chances / chances.sum(), dtype=np.float64)


class _Run:
    """A module with its optimiser and checkpoints."""

    def __init__(self, module: Hydra, config: TrainConfig, checkpoint: Path) -> None:
        self.module = module
        self.config = config
        self.checkpoint = checkpoint
        decayed = [p for p in module.parameters() if p.dim() > 1]
        others = [p for p in module.parameters() if p.dim() <= 1]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": config.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=config.learning_rate,
        )

    def step(self, step: int, image: Tensor, targets: list[Tensor], weights: Tensor) -> float:
        """Take one optimiser step and keep a checkpoint when it is time."""
        for group in self.optimiser.param_groups:
            group["lr"] = learning_rate(step, self.config)
        self.module.train()
        outputs = self.module(image)
        loss = sum(
            (
                head_loss(logits, target, weights, self.config.label_smoothing)
                for logits, target in zip(outputs[:-1], targets, strict=True)
            ),
            start=torch.zeros((), device=image.device),
        )
        self.optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(self.module.parameters(), 5.0)
        self.optimiser.step()
        every = self.config.checkpoint_every_steps
        if every and (step + 1) % every == 0 and step + 1 < self.config.steps:
            self._keep(step + 1)
        return float(loss.detach())

    def resume(self) -> int:
        """Load the checkpoint, if there is one; return the step to go on with."""
        if not self.checkpoint.exists():
            return 0
        kept = load_file(self.checkpoint)
        names = [name for name, _ in self.module.named_parameters()]
        self.module.load_state_dict(
            {k.removeprefix("module."): v for k, v in kept.items() if k.startswith("module.")}
        )
        parameters = dict(self.module.named_parameters())
        for name in names:
            self.optimiser.state[parameters[name]] = {
                key: kept[f"{key}.{name}"].clone() for key in ("step", "exp_avg", "exp_avg_sq")
            }
        return int(kept["next_step"])

    def _keep(self, next_step: int) -> None:
        """Write a checkpoint, whole or not at all."""
        kept = {f"module.{k}": v.contiguous() for k, v in self.module.state_dict().items()}
        for name, parameter in self.module.named_parameters():
            for key, value in self.optimiser.state[parameter].items():
                kept[f"{key}.{name}"] = value.contiguous()
        kept["next_step"] = torch.tensor(next_step)
        temporary = self.checkpoint.with_suffix(".part")
        save_file(kept, temporary)
        temporary.replace(self.checkpoint)


def learning_rate(step: int, config: TrainConfig) -> float:
    """Return the rate of a step: a linear warm-up, then a cosine to zero."""
    warmup = max(round(config.steps * config.warmup_frac), 1)
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(config.steps - warmup, 1)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


def head_loss(logits: Tensor, target: Tensor, weights: Tensor, smoothing: float) -> Tensor:
    """Return the mean cross-entropy of a head over what is said; zero if nothing is.

    Args:
        logits: [B, K] or [B, K, H, W].
        target: [B] with -1, or [B, H, W] with 255, where nothing is said.
        weights: [B].
        smoothing: Probability mass spread over the other classes.

    Returns:
        A scalar.
    """
    unsaid = 255 if target.dim() > 1 else -1
    each = functional.cross_entropy(
        logits, target, ignore_index=unsaid, reduction="none", label_smoothing=smoothing
    )
    weight = weights.view(-1, *[1] * (target.dim() - 1)) * (target != unsaid)
    return (each * weight).sum() / weight.sum().clamp(min=1e-6)


def _device(name: str) -> torch.device:
    """Return the device that is meant.

    Raises:
        InputError: If CUDA is asked for and there is none.
    """
    found = torch.cuda.is_available()
    if name == "cuda" and not found:
        raise InputError("CUDA was asked for, but there is none.", fix="Set train.device=cpu.")
    return torch.device("cuda" if name != "cpu" and found else "cpu")
