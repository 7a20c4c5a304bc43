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
    assert said.out.endswith("keep their thumbnails; none lies in this works.\n")
    assert sources(root) == ["brief/1.png", "lasting/0.png"]


def test_what_was_erased_is_still_found_by_its_source(bessemer: Bessemer, root: Path) -> None:
    with Works.open(root) as works:
        recording_id = works.lake.recordings()[0].recording_id
    erased = bessemer("erase", "brief/0.png", "--reason", "asked to", "--works", root)
    assert erased.out.startswith(f"Erased {recording_id[:12]};")
    for written in ("brief/0.png", recording_id[:12], recording_id):
        assert bessemer("lineage", written, "--works", root).out.startswith("erased   asked to")
    again = bessemer("erase", "brief/0.png", "--reason", "for another", "--works", root)
    assert again.out.startswith(f"Erased before: {recording_id[:12]};")
    assert bessemer("lineage", "lasting/0.png", "--works", root).out == ""
    unknown = bessemer("lineage", "brief/2.png", "--works", root)
    assert unknown.code == 1
    assert "brief/" in unknown.err


def test_pages_that_keep_pictures_of_it_are_named(bessemer: Bessemer, root: Path) -> None:
    pages = [root / f"report-{name}.html" for name in ("digits", "signs")]
    for page in pages:
        page.write_text("<img>")
    one = bessemer("erase", "lasting/0.png", "--reason", "asked to", "--works", root)
    assert all(str(page) in one.out for page in pages)
    later = ("erase", "--expired", "--as-of", "2999-01-01", "--works", root)
    assert "report-" not in bessemer(*later).out
    told = bessemer(*later, "--yes", "--json").json
    assert told["pages"] == [str(page) for page in pages]


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
