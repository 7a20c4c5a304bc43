"""Tiny ONNX networks whose answers can be computed by hand."""

from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from bessemer.core.ids import TaskName, encode
from bessemer.core.ontology import Ontology
from bessemer.core.signature import METADATA_KEY, Geometry, Head, Preprocess, Signature

SIGNS = Ontology(task=TaskName("signs"), classes=("red", "green", "blue"))
SCENES = Ontology(task=TaskName("scenes"), classes=("red", "green", "blue"))


def colour_signature(size_px: int = 4) -> Signature:
    """The contract of :func:`write_colour_network`."""
    return Signature(
        preprocess=Preprocess(width_px=size_px, height_px=size_px),
        heads=(
            Head(task=SIGNS.task, geometry=Geometry.CLASS, output="signs", ontology=SIGNS),
            Head(task=SCENES.task, geometry=Geometry.DENSE, output="scenes", ontology=SCENES),
        ),
    )


def write_colour_network(
    path: Path,
    *,
    signature: Signature | None = None,
    with_metadata: bool = True,
    batch: str | int = "n",
    scale: float = 8.0,
    size_px: int = 4,
) -> Path:
    """Write a network whose logits are ``scale`` times a picture's mean colour (a pixel's)."""
    nodes = [
        helper.make_node("Mul", ["image", "scale"], ["scenes"]),
        helper.make_node("ReduceMean", ["scenes", "axes"], ["signs"], keepdims=0),
        helper.make_node("Identity", ["signs"], ["embedding"]),
    ]
    graph = helper.make_graph(
        nodes,
        "colour",
        [helper.make_tensor_value_info("image", TensorProto.FLOAT, [batch, 3, size_px, size_px])],
        [
            helper.make_tensor_value_info("signs", TensorProto.FLOAT, [batch, 3]),
            helper.make_tensor_value_info(
                "scenes", TensorProto.FLOAT, [batch, 3, size_px, size_px]
            ),
            helper.make_tensor_value_info("embedding", TensorProto.FLOAT, [batch, 3]),
        ],
        [
            numpy_helper.from_array(np.array(scale, np.float32), "scale"),
            numpy_helper.from_array(np.array([2, 3], np.int64), "axes"),
        ],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
    if with_metadata:
        entry = model.metadata_props.add()
        entry.key = METADATA_KEY
        entry.value = encode(signature or colour_signature(size_px)).decode()
    onnx.save(model, path)
    return path
