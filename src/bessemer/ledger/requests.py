"""Questions that wait for people, their drafts, and which revision answered them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, select, update

from bessemer.core.ids import RevisionId, TaskName, content_id
from bessemer.core.labelling import LabelRequest
from bessemer.core.labels import LabelRevision
from bessemer.ledger.database import Database, insert_new
from bessemer.ledger.documents import get_documents, put_documents
from bessemer.ledger.schema import LabelDraftRow, LabelRequestRow

OPEN, ANSWERED = "open", "answered"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """A question that a turn has for people.

    Attributes:
        request_id: Its address; two branches that ask the same share the answer.
        branch: Who asks.
        turn: In which turn.
        request: The question.
        revision_id: The answer; None while it is waited for.
    """

    request_id: str
    branch: str
    turn: int
    request: LabelRequest
    revision_id: RevisionId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DraftRow:
    """An answer to an open question that its author has not confirmed yet.

    Attributes:
        request_id: The question.
        author: Who drafted.
        draft: The answer so far.
    """

    request_id: str
    author: str
    draft: LabelRevision


class Requests:
    """What turns wait for."""

    _database: Database

    def ask_labels(self, branch: str, turn: int, requests: Sequence[LabelRequest]) -> int:
        """Note questions; return how many were new to this turn.

        Args:
            branch: Who asks.
            turn: In which turn.
            requests: The questions.

        Returns:
            New questions; one asked before keeps its answer.
        """
        now = self._database.clock()
        with self._database.writing() as session:
            documents = put_documents(session, "label_request", requests)
            rows = [
                {
                    "request_id": request_id_of(request),
                    "branch": branch,
                    "turn": turn,
                    "task": request.task,
                    "document_id": document_id,
                    "state": OPEN,
                    "revision_id": None,
                    "asked_unix_s": now,
                    "answered_unix_s": None,
                }
                for request, document_id in zip(requests, documents, strict=True)
            ]
            return insert_new(session, LabelRequestRow, rows)

    def answer_requests(self, answers: Mapping[str, RevisionId]) -> int:
        """Note sealed answers by request, drop drafts; return how many open questions closed."""
        now = self._database.clock()
        table = LabelRequestRow
        n_closed = 0
        with self._database.writing() as session:
            for request_id, revision_id in answers.items():
                statement = (
                    update(table)
                    .where(table.request_id == request_id, table.state == OPEN)
                    .values(state=ANSWERED, revision_id=revision_id, answered_unix_s=now)
                    .returning(table.branch)
                )
                n_closed += len(session.scalars(statement).all())
                session.execute(delete(LabelDraftRow).where(LabelDraftRow.request_id == request_id))
        return n_closed

    def label_requests(
        self,
        *,
        branch: str | None = None,
        turn: int | None = None,
        task: TaskName | None = None,
        waiting: bool | None = None,
    ) -> list[RequestRow]:
        """Return questions by branch, turn and address.

        Args:
            branch: Only this branch's.
            turn: Only this turn's.
            task: Only this task's.
            waiting: Only those still waited for, or only those answered.

        Returns:
            The questions.
        """
        table = LabelRequestRow
        statement = select(table).order_by(table.branch, table.turn, table.request_id)
        if branch is not None:
            statement = statement.where(table.branch == branch)
        if turn is not None:
            statement = statement.where(table.turn == turn)
        if task is not None:
            statement = statement.where(table.task == task)
        if waiting is not None:
            statement = statement.where(table.state == (OPEN if waiting else ANSWERED))
        with self._database.reading() as session:
            rows = session.scalars(statement).all()
            asked = get_documents(session, [row.document_id for row in rows], LabelRequest)
            return [_request(row, asked[row.document_id]) for row in rows]

    def save_drafts(self, author: str, drafts: Mapping[str, LabelRevision]) -> int:
        """Keep an author's unfinished answers; each replaces the one before.

        Args:
            author: Who drafted.
            drafts: Answers by request.

        Returns:
            How many were kept; a question that is not open takes no draft.
        """
        now = self._database.clock()
        with self._database.writing() as session:
            open_ids = set(
                session.scalars(
                    select(LabelRequestRow.request_id).where(LabelRequestRow.state == OPEN)
                )
            )
            kept = {
                request_id: draft for request_id, draft in drafts.items() if request_id in open_ids
            }
            documents = put_documents(session, "label_draft", list(kept.values()))
            for request_id, document_id in zip(kept, documents, strict=True):
                session.merge(
                    LabelDraftRow(
                        request_id=request_id,
                        author=author,
                        document_id=document_id,
                        saved_unix_s=now,
                    )
                )
            return len(kept)

    def drafts(self, author: str | None = None) -> list[DraftRow]:
        """Return the drafts of open questions, by question and author.

        Args:
            author: Only this author's.

        Returns:
            The drafts.
        """
        table = LabelDraftRow
        statement = select(table).order_by(table.request_id, table.author)
        if author is not None:
            statement = statement.where(table.author == author)
        with self._database.reading() as session:
            rows = session.scalars(statement).all()
            bodies = get_documents(session, [row.document_id for row in rows], LabelRevision)
            return [
                DraftRow(request_id=r.request_id, author=r.author, draft=bodies[r.document_id])
                for r in rows
            ]


def request_id_of(request: LabelRequest) -> str:
    """Return the address of a question."""
    return content_id("label_request", request)


def _request(row: LabelRequestRow, request: LabelRequest) -> RequestRow:
    return RequestRow(
        request_id=row.request_id,
        branch=row.branch,
        turn=row.turn,
        request=request,
        revision_id=None if row.revision_id is None else RevisionId(row.revision_id),
    )
