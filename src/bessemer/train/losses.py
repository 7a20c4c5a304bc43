"""What a training makes small, and how fast: head losses and the rate of each step."""

import math

import torch
from torch import Tensor
from torch.nn import functional

from bessemer.train.config import TrainConfig

UNSAID_CLASS = -1
UNSAID_PIXEL = 255


def head_loss(
    logits: Tensor, target: Tensor, smoothing: float, class_weights: Tensor | None = None
) -> Tensor:
    """Return the mean cross-entropy of a head over what is said; zero if nothing is.

    Args:
        logits: [B, K] or [B, K, H, W].
        target: [B] with -1, or [B, H, W] with 255, where nothing is said.
        smoothing: Probability mass spread over the other classes.
        class_weights: How much each class counts, [K], about 1 on average over what is said.

    Returns:
        A scalar.
    """
    unsaid = UNSAID_PIXEL if target.dim() > 1 else UNSAID_CLASS
    total = functional.cross_entropy(
        logits,
        target,
        weight=class_weights,
        ignore_index=unsaid,
        reduction="sum",
        label_smoothing=smoothing,
    )
    return total / (target != unsaid).sum().clamp(min=1)


def learning_rate(step: int, config: TrainConfig) -> float:
    """Return the rate of a step: a linear warm-up, then a cosine to zero."""
    warmup = max(round(config.steps * config.warmup_frac), 1)
    if step < warmup:
        return config.learning_rate * (step + 1) / warmup
    done = (step - warmup) / max(config.steps - warmup, 1)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * done))


def vicreg(one_BD: Tensor, other_BD: Tensor) -> Tensor:
    """Return a loss that draws pairs together and keeps dimensions spread and apart.

    Source: Bardes, Ponce, LeCun, "VICReg", ICLR 2022 (equations 1 to 6, weights 25, 25, 1).

    Args:
        one_BD: Projections of one view each.
        other_BD: Of the other.

    Returns:
        A scalar.
    """
    spread = torch.zeros((), device=one_BD.device)
    apart = torch.zeros((), device=one_BD.device)
    n, d = one_BD.shape
    for z_BD in (one_BD, other_BD):
        centred = z_BD - z_BD.mean(dim=0)
        covariance = centred.T @ centred / max(n - 1, 1)
        deviation = (covariance.diagonal() + 1e-4).sqrt()
        spread = spread + functional.relu(1 - deviation).mean() / 2
        apart = apart + (covariance.square().sum() - covariance.diagonal().square().sum()) / d
    return 25 * functional.mse_loss(one_BD, other_BD) + 25 * spread + apart
