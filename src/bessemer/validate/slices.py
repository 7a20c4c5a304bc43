"""Slices: subsets of the examples by SQL predicates, through DuckDB over an Arrow table.

The predicate is text from a file, so it runs in a database of its own, in memory, that can open no
file, load no extension, see no Python variable, and whose settings are locked.

Cost: one copy of the columns; one scan a slice.      Shapes: n examples.
"""

from collections.abc import Iterable
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Bool

from bessemer.core.errors import InputError
from bessemer.validate.suite import Slice

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

_LOCKS = (
    "SET memory_limit = '1GB'",
    "SET temp_directory = ''",
    "SET enable_external_access = false",
    "SET python_enable_replacements = false",
    "SET lock_configuration = true",
)


def select_slices(
    examples: "pa.Table", slices: Iterable[Slice]
) -> dict[str, Bool[np.ndarray, " n"]]:
    """Return, for each slice, which examples it holds.

    Args:
        examples: One row an example; the columns are what predicates may speak of, such as
            ``recording_id``, ``t_ns``, ``class``, ``brightness``, ``size_px``.
        slices: The slices.

    Returns:
        One mask over the rows for each slice, by name. A predicate that is NULL leaves the row out.

    Raises:
        InputError: If a predicate is not SQL, not a single truth value, or reaches outside.

    Example:
        >>> import pyarrow as pa
        >>> table = pa.table({"brightness": [0.1, 0.9, None]})
        >>> select_slices(table, [Slice(name="dark", where="brightness < 0.2")])["dark"].tolist()
        [True, False, False]
    """
    import duckdb

    with duckdb.connect(":memory:", config={"threads": "1"}) as connection:
        connection.register("given", examples)
        connection.execute(
            "CREATE TABLE examples AS SELECT * FROM given"
            " POSITIONAL JOIN (SELECT unnest(range(?)) AS example_row)",
            [examples.num_rows],
        )
        connection.unregister("given")
        for lock in _LOCKS:
            connection.execute(lock)
        return {part.name: _inside(connection, part, examples.num_rows) for part in slices}


def _inside(
    connection: "duckdb.DuckDBPyConnection", part: Slice, n_rows: int
) -> Bool[np.ndarray, " n"]:
    """Return the mask of one slice."""
    import duckdb

    where = f"slice {part.name!r}"
    # On lines of its own, a comment in the predicate cannot swallow the rest of the query.
    query = f"SELECT example_row, (\n{part.where}\n) AS inside FROM examples"
    try:
        if len(connection.extract_statements(query)) != 1:
            raise InputError("A slice is one predicate.", where=where, fix="Take out the `;`.")
        answer = connection.execute(query)
        columns = [(str(name), str(kind)) for name, kind, *_ in answer.description or ()]
        if columns != [("example_row", "BIGINT"), ("inside", "BOOLEAN")]:
            raise InputError(
                "A slice is true or false of an example.",
                where=where,
                fix=f"Write a condition, such as `brightness < 0.2`, not `{part.where}`.",
            )
        rows = answer.fetchnumpy()
    except duckdb.Error as error:
        message = str(error).partition("\n\nLINE")[0]
        known = [row[0] for row in connection.execute("DESCRIBE examples").fetchall()]
        known.remove("example_row")
        raise InputError(
            f"The predicate cannot be used: {message}.",
            where=where,
            fix=f"It may speak of {', '.join(known)}.",
        ) from error
    chosen = np.ma.filled(np.ma.asarray(rows["inside"]), False).astype(bool)
    mask = np.zeros(n_rows, dtype=bool)
    mask[rows["example_row"]] = chosen
    return mask
