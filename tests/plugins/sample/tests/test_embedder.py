from bessemer.core.plugins import find_plugin
from bessemer.core.protocols import Embedder
from bessemer.testing.embedders import EmbedderConformance


class TestColours(EmbedderConformance):
    def make_embedder(self) -> Embedder:
        embedder: Embedder = find_plugin("embedders", "colours")
        return embedder
