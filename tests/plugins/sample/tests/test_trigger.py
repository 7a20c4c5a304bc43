from bessemer.core.plugins import find_plugin
from bessemer.core.protocols import Trigger
from bessemer.testing.triggers import TriggerConformance


class TestGlare(TriggerConformance):
    def make_trigger(self) -> Trigger:
        trigger: Trigger = find_plugin("triggers", "glare")
        return trigger
