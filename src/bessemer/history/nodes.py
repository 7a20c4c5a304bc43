"""Nodes of the Merkle map: their shape, their addresses, and reading them back checked.

The map is a radix trie over the paths of its rows. A node holds either rows (a leaf, at most
``LEAF_ROWS``) or children by the next hex digit after the longest prefix all its paths share (a
branch, never with fewer rows). The shape follows from the contents alone, not from how they came
to be. No child and no row is taken apart before it is asked for: a node costs little to pass
through.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NewType

from bessemer.core.errors import IntegrityError
from bessemer.core.history import NodeStore
from bessemer.core.ids import NodeId, RecordingId, decode, encode
from bessemer.history.rows import RECORDING_DIGITS, Row, recording_of, recording_path, row_end

LEAF_ROWS = 64
"""More rows than this are split, as many or fewer stand in one leaf."""

_KIND = "map_node"
_ID_DIGITS = 64
_CACHED_NODES = 16_384

Link = NewType("Link", str)
"""A subtree: its address, and behind it the number of its rows; more than a leaf is a branch."""


def link_to(node_id: NodeId, count: int) -> Link:
    """Return the link to a node that has ``count`` rows at or below it."""
    return Link(f"{node_id}{count}")


def id_at(link: Link) -> NodeId:
    """Return the address in a link."""
    return NodeId(link[:_ID_DIGITS])


def count_at(link: Link) -> int:
    """Return the number of rows in a link."""
    return int(link[_ID_DIGITS:])


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A leaf (``recordings``) or a branch (``prefix`` from the root and ``children``).

    Attributes:
        prefix: Digits shared by every path below a branch; empty for a leaf.
        children: Next digit and link as one text, sorted.
        recordings: The rows of a leaf, sorted; each recording is named once, and its rows lack
            the beginning and the end that follow from its name.
    """

    prefix: str = ""
    children: tuple[str, ...] = ()
    recordings: tuple[tuple[RecordingId, tuple[str, ...]], ...] = ()

    @property
    def count(self) -> int:
        """The number of rows at or below this node."""
        below = sum(count_at(Link(child[1:])) for child in self.children)
        return below + sum(len(rows) for _, rows in self.recordings)

    def links(self) -> dict[str, Link]:
        """Return the children by digit."""
        return {child[0]: Link(child[1:]) for child in self.children}

    def rows(self) -> list[Row]:
        """Return the rows of a leaf."""
        whole: list[Row] = []
        for recording_id, rows in self.recordings:
            start, end = recording_path(recording_id), row_end(recording_id)
            whole += [Row(f"{start}{row}{end}") for row in rows]
        return whole


def branch_of(prefix: str, links: Mapping[str, Link]) -> Node:
    """Return the branch with ``links``, sorted by digit, below ``prefix``."""
    return Node(prefix=prefix, children=tuple(digit + link for digit, link in links.items()))


def leaf_of(rows: Sequence[Row]) -> Node:
    """Return the leaf with ``rows``, sorted."""
    recordings = []
    for _, group in groupby(rows, key=_recording_digits):
        same = list(group)
        recording_id = recording_of(same[0])
        end = -len(row_end(recording_id))
        recordings.append((recording_id, tuple([row[RECORDING_DIGITS:end] for row in same])))
    return Node(recordings=tuple(recordings))


def _recording_digits(row: Row) -> str:
    return row[:RECORDING_DIGITS]


def seal(kind: str, record: object) -> tuple[NodeId, bytes]:
    """Return the address and bytes of a record, as ``content_id`` would address it."""
    data = encode(record)
    return NodeId(hashlib.sha256(kind.encode() + b"\0" + data).hexdigest()), data


def seal_node(node: Node) -> tuple[NodeId, bytes]:
    """Return the address and bytes of a node."""
    return seal(_KIND, node)


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
    head = kind.encode() + b"\0"
    for node_id in ids:
        data = found.get(node_id)
        if data is None:
            raise IntegrityError(
                f"The history lacks a {kind}.", where=node_id, fix="Restore the store's backup."
            )
        if hashlib.sha256(head + data).hexdigest() != node_id:
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
        for node_id, data in read_sealed(self.store, _KIND, wanted).items():
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
