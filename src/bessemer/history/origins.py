"""Where things came from: the commit that introduced a revision, or that broke something."""

from collections.abc import Callable, Sequence

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.history import UnitKey
from bessemer.core.ids import CommitId, NodeId, RevisionId
from bessemer.history.commits import first_parents, read_commit
from bessemer.history.nodes import NodeReader
from bessemer.history.unit_map import UnitMap


def blame(reader: NodeReader, head: CommitId, key: UnitKey) -> CommitId:
    """Return the commit that introduced the revision which ``head`` has at ``key``.

    A merge introduced it only if no parent has it; otherwise the search goes on in the first
    parent that does. A revision that went and came back was introduced when it came back.

    Args:
        reader: Reads the maps and commits.
        head: The commit to explain.
        key: Unit and task.

    Returns:
        The commit's address.

    Raises:
        NotFoundError: If ``head`` has no revision there.
    """
    seen: dict[NodeId, RevisionId | None] = {}

    def revision_at(root: NodeId) -> RevisionId | None:
        if root not in seen:
            seen[root] = UnitMap(reader=reader, root=root).get_many((key,)).get(key)
        return seen[root]

    commit = read_commit(reader.store, head)
    wanted = revision_at(commit.root)
    if wanted is None:
        raise NotFoundError(
            f"This commit has no revision of {key.task!r} on "
            f"[{key.unit.start_ns}, {key.unit.end_ns}).",
            where=f"{head[:12]}, {key.unit.recording_id}",
            fix="List the recording's entries to see its units.",
        )
    while True:
        for parent_id in commit.parents:
            parent = read_commit(reader.store, parent_id)
            if revision_at(parent.root) == wanted:
                head, commit = parent_id, parent
                break
        else:
            return head


def bisect(commits: Sequence[CommitId], is_bad: Callable[[CommitId], bool]) -> CommitId:
    """Return the first bad commit of a row that is good before and bad after.

    Args:
        commits: From the oldest to the newest; see :func:`first_parent_row`.
        is_bad: Asked for about log2(n) commits, and for the newest first.

    Returns:
        The first commit that is bad; the oldest, if all are.

    Raises:
        InputError: If there are no commits, or the newest is not bad.

    Example:
        >>> row = [CommitId(name) for name in "abcdef"]
        >>> bisect(row, lambda commit_id: commit_id >= "d")
        'd'
    """
    if not commits or not is_bad(commits[-1]):
        raise InputError(
            "The newest commit is not bad." if commits else "There are no commits to search.",
            fix="Begin at a commit that shows the fault.",
        )
    low, high = 0, len(commits) - 1
    while low < high:
        middle = (low + high) // 2
        if is_bad(commits[middle]):
            high = middle
        else:
            low = middle + 1
    return commits[high]


def first_parent_row(
    reader: NodeReader, head: CommitId, after: CommitId | None = None
) -> list[CommitId]:
    """Return ``head``'s first-parent history from the oldest on, or what follows ``after``.

    Args:
        reader: Reads the commits.
        head: The newest commit.
        after: A commit known to be good.

    Returns:
        Addresses, oldest first.

    Raises:
        InputError: If ``after`` is not in that history.
    """
    row: list[CommitId] = []
    for commit_id, _ in first_parents(reader.store, head):
        if commit_id == after:
            return row[::-1]
        row.append(commit_id)
    if after is not None:
        raise InputError(
            "The good commit is not in the first-parent history of the bad one.",
            where=f"{after[:12]}, {head[:12]}",
            fix="Choose one that `log` shows on this branch.",
        )
    return row[::-1]
