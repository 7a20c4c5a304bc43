"""Publishing: what a gate let through becomes a signed release that vehicles take.

The repository is a folder that any static host can serve. Killed at any moment, it still offers
the release before; published again, the same bundle changes nothing.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bessemer.core.errors import GateRefusedError, InputError, IntegrityError, NotFoundError
from bessemer.core.gates import Ruling
from bessemer.core.ids import CommitId, DocumentId, NetworkId, decode, encode
from bessemer.edge.disk import hold_lock
from bessemer.edge.slots import ReleaseManifest
from bessemer.edge.update import LOG_TARGET, NETWORK_TARGET, ReleaseLog
from bessemer.release.keys import Role, SigningKeys
from bessemer.release.repository import Lifetimes, SignedFolder, Standing, check_keys


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseBundle:
    """A network that is to ship, where it came from, and the decision that lets it.

    Attributes:
        onnx: The network's file.
        network_id: Its address.
        commit_id: The data commit that it was compiled from.
        recipe_id: The resolved recipe.
        gate: The decision.
        gate_id: Where the decision is kept.
        report_id: Where the report that the gate read is kept.
    """

    onnx: Path
    network_id: NetworkId
    commit_id: CommitId
    recipe_id: DocumentId
    gate: Ruling
    gate_id: DocumentId
    report_id: DocumentId

    def manifest(self, version: int) -> ReleaseManifest:
        """Return the manifest of this bundle as a release."""
        return ReleaseManifest(
            version=version,
            network_id=self.network_id,
            commit_id=self.commit_id,
            recipe_id=self.recipe_id,
            gate_id=self.gate_id,
            report_id=self.report_id,
        )


def publish_release(
    repo: Path,
    keys: SigningKeys,
    bundle: ReleaseBundle,
    now: datetime,
    *,
    lifetimes: Lifetimes | None = None,
) -> ReleaseManifest:
    """Sign a release and put it where vehicles look; the first one makes the repository.

    Args:
        repo: The repository's folder.
        keys: Keys for targets, snapshot and timestamp; for the first release also the root's.
        bundle: What is to ship.
        now: The time, with its zone: lifetimes start here.
        lifetimes: How long signatures hold.

    Returns:
        The release; the one that stands if this very bundle was published before.

    Raises:
        GateRefusedError: If the gate refused the network, or decided on another one.
        InputError: If the file is missing, the keys are not the repository's, or ``now`` has no
            zone.
        NotFoundError: If a key that is needed is not at hand.
        ConflictError: If the repository's root has expired.
        IntegrityError: If the file is not the network, or the repository was tampered with.
    """
    _check_zone(now)
    _check_gate(bundle)
    network = _read_network(bundle)
    lifetimes = lifetimes or Lifetimes()
    folder = SignedFolder(repo)
    with hold_lock(folder.lock):
        root = folder.read_root() or folder.write_root(keys, now, lifetimes)
        check_keys(root, keys, now)
        standing = folder.read(root)
        log = _read_log(folder, standing)
        for release in log.releases:
            if release == bundle.manifest(release.version):
                return release
        release = bundle.manifest(len(log.releases) + 1)
        log = ReleaseLog(releases=(*log.releases, release))
        targets = {
            NETWORK_TARGET: folder.write_target(NETWORK_TARGET, network),
            LOG_TARGET: folder.write_target(LOG_TARGET, encode(log)),
        }
        folder.publish(keys, standing, targets, now, lifetimes)
    return release


def renew(
    repo: Path,
    keys: SigningKeys,
    now: datetime,
    *,
    lifetimes: Lifetimes | None = None,
) -> tuple[Role, ...]:
    """Sign anew what has less than half of its lifetime left; run it more than twice a day.

    The release stays the same one. The root is renewed by :func:`renew_root`, where its key lies.

    Args:
        repo: The repository's folder.
        keys: Keys of what is due; the timestamp's alone will do for a few days.
        now: The time, with its zone.
        lifetimes: How long signatures hold.

    Returns:
        What was signed; empty if nothing was due.

    Raises:
        NotFoundError: If nothing was published yet, or a key that is needed is not at hand.
        InputError: If the keys are not the repository's, or ``now`` has no zone.
        ConflictError: If the root has expired.
        IntegrityError: If the repository was tampered with.
    """
    _check_zone(now)
    lifetimes = lifetimes or Lifetimes()
    folder = SignedFolder(repo)
    with hold_lock(folder.lock):
        standing = _read_standing(folder)
        check_keys(standing.root, keys, now)
        chain = (Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP)
        for i, role in enumerate(chain):
            if standing.expiry_of(role) - now < lifetimes.of(role) / 2:
                folder.renew(keys, standing, role, now, lifetimes)
                return chain[i:]
    return ()


def renew_root(
    repo: Path,
    keys: SigningKeys,
    now: datetime,
    *,
    lifetimes: Lifetimes | None = None,
) -> int:
    """Sign the root anew with the same keys, so that vehicles go on trusting it.

    Args:
        repo: The repository's folder.
        keys: All four keys.
        now: The time, with its zone.
        lifetimes: How long signatures hold.

    Returns:
        The root's new version.

    Raises:
        NotFoundError: If nothing was published yet, or a key is not at hand.
        InputError: If the keys are not the repository's, or ``now`` has no zone.
        IntegrityError: If the repository was tampered with.
    """
    _check_zone(now)
    folder = SignedFolder(repo)
    with hold_lock(folder.lock):
        root = _read_standing(folder).root
        # An expired root may be renewed: only its keys are checked.
        check_keys(root, keys, min(now, root.expires - timedelta(seconds=1)))
        return folder.write_root(keys, now, lifetimes or Lifetimes()).version


def read_releases(repo: Path) -> tuple[ReleaseManifest, ...]:
    """Return every release of a repository, oldest first, its signatures checked.

    Args:
        repo: The repository's folder.

    Returns:
        The releases; empty if there is no repository.

    Raises:
        IntegrityError: If the repository was tampered with.
    """
    folder = SignedFolder(repo)
    root = folder.read_root()
    return () if root is None else _read_log(folder, folder.read(root)).releases


def trusted_root(repo: Path) -> bytes:
    """Return the root metadata that a vehicle is built with.

    Args:
        repo: The repository's folder.

    Returns:
        The first root; vehicles follow later ones from it.

    Raises:
        NotFoundError: If there is no repository.
    """
    return SignedFolder(repo).first_root()


def _check_zone(now: datetime) -> None:
    """Refuse a time that could mean any of 24."""
    if now.tzinfo is None:
        raise InputError("The time of a signature names its zone.", where="now")


def _check_gate(bundle: ReleaseBundle) -> None:
    """Refuse what no gate let through."""
    if bundle.gate.candidate != bundle.network_id:
        raise GateRefusedError(
            f"The gate decided on {bundle.gate.candidate[:12]}, not on this network.",
            where=bundle.network_id[:12],
            fix="Validate this network and let a gate decide on it.",
        )
    bundle.gate.refuse_or_pass()


def _read_network(bundle: ReleaseBundle) -> bytes:
    """Return the network's bytes, checked against its address."""
    try:
        data = bundle.onnx.read_bytes()
    except OSError as error:
        raise InputError(f"The network cannot be read: {error}.", where=str(bundle.onnx)) from error
    if hashlib.sha256(data).hexdigest() != bundle.network_id:
        raise IntegrityError(
            f"This file is not the network {bundle.network_id[:12]}.",
            where=str(bundle.onnx),
            fix="Give the file that the gate decided on.",
        )
    return data


def _read_standing(folder: SignedFolder) -> Standing:
    """Return what is published, which must be something."""
    root = folder.read_root()
    standing = None if root is None else folder.read(root)
    if standing is None:
        raise NotFoundError(
            "Nothing was published here yet.", where=str(folder.path), fix="Publish a release."
        )
    return standing


def _read_log(folder: SignedFolder, standing: Standing | None) -> ReleaseLog:
    """Return the signed list of releases."""
    if standing is None:
        return ReleaseLog()
    return decode(folder.read_target(standing, LOG_TARGET), ReleaseLog, where=LOG_TARGET)
