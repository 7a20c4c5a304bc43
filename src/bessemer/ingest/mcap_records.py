"""MCAP files record by record, from the front, without the index: what is whole comes back.

The index stands at the end, so that a file cut short has none. Each record says its length, each
chunk its check sum: a record that reaches beyond the end ends the reading, a damaged chunk is left
out and the next is tried. Layout: the MCAP specification, https://mcap.dev/spec.

Cost: one chunk is held in memory, at most ``MAX_CHUNK_BYTES`` unpacked.
"""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import IO, Final

import lz4.frame
import zstandard
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, Metadata, Schema

from bessemer.ingest.files import RefusedError

MAGIC: Final = b"\x89MCAP0\r\n"
MAX_CHUNK_BYTES: Final = 256 << 20

_HEAD = struct.Struct("<BQ")
_BROKEN = (
    McapError,
    RefusedError,
    struct.error,
    UnicodeDecodeError,
    zstandard.ZstdError,
    RuntimeError,  # what lz4 raises
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logged:
    """One message and what its channel says of it.

    Attributes:
        topic: The channel's topic.
        encoding: How the message is encoded: ``protobuf``, ``cdr``, ``json``.
        schema: Name of its schema, empty where there is none.
        facts: The channel's metadata.
        t_ns: When it was logged.
        data: Its bytes.
    """

    topic: str
    encoding: str
    schema: str
    facts: tuple[tuple[str, str], ...]
    t_ns: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """A metadata record."""

    name: str
    values: dict[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Something is missing between what came before and what comes after.

    Attributes:
        reason: A short fixed word.
        detail: What is wrong.
    """

    reason: str
    detail: str


def read_log(path: Path) -> Iterator[Logged | Facts | Gap]:
    """Yield a file's messages in the order of the file, its metadata, and where something lacks.

    Args:
        path: The file.

    Yields:
        Messages, metadata, gaps.

    Raises:
        RefusedError: If the file is no MCAP.
    """
    size_bytes = path.stat().st_size
    with path.open("rb") as file:
        if file.read(len(MAGIC)) != MAGIC:
            raise RefusedError("not_an_mcap", "It does not begin as an MCAP.", "Leave it out.")
        yield from _Log(file, size_bytes).read()


class _Log:
    """One pass over an open file: the channels met so far, and what they carry."""

    def __init__(self, file: IO[bytes], size_bytes: int) -> None:
        self._file, self._size_bytes = file, size_bytes
        self._schemas: dict[int, Schema] = {}
        self._channels: dict[int, Channel] = {}

    def read(self) -> Iterator[Logged | Facts | Gap]:
        """Yield what the records up to the end of the data say."""
        while True:
            at = self._file.tell()
            head = self._file.read(_HEAD.size)
            if len(head) < _HEAD.size:
                yield self._cut(at)
                return
            opcode, length = _HEAD.unpack(head)
            if opcode == 0 or length > self._size_bytes - self._file.tell():
                yield self._cut(at)
                return
            if opcode == Opcode.DATA_END:
                yield from self._check_end()
                return
            yield from self._open(opcode, length, at)

    def _cut(self, at: int) -> Gap:
        detail = f"It ends at byte {at} of {self._size_bytes}, within a record. Copy it again."
        return Gap(reason="truncated_log", detail=detail)

    def _check_end(self) -> Iterator[Gap]:
        """Yield a gap if the index after the data is cut, which loses no message."""
        self._file.seek(max(0, self._size_bytes - len(MAGIC)))
        if self._file.read() != MAGIC:
            detail = "Its messages are whole, its index is not. Copy it again."
            yield Gap(reason="truncated_log", detail=detail)

    def _open(self, opcode: int, length: int, at: int) -> Iterator[Logged | Facts | Gap]:
        """Yield what one record of the file says."""
        kinds = (Opcode.CHUNK, Opcode.MESSAGE, Opcode.SCHEMA, Opcode.CHANNEL, Opcode.METADATA)
        if opcode not in kinds:
            self._file.seek(length, 1)
            return
        body = b""
        if length <= MAX_CHUNK_BYTES:
            body = self._file.read(length)
        else:
            self._file.seek(length, 1)
        try:
            if not body:
                raise RefusedError("absurd_size", f"A record claims {length} bytes.")
            if opcode == Opcode.METADATA:
                said = Metadata.read(ReadDataStream(BytesIO(body)))
                yield Facts(name=said.name, values=said.metadata)
            elif opcode == Opcode.CHUNK:
                # All of it first: a chunk that is damaged halfway says nothing.
                yield from list(self._unpack(Chunk.read(ReadDataStream(BytesIO(body)))))
            else:
                yield from list(self._take(opcode, body))
        except _BROKEN as error:
            detail = f"The record at byte {at} cannot be read: {str(error).rstrip('.')}."
            reason = error.reason if isinstance(error, RefusedError) else "damaged_record"
            yield Gap(reason=reason, detail=detail)

    def _unpack(self, chunk: Chunk) -> Iterator[Logged]:
        """Yield the messages of a chunk."""
        data = memoryview(unpacked(chunk))
        if chunk.uncompressed_crc and zlib.crc32(data) != chunk.uncompressed_crc:
            raise RefusedError("damaged_record", "its check sum differs")
        at = 0
        while at < len(data):
            opcode, length = _HEAD.unpack_from(data, at)
            at += _HEAD.size
            if length > len(data) - at:
                raise RefusedError("damaged_record", "a record reaches beyond its chunk")
            yield from self._take(opcode, bytes(data[at : at + length]))
            at += length

    def _take(self, opcode: int, body: bytes) -> Iterator[Logged]:
        """Remember a schema or a channel, or yield a message."""
        stream = ReadDataStream(BytesIO(body))
        if opcode == Opcode.SCHEMA:
            schema = Schema.read(stream)
            self._schemas[schema.id] = schema
        elif opcode == Opcode.CHANNEL:
            channel = Channel.read(stream)
            self._channels[channel.id] = channel
        elif opcode == Opcode.MESSAGE:
            (channel_id,) = struct.unpack_from("<H", body)
            found = self._channels.get(channel_id)
            if found is None:
                raise RefusedError("damaged_record", f"there is no channel {channel_id}")
            _, _, t_ns, _ = struct.unpack_from("<HIQQ", body)
            about = self._schemas.get(found.schema_id)
            yield Logged(
                topic=found.topic,
                encoding=found.message_encoding,
                schema=about.name if about else "",
                facts=tuple(sorted(found.metadata.items())),
                t_ns=t_ns,
                data=body[22:],
            )


def unpacked(chunk: Chunk) -> bytes:
    """Return the records of a chunk, unpacked no further than it says.

    Args:
        chunk: The chunk.

    Returns:
        Their bytes.

    Raises:
        RefusedError: If it claims or holds too much, or is packed in an unknown way.
    """
    claimed = chunk.uncompressed_size
    if claimed > MAX_CHUNK_BYTES:
        raise RefusedError("absurd_size", f"a chunk claims {claimed} bytes")
    if chunk.compression == "zstd":
        stream = zstandard.ZstdDecompressor().stream_reader(chunk.data, read_across_frames=True)
        found = stream.read(claimed + 1)
    elif chunk.compression == "lz4":
        found = lz4.frame.LZ4FrameDecompressor().decompress(chunk.data, max_length=claimed + 1)
    elif chunk.compression == "":
        found = chunk.data
    else:
        raise RefusedError("unknown_encoding", f"{chunk.compression!r} is not unpacked")
    if len(found) != claimed:
        raise RefusedError("damaged_record", f"a chunk of {claimed} bytes does not hold them")
    return bytes(found)
