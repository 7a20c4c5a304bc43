"""What recording a simulated fleet costs: clips a minute, where the time goes, memory, loading.

A clip is ten seconds of driving, as the tail's frequencies count them. Recordings are those of
``bessemer twin record``: world, traffic, cameras, truth, video and MCAP. Every cell runs in a
process of its own, counts pictures in the files that it wrote, and takes turns with the others, so
that a busy machine is busy for all. CPU time, of the process and its children, stands beside wall
time: on a machine that others use it is the one to trust. Beside each rig stands its *bare loop*:
one scene's actors drawn again and again, with no traffic, truth, sensor or file.
"""

import argparse
import ast
import cProfile
import json
import os
import platform
import pstats
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import bessemer
from bessemer.twin.events.spec import CLIP_S
from bessemer.twin.fleet.plan import FleetPlan, PlannedDrive, plan_drives
from bessemer.twin.rigs import load_rig
from bessemer.twin.roads.net_file import shipped_networks

RIGS = ("front", "surround")
Cell = dict[str, float | int | str]
PARTS = {
    "SUMO": ("twin/traffic/traffic.py", ("open", "step", "agents", "place_ego", "signal_states")),
    "rendering": ("twin/render/renderer.py", ("render",)),
    "truth": ("twin/truth.py", ("survey",)),
    "video": ("twin/drive_log/video.py", ("encode",)),
    "truth pictures and file": ("twin/drive_log/log.py", ("write", "__exit__")),
    "sensor": ("twin/render/photograph.py", ("photograph",)),
}
"""Functions of a part, and how their file's path ends; their time includes what they call."""
WITHIN = {"truth pictures and file": ("video",), "sensor": ("rendering",)}
"""Parts whose time lies inside of another's."""


