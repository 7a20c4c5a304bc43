"""What an archive says today beside what was taken in from it before: by content, never by name.

A recording's address is the hash of its bytes and times, so the same address is the same content.
Another address under a name that is stored is a file that changed: it is refused, because data
commits and networks speak of the first. Answers are compared by what they say; a new one continues
the one before, so that both can be told apart and the later one counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol, runtime_checkable

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.ids import RecordingId
from bessemer.core.labels import AuthorKind, LabelRevision
from bessemer.core.records import Stretch
from bessemer.core.stores import LabelStore
from bessemer.ingest.assemble import ARCHIVE
from bessemer.ingest.files import refuse


@runtime_checkable
class SourceLog(Protocol):
    """What comparing needs of a ledger."""

    def stored_under(self, sources: Sequence[str]) -> Mapping[str, Mapping[RecordingId, bool]]:
        """Return what is stored under each source: addresses, and whether each was erased."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """Arrivals in their kinds.

    Attributes:
        new: Those of names that are not stored.
        n_known: How many are stored as they are.
        answers: New answers to known recordings, to be sealed.
        n_answered: How many known recordings they are about.
        rejections: Those that changed, or were erased.
    """

    new: tuple[Arrival, ...]
    n_known: int
    answers: tuple[LabelRevision, ...]
    n_answered: int
    rejections: tuple[Rejection, ...]


def compare_arrivals(arrivals: Sequence[Arrival], log: SourceLog, labels: LabelStore) -> Compared:
    """Compare arrivals with what is stored.

    Args:
        arrivals: What was read.
        log: Knows what is stored.
        labels: Where the archive's answers are stored.

    Returns:
        The arrivals in their kinds.
    """
    stored = log.stored_under([arrival.recording.source for arrival in arrivals])
    new, known, rejections = [], [], []
    for arrival in arrivals:
        under = stored.get(arrival.recording.source, {})
        if not under:
            new.append(arrival)
        elif under.get(arrival.recording.recording_id) is False:
            known.append(arrival)
        else:
            rejections.append(_refused(arrival, under))
    answers = _new_answers(known, labels)
    return Compared(
        new=tuple(new),
        n_known=len(known),
        answers=tuple(answers),
        n_answered=len({answer.unit.recording_id for answer in answers}),
        rejections=tuple(rejections),
    )


def _refused(arrival: Arrival, under: Mapping[RecordingId, bool]) -> Rejection:
    """Return why an arrival of a stored name cannot be taken in."""
    recording = arrival.recording
    if recording.recording_id in under:
        detail = "This recording was erased and stays erased."
        return refuse("erased", recording.source, detail)
    if all(under.values()):
        detail = "A recording of this name was erased. Give another one another name."
        return refuse("erased", recording.source, detail)
    detail = (
        "Its content is not what was taken in under this name, and that stays. "
        "Give the changed one another name."
    )
    return refuse("changed_content", recording.source, detail)


def _new_answers(known: Sequence[Arrival], labels: LabelStore) -> list[LabelRevision]:
    """Return the answers of known recordings that say what the stored ones do not."""
    told = [answer for arrival in known for answer in arrival.truth]
    newest: dict[tuple[str, Stretch], LabelRevision] = {}
    for task in dict.fromkeys(answer.task for answer in told):
        ids = [answer.unit.recording_id for answer in told if answer.task == task]
        found = labels.find_labels(task, author=AuthorKind.ORACLE, recordings=ids)
        for answer in newest_answers([r for r in found if r.author == ARCHIVE]):
            newest[task, answer.unit] = answer
    fresh = []
    for answer in told:
        before = newest.get((answer.task, answer.unit))
        if before is None:
            fresh.append(answer)
        elif (before.coverage, before.elements) != (answer.coverage, answer.elements):
            fresh.append(replace(answer, parents=(before.revision_id,)))
    return fresh


def newest_answers(revisions: Sequence[LabelRevision]) -> list[LabelRevision]:
    """Return the revisions that no other of them continues, in their order."""
    continued = {parent for revision in revisions for parent in revision.parents}
    return [revision for revision in revisions if revision.revision_id not in continued]
