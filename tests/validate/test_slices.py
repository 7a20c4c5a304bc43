from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.validate.slices import select_slices
from bessemer.validate.suite import Slice


def table(n: int = 5000) -> pa.Table:
    return pa.table(
        {
            "recording_id": [f"r{i // 7}" for i in range(n)],
            "t_ns": np.arange(n),
            "class": ["stop", "yield"] * (n // 2),
            "brightness": np.linspace(0.0, 1.0, n),
        }
    )


def select(where: str) -> np.ndarray:
    return select_slices(table(), [Slice(name="odd", where=where)])["odd"]


@settings(deadline=None, max_examples=25)
@given(bound=st.floats(0.0, 1.0))
def test_a_predicate_is_what_numpy_says_in_the_order_of_the_rows(bound: float) -> None:
    examples = table(200)
    mask = select_slices(examples, [Slice(name="dark", where=f"brightness < {bound!r}")])["dark"]
    assert (mask == (examples["brightness"].to_numpy() < bound)).all()


def test_predicates_may_use_any_column_and_end_in_a_comment() -> None:
    mask = select("class = 'stop' AND t_ns % 4 = 0 -- every other stop")
    assert mask.sum() == 1250


def test_null_is_outside() -> None:
    given_table = pa.table({"speed": [1.0, None, 3.0]})
    mask = select_slices(given_table, [Slice(name="fast", where="speed > 2")])["fast"]
    assert mask.tolist() == [False, False, True]


@pytest.mark.parametrize(
    ("where", "message"),
    [
        ("brightnes < 1", "brightnes.*It may speak of recording_id, t_ns, class, brightness"),
        ("brightness <", "cannot be used"),
        ("brightness", "true or false of an example"),
        ("true), (false", "true or false of an example"),
        ("true); DROP TABLE examples; SELECT (true", "cannot be used|one predicate"),
    ],
)
def test_wrong_sql_names_the_slice(where: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as caught:
        select(where)
    assert "'odd'" in caught.value.where


def test_nothing_outside_can_be_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret.csv"
    secret.write_text("a\n1\n")
    for reader in (f"read_csv('{secret}')", f"read_text('{secret}')", f"'{secret}'", "secrets"):
        with pytest.raises(InputError, match="cannot be used"):
            select(f"EXISTS (SELECT * FROM {reader})")
