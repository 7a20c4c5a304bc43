"""Who answered: what was carried on or merged is signed by those whose answers it continues.

Cost: one read of the store for each step back, however many answers are signed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from bessemer.core.ids import RevisionId
from bessemer.core.labels import Author, AuthorKind, LabelRevision
from bessemer.core.stores import LabelStore

_PASSED_ON: Final = (AuthorKind.PROPAGATION, AuthorKind.MERGE)
"""Kinds of authors that say again what their parents said."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Byline:
    """Who gave an answer first, and what became of it since.

    Attributes:
        authors: Who answered, by name; several where answers were merged.
        since: What was done to it since, such as ``carried along the track``; empty if nothing.

    Example:
        >>> ann = Author(kind=AuthorKind.PERSON, name="ann")
        >>> str(Byline(authors=(ann,), since="carried along the track"))
        'ann, carried along the track'
    """

    authors: tuple[Author, ...]
    since: str = ""

    def __str__(self) -> str:
        """Return the names, and what was done since."""
        names = " and ".join(author.name for author in self.authors)
        return f"{names}, {self.since}" if self.since else names


def sign_answers(labels: LabelStore, answers: Sequence[LabelRevision]) -> list[Byline]:
    """Return who gave each answer first.

    Args:
        labels: Holds what the answers continue.
        answers: The answers.

    Returns:
        One byline an answer, in their order.

    Raises:
        NotFoundError: If an answer continues one that is not stored.
    """
    known: dict[RevisionId, LabelRevision] = {}
    wanted = _continued(answers)
    while wanted:
        read = labels.read_labels(sorted(wanted))
        known.update((revision.revision_id, revision) for revision in read)
        wanted = _continued(read) - known.keys()
    return [_sign(answer, known) for answer in answers]


def _continued(answers: Sequence[LabelRevision]) -> set[RevisionId]:
    """Return what answers say again."""
    passed_on = (answer for answer in answers if answer.author.kind in _PASSED_ON)
    return {parent for answer in passed_on for parent in answer.parents}


def _sign(answer: LabelRevision, known: Mapping[RevisionId, LabelRevision]) -> Byline:
    """Return who gave an answer first."""
    firsts = {first.author for first in _firsts(answer, known)}
    since = ""
    if answer.parents and answer.author.kind is AuthorKind.PROPAGATION:
        since = f"carried along the {answer.author.name}"
    elif answer.parents and answer.author.kind is AuthorKind.MERGE:
        since = "merged"
    authors = sorted(firsts, key=lambda author: (author.name, author.kind))
    return Byline(authors=tuple(authors), since=since)


def _firsts(
    answer: LabelRevision, known: Mapping[RevisionId, LabelRevision]
) -> Iterator[LabelRevision]:
    """Yield the answers that one says again; itself, if it says them for the first time."""
    if not answer.parents or answer.author.kind not in _PASSED_ON:
        yield answer
        return
    for parent in answer.parents:
        yield from _firsts(known[parent], known)
