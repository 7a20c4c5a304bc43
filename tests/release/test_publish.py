import json
import logging
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bessemer.core.errors import (
    ConflictError,
    GateRefusedError,
    InputError,
    IntegrityError,
    NotFoundError,
)
from bessemer.core.gates import Decision
from bessemer.core.ids import NetworkId
from bessemer.edge.update import Change, Updater
from bessemer.release.keys import Role, SigningKeys, create_keys, load_keys
from bessemer.release.publish import (
    publish_release,
    read_releases,
    renew,
    renew_root,
    trusted_root,
)
from bessemer.release.repository import Lifetimes
from tests.release.bundles import DAY, HOUR, NOW, bundle_of, files_under, network_bundle


@pytest.fixture
def keys(tmp_path: Path) -> SigningKeys:
    return create_keys(tmp_path / "keys")


def only(keys: SigningKeys, *roles: Role) -> SigningKeys:
    return SigningKeys(signers={role: keys.signers[role] for role in roles})


def write_network(folder: Path, text: str) -> Path:
    path = folder / f"{text}.onnx"
    path.write_text(text)
    return path


def update_at(base: Path, repo: Path, now: datetime) -> Change:
    vehicle = Updater(base / "home", trusted_root(repo), repo, try_out=Path.stat)
    return vehicle.update(now).change


def test_releases_count_up_and_say_where_they_came_from(tmp_path: Path, keys: SigningKeys) -> None:
    repo = tmp_path / "repo"
    assert read_releases(repo) == ()
    for number in (1, 2, 3):
        bundle = network_bundle(tmp_path, number)
        release = publish_release(repo, keys, bundle, NOW)
        assert release == bundle.manifest(number)
        assert read_releases(repo)[-1] == release
    assert [release.version for release in read_releases(repo)] == [1, 2, 3]


