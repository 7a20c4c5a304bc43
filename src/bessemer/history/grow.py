"""Growing a map: building one in bulk, and editing one at the cost of what changes.

Cost: building n rows O(n log n); an edit of k rows reads and writes O(k * depth) nodes, where
depth is about log16(n / 64). Reads are batched by level, writes go out in large batches.
"""

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

from bessemer.core.ids import NodeId
from bessemer.history.nodes import (
    LEAF_ROWS,
    Link,
    Node,
    NodeReader,
    branch_of,
    count_at,
    id_at,
    leaf_of,
    link_to,
    seal_node,
)
from bessemer.history.rows import Row, path_of
from bessemer.history.sides import shared_prefix

_BATCH_NODES = 4_096
_AFTER_DIGITS = "g"

Part: TypeAlias = Link | list[Row]
"""A subtree: written already, or so few rows that they may yet share a leaf with others."""


def build_root(reader: NodeReader, rows: Iterable[Row]) -> NodeId:
    """Write the map of ``rows`` and return its root; of two rows with one key the last stands."""
    grower = Grower(reader)
    return grower.finish(grower.plant(sorted({path_of(row): row for row in rows}.values())))


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
    grower = Grower(reader, known)
    link = link_to(root, known[root].count)
    return grower.finish(grower.edit(link, [(path, changes[path]) for path in paths]))


def nodes_on_paths(reader: NodeReader, root: NodeId, paths: Sequence[str]) -> dict[NodeId, Node]:
    """Return every node from the root towards ``paths`` (sorted), read level by level."""
    known: dict[NodeId, Node] = {}
    level = [(root, 0, len(paths))]
    while level:
        nodes = reader.read_many([node_id for node_id, _, _ in level])
        known.update(nodes)
        level = [
            below
            for node_id, low, high in level
            for below in _children_on_paths(nodes[node_id], paths, low, high)
        ]
    return known


def _children_on_paths(
    node: Node, paths: Sequence[str], low: int, high: int
) -> Iterator[tuple[NodeId, int, int]]:
    """Yield the children towards ``paths[low:high]``, each with its part of them."""
    if not node.children:
        return
    links = node.links()
    depth = len(node.prefix)
    low = bisect_left(paths, node.prefix, low, high)
    while low < high and paths[low].startswith(node.prefix):
        digit = paths[low][depth]
        after = bisect_left(paths, node.prefix + digit + _AFTER_DIGITS, low, high)
        if digit in links:
            yield id_at(links[digit]), low, after
        low = after


class Grower:
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
        return id_at(link)

    def plant(self, rows: list[Row]) -> Part:
        """Return the subtree of ``rows``, sorted by path."""
        if len(rows) <= LEAF_ROWS:
            return rows
        prefix = shared_prefix(rows[0], rows[-1])
        depth = len(prefix)
        groups = groupby(rows, key=lambda row: row[depth])
        return self.branch(prefix, {digit: self.plant(list(group)) for digit, group in groups})

    def branch(self, prefix: str, parts: Mapping[str, Part]) -> Part:
        """Return the subtree of ``parts`` below ``prefix``: no branch where a leaf will do."""
        counts = {digit: _count(part) for digit, part in sorted(parts.items())}
        full = {digit: parts[digit] for digit, count in counts.items() if count}
        total = sum(counts.values())
        if total <= LEAF_ROWS:
            return [row for part in full.values() for row in self.gather(part)]
        if len(full) == 1:
            return next(iter(full.values()))
        links = {digit: self.close(part) for digit, part in full.items()}
        return self.write(branch_of(prefix, links), total)

    def edit(self, link: Link, changes: Sequence[tuple[str, Row | None]]) -> Part:
        """Return what ``changes``, sorted by path, make of a subtree."""
        node = self.node(link)
        if not node.children:
            return self.plant(_edited(node.rows(), changes))
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

    def graft(self, part: Part, rows: list[Row]) -> Part:
        """Return the subtree of ``part`` and of ``rows`` that stand outside of its prefix."""
        if not rows:
            return part
        if isinstance(part, list):
            return self.plant(sorted(part + rows))
        own = self.node(part).prefix
        prefix = shared_prefix(own, shared_prefix(rows[0], rows[-1]))
        depth = len(prefix)
        parts: dict[str, Part] = {own[depth]: part}
        for digit, group in groupby(rows, key=lambda row: row[depth]):
            beside = list(group)
            shared = digit == own[depth]
            parts[digit] = self.graft(part, beside) if shared else self.plant(beside)
        return self.branch(prefix, parts)

    def gather(self, part: Part) -> list[Row]:
        """Return all rows of a small subtree."""
        if isinstance(part, list):
            return part
        node = self.node(part)
        below = (row for link in node.links().values() for row in self.gather(link))
        return node.rows() + list(below)

    def close(self, part: Part) -> Link:
        """Return the subtree as a link, writing the leaf if it is one."""
        if not isinstance(part, list):
            return part
        return self.write(leaf_of(part), len(part))

    def write(self, node: Node, count: int) -> Link:
        """Note a node to be written, unless it was read from there."""
        node_id, data = seal_node(node)
        if node_id not in self.known:
            self.pending[node_id] = data
            self.fresh[node_id] = node
            if len(self.pending) >= _BATCH_NODES:
                self.flush()
        return link_to(node_id, count)

    def flush(self) -> None:
        """Write the nodes noted so far."""
        if self.pending:
            self.reader.store.put_many(self.pending)
        self.pending = {}
        self.fresh = {}

    def node(self, link: Link) -> Node:
        """Return a node of this edit, or of the store."""
        node_id = id_at(link)
        known = self.known.get(node_id) or self.fresh.get(node_id)
        return known or self.reader.read(node_id)


def _count(part: Part) -> int:
    return len(part) if isinstance(part, list) else count_at(part)


def _present(changes: Iterable[tuple[str, Row | None]]) -> list[Row]:
    return [row for _, row in changes if row is not None]


def _edited(rows: list[Row], changes: Iterable[tuple[str, Row | None]]) -> list[Row]:
    """Return what ``changes``, sorted by path, make of a leaf's rows, and change these."""
    for path, row in changes:
        at = bisect_left(rows, path)
        stands = at < len(rows) and rows[at].startswith(path)
        rows[at : at + stands] = [] if row is None else [row]
    return rows
