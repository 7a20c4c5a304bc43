"""Small maps for the tests of history: entries over few keys, so that edits meet."""

import random
from collections.abc import Mapping

from hypothesis import strategies as st

from bessemer.core.history import Entry, UnitKey
from bessemer.core.ids import RecordingId, RevisionId, TaskName
from bessemer.core.records import Stretch
from bessemer.history.nodes import NodeReader
from bessemer.history.unit_map import UnitMap
from bessemer.testing.memory_history import MemoryNodeStore

Contents = Mapping[UnitKey, RevisionId]


def key(recording: str, start_ns: int, task: str = "sign", length_ns: int = 10) -> UnitKey:
    """A key of ``length_ns`` from ``start_ns``."""
    unit = Stretch(
        recording_id=RecordingId(recording), start_ns=start_ns, end_ns=start_ns + length_ns
    )
    return UnitKey(unit=unit, task=TaskName(task))


def entries(contents: Contents) -> list[Entry]:
    """The entries of a dict."""
    return [Entry(key=k, revision_id=revision) for k, revision in contents.items()]


def build(contents: Contents, store: MemoryNodeStore | None = None) -> UnitMap:
    """The map of a dict, read afresh."""
    reader = NodeReader(MemoryNodeStore() if store is None else store)
    return UnitMap.build(reader, entries(contents))


def as_dict(unit_map: UnitMap) -> dict[UnitKey, RevisionId]:
    """All that a map holds."""
    return {entry.key: entry.revision_id for entry in unit_map.entries()}


def many(n_units: int, n_recordings: int = 50) -> dict[UnitKey, RevisionId]:
    """``n_units`` distinct keys spread over recordings."""
    return {
        key(f"rec-{i % n_recordings}", 1_000 * (i // n_recordings)): RevisionId(f"rev-{i}")
        for i in range(n_units)
    }


def scattered(n_draws: int, seed: int) -> dict[UnitKey, RevisionId]:
    """Up to ``n_draws`` entries, crowded in places, so that the trie is deep and uneven."""
    chance = random.Random(seed)
    recordings = chance.sample("abcdefgh", chance.randint(1, 4))
    held = {}
    for _ in range(n_draws):
        start_ns = chance.randint(0, 90) << chance.choice((0, 0, 9, 40))
        task = chance.choice(("s", "si", "sign"))
        drawn = key(chance.choice(recordings), start_ns, task, chance.choice((1, 10)))
        held[drawn] = RevisionId(f"r{chance.randint(1, 3)}")
    return held


keys = st.builds(
    key,
    st.sampled_from(["a", "b", "c"]),
    st.one_of(st.integers(0, 90), st.integers(-(2**62), 2**62)),
    st.sampled_from(["s", "si", "sign"]),
    st.sampled_from([1, 10]),
)
revisions = st.sampled_from([RevisionId(name) for name in ("r1", "r2", "r3")])
contents = st.builds(scattered, st.integers(0, 400), st.integers(0, 2**32))
small_contents = st.dictionaries(keys, revisions, max_size=12)
