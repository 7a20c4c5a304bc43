"""Channels of an MCAP file, each registered when its first message comes."""

import math
from collections.abc import Mapping, Sequence
from typing import IO

from foxglove_schemas_protobuf.CompressedVideo_pb2 import CompressedVideo
from google.protobuf.message import Message
from mcap.well_known import MessageEncoding, SchemaEncoding
from mcap.writer import CompressionType, Writer
from mcap_protobuf.schema import build_file_descriptor_set

from bessemer.core.errors import InputError
from bessemer.core.ids import encode
from bessemer.twin.drive_log.messages import stamp


class Channels:
    """Writes messages to topics, in chunks packed by zstd.

    Args:
        sink: An open file.
        chunk_bytes: About how much a chunk holds, unpacked.
    """

    def __init__(self, sink: IO[bytes], chunk_bytes: int) -> None:
        self._writer = Writer(sink, chunk_size=chunk_bytes, compression=CompressionType.ZSTD)
        self._writer.start(profile="", library="bessemer")
        self._channels: dict[tuple[str, bytes], int] = {}
        self._schemas: dict[bytes, int] = {}
        self._counts: dict[int, int] = {}

    def add(
        self, topic: str, t_ns: int, message: Message, metadata: Mapping[str, str] | None = None
    ) -> None:
        """Write a protobuf message; ``metadata`` go with the channel's first one."""
        name = message.DESCRIPTOR.full_name
        key = (topic, name.encode())
        if key not in self._channels:
            schema = build_file_descriptor_set(type(message)).SerializeToString(deterministic=True)
            self._register(key, name, SchemaEncoding.Protobuf, schema, metadata or {})
        self._write(key, t_ns, message.SerializeToString(deterministic=True))

    def add_video(self, topic: str, t_ns: int, frame_id: str, packet: bytes) -> None:
        """Write one picture of a video."""
        message = CompressedVideo(
            timestamp=stamp(t_ns), frame_id=frame_id, data=packet, format="h264"
        )
        self.add(topic, t_ns, message)

    def add_signals(self, topic: str, t_ns: int, signals: Sequence[tuple[str, float]]) -> None:
        """Write named numbers as a JSON tree; ``Vehicle.Speed`` lies in ``Vehicle``.

        Other names than before open another channel of the topic, with a schema of its own.

        Args:
            topic: The topic.
            t_ns: When.
            signals: Names with points between their parts, and values; none where not finite.

        Raises:
            InputError: If a name is double, or both a signal and a branch with signals.
        """
        names = tuple(name for name, _ in signals)
        key = (topic, encode(names))
        if key not in self._channels:
            schema = encode(_schema_of(nested(signals)) | {"title": "signals"})
            self._register(key, "bessemer.Signals", SchemaEncoding.JSONSchema, schema, {})
        said = [(name, value) for name, value in signals if math.isfinite(value)]
        self._write(key, t_ns, encode(nested(said)))

    def add_names(self, topic: str, t_ns: int, names: Sequence[str]) -> None:
        """Write a list of names as JSON."""
        key = (topic, b"names")
        if key not in self._channels:
            listed = {"type": "array", "items": {"type": "string"}}
            schema = encode({"type": "object", "title": "names", "properties": {"names": listed}})
            self._register(key, "bessemer.Names", SchemaEncoding.JSONSchema, schema, {})
        self._write(key, t_ns, encode({"names": tuple(names)}))

    def add_metadata(self, name: str, facts: dict[str, str]) -> None:
        """Write a metadata record, where the file stands now."""
        self._writer.add_metadata(name, facts)

    def finish(self) -> None:
        """Write the last chunk and the index."""
        self._writer.finish()  # type: ignore[no-untyped-call]

    def _register(
        self,
        key: tuple[str, bytes],
        name: str,
        encoding: str,
        schema: bytes,
        metadata: Mapping[str, str],
    ) -> None:
        if schema not in self._schemas:
            self._schemas[schema] = self._writer.register_schema(name, encoding, schema)
        kind = (
            MessageEncoding.Protobuf
            if encoding == SchemaEncoding.Protobuf
            else MessageEncoding.JSON
        )
        self._channels[key] = self._writer.register_channel(
            key[0], kind, self._schemas[schema], dict(metadata)
        )

    def _write(self, key: tuple[str, bytes], t_ns: int, data: bytes) -> None:
        channel = self._channels[key]
        count = self._counts.get(channel, 0)
        self._counts[channel] = count + 1
        self._writer.add_message(channel, t_ns, data, t_ns, count)


def nested(signals: Sequence[tuple[str, float]]) -> dict[str, object]:
    """Return named numbers as a tree by the parts of their names.

    Args:
        signals: Names and values.

    Returns:
        Branches, each a tree again, and values.

    Raises:
        InputError: If a name is double, or both a signal and a branch.

    Example:
        >>> nested([("Vehicle.Speed", 3.0), ("Vehicle.Body.Lights", 1.0)])
        {'Vehicle': {'Speed': 3.0, 'Body': {'Lights': 1.0}}}
    """
    tree: dict[str, object] = {}
    for name, value in signals:
        *branches, leaf = name.split(".")
        place = tree
        for branch in branches:
            inner = place.setdefault(branch, {})
            if not isinstance(inner, dict):
                raise _crossed(name)
            place = inner
        if leaf in place:
            raise _crossed(name)
        place[leaf] = float(value)
    return tree


def _crossed(name: str) -> InputError:
    return InputError(
        f"The signal {name!r} stands twice, or lies within another signal.",
        where="/signals",
        fix="Give every signal a leaf of the VSS tree.",
    )


def _schema_of(tree: Mapping[str, object]) -> dict[str, object]:
    """Return the JSON schema of a tree of numbers."""
    properties = {
        name: _schema_of(inner) if isinstance(inner, dict) else {"type": "number"}
        for name, inner in tree.items()
    }
    return {"type": "object", "properties": properties}
