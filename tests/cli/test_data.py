"""``bessemer data``: the history of a data set, read and changed."""

from dataclasses import replace
from pathlib import Path

from bessemer.core.ids import decode, encode
from bessemer.core.labels import Author, AuthorKind
from bessemer.core.records import Stretch
from bessemer.label.propagate import propagate_track
from bessemer.loop.works import Works
from tests.cli.conftest import Bessemer

Branches = tuple[str, str]


def changed_units(bessemer: Bessemer, root: Path, branch: str) -> list[Stretch]:
    """Return the units that the newest commit of a branch changed."""
    shown = bessemer("data", "show", branch, "--works", root, "--json").json
    return [decode(encode(change["key"]["unit"]), Stretch) for change in shown["changes"]]


def answer_again(works: Works, person: str, unit: Stretch) -> None:
    """Let a person give a unit a class of their own, on the branch of their name."""
    entries = works.history.map_at(person).entries()
    (entry,) = [one for one in entries if one.key.unit == unit]
    (known,) = works.lake.read_labels([entry.revision_id])
    (span,) = known.elements.class_spans
    answer = replace(
        known,
        author=Author(kind=AuthorKind.PERSON, name=person),
        elements=replace(known.elements, class_spans=(replace(span, class_name=person),)),
    )
    carried = propagate_track(answer, works.atlas.frames_of(unit))
    works.lake.seal_labels([answer, carried])
    works.history.commit(
        person,
        put=[replace(entry, revision_id=carried.revision_id)],
        author=answer.author,
        message="Looked at again",
    )


def test_log_lists_the_newest_first(bessemer: Bessemer, cli_root: Path, branches: Branches) -> None:
    said = bessemer("data", "log", branches[1], "--works", cli_root)
    assert [line.split("  ")[-1] for line in said.out.splitlines()] == ["Turn 2", "Turn 1"]
    told = bessemer("data", "log", branches[1], "--works", cli_root, "--json").json
    assert [entry["commit"]["message"] for entry in told] == ["Turn 2", "Turn 1"]
    assert told[0]["commit"]["parents"] == [told[1]["commit_id"]]


def test_show_tells_what_was_measured(
    bessemer: Bessemer, cli_root: Path, branches: Branches
) -> None:
    said = bessemer("data", "show", branches[1], "--works", cli_root)
    assert said.code == 0
    words = [line.split()[0] for line in said.out.splitlines()]
    assert words == [
        "commit",
        "parent",
        "author",
        "message",
        "split",
        "ontology",
        "changes",
        "large",
        "accurate",
        "diverse",
    ]
    pinned = bessemer("data", "show", branches[1], "--works", cli_root, "--json").json["commit"]
    (pin,) = pinned["ontologies"]
    assert f"split    {pinned['split_id'][:12]}\n" in said.out
    assert f"ontology {pin['ontology_id'][:12]}  {pin['task']}\n" in said.out
    told = bessemer("data", "show", f"{branches[1]}~1", "--works", cli_root, "--json").json
    assert told["commit"]["parents"] == []
    assert told["attestation"]["large"]["units"] == len(told["changes"])


def test_diff_is_empty_on_itself_and_mirrored_both_ways(
    bessemer: Bessemer, cli_root: Path, branches: Branches
) -> None:
    one, other = branches
    assert bessemer("data", "diff", one, one, "--works", cli_root).out == ""
    there = bessemer("data", "diff", one, other, "--works", cli_root, "--json").json
    back = bessemer("data", "diff", other, one, "--works", cli_root, "--json").json
    assert [(c["before"], c["after"]) for c in there] == [(c["after"], c["before"]) for c in back]
    lines = bessemer("data", "diff", one, other, "--works", cli_root).out.splitlines()
    assert {line[0] for line in lines} <= {"+", "-", "~"}
    assert len(lines) == len(there) > 0
    with Works.open(cli_root) as works:
        named = {r.source for r in works.lake.recordings()}
    assert {line.split()[1] for line in lines} <= named


def test_a_branch_begins_where_it_is_told_and_a_tag_never_moves(
    bessemer: Bessemer, copy_root: Path, branches: Branches
) -> None:
    at = f"{branches[1]}~1"
    begun = bessemer("data", "branch", "mine", "--at", at, "--works", copy_root)
    tagged = bessemer("data", "tag", "first", at, "--works", copy_root)
    assert begun.out == tagged.out
    made = bessemer("data", "branch", "yours", "--at", at, "--json", "--works", copy_root).json
    assert made == {"name": "yours", "commit_id": begun.out.strip()}
    named = bessemer("data", "tag", "second", at, "--json", "--works", copy_root).json
    assert named == {"name": "second", "commit_id": begun.out.strip()}
    refs = bessemer("data", "branch", "--json", "--works", copy_root).json
    ends = {one["ref"].rpartition("/")[2] for one in refs if one["commit_id"] == made["commit_id"]}
    assert {"mine", "yours", "first", "second"} <= ends
    listed = bessemer("data", "branch", "--works", copy_root).out
    assert "branch/mine" in listed
    assert "tag/first" in listed
    again = bessemer("data", "tag", "first", branches[0], "--works", copy_root)
    assert again.code == 1


