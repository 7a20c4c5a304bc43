from bessemer.core.plugins import find_plugin
from bessemer.networks.config import HydraConfig
from bessemer.networks.network import TrainableNetwork
from bessemer.testing.networks import NetworkConformance


class TestFlat(NetworkConformance):
    heads = NetworkConformance.heads[:1]

    def make_network(self, config: HydraConfig) -> TrainableNetwork:
        network: TrainableNetwork = find_plugin("networks", "flat", config=config)
        return network
