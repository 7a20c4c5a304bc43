"""The tables of the ledger. Migrations make them; a test holds both against each other.

Addresses are hexadecimal text, moments are seconds since 1970 (``_unix_s``), bodies are canonical
JSON. Rows are only ever added or moved forward; the one thing that forgets is an erasure.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

VERSION = "0001"
"""The migration that this module agrees with."""


class Base(DeclarativeBase):
    """Gives every constraint a name, so that migrations can speak of it on any database."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {str: Text, bytes: LargeBinary, float: Double}  # noqa: RUF012


class DocumentRow(Base):
    """A record as canonical JSON."""

    __tablename__ = "documents"
    document_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    body: Mapped[bytes]


class RecordingRow(Base):
    """A recording; its manifest is a document of the kind ``recording``."""

    __tablename__ = "recordings"
    __table_args__ = (Index(None, "side", "source"),)
    recording_id: Mapped[str] = mapped_column(primary_key=True)
    source: Mapped[str]
    side: Mapped[str]
    start_ns: Mapped[int] = mapped_column(BigInteger)
    end_ns: Mapped[int] = mapped_column(BigInteger)
    n_frames: Mapped[int] = mapped_column(BigInteger)
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    licence: Mapped[str]
    region: Mapped[str]
    retention_days: Mapped[int]
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"))
    erased: Mapped[bool] = mapped_column(Boolean, default=False)
    arrived_unix_s: Mapped[float]


class RecordingSegmentRow(Base):
    """Which recordings use a segment; erasure asks it."""

    __tablename__ = "recording_segments"
    __table_args__ = (Index(None, "segment_id"),)
    recording_id: Mapped[str] = mapped_column(
        ForeignKey("recordings.recording_id"), primary_key=True
    )
    segment_id: Mapped[str] = mapped_column(primary_key=True)


class TombstoneRow(Base):
    """An erased recording."""

    __tablename__ = "tombstones"
    recording_id: Mapped[str] = mapped_column(
        ForeignKey("recordings.recording_id"), primary_key=True
    )
    reason: Mapped[str]
    at_unix_s: Mapped[float]
    bytes_gone: Mapped[bool] = mapped_column(Boolean, default=False)


class BatchRow(Base):
    """A batch of rows of the lake: ``open``, then ``sealed`` or ``swept``."""

    __tablename__ = "batches"
    __table_args__ = (Index(None, "state"), {"sqlite_autoincrement": True})
    batch_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=True
    )
    state: Mapped[str]
    opened_unix_s: Mapped[float]
    closed_unix_s: Mapped[float | None]


class SealRow(Base):
    """What a sealed batch wrote to one table of the lake."""

    __tablename__ = "seals"
    batch_id: Mapped[int] = mapped_column(
        BigInteger().with_variant(Integer, "sqlite"),
        ForeignKey("batches.batch_id"),
        primary_key=True,
    )
    table_name: Mapped[str] = mapped_column(primary_key=True)
    n_rows: Mapped[int] = mapped_column(BigInteger)
    version: Mapped[int] = mapped_column(BigInteger)


class RejectionRow(Base):
    """Something refused."""

    __tablename__ = "rejections"
    __table_args__ = (UniqueConstraint("stage", "reason", "place", "detail"),)
    rejection_id: Mapped[str] = mapped_column(primary_key=True)
    stage: Mapped[str]
    reason: Mapped[str]
    place: Mapped[str]
    detail: Mapped[str]
    at_unix_s: Mapped[float]


class LabelRequestRow(Base):
    """A question that a turn of a branch has for people: ``open``, then ``answered``."""

    __tablename__ = "label_requests"
    __table_args__ = (Index(None, "state", "task"),)
    request_id: Mapped[str] = mapped_column(primary_key=True)
    branch: Mapped[str] = mapped_column(primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True)
    task: Mapped[str]
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"))
    state: Mapped[str]
    revision_id: Mapped[str | None]
    asked_unix_s: Mapped[float]
    answered_unix_s: Mapped[float | None]


class LabelDraftRow(Base):
    """An answer that somebody is still working on."""

    __tablename__ = "label_drafts"
    request_id: Mapped[str] = mapped_column(primary_key=True)
    author: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"))
    saved_unix_s: Mapped[float]


