"""Data commits: nodes of their maps, names, when they were made, what was measured of them.

``SqlNodeStore`` and ``SqlRefStore`` are the two stores that :mod:`bessemer.core.history` asks for.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from bessemer.core.commit_point import Lineage
from bessemer.core.history import DataCommit
from bessemer.core.ids import CommitId, DocumentId, NetworkId, NodeId, RecordingId, decode, encode
from bessemer.ledger.database import Database, chunked, distinct, insert_new
from bessemer.ledger.schema import (
    AttestationRow,
    CommitRecordingRow,
    CommitRow,
    NetworkRecordingRow,
    NetworkRow,
    NodeRow,
    RefRow,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """Something measured of a commit: its name, and the record that says what was found."""

    name: str
    document_id: DocumentId


class SqlNodeStore:
    """Implements :class:`bessemer.core.history.NodeStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get_many(self, ids: Collection[NodeId]) -> dict[NodeId, bytes]:
        """Return the bytes of those of ``ids`` that are held; the others are left out."""
        found: dict[NodeId, bytes] = {}
        with self._database.reading() as session:
            for chunk in chunked(distinct(ids)):
                statement = select(NodeRow.node_id, NodeRow.body)
                rows = session.execute(statement.where(NodeRow.node_id.in_(chunk)))
                found.update((NodeId(node_id), body) for node_id, body in rows)
        return found

    def put_many(self, nodes: Mapping[NodeId, bytes]) -> None:
        """Keep ``nodes``, all or none; one already held stays as it is."""
        with self._database.writing() as session:
            # In the order of the index, so that each of its pages is gone to once.
            rows = ({"node_id": key, "body": body} for key, body in sorted(nodes.items()))
            insert_new(session, NodeRow, rows)


class SqlRefStore:
    """Implements :class:`bessemer.core.history.RefStore`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, name: str) -> CommitId | None:
        """Return what ``name`` points at, ``None`` if there is no such name."""
        with self._database.reading() as session:
            found = session.scalar(select(RefRow.commit_id).where(RefRow.name == name))
        return None if found is None else CommitId(found)

    def compare_and_set(self, name: str, expected: CommitId | None, new: CommitId | None) -> bool:
        """Point ``name`` at ``new`` if it still points at ``expected``; ``None`` is no name.

        Args:
            name: The name.
            expected: What the caller believes it points at.
            new: What it shall point at.

        Returns:
            Whether it was moved.
        """
        with self._database.writing() as session:
            if expected is None:
                if new is None:
                    return session.get(RefRow, name) is None
                return insert_new(session, RefRow, [{"name": name, "commit_id": new}]) == 1
            here = (RefRow.name == name, RefRow.commit_id == expected)
            if new is None:
                gone = delete(RefRow).where(*here).returning(RefRow.name)
                return session.scalars(gone).one_or_none() is not None
            moved = update(RefRow).where(*here).values(commit_id=new).returning(RefRow.name)
            return session.scalars(moved).one_or_none() is not None

    def list(self) -> dict[str, CommitId]:
        """Return every name and what it points at."""
        statement = select(RefRow.name, RefRow.commit_id).order_by(RefRow.name)
        with self._database.reading() as session:
            return {name: CommitId(commit_id) for name, commit_id in session.execute(statement)}


class Commits:
    """When commits were made, what they touched, and what was measured of them."""

    _database: Database

    def note_commit(self, commit: DataCommit, touched: Collection[RecordingId]) -> None:
        """Note a commit and the recordings on which it differs from its parents.

        Args:
            commit: The commit.
            touched: Recordings on which it put, changed or removed an answer.
        """
        commit_id = commit.commit_id
        row = {
            "commit_id": commit_id,
            "body": encode(commit),
            "at_unix_s": self._database.clock(),
        }
        uses = ({"commit_id": commit_id, "recording_id": r} for r in distinct(touched))
        with self._database.writing() as session:
            insert_new(session, CommitRow, [row])
            insert_new(session, CommitRecordingRow, uses)

    def attest(self, commit_id: CommitId, name: str, document_id: DocumentId) -> None:
        """Note what was measured of a commit; a first measurement stands."""
        row = {
            "commit_id": commit_id,
            "name": name,
            "document_id": document_id,
            "at_unix_s": self._database.clock(),
        }
        with self._database.writing() as session:
            insert_new(session, AttestationRow, [row])

    def attestations(self, commit_id: CommitId) -> list[Attestation]:
        """Return what was measured of a commit, by name."""
        statement = select(AttestationRow).where(AttestationRow.commit_id == commit_id)
        with self._database.reading() as session:
            return [
                Attestation(name=row.name, document_id=DocumentId(row.document_id))
                for row in session.scalars(statement.order_by(AttestationRow.name))
            ]

    def lineage_of(
        self, recording_id: RecordingId, commits: Collection[CommitId] | None = None
    ) -> Lineage:
        """Return what used a recording.

        Args:
            recording_id: The recording, erased or not.
            commits: The commits whose maps hold it, where the caller has looked. Otherwise those
                that touched it and all that descend from them: never too few.

        Returns:
            Commits, and networks compiled from them or shown the recording without a label.
        """
        with self._database.reading() as session:
            used = set(commits) if commits is not None else _descent(session, recording_id)
            networks = set(
                session.scalars(
                    select(NetworkRecordingRow.network_id).where(
                        NetworkRecordingRow.recording_id == recording_id
                    )
                )
            )
            for chunk in chunked(sorted(used)):
                statement = select(NetworkRow.network_id).where(NetworkRow.commit_id.in_(chunk))
                networks.update(session.scalars(statement))
        return Lineage(
            recording_id=recording_id,
            commits=tuple(sorted(used)),
            networks=tuple(NetworkId(n) for n in sorted(networks)),
        )


def _descent(session: Session, recording_id: RecordingId) -> set[CommitId]:
    column = CommitRecordingRow.recording_id
    statement = select(CommitRecordingRow.commit_id).where(column == recording_id)
    frontier = [CommitId(commit_id) for commit_id in session.scalars(statement)]
    if not frontier:
        return set()
    children: defaultdict[CommitId, list[CommitId]] = defaultdict(list)
    for commit_id, body in session.execute(select(CommitRow.commit_id, CommitRow.body)):
        for parent in decode(body, DataCommit, where=commit_id).parents:
            children[parent].append(CommitId(commit_id))
    used: set[CommitId] = set()
    while frontier:
        commit_id = frontier.pop()
        if commit_id not in used:
            used.add(commit_id)
            frontier.extend(children[commit_id])
    return used
