"""Networks, the decisions of gates about them, and their releases; files that they lie in."""

from collections.abc import Collection
from dataclasses import dataclass

from sqlalchemy import select

from bessemer.core.errors import ConflictError, NotFoundError
from bessemer.core.ids import ArtifactId, CommitId, DocumentId, NetworkId, RecordingId
from bessemer.ledger import schema
from bessemer.ledger.database import Database, distinct, insert_new


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRow:
    """A network: its files and what it was compiled from."""

    network_id: NetworkId
    weights: ArtifactId
    onnx: ArtifactId
    commit_id: CommitId
    recipe: DocumentId
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GateRow:
    """A gate's decision about a network in one turn, and the record that gives its reasons."""

    branch: str
    turn: int
    network_id: NetworkId
    shipped: bool
    document_id: DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReleaseRow:
    """A released network; versions of a branch count from 1 without a gap."""

    branch: str
    version: int
    network_id: NetworkId
    document_id: DocumentId


class Networks:
    """Rows of networks, gates, releases and artifacts."""

    _database: Database

    def note_artifact(self, artifact_id: ArtifactId, name: str, size_bytes: int) -> None:
        """Note a file that was stored, under the name it came with."""
        row = {
            "artifact_id": artifact_id,
            "name": name,
            "size_bytes": size_bytes,
            "at_unix_s": self._database.clock(),
        }
        with self._database.writing() as session:
            insert_new(session, schema.ArtifactRow, [row])

    def add_network(self, network: NetworkRow, unlabelled: Collection[RecordingId] = ()) -> None:
        """Note a network; the same one twice stands once.

        Args:
            network: The network; its files and recipe are stored already.
            unlabelled: Recordings it saw without a label, as in pretraining.
        """
        row = {
            "network_id": network.network_id,
            "weights": network.weights,
            "onnx": network.onnx,
            "commit_id": network.commit_id,
            "recipe": network.recipe,
            "seed": network.seed,
            "at_unix_s": self._database.clock(),
        }
        uses = [
            {"network_id": network.network_id, "recording_id": recording_id}
            for recording_id in distinct(unlabelled)
        ]
        with self._database.writing() as session:
            insert_new(session, schema.NetworkRow, [row])
            insert_new(session, schema.NetworkRecordingRow, uses)

    def network(self, network_id: NetworkId) -> NetworkRow:
        """Return a network.

        Args:
            network_id: Its digest.

        Returns:
            The row.

        Raises:
            NotFoundError: If there is no such network.
        """
        with self._database.reading() as session:
            row = session.get(schema.NetworkRow, network_id)
            if row is None:
                raise NotFoundError("There is no such network.", where=network_id)
            return _network(row)

    def networks(self, commit_id: CommitId | None = None) -> list[NetworkRow]:
        """Return networks, the oldest first; only those compiled from ``commit_id`` if given."""
        table = schema.NetworkRow
        statement = select(table).order_by(table.at_unix_s, table.network_id)
        if commit_id is not None:
            statement = statement.where(table.commit_id == commit_id)
        with self._database.reading() as session:
            return [_network(row) for row in session.scalars(statement)]

    def add_gate(self, gate: GateRow) -> None:
        """Note a decision; the same one twice stands once, another one is refused.

        Args:
            gate: The decision.

        Raises:
            ConflictError: If the gate decided otherwise before.
        """
        row = {
            "branch": gate.branch,
            "turn": gate.turn,
            "network_id": gate.network_id,
            "shipped": gate.shipped,
            "document_id": gate.document_id,
            "at_unix_s": self._database.clock(),
        }
        with self._database.writing() as session:
            insert_new(session, schema.GateRow, [row])
            stands = session.get_one(schema.GateRow, (gate.branch, gate.turn, gate.network_id))
            if _gate(stands) != gate:
                raise ConflictError(
                    "The gate has decided otherwise about this network.",
                    where=f"{gate.branch}, turn {gate.turn}, {gate.network_id}",
                    fix="Judge it in a new turn.",
                )

    def gates(
        self, *, branch: str | None = None, network_id: NetworkId | None = None
    ) -> list[GateRow]:
        """Return decisions by branch and turn."""
        table = schema.GateRow
        statement = select(table).order_by(table.branch, table.turn, table.network_id)
        if branch is not None:
            statement = statement.where(table.branch == branch)
        if network_id is not None:
            statement = statement.where(table.network_id == network_id)
        with self._database.reading() as session:
            return [_gate(row) for row in session.scalars(statement)]

    def add_release(self, release: ReleaseRow) -> None:
        """Note a release; the same one twice stands once.

        Args:
            release: Its version follows the branch's last one.

        Raises:
            ConflictError: If the version is taken by another network, or leaves a gap.
        """
        row = {
            "branch": release.branch,
            "version": release.version,
            "network_id": release.network_id,
            "document_id": release.document_id,
            "at_unix_s": self._database.clock(),
        }
        before = (release.branch, release.version - 1)
        with self._database.writing() as session:
            gap = release.version != 1 and session.get(schema.ReleaseRow, before) is None
            if not gap:
                insert_new(session, schema.ReleaseRow, [row])
            stands = session.get(schema.ReleaseRow, (release.branch, release.version))
            if stands is None or _release(stands) != release:
                raise ConflictError(
                    "This version is taken, or does not follow the last one.",
                    where=f"{release.branch}, version {release.version}",
                    fix="Release as the version after the last.",
                )

    def releases(self, branch: str | None = None) -> list[ReleaseRow]:
        """Return releases by branch and version."""
        table = schema.ReleaseRow
        statement = select(table).order_by(table.branch, table.version)
        if branch is not None:
            statement = statement.where(table.branch == branch)
        with self._database.reading() as session:
            return [_release(row) for row in session.scalars(statement)]


def _network(row: schema.NetworkRow) -> NetworkRow:
    return NetworkRow(
        network_id=NetworkId(row.network_id),
        weights=ArtifactId(row.weights),
        onnx=ArtifactId(row.onnx),
        commit_id=CommitId(row.commit_id),
        recipe=DocumentId(row.recipe),
        seed=row.seed,
    )


def _gate(row: schema.GateRow) -> GateRow:
    return GateRow(
        branch=row.branch,
        turn=row.turn,
        network_id=NetworkId(row.network_id),
        shipped=row.shipped,
        document_id=DocumentId(row.document_id),
    )


def _release(row: schema.ReleaseRow) -> ReleaseRow:
    return ReleaseRow(
        branch=row.branch,
        version=row.version,
        network_id=NetworkId(row.network_id),
        document_id=DocumentId(row.document_id),
    )
