"""Joining two maps that started from a third: the three-way merge of tries.

Where only one side changed a subtree, that subtree stands as it is and is not read.
Cost: O(depth) nodes for each path that *both* sides went, however much each of them changed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bessemer.core.ids import NodeId
from bessemer.history.grow import Grower, Part
from bessemer.history.nodes import Node, NodeReader
from bessemer.history.rows import Row, path_of
from bessemer.history.sides import Cut, Side, links_among, open_sides, tops


@dataclass(frozen=True, slots=True, kw_only=True)
class RowContest:
    """The rows at a path that both sides changed, and not to the same; ``None`` is no row."""

    base: Row | None
    ours: Row | None
    theirs: Row | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Join:
    """The root of a joined map, which has the base's rows where there are contests."""

    root: NodeId
    contests: tuple[RowContest, ...]


@dataclass(slots=True, kw_only=True)
class _Place:
    """A place in the three maps, and what lies below it where both sides changed it."""

    sides: Sequence[Side]
    prefix: str = ""
    below: "dict[str, _Place]" = field(default_factory=dict)
    rows: list[list[Row]] = field(default_factory=list)

    def one_sided(self) -> Side | None:
        """Return what stands here without reading on; ``None`` if both sides changed it."""
        base, ours, theirs = self.sides
        if theirs in (ours, base):
            return ours
        return theirs if base == ours else None

    def open(self, nodes: Mapping[NodeId, Node]) -> None:
        """Note what lies below."""
        cut = open_sides(self.sides, nodes)
        if isinstance(cut, Cut):
            self.prefix = cut.prefix
            self.below = {digit: _Place(sides=sides) for digit, sides in cut.places()}
        else:
            self.rows = cut


def join_roots(reader: NodeReader, base: NodeId, ours: NodeId, theirs: NodeId) -> Join:
    """Write the map with the changes of both sides since ``base``.

    Args:
        reader: Reads the store that is also written to.
        base: Root of the map that both started from.
        ours: Root of one side.
        theirs: Root of the other; which is which does not matter for the root of the join.

    Returns:
        The root and the contests, in the order of their paths.

    Raises:
        IntegrityError: If a node on the way is missing or damaged.
    """
    whole = _Place(sides=tops(reader, base, ours, theirs))
    known: dict[NodeId, Node] = {}
    level = [whole]
    while level := [place for place in level if place.one_sided() is None]:
        wanted = [node_id for place in level for node_id in links_among(place.sides)]
        known.update(reader.read_many(wanted))
        for place in level:
            place.open(known)
        level = [below for place in level for below in place.below.values()]
    grower = Grower(reader, known)
    contests: list[RowContest] = []
    root = grower.finish(_join(grower, whole, contests))
    return Join(root=root, contests=tuple(contests))


def _join(grower: Grower, place: _Place, contests: list[RowContest]) -> Part:
    """Return the subtree of a place, noting its contests."""
    stands = place.one_sided()
    if stands is not None:
        return stands
    if place.rows:
        base, ours, theirs = place.rows
        return grower.plant(_join_rows(base, ours, theirs, contests))
    parts = {digit: _join(grower, below, contests) for digit, below in place.below.items()}
    return grower.branch(place.prefix, parts)


def _join_rows(
    base: list[Row], ours: list[Row], theirs: list[Row], contests: list[RowContest]
) -> list[Row]:
    """Return the rows of three leaves joined, noting the contests."""
    kept = set(base) & set(ours) & set(theirs)
    old, mine, yours = (
        {path_of(row): row for row in rows if row not in kept} for rows in (base, ours, theirs)
    )
    joined = list(kept)
    for path in sorted(old.keys() | mine.keys() | yours.keys()):
        before, left, right = old.get(path), mine.get(path), yours.get(path)
        row = left if right in (left, before) else right
        if before not in (left, right) and left != right:
            contests.append(RowContest(base=before, ours=left, theirs=right))
            row = before
        if row is not None:
            joined.append(row)
    return sorted(joined)
