"""The Merkle map (unit, task) -> label revision, as an immutable value.

Its root depends on its contents alone: not on the order they came in, nor on what was there
before. Two maps share every subtree in which they agree.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from bessemer.core.history import Change, Entry, UnitKey
from bessemer.core.ids import NodeId, RecordingId, RevisionId
from bessemer.history.grow import build_root, edit_root, nodes_on_paths
from bessemer.history.nodes import NodeReader
from bessemer.history.rows import (
    Row,
    entry_of,
    path_of,
    path_of_key,
    recording_path,
    revision_of,
    row_of,
)
from bessemer.history.scan import change_of, row_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitMap:
    """One version of the map; every change gives another."""

    reader: NodeReader = field(repr=False, compare=False)
    root: NodeId

    @classmethod
    def build(cls, reader: NodeReader, entries: Iterable[Entry]) -> "UnitMap":
        """Write the map of ``entries`` in bulk; of two with one key the last stands."""
        rows = (row_of(path_of_key(e.key), e.key, e.revision_id) for e in entries)
        return cls(reader=reader, root=build_root(reader, rows))

    def edit(self, *, put: Iterable[Entry] = (), remove: Iterable[UnitKey] = ()) -> "UnitMap":
        """Return the map without ``remove`` and then with ``put``, written at their cost.

        Args:
            put: Entries that replace what stands at their keys.
            remove: Keys to take out; one that is not there is no error.

        Returns:
            The map after; the same value if nothing changed.

        Raises:
            IntegrityError: If a node on the way is missing or damaged.
        """
        changes: dict[str, Row | None] = {path_of_key(key): None for key in remove}
        for entry in put:
            path = path_of_key(entry.key)
            changes[path] = row_of(path, entry.key, entry.revision_id)
        return UnitMap(reader=self.reader, root=edit_root(self.reader, self.root, changes))

    def get_many(self, keys: Iterable[UnitKey]) -> dict[UnitKey, RevisionId]:
        """Return the revisions at those of ``keys`` that have one, reading only their paths."""
        by_path = {path_of_key(key): key for key in keys}
        nodes = nodes_on_paths(self.reader, self.root, sorted(by_path))
        return {
            by_path[path_of(row)]: revision_of(row)
            for node in nodes.values()
            for row in node.rows()
            if path_of(row) in by_path
        }

    def entries(self, recording_id: RecordingId | None = None) -> Iterator[Entry]:
        """Yield the entries in the order of their keys: of all, or of one recording by time."""
        within = "" if recording_id is None else recording_path(recording_id)
        for _, row in row_changes(self.reader, None, self.root, within):
            assert row is not None
            yield entry_of(row)

    def __len__(self) -> int:
        """Return the number of entries, from the root alone."""
        return self.reader.read(self.root).count


def diff(before: UnitMap, after: UnitMap) -> Iterator[Change]:
    """Yield how ``after`` differs from ``before``, in the order of keys, reading no equal subtree.

    Args:
        before: The first map.
        after: The second map, in the same store.

    Yields:
        One change a key: added (no ``before``), removed (no ``after``) or changed.

    Raises:
        IntegrityError: If a node on the way is missing or damaged.
    """
    if before.root != after.root:
        yield from map(change_of, row_changes(after.reader, before.root, after.root))


def apply_changes(unit_map: UnitMap, changes: Iterable[Change]) -> UnitMap:
    """Return ``unit_map`` with each change's ``after`` in the place of what stands there.

    Args:
        unit_map: The map.
        changes: Changes with distinct keys.

    Returns:
        The map after.
    """
    made = tuple(changes)
    put = [Entry(key=c.key, revision_id=c.after) for c in made if c.after is not None]
    return unit_map.edit(put=put, remove=[c.key for c in made if c.after is None])
