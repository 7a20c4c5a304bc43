"""From weights to the file that vehicles run: ONNX with a signature, checked against PyTorch."""

import warnings
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from jaxtyping import UInt8

from bessemer.core.errors import IntegrityError
from bessemer.core.ids import encode
from bessemer.core.signature import METADATA_KEY, Preprocess, Signature
from bessemer.edge.preprocess import normalise
from bessemer.edge.runtime import OnnxNetwork
from bessemer.networks.network import TrainableNetwork

OPSET = 17


@dataclass(frozen=True, slots=True, kw_only=True)
class Parity:
    """How far an ONNX file and its PyTorch module part, over all outputs."""

    max_abs_difference: float
    n_pictures: int


def export_onnx(module: TrainableNetwork, preprocess: Preprocess, path: Path) -> Signature:
    """Write a module as an ONNX file that takes any batch.

    Args:
        module: The network; its weights are read as they are.
        preprocess: How its input is made; becomes part of the signature.
        path: Written whole or not at all.

    Returns:
        The signature in the file.
    """
    import onnx

    signature = Signature(preprocess=preprocess, heads=module.config.heads)
    names = [head.output for head in signature.heads] + [signature.embedding]
    # A batch of two: with one, exporters freeze the batch into the graph without saying so.
    example = torch.zeros(2, 3, preprocess.height_px, preprocess.width_px)
    raw = path.with_suffix(".raw")
    module.eval()
    # The older exporter: 10 ms for a small network where the newer takes 700, to the same bytes
    # each time. Its warnings say that it is the older one.
    with warnings.catch_warnings(), torch.no_grad():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module,
            (example,),
            raw,
            input_names=[signature.input],
            output_names=names,
            dynamic_axes={name: {0: "batch"} for name in [signature.input, *names]},
            opset_version=OPSET,
            dynamo=False,
        )
    model = onnx.load(raw)
    raw.unlink()
    del model.metadata_props[:]
    entry = model.metadata_props.add()
    entry.key, entry.value = METADATA_KEY, encode(signature).decode()
    temporary = path.with_suffix(".part")
    temporary.write_bytes(model.SerializeToString(deterministic=True))
    temporary.replace(path)
    return signature


def check_parity(
    path: Path,
    module: TrainableNetwork,
    pictures: UInt8[np.ndarray, "n h w 3"],
    tolerance: float = 1e-3,
) -> Parity:
    """Compare an ONNX file with the module it was exported from.

    Args:
        path: The file.
        module: The module.
        pictures: At the size of the preprocessing; run at once and one by one.
        tolerance: Largest difference allowed, relative to the largest value of an output.

    Returns:
        The largest difference.

    Raises:
        IntegrityError: If an output parts by more than the tolerance, at any batch size.
    """
    network = OnnxNetwork.open(path)
    module.eval()
    with torch.no_grad():
        inputs = torch.from_numpy(normalise(pictures, network.signature.preprocess))
        expected = [output.numpy() for output in module(inputs)]
    worst = 0.0
    for rows in (slice(None), slice(0, 1)):
        output = network.run(pictures[rows])
        for want, got in zip(expected, (*output.logits, output.embeddings), strict=True):
            scale = max(float(np.abs(want).max()), 1.0)
            worst = max(worst, float(np.abs(want[rows] - got).max()) / scale)
    if not worst <= tolerance:
        raise IntegrityError(
            f"The exported network parts from its weights by {worst:.2e}.",
            where=str(path),
            fix=f"At most {tolerance:.0e} is allowed; export again.",
        )
    return Parity(max_abs_difference=worst, n_pictures=len(pictures))
