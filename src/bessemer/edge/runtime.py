"""A network file run by ONNX Runtime, checked against the contract it carries.

Shapes: n pictures, h x w pixels, c classes, d embedding size.
"""

import hashlib
import math
from pathlib import Path
from typing import Any, Final

import numpy as np
from jaxtyping import Float32, UInt8

from bessemer.core.errors import BessemerError, InputError, IntegrityError, NotFoundError
from bessemer.core.ids import NetworkId, decode
from bessemer.core.protocols import NetworkOutput
from bessemer.core.signature import METADATA_KEY, Geometry, Signature
from bessemer.edge.preprocess import normalise

_BATCH_PIXELS: Final = 1 << 20
"""Pictures are run in batches of about this many pixels, at most 256: it bounds memory."""


class OnnxNetwork:
    """A network file, opened; see :meth:`open`.

    Args:
        session: The runtime's session.
        signature: The contract found in the file.
        network_id: SHA-256 of the file's bytes.

    Attributes:
        signature: What it takes and gives, from its metadata.
        network_id: SHA-256 of the file's bytes.
        batch_size: How many pictures are run at once.
    """

    def __init__(self, session: Any, signature: Signature, network_id: NetworkId) -> None:
        self.signature = signature
        self.network_id = network_id
        pixels = signature.preprocess.height_px * signature.preprocess.width_px
        self.batch_size = max(1, min(256, _BATCH_PIXELS // pixels))
        self._session = session

    @classmethod
    def open(cls, path: Path, *, threads: int = 1) -> "OnnxNetwork":
        """Open a network file and check that it keeps its contract.

        It runs with a fixed number of threads and deterministic kernels, so that the same pictures
        give the same bytes on the same machine.

        Args:
            path: An ONNX file whose metadata carries a signature. It must hold its weights itself.
            threads: Threads of one operator.

        Returns:
            The network.

        Raises:
            InputError: If it cannot be read or lacks the contract.
            NotFoundError: If an input or output that the contract names does not exist.
        """
        try:
            data = path.read_bytes()
        except OSError as error:
            raise InputError(f"The network cannot be read: {error}.", where=str(path)) from error
        session = _open_session(data, threads, str(path))
        signature = _read_signature(session, str(path))
        _check_ports(session, signature, str(path))
        return cls(session, signature, NetworkId(hashlib.sha256(data).hexdigest()))

    def run(self, pictures: UInt8[np.ndarray, "n h w 3"]) -> NetworkOutput:
        """Return logits by head, in the signature's order, and embeddings.

        Args:
            pictures: RGB at the signature's size; any number.

        Returns:
            What the network says of each.

        Raises:
            InputError: If pictures have another size, or the network breaks its contract.
        """
        names = [head.output for head in self.signature.heads] + [self.signature.embedding]
        # An empty batch still has to say how wide its outputs are, so one blank picture stands in.
        blank = np.zeros((1, *pictures.shape[1:]), np.uint8)
        rows = pictures if len(pictures) else blank
        batches = []
        for start in range(0, len(rows), self.batch_size):
            inputs = normalise(rows[start : start + self.batch_size], self.signature.preprocess)
            batches.append(self._session.run(names, {self.signature.input: inputs}))
        columns = [np.concatenate(column)[: len(pictures)] for column in zip(*batches, strict=True)]
        self._check_output(columns, len(pictures))
        return NetworkOutput(logits=tuple(columns[:-1]), embeddings=columns[-1])

    def _check_output(self, columns: list[Float32[np.ndarray, "..."]], n: int) -> None:
        """Refuse what the contract does not promise: other shapes, other types, not a number."""
        where = f"network {self.network_id[:12]}"
        for head, logits in zip(self.signature.heads, columns[:-1], strict=True):
            n_dims = 4 if head.geometry is Geometry.DENSE else 2
            n_classes = len(head.ontology.classes)
            if logits.ndim != n_dims or logits.shape[:2] != (n, n_classes):
                raise InputError(
                    f"The output {head.output!r} is {logits.shape}; for {n} pictures and "
                    f"{n_classes} classes it should have {n_dims} axes and begin {n, n_classes}.",
                    where=where,
                    fix="Export it with a free batch size and one channel a class.",
                )
        if columns[-1].ndim != 2:
            raise InputError("The embedding is not one vector a picture.", where=where)
        for column in columns:
            if column.dtype != np.float32 or not math.isfinite(float(column.sum(dtype=np.float64))):
                raise InputError(
                    "The network gives numbers that are not finite float32.",
                    where=where,
                    fix="Train it again with a smaller step.",
                )


def _open_session(data: bytes, threads: int, where: str) -> Any:
    """Return a deterministic session over a file's bytes.

    Bytes, not the path: the digest then speaks of what runs, and weights in other files, which
    the digest would not cover, are refused.
    """
    import onnxruntime
    from onnxruntime.capi import onnxruntime_pybind11_state as binding

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.execution_mode = onnxruntime.ExecutionMode.ORT_SEQUENTIAL
    options.use_deterministic_compute = True
    options.log_severity_level = 4
    try:
        return onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    except (
        binding.EPFail,
        binding.Fail,
        binding.InvalidArgument,
        binding.InvalidGraph,
        binding.InvalidProtobuf,
        binding.NoModel,
        binding.NotImplemented,
        binding.RuntimeException,
    ) as error:
        raise InputError(
            f"ONNX Runtime cannot open the network: {error}",
            where=where,
            fix="Give one whole .onnx file that holds its own weights.",
        ) from error


def _read_signature(session: Any, where: str) -> Signature:
    """Return the signature from a model's metadata."""
    metadata = session.get_modelmeta().custom_metadata_map
    if METADATA_KEY not in metadata:
        raise InputError(
            f"The network carries no signature: its metadata has no {METADATA_KEY!r}.",
            where=where,
            fix="Add it when you export; docs/own-network.md shows how.",
        )
    try:
        return decode(metadata[METADATA_KEY].encode(), Signature, where=where)
    except (IntegrityError, BessemerError) as error:
        raise InputError(
            f"The network's signature cannot be read: {error.what}",
            where=where,
            fix="Write it with bessemer.core.ids.encode.",
        ) from error


def _check_ports(session: Any, signature: Signature, where: str) -> None:
    """Check a model's inputs and outputs against its signature before anything runs."""
    inputs = {port.name: port for port in session.get_inputs()}
    outputs = {port.name: port for port in session.get_outputs()}
    if signature.input not in inputs:
        raise NotFoundError.among("input", signature.input, inputs, where=where)
    for name in (*(head.output for head in signature.heads), signature.embedding):
        if name not in outputs:
            raise NotFoundError.among("output", name, outputs, where=where)
    if len(inputs) > 1:
        raise InputError(
            f"The network asks for {sorted(inputs)}; pictures alone are given.", where=where
        )
    port = inputs[signature.input]
    expected = (3, signature.preprocess.height_px, signature.preprocess.width_px)
    fits = len(port.shape) == 4 and all(
        not isinstance(have, int) or have == want
        for have, want in zip(port.shape[1:], expected, strict=True)
    )
    if port.type != "tensor(float)" or not fits or isinstance(port.shape[0], int):
        raise InputError(
            f"The input {port.name!r} is {port.type} {port.shape}; the signature says float32 "
            f"[n, {', '.join(map(str, expected))}] with n free.",
            where=where,
            fix="Export from an example of two pictures, with the first axis dynamic.",
        )
