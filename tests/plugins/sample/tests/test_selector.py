from bessemer.core.plugins import find_plugin
from bessemer.core.selection import Selector
from bessemer.testing.selectors import SelectorConformance


class TestLongest(SelectorConformance):
    def make_selector(self) -> Selector:
        selector: Selector = find_plugin("selectors", "longest")
        return selector
