"""Starts processes of worlds on this machine, and ends them: one SUMO a process, as many as asked.

A process is any command that keeps three rules: the first line of its stdin is the token; it prints
one line of JSON with its ``address``; it ends when stdin closes. So a world may live in another
environment (another interpreter), a container or behind ssh, and none outlives who started it.
"""

import json
import secrets
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field

from bessemer.core.errors import InputError
from bessemer.twin.drive import Controls, Observation
from bessemer.twin.remote.client import Patience, RemoteWorld
from bessemer.twin.remote.driving import DRIVING
from bessemer.twin.remote.wire import (
    ControlsT,
    ObservationT,
    ScenarioT,
    Wire,
    WorldLostError,
)
from bessemer.twin.scenario import Scenario

_END_S = 15.0  # a step that is under way may end first


def driving_command(
    *,
    python: str = sys.executable,
    world: str = "driving",
    device: str = "cpu",
    samples: int = 1,
    step_s: float = 0.1,
) -> tuple[str, ...]:
    """Return the command that serves a driving world.

    Args:
        python: Interpreter of the environment that it runs in.
        world: The installed world; one of another package takes the same scenarios and controls.
        device: Where pictures are drawn.
        samples: Rays a pixel.
        step_s: Simulated seconds of a step.

    Returns:
        The command, to be started by :func:`spawn`.
    """
    command = (python, "-m", "bessemer.twin.remote.server", "--token-stdin", "--world", world)
    return (*command, "--device", device, "--samples", str(samples), "--step-s", str(step_s))


@contextmanager
def spawn_worlds(
    n: int, *, command: Sequence[str] | None = None, patience: Patience | None = None
) -> Iterator[tuple[RemoteWorld[Scenario, Controls, Observation], ...]]:
    """Start driving worlds, each in a process of its own.

    Args:
        n: How many.
        command: What to start; see :func:`driving_command`.
        patience: How long to wait for each.

    Yields:
        The worlds; their processes end with the context.

    Raises:
        InputError: If none is asked for.
        WorldLostError: If one does not come up.
    """
    if n < 1:
        raise InputError(f"At least one world is spawned, not {n}.", where="spawn_worlds")
    with spawn([command or driving_command()] * n, DRIVING, patience=patience) as worlds:
        yield worlds


@contextmanager
def spawn(
    commands: Sequence[Sequence[str]],
    wire: Wire[ScenarioT, ControlsT, ObservationT],
    *,
    patience: Patience | None = None,
) -> Iterator[tuple[RemoteWorld[ScenarioT, ControlsT, ObservationT], ...]]:
    """Start worlds of any kind, each in a process of its own.

    Args:
        commands: One a world.
        wire: What kind of worlds they are.
        patience: How long to wait for each.

    Yields:
        The worlds, in the order of their commands; their processes end with the context.

    Raises:
        WorldLostError: If one does not come up.
    """
    patience = Patience() if patience is None else patience
    with ExitStack() as stack:
        children = []
        for command in commands:
            children.append(_Child.start(command))
            stack.callback(children[-1].end)

        def connect(child: _Child) -> RemoteWorld[ScenarioT, ControlsT, ObservationT]:
            address = child.address(patience.connect_s)
            world = RemoteWorld(
                address, child.token, wire, patience=patience, explain_loss=child.epitaph
            )
            stack.callback(world.close)
            return world

        with ThreadPoolExecutor(max(len(children), 1)) as pool:
            worlds = tuple(pool.map(connect, children))
        yield worlds


@dataclass(frozen=True, slots=True, kw_only=True)
class _Child:
    """A process of ours.

    Attributes:
        command: What was started.
        process: The process.
        token: What its world wants to hear.
    """

    command: tuple[str, ...]
    process: "subprocess.Popen[str]"
    token: str = field(repr=False)

    @staticmethod
    def start(command: Sequence[str]) -> "_Child":
        """Start a process and hand it a token of its own."""
        try:
            process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                process_group=0,  # Ctrl-C is for us; we end it
            )
        except OSError as error:
            raise WorldLostError(
                f"The process of a world cannot be started: {error.strerror}.", where=command[0]
            ) from error
        child = _Child(command=tuple(command), process=process, token=secrets.token_urlsafe(32))
        assert process.stdin is not None
        with suppress(BrokenPipeError):  # it ended already; its address will be missed
            process.stdin.write(child.token + "\n")
            process.stdin.flush()
        return child

    def address(self, timeout_s: float) -> str:
        """Return where it serves."""
        assert self.process.stdout is not None
        timer = threading.Timer(timeout_s, self.process.kill)
        timer.start()
        try:
            line = self.process.stdout.readline()
        finally:
            timer.cancel()
        try:
            return str(json.loads(line)["address"])
        except (ValueError, KeyError, TypeError):
            why = self.epitaph() or f"The process of a world printed no address, but {line!r}."
            self.process.kill()
            raise WorldLostError(
                why, where=shlex.join(self.command), fix="Its stderr says more."
            ) from None

    def epitaph(self) -> str:
        """Return how it ended, or "" while it lives."""
        try:
            status = self.process.wait(timeout=1.0)
        except subprocess.TimeoutExpired:
            return ""
        by = f"by {signal.Signals(-status).name}" if status < 0 else f"with exit status {status}"
        return f"The process of the world (pid {self.process.pid}) ended {by}."

    def end(self) -> None:
        """End it: by the end of its stdin, else by force."""
        process = self.process
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # what was left to write has no reader
                    pipe.close()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
