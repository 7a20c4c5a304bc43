"""The three numbers of commits that no turn made: merges, and answers that people corrected."""

from bessemer.core.ids import CommitId
from bessemer.loop.attest import Attestation, attest_commit, attestation_of, note_attestation
from bessemer.loop.line import Line
from bessemer.loop.recipe import Recipe
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works


def line_of(works: Works, commit_id: CommitId) -> Line | None:
    """Return the line whose turn came last on the way to a commit; None if no turn did."""
    recipes = {record.commit_id: record.recipe_id for record in turn_records(works)}
    for earlier, _ in works.history.log(commit_id) if recipes else ():
        if earlier in recipes:
            recipe_id = recipes[earlier]
            return Line(works.ledger.get_document(recipe_id, Recipe), works, recipe_id)
    return None


def measure_commit(works: Works, commit_id: CommitId) -> Attestation | None:
    """Measure a commit that no turn made, and those before it that nobody measured; note it.

    Args:
        works: The works.
        commit_id: The commit.

    Returns:
        Its three numbers; None before the first turn of a recipe, which says what to measure by.
    """
    measured = attestation_of(works, commit_id)
    line = line_of(works, commit_id) if measured is None else None
    if line is None:
        return measured
    for before in _unmeasured(works, commit_id):
        measured = attest_commit(line, before, audited=0, errors=0)
        note_attestation(works, before, works.ledger.put_document("Attestation", measured))
    return measured


def _unmeasured(works: Works, commit_id: CommitId) -> list[CommitId]:
    """Return a commit and those before it down to measured ones, parents first."""
    found: set[CommitId] = set()
    ahead = [commit_id]
    while ahead:
        one = ahead.pop()
        if one not in found and attestation_of(works, one) is None:
            found.add(one)
            ahead += works.history.show(one).parents
    return [one for one, _ in reversed(works.history.log(commit_id)) if one in found]
