"""The smallest network: one layer over a small picture, and a layer a head."""

from torch import Tensor, nn
from torch.nn import functional

from bessemer.core.errors import InputError
from bessemer.core.signature import Geometry
from bessemer.networks.config import HydraConfig
from bessemer.networks.network import TrainableNetwork

_SIDE = 8


class FlatNetwork(TrainableNetwork):
    """Classifies whole pictures.

    Args:
        config: Its heads and the size of its embedding; what shapes a backbone is not read.
    """

    def __init__(self, config: HydraConfig) -> None:
        super().__init__()
        if any(head.geometry is Geometry.DENSE for head in config.heads):
            raise InputError("A flat network gives one class a picture.", where="network.heads")
        self.config = config
        self.embed = nn.Linear(3 * _SIDE**2, config.features)
        self.heads = nn.ModuleDict(
            {h.output: nn.Linear(config.features, len(h.ontology.classes)) for h in config.heads}
        )

    def embedding(self, image_B3HW: Tensor) -> Tensor:
        """Return the embedding, [B, features]."""
        small = functional.adaptive_avg_pool2d(image_B3HW, _SIDE)
        return functional.relu(self.embed(small.flatten(1)))

    def forward(self, image_B3HW: Tensor) -> tuple[Tensor, ...]:
        """Return logits by head, then the embedding."""
        embedding = self.embedding(image_B3HW)
        return (*(self.heads[head.output](embedding) for head in self.config.heads), embedding)
