"""Laws of merging maps."""

from collections.abc import Mapping, Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from bessemer.core.history import UnitKey
from bessemer.core.ids import RevisionId
from bessemer.history.merge import (
    Conflict,
    Contest,
    MapMerge,
    Settled,
    leave_contested,
    merge_maps,
)
from bessemer.history.nodes import NodeReader
from bessemer.history.unit_map import UnitMap
from bessemer.testing.memory_history import MemoryNodeStore
from tests.history.maps import Contents, as_dict, build, contents, key, keys, many, revisions

Edits = Mapping[UnitKey, RevisionId | None]
edits = st.dictionaries(keys, st.one_of(st.none(), revisions), max_size=40)


def edited(held: Contents, changes: Edits) -> dict[UnitKey, RevisionId]:
    return {k: r for k, r in {**held, **changes}.items() if r is not None}


def sides(base: Contents, *changes: Edits) -> list[UnitMap]:
    store = MemoryNodeStore()
    return [build(base, store), *(build(edited(base, change), store) for change in changes)]


def settle_larger(contests: Sequence[Contest]) -> list[Settled]:
    """A merge that always succeeds, whichever side is which."""
    return [Settled(revision_id=max(c.ours or "", c.theirs or "")) for c in contests]  # type: ignore[arg-type]


@given(contents, edits)
@settings(max_examples=30, deadline=None)
def test_a_side_that_changed_nothing_leaves_the_other_as_it_is(held: Contents, a: Edits) -> None:
    base, ours = sides(held, a)
    for merged in (
        merge_maps(base, ours, base, leave_contested),
        merge_maps(base, base, ours, leave_contested),
        merge_maps(base, ours, ours, leave_contested),
    ):
        assert merged == MapMerge(unit_map=ours, conflicts=())


@given(contents, edits, edits)
@settings(max_examples=40, deadline=None)
def test_merging_commutes(held: Contents, a: Edits, b: Edits) -> None:
    base, ours, theirs = sides(held, a, b)
    for settle in (settle_larger, leave_contested):
        there = merge_maps(base, ours, theirs, settle)
        back = merge_maps(base, theirs, ours, settle)
        assert there.unit_map.root == back.unit_map.root
        assert {c.contest.key for c in there.conflicts} == {c.contest.key for c in back.conflicts}


@given(contents, edits, edits)
@settings(max_examples=40, deadline=None)
def test_changes_of_different_keys_both_stand(held: Contents, a: Edits, b: Edits) -> None:
    apart = {k: revision for k, revision in b.items() if k not in a}
    base, ours, theirs = sides(held, a, apart)
    merged = merge_maps(base, ours, theirs, leave_contested)
    assert not merged.conflicts
    assert as_dict(merged.unit_map) == edited(edited(held, a), apart)


@given(contents, contents, contents)
@settings(max_examples=40, deadline=None)
def test_a_merge_is_the_map_that_its_contents_make(
    base: Contents, ours: Contents, theirs: Contents
) -> None:
    expected = {}
    for k in {*base, *ours, *theirs}:
        before, mine, yours = base.get(k), ours.get(k), theirs.get(k)
        one_sided = mine if yours in (mine, before) else yours
        merged = one_sided if mine == yours or before in (mine, yours) else before
        if merged is not None:
            expected[k] = merged
    store = MemoryNodeStore()
    a, b, c = (build(held, store) for held in (base, ours, theirs))
    # Each root read afresh: what is taken over unread must hang together in the store alone.
    root = merge_maps(a, b, c, leave_contested).unit_map.root
    assert as_dict(UnitMap(reader=NodeReader(store), root=root)) == expected
    assert root == build(expected).root


@given(contents, edits, edits)
@settings(max_examples=40, deadline=None)
def test_a_key_conflicts_exactly_if_both_changed_it_to_different_things(
    held: Contents, a: Edits, b: Edits
) -> None:
    base, ours, theirs = sides(held, a, b)
    mine, yours = edited(held, a), edited(held, b)
    contested = {
        k
        for k in {*held, *a, *b}
        if mine.get(k) != yours.get(k) and held.get(k) not in (mine.get(k), yours.get(k))
    }
    merged = merge_maps(base, ours, theirs, leave_contested)
    assert {conflict.contest.key for conflict in merged.conflicts} == contested
    for conflict in merged.conflicts:
        contest = conflict.contest
        revisions_named = (contest.base, contest.ours, contest.theirs)
        assert revisions_named == tuple(m.get(contest.key) for m in (held, mine, yours))


def test_the_task_is_asked_once_with_every_contest() -> None:
    asked: list[int] = []

    def settle(contests: Sequence[Contest]) -> list[Settled | Conflict]:
        asked.append(len(contests))
        return [Settled(revision_id=RevisionId(f"{c.ours}+{c.theirs}")) for c in contests]

    held = many(1_000)
    a = {k: RevisionId("a") for k in list(held)[:30]}
    b = {k: RevisionId("b") for k in list(held)[20:60]}
    base, ours, theirs = sides(held, a, b)
    merged = as_dict(merge_maps(base, ours, theirs, settle).unit_map)
    assert asked == [10]
    assert [merged[k] for k in list(held)[19:31]] == ["a", *["a+b"] * 10, "b"]


def test_a_merge_reads_and_writes_what_changed() -> None:
    held = many(20_000, n_recordings=1_000)
    store = MemoryNodeStore()
    base = build(held, store)
    few = list(held)[::2_000]
    ours = build({**held, **{k: RevisionId("a") for k in few[:5]}}, store)
    theirs = build({**held, **{k: RevisionId("b") for k in few[5:]}}, store)
    n_before = len(store.nodes)
    fresh = [UnitMap(reader=NodeReader(store), root=m.root) for m in (base, ours, theirs)]
    store.n_reads = 0
    merge_maps(fresh[0], fresh[1], fresh[2], leave_contested)
    assert store.n_reads <= 5 * len(few) * 5
    assert len(store.nodes) - n_before <= len(few) * 5


def test_what_one_side_alone_changed_is_taken_over_unread() -> None:
    held = many(20_000, n_recordings=1_000)
    store = MemoryNodeStore()
    base = build(held, store)
    ours = build({**held, **{k: RevisionId("a") for k in list(held)[::40]}}, store)
    theirs = build({**held, list(held)[1]: RevisionId("b")}, store)
    n_before = len(store.nodes)
    fresh = [UnitMap(reader=NodeReader(store), root=m.root) for m in (base, ours, theirs)]
    depth = 5
    store.n_reads = 0
    merge_maps(fresh[0], fresh[1], fresh[2], leave_contested)
    assert store.n_reads <= 3 * depth
    assert len(store.nodes) - n_before <= depth


def test_a_conflict_says_where_and_between_whom() -> None:
    contest = Contest(key=key("rec", 5), base=None, ours=RevisionId("aaa"), theirs=None)
    place, _, reason = str(leave_contested([contest])[0]).partition(": ")
    assert place == "rec [5, 15) sign"
    assert reason.startswith("aaa, against no answer: both sides changed it")
