"""``bessemer turn``: one turn after the other, until all weeks were met."""

from pathlib import Path

import pytest

from tests.cli.conftest import Bessemer
from tests.loop.tiny import RECIPE, SETTINGS, archive_of

pytestmark = pytest.mark.slow

HARD = """
name = "hard"
[[slice]]
name = "all"
where = "true"
[[check]]
slice = "all"
metric = "accuracy"
at_least = 0.999
"""
TURN = ("turn", RECIPE, *(word for setting in SETTINGS for word in ("--set", setting)))


def test_turns_follow_one_another_until_the_weeks_are_over(
    bessemer: Bessemer, copy_root: Path
) -> None:
    third = bessemer(*TURN, "--data", archive_of(copy_root), "--works", copy_root)
    assert third.code == (3 if " refused, " in third.out else 0)
    assert third.out.startswith("turn 3: ")
    assert third.out.count("\n") == 1, "the story goes to stderr"
    assert "engine/0, turn 3" in third.err
    over = bessemer(*TURN, "--data", archive_of(copy_root), "--works", copy_root)
    assert over.code == 1
    assert "All 3 weeks" in over.err


def test_a_turn_whose_network_is_refused_is_complete_and_ends_with_3(
    bessemer: Bessemer, tmp_path: Path
) -> None:
    where = ("--data", archive_of(tmp_path), "--works", tmp_path / "works")
    refused = bessemer(*TURN, "--set", f"suite={HARD}", *where)
    assert refused.code == 3, refused.err
    assert refused.out.startswith("turn 1: ")
    assert " refused, " in refused.out
    assert bessemer("release", "list", "--works", tmp_path / "works").out.endswith("refused\n")


@pytest.mark.slow
def test_a_turn_as_json_says_where_the_branch_stands(bessemer: Bessemer, copy_root: Path) -> None:
    third = bessemer(*TURN, "--data", archive_of(copy_root), "--works", copy_root, "--json")
    assert third.json["turn"] == third.json["state"]["turn"] == 3
