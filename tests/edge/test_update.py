import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bessemer.core.errors import ConflictError, InputError, IntegrityError, NotFoundError
from bessemer.edge.runtime import OnnxNetwork
from bessemer.edge.update import NETWORK_TARGET, Change, Updater
from bessemer.release.keys import SigningKeys, create_keys
from bessemer.release.publish import publish_release, trusted_root
from bessemer.release.repository import Lifetimes, SignedFolder
from tests.edge.networks import write_colour_network
from tests.release.bundles import DAY, HOUR, NOW, bundle_of, files_under, network_bundle


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A publisher, and a vehicle that drives its first release."""

    base: Path
    keys: SigningKeys
    vehicle: Updater

    @property
    def repo(self) -> Path:
        return self.base / "repo"

    @property
    def past(self) -> Path:
        """The repository as it was after the first release."""
        return self.base / "past"

    def publish(self, number: int, now: datetime = NOW) -> None:
        publish_release(self.repo, self.keys, network_bundle(self.base, number), now)

    def network(self, number: int) -> bytes:
        return (self.base / f"{number}.onnx").read_bytes()

    def driving(self) -> bytes:
        current = self.vehicle.current()
        assert current is not None
        return current.read_bytes()


@pytest.fixture
def world(tmp_path: Path) -> World:
    keys, repo = create_keys(tmp_path / "keys"), tmp_path / "repo"
    publish_release(repo, keys, network_bundle(tmp_path, 1), NOW)
    shutil.copytree(repo, tmp_path / "past")
    vehicle = Updater(tmp_path / "home", trusted_root(repo), repo)
    assert vehicle.current() is None
    assert vehicle.release() is None
    assert vehicle.update(NOW).change is Change.INSTALLED
    return World(base=tmp_path, keys=keys, vehicle=vehicle)


def the(folder: Path, pattern: str) -> Path:
    (path,) = folder.glob(pattern)
    return path


def network_file(world: World, number: int) -> Path:
    return the(world.repo / "targets", f"{network_bundle(world.base, number).network_id}.network.*")


def roll_the_repository_back(world: World) -> None:
    world.vehicle.update(NOW)
    shutil.rmtree(world.repo)
    shutil.copytree(world.past, world.repo)


def flip_a_bit_of_the_network(world: World) -> None:
    path = network_file(world, 2)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def lengthen_the_network(world: World) -> None:
    path = network_file(world, 2)
    path.write_bytes(path.read_bytes() + b"more")


def shorten_the_network(world: World) -> None:
    path = network_file(world, 2)
    path.write_bytes(path.read_bytes()[:-1])


def name_another_network(world: World) -> None:
    path = world.repo / "metadata" / "2.targets.json"
    old, new = (network_bundle(world.base, number).network_id for number in (1, 2))
    path.write_bytes(path.read_bytes().replace(new.encode(), old.encode()))


def lengthen_the_life_of_the_timestamp(world: World) -> None:
    path = world.repo / "metadata" / "timestamp.json"
    path.write_bytes(path.read_bytes().replace(b"2031-05-02", b"2031-06-02"))


def edit_the_list_of_releases(world: World) -> None:
    for path in (world.repo / "targets").glob("*.releases.json"):
        path.write_bytes(path.read_bytes().replace(b"commit", b"tamper"))


def forge(world: World, *, with_root: bool) -> None:
    """Put the releases of other keys in the repository's place."""
    forged, keys = world.base / "forged", create_keys(world.base / "forger")
    for number in (3, 4, 5):
        publish_release(forged, keys, network_bundle(world.base, number), NOW)
    (forged / "metadata" / "1.root.json").rename(forged / "metadata" / "2.root.json")
    if not with_root:
        (forged / "metadata" / "2.root.json").unlink()
    shutil.copytree(forged, world.repo, dirs_exist_ok=True)


def mix_an_old_snapshot_in(world: World) -> None:
    metadata = world.repo / "metadata"
    shutil.copy(metadata / "1.snapshot.json", metadata / "2.snapshot.json")


def mix_old_targets_in(world: World) -> None:
    metadata = world.repo / "metadata"
    shutil.copy(metadata / "1.targets.json", metadata / "2.targets.json")


def leave_all_as_it_is(world: World) -> None:
    pass


