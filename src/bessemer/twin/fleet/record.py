"""Records a simulated fleet: drives of a plan, each as an MCAP file, in as many processes as asked.

A drive that is there is not driven again, so that a recording goes on after a kill; files appear
whole or not at all. Importing this module brings neither Warp nor SUMO; a drive does.
"""

import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bessemer.core.records import Terms, day_start_ns
from bessemer.twin.fleet.plan import FIRST_DAY, FleetPlan, PlannedDrive, plan_drives

if TYPE_CHECKING:
    from bessemer.twin.drive_log.log import LogConfig
    from bessemer.twin.world import DrivingWorld

LICENCE = "CC0-1.0"
"""What may be done with pictures of the twin: anything."""
_WEEK_NS = 7 * 24 * 3600 * 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of one drive.

    Attributes:
        name: Which.
        path: Its file.
        size_bytes: Of the file.
        driven_s: Simulated seconds.
        pictures: Pictures of all cameras.
        events: Names of tail events that began.
        not_begun: Names of those that never found their place.
        collided: Whether the ego touched something.
        took_s: Seconds it took; 0 where the file was there.
    """

    name: str
    path: Path
    size_bytes: int
    driven_s: float = 0.0
    pictures: int = 0
    events: tuple[str, ...] = ()
    not_begun: tuple[str, ...] = ()
    collided: bool = False
    took_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetRecording:
    """What became of a plan.

    Attributes:
        drives: In the plan's order; those that were there before stand with 0 seconds.
    """

    drives: tuple[Recorded, ...] = field(default=())

    @property
    def new(self) -> tuple[Recorded, ...]:
        """Drives that were driven now."""
        return tuple(drive for drive in self.drives if drive.took_s > 0)


def record_fleet(
    plan: FleetPlan,
    out: Path,
    *,
    processes: int = 1,
    log: "LogConfig | None" = None,
    on_drive: Callable[[Recorded], None] = lambda drive: None,
) -> FleetRecording:
    """Drive and record what a plan asks for.

    Args:
        plan: The fleet.
        out: Folder; a drive is ``out/vehicle-03/week-1/0007.mcap``.
        processes: How many worlds run at a time.
        log: What a file holds.
        on_drive: Told of each drive when it is done, in the order of their ends.

    Returns:
        What became of each drive.
    """
    return record_drives(plan_drives(plan), out, processes=processes, log=log, on_drive=on_drive)


def record_drives(
    drives: Sequence[PlannedDrive],
    out: Path,
    *,
    processes: int = 1,
    log: "LogConfig | None" = None,
    on_drive: Callable[[Recorded], None] = lambda drive: None,
) -> FleetRecording:
    """Drive and record some drives of a plan, such as those of a week.

    Args:
        drives: Which.
        out: Folder of the whole fleet.
        processes: How many worlds run at a time.
        log: What a file holds.
        on_drive: Told of each drive when it is done, in the order of their ends.

    Returns:
        What became of each drive.
    """
    missing = [drive for drive in drives if not _path_of(out, drive).exists()]
    done = {drive.name: _there(out, drive) for drive in drives if drive not in missing}
    for recorded in _drive_all(missing, out, processes, log):
        done[recorded.name] = recorded
        on_drive(recorded)
    return FleetRecording(drives=tuple(done[drive.name] for drive in drives))


def record_drive(
    world: "DrivingWorld", drive: PlannedDrive, path: Path, log: "LogConfig | None" = None
) -> Recorded:
    """Drive one drive and write it.

    Args:
        world: Where; it may have been driven in before.
        drive: What.
        path: The file; folders are made.
        log: What it holds.

    Returns:
        What became of it.

    Raises:
        InputError: If the scenario cannot be set up.
    """
    from bessemer.twin.drive_log.log import DriveFacts, DriveLog
    from bessemer.twin.driver.chauffeur import Chauffeur

    began = time.perf_counter()
    path.parent.mkdir(parents=True, exist_ok=True)
    facts = DriveFacts(
        terms=Terms(licence=LICENCE, region=drive.region),
        vehicle=drive.vehicle,
        seed=drive.seed,
        scenario=drive.scenario.network,
        conditions=drive.scenario.conditions,
        importance=drive.scenario.importance,
    )
    seen = world.reset(drive.seed, drive.scenario)
    surveyor = world.surveyor()
    chauffeur = Chauffeur(world)
    pictures, collided = 0, False
    with DriveLog(path, drive.scenario.rig, facts, log, start_ns=_start_ns(drive)) as file:
        while True:
            file.write(seen, surveyor.survey(seen) if seen.views else None)
            pictures += len(seen.views)
            collided = collided or seen.collided
            if seen.done:
                break
            seen = world.step(chauffeur.drive(seen.ego))
    return Recorded(
        name=drive.name,
        path=path,
        size_bytes=path.stat().st_size,
        driven_s=seen.t_ns / 1e9,
        pictures=pictures,
        events=tuple(event.name for event in world.director.happened()),
        not_begun=tuple(call.name for call in world.director.waiting()),
        collided=collided,
        took_s=time.perf_counter() - began,
    )


def _start_ns(drive: PlannedDrive) -> int:
    """Return when a drive begins: in its week, at its hour, a day that its seed chooses."""
    hour_ns = int(drive.scenario.conditions.hour * 3600e9)
    day_ns = (drive.seed % 7) * 24 * 3600 * 1_000_000_000
    return day_start_ns(FIRST_DAY) + drive.week * _WEEK_NS + day_ns + hour_ns


def _path_of(out: Path, drive: PlannedDrive) -> Path:
    return out / f"{drive.name}.mcap"


def _there(out: Path, drive: PlannedDrive) -> Recorded:
    path = _path_of(out, drive)
    return Recorded(name=drive.name, path=path, size_bytes=path.stat().st_size)


def _drive_all(
    drives: Sequence[PlannedDrive], out: Path, processes: int, log: "LogConfig | None"
) -> Iterator[Recorded]:
    """Yield drives as they end."""
    if processes <= 1 or len(drives) <= 1:
        for drive in drives:
            yield _drive_here(drive, out, log)
        return
    # Spawned, not forked: SUMO and Warp hold threads and state of their own.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(drives)), mp_context=context) as pool:
        waiting = [pool.submit(_drive_here, drive, out, log) for drive in drives]
        try:
            for ended in as_completed(waiting):
                yield ended.result()
        except BaseException:  # also Ctrl-C: what has not begun must not be driven
            pool.shutdown(wait=False, cancel_futures=True)
            raise


_WORLDS: list["DrivingWorld"] = []  # one a process, whose scenes are built once


def own_world() -> "DrivingWorld":
    """Return the one world of this process, made when it is first asked for."""
    from bessemer.twin.world import DrivingWorld

    if not _WORLDS:
        _WORLDS.append(DrivingWorld())
    return _WORLDS[0]


def _drive_here(drive: PlannedDrive, out: Path, log: "LogConfig | None") -> Recorded:
    """Drive in this process's own world."""
    from bessemer.twin.threads import one_blas_thread

    world = own_world()
    try:
        with one_blas_thread():
            return record_drive(world, drive, _path_of(out, drive), log)
    finally:
        world.close()
