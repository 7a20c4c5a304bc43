"""Hydra: one backbone, a head for every task, and the features that curation reads.

Shapes: B batch, C channels, H x W picture, K classes of a head.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from bessemer.core.signature import Geometry, Head
from bessemer.networks.config import HydraConfig


class Block(nn.Module):
    """Two 3x3 convolutions with batch norm and ReLU; the first may halve the picture."""

    def __init__(self, n_in: int, n_out: int, stride: int) -> None:
        super().__init__()
        self.first = nn.Conv2d(n_in, n_out, 3, stride=stride, padding=1, bias=False)
        self.first_norm = nn.BatchNorm2d(n_out)
        self.second = nn.Conv2d(n_out, n_out, 3, padding=1, bias=False)
        self.second_norm = nn.BatchNorm2d(n_out)

    def forward(self, x_BCHW: Tensor) -> Tensor:
        """Return features, [B, n_out, H / stride, W / stride]."""
        x_BCHW = functional.relu(self.first_norm(self.first(x_BCHW)))
        return functional.relu(self.second_norm(self.second(x_BCHW)))


class ClassHead(nn.Module):
    """Logits of a picture from its embedding."""

    def __init__(self, n_features: int, n_classes: int, dropout_frac: float) -> None:
        super().__init__()
        self.dropout = nn.Dropout(dropout_frac)
        self.linear = nn.Linear(n_features, n_classes)

    def forward(self, embedding_BC: Tensor) -> Tensor:
        """Return logits, [B, K]."""
        logits: Tensor = self.linear(self.dropout(embedding_BC))
        return logits


class DenseHead(nn.Module):
    """Logits of every pixel: levels are projected to one width, added from coarse to fine.

    Source: Lin et al., "Feature Pyramid Networks", CVPR 2017 (the top-down path), with global
    features added at the coarsest level.
    """

    def __init__(self, widths: list[int], n_features: int, n_classes: int) -> None:
        super().__init__()
        inner = 2 * widths[0]
        self.lateral = nn.ModuleList(nn.Conv2d(w, inner, 1) for w in widths)
        self.context = nn.Linear(n_features, inner)
        self.smooth = nn.Conv2d(inner, inner, 3, padding=1)
        self.classify = nn.Conv2d(inner, n_classes, 1)

    def forward(self, levels: list[Tensor], embedding_BC: Tensor) -> Tensor:
        """Return logits, [B, K, H, W] at the size of the finest level."""
        x_BCHW = self.lateral[-1](levels[-1]) + self.context(embedding_BC)[:, :, None, None]
        for lateral, level in zip(list(self.lateral)[-2::-1], levels[-2::-1], strict=True):
            x_BCHW = lateral(level) + functional.interpolate(
                x_BCHW, size=level.shape[-2:], mode="bilinear", align_corners=False
            )
        logits: Tensor = self.classify(functional.relu(self.smooth(functional.relu(x_BCHW))))
        return logits


class Hydra(nn.Module):
    """The network of a :class:`HydraConfig`.

    Args:
        config: Its shape.
    """

    def __init__(self, config: HydraConfig) -> None:
        super().__init__()
        self.config = config
        dense = any(head.geometry is Geometry.DENSE for head in config.heads)
        widths = [config.width * 2**i for i in range(config.blocks)]
        # Dense heads read the finest level, so there it is already at half the picture's size.
        strides = [2 if dense else 1] + [2] * (config.blocks - 1)
        inputs = [3, *widths[:-1]]
        self.blocks = nn.ModuleList(
            Block(a, b, s) for a, b, s in zip(inputs, widths, strides, strict=True)
        )
        self.embed = nn.Linear(widths[-1] * config.pool**2, config.features)
        self.heads = nn.ModuleList(self._head(head, widths) for head in config.heads)

    def _head(self, head: Head, widths: list[int]) -> nn.Module:
        n_classes = len(head.ontology.classes)
        if head.geometry is Geometry.DENSE:
            return DenseHead(widths, self.config.features, n_classes)
        return ClassHead(self.config.features, n_classes, self.config.dropout_frac)

    def forward(self, image_BCHW: Tensor) -> tuple[Tensor, ...]:
        """Return logits by head, in the config's order, then features.

        Args:
            image_BCHW: Normalised input, [B, 3, H, W].

        Returns:
            [B, K] or [B, K, H, W] a head; then the embedding [B, C].
        """
        levels = []
        x_BCHW = image_BCHW
        if self.config.standardise:
            x_BCHW = x_BCHW - x_BCHW.mean(dim=(1, 2, 3), keepdim=True)
            x_BCHW = x_BCHW / (x_BCHW.square().mean(dim=(1, 2, 3), keepdim=True) + 1e-3).sqrt()
        for block in self.blocks:
            x_BCHW = block(x_BCHW)
            levels.append(x_BCHW)
        grid_BCHW = functional.adaptive_avg_pool2d(x_BCHW, self.config.pool)
        embedding_BC = functional.relu(self.embed(grid_BCHW.flatten(1)))
        outputs = []
        for spec, head in zip(self.config.heads, self.heads, strict=True):
            if spec.geometry is Geometry.DENSE:
                logits = functional.interpolate(
                    head(levels, embedding_BC),
                    size=image_BCHW.shape[-2:],
                    mode="bilinear",
                    align_corners=False,
                )
            else:
                logits = head(embedding_BC)
            outputs.append(logits)
        return (*outputs, embedding_BC)


def make_hydra(config: HydraConfig, seed: int) -> Hydra:
    """Return a network with weights drawn from ``seed``; the global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Hydra(config)
