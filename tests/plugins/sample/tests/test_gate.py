from bessemer.core.gates import Gate
from bessemer.core.plugins import find_plugin
from bessemer.testing.gates import GateConformance


class TestCautious(GateConformance):
    def make_gate(self) -> Gate:
        gate: Gate = find_plugin("gates", "cautious")
        return gate
