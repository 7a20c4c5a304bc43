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


def pair_contrast(one_BD: Tensor, other_BD: Tensor, temperature: float = 0.2) -> Tensor:
    """Return a loss that draws pairs together and pushes the pairs of a batch apart.

    Source: Chen et al., "A Simple Framework for Contrastive Learning of Visual Representations",
    ICML 2020 (equation 1).

    Args:
        one_BD: Projections of one view each; their length does not count.
        other_BD: Of the other.
        temperature: How sharply the nearest wrong pairs count.

    Returns:
        A scalar.
    """
    z_ND = functional.normalize(torch.cat([one_BD, other_BD]), dim=1)
    likeness_NN = z_ND @ z_ND.T / temperature
    likeness_NN.fill_diagonal_(float("-inf"))
    n = len(one_BD)
    partner = torch.arange(2 * n, device=z_ND.device).roll(n)
    return functional.cross_entropy(likeness_NN, partner)
