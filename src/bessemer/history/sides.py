"""What several maps hold at one place, and opening that place one level down.

Reading two maps side by side, or three, is a walk over places: of a place where the maps agree
nothing is read, every other one is opened.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import TypeAlias

from bessemer.core.ids import NodeId
from bessemer.history.nodes import Link, Node, NodeReader, id_at, link_to
from bessemer.history.rows import Row

Side: TypeAlias = Link | list[Row]
"""What one map holds at a place: a subtree not read yet, or rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cut:
    """A place opened: what each map holds, by the digit after the ``prefix`` that all share."""

    prefix: str
    sides: tuple[dict[str, Side], ...]

    def places(self) -> list[tuple[str, tuple[Side, ...]]]:
        """Return the places below by their digits, sorted, with what each map holds there."""
        digits = sorted(set().union(*self.sides))
        return [(digit, tuple(side.get(digit, []) for side in self.sides)) for digit in digits]


def tops(reader: NodeReader, *roots: NodeId | None) -> tuple[Side, ...]:
    """Return all that each map holds; nothing, for ``None``."""
    nodes = reader.read_many([root for root in roots if root is not None])
    return tuple([] if root is None else link_to(root, nodes[root].count) for root in roots)


def links_among(sides: Sequence[Side]) -> list[NodeId]:
    """Return the addresses of the nodes that :func:`open_sides` needs."""
    return [id_at(side) for side in sides if not isinstance(side, list)]


def open_sides(sides: Sequence[Side], nodes: Mapping[NodeId, Node]) -> Cut | list[list[Row]]:
    """Return what lies below a place, or its rows if no map branches there.

    Args:
        sides: What each map holds.
        nodes: Has the nodes of :func:`links_among`.

    Returns:
        The cut, or the rows of each map.
    """
    contents = [_content(side, nodes) for side in sides]
    branches = [content for content in contents if isinstance(content, Node)]
    rows = [content for content in contents if not isinstance(content, Node)]
    if not branches:
        return rows
    prefix = _prefix(branches, rows)
    cut = tuple(_cut(*both, len(prefix)) for both in zip(sides, contents, strict=True))
    return Cut(prefix=prefix, sides=cut)


def shared_prefix(left: str, right: str) -> str:
    """Return the longest beginning of both."""
    pairs = zip(left, right, strict=False)
    return left[: next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(left), len(right)))]


def _content(side: Side, nodes: Mapping[NodeId, Node]) -> Node | list[Row]:
    if isinstance(side, list):
        return side
    node = nodes[id_at(side)]
    return node if node.children else node.rows()


def _prefix(branches: list[Node], rows: list[list[Row]]) -> str:
    ends = {node.prefix for node in branches}
    ends.update(end for held in rows if held for end in (held[0], held[-1]))
    return shared_prefix(min(ends), max(ends))


def _cut(side: Side, content: Node | list[Row], depth: int) -> dict[str, Side]:
    if not isinstance(content, Node):
        return {digit: list(rows) for digit, rows in groupby(content, key=lambda row: row[depth])}
    if len(content.prefix) == depth:
        return dict(content.links())
    return {content.prefix[depth]: side}