def test_merge_brings_in_what_the_other_has(
    bessemer: Bessemer, copy_root: Path, branches: Branches
) -> None:
    chance, engine = branches
    bessemer("data", "branch", "mine", "--at", f"{engine}~1", "--works", copy_root)
    merged = bessemer("data", "merge", "mine", engine, "--works", copy_root, "--json")
    assert merged.code == 0
    assert merged.json["conflicts"] == []
    assert bessemer("data", "diff", "mine", engine, "--works", copy_root).out == ""
    both = bessemer("data", "merge", "mine", chance, "-m", "Both", "--works", copy_root)
    left = bessemer("data", "diff", chance, "mine", "--works", copy_root).out
    if both.code == 0:
        assert not [line for line in left.splitlines() if line.startswith("-")]
    else:
        assert both.out.startswith("conflict")


def test_people_who_answered_differently_are_named(
    bessemer: Bessemer, copy_root: Path, branches: Branches
) -> None:
    unit = changed_units(bessemer, copy_root, branches[1])[0]
    with Works.open(copy_root) as works:
        for person in ("ann", "bob"):
            works.history.branch(person, branches[1])
            answer_again(works, person, unit)
    merged = bessemer("data", "merge", "ann", "bob", "--works", copy_root)
    assert merged.code == 1
    with Works.open(copy_root) as works:
        (recording,) = works.lake.recordings(ids=[unit.recording_id])
    assert merged.out.startswith(f"conflict  {recording.source} [")
    assert " by ann, carried along the track, against " in merged.out
    assert " by bob, carried along the track:" in merged.out
    assert "propagation" not in merged.out
    blamed = bessemer("data", "blame", "bob", unit.recording_id, "--works", copy_root)
    assert "  by bob, carried along the track  " in blamed.out


def test_blame_names_commit_author_and_reason(
    bessemer: Bessemer, cli_root: Path, branches: Branches
) -> None:
    changed = bessemer("data", "show", branches[1], "--works", cli_root, "--json").json
    recording = changed["changes"][0]["key"]["unit"]["recording_id"]
    [line] = bessemer(
        "data", "blame", branches[1], recording[:12], "--works", cli_root, "--json"
    ).json
    assert line["commit_id"] == changed["commit_id"]
    assert line["revision_id"] == changed["changes"][0]["after"]
    assert line["byline"]["authors"] == [{"kind": "oracle", "name": "oracle"}]
    assert "labelled:" in line["reason"]


def test_why_names_every_turn_that_chose_a_unit_or_passed_it_over(
    bessemer: Bessemer, cli_root: Path, branches: Branches
) -> None:
    shown = bessemer("data", "show", branches[1], "--works", cli_root, "--json").json
    recording = shown["changes"][0]["key"]["unit"]["recording_id"]
    lines = bessemer("data", "why", recording, "--works", cli_root, "--json").json
    mine = [line for line in lines if line["branch"] == branches[1]]
    assert [line["chosen"] for line in mine] == [False] * (len(mine) - 1) + [True]
    assert mine[-1]["turn"] == 2
    assert all(line["code"] and line["reason"] for line in lines)
    said = bessemer("data", "why", recording, "--works", cli_root).out.splitlines()
    assert len(said) == len(lines)


def test_what_is_not_there_ends_with_one_line_that_says_what_is(
    bessemer: Bessemer, cli_root: Path, branches: Branches, tmp_path: Path
) -> None:
    for words in (
        ("data", "log", "no-such-branch"),
        ("data", "show", "0" * 64),
        ("data", "diff", branches[0], "ffffffff"),
        ("data", "tag", "name", "nowhere"),
        ("data", "branch", "name"),
        ("data", "merge", "nowhere", branches[0]),
        ("data", "blame", branches[0], "no-such-recording"),
        ("data", "why", "no-such-recording"),
        ("lineage", "no-such-recording"),
        ("release", "show", "0" * 12),
        ("release", "lineage", "0" * 12),
        ("report", "digits"),
        ("run", "no-such-recipe"),
        ("turn", "digits", "--set", "train.stepz=3"),
        ("ingest", "no-such-reader", tmp_path),
    ):
        said = bessemer(*words, "--works", cli_root)
        assert said.code == 1, words
        assert said.out == "", words
        assert said.err.startswith("bessemer: "), words
        assert said.err.count("\n") == 1, said.err
        assert len(said.err) > 30, words


def test_a_folder_without_a_works_is_left_as_it_is(bessemer: Bessemer, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    said = bessemer("data", "log", "main", "--works", nowhere)
    assert said.code == 1
    assert str(nowhere) in said.err
    assert not nowhere.exists()
