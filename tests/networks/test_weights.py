"""Weights come back as they were, fit or are refused."""

from dataclasses import replace
from pathlib import Path

import pytest
import torch

from bessemer.core.errors import InputError
from bessemer.networks.network import make_network
from bessemer.networks.weights import load_fitting, load_weights, save_weights, weights_id
from tests.networks.small import ROADS, TWO_HEADS


def test_what_was_saved_is_loaded(tmp_path: Path) -> None:
    one, other = make_network(TWO_HEADS, 0), make_network(TWO_HEADS, 1)
    save_weights(one, tmp_path / "w.safetensors")
    load_weights(other, tmp_path / "w.safetensors")
    assert weights_id(one) == weights_id(other)


def test_the_address_sees_a_single_bit() -> None:
    module = make_network(TWO_HEADS, 0)
    before = weights_id(module)
    with torch.no_grad():
        bias = next(p for name, p in module.named_parameters() if name.endswith("linear.bias"))
        bias[0] = torch.nextafter(bias[0], torch.tensor(9.0))
    assert weights_id(module) != before


def test_a_backbone_goes_under_other_heads_and_the_rest_is_named(tmp_path: Path) -> None:
    save_weights(make_network(TWO_HEADS, 0), tmp_path / "w.safetensors")
    other = make_network(replace(TWO_HEADS, heads=(ROADS,), residuals=2), 1)
    left = load_fitting(other, tmp_path / "w.safetensors")
    assert left
    assert all(".2." in name for name in left)
    with pytest.raises(InputError, match="do not fit"):
        load_weights(other, tmp_path / "w.safetensors")


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "w.safetensors").write_bytes(b"nonsense")
    with pytest.raises(InputError, match="cannot be read"):
        load_weights(make_network(TWO_HEADS, 0), tmp_path / "w.safetensors")
