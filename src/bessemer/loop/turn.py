"""One turn of the works, stage by stage. Read it from top to bottom: this is the loop.

    fleet -> ingest -> curate -> label -> commit -> train -> validate -> release -> fleet

Where the recipe asks, a backbone begins with published weights, and is pretrained on what came in
before anything is curated. How far the seed alone moves the released network is measured before the
fleet drives, for one of the twins trained for it then drives along in shadow.
Every stage is looked up by the address of its inputs before it runs, so a turn that was cut off
goes on where it stopped, and ends at the addresses of one that was not. What people merged into
the branch since the turn before is where it begins.
"""

from collections.abc import Callable
from dataclasses import dataclass

from bessemer.core.fleet import Haul
from bessemer.core.gates import Decision, Gate, Ruling
from bessemer.core.ids import CommitId
from bessemer.core.protocols import Labeller
from bessemer.core.selection import Selector
from bessemer.core.signature import Geometry
from bessemer.curate.select_chance import RandomSelector
from bessemer.ledger import GateRow
from bessemer.loop.attest import Attestation, attest_commit, note_attestation
from bessemer.loop.begin import found, pretrain_on
from bessemer.loop.buy import buy, choose, split_budget
from bessemer.loop.compile import commit_answers, compile_network, labels_at
from bessemer.loop.drive import CHANCE, drive_week, orders_for, take_in
from bessemer.loop.exam import Exam
from bessemer.loop.judge import (
    Noise,
    campaigns_after,
    examine,
    judge,
    measure_floor,
    say_unasked,
)
from bessemer.loop.line import Line
from bessemer.loop.merging import take_up_merges
from bessemer.loop.records import (
    Answers,
    Beginning,
    Branch,
    Ingredients,
    Intake,
    NetworkRef,
    Picks,
    TurnRecord,
    TurnState,
)
from bessemer.loop.shipping import note_release
from bessemer.loop.standing import message_of
from bessemer.validate.outcome import SuiteReport


@dataclass(frozen=True, slots=True, kw_only=True)
class Crew:
    """Who works on a line.

    Attributes:
        exam: The test.
        selector: Who chooses in the engine's arm; the arm of chance draws.
        gate: Who decides whether a candidate ships.
        labellers: Who answers a branch in a turn, and who answers a second time: slower and surer.
    """

    exam: Exam
    selector: Selector
    gate: Gate
    labellers: Callable[[str, int], tuple[Labeller, Labeller]]


