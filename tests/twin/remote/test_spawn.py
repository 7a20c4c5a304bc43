import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from bessemer.core.errors import InputError
from bessemer.core.worlds import World
from bessemer.testing.worlds import WorldConformance
from bessemer.twin.drive import Controls, Observation
from bessemer.twin.remote.client import Patience
from bessemer.twin.remote.spawn import driving_command, spawn, spawn_worlds
from bessemer.twin.remote.wire import WorldLostError
from bessemer.twin.rigs import load_rig
from bessemer.twin.scenario import Scenario
from tests.twin.toy_world import TOY, ToyScenario, ToyWorld


@pytest.fixture
def toy(repo_root: Path) -> list[str]:
    """The command of a toy's process."""
    paths = f"sys.path[:0] = [{str(repo_root)!r}, {str(repo_root / 'src')!r}]"
    run = "from tests.twin.toy_world import *; from bessemer.twin.remote.server import run_server"
    return [
        sys.executable,
        "-c",
        f"import sys; {paths}; {run}; sys.exit(run_server(ToyWorld, TOY))",
    ]


def children() -> dict[int, str]:
    """Return the processes that this one started and that are there, with their commands."""
    command = ["ps", "-A", "-o", "ppid=,pid=,command="]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        rows = [line.split(None, 2) for line in process.stdout]
    return {
        int(pid): command
        for parent, pid, command in rows
        if int(parent) == os.getpid() and int(pid) != process.pid
    }


def test_each_world_has_a_process_of_its_own_that_ends_with_the_context(toy: list[str]) -> None:
    before = children()
    with spawn([toy, toy], TOY) as worlds:
        during = children().keys() - before.keys()
        assert len(during) == 2
        for seed, world in enumerate(worlds):
            assert world.reset(seed, ToyScenario()) == ToyWorld().reset(seed, ToyScenario())
        assert worlds[0].step(1.0).values[0] == worlds[1].step(1.0).values[0] == 1.0
    assert not during & children().keys()


def test_a_process_that_dies_is_named_and_the_others_go_on(toy: list[str]) -> None:
    before = children()
    with spawn([toy], TOY) as (world,):
        world.reset(0, ToyScenario())
        (pid,) = children().keys() - before.keys()
        with spawn([toy], TOY) as (other,):
            other.reset(0, ToyScenario())
            os.kill(pid, signal.SIGKILL)
            with pytest.raises(WorldLostError, match=rf"pid {pid}\) ended by SIGKILL"):
                world.step(1.0)
            with pytest.raises(WorldLostError, match="SIGKILL"):
                world.reset(0, ToyScenario())
            assert other.step(1.0).values[0] == 1.0


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("raise SystemExit(7)", "exit status 7"),
        ("print('hello')", "exit status 0"),
        ("import time; print('hello', flush=True); time.sleep(60)", "no address, but 'hello"),
        ("import time; time.sleep(60)", "SIGKILL"),
    ],
)
def test_a_command_that_serves_nothing_is_one_clear_error(code: str, said: str) -> None:
    command, before = [sys.executable, "-c", code], children()
    with pytest.raises(WorldLostError, match=said), spawn([command], TOY, patience=BRIEF):
        raise AssertionError("it came up")
    assert children().keys() <= before.keys()


BRIEF = Patience(connect_s=1.5)


def test_a_command_that_is_not_there_is_one_clear_error() -> None:
    with pytest.raises(WorldLostError, match="cannot be started"), spawn([["/no/such"]], TOY):
        raise AssertionError("it came up")


def test_a_world_does_not_outlive_who_started_it(toy: list[str]) -> None:
    process = subprocess.Popen(toy, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write("t" * 43 + "\n")
    process.stdin.flush()
    assert json.loads(process.stdout.readline())["address"].startswith("127.0.0.1:")
    assert process.poll() is None
    process.stdin.close()
    assert process.wait(30) == 0
    process.stdout.close()


def test_by_hand_the_token_is_printed_once_and_sigterm_ends_it() -> None:
    command = [sys.executable, "-m", "bessemer.twin.remote.server", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        told = json.loads(process.stdout.readline())
        assert set(told) == {"address", "token"}
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert process.stdout.read() == ""
        assert told["token"] not in process.stderr.read()


def test_the_command_refuses_unknown_worlds_other_machines_and_half_a_certificate() -> None:
    command = [sys.executable, "-m", "bessemer.twin.remote.server"]
    for more, said in (
        (["--world", "drivin"], "Did you mean 'driving'"),
        (["--host", "0.0.0.0"], "TLS"),
        (["--key", "a.pem"], "certificate"),
    ):
        done = subprocess.run([*command, *more], capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (1, "")
        assert said in done.stderr


def test_no_world_is_none() -> None:
    with pytest.raises(InputError, match="At least one"), spawn_worlds(0):
        raise AssertionError("it came up")


@pytest.mark.slow
def test_two_driving_worlds_beside_each_other_see_what_one_here_sees() -> None:
    from bessemer.twin.world import DrivingWorld

    scenario = Scenario(network="country", rig=load_rig("surround", width_px=64, height_px=36))
    here = DrivingWorld(samples=4)
    print_of = WorldConformance[Any, Any, Observation]().fingerprint
    with spawn_worlds(2, command=driving_command(samples=4)) as worlds:
        assert [world.step_s for world in worlds] == [here.step_s] * 2
        every: tuple[World[Scenario, Controls, Observation], ...] = (here, *worlds)
        seen = [world.reset(2, scenario) for world in every]
        pictures = 0
        for k in range(5):
            assert len({print_of(observation) for observation in seen}) == 1
            pictures += len(seen[0].views)
            controls = Controls(accel_mps2=0.4, steer_rad=0.01 * k)
            seen = [world.step(controls) for world in every]
        assert pictures
    here.close()
