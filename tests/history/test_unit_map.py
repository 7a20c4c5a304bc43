"""Laws of the map: it is a dict whose root is its contents."""

import random
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessemer.core.errors import IntegrityError
from bessemer.core.history import UnitKey
from bessemer.core.ids import NodeId, RecordingId, RevisionId
from bessemer.history.nodes import LEAF_ROWS, NodeReader
from bessemer.history.rows import path_of_key
from bessemer.history.unit_map import UnitMap, apply_changes, diff
from bessemer.testing.memory_history import MemoryNodeStore
from tests.history.maps import (
    Contents,
    as_dict,
    build,
    contents,
    entries,
    key,
    keys,
    many,
    small_contents,
)


@given(contents, st.randoms(use_true_random=False))
@settings(max_examples=40, deadline=None)
def test_the_root_does_not_depend_on_the_order_of_arrival(
    held: Contents, chance: random.Random
) -> None:
    grown = build({})
    waiting = entries(held)
    chance.shuffle(waiting)
    while waiting:
        n_now = chance.randint(1, len(waiting))
        grown, waiting = grown.edit(put=waiting[:n_now]), waiting[n_now:]
    assert grown.root == build(held).root
    assert as_dict(grown) == held
    assert len(grown) == len(held)


@given(contents, contents)
@settings(max_examples=40, deadline=None)
def test_removing_undoes_putting(held: Contents, extra: Contents) -> None:
    before = build(held)
    new = {k: revision for k, revision in extra.items() if k not in held}
    assert before.edit(put=entries(new)).edit(remove=new).root == before.root


@given(contents, contents)
@settings(max_examples=40, deadline=None)
def test_a_difference_applied_gives_the_other_map(left: Contents, right: Contents) -> None:
    store = MemoryNodeStore()
    a, b = build(left, store), build(right, store)
    changes = list(diff(a, b))
    assert apply_changes(a, changes).root == b.root
    assert {c.key for c in changes} == {k for k in {*left, *right} if left.get(k) != right.get(k)}
    assert all((c.before, c.after) == (left.get(c.key), right.get(c.key)) for c in changes)
    paths = [path_of_key(change.key) for change in changes]
    assert all(first < second for first, second in pairwise(paths))


@given(contents, small_contents)
@settings(max_examples=40, deadline=None)
def test_a_difference_turned_round_is_its_inverse(held: Contents, extra: Contents) -> None:
    store = MemoryNodeStore()
    a, b = build(held, store), build({**held, **extra}, store)
    there = [(c.key, c.before, c.after) for c in diff(a, b)]
    assert [(c.key, c.after, c.before) for c in diff(b, a)] == there
    assert list(diff(a, a)) == []


@given(contents, st.lists(keys, max_size=10))
@settings(max_examples=40, deadline=None)
def test_looking_up_finds_what_is_held_and_nothing_else(
    held: Contents, others: list[UnitKey]
) -> None:
    asked = [*list(held)[::3], *others]
    assert build(held).get_many(asked) == {k: held[k] for k in asked if k in held}


def test_a_recording_is_listed_alone_and_by_time() -> None:
    held = many(500, n_recordings=7)
    listed = [e.key.unit for e in build(held).entries(RecordingId("rec-3"))]
    mine = [k.unit for k in held if k.unit.recording_id == "rec-3"]
    assert listed == sorted(mine, key=lambda unit: unit.start_ns)


@pytest.mark.parametrize("name", ["a b", " ", "%20", 'a/b"c', "\u00e9t\u00e9", "0" * 64])
def test_names_of_any_text_come_back(name: str) -> None:
    held = {key(name, start_ns, name): RevisionId(name) for start_ns in (-5, 0, 7)}
    unit_map = build(held)
    assert as_dict(unit_map) == held
    assert as_dict(unit_map.edit(put=entries({key(name, 0, name): RevisionId("new")}))) == {
        **held,
        key(name, 0, name): "new",
    }
    assert unit_map.get_many(held) == held


def test_the_units_of_a_recording_share_leaves() -> None:
    held = many(2_000, n_recordings=100)
    store = MemoryNodeStore()
    unit_map = build(held, store)
    read = MemoryNodeStore()
    read.put_many(store.nodes)
    fresh = UnitMap(reader=NodeReader(read), root=unit_map.root)
    assert len(list(fresh.entries(RecordingId("rec-5")))) == 20
    assert read.n_reads <= 4


@pytest.mark.parametrize("n_changed", [1, 10, 100])
def test_a_change_shares_all_but_its_own_paths(n_changed: int) -> None:
    held = many(20_000, n_recordings=700)
    store = MemoryNodeStore()
    before = build(held, store)
    n_before = len(store.nodes)
    changed = {k: RevisionId("new") for k in random.Random(1).sample(list(held), n_changed)}
    store.n_reads = 0
    fresh = UnitMap(reader=NodeReader(store), root=before.root)
    after = fresh.edit(put=entries(changed))
    depth = 5
    assert 0 < len(store.nodes) - n_before <= n_changed * depth
    assert store.n_reads <= n_changed * depth
    store.n_reads = 0
    fresh = UnitMap(reader=NodeReader(store), root=before.root)
    assert len(list(diff(fresh, after))) == n_changed
    assert store.n_reads <= 2 * n_changed * depth


def test_a_change_writes_no_more_in_a_larger_map() -> None:
    written = []
    for n_units in (4_000, 20_000):
        held = many(n_units, n_recordings=n_units // 20)
        store = MemoryNodeStore()
        before = build(held, store)
        n_before = len(store.nodes)
        before.edit(put=entries({key("rec-1", 1_000): RevisionId("new")}))
        written.append(len(store.nodes) - n_before)
    assert max(written) <= 6


def test_leaves_split_above_their_limit_and_merge_back_at_it() -> None:
    held = many(LEAF_ROWS, n_recordings=4)
    one_more = key("rec-1", 77)
    store = MemoryNodeStore()
    full = build(held, store)
    split = full.edit(put=entries({one_more: RevisionId("x")}))
    assert not full.reader.read(full.root).children
    assert split.reader.read(split.root).children
    assert split.edit(remove=[one_more]).root == full.root


def test_an_edit_without_effect_is_the_same_map() -> None:
    held = many(300)
    unit_map = build(held)
    assert unit_map.edit() == unit_map
    assert unit_map.edit(put=entries(held), remove=[key("absent", 0)]) == unit_map


@pytest.mark.parametrize("damage", ["flipped", "cut", "gone"])
def test_damaged_nodes_are_refused(damage: str) -> None:
    store = MemoryNodeStore()
    root = build(many(500), store).root
    victim = sorted(store.nodes)[3]
    data = store.nodes.pop(victim)
    if damage != "gone":
        spoilt = data[:-1] if damage == "cut" else bytes([data[0] ^ 1]) + data[1:]
        store.put_many({victim: spoilt})
    with pytest.raises(IntegrityError, match=victim):
        as_dict(UnitMap(reader=NodeReader(store), root=NodeId(root)))
