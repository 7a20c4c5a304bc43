"""Pretraining and self-training: switches of the recipe, in every arm alike."""

import pytest

from bessemer.core.ids import RecordingId
from bessemer.loop.records import Ingredients, TurnRecord
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.shipping import note_release
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from tests.loop.tiny import tiny_line

pytestmark = pytest.mark.slow

PRETRAIN = 'pretrain={"fit":{"steps":4,"batch":16}}'
LITE = ("network.backbone=lite", "network.pool=1", "foundation=imagenet")
BELIEVE = 'self_train={"confidence_at_least":0.2,"agreement_at_least":0.5}'


def test_each_switch_makes_another_network(copy_of_finished: Works) -> None:
    works, made = copy_of_finished, {}
    for name, settings in (("plain", ()), ("pretrain", (PRETRAIN,)), ("believe", (BELIEVE,))):
        line = tiny_line(works, *settings)
        made[name] = list(run_turns(line, branches_of(line)[:1], 2))
    first = {name: records[0].network.network_id for name, records in made.items()}
    second = {name: records[1].network.network_id for name, records in made.items()}
    assert len(set(first.values())) == len(set(second.values())) == 3
    begun = [record.state.beginning for record in made["pretrain"]]
    assert None not in begun
    assert begun[0] != begun[1]
    last = works.ledger.get_document(made["pretrain"][1].network.ingredients, Ingredients)
    assert last.beginning == begun[1]
    assert made["pretrain"][0].picks != made["plain"][0].picks
    unlabelled = made["pretrain"][0].state.pool[0].recording_id
    assert first["pretrain"] in works.lake.lineage(unlabelled).networks
    never = _never_labelled(works, made["plain"][0])
    assert first["plain"] not in works.lake.lineage(never).networks


def test_published_weights_are_a_beginning_and_teach_from_no_recording(
    copy_of_finished: Works,
) -> None:
    works = copy_of_finished
    line = tiny_line(works, *LITE)
    first, second = run_turns(line, branches_of(line)[:1], 2)
    assert first.state.beginning is not None
    assert first.state.beginning == second.state.beginning
    never = _never_labelled(works, second)
    assert second.network.network_id not in works.lake.lineage(never).networks


def _never_labelled(works: Works, record: TurnRecord) -> RecordingId:
    """Return a recording that was uploaded in the plain run, and never labelled there."""
    labelled = {e.key.unit.recording_id for e in works.history.map_at(record.commit_id).entries()}
    return next(u.recording_id for u in record.state.pool if u.recording_id not in labelled)


def test_a_release_is_noted_once(copy_of_finished: Works) -> None:
    works = copy_of_finished
    record, before = turn_records(works)[0], works.ledger.releases()
    versions = [note_release(works, "b", record.network, record.decision) for _ in range(3)]
    assert versions == [1, 1, 1]
    assert len(works.ledger.releases()) == len(before) + 1
