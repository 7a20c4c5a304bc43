"""Several turns of several arms: the engine, and the arm of chance that it is measured against.

Arms are branches over one lake: they meet the same world, pay the same prices and train the same
recipe; only what comes back and what is labelled differs.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np

from bessemer.core.errors import InputError
from bessemer.core.ids import RecordingId
from bessemer.core.labels import LabelRevision
from bessemer.core.plugins import find_plugin
from bessemer.core.protocols import Labeller
from bessemer.core.selection import Selector
from bessemer.label.confusion import class_centroids, confusion_from_centroids
from bessemer.label.oracle import Oracle
from bessemer.loop.drive import CHANCE, ENGINE
from bessemer.loop.exam import prepare_exam
from bessemer.loop.line import Line, label_shares
from bessemer.loop.people import People
from bessemer.loop.records import Branch, TurnRecord, TurnState
from bessemer.loop.tracing import turn_records
from bessemer.loop.turn import Crew, run_turn
from bessemer.loop.works import Works


def branches_of(line: Line, arms: tuple[str, ...] = (ENGINE, CHANCE)) -> list[Branch]:
    """Return the branches of a run, the engine's first seed first."""
    name = f"{line.recipe.name}-{line.recipe_id[:8]}"
    return [
        Branch(arm=arm, seed=seed, line=name) for seed in range(line.recipe.seeds) for arm in arms
    ]


def run_turns(line: Line, branches: list[Branch], turns: int) -> Iterator[TurnRecord]:
    """Run the turns of branches one after the other; what was run before returns at once.

    Args:
        line: The line, its archive ingested.
        branches: The arms and seeds.
        turns: Turns of each.

    Yields:
        One record a turn, as it ends.

    Raises:
        InputError: If the archive brought nothing to learn from or nothing to test on, or has
            fewer weeks than turns are asked for.
    """
    if turns > line.recipe.deal.weeks:
        raise InputError(
            f"{turns} turns were asked for, but the fleet has {line.recipe.deal.weeks} weeks.",
            where=f"recipe {line.recipe.name}",
            fix=f"Set deal.weeks={turns}, or ask for fewer turns.",
        )
    crew = make_crew(line)
    for branch in branches:
        state = TurnState()
        for _ in range(turns):
            record = _kept_turn(line, crew, branch, state)
            state = record.state
            yield record


def next_turn(line: Line) -> TurnRecord:
    """Run the turn that follows the last one of the engine's first branch.

    Args:
        line: The line, its archive ingested.

    Returns:
        Its record.

    Raises:
        InputError: If all weeks were met.
    """
    branch = branches_of(line, (ENGINE,))[0]
    # A stage of a newer version leaves a second record of a turn; the last one stands.
    kept = {r.turn: r for r in turn_records(line.works) if r.branch == branch}
    done = [kept[turn] for turn in sorted(kept)]
    if len(done) >= line.recipe.deal.weeks:
        raise InputError(
            f"All {line.recipe.deal.weeks} weeks of this fleet were met.",
            where=branch.name,
            fix="Deal more weeks with --set deal.weeks=N, which begins a branch of its own.",
        )
    return _kept_turn(line, make_crew(line), branch, done[-1].state if done else TurnState())


def _kept_turn(line: Line, crew: Crew, branch: Branch, state: TurnState) -> TurnRecord:
    """Run a turn and keep its record, by which it is found again."""
    line.works.story.say(f"{branch.name}, turn {state.turn + 1}")
    record = run_turn(line, crew, branch, state)
    line.works.stages(branch.name, record.turn).keep("turn", record)
    return record


def make_crew(line: Line) -> Crew:
    """Return who works on a line of a replayed fleet.

    Args:
        line: A recipe over an opened works.

    Returns:
        Exam, selector, labellers.

    Raises:
        InputError: If the archive brought nothing to learn from or nothing to test on.
        WaitingForPeopleError: If people have to answer about the test first.
    """
    exam, selector = prepare_exam(line), find_selector(line.recipe.selector)
    if not line.deals:
        raise InputError(
            "Every train recording nearly repeats the test, so there is nothing to learn from.",
            where=f"recipe {line.recipe.name}",
            fix="Split by days and places: --set split.test_sources=[...], in a works of its own.",
        )
    if line.recipe.people:
        return Crew(exam=exam, selector=selector, labellers=_people_of(line.works))
    pair = oracles(line)
    return Crew(exam=exam, selector=selector, labellers=lambda branch, turn: pair)


def _people_of(works: Works) -> Callable[[str, int], tuple[Labeller, Labeller]]:
    """Return who answers a turn where people do: the same people look twice."""

    def people(branch: str, turn: int) -> tuple[Labeller, Labeller]:
        asked = People(works=works, branch=branch, turn=turn)
        return asked, asked

    return people


def find_selector(name: str) -> Selector:
    """Return a selector by name: one of Bessemer's own, or of an installed package.

    Args:
        name: Name of its entry point in the group ``bessemer.selectors``.

    Returns:
        A new selector with its default settings.

    Raises:
        NotFoundError: If there is none of that name.
    """
    selector: Selector = find_plugin("selectors", name)
    return selector


def oracles(line: Line) -> tuple[Labeller, Labeller]:
    """Return who answers first, with the recipe's errors, and who audits, without any.

    Errors are between classes that look alike: close in the pinned space.
    """
    ontology, truth = line.recipe.ontology, line.truth
    by_recording: dict[RecordingId, list[LabelRevision]] = {}
    for unit, revision in truth.items():
        by_recording.setdefault(unit.recording_id, []).append(revision)
    c = len(ontology.classes)
    main = np.array(
        [int(label_shares(r, c, ontology.index_of).argmax()) for r in truth.values()],
        dtype=np.int64,
    )
    centroids = class_centroids(line.unit_vectors(list(truth)), main, c)
    confusion = confusion_from_centroids(centroids)
    auditor = replace(line.recipe.oracle, error_frac=0.0)
    return (
        Oracle(by_recording, ontology, line.recipe.oracle, confusion),
        Oracle(by_recording, ontology, auditor, confusion, name="auditor"),
    )