def check_parts() -> None:
    """Check that each part's file is there and defines its functions.

    A part whose functions moved would else be found missing only after minutes of driving.

    Raises:
        AssertionError: If a part's file or one of its functions is not where it is looked for.
    """
    package = Path(bessemer.__path__[0])
    for part, (file, names) in PARTS.items():
        path = package / file
        assert path.is_file(), f"{part}: there is no {file}"
        nodes = ast.walk(ast.parse(path.read_text()))
        missing = set(names) - {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
        assert not missing, f"{part}: {file} does not define {', '.join(sorted(missing))}"


def plan_of(rig: str, drives: int, drive_s: float) -> FleetPlan:
    """Return a small fleet: all regions, networks, hours and weathers, as a large one has them."""
    return FleetPlan(
        vehicles=3, hours=drives * drive_s / 3600, drive_s=drive_s, rig=load_rig(rig), seed=1
    )


def cpu_s() -> float:
    """Return the CPU seconds of this process and of those that it has waited for."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def peak_mib() -> float:
    """Return the most memory that one process held, this or one that it has waited for."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return max(one.ru_maxrss for one in spent) / 1024


def count_pictures(folder: Path) -> int:
    """Return how many pictures lie in the files of a folder."""
    from mcap.reader import make_reader

    count = 0
    for path in folder.rglob("*.mcap"):
        with path.open("rb") as file:
            summary = make_reader(file).get_summary()
            assert summary is not None
            assert summary.statistics is not None
            for channel, messages in summary.statistics.channel_message_counts.items():
                topic = summary.channels[channel].topic
                if topic.startswith("/camera/") and not topic.endswith("/calibration"):
                    count += messages
    return count


def recording(rig: str, processes: int, drives: int, drive_s: float) -> Cell:
    """Record a small fleet from nothing: processes started, scenes built, traffic warmed up."""
    from bessemer.twin.fleet.record import record_fleet

    plan = plan_of(rig, drives, drive_s)
    with tempfile.TemporaryDirectory() as folder:
        start, start_cpu = time.perf_counter(), cpu_s()
        done = record_fleet(plan, Path(folder), processes=processes)
        wall, cpu = time.perf_counter() - start, cpu_s() - start_cpu
        driven_s = sum(drive.driven_s for drive in done.drives)
        pictures = count_pictures(Path(folder))
        size_bytes = sum(drive.size_bytes for drive in done.drives)
    expected = driven_s * plan.rig.rate_hz * len(plan.rig.cameras)
    assert abs(pictures - expected) <= drives * len(plan.rig.cameras), (pictures, expected)
    assert pictures == sum(drive.pictures for drive in done.drives)
    clips = driven_s / CLIP_S
    return {
        "clips": round(clips, 1),
        "clips_per_min": 60 * clips / wall,
        "clips_per_cpu_min": 60 * clips / cpu,
        "bytes_per_clip": size_bytes / clips,
        "peak_mib": peak_mib(),
    }


def drive_through(rig: str, drive_s: float) -> PlannedDrive:
    """Return a drive through the town by day, where most traffic and houses are."""
    first = plan_drives(plan_of(rig, 1, drive_s))[0]
    return replace(first, scenario=replace(first.scenario, network="town", density_frac=0.4))


def parts(rig: str, drive_s: float) -> Cell:
    """Return the shares of CPU time of a recording's parts, once its scene is there."""
    from bessemer.twin.fleet.record import record_drive
    from bessemer.twin.world import DrivingWorld

    drive, world = drive_through(rig, drive_s), DrivingWorld()
    short = replace(drive, scenario=replace(drive.scenario, duration_s=1.0))
    with tempfile.TemporaryDirectory() as folder:
        record_drive(world, short, Path(folder) / "warm.mcap")
        profile = cProfile.Profile(time.process_time)
        profile.enable()
        record_drive(world, drive, Path(folder) / "drive.mcap")
        profile.disable()
    world.close()
    return shares_of(pstats.Stats(profile))


def shares_of(stats: pstats.Stats) -> Cell:
    """Return each part's share of all time, what lies inside of another taken from it."""

    def belongs(key: tuple[str, int, str], file: str, names: tuple[str, ...]) -> bool:
        return Path(key[0]).as_posix().endswith(f"/{file}") and key[2] in names

    def inclusive(file: str, names: tuple[str, ...]) -> float:
        return sum(
            called[3]
            for key, row in stats.stats.items()  # type: ignore[attr-defined]
            if belongs(key, file, names)
            for caller, called in row[4].items()
            if not belongs(caller, file, names)
        )

    spent = {part: inclusive(file, names) for part, (file, names) in PARTS.items()}
    assert all(spent.values()), spent
    own = {
        part: seconds - sum(spent[inner] for inner in WITHIN.get(part, ()))
        for part, seconds in spent.items()
    }
    total: float = stats.total_tt  # type: ignore[attr-defined]
    shares: Cell = {part: seconds / total for part, seconds in own.items()}
    return shares | {"rest": 1.0 - sum(own.values()) / total}


def bare_loop(rig: str, sets: int) -> Cell:
    """Draw what one instant of the same drive shows again and again."""
    from bessemer.twin.drive import Controls
    from bessemer.twin.render.light import light_of
    from bessemer.twin.render.photograph import look_of
    from bessemer.twin.render.renderer import Renderer
    from bessemer.twin.world import DrivingWorld

    drive, world = drive_through(rig, 60.0), DrivingWorld()
    world.reset(drive.seed, drive.scenario)
    seen = world.step(Controls())
    cameras = drive.scenario.rig.cameras
    looks = [look_of(camera, seen.ego.world_from_ego) for camera in cameras]
    light = light_of(drive.scenario.conditions)
    renderer = Renderer(world.scene)
    spent = []
    for _ in range(sets + 2):
        start = time.process_time()
        images = renderer.render(seen.actors, light, looks, silhouettes=True)
        spent.append(time.process_time() - start)
    world.close()
    assert all(len(set(image.semantic.ravel().tolist())) > 4 for image in images)
    set_s = statistics.median(spent[2:])
    return {
        "set_cpu_ms": 1e3 * set_s,
        "clips_per_cpu_min": 60 / (set_s * CLIP_S * drive.scenario.rig.rate_hz),
    }


def loading(network: str) -> Cell:
    """Return what a world's first picture takes once kernels are compiled."""
    start, start_cpu = time.perf_counter(), cpu_s()
    from bessemer.twin.world import DrivingWorld

    drive, world = drive_through("front", 10.0), DrivingWorld()
    imported = time.perf_counter() - start
    seen = world.reset(1, replace(drive.scenario, network=network))
    world.close()
    assert seen.views[0].picture.std() > 5
    return {
        "import_s": imported,
        "first_picture_s": time.perf_counter() - start,
        "first_picture_cpu_s": cpu_s() - start_cpu,
        "peak_mib": peak_mib(),
    }


def run_apart(*what: object) -> Cell:
    """Run one cell in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "bench.twin_record", "--cell", *map(str, what)],
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    )
    cell: Cell = json.loads(done.stdout.splitlines()[-1])
    return cell


def one_cell(kind: str, *rest: str) -> Cell:
    """Be the process of a cell."""
    kinds: dict[str, Callable[[], Cell]] = {
        "recording": lambda: recording(rest[0], int(rest[1]), int(rest[2]), float(rest[3])),
        "parts": lambda: parts(rest[0], float(rest[1])),
        "bare loop": lambda: bare_loop(rest[0], int(rest[1])),
        "loading": lambda: loading(rest[0]),
    }
    return kinds[kind]()


def median_of(cells: list[Cell]) -> Cell:
    """Return the median of each number."""
    return {
        name: round(statistics.median(float(cell[name]) for cell in cells), 3) for name in cells[0]
    }


def main() -> int:
    """Measure all, print it, and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--drives", type=int, default=6)
    parser.add_argument("--drive-s", type=float, default=30.0)
    parser.add_argument("--out", type=Path, default=Path("bench/results/twin_record.json"))
    parser.add_argument("--cell", nargs="+")
    options = parser.parse_args()
    check_parts()
    if options.cell:
        print(json.dumps(one_cell(*options.cell)))
        return 0
    run_apart("loading", "town")  # compiles what is not compiled yet
    wanted: list[tuple[Cell, tuple[object, ...]]] = []
    for rig in RIGS:
        drives = options.drives if rig == "front" else max(2, options.drives // 3)
        for processes in (1, 2):
            name: Cell = {"what": "recording", "rig": rig, "processes": processes}
            name |= {"drives": drives, "drive_s": options.drive_s}
            wanted.append((name, ("recording", rig, processes, drives, options.drive_s)))
        wanted.append(({"what": "bare loop", "rig": rig}, ("bare loop", rig, 20)))
        wanted.append(({"what": "parts", "rig": rig}, ("parts", rig, options.drive_s)))
    wanted += [
        ({"what": "loading", "network": name}, ("loading", name)) for name in shipped_networks()
    ]
    found: list[list[Cell]] = [[] for _ in wanted]
    for _ in range(options.rounds):
        for kept, (_, what) in zip(found, wanted, strict=True):
            kept.append(run_apart(*what))
    cells = [name | median_of(kept) for (name, _), kept in zip(wanted, found, strict=True)]
    for cell in cells:
        print(json.dumps(cell))
    result = {
        "clip_s": CLIP_S,
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load_average": [round(load, 1) for load in os.getloadavg()],
        "rounds": options.rounds,
        "cells": cells,
    }
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
