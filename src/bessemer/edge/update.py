"""Updates of a vehicle: a release is fetched, verified, tried, and only then drives.

Source: The Update Framework, specification 1.0, section 5 (client workflow), by ``tuf.ngclient``.
Differences: the clock is the caller's, and beyond the versions of metadata the vehicle remembers
the newest release that it had.
"""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Final

from tuf.api import exceptions as tuf_errors
from tuf.ngclient.fetcher import FetcherInterface
from tuf.ngclient.updater import Updater as TufClient

from bessemer.core.errors import InputError, IntegrityError, NotFoundError
from bessemer.core.ids import decode
from bessemer.edge.disk import hold_lock
from bessemer.edge.runtime import OnnxNetwork
from bessemer.edge.slots import ReleaseManifest, Slots, SlotState

LOG_TARGET: Final = "releases.json"
"""The signed list of all releases, oldest first; the last one is to drive."""
NETWORK_TARGET: Final = "network.onnx"
"""The network of the last release."""
METADATA_FOLDER: Final = "metadata"
TARGETS_FOLDER: Final = "targets"

_CHUNK_BYTES: Final = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseLog:
    """Every release of a repository, oldest first."""

    releases: tuple[ReleaseManifest, ...] = ()

    def __post_init__(self) -> None:
        """Check that versions count from 1."""
        versions = [release.version for release in self.releases]
        if versions != list(range(1, len(versions) + 1)):
            raise InputError(f"Versions of releases count from 1, not {versions[:12]}.")


class Change(StrEnum):
    """What an update did."""

    INSTALLED = "installed"
    UP_TO_DATE = "up to date"
    HELD_BACK = "held back"
    """The offered release was rolled back here; a newer one is waited for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Update:
    """What an update did, and the release that was offered."""

    change: Change
    offered: ReleaseManifest


class FolderFetcher(FetcherInterface):
    """Reads a release repository from a folder.

    Args:
        root: The folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def _fetch(self, url: str) -> Iterator[bytes]:
        """Return a file's bytes in chunks; a missing one answers as a web server would."""
        path = self.root / url
        if not path.is_file():
            raise tuf_errors.DownloadHTTPError(f"There is no {path}.", 404)
        return _read_chunks(path)