ATTACKS: dict[str, tuple[Callable[[World], None], datetime, str]] = {
    "rollback": (roll_the_repository_back, NOW, "older than what was seen here"),
    "bit flip": (flip_a_bit_of_the_network, NOW, "not what was signed"),
    "extra bytes": (lengthen_the_network, NOW, "longer than what was signed"),
    "missing bytes": (shorten_the_network, NOW, "not what was signed"),
    "edited targets": (name_another_network, NOW, "not what was signed"),
    "edited timestamp": (lengthen_the_life_of_the_timestamp, NOW + 2 * DAY, "not signed by a key"),
    "edited releases": (edit_the_list_of_releases, NOW, "not what was signed"),
    "wrong keys": (partial(forge, with_root=False), NOW, "not signed by a key"),
    "wrong root": (partial(forge, with_root=True), NOW, "not signed by a key"),
    "mixed snapshot": (mix_an_old_snapshot_in, NOW, "not what was signed"),
    "mixed targets": (mix_old_targets_in, NOW, "not what was signed"),
    "expired timestamp": (leave_all_as_it_is, NOW + 2 * DAY, "too old"),
}


@pytest.mark.parametrize("name", ATTACKS)
def test_an_attack_is_refused_and_the_network_that_drives_stays(world: World, name: str) -> None:
    attack, now, reason = ATTACKS[name]
    world.publish(2)
    sound = world.base / "sound"
    shutil.copytree(world.repo, sound)
    attack(world)
    before = world.vehicle.current(), world.driving(), world.vehicle.release()

    for _ in range(2):
        with pytest.raises(IntegrityError, match=reason):
            world.vehicle.update(now)
    assert (world.vehicle.current(), world.driving(), world.vehicle.release()) == before

    # Nothing of it sticks: once the repository is whole again, the vehicle moves on.
    shutil.rmtree(world.repo)
    sound.rename(world.repo)
    world.vehicle.update(NOW)
    assert world.driving() == world.network(2)


def test_slots_alternate_and_the_one_before_is_kept(world: World) -> None:
    for number, slot in ((2, "b"), (3, "a"), (4, "b")):
        world.publish(number)
        assert world.vehicle.update(NOW).change is Change.INSTALLED
        assert world.driving() == world.network(number)
        assert world.vehicle.update(NOW).change is Change.UP_TO_DATE
        current = world.vehicle.current()
        assert current is not None
        assert current.parent.name == slot
        assert OnnxNetwork.open(current).network_id == network_bundle(world.base, number).network_id
    kept = {path.read_bytes() for path in world.base.glob("home/slots/*/*.onnx")}
    assert kept == {world.network(3), world.network(4)}


def test_what_was_rolled_back_does_not_return_but_a_newer_one_comes(world: World) -> None:
    with pytest.raises(ConflictError, match="no release before 1"):
        world.vehicle.roll_back()
    world.publish(2)
    world.vehicle.update(NOW)
    assert world.vehicle.roll_back().version == 1
    assert world.driving() == world.network(1)
    assert world.vehicle.update(NOW).change is Change.HELD_BACK
    assert world.driving() == world.network(1)
    with pytest.raises(ConflictError, match="no release before 1"):
        world.vehicle.roll_back()
    world.publish(3)
    assert world.vehicle.update(NOW).change is Change.INSTALLED
    assert world.driving() == world.network(3)
    assert world.vehicle.roll_back().version == 1


def test_nothing_has_driven_nothing_rolls_back(world: World) -> None:
    fresh = Updater(world.base / "fresh", trusted_root(world.repo), world.repo)
    with pytest.raises(NotFoundError, match="No release has driven"):
        fresh.roll_back()


def test_a_network_that_does_not_run_here_never_drives(world: World) -> None:
    dumb = write_colour_network(world.base / "dumb.onnx", with_metadata=False)
    publish_release(world.repo, world.keys, bundle_of(dumb), NOW)
    with pytest.raises(InputError, match="no signature"):
        world.vehicle.update(NOW)
    assert world.driving() == world.network(1)
    world.publish(3)
    world.vehicle.update(NOW)
    assert world.driving() == world.network(3)


