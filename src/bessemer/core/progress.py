"""How long work tells its story, without knowing who listens.

The command line shows bars with rate and time left; tests and services listen in silence.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol, runtime_checkable


@runtime_checkable
class Progress(Protocol):
    """Told after every step how many of how many are done."""

    def __call__(self, done: int, total: int) -> None:
        """Note that ``done`` of ``total`` steps are done; ``total`` 0 means unknown."""


@runtime_checkable
class Story(Protocol):
    """Where a run tells people what it does."""

    def say(self, text: str) -> None:
        """Tell one line."""

    def bar(self, title: str) -> AbstractContextManager[Progress]:
        """Return a context that shows a progress bar and gives its :class:`Progress`."""


class Silence:
    """A story that nobody hears."""

    def say(self, text: str) -> None:
        """Say nothing."""

    def bar(self, title: str) -> AbstractContextManager[Progress]:
        """Return a bar that shows nothing."""
        return _silent_bar()


@contextmanager
def _silent_bar() -> Iterator[Progress]:
    """Give a progress that nobody hears."""

    def progress(done: int, total: int) -> None:
        return None

    yield progress
