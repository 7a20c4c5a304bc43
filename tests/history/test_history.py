"""Commits, branches, merges and names: what people do with a history."""

from dataclasses import replace

import pytest

from bessemer.core.errors import ConflictError, InputError, IntegrityError, NotFoundError
from bessemer.core.history import DataCommit, OntologyPin
from bessemer.core.ids import CommitId, NodeId, OntologyId, TaskName
from bessemer.history import History
from bessemer.history.commits import merge_bases, read_commit, write_commit
from bessemer.history.merge_commits import PinConflict
from bessemer.history.nodes import NodeReader
from bessemer.testing.memory_history import MemoryNodeStore, MemoryRefStore
from tests.history.maps import as_dict, key, many
from tests.history.works import ANN, PINS, new_history, one, put


def merge(history: History, branch: str, other: str) -> CommitId:
    report = history.merge(branch, other, author=ANN, message=f"merge {other}")
    assert report.commit_id is not None, report.conflicts
    return report.commit_id


def test_the_same_commits_have_the_same_addresses_anywhere() -> None:
    heads = []
    for _ in range(2):
        history = new_history()
        put(history, "main", many(200))
        heads.append(put(history, "main", one(5, "x")))
    assert heads[0] == heads[1]


def test_committing_nothing_leaves_the_branch_where_it_is() -> None:
    history = new_history()
    head = put(history, "main", many(20))
    assert put(history, "main", many(20), "again") == head
    assert history.commit("main", remove=[key("none", 0)], author=ANN, message="no") == head


def test_a_first_commit_names_its_split() -> None:
    with pytest.raises(InputError, match="split"):
        new_history().commit("main", author=ANN, message="first")


def test_a_later_commit_keeps_split_and_ontologies() -> None:
    history = new_history()
    put(history, "main", one(0, "x"))
    history.commit("main", remove=[key("a", 0)], author=ANN, message="out")
    commit = history.show("main")
    assert (commit.split_id, commit.ontologies) == ("split-1", PINS)
    assert as_dict(history.map_at("main")) == {}


def test_only_one_of_two_writers_moves_the_branch() -> None:
    class Outrun(MemoryRefStore):
        """Another writer moves the branch between reading and writing."""

        def compare_and_set(
            self, name: str, expected: CommitId | None, new: CommitId | None
        ) -> bool:
            super().compare_and_set(name, expected, CommitId("f" * 64))
            return super().compare_and_set(name, expected, new)

    with pytest.raises(ConflictError, match="moved meanwhile"):
        put(History(MemoryNodeStore(), Outrun()), "main", one(0, "x"))


def test_the_log_puts_every_commit_before_its_parents() -> None:
    history = new_history()
    put(history, "main", one(0, "base"))
    history.branch("side", "main")
    for step in range(3):
        put(history, "side", one(100 + step, "s"))
    put(history, "main", one(50, "m"))
    merge(history, "main", "side")
    put(history, "main", one(60, "m"))
    order = [commit_id for commit_id, _ in history.log("main")]
    assert len(order) == len(set(order)) == 7
    for place, (_, commit) in enumerate(history.log("main")):
        assert all(order.index(parent) > place for parent in commit.parents)


def test_a_merge_holds_both_sides_and_names_both_parents() -> None:
    history = new_history()
    put(history, "main", one(0, "base"))
    history.branch("side", "main")
    theirs = put(history, "side", one(1, "theirs"))
    ours = put(history, "main", one(2, "ours"))
    merged = merge(history, "main", "side")
    assert history.show("main").parents == (ours, theirs)
    assert as_dict(history.map_at("main")) == {
        **one(0, "base"),
        **one(1, "theirs"),
        **one(2, "ours"),
    }
    assert merge(history, "main", "side") == merged
    assert merge(history, "side", "main") == merged


def test_a_merge_with_conflicts_writes_nothing_and_moves_nothing() -> None:
    history = new_history()
    put(history, "main", one(0, "base"))
    history.branch("side", "main")
    put(history, "side", one(0, "theirs"))
    put(history, "main", one(0, "ours"))
    names = history.refs.list()
    report = history.merge("main", "side", author=ANN, message="merge")
    assert report.commit_id is None
    (conflict,) = report.conflicts
    assert "ours" in str(conflict)
    assert "theirs" in str(conflict)
    assert history.refs.list() == names


def test_merging_after_a_crossing_keeps_what_either_side_last_said() -> None:
    history = new_history()
    put(history, "main", {**one(0, "base"), **one(1, "base")})
    history.branch("side", "main")
    put(history, "main", one(0, "ours"))
    put(history, "side", one(1, "theirs"))
    history.branch("old-main", "main")
    merge(history, "main", "side")
    merge_side = history.merge("side", "old-main", author=ANN, message="the other way")
    assert merge_side.commit_id is not None
    put(history, "main", one(0, "ours again"))
    put(history, "side", one(1, "theirs again"))
    bases = merge_bases(history.nodes, history.head("main"), history.head("side"))
    assert len(bases) == 2
    merge(history, "main", "side")
    assert as_dict(history.map_at("main")) == {**one(0, "ours again"), **one(1, "theirs again")}


