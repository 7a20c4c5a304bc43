"""A world of one number that grows by what is asked, behind a wire of JSON."""

import threading
from dataclasses import dataclass, field

import msgspec
import numpy as np
from jaxtyping import Float64

from bessemer.core.errors import InputError, NotFoundError
from bessemer.twin.remote.wire import Wire

STEP_S = 0.25


@dataclass(frozen=True, slots=True, kw_only=True)
class ToyScenario:
    """Where the number begins, and how far it may go."""

    start: float = 0.0
    road: str = "line"
    padding: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToySeen:
    """The number, some noise, and the thread that all happens in."""

    t_ns: int
    values: tuple[float, ...]
    thread: int = field(compare=False)

    @property
    def array(self) -> Float64[np.ndarray, " n"]:
        """The number and its noise."""
        return np.array(self.values)


class ToyWorld:
    """Keeps what a world promises; 13 breaks it, and 99 hangs it until ``release`` is set."""

    def __init__(self, release: threading.Event | None = None) -> None:
        self.closed = 0
        self.thread = threading.get_ident()
        self._release = threading.Event() if release is None else release
        self._scenario: ToyScenario | None = None
        self._rng = np.random.default_rng(0)
        self._steps, self._value = 0, 0.0

    @property
    def step_s(self) -> float:
        """Simulated seconds of a step."""
        return STEP_S

    def reset(self, seed: int, scenario: ToyScenario) -> ToySeen:
        """Begin anew."""
        if scenario.road != "line":
            raise NotFoundError.among("road", scenario.road, ["line"], where="ToyScenario")
        if not np.isfinite(scenario.start):
            raise InputError("A start is finite.", where="ToyScenario.start", fix="Take 0.")
        self._scenario, self._rng = scenario, np.random.default_rng(seed)
        self._steps, self._value = 0, scenario.start
        return self._look()

    def step(self, controls: float) -> ToySeen:
        """Add a number."""
        if self._scenario is None:
            raise InputError("The world was never reset.", where="ToyWorld", fix="Reset it.")
        if not np.isfinite(controls):
            raise InputError("Controls are finite.", where="ToyWorld")
        if controls == 13:
            raise ZeroDivisionError("thirteen")
        if controls == 99:
            self._release.wait(30)
        self._steps += 1
        self._value += controls
        return self._look()

    def close(self) -> None:
        """Forget all."""
        self.closed += 1
        self._scenario = None

    def _look(self) -> ToySeen:
        assert self._scenario is not None
        noise = self._rng.normal(size=1 + self._scenario.padding)
        return ToySeen(
            t_ns=round(self._steps * STEP_S * 1e9),
            values=(self._value, *noise.tolist()),
            thread=threading.get_ident(),
        )


def _read_scenario(data: bytes) -> ToyScenario:
    try:
        return msgspec.json.decode(data, type=ToyScenario)
    except msgspec.DecodeError as error:
        raise InputError(f"No scenario: {error}.", where="toy") from error


TOY: Wire[ToyScenario, float, ToySeen] = Wire(
    schema="toy.v1",
    write_scenario=msgspec.json.encode,
    read_scenario=_read_scenario,
    write_controls=lambda controls: np.float64(controls).tobytes(),
    read_controls=lambda data: float(np.frombuffer(data)[0]),
    write_observation=msgspec.json.encode,
    read_observation=lambda data: msgspec.json.decode(data, type=ToySeen),
)

if __name__ == "__main__":
    import sys

    from bessemer.twin.remote.server import run_server

    sys.exit(run_server(ToyWorld, TOY))
