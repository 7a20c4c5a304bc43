"""One loop of optimiser steps that can be cut off anywhere and go on to the same weights.

Everything a step draws follows from (seed, step), so a checkpoint is weights, optimiser state, the
losses so far and the step; it is written whole or not at all and belongs to one run by its key.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from bessemer.core.errors import InputError
from bessemer.core.progress import Progress
from bessemer.networks.weights import weights_of
from bessemer.train.config import TrainConfig
from bessemer.train.losses import learning_rate

ModuleT = TypeVar("ModuleT", bound=nn.Module)

_LARGEST_GRADIENT = 5.0
_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def fit(
    module: nn.Module,
    loss_of: Callable[[int], Tensor],
    config: TrainConfig,
    *,
    seed: int,
    checkpoint: Path,
    key: str,
    progress: Progress | None = None,
) -> tuple[float, ...]:
    """Train a module in place.

    Args:
        module: To be trained; a checkpoint of the same key replaces its weights.
        loss_of: Returns the loss of a step, and draws only from (seed, step).
        config: Steps, rate and checkpoints.
        seed: Of dropout; ``loss_of`` has its own way with it.
        checkpoint: Where the checkpoint lies.
        key: The address of everything that decides the run.
        progress: Told after every step.

    Returns:
        The loss of every step from the first, also of a run that was resumed.
    """
    optimiser = _optimiser(module, config)
    losses = _resume(module, optimiser, checkpoint, key)
    module.train()
    for step in range(len(losses), config.steps):
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(step, config)
        torch.manual_seed(step_seed(seed, step))
        loss = loss_of(step)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(module.parameters(), _LARGEST_GRADIENT)
        optimiser.step()
        losses.append(float(loss.detach()))
        every = config.checkpoint_every_steps
        if every and (step + 1) % every == 0:
            _keep(module, optimiser, losses, checkpoint, key)
        if progress is not None:
            progress(step + 1, config.steps)
    return tuple(losses)


def step_seed(seed: int, step: int, use: int = 0) -> int:
    """Return a seed for one use in one step; near seeds give unrelated numbers."""
    return int(np.random.SeedSequence([seed, step, use]).generate_state(1, np.uint64)[0] >> 1)


@contextmanager
def on_device(config: TrainConfig) -> Iterator[torch.device]:
    """Give the device that a config means; threads and generators are left as they were.

    Args:
        config: Device and threads.

    Yields:
        The device.

    Raises:
        InputError: If CUDA is asked for and there is none.
    """
    found = torch.cuda.is_available()
    if config.device == "cuda" and not found:
        raise InputError("CUDA was asked for, but there is none.", fix="Set train.device=cpu.")
    device = torch.device("cuda" if config.device != "cpu" and found else "cpu")
    threads = torch.get_num_threads()
    torch.set_num_threads(config.threads)
    try:
        with torch.random.fork_rng(devices=[0] if device.type == "cuda" else []):
            yield device
    finally:
        torch.set_num_threads(threads)


def laid_out(module: ModuleT, device: torch.device) -> ModuleT:
    """Return the module on a device, channels last: a quarter faster on a CPU."""
    placed: ModuleT = module.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return placed


def laid_back(module: ModuleT) -> ModuleT:
    """Return the module on the CPU in the usual layout, as it is written and exported."""
    placed: ModuleT = module.to(device="cpu", memory_format=torch.contiguous_format)  # type: ignore[call-overload]
    return placed


def _optimiser(module: nn.Module, config: TrainConfig) -> torch.optim.AdamW:
    """Return AdamW that decays matrices only."""
    decayed = [p for p in module.parameters() if p.dim() > 1]
    others = [p for p in module.parameters() if p.dim() <= 1]
    return torch.optim.AdamW(
        [
            {"params": decayed, "weight_decay": config.weight_decay},
            {"params": others, "weight_decay": 0.0},
        ],
        lr=config.learning_rate,
    )


def _resume(
    module: nn.Module, optimiser: torch.optim.AdamW, checkpoint: Path, key: str
) -> list[float]:
    """Load the checkpoint if it is of this run; return the losses so far.

    One that cannot be read, or is of another run, is passed over: it saves time, nothing else.
    """
    try:
        with safe_open(checkpoint, framework="pt") as file:
            if (file.metadata() or {}).get("key") != key:
                return []
        kept = load_file(checkpoint)
    except (OSError, SafetensorError):
        return []
    module.load_state_dict(
        {k.removeprefix("module."): v for k, v in kept.items() if k.startswith("module.")}
    )
    for name, parameter in module.named_parameters():
        if f"step.{name}" in kept:
            optimiser.state[parameter] = {
                moment: _placed(kept[f"{moment}.{name}"], moment, parameter) for moment in _MOMENTS
            }
    return [float(loss) for loss in kept["losses"]]


def _placed(value: Tensor, moment: str, parameter: Tensor) -> Tensor:
    """Return a piece of optimiser state where and as the optimiser keeps it."""
    if moment == "step":
        return value.clone()
    return torch.empty_like(parameter).copy_(value).detach()


def _keep(
    module: nn.Module,
    optimiser: torch.optim.AdamW,
    losses: list[float],
    checkpoint: Path,
    key: str,
) -> None:
    """Write a checkpoint, whole or not at all."""
    kept = {f"module.{name}": value for name, value in weights_of(module).items()}
    for name, parameter in module.named_parameters():
        for moment, value in optimiser.state.get(parameter, {}).items():
            kept[f"{moment}.{name}"] = value.detach().to("cpu").contiguous()
    kept["losses"] = torch.tensor(losses, dtype=torch.float64)
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    temporary = checkpoint.with_suffix(".part")
    save_file(kept, temporary, metadata={"key": key})
    temporary.replace(checkpoint)
