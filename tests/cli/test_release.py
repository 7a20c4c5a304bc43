"""``bessemer release`` and ``bessemer lineage``: what shipped, and where it came from."""

from collections import Counter
from pathlib import Path

from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from tests.cli.conftest import Bessemer


def test_list_has_a_decision_for_every_turn(bessemer: Bessemer, cli_root: Path) -> None:
    told = bessemer("release", "list", "--works", cli_root, "--json").json
    assert len(told) == 4
    lines = bessemer("release", "list", "--works", cli_root).out.splitlines()
    verdicts = [line.endswith("shipped") for line in lines]
    assert verdicts == [gate["shipped"] for gate in told]


def test_show_gives_the_reasons(bessemer: Bessemer, cli_root: Path) -> None:
    for gate in bessemer("release", "list", "--works", cli_root, "--json").json:
        shown = bessemer("release", "show", gate["network_id"][:16], "--works", cli_root)
        assert shown.code == 0
        assert gate["network_id"] in shown.out
        if not gate["shipped"]:
            assert "refused   " in shown.out


def test_lineage_walks_from_a_network_to_the_triggers(bessemer: Bessemer, cli_root: Path) -> None:
    gates = bessemer("release", "list", "--works", cli_root, "--json").json
    for gate in gates:
        trace = bessemer(
            "release", "lineage", gate["network_id"], "--works", cli_root, "--json"
        ).json
        assert trace["network"]["network_id"] == gate["network_id"]
        assert sum(author["count"] for author in trace["authors"]) == trace["n_labels"]
        assert {author["reason"] for author in trace["authors"]} <= {
            f"{who}, carried along the track" for who in ("oracle", "auditor")
        }
        assert trace["triggers"]
    said = bessemer("release", "lineage", gates[0]["network_id"], "--works", cli_root)
    assert "came back because of" in said.out


def test_lineage_shows_the_decision_the_clips_and_who_drove(
    bessemer: Bessemer, cli_root: Path, branches: tuple[str, str]
) -> None:
    with Works.open(cli_root) as works:
        first, second = (r for r in turn_records(works) if r.branch.name == branches[1])
    assert second.driver == first.network.network_id
    where = ("release", "lineage", second.network.network_id, "--works", cli_root)
    trace = bessemer(*where, "--json").json
    said = bessemer(*where).out
    clips = trace["clips"]
    units = {clip["stretch"]["recording_id"] for clip in clips}
    assert len(clips) == len(units) == trace["n_recordings"]
    assert {clip["driver"] for clip in clips} == {"", second.driver}
    for name in ("trigger", "driver"):
        counted = {one["reason"]: one["count"] for one in trace[f"{name}s"]}
        assert counted == Counter(clip[name] for clip in clips)

    verdict = "shipped" if trace["gate"]["shipped"] else "refused"
    assert f"gate      {second.decision}  {verdict}, {branches[1]}, turn 2\n" in said
    assert f"clips     {len(clips)}\n" in said
    shown = [line for line in said.splitlines() if any(c["clip_id"][:12] in line for c in clips)]
    assert len(shown) == 5
    assert f"{clips[0]['clip_id'][:12]}  {clips[0]['source']} [" in shown[0]
    assert f"and {len(clips) - 5} more" in said
    driven = said[said.index("in weeks driven by") :]
    assert "no network yet" in driven
    assert second.driver in driven


def test_lineage_of_a_recording_names_what_learnt_from_it(
    bessemer: Bessemer, cli_root: Path, branches: tuple[str, str]
) -> None:
    shown = bessemer("data", "show", branches[1], "--works", cli_root, "--json").json
    recording = shown["changes"][0]["key"]["unit"]["recording_id"]
    found = bessemer("lineage", recording, "--works", cli_root, "--json").json
    assert shown["commit_id"] in found["commits"]
    assert found["networks"]


def test_erase_says_who_had_used_it_and_leaves_nothing_to_read(
    bessemer: Bessemer, copy_root: Path, branches: tuple[str, str]
) -> None:
    shown = bessemer("data", "show", branches[1], "--works", copy_root, "--json").json
    recording = shown["changes"][0]["key"]["unit"]["recording_id"]
    said = bessemer("erase", recording, "--reason", "asked to", "--works", copy_root)
    assert said.code == 0
    assert said.out.startswith(f"Erased {recording[:12]};")
    found = bessemer("lineage", recording, "--works", copy_root, "--json").json
    assert shown["commit_id"] in found["commits"]
    again = bessemer("lineage", recording[:12], "--works", copy_root, "--json").json
    assert again == found
