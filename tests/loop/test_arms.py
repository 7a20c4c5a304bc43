"""The measure is honest: both arms pay alike, and nobody looks at truth who must not."""

import ast
from pathlib import Path

import pytest

from bessemer.core.fleet import Haul
from bessemer.core.selection import ReasonCode
from bessemer.loop.buy import split_budget
from bessemer.loop.drive import CHANCE, ENGINE
from bessemer.loop.line import Line
from bessemer.loop.records import Answers, Picks
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from tests.loop.tiny import tiny_recipe

MAY_KNOW_TRUTH = {"line.py": "the world", "exam.py": "the exam", "run.py": "the oracle"}


def test_both_arms_pay_the_same_for_every_turn(finished: Works) -> None:
    paid: dict[tuple[str, int], tuple[float, int, int]] = {}
    for record in turn_records(finished):
        answers = finished.ledger.get_document(record.answers, Answers)
        haul = finished.ledger.get_document(record.haul, Haul)
        paid[record.branch.arm, record.turn] = (
            answers.paid,
            len(haul.uploads),
            answers.audited,
        )
        assert answers.paid == tiny_recipe().budget.labels
        assert answers.waiting == 0
    for turn in (1, 2):
        assert paid[ENGINE, turn] == paid[CHANCE, turn]


def test_what_is_paid_adds_up_over_the_turns(finished: Works) -> None:
    so_far: dict[str, float] = {}
    for record in turn_records(finished):
        answers = finished.ledger.get_document(record.answers, Answers)
        so_far[record.branch.name] = so_far.get(record.branch.name, 0.0) + answers.paid
        assert record.state.paid == so_far[record.branch.name]


@pytest.mark.parametrize("labels", [1, 2, 3, 7, 20, 43, 800])
@pytest.mark.parametrize("first", [True, False])
def test_a_budget_is_split_without_a_rest(finished: Works, labels: int, first: bool) -> None:
    line = Line.ready(tiny_recipe(f"budget.labels={labels}"), finished)
    parts = split_budget(line, first=first)
    assert parts.new + parts.audits + parts.relabels == labels
    assert parts.new > 0
    assert not (first and parts.relabels)


def test_no_unit_is_bought_twice_on_one_branch(finished: Works) -> None:
    bought: dict[str, set[object]] = {}
    for record in turn_records(finished):
        mine = bought.setdefault(record.branch.name, set())
        picks = finished.ledger.get_document(record.picks, Picks)
        chosen = [pick.unit for pick in picks.chosen]
        assert len(set(chosen)) == len(chosen)
        assert not mine & set(chosen)
        mine.update(chosen)


def test_every_candidate_is_chosen_or_passed_over_once_with_a_reason(finished: Works) -> None:
    line, labelled = Line.ready(tiny_recipe(), finished), dict[str, set[object]]()
    for record in turn_records(finished):
        before = labelled.setdefault(record.branch.name, set())
        candidates = [u for u in line.living(record.state.pool) if u not in before]
        picks = finished.ledger.get_document(record.picks, Picks)
        said = [pick.unit for pick in picks.chosen] + [u for part in picks.left for u in part.units]
        assert len(said) == len(candidates)
        assert set(said) == set(candidates)
        assert {ReasonCode(part.code) for part in picks.left if part.units}
        told = {count.reason: count.count for count in picks.passed_over}
        assert told == {part.code: len(part.units) for part in picks.left}
        entries = finished.history.map_at(record.commit_id).entries()
        before.update(entry.key.unit for entry in entries)


def test_truth_is_known_to_the_world_the_oracle_and_the_exam_alone(repo_root: Path) -> None:
    readers = {
        path.name
        for path in (repo_root / "src/bessemer/loop").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and node.attr == "truth"
        and isinstance(node.value, ast.Name)
        and node.value.id in {"line", "self"}
    }
    assert readers == set(MAY_KNOW_TRUTH)
