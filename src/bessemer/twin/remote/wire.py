"""What both ends of a world in another process agree on: payloads, faults, addresses, limits.

The session is ``wire/world.proto``. A :class:`Wire` says how one kind of world writes what passes:
:data:`bessemer.twin.remote.driving.DRIVING` for the driving one, a few lines for a world of yours.
"""

import ipaddress
from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from bessemer.core.errors import (
    BessemerError,
    ConflictError,
    InputError,
    IntegrityError,
    LeakError,
    MissingExtraError,
    NotFoundError,
)
from bessemer.twin.wire.world_pb2 import Fault

ScenarioT = TypeVar("ScenarioT")
ControlsT = TypeVar("ControlsT")
ObservationT = TypeVar("ObservationT")

SERVICE = "bessemer.world.v1.WorldService"
"""Name and version of the session, as in ``wire/world.proto``."""
MAX_REQUEST_BYTES = 4 << 20
"""Largest scenario or controls that a server reads."""
MAX_REPLY_BYTES = 256 << 20
"""Largest observation: eight cameras of 1280x960 with all truth have 118 MB."""

_KINDS: dict[str, type[BessemerError]] = {
    kind.__name__: kind
    for kind in (
        InputError,
        NotFoundError,
        ConflictError,
        IntegrityError,
        LeakError,
        MissingExtraError,
    )
}


class WorldLostError(BessemerError):
    """The process of a world ended, broke, or no longer answers; a reset begins anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wire(Generic[ScenarioT, ControlsT, ObservationT]):
    """How one kind of world writes what passes to it and from it.

    Attributes:
        schema: Name and version of the payloads; both ends must say the same.
        write_scenario: Returns a scenario's bytes.
        read_scenario: Its inverse; raises InputError for what is no scenario.
        write_controls: Returns controls' bytes.
        read_controls: Its inverse; raises InputError for what are no controls.
        write_observation: Returns an observation's bytes.
        read_observation: Its inverse; raises InputError for what is no observation.
    """

    schema: str
    write_scenario: Callable[[ScenarioT], bytes]
    read_scenario: Callable[[bytes], ScenarioT]
    write_controls: Callable[[ControlsT], bytes]
    read_controls: Callable[[bytes], ControlsT]
    write_observation: Callable[[ObservationT], bytes]
    read_observation: Callable[[bytes], ObservationT]


def fault_of(error: BessemerError) -> Fault:
    """Return an error as it travels.

    Args:
        error: What the world raised.

    Returns:
        The message.
    """
    return Fault(kind=type(error).__name__, what=error.what, where=error.where, fix=error.fix)


def error_of(fault: Fault) -> BessemerError:
    """Return what travelled as the error that it was.

    Args:
        fault: The message.

    Returns:
        An error of the same class, or a plain one where this version does not know the class.

    Example:
        >>> error_of(fault_of(InputError("No such road.", where="Scenario")))
        InputError('No such road. [Scenario]')
    """
    return _KINDS.get(fault.kind, BessemerError)(fault.what, where=fault.where, fix=fault.fix)


def check_address(address: str, *, encrypted: bool) -> str:
    """Return an address if a token may travel to it.

    Args:
        address: Host and port.
        encrypted: Whether TLS protects the way.

    Returns:
        ``address``.

    Raises:
        InputError: If it is no host and port, or another machine without TLS.

    Example:
        >>> check_address("127.0.0.1:0", encrypted=False)
        '127.0.0.1:0'
    """
    parts = urlsplit(f"//{address}")
    try:
        host, port = parts.hostname, parts.port
    except ValueError:
        host = port = None
    if not host or port is None or parts.netloc != address or parts.username is not None:
        raise InputError(
            "An address is a host and a port.", where=address, fix="Write it as 127.0.0.1:50051."
        )
    if not (encrypted or _is_loopback(host)):
        raise InputError(
            "Without TLS a world is reached from its own machine only.",
            where=address,
            fix="Give a certificate, or tunnel 127.0.0.1 through ssh: a token travels there.",
        )
    return address


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