def test_each_role_expires_after_its_own_time(tmp_path: Path, keys: SigningKeys) -> None:
    lifetimes = Lifetimes(root_days=40, targets_days=30, snapshot_days=20, timestamp_days=10)
    repo = tmp_path / "repo"
    publish_release(repo, keys, network_bundle(tmp_path, 1), NOW, lifetimes=lifetimes)
    for name, days in {"1.root": 40, "1.targets": 30, "1.snapshot": 20, "timestamp": 10}.items():
        signed = json.loads((repo / "metadata" / f"{name}.json").read_bytes())["signed"]
        expires = datetime.strptime(signed["expires"], "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC)
        assert expires == NOW + days * DAY
    with pytest.raises(InputError, match="positive"):
        Lifetimes(snapshot_days=0)


def test_the_same_release_twice_changes_no_byte(tmp_path: Path, keys: SigningKeys) -> None:
    repo = tmp_path / "repo"
    bundles = [network_bundle(tmp_path, number) for number in (1, 2)]
    releases = [publish_release(repo, keys, bundle, NOW) for bundle in bundles]
    before = files_under(repo)
    # The whole run again, as after a kill: the older release does not come back as a newer one.
    again = [publish_release(repo, keys, bundle, NOW + HOUR) for bundle in bundles]
    assert again == releases
    assert files_under(repo) == before


def test_an_old_network_may_be_released_again_by_a_new_decision(
    tmp_path: Path, keys: SigningKeys
) -> None:
    repo = tmp_path / "repo"
    first, second = (network_bundle(tmp_path, number) for number in (1, 2))
    for bundle in (first, second):
        publish_release(repo, keys, bundle, NOW)
    gate = replace(first.gate, released=second.network_id)
    anew = replace(first, gate=gate, gate_id=type(first.gate_id)(gate.ruling_id))
    assert publish_release(repo, keys, anew, NOW).version == 3


def test_what_no_gate_let_through_is_not_signed(tmp_path: Path, keys: SigningKeys) -> None:
    repo = tmp_path / "repo"
    refused = bundle_of(write_network(tmp_path, "worse"), decision=Decision.REFUSE)
    with pytest.raises(GateRefusedError, match="stop signs got worse"):
        publish_release(repo, keys, refused, NOW)
    passed = bundle_of(write_network(tmp_path, "better"))
    other = replace(refused, gate=passed.gate)
    with pytest.raises(GateRefusedError, match="not on this network"):
        publish_release(repo, keys, other, NOW)
    assert not repo.exists()


def test_a_file_that_is_not_the_network_is_refused(tmp_path: Path, keys: SigningKeys) -> None:
    bundle = bundle_of(write_network(tmp_path, "one"))
    bundle.onnx.write_text("two")
    with pytest.raises(IntegrityError, match="not the network"):
        publish_release(tmp_path / "repo", keys, bundle, NOW)
    bundle.onnx.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        publish_release(tmp_path / "repo", keys, bundle, NOW)


def test_a_time_without_a_zone_is_refused(tmp_path: Path, keys: SigningKeys) -> None:
    bundle = bundle_of(write_network(tmp_path, "one"))
    with pytest.raises(InputError, match="zone"):
        publish_release(tmp_path / "repo", keys, bundle, NOW.replace(tzinfo=None))


def test_the_root_key_is_needed_once(tmp_path: Path, keys: SigningKeys) -> None:
    repo = tmp_path / "repo"
    everyday = only(keys, Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP)
    bundles = [network_bundle(tmp_path, number) for number in (1, 2)]
    with pytest.raises(NotFoundError, match="root key"):
        publish_release(repo, everyday, bundles[0], NOW)
    publish_release(repo, keys, bundles[0], NOW)
    assert publish_release(repo, everyday, bundles[1], NOW).version == 2


def test_keys_that_vehicles_would_refuse_sign_nothing(tmp_path: Path, keys: SigningKeys) -> None:
    repo = tmp_path / "repo"
    publish_release(repo, keys, network_bundle(tmp_path, 1), NOW)
    before = files_under(repo)
    bundle = network_bundle(tmp_path, 2)
    with pytest.raises(InputError, match="not the one that this repository's root names"):
        publish_release(repo, create_keys(tmp_path / "others"), bundle, NOW)
    with pytest.raises(NotFoundError, match="snapshot key"):
        publish_release(repo, only(keys, Role.TARGETS, Role.TIMESTAMP), bundle, NOW)
    metadata = {name: data for name, data in before.items() if name.startswith("metadata")}
    assert metadata.items() <= files_under(repo).items()
    assert len(list((repo / "metadata").iterdir())) == len(metadata)


@pytest.mark.parametrize(
    "name", ["metadata/timestamp.json", "metadata/1.snapshot.json", "metadata/1.targets.json"]
)
def test_nothing_is_signed_on_top_of_edited_metadata(
    tmp_path: Path, keys: SigningKeys, name: str
) -> None:
    repo = tmp_path / "repo"
    publish_release(repo, keys, network_bundle(tmp_path, 1), NOW)
    path = repo / name
    path.write_bytes(path.read_bytes().replace(b"2031", b"2039"))
    for attempt in (
        lambda: publish_release(repo, keys, network_bundle(tmp_path, 2), NOW),
        lambda: renew(repo, keys, NOW + DAY),
        lambda: read_releases(repo),
    ):
        with pytest.raises(IntegrityError, match="not what was signed"):
            attempt()


@pytest.mark.parametrize("role", ["snapshot", "targets"])
def test_nothing_is_signed_on_top_of_old_metadata_in_place_of_new(
    tmp_path: Path, keys: SigningKeys, role: str
) -> None:
    repo = tmp_path / "repo"
    for number in (1, 2):
        publish_release(repo, keys, network_bundle(tmp_path, number), NOW)
    metadata = repo / "metadata"
    shutil.copy(metadata / f"1.{role}.json", metadata / f"2.{role}.json")
    with pytest.raises(IntegrityError, match="not what was signed"):
        publish_release(repo, keys, network_bundle(tmp_path, 3), NOW)


def test_an_edited_list_of_releases_is_refused(tmp_path: Path, keys: SigningKeys) -> None:
    repo = tmp_path / "repo"
    publish_release(repo, keys, network_bundle(tmp_path, 1), NOW)
    (log,) = (repo / "targets").glob("*.releases.json")
    log.write_bytes(log.read_bytes().replace(b"commit", b"tamper"))
    with pytest.raises(IntegrityError, match="not what was signed"):
        read_releases(repo)


def test_renewal_signs_what_is_due_and_keeps_the_release(tmp_path: Path, keys: SigningKeys) -> None:
    repo = tmp_path / "repo"
    release = publish_release(repo, keys, network_bundle(tmp_path, 1), NOW)
    assert renew(repo, keys, NOW + HOUR) == ()
    assert update_at(tmp_path, repo, NOW) is Change.INSTALLED
    online = only(keys, Role.TIMESTAMP)
    assert renew(repo, online, NOW + 2 * DAY) == (Role.TIMESTAMP,)
    assert update_at(tmp_path, repo, NOW + 2 * DAY) is Change.UP_TO_DATE
    with pytest.raises(NotFoundError, match="snapshot key"):
        renew(repo, online, NOW + 5 * DAY)
    assert renew(repo, keys, NOW + 5 * DAY) == (Role.SNAPSHOT, Role.TIMESTAMP)
    assert renew(repo, keys, NOW + 80 * DAY) == (Role.TARGETS, Role.SNAPSHOT, Role.TIMESTAMP)
    assert update_at(tmp_path, repo, NOW + 80 * DAY) is Change.UP_TO_DATE
    assert read_releases(repo) == (release,)
    with pytest.raises(NotFoundError, match="Nothing was published"):
        renew(tmp_path / "nowhere", keys, NOW)


def test_an_expired_root_is_renewed_and_old_vehicles_follow(
    tmp_path: Path, keys: SigningKeys
) -> None:
    repo, late = tmp_path / "repo", NOW + 400 * DAY
    publish_release(repo, keys, network_bundle(tmp_path, 1), NOW)
    with pytest.raises(ConflictError, match="renew_root"):
        renew(repo, keys, late)
    assert renew_root(repo, keys, late) == 2
    renew(repo, keys, late)
    assert update_at(tmp_path, repo, late) is Change.INSTALLED


def test_publishers_take_turns(tmp_path: Path, keys: SigningKeys) -> None:
    repo = tmp_path / "repo"
    bundles = [bundle_of(write_network(tmp_path, text)) for text in "abcdef"]
    with ThreadPoolExecutor(6) as pool:
        done = list(pool.map(lambda bundle: publish_release(repo, keys, bundle, NOW), bundles))
    assert sorted(release.version for release in done) == [1, 2, 3, 4, 5, 6]
    assert sorted(done, key=lambda release: release.version) == list(read_releases(repo))


@pytest.mark.parametrize("first", [True, False])
def test_killed_between_any_two_writes_the_release_before_stays_valid(
    tmp_path: Path, repo_root: Path, first: bool
) -> None:
    start = tmp_path / "start"
    start.mkdir()
    keys = create_keys(start / "keys")
    old = () if first else (bundle_of(write_network(tmp_path, "old")),)
    standing = tuple(publish_release(start / "repo", keys, bundle, NOW) for bundle in old)
    bundle = bundle_of(write_network(start, "new"))
    killed = [sys.executable, "-m", "tests.release.killed", "publish", str(tmp_path)]
    subprocess.run(killed, cwd=repo_root, check=True, timeout=120)

    folders = sorted(path for path in tmp_path.iterdir() if path.name.isdigit())
    assert len(folders) > 8
    finished = bundle.manifest(len(old) + 1)
    for folder in folders:
        done = folder.name == str(len(folders) - 1)
        repo = folder / "repo"
        assert read_releases(repo) == ((*standing, finished) if done else standing)
        if standing:
            assert update_at(folder, repo, NOW + HOUR) is Change.INSTALLED
        assert publish_release(repo, keys, bundle, NOW + HOUR) == finished
        assert update_at(folder, repo, NOW + HOUR) is (
            Change.UP_TO_DATE if done and standing else Change.INSTALLED
        )


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "keys"
    mask = os.umask(0)
    try:
        create_keys(folder)
    finally:
        os.umask(mask)
    assert {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()} == {
        f"{role}.pem": 0o600 for role in Role
    }
    assert folder.stat().st_mode & 0o777 == 0o700
    assert list(folder.parent.iterdir()) == [folder]
    (folder / "snapshot.pem").chmod(0o640)
    with pytest.raises(InputError, match=r"Others can read this key: its mode is 0640.*chmod 600"):
        load_keys(folder)


def test_keys_are_different_by_role_and_come_back(tmp_path: Path) -> None:
    made = create_keys(tmp_path / "keys")
    loaded = load_keys(tmp_path / "keys")
    ids = {role: loaded.signer_of(role).public_key.keyid for role in Role}
    assert ids == {role: made.signer_of(role).public_key.keyid for role in Role}
    assert len(set(ids.values())) == 4
    (tmp_path / "keys" / "root.pem").unlink()
    with pytest.raises(NotFoundError, match="root key is not here"):
        load_keys(tmp_path / "keys").signer_of(Role.ROOT)
    with pytest.raises(NotFoundError, match="no signing keys"):
        load_keys(tmp_path / "nowhere")


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    create_keys(tmp_path / "keys")
    before = files_under(tmp_path)
    with pytest.raises(ConflictError, match="never overwritten"):
        create_keys(tmp_path / "keys")
    assert files_under(tmp_path) == before


def test_private_keys_show_up_nowhere(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    keys = create_keys(tmp_path / "keys")
    publish_release(tmp_path / "repo", keys, network_bundle(tmp_path, 1), NOW)
    shown = repr(keys) + caplog.text + repr(files_under(tmp_path / "repo"))
    for path in (tmp_path / "keys").iterdir():
        secret = path.read_text().splitlines()[1]
        assert re.fullmatch(r"[A-Za-z0-9+/=]{64}", secret)
        assert secret not in shown
    path.write_text(f"-----BEGIN PRIVATE KEY-----\n{secret[:40]}\n-----END PRIVATE KEY-----\n")
    with pytest.raises(InputError, match="no unencrypted ed25519 key") as caught:
        load_keys(tmp_path / "keys")
    assert secret[:40] not in str(caught.value)


def test_a_network_address_cannot_lead_out_of_a_folder(tmp_path: Path) -> None:
    bundle = bundle_of(write_network(tmp_path, "one"))
    with pytest.raises(InputError, match="64 hexadecimal digits"):
        replace(bundle, network_id=NetworkId("../../etc/passwd")).manifest(1)
    with pytest.raises(InputError, match="starts at 1"):
        bundle.manifest(0)
