"""Ontologies: the versioned lists of classes that tasks speak of, with migrations."""

from collections.abc import Iterable
from dataclasses import dataclass

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import OntologyId, TaskName, content_id


@dataclass(frozen=True, slots=True, kw_only=True)
class Migration:
    """How a class of the version before is called now; an empty ``new`` drops it."""

    old: str
    new: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ontology:
    """One version of a task's classes; a class's index is its place in the list.

    Attributes:
        task: The task.
        version: Counts from 1.
        classes: Names, unique, in the order of the network's outputs.
        ignored: Names that labels may carry and that neither train nor score (``void``).
        migrations: Classes renamed, merged or dropped since ``version - 1``.
    """

    task: TaskName
    version: int = 1
    classes: tuple[str, ...]
    ignored: tuple[str, ...] = ()
    migrations: tuple[Migration, ...] = ()

    def __post_init__(self) -> None:
        """Check that names are unique and migrations arrive somewhere."""
        names = self.classes + self.ignored
        if not self.classes or len(set(names)) != len(names):
            raise InputError("Class names are unique, and there is at least one.", where=self.task)
        for step in self.migrations:
            if step.new and step.new not in names:
                raise NotFoundError.among("class", step.new, names, where=f"{self.task} migration")

    @property
    def ontology_id(self) -> OntologyId:
        """The address of this version."""
        return OntologyId(content_id("ontology", self))

    def index_of(self, name: str) -> int:
        """Return the index of a class, or -1 for an ignored one.

        Args:
            name: A class, or a name that is ignored.

        Returns:
            Place among the classes, from 0; -1 for an ignored one.

        Raises:
            NotFoundError: If there is no such class; the message lists near misses.
        """
        if name in self.ignored:
            return -1
        try:
            return self.classes.index(name)
        except ValueError:
            raise NotFoundError.among("class", name, self.classes, where=self.task) from None

    def find_unknown(self, names: Iterable[str]) -> NotFoundError | None:
        """Return the error for the first name that is neither a class nor ignored, if one is.

        Args:
            names: Names of classes, in any order.

        Returns:
            What :meth:`index_of` would raise; None where all are known.
        """
        for name in sorted(names):
            if name not in self.classes and name not in self.ignored:
                return NotFoundError.among("class", name, self.classes, where=self.task)
        return None

    def migrate(self, name: str) -> str | None:
        """Return what a class of the version before is called now; None if it was dropped."""
        for step in self.migrations:
            if step.old == name:
                return step.new or None
        self.index_of(name)
        return name
