"""Growing a map: building one in bulk, and editing one at the cost of what changes.

Cost: building n rows O(n log n); an edit of k rows reads and writes O(k * depth) nodes, where
depth is about log16(n / 64). Reads are batched by level, writes go out in large batches.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

from bessemer.core.ids import NodeId
from bessemer.history.nodes import (
    LEAF_ROWS,
    Link,
    Node,
    NodeReader,
    PathedRow,
    Row,
    pathed,
    seal,
)

_BATCH_NODES = 4_096

Part: TypeAlias = Link | list[PathedRow]
"""A subtree: written already, or so few rows that they may yet share a leaf with others."""


def build_root(reader: NodeReader, rows: Iterable[Row]) -> NodeId:
    """Write the map of ``rows`` and return its root; of two rows with one key the last stands."""
    grower = _Grower(reader)
    return grower.finish(grower.plant(sorted(dict(pathed(rows)).items())))


def edit_root(reader: NodeReader, root: NodeId, changes: Mapping[str, Row | None]) -> NodeId:
    """Write the map that ``changes`` make of ``root`` and return its root.

    Args:
        reader: Reads the store that is also written to.
        root: The map before.
        changes: The new row by path; ``None`` removes, and is no error where nothing stands.

    Returns:
        The map after: the same root that building it from nothing would give.
    """
    paths = sorted(changes)
    if not paths:
        return root
    known = nodes_on_paths(reader, root, paths)
    grower = _Grower(reader, known)
    link = Link(node_id=root, count=known[root].count)
    return grower.finish(grower.edit(link, [(path, changes[path]) for path in paths]))


def nodes_on_paths(reader: NodeReader, root: NodeId, paths: Sequence[str]) -> dict[NodeId, Node]:
    """Return every node from the root towards ``paths`` (sorted), read level by level."""
    known: dict[NodeId, Node] = {}
    level = [(root, 0, len(paths))]
    while level:
        nodes = reader.read_many([node_id for node_id, _, _ in level])
        known.update(nodes)
        below = []
        for node_id, low, high in level:
            node = nodes[node_id]
            for digit, child_id, _ in node.children:
                start = node.prefix + digit
                first = bisect_left(paths, start, low, high)
                last = bisect_left(paths, start + "g", first, high)
                if first < last:
                    below.append((child_id, first, last))
        level = below
    return known


class _Grower:
    """One edit: the nodes it has read, and those it is about to write."""

    def __init__(self, reader: NodeReader, known: dict[NodeId, Node] | None = None) -> None:
        self.reader = reader
        self.known = {} if known is None else known
        self.pending: dict[NodeId, bytes] = {}
        self.fresh: dict[NodeId, Node] = {}

    def finish(self, part: Part) -> NodeId:
        """Write what is left and return the root."""
        link = self.close(part)
        self.flush()
        return link.node_id

    def plant(self, rows: list[PathedRow]) -> Part:
        """Return the subtree of ``rows``, sorted by path."""
        if len(rows) <= LEAF_ROWS:
            return rows
        prefix = _shared(rows[0][0], rows[-1][0])
        depth = len(prefix)
        groups = groupby(rows, key=lambda pair: pair[0][depth])
        return self.branch(prefix, {digit: self.plant(list(group)) for digit, group in groups})

    def branch(self, prefix: str, parts: Mapping[str, Part]) -> Part:
        """Return the subtree of ``parts`` below ``prefix``: no branch where a leaf will do."""
        full = {digit: part for digit, part in sorted(parts.items()) if _count(part)}
        if sum(_count(part) for part in full.values()) <= LEAF_ROWS:
            return [row for part in full.values() for row in self.gather(part)]
        if len(full) == 1:
            return next(iter(full.values()))
        links = {digit: self.close(part) for digit, part in full.items()}
        children = tuple((digit, link.node_id, link.count) for digit, link in links.items())
        return self.write(Node(prefix=prefix, children=children))

    def edit(self, link: Link, changes: Sequence[tuple[str, Row | None]]) -> Part:
        """Return what ``changes``, sorted by path, make of a subtree."""
        node = self.node(link)
        if not node.children:
            kept: dict[str, Row | None] = {**dict(pathed(node.rows)), **dict(changes)}
            return self.plant(_present(sorted(kept.items())))
        depth = len(node.prefix)
        inside = [change for change in changes if change[0].startswith(node.prefix)]
        outside = _present(c for c in changes if not c[0].startswith(node.prefix))
        links = node.links()
        parts: dict[str, Part] = dict(links)
        for digit, group in groupby(inside, key=lambda change: change[0][depth]):
            below = list(group)
            old = links.get(digit)
            parts[digit] = self.edit(old, below) if old else self.plant(_present(below))
        return self.graft(self.branch(node.prefix, parts), outside)

    def graft(self, part: Part, rows: list[PathedRow]) -> Part:
        """Return the subtree of ``part`` and of ``rows`` that stand outside of its prefix."""
        if not rows:
            return part
        if not isinstance(part, Link):
            return self.plant(sorted(part + rows))
        own = self.node(part).prefix
        prefix = _shared(own, _shared(rows[0][0], rows[-1][0]))
        depth = len(prefix)
        parts: dict[str, Part] = {own[depth]: part}
        for digit, group in groupby(rows, key=lambda pair: pair[0][depth]):
            beside = list(group)
            shared = digit == own[depth]
            parts[digit] = self.graft(part, beside) if shared else self.plant(beside)
        return self.branch(prefix, parts)

    def gather(self, part: Part) -> list[PathedRow]:
        """Return all rows of a small subtree."""
        if not isinstance(part, Link):
            return part
        node = self.node(part)
        below = (row for link in node.links().values() for row in self.gather(link))
        return pathed(node.rows) + list(below)

    def close(self, part: Part) -> Link:
        """Return the subtree as a link, writing the leaf if it is one."""
        if isinstance(part, Link):
            return part
        return self.write(Node(rows=tuple(row for _, row in part)))

    def write(self, node: Node) -> Link:
        """Note a node to be written, unless it was read from there."""
        node_id, data = seal("history_node", node)
        if node_id not in self.known:
            self.pending[node_id] = data
            self.fresh[node_id] = node
            if len(self.pending) >= _BATCH_NODES:
                self.flush()
        return Link(node_id=node_id, count=node.count)

    def flush(self) -> None:
        """Write the nodes noted so far."""
        if self.pending:
            self.reader.store.put_many(self.pending)
        self.pending = {}
        self.fresh = {}

    def node(self, link: Link) -> Node:
        """Return a node of this edit, or of the store."""
        known = self.known.get(link.node_id) or self.fresh.get(link.node_id)
        return known or self.reader.read(link.node_id)


def _count(part: Part) -> int:
    return part.count if isinstance(part, Link) else len(part)


def _present(changes: Iterable[tuple[str, Row | None]]) -> list[PathedRow]:
    return [(path, row) for path, row in changes if row is not None]


def _shared(left: str, right: str) -> str:
    """Return the longest beginning of both."""
    pairs = zip(left, right, strict=False)
    return left[: next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))]
