"""A turn that waits on people says for what, and goes on from there once they have answered."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest

from bessemer.core.ids import TaskName
from bessemer.core.labelling import LabelRequest
from bessemer.label.exchange.folder import ExchangeFormat
from bessemer.loop.compile import labels_at
from bessemer.loop.line import Line
from bessemer.loop.people import WaitingForPeopleError, hand_out, take_answers
from bessemer.loop.run import next_turn
from bessemer.loop.works import Works
from tests.loop.tiny import tiny_line

SETTINGS = ("labeller=people", "budget.labels=6", "budget.audit_frac=0.0")


def waiting(line: Line) -> str:
    with pytest.raises(WaitingForPeopleError) as caught:
        next_turn(line)
    return str(caught.value)


def answer_all(folder: Path, class_name: str) -> None:
    path = folder / "labels.csv"
    with path.open(newline="") as file:
        head, *rows = csv.reader(file)
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([head, *([row[0], class_name, *row[2:]] for row in rows)])


def test_a_turn_waits_and_goes_on(tmp_path: Path) -> None:
    with Works.open(tmp_path / "works") as works:
        line = tiny_line(works, *SETTINGS)
        assert "6 of 6 labels are waited for" in waiting(line)
        assert hand_out(works, line.recipe, ExchangeFormat.CSV, tmp_path / "hand") == 6
        answer_all(tmp_path / "hand", "three")
        found = take_answers(works, tmp_path / "hand", "ann")
        assert len(found.answers.revisions) == 6
        assert hand_out(works, line.recipe, ExchangeFormat.CSV, tmp_path / "again") == 0
        record = next_turn(line)
        labels = labels_at(line, record.commit_id)
        said = {span.class_name for label in labels for span in label.elements.class_spans}
        assert said == {"three"}
        firsts = works.lake.read_labels([parent for label in labels for parent in label.parents])
        assert {first.author.name for first in firsts} == {"ann"}
        assert record.state.paid == 6


def test_a_refused_answer_keeps_waiting(tmp_path: Path) -> None:
    with Works.open(tmp_path / "works") as works:
        line = tiny_line(works, *SETTINGS)
        waiting(line)
        hand_out(works, line.recipe, ExchangeFormat.CSV, tmp_path / "hand")
        answer_all(tmp_path / "hand", "thre")
        found = take_answers(works, tmp_path / "hand", "ann")
        assert not found.answers.revisions
        assert [count.count for count in works.ledger.rejection_counts("label")] == [6]
        assert "6 of 6" in waiting(line)


def test_an_answer_closes_its_own_question_and_no_other_about_the_unit(tmp_path: Path) -> None:
    with Works.open(tmp_path / "works") as works:
        line = tiny_line(works, *SETTINGS)
        unit = line.units_of(next(iter(works.atlas.recordings)))[0]
        frame = line.frames_of(unit)[-1]
        ours = LabelRequest(unit=unit, task=line.name, frame=frame, reason="new")
        other = replace(ours, task=TaskName("weather"))
        second_look = replace(ours, reason="audit")
        works.ledger.ask_labels("engine/0", 1, [ours, other])
        assert hand_out(works, line.recipe, ExchangeFormat.CSV, tmp_path / "hand") == 1
        works.ledger.ask_labels("engine/0", 1, [second_look])
        answer_all(tmp_path / "hand", "three")
        take_answers(works, tmp_path / "hand", "ann")
        waiting = [row.request for row in works.ledger.label_requests(waiting=True)]
        assert sorted(waiting, key=lambda r: r.reason) == [second_look, other]
        (answered,) = works.ledger.label_requests(waiting=False)
        assert answered.request == ours
