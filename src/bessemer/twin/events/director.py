"""Lets the events of a drive happen: each at its time, or as soon after it as it fits."""

from collections.abc import Iterable
from dataclasses import dataclass

from bessemer.twin.events.cast import Subject
from bessemer.twin.events.catalogue import check_calls, event
from bessemer.twin.events.spec import Family, Running
from bessemer.twin.scenario import EventCall
from bessemer.twin.stage import Stage

RETRY_S = 0.5
_ONE_AT_A_TIME = (Family.ROAD, Family.CAMERA)


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    """An event that began.

    Attributes:
        name: Which.
        begin_s: When it began.
        end_s: When it was over; None while it is under way.
    """

    name: str
    begin_s: float
    end_s: float | None = None


class Director:
    """Begins events, steps them, and knows what belongs to each.

    An event that does not fit where the ego is (no room, the road ends) is tried again every half
    second. Two events that turn the same knob (paint, lenses) wait for each other.

    Args:
        calls: What is to happen.

    Raises:
        NotFoundError: If there is no event of a name.
        InputError: If a parameter is not allowed.
    """

    def __init__(self, calls: Iterable[EventCall]) -> None:
        given = tuple(calls)
        check_calls(given)
        self._waiting = sorted(given, key=lambda call: call.at_s)
        self._not_before_s = [call.at_s for call in self._waiting]
        self._running: list[Running] = []
        self._over: list[Happened] = []

    def step(self, stage: Stage) -> None:
        """Let one step of the world happen; call it before the traffic moves."""
        for running in tuple(self._running):
            if not running.step(stage):
                self._running.remove(running)
                self._over.append(
                    Happened(name=running.name, begin_s=running.begin_s, end_s=stage.t_s)
                )
        for i, call in reversed(tuple(enumerate(self._waiting))):
            if stage.t_s < self._not_before_s[i] or self._blocked(call.name):
                continue
            spec = event(call.name)
            begun = spec.begin(stage, spec.draw(stage.rng, call.params))
            if begun is None:
                self._not_before_s[i] = stage.t_s + RETRY_S
                continue
            self._running.append(begun)
            del self._waiting[i], self._not_before_s[i]

    def stop(self, stage: Stage) -> None:
        """End all that is under way."""
        for running in self._running:
            running.stop(stage)
            self._over.append(Happened(name=running.name, begin_s=running.begin_s, end_s=stage.t_s))
        self._running.clear()

    def under_way(self) -> tuple[str, ...]:
        """Return the names of events that are under way."""
        return tuple(running.name for running in self._running)

    def subjects(self) -> tuple[tuple[str, Subject], ...]:
        """Return what belongs to each event that is under way."""
        return tuple((running.name, running.subject()) for running in self._running)

    def happened(self) -> tuple[Happened, ...]:
        """Return all events that began, earliest first."""
        now = [Happened(name=run.name, begin_s=run.begin_s) for run in self._running]
        return tuple(sorted((*self._over, *now), key=lambda happened: happened.begin_s))

    def waiting(self) -> tuple[EventCall, ...]:
        """Return what has not begun: its time has not come, or it has not fitted since."""
        return tuple(self._waiting)

    def _blocked(self, name: str) -> bool:
        family = event(name).family
        return any(
            running.name == name
            or (family in _ONE_AT_A_TIME and event(running.name).family is family)
            for running in self._running
        )
