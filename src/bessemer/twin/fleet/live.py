"""The simulated fleet, live: it drives a week of its plan when that week comes.

The exam is driven with the first week, and nothing twice: what lies in the folder stays, so that a
run that was killed goes on where it was, and a run that asks for fewer weeks drives fewer.
"""

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bessemer.core.errors import InputError
from bessemer.core.progress import Silence, Story
from bessemer.twin.fleet.cost import missing_drives
from bessemer.twin.fleet.plan import FleetPlan, PlannedDrive
from bessemer.twin.fleet.record import Recorded, record_drives

if TYPE_CHECKING:
    from bessemer.twin.drive_log.log import LogConfig


class SimulatedFleet:
    """A plan and the folder in which its drives are, or will be.

    Args:
        plan: What is driven.
        folder: Holds this fleet and no other.
        log: What a file holds.
        processes: How many worlds run at a time.
        story: Told of each week.
    """

    def __init__(
        self,
        plan: FleetPlan,
        folder: Path,
        *,
        log: "LogConfig | None" = None,
        processes: int = 1,
        story: Story | None = None,
    ) -> None:
        self.plan, self.folder, self.log, self.processes = plan, folder, log, processes
        self._story: Story = story or Silence()

    def missing(self, week: int) -> tuple[PlannedDrive, ...]:
        """Return what is not driven yet of the exam and of all weeks up to one.

        Args:
            week: Counts from 0.

        Returns:
            The drives, the exam first.

        Raises:
            InputError: If the plan has no such week.
            ConflictError: If the folder holds drives of another fleet.
        """
        if week >= self.plan.weeks:
            raise InputError(
                f"This fleet is planned for {self.plan.weeks} weeks, so there is no week "
                f"{week + 1}.",
                where=str(self.folder),
                fix="Plan more weeks, in a folder of their own.",
            )
        missing = missing_drives(self.plan, self.folder)
        return tuple(drive for drive in missing if drive.week <= week)

    def drive_until(self, week: int) -> Path:
        """Drive what is missing of the exam and of all weeks up to one; see ``LiveFleet``."""
        drives = self.missing(week)
        self.folder.mkdir(parents=True, exist_ok=True)
        if not drives:
            return self.folder
        done: list[Recorded] = []
        with self._story.bar(f"driving week {week + 1}") as progress:

            def on_drive(recorded: Recorded) -> None:
                done.append(recorded)
                progress(len(done), len(drives))

            record_drives(
                drives, self.folder, processes=self.processes, log=self.log, on_drive=on_drive
            )
        self._story.say(_said(week, drives, done))
        return self.folder


def _said(week: int, drives: tuple[PlannedDrive, ...], done: list[Recorded]) -> str:
    """Return what was driven, in a line."""
    n_exam = sum(drive.week < 0 for drive in drives)
    began = Counter(name for one in done for name in one.events)
    met = ", ".join(name if n == 1 else f"{name} ({n})" for name, n in sorted(began.items()))
    exam = f"the exam ({n_exam} drives) and " if n_exam else ""
    tail = f"; met on the way: {met}" if met else ""
    return f"Driven: {exam}{len(drives) - n_exam} drives up to week {week + 1}{tail}."
