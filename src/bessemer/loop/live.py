"""A fleet whose weeks are driven when they come, in place of an archive that lies there whole.

What a vehicle drives does not hang on the network that it carries, only what comes back does. So a
week is driven once, taken in, and then met by every arm and seed: the same world for all of them,
and the same addresses as if the folder of drives had been replayed.
"""

from pathlib import Path
from typing import Protocol, runtime_checkable

from bessemer.loop.archive import ingest_archive
from bessemer.loop.line import Line
from bessemer.loop.recipe import archive_of_recipe


@runtime_checkable
class LiveFleet(Protocol):
    """Vehicles that record what they drive, a week at a time."""

    def drive_until(self, week: int) -> Path:
        """Drive what is still missing of the exam and of all weeks up to one, and no more.

        Args:
            week: Counts from 0.

        Returns:
            The folder with all drives so far; what was driven before stays as it is.
        """


def take_week(line: Line, fleet: LiveFleet, week: int) -> Line:
    """Let a fleet drive up to a week, and take its drives in.

    Args:
        line: The line; what it read of the lake may now be old.
        fleet: The fleet.
        week: Counts from 0.

    Returns:
        The same line, which knows of the new drives.
    """
    config = archive_of_recipe(line.recipe)
    ingest_archive(line.works, config, fleet.drive_until(week), growing=True)
    return Line.ready(line.recipe, line.works)
