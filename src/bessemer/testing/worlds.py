# ruff: noqa: D102 - the name of a test is its sentence
"""What every world keeps: inherit the class, say how to make one and what to do in it, run pytest.

Example of a test module for a world of your own::

    class TestMyWorld(WorldConformance[MyScenario, float, MyObservation]):
        def make_world(self) -> World[MyScenario, float, MyObservation]:
            return MyWorld()

        def make_scenario(self) -> MyScenario:
            return MyScenario(road="straight")

        def make_controls(self, k: int) -> float:
            return 0.1 * k

        def t_ns(self, seen: MyObservation) -> int:
            return seen.t_ns
"""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from enum import Enum
from typing import Any, Generic, TypeVar

import numpy as np
import pytest

from bessemer.core.errors import BessemerError, InputError
from bessemer.core.worlds import World

ScenarioT = TypeVar("ScenarioT")
ControlsT = TypeVar("ControlsT")
ObservationT = TypeVar("ObservationT")


class WorldConformance(Generic[ScenarioT, ControlsT, ObservationT]):
    """The tests; an implementer gives a world, a scenario, controls, and says what time it is.

    Attributes:
        steps: How many steps a drive of these tests has; its scenario must last so long.
        seed_matters: Whether a scenario leaves anything open for a seed to draw.
    """

    steps: int = 4
    seed_matters: bool = True

    def make_world(self) -> World[ScenarioT, ControlsT, ObservationT]:
        """Return a world that was never reset; it is closed when a test ends."""
        raise NotImplementedError

    def make_scenario(self) -> ScenarioT:
        """Return a scenario that can be set up."""
        raise NotImplementedError

    def make_controls(self, k: int) -> ControlsT:
        """Return what to do in the step ``k``; a ``k`` of 100 or more must differ in effect."""
        raise NotImplementedError

    def t_ns(self, seen: ObservationT) -> int:
        """Return the time of an observation, since the reset."""
        raise NotImplementedError

    def make_bad_scenario(self) -> ScenarioT | None:
        """Return a scenario that cannot be set up; None if there can be none."""
        return None

    def make_bad_controls(self) -> ControlsT | None:
        """Return controls that are not finite, or refuse to; None if there can be none."""
        return None

    def fingerprint(self, seen: ObservationT) -> str:
        """Return a digest of all that an observation holds, to the bit."""
        digest = hashlib.sha256()
        for part in _parts(seen):
            digest.update(part)
        return digest.hexdigest()

    def test_it_plays_the_role(self) -> None:
        with self._world() as world:
            assert isinstance(world, World)
            assert world.step_s > 0

    def test_time_begins_at_zero_and_goes_on_by_a_step(self) -> None:
        with self._world() as world:
            times = [self.t_ns(seen) for seen in self._drive(world, 1)]
            assert times == [round(k * world.step_s * 1e9) for k in range(self.steps + 1)]

    def test_the_same_seed_gives_the_same_observations(self) -> None:
        with self._world() as world:
            first = self._prints(world, 3)
            assert self._prints(world, 3) == first
        with self._world() as other:
            assert self._prints(other, 3) == first

    def test_another_seed_gives_others(self) -> None:
        if not self.seed_matters:
            pytest.skip("this scenario leaves nothing open")
        with self._world() as world:
            assert self._prints(world, 3) != self._prints(world, 4)

    def test_what_is_done_changes_what_is_seen(self) -> None:
        with self._world() as world:
            one = self._prints(world, 3)
            other = self._prints(world, 3, first=100)
            assert one[0] == other[0]
            assert one[-1] != other[-1]

    def test_what_was_seen_stays_as_it_was(self) -> None:
        with self._world() as world:
            drive = self._drive(world, 3)
            seen = next(drive)
            before = self.fingerprint(seen)
            assert list(drive)
            world.reset(4, self.make_scenario())
            world.close()
            assert self.fingerprint(seen) == before

    def test_a_step_before_a_reset_is_an_error(self) -> None:
        with self._world() as world:
            with pytest.raises(InputError):
                world.step(self.make_controls(0))
            assert self._prints(world, 3)

    def test_closing_twice_does_nothing(self) -> None:
        with self._world() as world:
            world.close()
            world.close()
        with self._world() as world:
            world.reset(3, self.make_scenario())
            world.close()
            world.close()

    def test_a_step_after_the_end_is_an_error(self) -> None:
        with self._world() as world:
            world.reset(3, self.make_scenario())
            world.close()
            with pytest.raises(InputError):
                world.step(self.make_controls(0))

    def test_a_reset_after_the_end_begins_anew(self) -> None:
        with self._world() as world:
            first = self._prints(world, 3)
            world.close()
            assert self._prints(world, 3) == first

    def test_a_scenario_that_cannot_be_says_so_and_the_world_stays_usable(self) -> None:
        bad = self.make_bad_scenario()
        if bad is None:
            pytest.skip("every scenario can be set up")
        with self._world() as world:
            first = self._prints(world, 3)
            with pytest.raises(BessemerError) as caught:
                world.reset(3, bad)
            assert caught.value.what
            assert self._prints(world, 3) == first

    def test_controls_that_are_no_numbers_are_refused_and_the_drive_goes_on(self) -> None:
        with self._world() as world:
            world.reset(3, self.make_scenario())
            try:
                bad = self.make_bad_controls()
            except InputError:
                return  # refused where they are made
            if bad is None:
                pytest.skip("all controls can be done")
            with pytest.raises(InputError):
                world.step(bad)
            seen = world.step(self.make_controls(0))
            assert self.t_ns(seen) == round(world.step_s * 1e9)

    @contextmanager
    def _world(self) -> Iterator[World[ScenarioT, ControlsT, ObservationT]]:
        world = self.make_world()
        try:
            yield world
        finally:
            world.close()

    def _drive(
        self, world: World[ScenarioT, ControlsT, ObservationT], seed: int, first: int = 0
    ) -> Iterator[ObservationT]:
        yield world.reset(seed, self.make_scenario())
        for k in range(self.steps):
            yield world.step(self.make_controls(first + k))

    def _prints(
        self, world: World[ScenarioT, ControlsT, ObservationT], seed: int, first: int = 0
    ) -> list[str]:
        return [self.fingerprint(seen) for seen in self._drive(world, seed, first)]


def _parts(value: Any) -> Iterator[bytes]:
    """Yield all that a value holds, with its borders, types and shapes."""
    if isinstance(value, np.ndarray):
        yield f"array {value.dtype.str} {value.shape};".encode()
        yield np.ascontiguousarray(value).tobytes()
    elif is_dataclass(value):
        yield f"record {type(value).__name__};".encode()
        for field in fields(value):
            if field.compare:
                yield f"{field.name}=".encode()
                yield from _parts(getattr(value, field.name))
    elif isinstance(value, Mapping):
        yield f"map {len(value)};".encode()
        for key in sorted(value):
            yield from _parts(key)
            yield from _parts(value[key])
    elif isinstance(value, tuple | list):
        yield f"row {len(value)};".encode()
        for item in value:
            yield from _parts(item)
    elif isinstance(value, Enum):
        yield f"{type(value).__name__}.{value.name};".encode()
    elif isinstance(value, float | np.floating):
        yield f"float {float(value).hex()};".encode()
    else:
        yield f"{value!r};".encode()
