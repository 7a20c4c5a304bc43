from bessemer.core.plugins import find_plugin, plugin_names
from bessemer.core.selection import Selector
from bessemer.curate.select_chance import RandomSelector
from bessemer.curate.select_engine import EngineSelector
from bessemer.curate.select_k_centre import KCentreSelector
from bessemer.curate.select_uncertain import UncertaintySelector
from bessemer.testing.selectors import SelectorConformance

KINDS: tuple[type[Selector], ...] = (
    RandomSelector,
    EngineSelector,
    KCentreSelector,
    UncertaintySelector,
)


class TestRandom(SelectorConformance):
    def make_selector(self) -> Selector:
        return RandomSelector()


class TestEngine(SelectorConformance):
    def make_selector(self) -> Selector:
        return EngineSelector()


class TestKCentre(SelectorConformance):
    def make_selector(self) -> Selector:
        return KCentreSelector()


class TestUncertainty(SelectorConformance):
    def make_selector(self) -> Selector:
        return UncertaintySelector()


def test_each_is_found_by_its_own_name() -> None:
    found = {name: find_plugin("selectors", name) for name in plugin_names("selectors")}
    assert set(KINDS) <= {type(selector) for selector in found.values()}
    assert all(selector.name == name for name, selector in found.items())
