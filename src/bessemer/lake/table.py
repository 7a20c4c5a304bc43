"""One table of the lake: rows in Lance, visible once their batch is sealed in the ledger.

Rows are found by key through a map in memory, key -> row positions in the opened version. It is
built by scanning two narrow columns, is extended by new fragments only, and is built anew when an
erasure moved the rows.

Cost: a look-up is O(1); the map takes 180 bytes a key. Reading 1,307 segments of 120 kB, by the
machine's load: 1,600 to 5,600 segments/s in random batches of 64, 1,100 to 2,600 one at a time.
Against a filter with a scalar index single reads are over twice as fast, batches are undecided; see
decision 0002.
"""

import os
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from bessemer.core.commit_point import CommitPoint, Seal

if TYPE_CHECKING:
    from lance import LanceDataset

_ROWS_PER_FRAGMENT = 4_096


@dataclass(slots=True)
class _Index:
    """Positions of sealed rows by key, of unsealed rows by batch, and what was scanned."""

    fragments: list[tuple[int, str]] = field(default_factory=list)
    n_rows: int = 0
    first: dict[str, int] = field(default_factory=dict)
    more: defaultdict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    pending: defaultdict[int, list[tuple[str, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def add(self, keys: Iterable[tuple[str, int]]) -> None:
        for key, position in keys:
            if self.first.setdefault(key, position) != position:
                self.more[key].append(position)

    def positions(self, key: str) -> list[int]:
        return [self.first[key], *self.more.get(key, ())]


class Table:
    """A Lance data set whose readers see sealed batches only.

    Args:
        uri: A folder or an object store's URI.
        schema: Of the rows; has the columns ``key`` and ``batch_id``.
        key: The column that rows are found by; several rows may share a key.
        ledger: Says which batches are sealed.
    """

    def __init__(self, uri: str, schema: pa.Schema, key: str, ledger: CommitPoint) -> None:
        self.uri = uri
        self.schema = schema
        self.key = key
        self._ledger = ledger
        self._data: LanceDataset | None = None
        self._index = _Index()

    def append(self, rows: pa.Table, batch_id: int) -> Seal:
        """Write rows of an open batch, down to the disk; nobody sees them yet.

        Args:
            rows: All columns but ``batch_id``.
            batch_id: The batch.

        Returns:
            What there is to seal.
        """
        import lance

        numbers = pa.array([batch_id] * rows.num_rows, pa.int64())
        whole = rows.append_column(self.schema.field("batch_id"), numbers).cast(self.schema)
        mode = "append" if self._opened() is not None else "create"
        try:
            data = lance.write_dataset(whole, self.uri, mode=mode)
        except OSError:
            # Another process created the table in the meantime.
            if mode == "append" or self._opened() is None:
                raise
            data = lance.write_dataset(whole, self.uri, mode="append")
        self._sync(data)
        name = Path(self.uri).stem
        return Seal(table=name, n_rows=whole.num_rows, version=int(data.version))

    def held(self, keys: Collection[str]) -> set[str]:
        """Return which of these keys have sealed rows."""
        if any(key not in self._index.first for key in keys):
            self.refresh()
        return {key for key in keys if key in self._index.first}

    def read(self, keys: Sequence[str], columns: Sequence[str]) -> pa.Table:
        """Return the rows of ``keys`` in their order; keys without rows are left out.

        Args:
            keys: Each once.
            columns: Columns wanted.

        Returns:
            Rows of one key follow each other in the order in which they were written.
        """
        try:
            return self._read(keys, columns)
        except OSError:
            # Another process erased something and cleaned up the version that was open here.
            self._data, self._index = None, _Index()
            return self._read(keys, columns)

    def select(self, where: str, columns: Sequence[str]) -> pa.Table:
        """Return all sealed rows that fulfil a condition; a key sealed twice comes twice.

        Args:
            where: SQL over the table's columns; see :func:`is_any`.
            columns: Columns wanted.

        Returns:
            The rows, in no order.
        """
        self.refresh()
        if self._data is None:
            return self._nothing(columns)
        wanted = list(dict.fromkeys([*columns, "batch_id"]))
        rows = self._data.to_table(columns=wanted, filter=where)
        batches = rows["batch_id"].unique().to_pylist()
        sealed = pa.array(self._ledger.sealed_among(batches), pa.int64())
        return rows.filter(pc.is_in(rows["batch_id"], value_set=sealed)).select(list(columns))

    def remove(self, where: str) -> int:
        """Delete rows, and every copy of their bytes in older versions.

        Args:
            where: SQL that says which rows, sealed or not.

        Returns:
            How many.
        """
        data = self._opened()
        if data is None:
            return 0
        n_rows = int(data.count_rows(filter=where))
        if n_rows:
            data.delete(where)
            self._purge()
        return n_rows

    def remove_keys(self, keys: Sequence[str]) -> int:
        """Delete the rows of these keys; see :meth:`remove`."""
        return self.remove(is_any(self.key, keys)) if keys else 0

    def sweep(self, swept: frozenset[int]) -> int:
        """Delete the rows of batches that were never sealed; return how many there were."""
        self.refresh()
        orphans = [batch_id for batch_id in self._index.pending if batch_id in swept]
        return self.remove(is_any("batch_id", orphans)) if orphans else 0

    def compact(self) -> None:
        """Join small fragments and drop old versions: fewer files, the same rows."""
        if self._opened() is not None:
            self._purge()

    def refresh(self) -> None:
        """Look for rows written, and batches sealed, since the last look."""
        data = self._opened()
        if data is None:
            return
        index = self._index
        fragments = data.get_fragments()
        seen = [(f.fragment_id, str(f.metadata.deletion_file)) for f in fragments]
        if seen[: len(index.fragments)] != index.fragments:
            index = self._index = _Index()
        fresh = fragments[len(index.fragments) :]
        if fresh:
            scanner = data.scanner([self.key, "batch_id"], fragments=fresh, scan_in_order=True)
            for batch in scanner.to_batches():
                keys, batches = (column.to_pylist() for column in batch.columns)
                for key, batch_id in zip(keys, batches, strict=True):
                    index.pending[batch_id].append((key, index.n_rows))
                    index.n_rows += 1
            index.fragments = seen
        for batch_id in sorted(self._ledger.sealed_among(index.pending)):
            index.add(index.pending.pop(batch_id))

    def _read(self, keys: Sequence[str], columns: Sequence[str]) -> pa.Table:
        there = self.held(keys)
        positions = [p for key in keys if key in there for p in self._index.positions(key)]
        if not positions or self._data is None:
            return self._nothing(columns)
        return self._data.take(positions, columns=list(columns))

    def _nothing(self, columns: Sequence[str]) -> pa.Table:
        return pa.schema([self.schema.field(name) for name in columns]).empty_table()

    def _opened(self) -> "LanceDataset | None":
        import lance

        if self._data is not None:
            self._data.checkout_latest()  # type: ignore[no-untyped-call]
            return self._data
        try:
            self._data = lance.dataset(self.uri)
        except ValueError:  # what Lance says of a table that is not there
            return None
        return self._data

    def _purge(self) -> None:
        data = self._opened()
        assert data is not None
        data.optimize.compact_files(
            target_rows_per_fragment=_ROWS_PER_FRAGMENT, materialize_deletions_threshold=0.0
        )
        data.cleanup_old_versions(older_than=timedelta(0))
        self._data, self._index = None, _Index()

    def _sync(self, data: "LanceDataset") -> None:
        """Flush the last append to the disk: the ledger's row must never outlive its bytes."""
        if "://" in self.uri:
            return
        root = Path(self.uri)
        newest = data.get_fragments()[-1]
        files = [root / "data" / part.path for part in newest.data_files()]
        manifests = sorted((root / "_versions").iterdir(), key=lambda file: file.stat().st_mtime_ns)
        for path in (*files, *manifests[-2:], root / "data", root / "_versions", root):
            _flush(path)


def is_any(column: str, values: Sequence[str | int]) -> str:
    """Return the SQL condition that a column has one of some values.

    Args:
        column: Name of the column; taken as it is.
        values: Whole numbers or texts; texts are quoted here.

    Returns:
        A condition; one that is never true where there are no values.

    Example:
        >>> is_any("task", ["signs", "driver's"])
        "task IN ('signs', 'driver''s')"
    """
    if not values:
        return "false"
    quoted = (str(v) if isinstance(v, int) else "'" + v.replace("'", "''") + "'" for v in values)
    return f"{column} IN ({', '.join(quoted)})"


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
