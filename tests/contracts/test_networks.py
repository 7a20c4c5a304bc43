from dataclasses import replace

import pytest

from bessemer.networks.config import BackboneKind, HydraConfig
from bessemer.networks.hydra import Hydra
from bessemer.networks.network import TrainableNetwork
from bessemer.testing.networks import NetworkConformance


class TestResidual(NetworkConformance):
    def make_network(self, config: HydraConfig) -> TrainableNetwork:
        return Hydra(config)


@pytest.mark.slow
class TestLite(NetworkConformance):
    def make_config(self) -> HydraConfig:
        return replace(super().make_config(), backbone=BackboneKind.LITE.value, width=16, pool=1)

    def make_network(self, config: HydraConfig) -> TrainableNetwork:
        return Hydra(config)