@pytest.mark.parametrize(
    ("ours", "theirs", "merged"), [("o1", "o2", "o2"), ("o2", "o1", "o2"), ("o2", "o3", None)]
)
def test_ontology_pins_merge_as_the_map_does(ours: str, theirs: str, merged: str | None) -> None:
    history = new_history()
    put(history, "main", one(0, "base"))
    history.branch("side", "main")
    for branch, version, start_ns in (("main", ours, 1), ("side", theirs, 2)):
        pins = (replace(PINS[0], ontology_id=OntologyId(version)),)
        put(history, branch, one(start_ns, "x"))
        history.commit(branch, author=ANN, message="classes", ontologies=pins)
    report = history.merge("main", "side", author=ANN, message="merge")
    if merged is None:
        assert report.conflicts == (PinConflict(pin="ontology/sign", ours=ours, theirs=theirs),)
    else:
        assert history.show("main").ontologies[0].ontology_id == merged


def test_unrelated_histories_merge_from_nothing() -> None:
    history = new_history()
    put(history, "main", one(0, "x"))
    put(history, "other", one(1, "y"))
    merge(history, "main", "other")
    assert len(history.map_at("main")) == 2


def test_names_addresses_and_steps_back_are_resolved() -> None:
    history = new_history()
    commits = [put(history, "main", one(step, "x")) for step in range(4)]
    history.tag("v1", "main~2")
    meant = {
        "main": commits[3],
        "branch/main": commits[3],
        "main~": commits[2],
        "main~3": commits[0],
        "main~1~1": commits[1],
        "v1": commits[1],
        "tag/v1~1": commits[0],
        commits[0]: commits[0],
        commits[0][:10]: commits[0],
    }
    assert {name: history.resolve(name) for name in meant} == meant


def test_names_not_found_name_what_is_near() -> None:
    history = new_history()
    put(history, "main", one(0, "x"))
    with pytest.raises(NotFoundError, match="Did you mean 'main'"):
        history.resolve("mian")
    with pytest.raises(NotFoundError):
        history.resolve("0000000")
    with pytest.raises(InputError, match="at most 0"):
        history.resolve("main~1")


def test_a_beginning_that_fits_two_commits_is_refused() -> None:
    history = new_history()
    put(history, "main", one(0, "x"))
    seen: dict[str, CommitId] = {}
    for step in range(2_000):
        commit = replace(history.show("main"), message=f"step {step}")
        digits = commit.commit_id[:4]
        if digits in seen:
            break
        seen[digits] = write_commit(history.nodes, commit)
    history.refs.compare_and_set("tag/one", None, seen[digits])
    history.refs.compare_and_set("tag/two", None, write_commit(history.nodes, commit))
    with pytest.raises(InputError, match="Write more digits"):
        history.resolve(digits)
    assert history.resolve(commit.commit_id[:20]) == commit.commit_id


@pytest.mark.parametrize("name", ["", "a b", "../up", "-x", "a//b", "name~2", "deadbeef", "/a"])
def test_names_that_could_be_misread_are_refused(name: str) -> None:
    history = new_history()
    put(history, "main", one(0, "x"))
    with pytest.raises(InputError):
        history.branch(name, "main")


def test_a_tag_does_not_move() -> None:
    history = new_history()
    put(history, "main", one(0, "x"))
    history.tag("v1", "main")
    history.tag("v1", "main")
    put(history, "main", one(1, "x"))
    with pytest.raises(ConflictError, match="already"):
        history.tag("v1", "main")


def test_a_commit_shows_what_it_changed() -> None:
    history = new_history()
    put(history, "main", {**one(0, "x"), **one(1, "x")})
    put(history, "main", one(1, "y"))
    (change,) = history.changes_in("main")
    assert (change.before, change.after) == ("x", "y")
    assert len(list(history.changes_in("main~1"))) == 2
    assert list(history.diff("main~1", "main")) == [change]


def test_damaged_commits_are_refused() -> None:
    store = MemoryNodeStore()
    history = History(store, MemoryRefStore())
    head = put(history, "main", one(0, "x"))
    store.nodes[NodeId(head)] = store.nodes[NodeId(head)].replace(b"more", b"less")
    with pytest.raises(IntegrityError, match=head):
        history.show("main")


def test_a_commit_is_kept_under_its_own_address() -> None:
    store = MemoryNodeStore()
    root = NodeReader(store)
    commit = DataCommit(
        root=NodeId("r"), parents=(), split_id="s", ontologies=PINS, author=ANN, message="m"
    )
    assert write_commit(root.store, commit) == commit.commit_id
    assert read_commit(store, commit.commit_id) == commit


def test_pins_out_of_order_are_refused() -> None:
    pins = tuple(
        OntologyPin(task=TaskName(task), ontology_id=OntologyId("o")) for task in ("b", "a")
    )
    with pytest.raises(InputError, match="sorted by task"):
        DataCommit(
            root=NodeId("r"), parents=(), split_id="s", ontologies=pins, author=ANN, message=""
        )