def run_turn(
    line: Line,
    crew: Crew,
    branch: Branch,
    state: TurnState,
) -> TurnRecord:
    """Run one turn of one branch.

    Args:
        line: The line.
        crew: Who examines, chooses and answers.
        branch: The arm and seed.
        state: Where the turn before left the branch.

    Returns:
        The address of everything the turn made, and where the branch stands after it.
    """
    turn, exam = state.turn + 1, crew.exam
    state = take_up_merges(line, branch, state)
    stages = line.works.stages(branch.name, turn)
    recipe, seed = line.recipe_id, branch.seed * 1000 + turn
    labels = labels_at(line, state.commit_id)
    # Of tracks, driving and curating give what they gave in version 2.
    version = 3 if line.recipe.geometry is Geometry.DENSE else 2

    noise = stages.run(
        "noise",
        (recipe, exam.exam_id, state.released),
        Noise,
        lambda folder: measure_floor(line, exam, state.released, folder),
    )
    orders = orders_for(line, branch, state, noise.value.twins)
    haul = stages.run(
        "drive",
        (recipe, orders, state.pool, state.commit_id),
        Haul,
        lambda _: drive_week(line, orders, state, labels),
        version=version,
    )
    intake = stages.run("ingest", haul.document_id, Intake, lambda _: take_in(line, haul.value))
    pool = tuple(dict.fromkeys((*state.pool, *intake.value.units)))

    beginning = state.beginning
    foundation, pretraining = line.recipe.foundation, line.recipe.pretrain
    if foundation is not None and beginning is None:
        beginning = stages.run(
            "found",
            (recipe, branch.seed),
            Beginning,
            lambda folder: found(line, foundation, branch.seed, folder),
        ).value
    if pretraining is not None:
        before = beginning
        beginning = stages.run(
            "pretrain",
            (recipe, pool, before, branch.seed),
            Beginning,
            lambda folder: pretrain_on(line, pool, before, pretraining, branch.seed, folder),
        ).value

    parts = split_budget(line, first=state.trained is None)
    blind = branch.arm == CHANCE
    chooser: Selector = RandomSelector() if blind else crew.selector
    seen, founded = (None, None) if blind else (state.trained, beginning)
    picks = stages.run(
        "curate",
        (
            recipe,
            chooser.name,
            getattr(chooser, "config", None),
            pool,
            state.commit_id,
            seen,
            founded,
            parts,
            seed,
        ),
        Picks,
        lambda _: choose(line, chooser, seen, founded, pool, labels, parts.new, seed),
        version=version,
    )
    labeller, auditor = crew.labellers(branch.name, turn)
    answers = stages.run(
        "label",
        (recipe, picks.document_id, state.trained, parts),
        Answers,
        lambda _: buy(line, picks.value, state.trained, labeller, auditor, parts),
    )
    commit = stages.run(
        "commit",
        (recipe, branch, answers.document_id, state.commit_id),
        str,
        lambda _: commit_answers(
            line, branch, state.commit_id, answers.value.revisions, message_of(turn)
        ),
    )
    commit_id = CommitId(commit.value)
    attested = stages.run(
        "attest",
        (recipe, commit_id, answers.document_id, intake.document_id),
        Attestation,
        lambda _: attest_commit(
            line,
            commit_id,
            answers.value.audited,
            answers.value.audit_errors,
            [clip.stretch for clip in intake.value.clips],
        ),
        version=2,
    )
    note_attestation(line.works, commit_id, attested.document_id)
    ingredients = Ingredients(
        commit_id=commit_id,
        pool=pool,
        beginning=beginning,
    )
    trained = stages.run(
        "train",
        (recipe, ingredients, branch.seed),
        NetworkRef,
        lambda folder: compile_network(line, ingredients, branch.seed, folder),
    )
    report = stages.run(
        "validate",
        (recipe, exam.exam_id, trained.value, state.released, noise.document_id),
        SuiteReport,
        lambda _: examine(line, exam, trained.value, state.released, noise.value),
    )
    notes = () if branch.arm == CHANCE else say_unasked(exam.suite, report.value)
    gate = stages.run(
        "release",
        (line.recipe.gate, report.document_id, trained.value, state.released, notes),
        Ruling,
        lambda _: judge(crew.gate, report.value, trained.value, state.released, notes),
    )
    shipped = gate.value.decision is Decision.SHIP
    line.works.ledger.add_gate(
        GateRow(
            branch=branch.name,
            turn=turn,
            network_id=trained.value.network_id,
            shipped=shipped,
            document_id=gate.document_id,
        )
    )
    if shipped:
        note_release(line.works, branch.name, trained.value, gate.document_id)
    return TurnRecord(
        recipe_id=recipe,
        branch=branch,
        turn=turn,
        task=line.name,
        driver=state.released.network_id if state.released else "",
        haul=haul.document_id,
        intake=intake.document_id,
        picks=picks.document_id,
        answers=answers.document_id,
        commit_id=commit_id,
        attestation=attested.document_id,
        network=trained.value,
        validation=report.document_id,
        decision=gate.document_id,
        state=TurnState(
            turn=turn,
            pool=pool,
            commit_id=commit_id,
            beginning=beginning,
            trained=trained.value,
            released=trained.value if shipped else state.released,
            campaigns=campaigns_after(exam.suite, report.value, turn),
            paid=state.paid + answers.value.paid,
        ),
    )
