"""Answers that stand in a data commit go out to people, and come back as a branch of corrections.

Nothing is overwritten: the branch begins at the commit that was handed out, holds what people
changed, and can be compared and merged like any other.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bessemer.core.errors import ConflictError, InputError
from bessemer.core.frames import Frame
from bessemer.core.history import Entry, UnitKey
from bessemer.core.ids import CommitId, TaskName
from bessemer.core.labelling import LabelRequest
from bessemer.core.labels import Author, AuthorKind, Elements, LabelRevision, Mask
from bessemer.core.records import Stretch
from bessemer.core.signature import Geometry
from bessemer.history.refs import full_name
from bessemer.label.exchange.folder import ExchangeFormat, Imported, export_labels, import_labels
from bessemer.label.propagate import propagate_track
from bessemer.loop.measuring import measure_commit
from bessemer.loop.people import full_picture
from bessemer.loop.recipe import Recipe
from bessemer.loop.works import Works
from bessemer.tasks.segment import read_mask

REASON = "correct what is wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class Corrections:
    """What people changed of a data commit's answers.

    Attributes:
        imported: What came back.
        branch: Where the corrections stand.
        commit_id: The newest commit there; the one handed out, if nothing was changed.
        n_corrected: Units whose answer differs from the one handed out.
    """

    imported: Imported
    branch: str
    commit_id: CommitId
    n_corrected: int


def hand_out_answers(
    works: Works, recipe: Recipe, commit: str, format: ExchangeFormat, out_dir: Path
) -> int:
    """Write the answers of a data commit as a folder in which people correct them.

    Of a track one frame is shown; of a unit with dense maps, each frame that has one.

    Args:
        works: The works.
        recipe: The recipe whose task is meant.
        commit: The commit, by name or address.
        format: What the tool reads.
        out_dir: The folder.

    Returns:
        How many pictures it holds.
    """
    commit_id = works.history.resolve(commit)
    known = answers_at(works, commit_id, recipe.ontology.task)
    requests = [
        LabelRequest(unit=unit, task=label.task, frame=frame, reason=REASON)
        for unit, label in known.items()
        for frame in _shown(works, label, recipe.geometry)
    ]
    if requests:
        export_labels(
            requests,
            lambda frame: full_picture(works, frame),
            recipe.ontology,
            recipe.geometry,
            format,
            out_dir,
            list(known.values()),
            commit_id,
        )
    return len(requests)


def answers_at(works: Works, commit_id: CommitId, task: TaskName) -> dict[Stretch, LabelRevision]:
    """Return a task's answers in a data commit, without those on recordings erased since."""
    living = works.atlas.recordings
    ids = [
        entry.revision_id
        for entry in works.history.map_at(commit_id).entries()
        if entry.key.task == task and entry.key.unit.recording_id in living
    ]
    return {label.unit: label for label in works.lake.read_labels(ids)}


def take_corrections(
    works: Works, folder: Path, person: str, file: Path | None = None, branch: str = ""
) -> Corrections:
    """Take in a folder of :func:`hand_out_answers`; taken in again, it replaces itself.

    Args:
        works: The works.
        folder: The folder.
        person: Who corrected.
        file: What the tool wrote, if it lies elsewhere.
        branch: The branch, which begins at the commit that was handed out; empty for one that is
            named after the person and that commit.

    Returns:
        What people changed, sealed and committed.

    Raises:
        ConflictError: If the branch does not come from that commit.
        InputError: If the folder holds a turn's questions, or the person cannot name a branch.
    """
    found = import_labels(folder, person, file)
    commit_id = found.commit_id
    if commit_id is None:
        raise InputError("This folder holds questions, not answers.", where=str(folder))
    branch = branch or f"corrections/{person}/{commit_id[:8]}"
    before = _begin(works, branch, commit_id)
    now: dict[Stretch, LabelRevision] = {}
    new: list[LabelRevision] = []
    known = answers_at(works, commit_id, found.task)
    for request, answer in zip(found.answered, found.answers.revisions, strict=True):
        if answer.unit in known:
            so_far = now.get(answer.unit, known[answer.unit])
            steps = correct(so_far, answer, request.frame, works.atlas.frames_of(answer.unit))
            now[answer.unit] = steps[-1] if steps else so_far
            new += steps
    works.lake.seal_labels(new)
    works.ledger.reject(found.rejections)
    n_corrected = sum(label != known[unit] for unit, label in now.items())
    if before or n_corrected:
        before = before or works.history.branch(branch, commit_id)
        commit_id = _commit(works, branch, before, now, person)
    return Corrections(imported=found, branch=branch, commit_id=commit_id, n_corrected=n_corrected)


