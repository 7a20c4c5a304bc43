"""An erased recording is gone from every later turn, and what had used it is known."""

import pytest

from bessemer.core.fleet import Haul
from bessemer.core.ids import CommitId, RecordingId
from bessemer.core.records import Split
from bessemer.loop.compile import gather_examples, labels_at
from bessemer.loop.drive import ENGINE
from bessemer.loop.judge import Noise
from bessemer.loop.line import Line
from bessemer.loop.records import NetworkRef
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.telling import retell_run
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from tests.loop.tiny import addresses, run_tiny, tiny_line, tiny_recipe


def users_of(works: Works, recording_id: RecordingId) -> set[CommitId]:
    """Return the data commits that hold a recording, by looking into every one."""
    return {
        record.commit_id
        for record in turn_records(works)
        if any(
            entry.key.unit.recording_id == recording_id
            for entry in works.history.map_at(record.commit_id).entries()
        )
    }


def networks_of(works: Works) -> set[NetworkRef]:
    """Return every network that was compiled: one a turn, and the twins of noise floors."""
    twins = {
        twin
        for row in works.ledger.stages()
        if row.name == "noise" and row.output is not None
        for twin in works.ledger.get_document(row.output, Noise).twins
    }
    return twins | {record.network for record in turn_records(works)}


def labelled_recording(works: Works) -> RecordingId:
    """Return a recording that the engine's first turn labelled."""
    first = next(r for r in turn_records(works) if r.branch.arm == ENGINE)
    return next(iter(works.history.map_at(first.commit_id).entries())).key.unit.recording_id


def test_lineage_lists_the_commits_and_networks_that_used_it(copy_of_finished: Works) -> None:
    works = copy_of_finished
    recording_id = labelled_recording(works)
    used = users_of(works, recording_id)
    works.lake.erase(recording_id, "asked to")
    found = works.lake.lineage(recording_id)
    assert set(found.commits) == used
    assert set(found.networks) == {
        network.network_id for network in networks_of(works) if network.commit_id in used
    }
    assert used


def test_an_erasure_that_was_cut_off_is_completed_by_the_next_run(copy_of_finished: Works) -> None:
    works = copy_of_finished
    recording_id = labelled_recording(works)
    works.ledger.bury(recording_id, "asked to")
    assert [stone.bytes_gone for stone in works.ledger.tombstones()] == [False]
    tiny_line(works)
    assert [stone.bytes_gone for stone in works.ledger.tombstones()] == [True]


def test_a_recording_that_was_never_labelled_has_no_lineage(copy_of_finished: Works) -> None:
    works = copy_of_finished
    tested = works.lake.recordings(split=Split.TEST)[0].recording_id
    found = works.lake.lineage(tested)
    assert (found.commits, found.networks) == ((), ())


def test_what_was_done_stands_after_an_erasure(copy_of_finished: Works) -> None:
    works = copy_of_finished
    before = addresses(works)
    works.lake.erase(labelled_recording(works), "asked to")
    works.forget_frames()
    run_tiny(works)
    assert addresses(works) == before
    assert retell_run(works, tiny_recipe()).n_seeds == 1


@pytest.mark.slow
def test_the_next_turn_goes_on_without_it(copy_of_finished: Works) -> None:
    works = copy_of_finished
    recording_id = labelled_recording(works)
    works.lake.erase(recording_id, "asked to")
    works.forget_frames()
    line: Line = tiny_line(works)
    *_, last = run_turns(line, branches_of(line)[:1], 3)
    assert last.turn == 3
    haul = works.ledger.get_document(last.haul, Haul)
    assert recording_id not in {upload.stretch.recording_id for upload in haul.uploads}
    learnt = gather_examples(line, labels_at(line, last.commit_id), last.state.pool)
    entries = list(works.history.map_at(last.commit_id).entries())
    assert len(learnt.pictures) == len(entries) - 1
