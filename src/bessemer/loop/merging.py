"""Merging branches of a data set with the merge of each line's own task."""

from bessemer.core.ids import TaskName
from bessemer.core.labels import Author
from bessemer.core.protocols import Task
from bessemer.history.merge_commits import MergeReport
from bessemer.history.settle import TaskSettle
from bessemer.loop.recipe import Recipe, task_of
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
        The branch's new head, or the conflicts.
    """
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
    return report
