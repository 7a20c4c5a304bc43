"""What an event is: a name, a frequency, where it fits, and a script of what happens."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TypeVar, cast

import numpy as np

from bessemer.core.errors import InputError
from bessemer.twin.conditions import Conditions, Weather
from bessemer.twin.events.cast import Cast, NoFitError, Script, Subject
from bessemer.twin.events.params import Params, check_given, draw_params
from bessemer.twin.render.light import sun_direction
from bessemer.twin.stage import Stage

CLIP_S = 10.0
"""Frequencies are expected counts in a clip of this length."""

TOWN, MOTORWAY, COUNTRY = "town", "motorway", "country"
EVERYWHERE = (TOWN, MOTORWAY, COUNTRY)

ANY_WEATHER = tuple(Weather)
WET = (Weather.RAIN, Weather.SNOW)

_PATIENCE_S = 90.0
"""An event that the ego never reaches, because it halts, is over then."""


class Family(StrEnum):
    """What an event is about."""

    VEHICLES = "vehicles"
    STOPPED = "stopped"
    PEOPLE = "people"
    THINGS = "things"
    ROAD = "road"
    CAMERA = "camera"


class Daylight(StrEnum):
    """How high the sun has to stand."""

    ANY = "any"
    DAY = "day"
    DARK = "dark"
    LOW_SUN = "low sun"

    def fits(self, conditions: Conditions) -> bool:
        """Return whether the sun stands as it has to."""
        if self is Daylight.ANY:
            return True
        height_deg = _sun_height_deg(conditions)
        return {
            Daylight.DAY: height_deg > -2.0,
            Daylight.DARK: height_deg < -4.0,
            Daylight.LOW_SUN: 0.0 < height_deg < 22.0,
        }[self]


@lru_cache(maxsize=64)
def _sun_height_deg(conditions: Conditions) -> float:
    return float(np.degrees(np.arcsin(sun_direction(conditions)[2])))


class Running:
    """An event that is under way.

    Args:
        name: Which.
        actors: What it has on the road.
        script: What is still to happen.
        begin_s: When it began.
    """

    def __init__(self, name: str, actors: Cast, script: Script, begin_s: float) -> None:
        self.name = name
        self.begin_s = begin_s
        self._cast = actors
        self._script = script

    def step(self, stage: Stage) -> bool:
        """Let one step of the world happen.

        Args:
            stage: The running world.

        Returns:
            Whether the event goes on. Once it does not, nothing of it is left on the stage.
        """
        self._cast.stage = stage
        try:
            if stage.t_s - self.begin_s < _PATIENCE_S:
                next(self._script)
                self._cast.settle()
                return True
        except (StopIteration, NoFitError):
            pass
        self.stop(stage)
        return False

    def stop(self, stage: Stage) -> None:
        """End it now, and take away what it put; ending twice does nothing."""
        self._cast.stage = stage
        self._script = iter(())
        self._cast.clean()

    def subject(self) -> Subject:
        """Return what belongs to it now."""
        return self._cast.subject


@dataclass(frozen=True, slots=True, kw_only=True)
class EventSpec:
    """One kind of event.

    Attributes:
        name: Unique.
        description: What happens, in one line.
        family: What it is about.
        per_clip: Natural frequency: expected count in a clip of 10 s where it fits.
        surrounds: Kinds of network that it fits.
        daylight: How high the sun has to stand.
        weathers: Weather that it fits.
        params: Record of its parameters.
        script: What happens; see :func:`event`.
    """

    name: str
    description: str
    family: Family
    per_clip: float
    surrounds: tuple[str, ...]
    daylight: Daylight
    weathers: tuple[Weather, ...]
    params: type[Params]
    script: Callable[[Cast, Params], Script]

    def fits(self, surround: str, conditions: Conditions) -> bool:
        """Return whether it can happen there and then."""
        return (
            surround in self.surrounds
            and conditions.weather in self.weathers
            and self.daylight.fits(conditions)
        )

    def check(self, given: Iterable[tuple[str, float]]) -> None:
        """Raise an error that says which given parameter is unknown or not allowed."""
        check_given(self.params, given, where=f"event {self.name}")

    def draw(self, rng: np.random.Generator, given: Iterable[tuple[str, float]] = ()) -> Params:
        """Return parameters: those that are given, and the others drawn."""
        return draw_params(self.params, rng, given, where=f"event {self.name}")

    def begin(self, stage: Stage, params: Params) -> Running | None:
        """Begin it.

        Args:
            stage: The running world.
            params: Its parameters; see :meth:`draw`.

        Returns:
            The event under way, or None where it does not fit: no room, the road ends.

        Raises:
            InputError: If the parameters are those of another event.
        """
        if not isinstance(params, self.params):
            raise InputError(
                f"{type(params).__name__} are not its parameters.",
                where=f"event {self.name}",
                fix=f"Give {self.params.__name__}.",
            )
        actors = Cast(stage)
        script = self.script(actors, params)
        try:
            next(script)
            actors.settle()
        except (StopIteration, NoFitError):
            actors.clean()
            return None
        return Running(self.name, actors, script, stage.t_s)

    def importance_of(self, forced_per_clip: float) -> float:
        """Return the weight of a clip that has it because it was forced so often.

        Args:
            forced_per_clip: Expected count in a clip, as forced.

        Returns:
            Natural frequency / forced frequency.

        Raises:
            InputError: If it is forced with a frequency of 0.
        """
        if not forced_per_clip > 0:
            raise InputError(
                f"A forced event has a frequency above 0, not {forced_per_clip}.",
                where=f"event {self.name}",
            )
        return self.per_clip / forced_per_clip


ParamsT = TypeVar("ParamsT", bound=Params)


def event(
    params: type[ParamsT],
    family: Family,
    per_clip: float,
    surrounds: tuple[str, ...] = EVERYWHERE,
    *,
    daylight: Daylight = Daylight.ANY,
    weathers: tuple[Weather, ...] = ANY_WEATHER,
) -> Callable[[Callable[[Cast, ParamsT], Script]], EventSpec]:
    """Make a script an event: its name is the function's, its description the docstring.

    A script puts what it needs and yields; what follows happens one step of the world later, and
    so on. One that returns before it yields does not fit here.

    Args:
        params: Record of its parameters.
        family: What it is about.
        per_clip: Natural frequency.
        surrounds: Kinds of network that it fits.
        daylight: How high the sun has to stand.
        weathers: Weather that it fits.

    Returns:
        A decorator that returns the event.
    """

    def made(script: Callable[[Cast, ParamsT], Script]) -> EventSpec:
        return EventSpec(
            name=script.__name__,
            description=(script.__doc__ or script.__name__).splitlines()[0],
            family=family,
            per_clip=per_clip,
            surrounds=surrounds,
            daylight=daylight,
            weathers=weathers,
            params=params,
            script=cast(Callable[[Cast, Params], Script], script),
        )

    return made
