"""``bessemer ingest`` and ``rejected``: settings, and where what was refused is found."""

from pathlib import Path

import pytest

from bessemer.core.records import Split
from bessemer.loop.recipes import find_recipe
from bessemer.loop.works import Works
from tests.cli.conftest import Bessemer
from tests.ingest.trees import encoded


@pytest.fixture
def films(tmp_path: Path) -> Path:
    """Two folders of three pictures, and one that is cut short."""
    top = tmp_path / "films"
    for number in range(6):
        path = top / f"{number // 3}" / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded("PNG", number))
    (top / "1" / "cut.png").write_bytes(encoded("PNG", 9)[:60])
    return top


def test_a_reader_and_the_split_are_set(bessemer: Bessemer, films: Path, tmp_path: Path) -> None:
    said = bessemer(
        *("ingest", "pictures", films, "--works", tmp_path / "works"),
        *("--licence", "CC0-1.0", "--region", "CH"),
        *("--set", "reader.sequence=true", "--set", "reader.rate_hz=10"),
        *("--set", 'split.test_sources=["films/1"]', "--set", "terms.retention_days=30"),
    )
    assert (said.code, said.out.splitlines()[0]) == (1, "2 new, 0 known")
    with Works.open(tmp_path / "works") as works:
        (test,) = works.lake.recordings(split=Split.TEST)
        assert (test.source, test.segments[0].n_frames, test.end_ns) == ("films/1", 3, 300_000_000)
        assert test.terms.retention_days == 30


@pytest.mark.parametrize(
    ("reader", "setting", "told"),
    [
        ("pictures", "reader.sequenz=true", "Did you mean 'sequence'"),
        ("pictures", "reader.rate_hz=0", "A rate is"),
        ("gtsrb", "reader.sequence=true", "'gtsrb' has no settings"),
        ("pictures", "terms.retention_days=3", "--licence"),
    ],
)
def test_a_wrong_setting_is_named(
    bessemer: Bessemer, films: Path, tmp_path: Path, reader: str, setting: str, told: str
) -> None:
    said = bessemer("ingest", reader, films, "--works", tmp_path / "works", "--set", setting)
    assert said.code == 1
    assert told in said.err


def test_a_recipe_passes_settings_on_to_its_reader() -> None:
    recipe = find_recipe("digits", ["reader.sequence=true", "turns=1"])
    assert (recipe.reader_settings, recipe.turns) == (("sequence=true",), 1)


def test_what_was_refused_is_found_by_path(bessemer: Bessemer, films: Path, tmp_path: Path) -> None:
    works = ("--works", tmp_path / "works")
    first = bessemer("ingest", "pictures", films, *works, "--json")
    assert first.json["rejections"][0]["where"] == "1/cut.png"
    (films / "0" / "0.png").write_bytes(encoded("PNG", 50))
    second = bessemer("ingest", "pictures", films, *works)
    assert second.out.splitlines() == [
        "0 new, 5 known",
        "rejected       1  changed_content",
        "rejected       1  truncated_picture",
    ]
    listed = bessemer("rejected", *works)
    assert [line.split("  ")[:3] for line in listed.out.splitlines()] == [
        ["ingest", "truncated_picture", "1/cut.png"],
        ["ingest", "changed_content", "films/0/0.png"],
    ]
    some = bessemer("rejected", *works, "--reason", "changed_content", "--json")
    assert [one["where"] for one in some.json] == ["films/0/0.png"]
    assert bessemer("rejected", *works, "--stage", "label").out == ""
