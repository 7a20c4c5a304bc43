"""The records of data commits, and the two small stores that hold them.

A data commit pins a Merkle map (unit, task) -> label revision; a unit is a stretch of a recording.
Everything here is addressed by content, so two stores that hold the same data set agree on its
name without having spoken.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from bessemer.core.errors import InputError
from bessemer.core.ids import CommitId, NodeId, OntologyId, RevisionId, TaskName, content_id
from bessemer.core.labels import Author
from bessemer.core.records import Stretch

_INT64 = 1 << 63


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitKey:
    """The question a label revision answers: one task on one stretch of a recording."""

    unit: Stretch
    task: TaskName

    def __post_init__(self) -> None:
        """Check that the key has a place in the map's order."""
        if not self.task or "\0" in self.task:
            raise InputError("A task has a name without NUL.", where=self.unit.recording_id)
        if self.unit.start_ns < -_INT64 or self.unit.end_ns >= _INT64:
            raise InputError(
                "A time does not fit 64 bits.",
                where=f"{self.unit.recording_id}, {self.task}",
                fix="Count nanoseconds from the recording's own start.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the map: a question and the revision that answers it."""

    key: UnitKey
    revision_id: RevisionId


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How one line differs between two maps; ``None`` where a map has no such line."""

    key: UnitKey
    before: RevisionId | None
    after: RevisionId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OntologyPin:
    """The version of the classes that one task's revisions speak of."""

    task: TaskName
    ontology_id: OntologyId


@dataclass(frozen=True, slots=True, kw_only=True)
class DataCommit:
    """One version of the data set.

    What is measured of it (attestations) and when it was made are kept beside it, by its address.

    Attributes:
        root: The map.
        parents: What it follows; two for a merge, the branch's own side first.
        split_id: The address of the split rule.
        ontologies: One pin a task, sorted by task.
        author: Who committed.
        message: What was changed, for people.
    """

    root: NodeId
    parents: tuple[CommitId, ...]
    split_id: str
    ontologies: tuple[OntologyPin, ...]
    author: Author
    message: str

    def __post_init__(self) -> None:
        """Check that the pins are in order and that no parent is named twice."""
        tasks = [pin.task for pin in self.ontologies]
        if tasks != sorted(set(tasks)):
            raise InputError(
                "A commit pins one ontology a task, sorted by task.",
                where=", ".join(tasks),
                fix="Sort the pins and drop doubles.",
            )
        if len(set(self.parents)) != len(self.parents):
            raise InputError("A commit names the same parent twice.", where=self.message)

    @property
    def commit_id(self) -> CommitId:
        """The address of the commit."""
        return CommitId(content_id("data_commit", self))


@runtime_checkable
class NodeStore(Protocol):
    """Keeps byte strings by address; holds the nodes of maps and the commits."""

    def get_many(self, ids: Collection[NodeId]) -> dict[NodeId, bytes]:
        """Return the bytes of those of ``ids`` that are held; the others are left out."""
        ...

    def put_many(self, nodes: Mapping[NodeId, bytes]) -> None:
        """Keep ``nodes``, all or none; one already held stays as it is."""
        ...


@runtime_checkable
class RefStore(Protocol):
    """Keeps names of commits: ``branch/main``, ``tag/v1``."""

    def get(self, name: str) -> CommitId | None:
        """Return what ``name`` points at, ``None`` if there is no such name."""
        ...

    def compare_and_set(self, name: str, expected: CommitId | None, new: CommitId | None) -> bool:
        """Point ``name`` at ``new`` if it still points at ``expected``; ``None`` is no name.

        Args:
            name: Kind and name, such as ``branch/main``.
            expected: What it should point at now.
            new: What it shall point at; ``None`` takes the name away.

        Returns:
            Whether it was moved. Of two callers with the same expectation one gets False.
        """
        ...

    def list(self) -> dict[str, CommitId]:
        """Return every name and what it points at."""
        ...
