"""Hydra: one backbone, a head for every task, and the features that curation reads.

Shapes: B batch, C features, H x W picture, K classes of a head.
"""

from torch import Tensor, nn
from torch.nn import functional

from bessemer.core.signature import Geometry, Head
from bessemer.networks.backbone import ResidualBackbone
from bessemer.networks.config import BackboneKind, HydraConfig
from bessemer.networks.heads import ClassHead, DenseHead
from bessemer.networks.lite import LiteBackbone
from bessemer.networks.network import TrainableNetwork

_DARK = 0.2
"""Added to a picture's deviation, in units of the input, so that noise in the dark stays small."""


class Hydra(TrainableNetwork):
    """The network of a :class:`HydraConfig`.

    Args:
        config: Its shape.
    """

    def __init__(self, config: HydraConfig) -> None:
        super().__init__()
        self.config = config
        lite = config.backbone == BackboneKind.LITE
        self.backbone = LiteBackbone() if lite else ResidualBackbone(config)
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

    def levels(self, image_B3HW: Tensor) -> list[Tensor]:
        """Return the backbone's features of normalised pictures, finest level first."""
        if self.config.standardise:
            image_B3HW = standardised(image_B3HW)
        features: list[Tensor] = self.backbone(image_B3HW)
        return features

    def embedding(self, image_B3HW: Tensor) -> Tensor:
        """Return the embedding of normalised pictures, [B, C]."""
        return self._embedding_of(self.levels(image_B3HW))

    def _embedding_of(self, levels: list[Tensor]) -> Tensor:
        """Return the embedding of the backbone's features, [B, C]."""
        grid_BCHW = functional.adaptive_avg_pool2d(levels[-1], self.config.pool)
        return functional.relu(self.embed(grid_BCHW.flatten(1)))

    def forward(self, image_B3HW: Tensor) -> tuple[Tensor, ...]:
        """Return logits by head, in the config's order, then the embedding."""
        levels = self.levels(image_B3HW)
        embedding_BC = self._embedding_of(levels)
        outputs = []
        for spec in self.config.heads:
            head = self.heads[spec.output]
            dense = spec.geometry is Geometry.DENSE
            outputs.append(head(levels, embedding_BC, image_B3HW) if dense else head(embedding_BC))
        return (*outputs, embedding_BC)


def standardised(image_B3HW: Tensor) -> Tensor:
    """Return pictures with their own mean taken off, divided by their own deviation."""
    centred = image_B3HW - image_B3HW.mean(dim=(1, 2, 3), keepdim=True)
    deviation = (centred * centred).mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return centred / (deviation + _DARK)
