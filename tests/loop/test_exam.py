"""A fleet whose recordings have no truth: people answer about the test first, or nothing begins."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.core.ids import RecordingId
from bessemer.core.records import Split, SplitRule, Stretch
from bessemer.core.signature import Geometry, Head
from bessemer.label.exchange.folder import ExchangeFormat
from bessemer.loop.archive import ingest_archive
from bessemer.loop.exam import draw_units, prepare_exam
from bessemer.loop.line import Line
from bessemer.loop.people import WaitingForPeopleError, hand_out, take_answers
from bessemer.loop.recipe import Budget, Recipe, archive_of_recipe
from bessemer.loop.run import branches_of, next_turn, run_turns
from bessemer.loop.works import Works
from bessemer.networks.config import HydraConfig
from bessemer.validate.outcome import SuiteReport
from tests.loop.shades import ONTOLOGY, SUITE, answer_by_eye, shades, shades_recipe
from tests.loop.tiny import tiny_recipe


def opened(works: Works, recipe: Recipe, data: Path) -> Line:
    ingest_archive(works, archive_of_recipe(recipe), data)
    return Line.ready(recipe, works)


def people_answer(line: Line, folder: Path) -> list[str]:
    """Hand out what is waited for, and take the answers in."""
    hand_out(line.works, line.recipe, ExchangeFormat.CSV, folder)
    said = answer_by_eye(folder)
    take_answers(line.works, folder, "ann")
    return said


def trained_on(line: Line, commit_id: str) -> set[RecordingId]:
    entries = line.works.history.map_at(commit_id).entries()
    return {entry.key.unit.recording_id for entry in entries}


def test_people_answer_about_the_test_then_the_turns_and_are_never_trained_on_it(
    tmp_path: Path,
) -> None:
    data = shades(tmp_path / "shades")
    with Works.open(tmp_path / "works") as works:
        line = opened(works, shades_recipe(labeller="people"), data)
        with pytest.raises(WaitingForPeopleError, match="10 of 10 test labels") as caught:
            next_turn(line)
        assert "bessemer label export" in str(caught.value)
        said = people_answer(line, tmp_path / "test")
        assert len(said) == 10
        with pytest.raises(WaitingForPeopleError, match="8 of 8 labels"):
            next_turn(line)
        people_answer(line, tmp_path / "turn")
        record = next_turn(line)
        tested = {r.recording_id for r in works.lake.recordings(split=Split.TEST)}
        used = trained_on(line, record.commit_id)
        assert (len(used), used & tested) == (8, set())
        assert record.state.paid == 8, "the test has a budget of its own"
        report = works.ledger.get_document(record.validation, SuiteReport)
        assert report.slices[0].candidate.n_recordings == 10


def test_what_was_asked_once_is_not_asked_again_by_another_recipe(tmp_path: Path) -> None:
    data = shades(tmp_path / "shades")
    with Works.open(tmp_path / "works") as works:
        line = opened(works, shades_recipe(labeller="people"), data)
        with pytest.raises(WaitingForPeopleError):
            prepare_exam(line)
        people_answer(line, tmp_path / "test")
        first = prepare_exam(line)
        wider = Budget(uploads=12, labels=8, test_labels=14)
        other = Line.ready(shades_recipe("other", labeller="people", budget=wider), works)
        with pytest.raises(WaitingForPeopleError, match="4 of 14 test labels"):
            prepare_exam(other)
        people_answer(other, tmp_path / "more")
        more = prepare_exam(other)
        assert set(first.frames) < set(more.frames)
        assert first.exam_id != more.exam_id


def test_where_the_archive_knows_part_of_the_sample_people_are_asked_the_rest(
    tmp_path: Path,
) -> None:
    data = shades(tmp_path / "shades")
    (data / "labels.csv").write_text(
        "path,class\n"
        + "".join(f"exam/{n:02}.png,{'dark' if n % 2 else 'bright'}\n" for n in range(12))
    )
    with Works.open(tmp_path / "works") as works:
        line = opened(works, shades_recipe(labeller="people"), data)
        with pytest.raises(WaitingForPeopleError) as caught:
            prepare_exam(line)
        n_asked = int(str(caught.value).split()[0])
        assert 0 < n_asked < 10
        people_answer(line, tmp_path / "test")
        exam = prepare_exam(line)
        assert len(exam.frames) == 10
        by = Counter(label.author.kind.value for label in exam.labels)
        assert by["oracle"] == 10 - n_asked
        alone = Budget(uploads=12, labels=8, test_labels=0)
        known = Line.ready(shades_recipe(labeller="people", budget=alone), works)
        assert len(prepare_exam(known).frames) == 12


def test_without_people_a_run_without_truth_refuses_at_the_start(tmp_path: Path) -> None:
    data = shades(tmp_path / "shades")
    with Works.open(tmp_path / "works") as works:
        line = opened(works, shades_recipe(), data)
        with pytest.raises(InputError) as caught:
            next(run_turns(line, branches_of(line), 1))
        told = str(caught.value)
        assert "No test and no train recording has an answer to the task 'classes'" in told
        assert "recipe shades" in told
        assert "labeller=people" in told
        assert "labels.csv" in told
        assert works.ledger.stages() == []


def test_people_who_may_not_be_asked_cannot_make_a_test(tmp_path: Path) -> None:
    data = shades(tmp_path / "shades")
    budget = Budget(uploads=12, labels=8, test_labels=0)
    with Works.open(tmp_path / "works") as works:
        line = opened(works, shades_recipe(labeller="people", budget=budget), data)
        with pytest.raises(InputError, match=r"budget\.test_labels"):
            next_turn(line)


def test_an_archive_of_one_side_is_named(tmp_path: Path) -> None:
    data = shades(tmp_path / "shades", exams=0)
    with Works.open(tmp_path / "works") as works:
        line = opened(works, shades_recipe(labeller="people"), data)
        with pytest.raises(InputError, match="no test recordings"):
            next_turn(line)


def test_of_a_test_drive_people_paint_a_few_frames(tmp_path: Path) -> None:
    data = shades(tmp_path / "shades", count=12, exams=12)
    head = Head(task=ONTOLOGY.task, geometry=Geometry.DENSE, output="scenes", ontology=ONTOLOGY)
    recipe = shades_recipe(
        labeller="people",
        geometry=Geometry.DENSE,
        network=HydraConfig(heads=(head,), width=4),
        reader_settings=("sequence=true",),
        split=SplitRule(test_sources=("shades/exam",)),
        budget=Budget(uploads=1, labels=2, test_labels=5),
        suite=SUITE.replace("accuracy", "miou"),
    )
    with Works.open(tmp_path / "works") as works:
        line = opened(works, recipe, data)
        with pytest.raises(WaitingForPeopleError, match="5 of 5 test labels"):
            prepare_exam(line)
        hand_out(works, recipe, ExchangeFormat.COCO, tmp_path / "hand")
        paint_all(tmp_path / "hand" / "annotations.json")
        assert len(take_answers(works, tmp_path / "hand", "ann").answers.revisions) == 5
        exam = prepare_exam(line)
        assert exam.targets.shape == (5, 16, 16)
        assert (exam.targets == 0).all()
        assert len({frame.t_ns for frame in exam.frames}) == 5


def paint_all(path: Path) -> None:
    """Paint every picture wholly with the first class."""
    told = json.loads(path.read_text())
    told["annotations"] = [
        {
            "id": number,
            "image_id": image["id"],
            "category_id": told["categories"][0]["id"],
            "bbox": [0, 0, image["width"], image["height"]],
            "segmentation": [[0, 0, 16, 0, 16, 16, 0, 16]],
            "area": 256,
            "iscrowd": 0,
        }
        for number, image in enumerate(told["images"], start=1)
    ]
    path.write_text(json.dumps(told))


def test_an_erased_recording_is_asked_about_no_more(tmp_path: Path) -> None:
    data = shades(tmp_path / "shades")
    with Works.open(tmp_path / "works") as works:
        line = opened(works, shades_recipe(labeller="people"), data)
        with pytest.raises(WaitingForPeopleError):
            prepare_exam(line)
        asked = works.ledger.label_requests(waiting=True)[0].request.unit.recording_id
        works.lake.erase(asked, "asked to")
        works.forget_frames()
        assert len(people_answer(line, tmp_path / "test")) == 9
        again = Line.ready(line.recipe, works)
        with pytest.raises(WaitingForPeopleError, match="1 of 10 test labels"):
            prepare_exam(again)
        people_answer(again, tmp_path / "more")
        assert len(prepare_exam(again).frames) == 10


def test_a_works_dealt_by_another_rule_is_refused(tmp_path: Path) -> None:
    data = shades(tmp_path / "shades")
    with Works.open(tmp_path / "works") as works:
        opened(works, shades_recipe(), data)
        other = shades_recipe(labeller="people", split=SplitRule(test_sources=("shades/road/0",)))
        with pytest.raises(InputError, match=r"30 of 50 recordings .* a works of its own"):
            prepare_exam(Line.ready(other, works))


def unit(number: int) -> Stretch:
    return Stretch(recording_id=RecordingId(f"r{number}"), start_ns=0, end_ns=1)


@given(st.integers(0, 40), st.integers(1, 40), st.integers(0, 20))
def test_a_sample_is_a_sample_and_hardly_moves_when_more_arrives(
    count: int, budget: int, more: int
) -> None:
    units = [unit(n) for n in range(count)]
    drawn = draw_units(units, "salt", budget)
    assert len(drawn) == len(set(drawn)) == min(count, budget)
    assert draw_units(units[::-1], "salt", budget) == drawn
    later = draw_units([unit(n) for n in range(count + more)], "salt", budget)
    assert set(later) & set(units) <= set(drawn)


def test_each_unit_is_drawn_about_as_often() -> None:
    units = [unit(n) for n in range(20)]
    counts = Counter(u for salt in range(400) for u in draw_units(units, str(salt), 5))
    assert min(counts[u] for u in units) > 60
    assert max(counts.values()) < 145


def test_a_proxy_that_no_vehicle_can_run_is_refused_with_its_slice_before_the_first_turn(
    finished: Works,
) -> None:
    wrong = """
[[slice]]
name = "dim"
where = "brightness < 0.3"
proxy = "brightness < 0.3"
"""
    line = Line.ready(tiny_recipe(), finished)
    other = replace(line.recipe, suite=line.recipe.suite + wrong)
    with pytest.raises(InputError, match="undeclared reference to 'brightness'") as caught:
        prepare_exam(replace(line, recipe=other))
    assert "slice dim" in str(caught.value)
