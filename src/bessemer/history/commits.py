"""Commits: keeping them, reading them back checked, and walking the graph they make.

Cost: a walk reads each commit once, one query a generation; it never reads a map.
"""

import heapq
from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from bessemer.core.errors import InputError
from bessemer.core.history import DataCommit, NodeStore
from bessemer.core.ids import CommitId, NodeId, decode
from bessemer.history.nodes import read_sealed, seal

_KIND = "data_commit"


def write_commit(store: NodeStore, commit: DataCommit) -> CommitId:
    """Keep a commit whose map and parents are kept already; return its address."""
    node_id, data = seal(_KIND, commit)
    store.put_many({node_id: data})
    return CommitId(node_id)


def read_commits(store: NodeStore, ids: Collection[CommitId]) -> dict[CommitId, DataCommit]:
    """Return commits by address.

    Args:
        store: Where commits are kept.
        ids: Addresses of commits.

    Returns:
        Every commit asked for.

    Raises:
        IntegrityError: If one is missing or damaged.
    """
    found = read_sealed(store, _KIND, [NodeId(commit_id) for commit_id in ids])
    return {
        commit_id: decode(found[NodeId(commit_id)], DataCommit, where=commit_id)
        for commit_id in ids
    }


def read_commit(store: NodeStore, commit_id: CommitId) -> DataCommit:
    """Return one commit.

    Args:
        store: Where commits are kept.
        commit_id: Its address.

    Returns:
        The commit.

    Raises:
        IntegrityError: If it is missing or damaged.
    """
    return read_commits(store, (commit_id,))[commit_id]


def ancestry(store: NodeStore, heads: Iterable[CommitId]) -> dict[CommitId, DataCommit]:
    """Return ``heads`` and every commit they follow."""
    known: dict[CommitId, DataCommit] = {}
    frontier = set(heads)
    while frontier:
        known.update(read_commits(store, sorted(frontier)))
        parents = {parent for commit_id in frontier for parent in known[commit_id].parents}
        frontier = parents - known.keys()
    return known


def log(store: NodeStore, head: CommitId) -> list[tuple[CommitId, DataCommit]]:
    """Return the history of ``head``, every commit before its parents.

    Args:
        store: Keeps the commits.
        head: The newest commit.

    Returns:
        Address and commit. The order depends on the graph alone: of commits that could stand
        next, the one on the longer way back comes first, then the smaller address.
    """
    known = ancestry(store, (head,))
    ages = _generations(known)
    children = Counter(parent for commit in known.values() for parent in commit.parents)
    ready = [(-ages[head], head)]
    ordered = []
    while ready:
        _, commit_id = heapq.heappop(ready)
        ordered.append((commit_id, known[commit_id]))
        for parent in known[commit_id].parents:
            children[parent] -= 1
            if not children[parent]:
                heapq.heappush(ready, (-ages[parent], parent))
    return ordered


def first_parents(store: NodeStore, head: CommitId) -> Iterator[tuple[CommitId, DataCommit]]:
    """Yield ``head``, its first parent, and so on: what the branch itself went through."""
    commit = read_commit(store, head)
    yield head, commit
    while commit.parents:
        head = commit.parents[0]
        commit = read_commit(store, head)
        yield head, commit


def nth_first_parent(store: NodeStore, head: CommitId, n: int) -> CommitId:
    """Return the commit ``n`` steps back from ``head`` along first parents.

    Args:
        store: Where commits are kept.
        head: Commit to start from.
        n: Steps back, from 0.

    Returns:
        Address of the commit; ``head`` itself for 0.

    Raises:
        InputError: If the history is shorter.
    """
    length = 0
    for length, (commit_id, _) in enumerate(first_parents(store, head)):
        if length == n:
            return commit_id
    raise InputError(
        f"The history has {length} commits before this one, not {n}.",
        where=head,
        fix=f"Go back at most {length}.",
    )


def merge_bases(store: NodeStore, ours: CommitId, theirs: CommitId) -> tuple[CommitId, ...]:
    """Return the newest commits that both follow, sorted: none, one, or several after crossings.

    Args:
        store: Keeps the commits.
        ours: One head.
        theirs: The other; the order of the two does not matter.

    Returns:
        Common ancestors of which none is an ancestor of another.
    """
    mine = ancestry(store, (ours,))
    common = mine.keys() & ancestry(store, (theirs,)).keys()
    # Ancestors of common commits are common, so whatever is not a parent of one is a newest.
    older = {parent for commit_id in common for parent in mine[commit_id].parents}
    return tuple(sorted(common - older))


def _generations(known: dict[CommitId, DataCommit]) -> dict[CommitId, int]:
    """Return the length of the longest way back from each commit."""
    ages: dict[CommitId, int] = {}
    stack = list(known)
    while stack:
        parents = known[stack[-1]].parents
        missing = [parent for parent in parents if parent not in ages]
        if missing:
            stack.extend(missing)
        else:
            commit_id = stack.pop()
            ages[commit_id] = 1 + max((ages[parent] for parent in parents), default=-1)
    return ages