def test_a_network_signed_under_another_name_never_drives(world: World) -> None:
    world.publish(2)
    folder = SignedFolder(world.repo)
    root = folder.read_root()
    assert root is not None
    standing = folder.read(root)
    assert standing is not None
    other = folder.write_target(NETWORK_TARGET, network_bundle(world.base, 3).onnx.read_bytes())
    targets = {**standing.targets.targets, NETWORK_TARGET: other}
    folder.publish(world.keys, standing, targets, NOW, Lifetimes())
    with pytest.raises(IntegrityError, match="not the one that release 2 names"):
        world.vehicle.update(NOW)
    assert world.driving() == world.network(1)


def test_a_source_that_is_away_changes_nothing(world: World) -> None:
    world.repo.rename(world.base / "away")
    with pytest.raises(NotFoundError, match="cannot be fetched"):
        world.vehicle.update(NOW)
    assert world.driving() == world.network(1)


def test_a_damaged_network_does_not_drive_and_is_mended_in_place(world: World) -> None:
    world.publish(2)
    world.vehicle.update(NOW)
    current = world.vehicle.current()
    assert current is not None
    current.write_bytes(b"damaged")
    with pytest.raises(IntegrityError, match="not the one that was installed"):
        world.vehicle.current()
    assert world.vehicle.update(NOW).change is Change.INSTALLED
    assert world.vehicle.current() == current
    assert world.vehicle.roll_back().version == 1


def test_a_damaged_way_back_is_not_taken(world: World) -> None:
    first = world.vehicle.current()
    assert first is not None
    world.publish(2)
    world.vehicle.update(NOW)
    first.unlink()
    with pytest.raises(IntegrityError, match="not the one that was installed"):
        world.vehicle.roll_back()
    assert world.driving() == world.network(2)


def test_lost_metadata_does_not_open_the_way_to_the_past(world: World) -> None:
    world.publish(2)
    world.vehicle.update(NOW)
    shutil.rmtree(world.base / "home" / "tuf")
    old = Updater(world.base / "home", trusted_root(world.repo), world.past)
    with pytest.raises(IntegrityError, match="offers the past"):
        old.update(NOW)
    assert world.driving() == world.network(2)


def test_a_repository_made_anew_with_the_same_keys_is_noticed(world: World) -> None:
    anew = world.base / "anew"
    for number in (7, 8):
        publish_release(anew, world.keys, network_bundle(world.base, number), NOW)
    vehicle = Updater(world.base / "home", trusted_root(world.repo), anew)
    with pytest.raises(IntegrityError, match="not the one that drives here"):
        vehicle.update(NOW)
    assert world.driving() == world.network(1)


def test_a_time_without_a_zone_is_refused(world: World) -> None:
    with pytest.raises(InputError, match="zone"):
        world.vehicle.update(NOW.replace(tzinfo=None))


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def served(folder: Path) -> Iterator[str]:
    handler = partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def test_any_static_host_will_do(world: World) -> None:
    with served(world.repo) as url:
        vehicle = Updater(world.base / "far", trusted_root(world.repo), url)
        assert vehicle.update(NOW).change is Change.INSTALLED
        world.publish(2)
        lengthen_the_network(world)
        with pytest.raises(IntegrityError, match="longer than what was signed"):
            vehicle.update(NOW)
    current = vehicle.current()
    assert current is not None
    assert current.read_bytes() == world.network(1)


def test_killed_between_any_two_writes_a_vehicle_drives_the_old_or_the_new(
    world: World, repo_root: Path
) -> None:
    world.publish(2)
    start = world.base / "start"
    shutil.copytree(world.base / "home", start / "home", symlinks=True)
    shutil.copytree(world.repo, start / "repo")
    killed = [sys.executable, "-m", "tests.release.killed", "update", str(world.base)]
    subprocess.run(killed, cwd=repo_root, check=True, timeout=120)

    folders = [path for path in world.base.iterdir() if path.name.isdigit()]
    assert len(folders) > 8
    seen = []
    for folder in folders:
        home = folder / "home"
        vehicle = Updater(home, trusted_root(world.repo), world.repo, try_out=Path.stat)
        current, release = vehicle.current(), vehicle.release()
        assert current is not None
        assert release is not None
        assert current.read_bytes() == world.network(release.version)
        seen.append(release.version)
        vehicle.update(NOW + HOUR)
        current = vehicle.current()
        assert current is not None
        assert current.read_bytes() == world.network(2)
        assert vehicle.roll_back().version == 1
        names = {Path(name).name for name in files_under(home / "slots")}
        assert not {name for name in names if name.endswith(".part")}
    assert set(seen) == {1, 2}
