"""What it costs, and gains, to have the driving world in a process of its own.

Two measures. *Driving*: the same drive in this process, in one other, and in two others at a time,
in rounds that take turns so that a busy machine is busy for all; steps with and without pictures
apart. *Still*: a world in another process that shows one recorded observation again and again, so
that all of a step's time is the wire's. Times are medians, of wall clock.
"""

import argparse
import json
import os
import platform
import statistics
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from bessemer.core.worlds import World
from bessemer.testing.worlds import WorldConformance
from bessemer.twin.drive import Controls, Observation
from bessemer.twin.remote.driving import DRIVING
from bessemer.twin.remote.server import run_server
from bessemer.twin.remote.spawn import spawn, spawn_worlds
from bessemer.twin.rigs import load_rig
from bessemer.twin.scenario import Scenario
from bessemer.twin.world import DrivingWorld

Driving = World[Scenario, Controls, Observation]
Cell = dict[str, float | int | str]
RIGS = (("front", 320, 180), ("surround", 128, 72))
STILLS = (("front", 320, 180), ("surround", 320, 180))
GO = Controls(accel_mps2=0.5)


class StillWorld:
    """Shows what was seen once: with pictures where it is asked to accelerate, else without."""

    def __init__(self, seen: Observation) -> None:
        self._seen, self._bare = seen, replace(seen, views=())

    @property
    def step_s(self) -> float:
        """Simulated seconds of a step."""
        return 0.1

    def reset(self, seed: int, scenario: Scenario) -> Observation:
        """Show it with pictures."""
        return self._seen

    def step(self, controls: Controls) -> Observation:
        """Show it again."""
        return self._seen if controls.accel_mps2 > 0 else self._bare

    def close(self) -> None:
        """Do nothing."""


def scenario_of(rig: str, width_px: int, height_px: int) -> Scenario:
    """Return a drive through the town that outlasts the measure."""
    cameras = load_rig(rig, width_px=width_px, height_px=height_px)
    return Scenario(network="town", rig=cameras, duration_s=600.0)


def one_round(world: Driving, scenario: Scenario, steps: int) -> list[tuple[float, int]]:
    """Return wall seconds and pictures of each step of a short drive."""
    world.reset(1, scenario)
    times = []
    for _ in range(steps):
        start = time.perf_counter()
        seen = world.step(GO)
        times.append((time.perf_counter() - start, len(seen.views)))
    return times


def together(
    worlds: Sequence[Driving], scenario: Scenario, steps: int
) -> list[list[tuple[float, int]]]:
    """Drive worlds at the same time."""
    with ThreadPoolExecutor(len(worlds)) as pool:
        return list(pool.map(lambda world: one_round(world, scenario, steps), worlds))


def driving(rig: str, width_px: int, height_px: int, rounds: int, steps: int) -> list[Cell]:
    """Measure drives in this process, in another, and in two others."""
    scenario, here = scenario_of(rig, width_px, height_px), DrivingWorld()
    with spawn_worlds(2) as (one, two):
        places: dict[str, tuple[Driving, ...]] = {
            "in process": (here,),
            "1 process": (one,),
            "2 processes": (one, two),
        }
        check_equal((here, one, two), scenario)
        found: dict[str, list[list[list[tuple[float, int]]]]] = {name: [] for name in places}
        for _ in range(rounds):
            for name, worlds in places.items():
                found[name].append(together(worlds, scenario, steps))
    here.close()
    return [
        {"world": "driving", "rig": f"{rig} {width_px}x{height_px}", "where": name, **rates(runs)}
        for name, runs in found.items()
    ]


def check_equal(worlds: Sequence[Driving], scenario: Scenario) -> None:
    """Fail unless all worlds show the same, to the bit; it warms them up besides."""
    suite = WorldConformance[Scenario, Controls, Observation]()
    seen = []
    for world in worlds:
        prints = [suite.fingerprint(world.reset(1, scenario))]
        prints += [suite.fingerprint(world.step(GO)) for _ in range(4)]
        seen.append(prints)
    assert all(prints == seen[0] for prints in seen), "a world of another process shows another"


