"""Several turns of several arms: the engine, and the arm of chance that it is measured against.

Arms are branches over one lake: they meet the same world, pay the same prices and train the same
recipe; only what comes back and what is labelled differs.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

import numpy as np

from bessemer.core.errors import InputError
from bessemer.core.gates import Gate
from bessemer.core.ids import RecordingId
from bessemer.core.labels import LabelRevision
from bessemer.core.plugins import find_plugin
from bessemer.core.protocols import Labeller
from bessemer.core.records import Split, Stretch
from bessemer.core.selection import Selector
from bessemer.fleet.deal import RecordedDeal
from bessemer.label.confusion import class_centroids, confusion_from_centroids
from bessemer.label.oracle import Oracle
from bessemer.loop.drive import CHANCE, ENGINE
from bessemer.loop.exam import prepare_exam
from bessemer.loop.line import Line, label_shares
from bessemer.loop.live import LiveFleet, take_week
from bessemer.loop.people import People, full_picture
from bessemer.loop.recipe import ORACLE, PEOPLE
from bessemer.loop.records import Branch, TurnRecord, TurnState
from bessemer.loop.tracing import turn_records
from bessemer.loop.turn import Crew, run_turn


def branches_of(line: Line, arms: tuple[str, ...] = (ENGINE, CHANCE)) -> list[Branch]:
    """Return the branches of a run, the engine's first seed first."""
    name = f"{line.recipe.name}-{line.recipe_id[:8]}"
    return [
        Branch(arm=arm, seed=seed, line=name) for seed in range(line.recipe.seeds) for arm in arms
    ]


def run_turns(
    line: Line, branches: list[Branch], turns: int, fleet: LiveFleet | None = None
) -> Iterator[TurnRecord]:
    """Run the turns of branches one after the other; what was run before returns at once.

    Args:
        line: The line, its archive ingested.
        branches: The arms and seeds.
        turns: Turns of each.
        fleet: Drives a week before its first turn; None where the archive holds all weeks.

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
    world = _World(line, fleet)
    for branch in branches:
        state = TurnState()
        for week in range(turns):
            record = _kept_turn(*world.in_week(week), branch, state)
            state = record.state
            yield record


def next_turn(line: Line, fleet: LiveFleet | None = None) -> TurnRecord:
    """Run the turn that follows the last one of the engine's first branch.

    Args:
        line: The line, its archive ingested.
        fleet: Drives the week first; None where the archive holds all weeks.

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
    state = done[-1].state if done else TurnState()
    return _kept_turn(*_World(line, fleet).in_week(len(done)), branch, state)


class _World:
    """What there is to meet: all of it from the start, or week by week.

    Args:
        line: The line.
        fleet: Drives the weeks; None where the archive holds them all.
    """

    def __init__(self, line: Line, fleet: LiveFleet | None) -> None:
        self._line, self._fleet = line, fleet
        self._met: dict[int, tuple[Line, Crew]] = {}

    def in_week(self, week: int) -> tuple[Line, Crew]:
        """Return the line and its crew as they stand in a week, all of whose drives are there."""
        if week not in self._met:
            self._met[week] = self._arrive(week)
        return self._met[week]

    def _arrive(self, week: int) -> tuple[Line, Crew]:
        """Let a week come: the exam stays what it was, and answers to new units are known."""
        crew = next((crew for _, crew in self._met.values()), None)
        if self._fleet is not None:
            self._line = take_week(self._line, self._fleet, week)
        line = self._line
        if isinstance(line.recipe.deal, RecordedDeal):
            line = replace(line, week=week)
            return line, replace(crew, labellers=_labellers(line)) if crew else make_crew(line)
        return line, crew or make_crew(line)


def _kept_turn(line: Line, crew: Crew, branch: Branch, state: TurnState) -> TurnRecord:
    """Run a turn and keep its record, by which it is found again."""
    line.works.story.say(f"{branch.name}, turn {state.turn + 1}")
    record = run_turn(line, crew, branch, state)
    line.works.stages(branch.name, record.turn).keep("turn", record)
    return record


def make_crew(line: Line) -> Crew:
    """Return who works on a line.

    Args:
        line: A recipe over an opened works.

    Returns:
        Exam, selector, gate, labellers.

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
    gate: Gate = find_plugin("gates", line.recipe.gate)
    return Crew(exam=exam, selector=selector, gate=gate, labellers=_labellers(line))


def _labellers(line: Line) -> Callable[[str, int], tuple[Labeller, Labeller]]:
    """Return who answers a turn, and who answers again: people look twice themselves."""
    recipe = line.recipe
    first, second = recipe.labeller, recipe.second_labeller
    knowing = oracles(line) if recipe.asks_oracle else (None, None)

    def labellers(branch: str, turn: int) -> tuple[Labeller, Labeller]:
        people = People(works=line.works, branch=branch, turn=turn)
        return (
            _labeller(line, first, knowing[0], people),
            _labeller(line, second, knowing[1], people),
        )

    return labellers


def _labeller(line: Line, name: str, oracle: Labeller | None, people: People) -> Labeller:
    """Return a labeller by name: the oracle, people, or one of an installed package."""
    if name == PEOPLE:
        return people
    if name == ORACLE:
        assert oracle is not None, "it was made for this name"
        return oracle
    found: Labeller = find_plugin(
        "labellers", name, ontology=line.recipe.ontology, look=partial(full_picture, line.works)
    )
    return found


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

    Errors are between classes that look alike: close in the pinned space. Where weeks come one by
    one, the exam alone says which those are, for it is the same in every week.
    """
    ontology, truth = line.recipe.ontology, line.truth
    by_recording: dict[RecordingId, list[LabelRevision]] = {}
    for unit, revision in truth.items():
        by_recording.setdefault(unit.recording_id, []).append(revision)
    c = len(ontology.classes)
    alike = _exam_truth(line) if isinstance(line.recipe.deal, RecordedDeal) else truth
    main = np.array(
        [int(label_shares(r, c, ontology.index_of).argmax()) for r in alike.values()],
        dtype=np.int64,
    )
    centroids = class_centroids(line.unit_vectors(list(alike)), main, c)
    confusion = confusion_from_centroids(centroids)
    auditor = replace(line.recipe.oracle, error_frac=0.0)
    return (
        Oracle(by_recording, ontology, line.recipe.oracle, confusion),
        Oracle(by_recording, ontology, auditor, confusion, name="auditor"),
    )


def _exam_truth(line: Line) -> dict[Stretch, LabelRevision]:
    """Return what the archive knows of test recordings, by unit."""
    tested = {r.recording_id for r in line.works.lake.recordings(split=Split.TEST)}
    return {unit: r for unit, r in line.truth.items() if unit.recording_id in tested}
