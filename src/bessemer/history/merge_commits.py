"""Merging two commits: their maps, their split and their ontology versions.

The base is the newest common ancestor. After crossing merges there are several: they are merged
into one first, and where they disagree the ancestor of *them* speaks, so that a crossing makes
conflicts at most, never a silent choice.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bessemer.core.history import DataCommit, OntologyPin
from bessemer.core.ids import CommitId, OntologyId, TaskName
from bessemer.core.labels import Author
from bessemer.history.commits import merge_bases, read_commit, read_commits, write_commit
from bessemer.history.merge import Conflict, Settle, leave_contested, merge_maps
from bessemer.history.nodes import NodeReader
from bessemer.history.unit_map import UnitMap

_SPLIT = "split"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinConflict:
    """Two commits that pin different versions of the split or of a task's ontology."""

    pin: str
    ours: str
    theirs: str

    def __str__(self) -> str:
        """Return what is pinned differently, in one line."""
        ours, theirs = (version[:12] or "nothing" for version in (self.ours, self.theirs))
        return f"{self.pin}: {ours} against {theirs}: both sides changed it"


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeReport:
    """What became of a merge: a commit, or the conflicts to be settled first."""

    commit_id: CommitId | None
    conflicts: tuple[Conflict | PinConflict, ...] = ()


def merge_commits(
    reader: NodeReader,
    ours: CommitId,
    theirs: CommitId,
    *,
    settle: Settle,
    author: Author,
    message: str,
) -> MergeReport:
    """Keep the commit that merges two, unless there are conflicts; no branch is moved.

    Args:
        reader: Reads the store that is also written to.
        ours: The first parent.
        theirs: The second parent.
        settle: Settles keys that both sides changed.
        author: Who merges.
        message: What for.

    Returns:
        The commit's address, or the conflicts. A commit that follows the other stands for both.

    Raises:
        IntegrityError: If a node or commit on the way is missing or damaged.
    """
    bases = merge_bases(reader.store, ours, theirs)
    if ours in bases or theirs in bases:
        return MergeReport(commit_id=theirs if ours in bases else ours)
    known = read_commits(reader.store, (ours, theirs))
    versions, pin_conflicts = _merge_pins(
        [_pins(commit) for commit in read_commits(reader.store, bases).values()],
        _pins(known[ours]),
        _pins(known[theirs]),
    )
    merged = merge_maps(
        _base_map(reader, bases),
        UnitMap(reader=reader, root=known[ours].root),
        UnitMap(reader=reader, root=known[theirs].root),
        settle,
    )
    conflicts: tuple[Conflict | PinConflict, ...] = (*pin_conflicts, *merged.conflicts)
    if conflicts:
        return MergeReport(commit_id=None, conflicts=conflicts)
    commit = DataCommit(
        root=merged.unit_map.root,
        parents=(ours, theirs),
        split_id=versions.pop(_SPLIT),
        ontologies=tuple(
            OntologyPin(task=TaskName(pin.partition("/")[2]), ontology_id=OntologyId(version))
            for pin, version in sorted(versions.items())
            if version
        ),
        author=author,
        message=message,
    )
    return MergeReport(commit_id=write_commit(reader.store, commit))


def _base_map(reader: NodeReader, bases: tuple[CommitId, ...]) -> UnitMap:
    """Return the one map from which both sides are taken to have started."""
    if not bases:
        return UnitMap.build(reader, ())
    base = UnitMap(reader=reader, root=read_commit(reader.store, bases[0]).root)
    for other in bases[1:]:
        older = _base_map(reader, merge_bases(reader.store, bases[0], other))
        beside = UnitMap(reader=reader, root=read_commit(reader.store, other).root)
        base = merge_maps(older, base, beside, leave_contested).unit_map
    return base


def _pins(commit: DataCommit) -> dict[str, str]:
    ontologies = {f"ontology/{pin.task}": str(pin.ontology_id) for pin in commit.ontologies}
    return {_SPLIT: commit.split_id, **ontologies}


def _merge_pins(
    bases: Sequence[Mapping[str, str]], ours: Mapping[str, str], theirs: Mapping[str, str]
) -> tuple[dict[str, str], list[PinConflict]]:
    """Return each pinned version by its name, and the pins both sides changed differently."""
    versions: dict[str, str] = {}
    conflicts = []
    for pin in sorted(ours.keys() | theirs.keys()):
        mine, yours = ours.get(pin, ""), theirs.get(pin, "")
        # Without a common ancestor neither side has changed a pin that only one of them has.
        before = {base.get(pin, "") for base in bases or [{}]}
        if mine != yours and before not in ({mine}, {yours}):
            conflicts.append(PinConflict(pin=pin, ours=mine, theirs=yours))
        versions[pin] = yours if before == {mine} else mine
    return versions, conflicts
