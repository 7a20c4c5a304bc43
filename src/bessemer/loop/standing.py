"""Where a turn stands in the history, and how its commit comes onto the branch.

A turn goes on from the commit of the turn before, or from what was merged on top of it since: the
newest commit that people left there. The turn's own commit, when it runs again, is no such merge;
it is told apart by the ledger's rows, and before its row is written by its author and message.
"""

from collections.abc import Mapping

from bessemer.core.errors import ConflictError
from bessemer.core.history import DataCommit
from bessemer.core.ids import CommitId
from bessemer.core.labels import Author, AuthorKind
from bessemer.history.commits import ancestry
from bessemer.history.refs import full_name, move_branch, names_of
from bessemer.loop.records import Branch
from bessemer.loop.works import Works

WORKS = Author(kind=AuthorKind.WORKS, name="bessemer")


def message_of(turn: int) -> str:
    """Return the message of a turn's commit."""
    return f"Turn {turn}"


def base_of(works: Works, branch: Branch, turn: int, before: CommitId | None) -> CommitId | None:
    """Return the commit that a turn goes on from.

    Args:
        works: The works.
        branch: The arm and seed.
        turn: The turn, counted from 1.
        before: The commit of the turn before; None before the first.

    Returns:
        That commit, or the newest that was merged on top of it before this turn committed.

    Raises:
        ConflictError: If the branch stands elsewhere, at a commit that people made.
    """
    head = works.history.refs.get(full_name("branch", branch.name))
    if head is None or head == before:
        return before
    known = ancestry(works.history.nodes, [head])
    if before is not None and before not in known:
        _require_own(works, branch, head, before)
        return before
    for made in _commits_of(works, branch, turn, known):
        base = _below(made, known[made], turn)
        if _follows(works, base, before):
            return base
    return head


def put_on_branch(works: Works, branch: Branch, parent: CommitId | None, made: CommitId) -> None:
    """Let a branch hold a turn's commit; nothing that people made ever leaves it in silence.

    Where the branch goes on from that commit already it stays as it is. Where only the works
    itself had gone on from the parent, with an earlier version of a stage, that is given up.

    Args:
        works: The works.
        branch: The arm and seed.
        parent: What the commit follows; None for the first.
        made: The commit.

    Raises:
        ConflictError: If the branch holds what people made, and the commit does not.
    """
    head = works.history.refs.get(full_name("branch", branch.name))
    if head is not None and head != parent:
        if made in ancestry(works.history.nodes, [head]):
            return
        _require_own(works, branch, head, made)
    if head != made:
        move_branch(works.history.refs, branch.name, head, made)


def _commits_of(
    works: Works, branch: Branch, turn: int, known: Mapping[CommitId, DataCommit]
) -> list[CommitId]:
    """Return what a turn committed among known commits, the latest by the ledger first."""
    noted = [
        ((row.branch, row.turn), CommitId(works.ledger.get_document(row.output, str)))
        for row in works.ledger.stages()
        if row.name == "commit" and row.output is not None
    ]
    own = [made for place, made in noted if place == (branch.name, turn) and made in known]
    others = {made for _, made in noted}
    killed = [i for i, commit in known.items() if i not in others and _is_of(commit, turn)]
    return [*reversed(own), *killed]


def _is_of(commit: DataCommit, turn: int) -> bool:
    return commit.author == WORKS and commit.message == message_of(turn)


def _below(made: CommitId, commit: DataCommit, turn: int) -> CommitId | None:
    """Return what a turn's commit was laid on; a turn that changed nothing made none."""
    if not _is_of(commit, turn):
        return made
    return commit.parents[0] if commit.parents else None


def _follows(works: Works, base: CommitId | None, before: CommitId | None) -> bool:
    if before is None or base == before:
        return True
    return base is not None and before in ancestry(works.history.nodes, [base])


def _require_own(works: Works, branch: Branch, head: CommitId, new: CommitId) -> None:
    """Raise a ConflictError if a branch would lose what people made, unless a tag keeps it."""
    nodes = works.history.nodes
    kept = ancestry(nodes, [new]).keys()
    left = {i: commit for i, commit in ancestry(nodes, [head]).items() if i not in kept}
    if all(commit.author == WORKS for commit in left.values()):
        return
    tags = _tags_of(works, set(left))
    if not tags:
        raise ConflictError(
            f"The branch stands at {head[:12]}, which does not follow {new[:12]}; "
            "going on from there would leave out what was merged into it.",
            where=branch.name,
            fix=f"Keep it with `bessemer data tag NAME {head[:12]}` and run the turn again, "
            "then merge the tag.",
        )
    works.story.say(f"{branch.name} leaves {head[:12]}, kept as {', '.join(tags)}: merge it again")


def _tags_of(works: Works, left: set[CommitId]) -> list[str]:
    """Return the tags that keep everything that people made among commits that are left."""
    nodes, refs = works.history.nodes, works.history.refs
    return [
        name
        for name, commit_id in sorted(names_of(refs, "tag").items())
        if commit_id in left and left <= ancestry(nodes, [commit_id]).keys()
    ]
