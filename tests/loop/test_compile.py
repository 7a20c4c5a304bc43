"""A network is compiled once from examples, and again only from more of them."""

from pathlib import Path

import pytest

from bessemer.loop.compile import compile_network
from bessemer.loop.records import Ingredients
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from tests.loop.tiny import tiny_line

LENIENT = 'self_train={"confidence_at_least":0.2,"agreement_at_least":0.5}'
STRICT = 'self_train={"confidence_at_least":1.0,"agreement_at_least":1.0}'


@pytest.mark.parametrize(
    ("setting", "trainings"), [(STRICT, {"paid"}), (LENIENT, {"paid", "believed-0"})]
)
def test_who_believes_nothing_is_not_trained_again(
    copy_of_finished: Works, tmp_path: Path, setting: str, trainings: set[str]
) -> None:
    works = copy_of_finished
    plain = turn_records(works)[0].network
    ingredients = works.ledger.get_document(plain.ingredients, Ingredients)
    line = tiny_line(works, setting)
    ref = compile_network(line, ingredients, plain.seed, tmp_path / "work")
    assert {folder.name for folder in (tmp_path / "work").iterdir()} == trainings
    assert (ref.network_id == plain.network_id) == (trainings == {"paid"})


def test_only_who_believed_learnt_from_what_has_no_label(
    copy_of_finished: Works, tmp_path: Path
) -> None:
    works = copy_of_finished
    plain = turn_records(works)[0].network
    ingredients = works.ledger.get_document(plain.ingredients, Ingredients)
    labelled = {
        e.key.unit.recording_id for e in works.history.map_at(ingredients.commit_id).entries()
    }
    never = next(u.recording_id for u in ingredients.pool if u.recording_id not in labelled)
    for setting in (STRICT, LENIENT):
        ref = compile_network(
            tiny_line(works, setting), ingredients, plain.seed, tmp_path / setting[12:40]
        )
        taught = ref.network_id in works.lake.lineage(never).networks
        assert taught == (setting == LENIENT)
