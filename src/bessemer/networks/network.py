"""What the trainer, pretraining and the export ask of a network; ours is :mod:`.hydra`.

Shapes: B batch, C features, H x W picture, K classes of a head.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

from bessemer.core.plugins import find_plugin
from bessemer.networks.config import HydraConfig


class TrainableNetwork(nn.Module, ABC):
    """A network that the works compile: found by entry point, under ``bessemer.networks``.

    Weights of heads are named ``heads.<output>...``: pretraining keeps all others, and a head is
    found again beside new ones. A parameter is drawn when the network is made, and nothing else is
    drawn there.

    Attributes:
        config: Its heads, in the order of its outputs, and its shape.
    """

    config: HydraConfig

    @abstractmethod
    def embedding(self, image_B3HW: Tensor) -> Tensor:
        """Return the embedding of normalised pictures, [B, C] with C = ``config.features``."""

    @abstractmethod
    def forward(self, image_B3HW: Tensor) -> tuple[Tensor, ...]:
        """Return logits by head, in the config's order, then the embedding.

        Args:
            image_B3HW: Normalised input.

        Returns:
            [B, K] or [B, K, H, W] a head; then the embedding [B, C].
        """


def make_network(config: HydraConfig, seed: int) -> TrainableNetwork:
    """Return a network with weights drawn from ``seed``; the global generator is left as it was.

    Args:
        config: Its shape; ``backbone`` names it.
        seed: Draws its weights.

    Returns:
        A new network.

    Raises:
        NotFoundError: If none of that name is installed.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network: TrainableNetwork = find_plugin("networks", config.backbone, config=config)
    return network
