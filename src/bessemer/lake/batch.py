"""A batch of rows on its way into the lake: opened, written, sealed."""

from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa

from bessemer.core.commit_point import CommitPoint, Seal
from bessemer.lake.table import Table


class Batch:
    """Rows on their way into the lake, and what there will be to seal.

    Args:
        batch_id: From the ledger.
    """

    def __init__(self, batch_id: int) -> None:
        self.batch_id = batch_id
        self.seals: list[Seal] = []

    def append(self, table: Table, rows: pa.Table) -> None:
        """Write rows; nobody sees them yet."""
        if rows.num_rows:
            self.seals.append(table.append(rows, self.batch_id))


@contextmanager
def writing(ledger: CommitPoint) -> Iterator[Batch]:
    """Give a batch that is sealed at the end; after an error it stays open, to be swept."""
    batch = Batch(ledger.open_batch())
    yield batch
    ledger.seal_batch(batch.batch_id, batch.seals)
