"""Names of things: id types, the canonical encoding, and content addresses.

Every address is the SHA-256 of a canonical encoding of *what a thing is*, never of when it was
made, so the same input has the same address on every machine.
"""

import hashlib
from collections.abc import Iterable
from typing import NewType, TypeVar

import msgspec

from bessemer.core.errors import IntegrityError

RecordingId = NewType("RecordingId", str)
SegmentId = NewType("SegmentId", str)
ClipId = NewType("ClipId", str)
StreamName = NewType("StreamName", str)
CalibrationId = NewType("CalibrationId", str)
VehicleId = NewType("VehicleId", str)
TaskName = NewType("TaskName", str)
OntologyId = NewType("OntologyId", str)
RevisionId = NewType("RevisionId", str)
ElementId = NewType("ElementId", str)
SpaceId = NewType("SpaceId", str)
PreprocessId = NewType("PreprocessId", str)
NetworkId = NewType("NetworkId", str)
"""The digest of a network's weights and signature."""
CommitId = NewType("CommitId", str)
NodeId = NewType("NodeId", str)
DocumentId = NewType("DocumentId", str)
ArtifactId = NewType("ArtifactId", str)
"""The SHA-256 of a file's bytes."""

T = TypeVar("T")


def encode(value: object) -> bytes:
    """Return the canonical JSON of a record: sorted keys, shortest floats, no white space.

    Args:
        value: A record, or a tree of records, tuples, dicts with string keys, and scalars.

    Returns:
        UTF-8 bytes; equal values give equal bytes.

    Example:
        >>> encode({"b": 1, "a": (1.5, None)})
        b'{"a":[1.5,null],"b":1}'
    """
    return msgspec.json.encode(value, order="deterministic")


def decode(data: bytes, kind: type[T], *, where: str = "") -> T:
    """Return the record of type ``kind`` that ``data`` encodes, checked field by field.

    Args:
        data: What :func:`encode` returned.
        kind: The record's type.
        where: Named in the error.

    Returns:
        The record.

    Raises:
        IntegrityError: If ``data`` is not such a record.
    """
    try:
        return msgspec.json.decode(data, type=kind)
    except (msgspec.DecodeError, msgspec.ValidationError) as error:
        raise IntegrityError(
            f"This is not a {kind.__name__}: {error}.",
            where=where,
            fix="It was damaged, or written by another version.",
        ) from error


def content_id(kind: str, value: object) -> str:
    """Return the address of a record: the SHA-256 of its kind and canonical encoding, in hex.

    Args:
        kind: A word that keeps records of different kinds apart.
        value: As for :func:`encode`.

    Returns:
        64 hexadecimal digits.
    """
    return hashlib.sha256(kind.encode() + b"\0" + encode(value)).hexdigest()


def bytes_id(kind: str, parts: Iterable[bytes]) -> str:
    """Return the address of a sequence of byte strings; the borders between them count.

    Args:
        kind: A word that keeps things of different kinds apart.
        parts: The byte strings, in order.

    Returns:
        64 hexadecimal digits.
    """
    digest = hashlib.sha256(kind.encode() + b"\0")
    for part in parts:
        digest.update(len(part).to_bytes(8, "little"))
        digest.update(part)
    return digest.hexdigest()


def unit_interval(address: str) -> float:
    """Return a number in [0, 1) drawn by the address itself, the same on every machine.

    Args:
        address: At least 13 hexadecimal digits.

    Returns:
        The first 52 bits as a fraction.

    Example:
        >>> unit_interval("8" + "0" * 63)
        0.5
    """
    return int(address[:13], 16) / float(1 << 52)