class Updater:
    """Keeps one vehicle at the newest release that it may trust.

    Args:
        home: The vehicle's folder for networks and trusted metadata.
        trusted_root: The root metadata that the vehicle was built with.
        source: The release repository: a folder, or a URL.
        try_out: Opens a network before it may drive; raises if it would not run.
    """

    def __init__(
        self,
        home: Path,
        trusted_root: bytes,
        source: Path | str,
        *,
        try_out: Callable[[Path], object] = OnnxNetwork.open,
    ) -> None:
        self.home = home
        self.source = source
        self._trusted_root = trusted_root
        self._try_out = try_out
        self._slots = Slots(home / "slots")

    def current(self) -> Path | None:
        """Return the network that drives, its bytes checked.

        Returns:
            The file; None before the first release.

        Raises:
            IntegrityError: If the file is not what was installed.
        """
        return self._slots.current()

    def release(self) -> ReleaseManifest | None:
        """Return the release that drives; None before the first."""
        return self._slots.read_state().driving

    def update(self, now: datetime) -> Update:
        """Fetch the newest release, verify it, try it out, and switch to it.

        Whatever is wrong, the network that drives stays as it is.

        Args:
            now: The time, with its zone.

        Returns:
            What was done.

        Raises:
            InputError: If the network does not run here, or ``now`` has no zone.
            IntegrityError: If what is offered is not signed, too old, or tampered with.
            NotFoundError: If nothing could be fetched.
        """
        if now.tzinfo is None:
            raise InputError("The time of an update names its zone.", where="now")
        with hold_lock(self.home / ".lock"), _refusals(str(self.source)):
            state = self._slots.read_state()
            self._slots.sweep(state)
            client = self._open_client(now)
            client.refresh()
            offered = self._read_offer(client, state)
            if offered.version == state.withdrawn_version:
                return Update(change=Change.HELD_BACK, offered=offered)
            if offered == state.driving and self._is_whole():
                return Update(change=Change.UP_TO_DATE, offered=offered)
            network = self._download(client, NETWORK_TARGET)
            self._check_network(network, offered)
            self._slots.install(offered, network)
            return Update(change=Change.INSTALLED, offered=offered)

    def roll_back(self) -> ReleaseManifest:
        """Switch to the release before; the one that drove is not installed again.

        Returns:
            The release that drives now.

        Raises:
            NotFoundError: If nothing has driven so far.
            ConflictError: If there is no earlier release to go back to.
            IntegrityError: If its file is damaged.
        """
        with hold_lock(self.home / ".lock"):
            return self._slots.roll_back()

    def _open_client(self, now: datetime) -> TufClient:
        """Return a client that trusts what the vehicle trusts, and takes ``now`` for the time."""
        for folder in ("tuf", "incoming"):
            (self.home / folder).mkdir(parents=True, exist_ok=True)
        base, fetcher = "", None
        if isinstance(self.source, Path):
            fetcher = FolderFetcher(self.source)
        else:
            base = f"{self.source.rstrip('/')}/"
        client = TufClient(
            metadata_dir=str(self.home / "tuf"),
            metadata_base_url=f"{base}{METADATA_FOLDER}/",
            target_dir=str(self.home / "incoming"),
            target_base_url=f"{base}{TARGETS_FOLDER}/",
            fetcher=fetcher,
            bootstrap=self._trusted_root,
        )
        # There is no public way to give the client a time; mypy and the tests notice if it moves.
        client._trusted_set.reference_time = now
        return client

    def _read_offer(self, client: TufClient, state: SlotState) -> ReleaseManifest:
        """Return the release on offer, if it may follow what was here before."""
        path = self._download(client, LOG_TARGET)
        releases = decode(path.read_bytes(), ReleaseLog, where=LOG_TARGET).releases
        path.unlink()
        if not releases or releases[-1].version < state.newest_version:
            raise IntegrityError(
                f"The newest release on offer is {len(releases)}, and {state.newest_version} "
                "was here already: someone offers the past.",
                where=str(self.source),
                fix="Publish what is to drive as a new release.",
            )
        driving = state.driving
        if driving is not None and releases[driving.version - 1] != driving:
            raise IntegrityError(
                f"Release {driving.version} on offer is not the one that drives here.",
                where=str(self.source),
                fix="A repository was made anew, or its keys sign two of them.",
            )
        return releases[-1]

    def _download(self, client: TufClient, name: str) -> Path:
        """Return a target's verified file."""
        target = client.get_targetinfo(name)
        if target is None:
            raise IntegrityError(
                f"The signed metadata names no {name!r}.",
                where=str(self.source),
                fix="Publish a release.",
            )
        return Path(client.download_target(target))

    def _check_network(self, network: Path, offered: ReleaseManifest) -> None:
        """Refuse a network that the manifest does not name, or that would not run."""
        if hashlib.sha256(network.read_bytes()).hexdigest() != offered.network_id:
            raise IntegrityError(
                f"The network signed is not the one that release {offered.version} names.",
                where=str(self.source),
                fix="Publish the release again.",
            )
        self._try_out(network)

    def _is_whole(self) -> bool:
        """Return whether the network that drives is undamaged."""
        try:
            return self._slots.current() is not None
        except IntegrityError:
            return False


def _read_chunks(path: Path) -> Iterator[bytes]:
    """Yield a file's bytes."""
    try:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk
    except OSError as error:
        raise tuf_errors.DownloadError(f"{path} cannot be read: {error}.") from error


_REFUSED: Final[tuple[tuple[type[Exception], str, str], ...]] = (
    (
        tuf_errors.ExpiredMetadataError,
        "is too old",
        "Renew its signatures; until then the network that drives stays.",
    ),
    (
        tuf_errors.BadVersionNumberError,
        "is older than what was seen here, or mixed from several",
        "Offer the newest metadata, all of it from one publication.",
    ),
    (
        tuf_errors.UnsignedMetadataError,
        "is not signed by a key that this vehicle trusts",
        "Publish it with the keys of this vehicle's root.",
    ),
    (
        tuf_errors.LengthOrHashMismatchError,
        "is not what was signed",
        "Copy the repository again, whole.",
    ),
    (
        tuf_errors.DownloadLengthMismatchError,
        "is longer than what was signed",
        "Copy the repository again, whole.",
    ),
    (
        tuf_errors.RepositoryError,
        "cannot be trusted",
        "Copy the repository again, whole.",
    ),
)


@contextmanager
def _refusals(source: str) -> Iterator[None]:
    """Turn the client's errors into ones that say what is wrong, and that nothing changed."""
    try:
        yield
    except (tuf_errors.RepositoryError, tuf_errors.DownloadError) as error:
        for kind, why, fix in _REFUSED:
            if isinstance(error, kind):
                raise IntegrityError(
                    f"The release on offer {why}: {error}.", where=source, fix=fix
                ) from error
        raise NotFoundError(
            f"The release cannot be fetched: {error}.",
            where=source,
            fix="Check the source; the network that drives stays.",
        ) from error
