"""Keys that sign releases: one a role, so that a stolen one signs little.

The root key says which keys count. It belongs offline, in another place than the other three;
publishing does without it once a repository has its root.
"""

import os
import stat
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from bessemer.core.errors import ConflictError, InputError, NotFoundError
from bessemer.edge.disk import flush, write_whole

if TYPE_CHECKING:
    # The public module does not mark its names as exported, so a type checker looks behind it.
    from securesystemslib.signer._crypto_signer import CryptoSigner
else:
    from securesystemslib.signer import CryptoSigner


class Role(StrEnum):
    """What a key may say."""

    ROOT = "root"
    """Which keys count."""
    TARGETS = "targets"
    """Which files are a release."""
    SNAPSHOT = "snapshot"
    """Which targets belong together."""
    TIMESTAMP = "timestamp"
    """That this is the newest."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKeys:
    """The private keys at hand.

    Attributes:
        signers: By role; roles whose key lies elsewhere are missing. Never shown.
    """

    signers: Mapping[Role, CryptoSigner] = field(repr=False)

    def signer_of(self, role: Role) -> CryptoSigner:
        """Return the key of a role.

        Args:
            role: The role.

        Returns:
            What signs for it.

        Raises:
            NotFoundError: If it is not at hand.
        """
        if role not in self.signers:
            raise NotFoundError(
                f"The {role} key is not here.",
                fix=f"Fetch {role}.pem from where it is kept.",
            )
        return self.signers[role]


def create_keys(folder: Path) -> SigningKeys:
    """Make a new ed25519 key for every role, and write them all or none.

    Args:
        folder: Where ``<role>.pem`` go, readable by their owner alone. It must not hold anything.

    Returns:
        The keys.

    Raises:
        ConflictError: If the folder holds something already: a lost root key cannot be replaced.
    """
    signers = {role: CryptoSigner.generate_ed25519() for role in Role}
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=".keys-") as scratch:
        beside = Path(scratch) / "keys"
        beside.mkdir(mode=0o700)
        for role, signer in signers.items():
            write_whole(beside / f"{role}.pem", signer.private_bytes, mode=0o600)
        try:
            beside.rename(folder)
        except OSError as error:
            raise ConflictError(
                "There is something where the keys should go; keys are never overwritten.",
                where=str(folder),
                fix="Load those keys, or name another folder.",
            ) from error
        flush(folder.parent)
    return SigningKeys(signers=MappingProxyType(signers))


def load_keys(folder: Path) -> SigningKeys:
    """Return the keys that a folder holds.

    Args:
        folder: What :func:`create_keys` wrote; keys kept elsewhere may be missing.

    Returns:
        The keys.

    Raises:
        NotFoundError: If there is none.
        InputError: If others can read one, or it is no ed25519 key.
    """
    signers = {
        role: _load_signer(path) for role in Role if (path := folder / f"{role}.pem").is_file()
    }
    if not signers:
        raise NotFoundError(
            "There are no signing keys.", where=str(folder), fix="Make them with create_keys."
        )
    return SigningKeys(signers=MappingProxyType(signers))


def _load_signer(path: Path) -> CryptoSigner:
    """Return the key in a file that only its owner reads."""
    with path.open("rb") as file:
        mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
        if mode & 0o077:
            raise InputError(
                f"Others can read this key: its mode is {mode:04o}.",
                where=str(path),
                fix=f"chmod 600 {path}, and make new keys if others had access.",
            )
        pem = file.read()
    try:
        key = load_pem_private_key(pem, None)
    except (ValueError, TypeError):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        # Neither the bytes nor the parser's words, which may quote them, go any further.
        raise InputError(
            "This is no unencrypted ed25519 key in PEM.",
            where=str(path),
            fix="Copy it again from where it is kept.",
        ) from None
    return CryptoSigner(key)
