from bessemer.core.protocols import Embedder
from bessemer.curate.embed import PinnedConfig, PinnedEmbedder
from bessemer.testing.embedders import EmbedderConformance


class TestPinned(EmbedderConformance):
    def make_embedder(self) -> Embedder:
        return PinnedEmbedder()


class TestCoarse(EmbedderConformance):
    """Another space of the same kind: it has an address of its own."""

    def make_embedder(self) -> Embedder:
        return PinnedEmbedder(config=PinnedConfig(side_px=16, colour_weight=0.2))

    def test_it_is_another_space(self) -> None:
        assert self.make_embedder().space_id != PinnedEmbedder().space_id
