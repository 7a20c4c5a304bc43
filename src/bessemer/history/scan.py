"""Comparing two maps side by side, in the order of their keys, reading only where they differ.

One walk serves three needs: a difference (two maps), a listing (nothing beside a map), and a
listing of one recording (the same, held to a prefix).

Cost: O(k * depth) nodes for k differing rows; memory is bounded by the window, not by k.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from bessemer.core.history import Change
from bessemer.core.ids import NodeId
from bessemer.history.nodes import Node, NodeReader
from bessemer.history.rows import Row, key_of, path_of, revision_of
from bessemer.history.sides import Cut, Side, links_among, open_sides, tops

_WINDOW_PAIRS = 1_024

Pair: TypeAlias = tuple[str, Sequence[Side]]
"""A place, and what the two maps hold there."""
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
    waiting: deque[Pair] = deque([("", tops(reader, before, after))])
    while waiting:
        settled = [side for side in waiting[0][1] if isinstance(side, list)]
        if len(settled) == len(waiting[0][1]):
            waiting.popleft()
            yield from _differing_rows(settled[0], settled[1], within)
            continue
        window = [waiting.popleft() for _ in range(min(_WINDOW_PAIRS, len(waiting)))]
        nodes = reader.read_many([link for _, sides in window for link in links_among(sides)])
        opened = [part for pair in window for part in _open(pair, nodes, within)]
        waiting.extendleft(reversed(opened))


def change_of(rows: RowChange) -> Change:
    """Return the record of a changed row."""
    before, after = rows
    row = after if after is not None else before
    assert row is not None
    return Change(
        key=key_of(row),
        before=revision_of(before) if before is not None else None,
        after=revision_of(after) if after is not None else None,
    )


def _open(pair: Pair, nodes: Mapping[NodeId, Node], within: str) -> list[Pair]:
    """Return the pairs one level below ``pair``, in order, those that are equal left out."""
    place, sides = pair
    cut = open_sides(sides, nodes)
    if not isinstance(cut, Cut):
        return [(place, cut)]
    return [
        (cut.prefix + digit, below)
        for digit, below in cut.places()
        if below[0] != below[1] and _meets(cut.prefix + digit, within)
    ]


def _meets(place: str, within: str) -> bool:
    return place.startswith(within) or within.startswith(place)


def _differing_rows(before: list[Row], after: list[Row], within: str) -> Iterator[RowChange]:
    """Yield the rows in which two leaves differ; the equal ones are never taken apart."""
    equal = set(before) & set(after)
    old, new = ({path_of(row): row for row in rows if row not in equal} for rows in (before, after))
    for path in sorted(old.keys() | new.keys()):
        if path.startswith(within):
            yield old.get(path), new.get(path)
