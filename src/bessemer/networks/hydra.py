"""Hydra: one backbone, a head for every task, and the features that curation reads.

Shapes: B batch, C features, H x W picture, K classes of a head.
"""

import torch
from torch import Tensor, nn
from torch.nn import functional

from bessemer.core.signature import Geometry, Head
from bessemer.networks.backbone import Backbone
from bessemer.networks.config import HydraConfig
from bessemer.networks.heads import ClassHead, DenseHead


class Hydra(nn.Module):
    """The network of a :class:`HydraConfig`.

    Args:
        config: Its shape.
    """

    def __init__(self, config: HydraConfig) -> None:
        super().__init__()
        self.config = config
        self.backbone = Backbone(config)
        grid = self.backbone.widths[-1] * config.pool**2
        self.embed = nn.Linear(grid, config.features)
        # Named by output, not by place: weights of a head are found again among other heads.
        self.heads = nn.ModuleDict({head.output: self._head(head) for head in config.heads})

    def _head(self, head: Head) -> nn.Module:
        """Return a head with fresh weights."""
        n_classes = len(head.ontology.classes)
        if head.geometry is Geometry.DENSE:
            return DenseHead(self.backbone.widths, self.config.features, n_classes)
        return ClassHead(self.config.features, n_classes, self.config.dropout_frac)

    def embedding(self, levels: list[Tensor]) -> Tensor:
        """Return the embedding of the backbone's features, [B, C]."""
        grid_BCHW = functional.adaptive_avg_pool2d(levels[-1], self.config.pool)
        return functional.relu(self.embed(grid_BCHW.flatten(1)))

    def forward(self, image_B3HW: Tensor) -> tuple[Tensor, ...]:
        """Return logits by head, in the config's order, then features.

        Args:
            image_B3HW: Normalised input.

        Returns:
            [B, K] or [B, K, H, W] a head; then the embedding [B, C].
        """
        levels = self.backbone(image_B3HW)
        embedding_BC = self.embedding(levels)
        outputs = []
        for spec in self.config.heads:
            head = self.heads[spec.output]
            dense = spec.geometry is Geometry.DENSE
            outputs.append(head(levels, embedding_BC, image_B3HW) if dense else head(embedding_BC))
        return (*outputs, embedding_BC)


def make_hydra(config: HydraConfig, seed: int) -> Hydra:
    """Return a network with weights drawn from ``seed``; the global generator is left as it was."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return Hydra(config)
