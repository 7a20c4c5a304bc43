"""The history of one data set: commit to branches, merge them, and look back.

A commit becomes visible when its branch moves to it, in one compare-and-set after everything it
needs is kept. Whatever fails before that leaves nodes that nothing names, and nothing else.
"""

from collections.abc import Iterable, Iterator

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.history import (
    Change,
    DataCommit,
    Entry,
    NodeStore,
    OntologyPin,
    RefStore,
    UnitKey,
)
from bessemer.core.ids import CommitId
from bessemer.core.labels import Author
from bessemer.history.commits import log, read_commit, write_commit
from bessemer.history.merge import Settle, leave_contested
from bessemer.history.merge_commits import MergeReport, merge_commits
from bessemer.history.nodes import NodeReader
from bessemer.history.origins import blame
from bessemer.history.refs import create_ref, full_name, move_branch, names_of, resolve
from bessemer.history.unit_map import UnitMap, diff


class History:
    """A data set's commits and their names, over two stores.

    Wherever a commit is asked for, a name will do: see :func:`bessemer.history.refs.resolve`.

    Args:
        nodes: Keeps maps and commits.
        refs: Keeps branches and tags.
    """

    def __init__(self, nodes: NodeStore, refs: RefStore) -> None:
        self.nodes = nodes
        self.refs = refs
        self.reader = NodeReader(nodes)

    def commit(
        self,
        branch: str,
        *,
        put: Iterable[Entry] = (),
        remove: Iterable[UnitKey] = (),
        author: Author,
        message: str,
        split_id: str | None = None,
        ontologies: tuple[OntologyPin, ...] | None = None,
    ) -> CommitId:
        """Commit changes to a branch, which begins with this commit if it is new.

        Args:
            branch: The branch.
            put: Entries that replace what stands at their keys.
            remove: Keys to take out.
            author: Who commits.
            message: What for.
            split_id: The split rule; the branch's so far, if left out.
            ontologies: All pins; the branch's so far, if left out.

        Returns:
            The commit's address: the branch's head as it was, if nothing changed.

        Raises:
            InputError: If the branch is new and no split is given.
            ConflictError: If the branch moved meanwhile.
        """
        full_name("branch", branch)
        head = names_of(self.refs, "branch").get(branch)
        if head is None and split_id is None:
            raise InputError(
                "The first commit of a branch names its split.",
                where=f"branch/{branch}",
                fix="Give split_id, or make the branch from a commit.",
            )
        made = self.prepare(
            head,
            put=put,
            remove=remove,
            author=author,
            message=message,
            split_id=split_id,
            ontologies=ontologies,
        )
        return made if made == head else move_branch(self.refs, branch, head, made)

    def prepare(
        self,
        parent: CommitId | None,
        *,
        put: Iterable[Entry] = (),
        remove: Iterable[UnitKey] = (),
        author: Author,
        message: str,
        split_id: str | None = None,
        ontologies: tuple[OntologyPin, ...] | None = None,
    ) -> CommitId:
        """Keep a commit that no branch points at yet; see :meth:`commit`.

        Args:
            parent: What it follows; None for a first commit.
            put: Entries that replace what stands at their keys.
            remove: Keys to take out.
            author: Who commits.
            message: What for.
            split_id: The split rule; the parent's, if left out.
            ontologies: All pins; the parent's, if left out.

        Returns:
            The commit's address: the parent, if nothing changed.
        """
        before = None if parent is None else read_commit(self.nodes, parent)
        pins = ontologies if ontologies is not None else before.ontologies if before else ()
        after = DataCommit(
            root=self._map_of(before).edit(put=put, remove=remove).root,
            parents=() if parent is None else (parent,),
            split_id=split_id or (before.split_id if before else ""),
            ontologies=pins,
            author=author,
            message=message,
        )
        if parent is not None and before is not None and _content(before) == _content(after):
            return parent
        return write_commit(self.nodes, after)

    def merge(
        self,
        branch: str,
        other: str,
        *,
        author: Author,
        message: str,
        settle: Settle = leave_contested,
    ) -> MergeReport:
        """Merge a commit into a branch; with conflicts, nothing is committed and nothing moves.

        Args:
            branch: The branch that moves.
            other: The commit to bring in.
            author: Who merges.
            message: What for.
            settle: Settles keys that both sides changed; see
                :class:`bessemer.history.settle.TaskSettle`.

        Returns:
            The branch's new head (without a commit of its own, if one side follows the other), or
            the conflicts.

        Raises:
            NotFoundError: If there is no such branch or commit.
            ConflictError: If the branch moved meanwhile.
        """
        head = self.head(branch)
        report = merge_commits(
            self.reader,
            head,
            self.resolve(other),
            settle=settle,
            author=author,
            message=message,
        )
        if report.commit_id is not None and report.commit_id != head:
            move_branch(self.refs, branch, head, report.commit_id)
        return report

    def resolve(self, written: str) -> CommitId:
        """Return the commit that a name, an address or its beginning, or ``name~2`` means."""
        return resolve(self.nodes, self.refs, written)

    def head(self, branch: str) -> CommitId:
        """Return the newest commit of a branch.

        Args:
            branch: Name of the branch.

        Returns:
            Address of the commit.

        Raises:
            NotFoundError: If there is no such branch.
        """
        known = names_of(self.refs, "branch")
        if branch not in known:
            raise NotFoundError.among("branch", branch, known)
        return known[branch]

    def branch(self, name: str, at: str) -> CommitId:
        """Begin a branch at a commit; return the commit."""
        commit_id = self.resolve(at)
        create_ref(self.refs, "branch", name, commit_id)
        return commit_id

    def tag(self, name: str, at: str) -> CommitId:
        """Name a commit for good; return it."""
        commit_id = self.resolve(at)
        create_ref(self.refs, "tag", name, commit_id)
        return commit_id

    def show(self, written: str) -> DataCommit:
        """Return a commit."""
        return read_commit(self.nodes, self.resolve(written))

    def map_at(self, written: str) -> UnitMap:
        """Return the map that a commit pins."""
        return self._map_of(self.show(written))

    def log(self, written: str) -> list[tuple[CommitId, DataCommit]]:
        """Return a commit's history, every commit before its parents."""
        return log(self.nodes, self.resolve(written))

    def diff(self, before: str, after: str) -> Iterator[Change]:
        """Yield how the map of one commit differs from another's, in the order of keys."""
        return diff(self.map_at(before), self.map_at(after))

    def changes_in(self, written: str) -> Iterator[Change]:
        """Yield what a commit changed in its first parent; all it holds, if it is the first."""
        commit = self.show(written)
        parent = read_commit(self.nodes, commit.parents[0]) if commit.parents else None
        return diff(self._map_of(parent), self._map_of(commit))

    def blame(self, written: str, key: UnitKey) -> CommitId:
        """Return the commit that introduced the revision a commit has at ``key``."""
        return blame(self.reader, self.resolve(written), key)

    def _map_of(self, commit: DataCommit | None) -> UnitMap:
        if commit is None:
            return UnitMap.build(self.reader, ())
        return UnitMap(reader=self.reader, root=commit.root)


def _content(commit: DataCommit) -> tuple[object, ...]:
    return (commit.root, commit.split_id, commit.ontologies)
