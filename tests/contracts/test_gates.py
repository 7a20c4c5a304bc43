from bessemer.core.gates import Gate
from bessemer.release.gate import StandingGate
from bessemer.testing.gates import GateConformance


class TestStandingGate(GateConformance):
    def make_gate(self) -> Gate:
        return StandingGate()
