"""Nodes of the Merkle map: their shape, their addresses, and reading them back checked.

The map is a radix trie over the *path* of a key: hex digits of a hash of the recording, then the
start, the end and the task. So units of one recording stand side by side in the order of time,
and recordings spread evenly. A node holds either rows (a leaf, at most ``LEAF_ROWS``) or children
by the next hex digit after the longest prefix all its keys share (a branch, never with fewer).
The shape follows from the contents alone, not from how they came to be.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from bessemer.core.errors import IntegrityError
from bessemer.core.history import Entry, NodeStore, UnitKey
from bessemer.core.ids import NodeId, RecordingId, RevisionId, TaskName, decode, encode
from bessemer.core.records import Stretch

LEAF_ROWS = 64
"""More rows than this are split, as many or fewer stand in one leaf."""

RECORDING_DIGITS = 32
_OFFSET = 1 << 63
_CACHED_NODES = 16_384

Row: TypeAlias = tuple[RecordingId, int, int, TaskName, RevisionId]
"""Recording, start_ns, end_ns, task, revision: an entry without the cost of its records."""

PathedRow: TypeAlias = tuple[str, Row]
"""A row behind its path."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A subtree by address, with the number of rows below it; more than a leaf means a branch."""

    node_id: NodeId
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A leaf (``rows``, sorted by path) or a branch (``prefix`` from the root and ``children``).

    Attributes:
        prefix: Digits shared by every path below a branch; empty for a leaf.
        children: Next digit, address and number of rows, sorted by digit.
        rows: The rows of a leaf.
    """

    prefix: str = ""
    children: tuple[tuple[str, NodeId, int], ...] = ()
    rows: tuple[Row, ...] = ()

    @property
    def count(self) -> int:
        """The number of rows at or below this node."""
        return len(self.rows) + sum(count for _, _, count in self.children)

    def links(self) -> dict[str, Link]:
        """Return the children by digit."""
        return {
            digit: Link(node_id=node_id, count=count) for digit, node_id, count in self.children
        }


@lru_cache(maxsize=65_536)
def recording_path(recording_id: RecordingId) -> str:
    """Return the digits under which all units of a recording stand."""
    digest = hashlib.sha256(b"recording_path\0" + recording_id.encode())
    return digest.hexdigest()[:RECORDING_DIGITS]


@lru_cache(maxsize=4_096)
def _task_path(task: TaskName) -> str:
    # The closing NUL keeps one path from being the beginning of another.
    return task.encode().hex() + "00"


def path_of(recording_id: RecordingId, start_ns: int, end_ns: int, task: TaskName) -> str:
    """Return the path of a key: equal for equal keys only, ordered by time in a recording."""
    when = f"{start_ns + _OFFSET:016x}{end_ns + _OFFSET:016x}"
    return recording_path(recording_id) + when + _task_path(task)


def path_of_key(key: UnitKey) -> str:
    """Return the path of ``key``."""
    return path_of(key.unit.recording_id, key.unit.start_ns, key.unit.end_ns, key.task)


def pathed(rows: Iterable[Row]) -> list[PathedRow]:
    """Return ``rows`` behind their paths, in their order."""
    return [(path_of(row[0], row[1], row[2], row[3]), row) for row in rows]


def row_of(key: UnitKey, revision_id: RevisionId) -> Row:
    """Return the row of an entry."""
    return (key.unit.recording_id, key.unit.start_ns, key.unit.end_ns, key.task, revision_id)


def key_of(row: Row) -> UnitKey:
    """Return the key of a row."""
    unit = Stretch(recording_id=row[0], start_ns=row[1], end_ns=row[2])
    return UnitKey(unit=unit, task=row[3])


def entry_of(row: Row) -> Entry:
    """Return the entry of a row."""
    return Entry(key=key_of(row), revision_id=row[4])


def seal(kind: str, record: object) -> tuple[NodeId, bytes]:
    """Return the address and bytes of a record, as ``content_id`` would address it."""
    data = encode(record)
    return NodeId(hashlib.sha256(kind.encode() + b"\0" + data).hexdigest()), data


def read_sealed(store: NodeStore, kind: str, ids: Collection[NodeId]) -> Mapping[NodeId, bytes]:
    """Return the bytes of ``ids``, each checked against its address.

    Args:
        store: Where they lie.
        kind: The word they were sealed with.
        ids: Addresses.

    Returns:
        The bytes by address.

    Raises:
        IntegrityError: If one is missing or does not match its address.
    """
    found = store.get_many(ids)
    for node_id in ids:
        data = found.get(node_id)
        if data is None:
            raise IntegrityError(
                f"The history lacks a {kind}.", where=node_id, fix="Restore the store's backup."
            )
        if hashlib.sha256(kind.encode() + b"\0" + data).hexdigest() != node_id:
            raise IntegrityError(
                f"The bytes of a {kind} do not match its address.",
                where=node_id,
                fix="The store is damaged: restore its backup.",
            )
    return found


class NodeReader:
    """Reads nodes in batches, checks each against its address, and keeps those read last."""

    def __init__(self, store: NodeStore) -> None:
        self.store = store
        self._cache: dict[NodeId, Node] = {}

    def read_many(self, ids: Collection[NodeId]) -> dict[NodeId, Node]:
        """Return the nodes by address; one query for all that are not kept.

        Args:
            ids: Addresses of nodes.

        Returns:
            Every node asked for.

        Raises:
            IntegrityError: If one is missing or damaged.
        """
        found = {node_id: self._cache[node_id] for node_id in ids if node_id in self._cache}
        wanted = list(dict.fromkeys(node_id for node_id in ids if node_id not in found))
        if not wanted:
            return found
        for node_id, data in read_sealed(self.store, "history_node", wanted).items():
            found[node_id] = decode(data, Node, where=node_id)
        if len(self._cache) + len(found) > _CACHED_NODES:
            self._cache.clear()
        self._cache.update(found)
        return found

    def read(self, node_id: NodeId) -> Node:
        """Return one node.

        Args:
            node_id: Its address.

        Returns:
            The node.

        Raises:
            IntegrityError: If it is missing or damaged.
        """
        return self.read_many((node_id,))[node_id]
