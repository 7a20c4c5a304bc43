"""Records a fleet and tells the story: what it will take, how far it is, what it gave."""

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from bessemer.cli.story import ConsoleStory
from bessemer.twin.fleet.plan import FleetPlan

if TYPE_CHECKING:
    from bessemer.twin.drive_log.log import LogConfig
    from bessemer.twin.fleet.cost import RecordingCost
    from bessemer.twin.fleet.record import FleetRecording, Recorded


def record_plan(
    plan: FleetPlan, out: Path, *, processes: int, log: "LogConfig"
) -> dict[str, object]:
    """Record what a folder lacks of a fleet, and return what was recorded, as JSON has it.

    Args:
        plan: The fleet.
        out: Its folder.
        processes: How many worlds run at a time.
        log: What a file holds.

    Returns:
        Counts, sizes, events, and what the trial had promised.

    Raises:
        Exit: If it was interrupted; files that are there are whole.
    """
    from bessemer.twin.fleet.cost import cost_of, missing_drives
    from bessemer.twin.fleet.record import record_fleet

    story = ConsoleStory()
    missing = missing_drives(plan, out)
    there = plan.n_drives - len(missing)
    if there:
        story.say(f"{there} of {plan.n_drives} drives are there and stay.")
    if missing:
        story.say("Trying out how long this takes ...")
    cost = cost_of(missing, min(processes, os.cpu_count() or 1), log)
    story.say(_promise(cost, plan, processes))
    done_s = 0.0
    with story.bar("driving, s") as progress:

        def on_drive(recorded: "Recorded") -> None:
            nonlocal done_s
            done_s += recorded.driven_s
            progress(round(done_s), round(cost.driven_s))

        progress(0, round(cost.driven_s))
        try:
            recording = record_fleet(plan, out, processes=processes, log=log, on_drive=on_drive)
        except KeyboardInterrupt:
            left = len(missing_drives(plan, out))
            story.say(f"Stopped with {left} drives to go. Start it again, and it goes on.")
            raise typer.Exit(1) from None
    for line in _lines(recording, out):
        story.say(line)
    return _told(recording, cost, out)


def _promise(cost: "RecordingCost", plan: FleetPlan, processes: int) -> str:
    if not cost.drives:
        return "Nothing is left to drive."
    cameras = len(plan.rig.cameras)
    return (
        f"{cost.drives} drives, {cost.driven_s / 60:.1f} simulated minutes, "
        f"{cameras} camera{'s' if cameras > 1 else ''}, {processes} at a time: "
        f"about {spelled(cost.took_s)} and {megabytes(cost.size_bytes)}."
    )


def _lines(recording: "FleetRecording", out: Path) -> list[str]:
    """Return what people want to know at the end."""
    new = recording.new
    began = Counter(name for drive in new for name in drive.events)
    waited = Counter(name for drive in new for name in drive.not_begun)
    hit = [drive.name for drive in new if drive.collided]
    lines = [
        f"Recorded {len(new)} drives, {sum(d.driven_s for d in new) / 60:.1f} minutes, "
        f"{sum(d.pictures for d in new)} pictures, {megabytes(sum(d.size_bytes for d in new))}."
    ]
    if began:
        lines.append(f"Events that happened: {counted(began)}.")
    if waited:
        lines.append(f"Events that never found their place: {counted(waited)}.")
    if hit:
        lines.append(f"The ego touched something in {len(hit)} drives: {', '.join(hit[:8])}.")
    lines.append(
        f"{len(recording.drives)} drives lie in {out}. Next: bessemer run twin --data {out}"
    )
    return lines


def _told(recording: "FleetRecording", cost: "RecordingCost", out: Path) -> dict[str, object]:
    new = recording.new
    return {
        "out": str(out),
        "drives": len(recording.drives),
        "recorded": len(new),
        "driven_s": sum(drive.driven_s for drive in new),
        "pictures": sum(drive.pictures for drive in new),
        "size_bytes": sum(drive.size_bytes for drive in recording.drives),
        "events": dict(sorted(Counter(n for d in new for n in d.events).items())),
        "not_begun": dict(sorted(Counter(n for d in new for n in d.not_begun).items())),
        "collided": [drive.name for drive in new if drive.collided],
        "expected_s": round(cost.took_s, 1),
        "expected_bytes": cost.size_bytes,
        "took_s": round(sum(drive.took_s for drive in new), 1),
    }


def counted(names: Counter[str]) -> str:
    """Return names with how often, the most frequent first.

    Args:
        names: How often each.

    Returns:
        Such as ``cut_in (2), animal``.
    """
    ordered = sorted(names.items(), key=lambda item: (-item[1], item[0]))
    return ", ".join(name if n == 1 else f"{name} ({n})" for name, n in ordered)


def spelled(seconds: float) -> str:
    """Return a time as people say it.

    Args:
        seconds: The time.

    Returns:
        Such as ``40 s``, ``12 min`` or ``3.5 h``.

    Example:
        >>> spelled(95), spelled(7), spelled(9000)
        ('1.6 min', '7 s', '2.5 h')
    """
    if seconds < 60:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def megabytes(size_bytes: int) -> str:
    """Return a size as people say it.

    Args:
        size_bytes: The size.

    Returns:
        Such as ``0.3 MB``.
    """
    return f"{size_bytes / 1e6:.1f} MB"
