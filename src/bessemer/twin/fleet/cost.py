"""What recording a fleet will cost, from a small piece of it that is driven on trial.

Also what of a fleet is there already: a folder holds one fleet, so that a recording that goes on
never mixes two. Importing this module brings neither Warp nor SUMO; a trial does.
"""

import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bessemer.core.errors import ConflictError, InputError
from bessemer.twin.fleet.plan import FleetPlan, PlannedDrive, plan_drives

if TYPE_CHECKING:
    from bessemer.twin.drive_log.log import LogConfig

_TRIALS = 3
_SHORT_S, _LONG_S = 1.0, 3.0
_SMALL_FLEET_S = 120.0  # less than this is not worth a long trial


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingCost:
    """What is still to be paid for a fleet.

    Attributes:
        drives: Drives that are not there yet.
        driven_s: Simulated seconds of them.
        took_s: Seconds that it will take.
        size_bytes: What the files will weigh.
    """

    drives: int
    driven_s: float
    took_s: float
    size_bytes: int


def missing_drives(plan: FleetPlan, out: Path) -> tuple[PlannedDrive, ...]:
    """Return the drives of a plan that a folder lacks.

    Args:
        plan: The fleet.
        out: The folder.

    Returns:
        Drives whose file is not there.

    Raises:
        ConflictError: If the folder holds drives of another fleet.
    """
    missing = []
    for drive in plan_drives(plan):
        path = out / f"{drive.name}.mcap"
        if not path.exists():
            missing.append(drive)
        elif (said := _said(path)) != (wanted := _wanted(drive)):
            raise ConflictError(
                f"The folder holds another fleet: seed, scenario, rig and rate of this drive are "
                f"{', '.join(said)}, and not {', '.join(wanted)}.",
                where=str(path),
                fix="Take another folder, or the options that it was recorded with.",
            )
    return tuple(missing)


def cost_of(
    drives: Sequence[PlannedDrive], processes: int = 1, log: "LogConfig | None" = None
) -> RecordingCost:
    """Return what drives will cost, having driven the first seconds of a few.

    Args:
        drives: What is to be driven.
        processes: How many worlds run at a time, each on a core of its own.
        log: What a file holds.

    Returns:
        The cost. It grows with the traffic, so a short trial is a little too cheap.

    Raises:
        InputError: If a scenario cannot be set up.
    """
    from bessemer.twin.fleet.record import own_world, record_drive

    driven_s = sum(drive.scenario.duration_s for drive in drives)
    if not drives:
        return RecordingCost(drives=0, driven_s=0.0, took_s=0.0, size_bytes=0)
    n = 1 if driven_s < _SMALL_FLEET_S else min(_TRIALS, len(drives))
    chosen = [drives[(2 * i + 1) * len(drives) // (2 * n)] for i in range(n)]
    build_s, fixed, running = 0.0, (0.0, 0.0), (0.0, 0.0)
    world = own_world()
    with tempfile.TemporaryDirectory() as folder:
        for drive in chosen:
            began = time.perf_counter()
            world.reset(drive.seed, drive.scenario)
            build_s += time.perf_counter() - began
            paid = []
            for wanted_s in (_SHORT_S, _LONG_S):
                duration_s = min(wanted_s, drive.scenario.duration_s * wanted_s / _LONG_S)
                short = replace(drive, scenario=replace(drive.scenario, duration_s=duration_s))
                done = record_drive(world, short, Path(folder) / "trial.mcap", log)
                paid.append((done.driven_s, done.took_s, float(done.size_bytes)))
            (s0, took0, size0), (s1, took1, size1) = paid
            slope = [(b - a) / max(s1 - s0, 1e-9) for a, b in ((took0, took1), (size0, size1))]
            rate = (max(slope[0], took1 / s1 / 4), max(slope[1], 0.0))
            running = (running[0] + rate[0] / n, running[1] + rate[1] / n)
            fixed = (
                fixed[0] + max(took0 - rate[0] * s0, 0.0) / n,
                fixed[1] + max(size0 - rate[1] * s0, 0.0) / n,
            )
    world.close()
    at_a_time = max(1, min(processes, len(drives)))
    return RecordingCost(
        drives=len(drives),
        driven_s=driven_s,
        # One process has built its scenes by now, others build theirs.
        took_s=(build_s if at_a_time > 1 else 0.0)
        + (len(drives) * fixed[0] + driven_s * running[0]) / at_a_time,
        size_bytes=round(len(drives) * fixed[1] + driven_s * running[1]),
    )


def _wanted(drive: PlannedDrive) -> tuple[str, ...]:
    scenario = drive.scenario
    return str(drive.seed), scenario.network, scenario.rig.name, str(scenario.rig.rate_hz)


def _said(path: Path) -> tuple[str, ...]:
    """Return what a drive's file says of itself."""
    from mcap.exceptions import McapError
    from mcap.reader import make_reader

    from bessemer.twin.drive_log.log import METADATA

    try:
        with path.open("rb") as file:
            facts = next(
                (
                    said.metadata
                    for said in make_reader(file).iter_metadata()
                    if said.name == METADATA
                ),
                {},
            )
    except (McapError, OSError) as error:
        raise InputError(
            f"The file is no whole MCAP: {error}.",
            where=str(path),
            fix="Delete it, and it is driven again.",
        ) from error
    return tuple(facts.get(key, "") for key in ("seed", "scenario", "rig", "rate_hz"))
