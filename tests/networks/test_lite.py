"""EfficientNet-Lite0: the published network, layer by layer, under our heads."""

from dataclasses import replace
from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
import torch

from bessemer.core.errors import InputError, IntegrityError, MissingExtraError, NotFoundError
from bessemer.networks.config import BackboneKind, HydraConfig
from bessemer.networks.export import check_parity, export_onnx
from bessemer.networks.foundation import founded_hydra, read_published
from bessemer.networks.hydra import Hydra
from bessemer.networks.network import make_network
from bessemer.networks.published import FOUNDATIONS
from tests.networks.small import PREPROCESS, ROADS, SIGNS, TWO_HEADS, noise

LITE = HydraConfig(heads=(SIGNS, ROADS), backbone=BackboneKind.LITE, pool=1, features=8)


@pytest.mark.parametrize(("height", "width"), [(64, 96), (30, 33), (7, 9)])
def test_its_levels_halve_the_picture_five_times(height: int, width: int) -> None:
    net = Hydra(LITE).eval()
    with torch.no_grad():
        levels = net.levels(torch.zeros(2, 3, height, width))
        classes, pixels, features = net(torch.zeros(2, 3, height, width))
    for level, n_channels, stride in zip(
        levels, net.backbone.widths, (2, 4, 8, 16, 32), strict=True
    ):
        assert level.shape == (2, n_channels, -(-height // stride), -(-width // stride))
    assert classes.shape == (2, 3)
    assert pixels.shape == (2, 2, height, width)
    assert features.shape == (2, 8)


def test_it_says_what_the_published_network_says() -> None:
    peer = pytest.importorskip(
        "efficientnet_lite_pytorch", reason="the peer is not installed (bessemer[peers])"
    )
    spec = FOUNDATIONS["imagenet"]
    other = peer.EfficientNet.from_name("efficientnet-lite0").eval()
    with as_file(files(spec.package) / spec.file) as path:
        other.load_state_dict(torch.load(path, weights_only=True))
    image = torch.randn(2, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        # Ours takes pictures of deviation 1, the published weights were learnt on half of that.
        own = founded_hydra("imagenet", LITE, 0).eval().backbone(2 * image)[-1]
        features = torch.relu_(other._bn0(other._conv_stem(image))).clamp_(max=6)
        for block in other._blocks:
            features = block(features)
    assert features.abs().max() > 1
    assert torch.allclose(own, features, atol=1e-4)


def test_published_weights_are_the_same_under_any_seed_and_the_rest_is_drawn() -> None:
    one, other = (founded_hydra("imagenet", LITE, seed).state_dict() for seed in (0, 1))
    differs = {name for name, value in one.items() if not torch.equal(value, other[name])}
    assert "embed.weight" in differs
    assert not [name for name in differs if name.startswith("backbone.")]


def test_it_is_exported_at_any_batch(tmp_path: Path) -> None:
    net = make_network(LITE, 0)
    export_onnx(net, PREPROCESS, tmp_path / "n.onnx")
    assert check_parity(tmp_path / "n.onnx", net, noise(3)).max_abs_difference < 1e-3
    assert np.ptp(noise(3)) > 0


def test_a_foundation_that_is_unknown_unfit_missing_or_altered_is_refused() -> None:
    with pytest.raises(NotFoundError, match="imagenet"):
        founded_hydra("imagenot", LITE, 0)
    with pytest.raises(InputError, match=r"network\.backbone=lite"):
        founded_hydra("imagenet", TWO_HEADS, 0)
    spec = FOUNDATIONS["imagenet"]
    with pytest.raises(MissingExtraError, match="bessemer"):
        read_published(replace(spec, package="no_such_package"))
    with pytest.raises(IntegrityError, match="pinned"):
        read_published(replace(spec, sha256="0" * 64))


def test_a_shape_that_lite_does_not_have_is_refused() -> None:
    with pytest.raises(InputError, match="fixed shape"):
        replace(LITE, width=32)
