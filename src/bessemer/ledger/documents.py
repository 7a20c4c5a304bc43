"""Records as canonical JSON, by address: the inputs and outputs of stages."""

import hashlib
from collections.abc import Collection
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from bessemer.core.errors import IntegrityError, NotFoundError
from bessemer.core.ids import DocumentId, content_id, decode, encode
from bessemer.ledger.database import Database, chunked, distinct, insert_new
from bessemer.ledger.schema import DocumentRow

T = TypeVar("T")


class Documents:
    """Implements :class:`bessemer.core.stores.DocumentStore`."""

    _database: Database

    def put_document(self, kind: str, value: object) -> DocumentId:
        """Store a record; return its address."""
        with self._database.writing() as session:
            return put_documents(session, kind, [value])[0]

    def get_document(self, document_id: DocumentId, kind: type[T]) -> T:
        """Return the record at an address.

        Args:
            document_id: The address.
            kind: The record's type.

        Returns:
            The record, checked against its address and its type.

        Raises:
            NotFoundError: If there is no such document.
        """
        with self._database.reading() as session:
            found = get_documents(session, [document_id], kind)
        if document_id not in found:
            raise NotFoundError(
                "There is no such document.",
                where=document_id,
                fix="Its works may be another: check the ledger's URL.",
            )
        return found[document_id]


def put_documents(session: Session, kind: str, values: Collection[object]) -> list[DocumentId]:
    """Store records of one kind; return their addresses in order."""
    ids = [DocumentId(content_id(kind, value)) for value in values]
    rows = {
        document_id: {"document_id": document_id, "kind": kind, "body": encode(value)}
        for document_id, value in zip(ids, values, strict=True)
    }
    insert_new(session, DocumentRow, rows.values())
    return ids


def get_documents(session: Session, ids: Collection[str], kind: type[T]) -> dict[str, T]:
    """Return the stored ones among these documents, decoded.

    Args:
        session: A session.
        ids: Addresses.
        kind: The type of all of them.

    Returns:
        Records by address.

    Raises:
        IntegrityError: If a body does not match its address or type.
    """
    found: dict[str, T] = {}
    for chunk in chunked(distinct(ids)):
        statement = select(DocumentRow.document_id, DocumentRow.kind, DocumentRow.body)
        rows = session.execute(statement.where(DocumentRow.document_id.in_(chunk)))
        for document_id, name, body in rows:
            if hashlib.sha256(name.encode() + b"\0" + body).hexdigest() != document_id:
                raise IntegrityError(
                    "A document does not match its address.",
                    where=f"{name} {document_id}",
                    fix="Restore the ledger from a copy.",
                )
            found[document_id] = decode(body, kind, where=f"{name} {document_id}")
    return found
