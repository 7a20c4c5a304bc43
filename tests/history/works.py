"""A small history to test with: two stores in memory, an author, and short verbs."""

from bessemer.core.history import OntologyPin
from bessemer.core.ids import CommitId, OntologyId, RevisionId, TaskName
from bessemer.core.labels import Author, AuthorKind
from bessemer.history import History
from bessemer.testing.memory_history import MemoryNodeStore, MemoryRefStore
from tests.history.maps import Contents, entries, key

ANN = Author(kind=AuthorKind.PERSON, name="ann")
PINS = (OntologyPin(task=TaskName("sign"), ontology_id=OntologyId("o1")),)


def new_history() -> History:
    """An empty history."""
    return History(MemoryNodeStore(), MemoryRefStore())


def put(history: History, branch: str, contents: Contents, message: str = "more") -> CommitId:
    """Commit entries to a branch."""
    return history.commit(
        branch,
        put=entries(contents),
        author=ANN,
        message=message,
        split_id="split-1",
        ontologies=PINS,
    )


def one(start_ns: int, revision: str, recording: str = "a") -> Contents:
    """The contents of one entry."""
    return {key(recording, start_ns): RevisionId(revision)}
