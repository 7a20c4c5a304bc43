"""Comparing two maps side by side, in the order of their keys, reading only where they differ.

One walk serves three needs: a difference (two maps), a listing (nothing beside a map), and a
listing of one recording (the same, held to a prefix).

Cost: O(k * depth) nodes for k differing rows; memory is bounded by the window, not by k.
"""

from collections import deque
from collections.abc import Iterator
from itertools import groupby
from typing import TypeAlias

from bessemer.core.history import Change
from bessemer.core.ids import NodeId
from bessemer.history.nodes import Link, Node, NodeReader, PathedRow, Row, key_of, pathed

_WINDOW_PAIRS = 256

Side: TypeAlias = Link | list[PathedRow]
"""What one map holds at a place: a subtree not read yet, or rows."""

Pair: TypeAlias = tuple[Side, Side]
RowChange: TypeAlias = tuple[Row | None, Row | None]


def row_changes(
    reader: NodeReader, before: NodeId | None, after: NodeId | None, within: str = ""
) -> Iterator[RowChange]:
    """Yield the rows in which two maps differ, in the order of their paths.

    Args:
        reader: Reads both maps.
        before: Root of the first map; ``None`` for an empty one.
        after: Root of the second map; ``None`` for an empty one.
        within: Only paths that begin so.

    Yields:
        The row before and the row after; ``None`` where a map has none.

    Raises:
        IntegrityError: If a node is missing or damaged.
    """
    waiting: deque[Pair] = deque([(_top(before), _top(after))])
    while waiting:
        if _is_settled(waiting[0]):
            yield from _differing_rows(waiting.popleft(), within)
            continue
        window = [waiting.popleft() for _ in range(min(_WINDOW_PAIRS, len(waiting)))]
        links = [side for pair in window for side in pair if isinstance(side, Link)]
        nodes = reader.read_many([link.node_id for link in links])
        opened = [part for pair in window for part in _open(pair, nodes, within)]
        waiting.extendleft(reversed(opened))


def change_of(rows: RowChange) -> Change:
    """Return the record of a changed row."""
    before, after = rows
    row = after if after is not None else before
    assert row is not None
    return Change(
        key=key_of(row),
        before=before[4] if before is not None else None,
        after=after[4] if after is not None else None,
    )


def _top(root: NodeId | None) -> Side:
    return [] if root is None else Link(node_id=root, count=0)


def _is_settled(pair: Pair) -> bool:
    return not any(isinstance(side, Link) for side in pair)


def _open(pair: Pair, nodes: dict[NodeId, Node], within: str) -> list[Pair]:
    """Return the pairs one level below ``pair``, in order, those that are equal left out."""
    if pair[0] == pair[1]:
        return []
    left, right = (_content(side, nodes) for side in pair)
    prefixes = [side.prefix for side in (left, right) if isinstance(side, Node)]
    if not prefixes:
        assert not isinstance(left, Node)
        assert not isinstance(right, Node)
        return [(left, right)]
    prefix = min(prefixes, key=len)
    ours = _split(pair[0], left, prefix)
    theirs = _split(pair[1], right, prefix)
    places = sorted(ours.keys() | theirs.keys())
    parts = [
        (ours.get(place, []), theirs.get(place, [])) for place in places if _meets(place, within)
    ]
    return [part for part in parts if part[0] != part[1]]


def _content(side: Side, nodes: dict[NodeId, Node]) -> Node | list[PathedRow]:
    if not isinstance(side, Link):
        return side
    node = nodes[side.node_id]
    return node if node.children else pathed(node.rows)


def _split(side: Side, content: Node | list[PathedRow], prefix: str) -> dict[str, Side]:
    """Return a side cut at the digit after ``prefix``, by place; places sort as their paths do."""
    cut = len(prefix) + 1
    if not isinstance(content, Node):
        return {place: list(rows) for place, rows in groupby(content, key=lambda r: r[0][:cut])}
    if content.prefix == prefix:
        return {prefix + digit: link for digit, link in content.links().items()}
    return {content.prefix[:cut]: side}


def _meets(place: str, within: str) -> bool:
    return place.startswith(within) or within.startswith(place)


def _differing_rows(pair: Pair, within: str) -> Iterator[RowChange]:
    before, after = (dict(side) for side in pair if not isinstance(side, Link))
    for path in sorted(before.keys() | after.keys()):
        old, new = before.get(path), after.get(path)
        if old != new and path.startswith(within):
            yield old, new