def rates(rounds: list[list[list[tuple[float, int]]]]) -> Cell:
    """Return medians over rounds; a round ends with its slowest world."""
    walls = [max(sum(t for t, _ in world) for world in worlds) for worlds in rounds]
    counts = [sum(len(world) for world in worlds) for worlds in rounds]
    pictures = [sum(n for world in worlds for _, n in world) for worlds in rounds]
    steps = [step for worlds in rounds for world in worlds for step in world]
    # Cameras that look one after the other leave no step without a picture.
    bare = [t for t, n in steps if n == 0]
    return {
        "steps_per_s": round(
            statistics.median(n / s for n, s in zip(counts, walls, strict=True)), 1
        ),
        "pictures_per_s": round(
            statistics.median(n / s for n, s in zip(pictures, walls, strict=True)), 1
        ),
        **({"bare_step_ms": median_ms(bare)} if bare else {}),
        "looking_step_ms": median_ms([t for t, n in steps if n > 0]),
    }


def median_ms(seconds: list[float]) -> float:
    """Return the median in milliseconds."""
    return round(1e3 * statistics.median(seconds), 2)


def still(rig: str, width_px: int, height_px: int, repeats: int) -> list[Cell]:
    """Measure the wire alone, without and with pictures."""
    command = [sys.executable, "-m", "bench.twin_process", "--serve-still"]
    with spawn([[*command, rig, str(width_px), str(height_px)]], DRIVING) as (world,):
        seen = world.reset(0, scenario_of(rig, width_px, height_px))
        cells: list[Cell] = []
        for what, controls in (("without pictures", Controls()), ("with pictures", GO)):
            times = []
            for _ in range(repeats):
                start = time.perf_counter()
                shown = world.step(controls)
                times.append(time.perf_counter() - start)
            assert len(shown.views) == (len(seen.views) if controls is GO else 0)
            cells.append(
                {
                    "world": "still",
                    "rig": f"{rig} {width_px}x{height_px}",
                    "what": what,
                    "observation_bytes": len(DRIVING.write_observation(shown)),
                    "overhead_ms": median_ms(times),
                    "least_overhead_ms": round(1e3 * min(times), 2),
                }
            )
        return cells


def serve_still(rig: str, width_px: int, height_px: int) -> int:
    """Be the process of a still world."""
    world = DrivingWorld()
    seen = world.reset(1, scenario_of(rig, width_px, height_px))
    while len(seen.views) < len(load_rig(rig).cameras):  # cameras look one after the other
        more = world.step(GO)
        seen = replace(more, views=(*seen.views, *more.views))
    world.close()
    return run_server(lambda: StillWorld(seen), DRIVING)


def main() -> int:
    """Measure all, print it, and write it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=300)
    parser.add_argument("--out", type=Path, default=Path("bench/results/twin_process.json"))
    parser.add_argument("--serve-still", nargs=3, metavar=("RIG", "WIDTH", "HEIGHT"))
    options = parser.parse_args()
    if options.serve_still:
        rig, width, height = options.serve_still
        return serve_still(rig, int(width), int(height))
    cells: list[Cell] = []
    for rig, width, height in STILLS:
        cells += still(rig, width, height, options.repeats)
    for rig, width, height in RIGS:
        cells += driving(rig, width, height, options.rounds, options.steps)
    for cell in cells:
        print(json.dumps(cell))
    result = {
        "processor": platform.processor() or platform.machine(),
        "cores": os.cpu_count(),
        "load_average": [round(load, 1) for load in os.getloadavg()],
        "rounds": options.rounds,
        "steps": options.steps,
        "cells": cells,
    }
    options.out.write_text(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
