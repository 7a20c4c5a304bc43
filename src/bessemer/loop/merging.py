"""Merging branches of a data set, and how a turn takes up what was merged into its branch."""

from collections.abc import Collection, Sequence
from dataclasses import replace

from bessemer.core.ids import CommitId, RevisionId, TaskName
from bessemer.core.labels import Author, LabelRevision
from bessemer.core.protocols import Task
from bessemer.history.merge import Conflict
from bessemer.history.merge_commits import MergeReport, PinConflict
from bessemer.history.settle import TaskSettle
from bessemer.loop.judge import check_leaks
from bessemer.loop.line import Line
from bessemer.loop.measuring import line_of, measure_commit
from bessemer.loop.recipe import Recipe, task_of
from bessemer.loop.records import Branch, TurnState
from bessemer.loop.standing import base_of
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works


def known_tasks(works: Works) -> dict[TaskName, Task]:
    """Return the tasks of every recipe that ran in a works, by name."""
    tasks = {}
    for recipe_id in dict.fromkeys(record.recipe_id for record in turn_records(works)):
        recipe = works.ledger.get_document(recipe_id, Recipe)
        tasks[recipe.ontology.task] = task_of(recipe)
    return tasks


def merge_branches(
    works: Works, into: str, other: str, author: Author, message: str
) -> MergeReport:
    """Merge a commit into a branch; with conflicts nothing is committed and nothing moves.

    Args:
        works: The works.
        into: The branch that moves.
        other: The commit to bring in.
        author: Who merges.
        message: What for.

    Returns:
        The branch's new head, measured, or the conflicts.

    Raises:
        LeakError: If the other side answers about what the branch's recipe is tested on.
    """
    line = line_of(works, works.history.head(into))
    if line is not None:
        check_leaks(line, works.history.resolve(other))
    report = works.history.merge(
        into,
        other,
        author=author,
        message=message,
        settle=TaskSettle(known_tasks(works), works.lake),
    )
    if report.commit_id is not None:
        changes = works.history.changes_in(report.commit_id)
        touched = {change.key.unit.recording_id for change in changes}
        works.ledger.note_commit(works.history.show(report.commit_id), touched)
        measure_commit(works, report.commit_id)
    return replace(report, conflicts=_named(works, report.conflicts))


def _named(
    works: Works, conflicts: Sequence[Conflict | PinConflict]
) -> tuple[Conflict | PinConflict, ...]:
    """Return conflicts with the sources of the recordings that they are about."""
    about = {c.contest.key.unit.recording_id for c in conflicts if isinstance(c, Conflict)}
    sources = works.ledger.sources_of(about)
    return tuple(
        replace(c, source=sources.get(c.contest.key.unit.recording_id, ""))
        if isinstance(c, Conflict)
        else c
        for c in conflicts
    )


def take_up_merges(line: Line, branch: Branch, state: TurnState) -> TurnState:
    """Return where a turn begins: as it was left, or on what was merged on top of it since.

    Args:
        line: The line.
        branch: The arm and seed.
        state: Where the turn before left the branch.

    Returns:
        The same state, or one that stands on the merge; labels that came with it count as paid.
    """
    base = base_of(line.works, branch, state.turn + 1, state.commit_id)
    if base is None or base == state.commit_id:
        return state
    measure_commit(line.works, base)
    brought, price = _brought(line, state.commit_id, base)
    line.works.story.say(
        f"{branch.name} goes on from {base[:12]}: {brought} answers were merged into it"
    )
    return replace(state, commit_id=base, paid=state.paid + price)


def _brought(line: Line, before: CommitId | None, after: CommitId) -> tuple[int, float]:
    """Return how many of a task's answers changed between two commits, and what they cost."""
    works = line.works
    maps = [works.history.map_at(i) if i is not None else None for i in (before, after)]
    was, now = (
        {e.key: e.revision_id for e in held.entries() if e.key.task == line.name} if held else {}
        for held in maps
    )
    new = {i for key, i in now.items() if was.get(key) != i}
    n_changed = len(new) + len(was.keys() - now.keys())
    paid_before = _behind(works, set(was.values()), {})
    return n_changed, sum(label.price for label in _behind(works, new, paid_before).values())


def _behind(
    works: Works, ids: Collection[RevisionId], known: Collection[RevisionId]
) -> dict[RevisionId, LabelRevision]:
    """Return revisions and all that they continue or correct, but for known ones."""
    found: dict[RevisionId, LabelRevision] = {}
    ahead = sorted(set(ids) - set(known))
    while ahead:
        labels = works.lake.read_labels(ahead)
        found |= {label.revision_id: label for label in labels}
        parents = {parent for label in labels for parent in label.parents}
        ahead = sorted(parents - found.keys() - set(known))
    return found
