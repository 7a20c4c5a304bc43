"""Settling what two sides changed: by the task's own merge of labels, element by element."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from bessemer.core.bylines import Byline, sign_answers
from bessemer.core.ids import RevisionId, TaskName
from bessemer.core.labels import LabelRevision
from bessemer.core.protocols import MergeConflict, Task
from bessemer.core.stores import LabelStore
from bessemer.history.merge import Conflict, Contest, Settled, leave_contested


class TaskSettle:
    """Settles contests with each task's ``merge3``; a task that is not named has none.

    Revisions are read in one go and merged ones sealed in one go, and only if all contests were
    settled: a merge that fails leaves no label behind.

    Args:
        tasks: Tasks by name.
        labels: Holds the revisions.
    """

    def __init__(self, tasks: Mapping[TaskName, Task], labels: LabelStore) -> None:
        self._tasks = tasks
        self._labels = labels

    def __call__(self, contests: Sequence[Contest]) -> list[Settled | Conflict]:
        """Return one outcome a contest, in their order."""
        wanted = {revision for c in contests for revision in (c.base, c.ours, c.theirs)}
        ids = sorted(revision for revision in wanted if revision is not None)
        known: dict[RevisionId | None, LabelRevision] = dict(
            zip(ids, self._labels.read_labels(ids), strict=True)
        )
        merged: list[LabelRevision] = []
        outcomes = [self._settle(contest, known, merged) for contest in contests]
        if merged and all(isinstance(outcome, Settled) for outcome in outcomes):
            self._labels.seal_labels(merged)
        return self._signed(outcomes, known)

    def _settle(
        self,
        contest: Contest,
        known: Mapping[RevisionId | None, LabelRevision],
        merged: list[LabelRevision],
    ) -> Settled | Conflict:
        """Return the outcome of one contest, noting a revision that is still to be sealed."""
        base, ours, theirs = (known.get(r) for r in (contest.base, contest.ours, contest.theirs))
        task = self._tasks.get(contest.key.task)
        if task is None:
            return leave_contested((contest,))[0]
        outcome = task.merge3(base, ours, theirs)
        if outcome is None:
            return Settled(revision_id=None)
        if isinstance(outcome, MergeConflict):
            return Conflict(contest=contest, reason=outcome.reason, elements=outcome.elements)
        merged.append(outcome.revision)
        return Settled(revision_id=outcome.revision.revision_id)

    def _signed(
        self,
        outcomes: Sequence[Settled | Conflict],
        known: Mapping[RevisionId | None, LabelRevision],
    ) -> list[Settled | Conflict]:
        """Return the outcomes, their conflicts with those who gave either answer."""
        left = [outcome.contest for outcome in outcomes if isinstance(outcome, Conflict)]
        sides = dict.fromkeys(side for one in left for side in (one.ours, one.theirs) if side)
        signed = sign_answers(self._labels, [known[side] for side in sides])
        bylines: dict[RevisionId | None, Byline] = dict(zip(sides, signed, strict=True))
        return [
            replace(
                outcome,
                ours_by=bylines.get(outcome.contest.ours),
                theirs_by=bylines.get(outcome.contest.theirs),
            )
            if isinstance(outcome, Conflict)
            else outcome
            for outcome in outcomes
        ]
