# ruff: noqa: D102 - the name of a test is its sentence
"""What every network that the works compile keeps: inherit the class, say how to make one.

It needs torch, as whoever trains does. Example of a test module for a network of your own::

    class TestMyNetwork(NetworkConformance):
        def make_network(self, config: HydraConfig) -> TrainableNetwork:
            return MyNetwork(config)
"""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional

from bessemer.core.ids import TaskName
from bessemer.core.ontology import Ontology
from bessemer.core.protocols import Network
from bessemer.core.signature import Geometry, Head, Preprocess
from bessemer.edge.runtime import OnnxNetwork
from bessemer.networks.config import HydraConfig
from bessemer.networks.export import check_parity, export_onnx
from bessemer.networks.network import TrainableNetwork
from bessemer.networks.weights import load_fitting, save_weights

_STEPS = 60
_BATCHES = (1, 3)


def _head(task: str, geometry: Geometry, classes: tuple[str, ...]) -> Head:
    ontology = Ontology(task=TaskName(task), classes=classes)
    return Head(task=ontology.task, geometry=geometry, output=task, ontology=ontology)


class NetworkConformance:
    """The tests; an implementer says how a network is made of a config.

    Attributes:
        heads: What it is asked: a class a picture, and a class a pixel.
        features: Size of its embedding.
        width_px: Of its pictures.
        height_px: Of its pictures.
    """

    heads: tuple[Head, ...] = (
        _head("signs", Geometry.CLASS, ("stop", "yield", "priority")),
        _head("roads", Geometry.DENSE, ("road", "else")),
    )
    features: int = 16
    width_px: int = 32
    height_px: int = 32

    def make_network(self, config: HydraConfig) -> TrainableNetwork:
        """Return a new network of a config, its weights drawn by torch's global generator."""
        raise NotImplementedError

    def make_config(self) -> HydraConfig:
        """Return a small config with the heads of this suite."""
        return HydraConfig(heads=self.heads, features=self.features, width=8, dropout_frac=0.0)

    @pytest.mark.parametrize("n", _BATCHES)
    def test_it_answers_for_every_head_and_ends_with_its_embedding(self, n: int) -> None:
        network = self._drawn(0).eval()
        assert isinstance(network, TrainableNetwork)
        assert network.config == self.make_config()
        image = self._images(n)
        with torch.no_grad():
            *logits, embedding = network(image)
            again = network.embedding(image)
        for head, said in zip(self.heads, logits, strict=True):
            tail = (self.height_px, self.width_px) if head.geometry is Geometry.DENSE else ()
            assert said.shape == (n, len(head.ontology.classes), *tail)
            assert torch.isfinite(said).all()
        assert embedding.shape == (n, self.features)
        torch.testing.assert_close(again, embedding)

    def test_no_picture_knows_of_its_neighbours(self) -> None:
        network, images = self._drawn(0).eval(), self._images(3)
        with torch.no_grad():
            together, alone = network(images), network(images[1:2])
        for many, one in zip(together, alone, strict=True):
            torch.testing.assert_close(many[1:2], one, atol=1e-4, rtol=1e-3)

    def test_the_seed_decides_its_weights(self) -> None:
        one, same, other = (self._drawn(seed).state_dict() for seed in (0, 0, 1))
        assert one.keys() == same.keys() == other.keys()
        assert all(torch.equal(one[name], same[name]) for name in one)
        assert any(not torch.equal(one[name], other[name]) for name in one)

    def test_every_parameter_learns_and_a_few_pictures_are_learnt(self) -> None:
        network, images = self._drawn(0).train(), self._images(6)
        targets = [self._target(head, len(images)) for head in self.heads]
        optimiser = torch.optim.AdamW(network.parameters(), lr=3e-3)
        losses = []
        for _ in range(_STEPS):
            optimiser.zero_grad()
            loss = self._loss(network(images)[:-1], targets)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            losses.append(float(loss.detach()))
        still = [name for name, value in network.named_parameters() if value.grad is None]
        assert not still, f"no gradient reaches {still}"
        assert losses[-1] < 0.7 * losses[0]

    def test_its_file_says_what_it_says_at_any_batch(self, tmp_path: Path) -> None:
        network = self._drawn(0)
        preprocess = Preprocess(width_px=self.width_px, height_px=self.height_px)
        signature = export_onnx(network, preprocess, tmp_path / "network.onnx")
        assert signature.heads == self.heads
        shape = (5, self.height_px, self.width_px, 3)
        pictures = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
        check_parity(tmp_path / "network.onnx", network, pictures)
        opened = OnnxNetwork.open(tmp_path / "network.onnx")
        assert isinstance(opened, Network)
        assert opened.run(pictures).embeddings.shape == (5, self.features)

    def test_what_lies_below_the_heads_is_found_again_under_other_heads(
        self, tmp_path: Path
    ) -> None:
        before = self._drawn(0)
        save_weights(before, tmp_path / "below.safetensors", without="heads.")
        kept = {name for name in before.state_dict() if not name.startswith("heads.")}
        assert kept, "something lies below the heads"
        config = replace(self.make_config(), heads=self.heads[-1:])
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            after = self.make_network(config)
        load_fitting(after, tmp_path / "below.safetensors")
        found = after.state_dict()
        same = [name for name in kept if name in found]
        assert same
        assert all(torch.equal(found[name], before.state_dict()[name]) for name in same)

    def _drawn(self, seed: int) -> TrainableNetwork:
        """Return a network drawn from a seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return self.make_network(self.make_config())

    def _images(self, n: int) -> Tensor:
        """Return normalised pictures, the same each time."""
        generator = torch.Generator().manual_seed(n)
        return torch.randn(n, 3, self.height_px, self.width_px, generator=generator)

    def _target(self, head: Head, n: int) -> Tensor:
        """Return what a head should say of ``n`` pictures, the same each time."""
        tail = (self.height_px, self.width_px) if head.geometry is Geometry.DENSE else ()
        rows = torch.arange(n) % len(head.ontology.classes)
        return rows.reshape(n, *(1 for _ in tail)).expand(n, *tail)

    def _loss(self, logits: tuple[Tensor, ...], targets: list[Tensor]) -> Tensor:
        """Return the sum of the heads' cross entropies."""
        pairs = zip(logits, targets, strict=True)
        return torch.stack([functional.cross_entropy(said, true) for said, true in pairs]).sum()
