"""``bessemer evaluate``: a released network, fetched as by a vehicle, on a folder it never saw."""

from pathlib import Path

import pytest

from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from tests.cli.conftest import Bessemer
from tests.loop.few import CLASSES, COUNT, write_digits

SUITE = """
name = "yard"
[[slice]]
name = "all"
where = "true"
[[slice]]
name = "faint"
where = "contrast < 0.36"
[[check]]
slice = "all"
metric = "accuracy"
at_least = 0.5
[[check]]
slice = "faint"
metric = "accuracy"
at_least = 0.5
"""
UNSEEN = 150


@pytest.fixture
def released(bessemer: Bessemer, copy_root: Path, tmp_path: Path) -> Path:
    """A network that a gate let through, signed, published, fetched and verified."""
    gates = bessemer("release", "list", "--works", copy_root, "--json").json
    network = next(gate["network_id"] for gate in gates if gate["shipped"])
    keys, repo = tmp_path / "keys", tmp_path / "repo"
    assert bessemer("release", "keys", keys).code == 0
    signed = bessemer(
        "release", "publish", network, "--repo", repo, "--keys", keys, "--works", copy_root
    )
    assert signed.code == 0, signed.err
    root = repo / "metadata" / "1.root.json"
    fetched = bessemer("release", "fetch", tmp_path / "car", "--repo", repo, "--root", root)
    assert fetched.code == 0, fetched.err
    return Path(fetched.out.splitlines()[-1].removeprefix("drives: "))


def test_a_released_network_is_scored_on_a_folder_it_has_never_seen(
    bessemer: Bessemer, released: Path, tmp_path: Path
) -> None:
    unseen = write_digits(tmp_path / "yard", first=COUNT, count=UNSEEN)
    (unseen / "extra.png").write_bytes(b"no picture")
    (tmp_path / "slices.toml").write_text(SUITE)
    words = ("evaluate", released, "--data", unseen, "--suite", tmp_path / "slices.toml")
    told = bessemer(*words, "--json").json
    assert told["reader"] == "pictures"
    assert (told["n_recordings"], told["n_frames"]) == (UNSEEN, UNSEEN)
    assert [count["count"] for count in told["rejected"]] == [1]
    slices = {row["slice_name"]: row for row in told["slices"] if row["metric"] == "macro_recall"}
    assert slices.keys() == {"all", "faint"}
    assert 0 < slices["faint"]["n_examples"] < slices["all"]["n_examples"] == UNSEEN
    assert slices["all"]["candidate"]["value"] > 0.3, "chance is 0.1"
    assert {row["class_name"] for row in told["classes"]} == set(CLASSES)
    said = bessemer(*words).out.splitlines()
    for row in (*told["slices"], *told["classes"]):
        name, seen = row["class_name"] or row["slice_name"], row["candidate"]
        line = next(line for line in said if line.split()[:2] == [name, row["metric"]])
        assert f"{seen['value']:.3f}" in line
        assert f"[{seen['low']:.3f}, {seen['high']:.3f}]" in line
    verdicts = {check["name"]: check["verdict"] for check in told["checks"]}
    assert verdicts.keys() == {"all accuracy at_least", "faint accuracy at_least"}
    for name, verdict in verdicts.items():
        assert next(line for line in said if line.startswith(name)).endswith(verdict)


def test_an_answer_in_a_class_that_the_network_does_not_know_is_refused_and_the_rest_scored(
    bessemer: Bessemer, newest: Path, tmp_path: Path
) -> None:
    unseen = write_digits(tmp_path / "yard", first=COUNT, count=3)
    head, *rows = (unseen / "labels.csv").read_text().splitlines()
    wrong = [rows[0].split(",")[0] + ",sevven", *rows[1:]]
    (unseen / "labels.csv").write_text("\n".join([head, *wrong]))
    words = ("evaluate", newest, "--data", unseen)
    told = bessemer(*words, "--json").json
    assert told["n_recordings"] == 2
    assert [one["reason"] for one in told["rejections"]] == ["unknown_class"]
    assert told["rejections"][0]["where"].endswith(rows[0].split(",")[0])
    said = bessemer(*words)
    assert said.code == 0
    assert "No class is named 'sevven'. Did you mean 'seven'" in said.out
    (unseen / "labels.csv").write_text("\n".join([head, wrong[0]]))
    nothing = bessemer(*words)
    assert nothing.code == 1
    assert "'sevven'" in nothing.err


def test_a_network_of_the_works_is_named_by_its_address(
    bessemer: Bessemer, cli_root: Path, newest: Path, tmp_path: Path
) -> None:
    unseen = write_digits(tmp_path / "yard", first=COUNT, count=3)
    address = bessemer("release", "list", "--works", cli_root).out.splitlines()[-1].split()[0]
    works = ("--works", cli_root, "--json")
    named = bessemer("evaluate", address, "--data", unseen, *works).json
    assert named["network_id"].startswith(address)
    unknown = bessemer("evaluate", "0" * 12, "--data", unseen, *works)
    assert unknown.code == 1
    assert bessemer("evaluate", newest, "--data", tmp_path / "nowhere").err.startswith(
        "bessemer: There is no such file or folder."
    )


@pytest.fixture
def newest(cli_root: Path) -> Path:
    """The last network of a works, straight from its lake."""
    with Works.open(cli_root) as works:
        return works.lake.path_of(turn_records(works)[-1].network.onnx)


@pytest.mark.parametrize(
    ("line", "code", "verdict"),
    [
        ("at_least = 0.0", 0, "pass"),
        ("at_least = 0.999", 3, "fail"),
        ("at_least = 0.999\nmin_recordings = 400", 0, "cannot tell"),
    ],
)
def test_a_check_that_fails_ends_with_3_and_one_that_cannot_tell_does_not(
    bessemer: Bessemer, newest: Path, tmp_path: Path, line: str, code: int, verdict: str
) -> None:
    unseen = write_digits(tmp_path / "yard", first=COUNT, count=60)
    suite = tmp_path / "slices.toml"
    suite.write_text(SUITE.replace("at_least = 0.5", line))
    words = ("evaluate", newest, "--data", unseen, "--suite", suite)
    told = bessemer(*words, "--json")
    assert told.code == code
    assert {check["verdict"] for check in told.json["checks"]} == {verdict}
    assert bessemer(*words).code == code
