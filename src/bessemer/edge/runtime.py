"""Networks on a vehicle: an ONNX file that keeps the contract, run by ONNX Runtime."""

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
from jaxtyping import UInt8

from bessemer.core.errors import InputError
from bessemer.core.ids import NetworkId, decode
from bessemer.core.protocols import NetworkOutput
from bessemer.core.signature import METADATA_KEY, Signature
from bessemer.edge.preprocess import normalise

if TYPE_CHECKING:
    import onnxruntime

_BATCH = 256


class OnnxNetwork:
    """A network file, open. The same pictures give the same numbers, whatever the batch.

    Args:
        session: The runtime's session.
        signature: The contract found in the file.
        network_id: Digest of the file.

    Attributes:
        signature: The contract found in the file.
        network_id: Digest of the file.
    """

    def __init__(
        self, session: "onnxruntime.InferenceSession", signature: Signature, network_id: NetworkId
    ) -> None:
        self._session = session
        self.signature = signature
        self.network_id = network_id

    @classmethod
    def open(cls, path: Path, *, threads: int = 1) -> Self:
        """Open a file and check it against its own contract.

        Args:
            path: An ONNX file.
            threads: Threads that one run may use.

        Returns:
            The network.

        Raises:
            InputError: If it is no ONNX file, has no signature, or lacks a named input or output.
        """
        import onnxruntime

        if not path.is_file():
            raise InputError("There is no such file.", where=str(path), fix="Check the path.")
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = 3
        data = path.read_bytes()
        try:
            session = onnxruntime.InferenceSession(
                data, options, providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # the runtime's errors share no narrower public base
            raise InputError(
                f"This is not a network that can be run: {error}.", where=str(path)
            ) from error
        signature = _signature_of(session, str(path))
        network_id = NetworkId(hashlib.sha256(data).hexdigest())
        return cls(session, signature, network_id)

    def run(self, pictures: UInt8[np.ndarray, "n h w 3"]) -> NetworkOutput:
        """Return logits by head and embeddings.

        Args:
            pictures: RGB, of the size that the signature's preprocessing asks for.

        Returns:
            One row a picture; logits in the order of the signature's heads.

        Raises:
            InputError: If the pictures have another size.
        """
        want = (self.signature.preprocess.height_px, self.signature.preprocess.width_px)
        if pictures.shape[1:3] != want:
            raise InputError(
                f"Pictures of {pictures.shape[1:3]} were given, {want} are wanted (height, width).",
                where=self.network_id[:12],
                fix="Load them at the size of the signature's preprocessing.",
            )
        names = [head.output for head in self.signature.heads] + [self.signature.embedding]
        parts = [
            self._session.run(
                names,
                {
                    self.signature.input: normalise(
                        pictures[i : i + _BATCH], self.signature.preprocess
                    )
                },
            )
            for i in range(0, max(len(pictures), 1), _BATCH)
        ]
        columns = [np.concatenate(column) for column in zip(*parts, strict=True)]
        return NetworkOutput(logits=tuple(columns[:-1]), embeddings=columns[-1])


def _signature_of(session: "onnxruntime.InferenceSession", where: str) -> Signature:
    """Return the signature in a file's metadata, checked against its inputs and outputs."""
    text = session.get_modelmeta().custom_metadata_map.get(METADATA_KEY)
    if text is None:
        raise InputError(
            f"The file carries no {METADATA_KEY!r}.",
            where=where,
            fix="Write a Signature into its metadata; see docs/own-network.md.",
        )
    signature = decode(text.encode(), Signature, where=where)
    inputs = {item.name for item in session.get_inputs()}
    outputs = {item.name for item in session.get_outputs()}
    wanted = {head.output for head in signature.heads} | {signature.embedding}
    if inputs != {signature.input} or not wanted <= outputs:
        raise InputError(
            f"The signature names the input {signature.input!r} and the outputs "
            f"{sorted(wanted)}; the file has {sorted(inputs)} and {sorted(outputs)}.",
            where=where,
            fix="Rename them in the file, or mend its signature.",
        )
    return signature
