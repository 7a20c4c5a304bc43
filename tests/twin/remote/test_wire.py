import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import (
    BessemerError,
    ConflictError,
    InputError,
    IntegrityError,
    LeakError,
    MissingExtraError,
    NotFoundError,
)
from bessemer.twin.remote.wire import check_address, error_of, fault_of
from bessemer.twin.wire.world_pb2 import Fault

KINDS = (InputError, NotFoundError, ConflictError, IntegrityError, LeakError, MissingExtraError)
text = st.text(st.characters(exclude_categories=["Cs"]))


@given(kind=st.sampled_from(KINDS), what=text, where=text, fix=text)
def test_an_error_arrives_as_it_left(
    kind: type[BessemerError], what: str, where: str, fix: str
) -> None:
    error = kind(what, where=where, fix=fix)
    back = error_of(Fault.FromString(fault_of(error).SerializeToString()))
    assert type(back) is kind
    assert (back.what, back.where, back.fix) == (what, where, fix)
    assert str(back) == str(error)


def test_an_error_of_a_later_version_is_still_one() -> None:
    error = error_of(Fault(kind="TyreError", what="Flat."))
    assert type(error) is BessemerError
    assert error.what == "Flat."


@pytest.mark.parametrize("address", ["127.0.0.1:0", "127.8.9.1:80", "localhost:5000", "[::1]:0"])
def test_this_machine_needs_no_tls(address: str) -> None:
    assert check_address(address, encrypted=False) == address


@pytest.mark.parametrize("address", ["0.0.0.0:0", "10.1.2.3:80", "[::]:0", "rig.example:5000"])
def test_another_machine_does(address: str) -> None:
    with pytest.raises(InputError, match="TLS"):
        check_address(address, encrypted=False)
    assert check_address(address, encrypted=True) == address


@pytest.mark.parametrize(
    "address",
    [
        *("", "localhost", ":80", "unix:/tmp/a", "localhost:x", "localhost:70000"),
        *("u@localhost:80", "localhost:80/path", "localhost:80?a", "http://localhost:80"),
    ],
)
@pytest.mark.parametrize("encrypted", [True, False])
def test_what_is_no_address_is_refused(address: str, encrypted: bool) -> None:
    with pytest.raises(InputError, match="host and a port"):
        check_address(address, encrypted=encrypted)
