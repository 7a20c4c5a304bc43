"""The twin on the command line: a tiny fleet is recorded once, and goes on where it was."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bessemer.cli.twin_options import sized_rig
from bessemer.ingest.mcap_records import Facts, read_log
from bessemer.twin.drive_log.log import METADATA
from bessemer.twin.events.catalogue import EVENTS
from bessemer.twin.rigs import RIGS
from bessemer.twin.roads.net_file import DATA
from tests.cli.conftest import Bessemer

TINY = (
    *("--vehicles", "1", "--hours", "0.0017", "--weeks", "1", "--drive-s", "3"),
    *("--width", "32", "--height", "18"),
)


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Any, str]:
    """A folder of two drives, and what recording it said on stdout and stderr."""
    root = tmp_path_factory.mktemp("twin") / "fleet"
    return root, *record_alone("--out", str(root))


def record_alone(*arguments: str) -> tuple[Any, str]:
    """Record a tiny fleet in a process of its own; what it said on stdout and stderr."""
    program = "from bessemer.cli import main; main()"
    command = [sys.executable, "-c", program, "twin", "record", *TINY, *arguments, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout), done.stderr


@pytest.mark.slow
def test_a_recording_says_its_price_first_and_then_what_there_is(
    fleet: tuple[Path, Any, str],
) -> None:
    root, told, story = fleet
    files = sorted(root.rglob("*"))
    assert [path.name for path in files if path.is_file()] == ["0000.mcap", "0001.mcap"]
    assert told["recorded"] == told["drives"] == 2
    assert told["driven_s"] == pytest.approx(6.0)
    assert told["pictures"] == 32
    assert told["size_bytes"] == sum(path.stat().st_size for path in files if path.is_file())
    assert told["expected_bytes"] == pytest.approx(told["size_bytes"], rel=0.5)
    lines = story.splitlines()
    price = next(i for i, line in enumerate(lines) if "about" in line and "MB" in line)
    assert price < next(i for i, line in enumerate(lines) if line.startswith("Recorded 2 drives"))
    assert f"bessemer run twin --data {root}" in lines[-1]


@pytest.mark.slow
def test_a_drive_that_is_there_is_not_driven_again(
    fleet: tuple[Path, Any, str], bessemer: Bessemer
) -> None:
    root, told, _ = fleet
    before = {path: path.stat().st_mtime_ns for path in root.rglob("*.mcap")}
    said = bessemer("twin", "record", *TINY, "--out", root, "--json")
    assert said.code == 0
    assert (said.json["recorded"], said.json["drives"]) == (0, 2)
    assert said.json["size_bytes"] == told["size_bytes"]
    assert {path: path.stat().st_mtime_ns for path in root.rglob("*.mcap")} == before


@pytest.mark.slow
def test_a_folder_holds_one_fleet(fleet: tuple[Path, Any, str], bessemer: Bessemer) -> None:
    said = bessemer("twin", "record", *TINY, "--out", fleet[0], "--seed", 1)
    assert said.code == 1
    assert "another fleet" in said.err


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (["--rig", "fornt"], "'front'"),
        (["--hours", "0"], "A fleet has"),
        (["--rig", "mine.toml", "--width", "64"], "its own sizes"),
        (["--network", "twon"], "twon"),
        (["--force", "wrong_way_drvier=0.5"], "'wrong_way_driver'"),
        (["--force", "animal"], "NAME=PER_CLIP"),
        (["--force", "animal=often"], "NAME=PER_CLIP"),
        (["--force", "animal=0"], "above 0"),
        (["--force", "animal=1", "--force", "animal=2"], "one frequency"),
    ],
)
def test_what_cannot_be_recorded_is_said(
    bessemer: Bessemer, tmp_path: Path, wrong: list[str], word: str
) -> None:
    said = bessemer("twin", "record", "--out", tmp_path / "fleet", *wrong)
    assert said.code == 1
    assert word in said.err
    assert not (tmp_path / "fleet").exists()


@pytest.mark.parametrize(
    ("asked", "size_px"),
    [
        ((480, None), (480, 270)),
        ((None, 72), (128, 72)),
        ((64, 18), (64, 18)),
        ((None, None), (320, 180)),
    ],
)
def test_one_side_of_a_picture_keeps_its_shape(
    asked: tuple[int | None, int | None], size_px: tuple[int, int]
) -> None:
    lens = sized_rig("front", *asked, None).cameras[0].calibration
    assert (lens.width_px, lens.height_px) == size_px


@pytest.mark.slow
def test_forced_events_are_driven_and_weighed(tmp_path: Path) -> None:
    out = tmp_path / "fleet"
    name = "hard_braking"
    told, _ = record_alone("--out", str(out), "--force", f"{name}=10")
    assert name in told["events"].keys() | told["not_begun"].keys()
    files = sorted(out.rglob("*.mcap"))
    assert files
    for path in files:
        (facts,) = (
            item.values
            for item in read_log(path)
            if isinstance(item, Facts) and item.name == METADATA
        )
        assert float(facts["importance"]) != 1.0


@pytest.mark.slow
def test_a_fleet_drives_on_a_network_of_ones_own(tmp_path: Path) -> None:
    network = tmp_path / "mine.net.xml"
    network.write_bytes((DATA / "motorway.net.xml").read_bytes())
    out = tmp_path / "fleet"
    told, _ = record_alone("--out", str(out), "--network", str(network))
    assert told["drives"] == 2
    for path in out.rglob("*.mcap"):
        facts = [item.values for item in read_log(path) if isinstance(item, Facts)]
        assert any(values.get("scenario") == str(network) for values in facts)


def test_without_a_folder_a_fleet_lies_in_fleet(bessemer: Bessemer) -> None:
    said = bessemer("twin", "record", "--hours", "0")
    assert (said.code, "A fleet has" in said.err) == (1, True)
    assert "[default: fleet]" in bessemer("twin", "record", "--help").out


def test_every_event_stands_in_the_table(bessemer: Bessemer) -> None:
    rows = bessemer("twin", "events").out.splitlines()[1:]
    assert [row.split()[0] for row in rows] == list(EVENTS)
    told = bessemer("twin", "events", "--json").json
    assert {row["name"]: row["per_clip"] for row in told} == {
        name: spec.per_clip for name, spec in EVENTS.items()
    }


def test_networks_and_rigs_stand_in_their_tables(bessemer: Bessemer) -> None:
    networks = {row["name"]: row for row in bessemer("twin", "networks", "--json").json}
    assert {"town", "motorway", "country"} <= networks.keys()
    assert networks["town"]["signals"] > 0
    assert networks["motorway"]["lane_km"] > 5
    rows = bessemer("twin", "networks").out.splitlines()[1:]
    assert [row.split()[0] for row in rows] == list(networks)
    assert [row.split()[0] for row in bessemer("twin", "rigs").out.splitlines()] == list(RIGS)
    assert len(bessemer("twin", "rigs", "--json").json[1]["cameras"]) == 6
