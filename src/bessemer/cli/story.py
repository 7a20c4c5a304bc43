"""The story on stderr: lines, bars with rate and time left; results alone go to stdout."""

import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager

from bessemer.core.progress import Progress, Silence

_SPEED_OVER_S = 3_600.0


class ConsoleStory:
    """Tells a run to people on stderr with rich; plain lines where stderr is no terminal."""

    def __init__(self) -> None:
        from rich.console import Console

        self._console = Console(file=sys.stderr, highlight=False)

    def say(self, text: str) -> None:
        """Print one line."""
        # Left as it is: a wrapped path cannot be copied.
        self._console.print(text, markup=False, soft_wrap=True)

    def bar(self, title: str) -> AbstractContextManager[Progress]:
        """Show a bar with count, rate and time left while the context lasts.

        Where stderr is no terminal a bar would fill a log with its own remains, so there is none.
        """
        return self._bar(title) if self._console.is_terminal else Silence().bar(title)

    @contextmanager
    def _bar(self, title: str) -> Iterator[Progress]:
        """Show a bar on a terminal."""
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            TextColumn,
            TimeElapsedColumn,
            TimeRemainingColumn,
        )
        from rich.progress import Progress as RichProgress

        columns = (
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[rate]}"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
        )
        # A step of a run may last for minutes: the usual 30 s would forget all speed between two.
        with RichProgress(
            *columns,
            console=self._console,
            transient=True,
            speed_estimate_period=_SPEED_OVER_S,
        ) as shown:
            task = shown.add_task(title, total=None, rate="")

            def progress(done: int, total: int) -> None:
                speed = shown.tasks[task].speed
                rate = _rate(speed) if speed else ""
                shown.update(task, completed=done, total=total or None, rate=rate)

            yield progress


def _rate(per_s: float) -> str:
    """Return a rate as people read it: seconds a step where a second holds less than one."""
    return f"{per_s:.0f}/s" if per_s >= 1 else f"{1 / per_s:.0f} s each"