def correct(
    known: LabelRevision, answer: LabelRevision, frame: Frame, frames: Sequence[Frame]
) -> tuple[LabelRevision, ...]:
    """Return the revisions that a second look at one frame adds; none if it says the same.

    Args:
        known: The answer that stands.
        answer: What a person said who saw it.
        frame: The frame that was shown.
        frames: All frames of the unit.

    Returns:
        The person's answer, and for a track the same carried along it, which then stands.
    """
    after = replace(answer, parents=(known.revision_id,))
    # A map names no class of its own; a shape drawn to answer with a class does.
    if known.elements.masks or any(not mask.class_name for mask in answer.elements.masks):
        shown = [m for m in known.elements.masks if _is_at(m, frame)]
        if _same_masks(shown, answer.elements.masks):
            return ()
        others = [m for m in known.elements.masks if not _is_at(m, frame)]
        masks = sorted([*others, *answer.elements.masks], key=lambda m: (m.stream, m.t_ns))
        return (replace(after, coverage=known.coverage, elements=Elements(masks=tuple(masks))),)
    if _classes_at(known, frame) == _classes_at(answer, frame):
        return ()
    return (after, propagate_track(after, frames))


def _begin(works: Works, branch: str, commit_id: CommitId) -> CommitId | None:
    """Return where a branch stands; None if it is new."""
    head = works.history.refs.get(full_name("branch", branch))
    if head is not None and commit_id not in [one for one, _ in works.history.log(head)]:
        raise ConflictError(
            "This branch does not come from the commit that was handed out.",
            where=f"{branch}, {commit_id[:12]}",
            fix="Name another with --branch, and merge the two with `bessemer data merge`.",
        )
    return head


def _commit(
    works: Works,
    branch: str,
    before: CommitId,
    now: Mapping[Stretch, LabelRevision],
    person: str,
) -> CommitId:
    """Commit what now stands on a branch, and measure it; return its head, changed or not."""
    after = works.history.commit(
        branch,
        put=[
            Entry(key=UnitKey(unit=unit, task=label.task), revision_id=label.revision_id)
            for unit, label in now.items()
        ],
        author=Author(kind=AuthorKind.PERSON, name=person),
        message=f"{len(now)} answers looked at again",
    )
    if after != before:
        touched = {change.key.unit.recording_id for change in works.history.changes_in(after)}
        works.ledger.note_commit(works.history.show(after), touched)
    measure_commit(works, after)
    return after


def _shown(works: Works, label: LabelRevision, geometry: Geometry) -> tuple[Frame, ...]:
    """Return the frames of an answer that a person is shown."""
    frames = works.atlas.frames_of(label.unit)
    covered = tuple(f for f in frames if label.coverage.includes(f.stream, f.t_ns))
    return covered if geometry is Geometry.DENSE else covered[-1:]


def _is_at(mask: Mask, frame: Frame) -> bool:
    return mask.stream == frame.stream and mask.t_ns == frame.t_ns


def _classes_at(label: LabelRevision, frame: Frame) -> set[str]:
    """Return the classes that an answer gives a frame."""
    return {
        span.class_name
        for span in label.elements.class_spans
        if span.stream == frame.stream and span.start_ns <= frame.t_ns < span.end_ns
    }


def _same_masks(ones: Sequence[Mask], others: Sequence[Mask]) -> bool:
    """Return whether masks say the same of every pixel, however each PNG was packed."""
    return [m.class_name for m in ones] == [m.class_name for m in others] and all(
        np.array_equal(read_mask(one.png), read_mask(other.png))
        for one, other in zip(ones, others, strict=True)
    )
