"""A folder of signed metadata: read with every signature checked, written so that it never breaks.

Source: The Update Framework, specification 1.0, with consistent snapshots: every file has a name of
its own but ``timestamp.json``, which is replaced last. It is the commit point: until it stands, the
state before is valid, and no file of that is touched.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from tuf.api.exceptions import RepositoryError
from tuf.api.metadata import Metadata

from bessemer.core.errors import ConflictError, InputError, IntegrityError, NotFoundError
from bessemer.edge.disk import write_whole
from bessemer.edge.update import METADATA_FOLDER, TARGETS_FOLDER
from bessemer.release.keys import Role, SigningKeys

if TYPE_CHECKING:
    # The public module does not mark its names as exported, so a type checker looks behind it.
    from tuf.api._payload import MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp
else:
    from tuf.api.metadata import MetaFile, Root, Snapshot, TargetFile, Targets, Timestamp

S = TypeVar("S", Root, Targets, Snapshot, Timestamp)

_HASHES = ["sha256"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifetimes:
    """How long signatures hold: the longer, the longer a vehicle can be kept in the past."""

    root_days: float = 365.0
    targets_days: float = 90.0
    snapshot_days: float = 7.0
    timestamp_days: float = 1.0

    def __post_init__(self) -> None:
        """Check that nothing is born expired."""
        if min(self.of(role) for role in Role) <= timedelta(0):
            raise InputError("Lifetimes are positive.", where="Lifetimes")

    def of(self, role: Role) -> timedelta:
        """Return the lifetime of a role's metadata."""
        days = {
            Role.ROOT: self.root_days,
            Role.TARGETS: self.targets_days,
            Role.SNAPSHOT: self.snapshot_days,
            Role.TIMESTAMP: self.timestamp_days,
        }
        return timedelta(days=days[role])

    def end(self, role: Role, now: datetime) -> datetime:
        """Return when a role's metadata expires if it is signed now; whole seconds, in UTC."""
        return (now + self.of(role)).astimezone(UTC).replace(microsecond=0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What is published, its signatures checked."""

    root: Root
    targets: Targets
    snapshot: Snapshot
    timestamp: Timestamp

    def expiry_of(self, role: Role) -> datetime:
        """Return when a role's metadata expires."""
        chain = {
            Role.ROOT: self.root,
            Role.TARGETS: self.targets,
            Role.SNAPSHOT: self.snapshot,
            Role.TIMESTAMP: self.timestamp,
        }
        return chain[role].expires


class SignedFolder:
    """The signed folder. Whoever writes holds its lock.

    Args:
        path: The folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.lock = path / ".lock"
        self._metadata = path / METADATA_FOLDER
        self._targets = path / TARGETS_FOLDER

    def read_root(self) -> Root | None:
        """Return the newest root, each checked against the one before.

        Returns:
            The root; None if there is none.

        Raises:
            IntegrityError: If a root is not signed as it must be.
        """
        root: Root | None = None
        version = 1
        while (path := self._metadata / f"{version}.root.json").is_file():
            root = self._read(path, Root, root)
            version += 1
        return root

    def first_root(self) -> bytes:
        """Return the first root.

        Returns:
            Its bytes, as they were signed.

        Raises:
            NotFoundError: If there is none.
        """
        try:
            return (self._metadata / "1.root.json").read_bytes()
        except FileNotFoundError as error:
            raise NotFoundError(
                "There is no release repository.", where=str(self.path), fix="Publish a release."
            ) from error

    def read(self, root: Root) -> Standing | None:
        """Return what is published.

        Args:
            root: What its signatures are held against.

        Returns:
            The metadata; None before the first release.

        Raises:
            IntegrityError: If something is not what the root's keys signed.
        """
        path = self._metadata / "timestamp.json"
        if not path.is_file():
            return None
        timestamp = self._read(path, Timestamp, root)
        meta = timestamp.snapshot_meta
        path = self._metadata / f"{meta.version}.snapshot.json"
        snapshot = self._read(path, Snapshot, root, meta)
        meta = snapshot.meta["targets.json"]
        path = self._metadata / f"{meta.version}.targets.json"
        targets = self._read(path, Targets, root, meta)
        return Standing(root=root, targets=targets, snapshot=snapshot, timestamp=timestamp)

    def read_target(self, standing: Standing, name: str) -> bytes:
        """Return a target's bytes, checked.

        Args:
            standing: What is published.
            name: The target.

        Returns:
            The bytes.

        Raises:
            NotFoundError: If there is no such target.
            IntegrityError: If its file is not the one that was signed.
        """
        if name not in standing.targets.targets:
            raise NotFoundError.among("target", name, standing.targets.targets)
        target = standing.targets.targets[name]
        path = self._targets / target.get_prefixed_paths()[0]
        try:
            data = path.read_bytes()
            target.verify_length_and_hashes(data)
        except (OSError, RepositoryError) as error:
            raise _damaged(path, error) from error
        return data

    def write_root(self, keys: SigningKeys, now: datetime, lifetimes: Lifetimes) -> Root:
        """Sign the next root, naming the keys at hand; all four are needed."""
        before = self.read_root()
        root = Root(
            version=before.version + 1 if before else 1,
            expires=lifetimes.end(Role.ROOT, now),
            consistent_snapshot=True,
        )
        for role in Role:
            root.add_key(keys.signer_of(role).public_key, role.value)
        data = _sign(root, Role.ROOT, keys)
        write_whole(self._metadata / f"{root.version}.root.json", data)
        return root

    def write_target(self, name: str, data: bytes) -> TargetFile:
        """Write a target under the name of its digest; nothing refers to it yet."""
        target = TargetFile.from_data(name, data, _HASHES)
        write_whole(self._targets / target.get_prefixed_paths()[0], data)
        return target

    def publish(
        self,
        keys: SigningKeys,
        before: Standing | None,
        targets: Mapping[str, TargetFile],
        now: datetime,
        lifetimes: Lifetimes,
    ) -> None:
        """Sign new targets and everything above them; the timestamp is written last."""
        signed = Targets(
            version=before.targets.version + 1 if before else 1,
            expires=lifetimes.end(Role.TARGETS, now),
            targets=dict(targets),
        )
        data = _sign(signed, Role.TARGETS, keys)
        meta = MetaFile.from_data(signed.version, data, _HASHES)
        files = self._sign_snapshot(keys, before, meta, now, lifetimes)
        self._write({f"{signed.version}.targets.json": data, **files})

    def renew(
        self,
        keys: SigningKeys,
        before: Standing,
        first: Role,
        now: datetime,
        lifetimes: Lifetimes,
    ) -> None:
        """Sign what is published anew, from a role up to the timestamp."""
        if first is Role.TARGETS:
            self.publish(keys, before, before.targets.targets, now, lifetimes)
        elif first is Role.SNAPSHOT:
            meta = before.snapshot.meta["targets.json"]
            self._write(self._sign_snapshot(keys, before, meta, now, lifetimes))
        else:
            meta = before.timestamp.snapshot_meta
            self._write(self._sign_timestamp(keys, before, meta, now, lifetimes))

    def _sign_snapshot(
        self,
        keys: SigningKeys,
        before: Standing | None,
        targets_meta: MetaFile,
        now: datetime,
        lifetimes: Lifetimes,
    ) -> dict[str, bytes]:
        """Return the files of a snapshot of these targets, in the order of writing."""
        snapshot = Snapshot(
            version=before.snapshot.version + 1 if before else 1,
            expires=lifetimes.end(Role.SNAPSHOT, now),
            meta={"targets.json": targets_meta},
        )
        data = _sign(snapshot, Role.SNAPSHOT, keys)
        meta = MetaFile.from_data(snapshot.version, data, _HASHES)
        last = self._sign_timestamp(keys, before, meta, now, lifetimes)
        return {f"{snapshot.version}.snapshot.json": data, **last}

    def _sign_timestamp(
        self,
        keys: SigningKeys,
        before: Standing | None,
        snapshot_meta: MetaFile,
        now: datetime,
        lifetimes: Lifetimes,
    ) -> dict[str, bytes]:
        """Return the file that says this snapshot is the newest."""
        timestamp = Timestamp(
            version=before.timestamp.version + 1 if before else 1,
            expires=lifetimes.end(Role.TIMESTAMP, now),
            snapshot_meta=snapshot_meta,
        )
        return {"timestamp.json": _sign(timestamp, Role.TIMESTAMP, keys)}

    def _write(self, files: Mapping[str, bytes]) -> None:
        """Write signed metadata in order. Everything is signed by now: a missing key wrote none."""
        for name, data in files.items():
            write_whole(self._metadata / name, data)

    def _read(
        self, path: Path, kind: type[S], root: Root | None, meta: MetaFile | None = None
    ) -> S:
        """Return signed metadata, checked against a root; the first root against itself."""
        try:
            data = path.read_bytes()
            if meta is not None:
                meta.verify_length_and_hashes(data)
            metadata = Metadata[S].from_bytes(data)
            signed = metadata.signed
            if not isinstance(signed, kind):
                raise RepositoryError(f"it is of the type {signed.type}")
            for judge in (root, signed):
                if isinstance(judge, Root):
                    judge.verify_delegate(kind.type, metadata.signed_bytes, metadata.signatures)
        except (OSError, RepositoryError) as error:
            raise _damaged(path, error) from error
        return signed


def check_keys(root: Root, keys: SigningKeys, now: datetime) -> None:
    """Refuse keys that vehicles would not trust, before anything is signed with them.

    Args:
        root: What vehicles trust.
        keys: The keys at hand.
        now: The time.

    Raises:
        InputError: If a key is not the root's key of its role.
        ConflictError: If the root itself has expired.
    """
    for role, signer in keys.signers.items():
        if root.roles[role.value].keyids != [signer.public_key.keyid]:
            raise InputError(
                f"The {role} key is not the one that this repository's root names.",
                where=f"root, version {root.version}",
                fix="Vehicles would refuse what it signs; load the keys it was made with.",
            )
    if root.is_expired(now):
        raise ConflictError(
            f"The root expired on {root.expires:%Y-%m-%d}; vehicles refuse everything below it.",
            where=f"root, version {root.version}",
            fix="Renew it with the root key: renew_root.",
        )


def _sign(signed: S, role: Role, keys: SigningKeys) -> bytes:
    """Return metadata signed by a role's key."""
    metadata = Metadata(signed)
    metadata.sign(keys.signer_of(role))
    return metadata.to_bytes()


def _damaged(path: Path, error: Exception) -> IntegrityError:
    return IntegrityError(
        f"The release repository is not what was signed: {error}.",
        where=str(path),
        fix="Restore its folder from a copy; nothing is signed on top of this.",
    )
