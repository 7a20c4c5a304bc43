"""Addresses: of what a thing is, the same on every machine, another one for another thing."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import IntegrityError
from bessemer.core.ids import bytes_id, content_id, decode, encode, unit_interval
from bessemer.core.records import Stretch

# Beartype, which checks every record in tests, draws which item of a tuple it looks at.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")

SCALAR = st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5)
TREE = st.recursive(
    SCALAR,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(TREE, TREE)
def test_equal_encodings_and_only_those_have_equal_addresses(one: object, other: object) -> None:
    same = encode(one) == encode(other)
    assert (content_id("thing", one) == content_id("thing", other)) == same
    assert content_id("thing", one) != content_id("another", one)


@given(st.dictionaries(st.text(max_size=4), SCALAR))
def test_the_order_in_which_a_mapping_was_filled_decides_nothing(tree: dict[str, object]) -> None:
    assert content_id("thing", tree) == content_id("thing", dict(reversed(tree.items())))


def test_an_address_is_the_same_on_every_machine() -> None:
    """The digest was written down once; another encoding would orphan every works there is."""
    stretch = {"recording_id": "r", "start_ns": 0, "end_ns": 10}
    assert encode(stretch) == b'{"end_ns":10,"recording_id":"r","start_ns":0}'
    address = content_id("stretch", stretch)
    assert address == "080af6678acfd5d733b3cdcf181d9eda8ec8da74c1d6d30f46c0cc98e0d4f35e"
    assert set(address) <= set(string.hexdigits.lower())


@given(st.lists(st.binary(max_size=4), max_size=4), st.lists(st.binary(max_size=4), max_size=4))
def test_the_borders_between_byte_strings_count(one: list[bytes], other: list[bytes]) -> None:
    assert (bytes_id("bytes", one) == bytes_id("bytes", other)) == (one == other)
    assert bytes_id("bytes", [b"ab", b"c"]) != bytes_id("bytes", [b"a", b"bc"])


@given(TREE)
def test_an_address_draws_a_number_below_one(tree: object) -> None:
    assert 0.0 <= unit_interval(content_id("thing", tree)) < 1.0


@pytest.mark.parametrize("data", [b"", b"{", b'{"recording_id":"r"}', b'{"start_ns":"soon"}'])
def test_what_is_no_such_record_is_refused_with_its_place(data: bytes) -> None:
    with pytest.raises(IntegrityError, match=r"not a Stretch.*row 7"):
        decode(data, Stretch, where="row 7")