class StageRow(Base):
    """One stage of one turn: ``running``, then ``done``, ``reused`` or ``failed``."""

    __tablename__ = "stages"
    __table_args__ = (Index(None, "branch", "turn"),)
    key: Mapped[str] = mapped_column(primary_key=True)
    branch: Mapped[str] = mapped_column(primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    state: Mapped[str]
    attempts: Mapped[int]
    output: Mapped[str | None] = mapped_column(ForeignKey("documents.document_id"))
    detail: Mapped[str]
    wall_s: Mapped[float]
    cpu_s: Mapped[float]
    peak_bytes: Mapped[int] = mapped_column(BigInteger)
    n_bytes: Mapped[int] = mapped_column(BigInteger)
    begun_unix_s: Mapped[float]
    ended_unix_s: Mapped[float | None]


class ArtifactRow(Base):
    """A stored file, and the name it came with."""

    __tablename__ = "artifacts"
    artifact_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str]
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    at_unix_s: Mapped[float]


class NetworkRow(Base):
    """A network: its files and what it was compiled from."""

    __tablename__ = "networks"
    __table_args__ = (Index(None, "commit_id"),)
    network_id: Mapped[str] = mapped_column(primary_key=True)
    weights: Mapped[str] = mapped_column(ForeignKey("artifacts.artifact_id"))
    onnx: Mapped[str] = mapped_column(ForeignKey("artifacts.artifact_id"))
    commit_id: Mapped[str]
    recipe: Mapped[str] = mapped_column(ForeignKey("documents.document_id"))
    seed: Mapped[int] = mapped_column(BigInteger)
    at_unix_s: Mapped[float]


class NetworkRecordingRow(Base):
    """A recording that a network saw without a label, as in pretraining."""

    __tablename__ = "network_recordings"
    __table_args__ = (Index(None, "recording_id"),)
    network_id: Mapped[str] = mapped_column(ForeignKey("networks.network_id"), primary_key=True)
    recording_id: Mapped[str] = mapped_column(
        ForeignKey("recordings.recording_id"), primary_key=True
    )


class GateRow(Base):
    """A gate's decision about a network in one turn."""

    __tablename__ = "gates"
    branch: Mapped[str] = mapped_column(primary_key=True)
    turn: Mapped[int] = mapped_column(primary_key=True)
    network_id: Mapped[str] = mapped_column(ForeignKey("networks.network_id"), primary_key=True)
    shipped: Mapped[bool] = mapped_column(Boolean)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"))
    at_unix_s: Mapped[float]


class ReleaseRow(Base):
    """A released network; versions of a branch count from 1."""

    __tablename__ = "releases"
    branch: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    network_id: Mapped[str] = mapped_column(ForeignKey("networks.network_id"))
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"))
    at_unix_s: Mapped[float]


class CommitRow(Base):
    """A data commit and when it was made; its body also lies among the nodes."""

    __tablename__ = "commits"
    commit_id: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes]
    at_unix_s: Mapped[float]


class CommitRecordingRow(Base):
    """A recording on which a commit put, changed or removed an answer, against its parents."""

    __tablename__ = "commit_recordings"
    __table_args__ = (Index(None, "recording_id"),)
    commit_id: Mapped[str] = mapped_column(ForeignKey("commits.commit_id"), primary_key=True)
    recording_id: Mapped[str] = mapped_column(primary_key=True)


class AttestationRow(Base):
    """Something measured of a commit, by name."""

    __tablename__ = "attestations"
    commit_id: Mapped[str] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    document_id: Mapped[str] = mapped_column(ForeignKey("documents.document_id"))
    at_unix_s: Mapped[float]


class RefRow(Base):
    """A name of a commit."""

    __tablename__ = "refs"
    name: Mapped[str] = mapped_column(primary_key=True)
    commit_id: Mapped[str]


class NodeRow(Base):
    """A node of a data commit's map."""

    __tablename__ = "nodes"
    node_id: Mapped[str] = mapped_column(primary_key=True)
    body: Mapped[bytes]
