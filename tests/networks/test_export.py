"""The exported file says what the weights say, at any batch, and a tampered one is caught."""

import hashlib
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import numpy_helper

from bessemer.core.errors import IntegrityError
from bessemer.edge.preprocess import normalise
from bessemer.edge.runtime import OnnxNetwork
from bessemer.networks.export import check_parity, export_onnx
from bessemer.networks.network import make_network
from tests.networks.small import PREPROCESS, TWO_HEADS, noise


@pytest.mark.parametrize("n", [1, 2, 3, 7])
def test_a_file_takes_any_batch_and_agrees_with_its_module(tmp_path: Path, n: int) -> None:
    module = make_network(TWO_HEADS, 0).eval()
    signature = export_onnx(module, PREPROCESS, tmp_path / "network.onnx")
    network = OnnxNetwork.open(tmp_path / "network.onnx")
    assert network.signature == signature
    pictures = noise(n)
    output = network.run(pictures)
    with torch.no_grad():
        expected = module(torch.from_numpy(normalise(pictures, PREPROCESS)))
    for want, got in zip(expected, (*output.logits, output.embeddings), strict=True):
        assert got.dtype == np.float32
        np.testing.assert_allclose(got, want.numpy(), atol=1e-4)


def test_parity_of_an_honest_file_is_close(tmp_path: Path) -> None:
    module = make_network(TWO_HEADS, 0)
    export_onnx(module, PREPROCESS, tmp_path / "network.onnx")
    assert check_parity(tmp_path / "network.onnx", module, noise(3)).max_abs_difference < 1e-4


def test_the_same_weights_give_the_same_bytes(tmp_path: Path) -> None:
    digests = []
    for name in ("a", "b"):
        export_onnx(make_network(TWO_HEADS, 3), PREPROCESS, tmp_path / f"{name}.onnx")
        digests.append(hashlib.sha256((tmp_path / f"{name}.onnx").read_bytes()).hexdigest())
    assert digests[0] == digests[1]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.onnx", "b.onnx"]


def test_a_tampered_weight_fails_parity(tmp_path: Path) -> None:
    path = tmp_path / "network.onnx"
    module = make_network(TWO_HEADS, 0)
    export_onnx(module, PREPROCESS, path)
    model = onnx.load(path)
    bias = next(w for w in model.graph.initializer if w.name == "heads.signs.linear.bias")
    bias.CopyFrom(numpy_helper.from_array(numpy_helper.to_array(bias) + 0.1, bias.name))
    path.write_bytes(model.SerializeToString())
    with pytest.raises(IntegrityError, match="parts from its weights"):
        check_parity(path, module, noise(3))
