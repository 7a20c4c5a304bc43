"""Why a unit is labelled as it is, or is not: commit, who answered, what brought it, who chose."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bessemer.core.bylines import Byline, sign_answers
from bessemer.core.errors import NotFoundError
from bessemer.core.fleet import Haul, Upload
from bessemer.core.ids import CommitId, RecordingId, RevisionId
from bessemer.core.labels import LabelRevision
from bessemer.core.records import Stretch
from bessemer.loop.records import Picks, TurnRecord
from bessemer.loop.tracing import turn_records
from bessemer.loop.uploads import uploads_of
from bessemer.loop.works import Works


@dataclass(frozen=True, slots=True, kw_only=True)
class BlameLine:
    """One unit: its answer, the commit that brought it, who gave it, and why it was asked."""

    unit: Stretch
    revision_id: RevisionId
    commit_id: CommitId
    byline: Byline
    answer: str
    reason: str


def blame_recording(works: Works, ref: str, written: str) -> list[BlameLine]:
    """Return why each unit of a recording is labelled as it is.

    Args:
        works: The works.
        ref: A branch, a tag, or a commit.
        written: The recording's source, or its address or the beginning of it.

    Returns:
        One line a unit, by time.

    Raises:
        NotFoundError: If there is no such recording, or the commit has no answer about it.
    """
    recording_id = find_recording(works, written)
    entries = [
        entry
        for entry in works.history.map_at(ref).entries()
        if entry.key.unit.recording_id == recording_id
    ]
    if not entries:
        raise NotFoundError(
            f"{ref!r} holds no answer about this recording.",
            where=written,
            fix="`bessemer data why RECORDING` says why it was passed over, if it came back.",
        )
    labels = works.lake.read_labels([entry.revision_id for entry in entries])
    bylines = sign_answers(works.lake, labels)
    commits = [works.history.blame(ref, entry.key) for entry in entries]
    records, units = turn_records(works), [entry.key.unit for entry in entries]
    reasons = {one: _reasons(works, one, records, units) for one in dict.fromkeys(commits)}
    return [
        BlameLine(
            unit=entry.key.unit,
            revision_id=entry.revision_id,
            commit_id=commit_id,
            byline=byline,
            answer=_answer(label),
            reason=reasons[commit_id].get(entry.key.unit, ""),
        )
        for entry, commit_id, label, byline in zip(entries, commits, labels, bylines, strict=True)
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoiceLine:
    """What the selector said about one unit in one turn of one branch, and why."""

    branch: str
    turn: int
    unit: Stretch
    chosen: bool
    code: str
    reason: str


def choices_on(works: Works, written: str) -> list[ChoiceLine]:
    """Return, for each unit of a recording, every turn that chose or passed it over, and why.

    Args:
        works: The works.
        written: The recording's source, or its address or the beginning of it.

    Returns:
        One line a turn and unit, by branch, turn and time. A unit that is labelled, or that
        did not come back from the fleet yet, is no candidate and has none.

    Raises:
        NotFoundError: If there is no such recording.
    """
    recording_id = find_recording(works, written)
    found = [
        ChoiceLine(
            branch=record.branch.name,
            turn=record.turn,
            unit=unit,
            chosen=chosen,
            code=code,
            reason=reason,
        )
        for record in turn_records(works)
        for unit, chosen, code, reason in _said(works.ledger.get_document(record.picks, Picks))
        if unit.recording_id == recording_id
    ]
    return sorted(found, key=lambda v: (v.branch, v.turn, v.unit.start_ns))


def _said(picks: Picks) -> Iterator[tuple[Stretch, bool, str, str]]:
    """Yield each candidate: whether it was chosen, the code, and the reason in words."""
    for pick in picks.chosen:
        yield pick.unit, True, pick.code, pick.reason
    for part in picks.left:
        for unit in part.units:
            yield unit, False, part.code, part.code.replace("_", " ")


def find_recording(works: Works, written: str) -> RecordingId:
    """Return the recording that a person means, by source, or by address or its beginning.

    Those that were erased are found too, after those that were not: what used them can be asked.

    Args:
        works: Where to look.
        written: A source, a whole address, or at least six digits of its beginning.

    Returns:
        Address of the recording; a whole address is taken as it is.

    Raises:
        NotFoundError: If there is none.
    """
    if len(written) == 64:
        return RecordingId(written)
    named = works.ledger.stored_under([written]).get(written, {})
    if named:
        return min(named, key=lambda recording_id: (named[recording_id], recording_id))
    living = (recording.recording_id for recording in works.lake.recordings())
    erased = (stone.recording_id for stone in works.ledger.tombstones())
    for recording_id in itertools.chain(living, erased):
        if len(written) >= 6 and recording_id.startswith(written):
            return recording_id
    raise NotFoundError.among("recording", written, sorted(works.ledger.known_sources()))


def _reasons(
    works: Works, commit_id: CommitId, records: Sequence[TurnRecord], units: Sequence[Stretch]
) -> dict[Stretch, str]:
    """Return why units came back and were chosen, in the turns that led to a commit."""
    behind = {one for one, _ in works.history.log(commit_id)}
    past = [record for record in records if record.commit_id in behind]
    came: dict[str, list[Upload]] = {}
    for record in past:
        haul = works.ledger.get_document(record.haul, Haul)
        came.setdefault(record.branch.name, []).extend(haul.uploads)
    reasons: dict[Stretch, str] = {}
    for record in past:
        brought = uploads_of(came[record.branch.name], units)
        picks = works.ledger.get_document(record.picks, Picks)
        chosen = {pick.unit: f"labelled: {pick.reason}" for pick in picks.chosen}
        for unit in chosen.keys() & set(units):
            said = (f"came back: {_why(brought[unit])}",) if unit in brought else ()
            reasons[unit] = "; ".join((*said, chosen[unit]))
    return reasons


def _why(upload: Upload) -> str:
    """Return why a stretch came back, in words."""
    return upload.hits[0].reason if upload.hits else "control sample"


def _answer(label: LabelRevision) -> str:
    """Return an answer in a few words."""
    names = sorted({span.class_name for span in label.elements.class_spans})
    if names:
        return ", ".join(names)
    return f"{len(label.elements)} elements"
