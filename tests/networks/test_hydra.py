"""Shapes and laws of the network."""

from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.networks.config import HydraConfig
from bessemer.networks.hydra import standardised
from bessemer.networks.network import make_network
from bessemer.networks.weights import weights_id
from tests.networks.small import ROADS, SIGNS, TWO_HEADS


@settings(max_examples=15, deadline=None)
@given(
    n=st.integers(1, 3),
    height=st.integers(8, 33),
    width=st.integers(8, 33),
    blocks=st.integers(1, 4),
    stride=st.sampled_from([1, 2, 4]),
)
def test_every_output_has_its_shape_at_any_size(
    n: int, height: int, width: int, blocks: int, stride: int
) -> None:
    heads = (SIGNS, ROADS)
    config = HydraConfig(heads=heads, width=2, blocks=blocks, stem_stride=stride, features=5)
    with torch.no_grad():
        classes, pixels, features = make_network(config, 0).eval()(torch.zeros(n, 3, height, width))
    assert classes.shape == (n, 3)
    assert pixels.shape == (n, 2, height, width)
    assert features.shape == (n, 5)


def test_a_seed_decides_the_weights_and_leaves_the_global_generator_alone() -> None:
    before = torch.random.get_rng_state()
    one, same, other = (make_network(TWO_HEADS, seed) for seed in (1, 1, 2))
    assert weights_id(one) == weights_id(same) != weights_id(other)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_a_picture_of_half_the_light_looks_alike() -> None:
    image = torch.randn(2, 3, 8, 8, generator=torch.Generator().manual_seed(0)) * 10
    dusk = image * 0.5 - 1  # an affine change of light
    assert torch.allclose(standardised(image), standardised(dusk), atol=0.15)
    assert torch.isfinite(standardised(torch.zeros(1, 3, 8, 8))).all()


def test_a_head_added_later_finds_the_backbone_as_it_was() -> None:
    names = set(make_network(replace(TWO_HEADS, heads=(SIGNS,)), 0).state_dict())
    assert names < set(make_network(TWO_HEADS, 0).state_dict())


def test_two_heads_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="share an output"):
        HydraConfig(heads=(SIGNS, SIGNS))
