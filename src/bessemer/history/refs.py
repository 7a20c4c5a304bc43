"""Names of commits: branches that move, tags that stay, and how a written name is resolved.

A name is kept as ``branch/NAME`` or ``tag/NAME`` and may be written without that beginning.
"""

import re
from typing import Literal, TypeAlias

from bessemer.core.errors import ConflictError, InputError, NotFoundError
from bessemer.core.history import NodeStore, RefStore
from bessemer.core.ids import CommitId, NodeId
from bessemer.history.commits import ancestry, nth_first_parent

RefKind: TypeAlias = Literal["branch", "tag"]

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_BACK = re.compile(r"(?P<name>.*?)~(?P<n>\d*)")
_HASH = re.compile(r"[0-9a-f]{4,64}")


def full_name(kind: RefKind, name: str) -> str:
    """Return the name as it is kept, checked.

    Args:
        kind: Branch or tag.
        name: The name as a person writes it.

    Returns:
        Kind and name, with a slash between.

    Raises:
        InputError: If the name could be read as something else.

    Example:
        >>> full_name("branch", "ann/night")
        'branch/ann/night'
    """
    if not _NAME.fullmatch(name) or _HASH.fullmatch(name):
        raise InputError(
            f"{name!r} cannot name a {kind}.",
            where=f"{kind}/{name}",
            fix="Use letters, digits, '_', '-', '.' and '/', and not what reads as an address.",
        )
    return f"{kind}/{name}"


def create_ref(refs: RefStore, kind: RefKind, name: str, commit_id: CommitId) -> None:
    """Give a commit a name that is not taken.

    Args:
        refs: Keeps the names.
        kind: Branch or tag.
        name: The new name.
        commit_id: What it points at.

    Raises:
        InputError: If the name cannot be used.
        ConflictError: If it is taken by another commit.
    """
    full = full_name(kind, name)
    if not refs.compare_and_set(full, None, commit_id) and refs.get(full) != commit_id:
        raise ConflictError(
            f"There is a {kind} {name!r} already, at {(refs.get(full) or '')[:12]}.",
            where=full,
            fix="Choose another name.",
        )


def move_branch(refs: RefStore, name: str, expected: CommitId | None, new: CommitId) -> CommitId:
    """Let a branch point at a commit, if it still points where it is expected to.

    Args:
        refs: Keeps the names.
        name: The branch.
        expected: Where it points; None if it is new.
        new: Where it is to point.

    Returns:
        The commit it points at now.

    Raises:
        ConflictError: If the branch moved meanwhile.
    """
    full = full_name("branch", name)
    if not refs.compare_and_set(full, expected, new):
        raise ConflictError(
            f"The branch {name!r} moved meanwhile.",
            where=full,
            fix="Read it again, then commit or merge on top of its new head.",
        )
    return new


def names_of(refs: RefStore, kind: RefKind) -> dict[str, CommitId]:
    """Return the branches, or the tags, by name without their beginning."""
    start = f"{kind}/"
    return {
        name.removeprefix(start): commit_id
        for name, commit_id in refs.list().items()
        if name.startswith(start)
    }


def resolve(nodes: NodeStore, refs: RefStore, written: str) -> CommitId:
    """Return the commit that a person means.

    Args:
        nodes: Keeps the commits.
        refs: Keeps the names.
        written: A branch, a tag, an address, its beginning (4 digits or more) if a name's history
            has one such commit, or any of these and ``~2`` for two first parents back.

    Returns:
        The commit's address.

    Raises:
        NotFoundError: If there is no such commit; names what comes near.
        InputError: If it could be several, or goes back beyond the first commit.
    """
    back = _BACK.fullmatch(written)
    if back is not None:
        head = resolve(nodes, refs, back["name"])
        return nth_first_parent(nodes, head, int(back["n"] or 1))
    known = refs.list()
    full_names = [n for n in (written, f"branch/{written}", f"tag/{written}") if n in known]
    if len({known[name] for name in full_names}) == 1:
        return known[full_names[0]]
    if full_names:
        raise InputError(
            f"{written!r} is both a branch and a tag.",
            fix=f"Write one of {', '.join(full_names)}.",
        )
    if _HASH.fullmatch(written):
        return _resolve_hash(nodes, known, written)
    names = [name.partition("/")[2] for name in known]
    raise NotFoundError.among("branch, tag or commit", written, names)


def _resolve_hash(nodes: NodeStore, known: dict[str, CommitId], digits: str) -> CommitId:
    if len(digits) == 64 and nodes.get_many((NodeId(digits),)):
        return CommitId(digits)
    commits = ancestry(nodes, set(known.values()))
    found = sorted(commit_id for commit_id in commits if commit_id.startswith(digits))
    if len(found) > 1:
        raise InputError(
            f"{len(found)} commits begin with {digits!r}.",
            where=", ".join(commit_id[:16] for commit_id in found[:5]),
            fix="Write more digits.",
        )
    if not found:
        raise NotFoundError.among("commit", digits, [commit_id[:12] for commit_id in commits])
    return found[0]
