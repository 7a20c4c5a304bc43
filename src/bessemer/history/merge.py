"""Three-way merge of maps: each side's changes stand, and what both changed goes to the task.

Cost: what both sides changed; a subtree that one side alone changed is taken over unread.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from bessemer.core.bylines import Byline
from bessemer.core.history import Change, UnitKey
from bessemer.core.ids import RevisionId
from bessemer.history.join import RowContest, join_roots
from bessemer.history.rows import key_of, revision_of
from bessemer.history.unit_map import UnitMap, apply_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Contest:
    """A key that both sides changed, and not to the same; ``None`` is no answer."""

    key: UnitKey
    base: RevisionId | None
    ours: RevisionId | None
    theirs: RevisionId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """The revision that holds both changes of a contest; ``None`` if both removed it."""

    revision_id: RevisionId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Conflict:
    """A contest that a person must settle.

    Attributes:
        contest: The unit, the task and the revisions.
        reason: Why both cannot stand.
        elements: The elements they disagree about, where the task says so.
        ours_by: Who gave our answer, where known.
        theirs_by: Who gave theirs, where known.
        source: Where the recording came from, where known.
    """

    contest: Contest
    reason: str
    elements: tuple[str, ...] = ()
    ours_by: Byline | None = None
    theirs_by: Byline | None = None
    source: str = ""

    def __str__(self) -> str:
        """Return unit, task, both revisions with their authors, and the reason, in one line."""
        unit = self.contest.key.unit
        name = self.source or unit.recording_id
        place = f"{name} [{unit.start_ns}, {unit.end_ns}) {self.contest.key.task}"
        ours = _signed(self.contest.ours, self.ours_by)
        theirs = _signed(self.contest.theirs, self.theirs_by)
        return f"{place}: {ours}, against {theirs}: {self.reason}"


Settle: TypeAlias = Callable[[Sequence[Contest]], Sequence[Settled | Conflict]]
"""Settles contests, one outcome each, in their order; called once with all of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapMerge:
    """A merged map; where there are conflicts it holds the base's revision at their keys."""

    unit_map: UnitMap
    conflicts: tuple[Conflict, ...]


def leave_contested(contests: Sequence[Contest]) -> list[Conflict]:
    """Settle nothing: for tasks without a merge of their own."""
    reason = "both sides changed it, and the task has no merge"
    return [Conflict(contest=contest, reason=reason) for contest in contests]


def merge_maps(base: UnitMap, ours: UnitMap, theirs: UnitMap, settle: Settle) -> MapMerge:
    """Return the map that holds the changes of both sides since ``base``.

    Args:
        base: What both started from.
        ours: One side.
        theirs: The other; the root of a merge does not depend on which is which, if ``settle``
            does not.
        settle: Called once with all contests, if there are any.

    Returns:
        The map and the conflicts.

    Raises:
        IntegrityError: If a node on the way is missing or damaged.
    """
    join = join_roots(base.reader, base.root, ours.root, theirs.root)
    contests = [_contest_of(rows) for rows in join.contests]
    outcomes = settle(contests) if contests else ()
    settled = [
        Change(key=contest.key, before=contest.base, after=outcome.revision_id)
        for contest, outcome in zip(contests, outcomes, strict=True)
        if isinstance(outcome, Settled)
    ]
    return MapMerge(
        unit_map=apply_changes(UnitMap(reader=base.reader, root=join.root), settled),
        conflicts=tuple(outcome for outcome in outcomes if isinstance(outcome, Conflict)),
    )


def _contest_of(rows: RowContest) -> Contest:
    held = (rows.base, rows.ours, rows.theirs)
    base, ours, theirs = (None if row is None else revision_of(row) for row in held)
    row = next(row for row in held if row is not None)
    return Contest(key=key_of(row), base=base, ours=ours, theirs=theirs)


def _signed(revision_id: RevisionId | None, byline: Byline | None) -> str:
    what = "no answer" if revision_id is None else revision_id[:12]
    return what if byline is None else f"{what} by {byline}"
