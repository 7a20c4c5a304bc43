"""Blame gives the reasons of the branch that is asked about, whichever week brought a unit."""

from bessemer.core.fleet import Haul, Upload
from bessemer.core.ids import RecordingId
from bessemer.loop.blaming import blame_recording
from bessemer.loop.records import Picks, TurnRecord
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works


def reasons_of(works: Works, turns: list[TurnRecord]) -> dict[RecordingId, str]:
    """Return why each recording of a branch was labelled; a picture is one unit."""
    came: dict[RecordingId, Upload] = {}
    reasons = {}
    for record in turns:
        for upload in works.ledger.get_document(record.haul, Haul).uploads:
            came.setdefault(upload.stretch.recording_id, upload)
        for pick in works.ledger.get_document(record.picks, Picks).chosen:
            hits = came[pick.unit.recording_id].hits
            why = hits[0].reason if hits else "control sample"
            reasons[pick.unit.recording_id] = f"came back: {why}; labelled: {pick.reason}"
    return reasons


def test_every_branch_has_its_own_reasons(finished: Works) -> None:
    records = turn_records(finished)
    branches = sorted({record.branch.name for record in records})
    assert len(branches) == 2
    told = {}
    for name in branches:
        wanted = reasons_of(finished, [r for r in records if r.branch.name == name])
        told[name] = wanted
        for recording_id, reason in wanted.items():
            (line,) = blame_recording(finished, name, recording_id)
            assert line.reason == reason, name
    one, other = told.values()
    assert any(one[i] != other[i] for i in one.keys() & other.keys())


def test_an_earlier_commit_knows_nothing_of_later_turns(finished: Works) -> None:
    *_, record = turn_records(finished)
    assert record.turn == 2
    first = {entry.key for entry in finished.history.map_at(f"{record.branch.name}~1").entries()}
    for key in sorted(first, key=lambda key: key.unit.recording_id)[:5]:
        recording_id = key.unit.recording_id
        (then,) = blame_recording(finished, f"{record.branch.name}~1", recording_id)
        (now,) = blame_recording(finished, record.branch.name, recording_id)
        assert then.reason == now.reason != ""
