"""``bessemer erase``: one recording with a reason, or all that may be kept no longer."""

from pathlib import Path

import pytest

from bessemer.loop.works import Works
from tests.cli.conftest import Bessemer
from tests.ingest.trees import encoded


@pytest.fixture
def root(bessemer: Bessemer, tmp_path: Path) -> Path:
    """A works with two pictures that may be kept for 30 days, and one without limit."""
    for name, extra in (("brief", ("--set", "terms.retention_days=30")), ("lasting", ())):
        folder = tmp_path / name
        folder.mkdir()
        for number in range(2 if extra else 1):
            (folder / f"{number}.png").write_bytes(encoded("PNG", number + len(name)))
        where = ("--works", tmp_path / "works", "--licence", "mine", "--region", "CH")
        assert bessemer("ingest", "pictures", folder, *where, *extra).code == 0
    return tmp_path / "works"


def sources(root: Path) -> list[str]:
    with Works.open(root) as works:
        return [recording.source for recording in works.lake.recordings()]


def test_what_is_past_its_retention_is_listed_first_and_erased_when_told(
    bessemer: Bessemer, root: Path
) -> None:
    expired = ("erase", "--expired", "--works", root)
    today = bessemer(*expired)
    assert (today.code, today.out[:2]) == (0, "0 ")
    later = (*expired, "--as-of", "2999-01-01")
    listed = bessemer(*later)
    assert [line.split("  ")[1] for line in listed.out.splitlines()[:-1]] == [
        "brief/0.png",
        "brief/1.png",
    ]
    assert "nothing was erased: add --yes" in listed.out
    assert len(sources(root)) == 3
    erased = bessemer(*later, "--yes", "--json")
    assert erased.json["erased"] is True
    assert [one["retention_days"] for one in erased.json["recordings"]] == [30, 30]
    assert sources(root) == ["lasting/0.png"]
    with Works.open(root) as works:
        stones = works.ledger.tombstones()
        assert len(stones) == 2
        assert all(stone.bytes_gone and "kept for 30 days" in stone.reason for stone in stones)
    assert bessemer(*later).out.startswith("0 recordings")


def test_one_recording_is_erased_with_its_reason(bessemer: Bessemer, root: Path) -> None:
    said = bessemer("erase", "brief/0.png", "--reason", "asked to", "--works", root)
    assert said.out.startswith("Erased ")
    assert sources(root) == ["brief/1.png", "lasting/0.png"]


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("brief/0.png",),
        ("--reason", "asked to"),
        ("--expired", "brief/0.png"),
        ("--expired", "--as-of", "soon"),
        ("brief/0.png", "--reason", "x", "--as-of", "2999-01-01"),
    ],
)
def test_half_a_command_is_usage_and_erases_nothing(
    bessemer: Bessemer, root: Path, words: tuple[str, ...]
) -> None:
    assert bessemer("erase", *words, "--works", root).code == 2
    assert len(sources(root)) == 3
