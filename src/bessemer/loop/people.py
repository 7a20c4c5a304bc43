"""A turn that waits on people: its questions stand in the ledger until the answers are in."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import UInt8

from bessemer.core.errors import BessemerError, InputError
from bessemer.core.frames import Frame
from bessemer.core.labelling import LabelAnswers, LabelRequest
from bessemer.edge.decode import decode_segment
from bessemer.label.exchange.folder import (
    ExchangeFormat,
    Imported,
    export_labels,
    import_labels,
)
from bessemer.ledger import request_id_of
from bessemer.loop.recipe import Recipe
from bessemer.loop.works import Works


class WaitingForPeopleError(BessemerError):
    """A turn cannot go on before people have answered; nothing is broken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """Answers what people have answered, and asks them the rest.

    Attributes:
        works: Where questions and answers stand.
        branch: Who asks.
        turn: In which turn; 0 before the first.
        what: What is waited for, in messages.
        name: Its name as a labeller.
    """

    works: Works
    branch: str
    turn: int
    what: str = "labels"
    name: str = "people"

    def answer(self, requests: Sequence[LabelRequest]) -> LabelAnswers:
        """Return the answers that are in.

        Args:
            requests: The questions; those not asked before are noted for people.

        Returns:
            Revisions in the order of their requests, if all are answered.

        Raises:
            WaitingForPeopleError: If some are not; it says how many, and how to answer them.
        """
        ledger = self.works.ledger
        ledger.ask_labels(self.branch, self.turn, requests)
        rows = {
            row.request_id: row for row in ledger.label_requests(branch=self.branch, turn=self.turn)
        }
        answered = [rows[request_id_of(request)].revision_id for request in requests]
        found = [revision_id for revision_id in answered if revision_id is not None]
        if len(found) < len(requests):
            raise WaitingForPeopleError(
                f"{len(requests) - len(found)} of {len(requests)} {self.what} are waited for.",
                where=f"{self.branch}, turn {self.turn}" if self.turn else self.branch,
                fix="Hand them out with `bessemer label export`, take the answers in with "
                "`bessemer label import`, then run the turn again: it goes on from here.",
            )
        return LabelAnswers(revisions=tuple(self.works.lake.read_labels(found)))


def hand_out(works: Works, recipe: Recipe, format: ExchangeFormat, out_dir: Path) -> int:
    """Write every question that people still hold as a folder for their labelling tool.

    Questions about recordings that were erased since are not among them.

    Args:
        works: The works.
        recipe: The recipe whose task is asked about.
        format: What the tool reads.
        out_dir: The folder.

    Returns:
        How many questions it holds.
    """
    living = works.atlas.recordings
    asked = works.ledger.label_requests(task=recipe.ontology.task, waiting=True)
    rows = [row for row in asked if row.request.unit.recording_id in living]
    if rows:
        export_labels(
            [row.request for row in rows],
            lambda frame: full_picture(works, frame),
            recipe.ontology,
            recipe.geometry,
            format,
            out_dir,
        )
    return len(rows)


def take_answers(works: Works, folder: Path, person: str, file: Path | None = None) -> Imported:
    """Take in what people answered in a folder that was handed out.

    Args:
        works: The works.
        folder: The folder.
        person: Who answered.
        file: What the tool wrote, if it lies elsewhere.

    Returns:
        The answers, sealed, and what was refused, counted in the ledger.
    """
    found = _questions(folder, person, file)
    works.lake.seal_labels(found.answers.revisions)
    works.ledger.answer_requests(
        {
            request_id_of(request): revision.revision_id
            for request, revision in zip(found.answered, found.answers.revisions, strict=True)
        }
    )
    works.ledger.reject(found.rejections)
    return found


def keep_drafts(works: Works, folder: Path, person: str, file: Path | None = None) -> Imported:
    """Keep what a person answered so far in a folder as drafts: no turn goes on from them.

    Args:
        works: The works.
        folder: The folder, with questions.
        person: Who answered.
        file: What the tool wrote, if it lies elsewhere.

    Returns:
        The drafts, and what was refused.
    """
    found = _questions(folder, person, file)
    works.ledger.save_drafts(
        person,
        {
            request_id_of(request): revision
            for request, revision in zip(found.answered, found.answers.revisions, strict=True)
        },
    )
    works.ledger.reject(found.rejections)
    return found


def confirm_drafts(works: Works, person: str) -> int:
    """Make a person's drafts answers, but for those about recordings that were erased since.

    Args:
        works: The works.
        person: Whose drafts.

    Returns:
        How many drafts became answers.
    """
    living = works.atlas.recordings
    rows = [row for row in works.ledger.drafts(person) if row.draft.unit.recording_id in living]
    works.lake.seal_labels([row.draft for row in rows])
    works.ledger.answer_requests({row.request_id: row.draft.revision_id for row in rows})
    return len(rows)


def _questions(folder: Path, person: str, file: Path | None) -> Imported:
    """Return what came back of a folder that holds questions."""
    found = import_labels(folder, person, file)
    if found.commit_id is not None:
        raise InputError(
            "This folder holds answers to be corrected; no turn waits for them.",
            where=str(folder),
            fix="Take it in with `bessemer label import`, not as drafts.",
        )
    return found


def full_picture(works: Works, frame: Frame) -> UInt8[np.ndarray, "h w 3"]:
    """Return the picture of a frame at its own size."""
    for segment in works.lake.read_segments([frame.segment_id]):
        for _, picture in decode_segment(segment, [frame.index], where=frame.segment_id[:12]):
            return picture
    raise AssertionError("a stored segment has the frames that its manifest names")
