"""All events by name, how many of them a drive meets, and what a forced one weighs.

In a drive of T clips, events that fit come as independent Poisson processes with expected counts
n T each. Where some are forced with f T in place of n T, a drive with k of them has the likelihood
ratio (n / f)^k exp((f - n) T): its weight in any mean, which makes that mean unbiased.

Source: Owen, "Monte Carlo theory, methods and examples", 2013, chapter 9 (importance sampling).
"""

from collections.abc import Iterable, Mapping

import numpy as np

from bessemer.core.errors import InputError, NotFoundError
from bessemer.twin.conditions import Conditions
from bessemer.twin.events.camera import CAMERA
from bessemer.twin.events.people import PEOPLE
from bessemer.twin.events.road import ROAD
from bessemer.twin.events.spec import CLIP_S, EventSpec
from bessemer.twin.events.stopped import STOPPED
from bessemer.twin.events.things import THINGS
from bessemer.twin.events.vehicles import VEHICLES
from bessemer.twin.scenario import EventCall

EVENTS: dict[str, EventSpec] = {
    spec.name: spec for spec in (*VEHICLES, *STOPPED, *PEOPLE, *THINGS, *ROAD, *CAMERA)
}
"""Every event there is."""

RARE_PER_CLIP = 1 / 1_000
"""Below this frequency a small fleet does not meet an event: it is forced, and weighed."""


def event(name: str, *, where: str = "") -> EventSpec:
    """Return the event of a name.

    Args:
        name: Which.
        where: Where the name was used.

    Returns:
        The event.

    Raises:
        NotFoundError: If there is none; the message names near misses.

    Example:
        >>> event("jaywalker").description
        'Someone crosses the road where there is no crossing, close before the ego.'
    """
    if name not in EVENTS:
        raise NotFoundError.among("event", name, EVENTS, where=where)
    return EVENTS[name]


def check_calls(calls: Iterable[EventCall], *, option: str = "") -> None:
    """Raise an error for the first call of an unknown event, or with a parameter not allowed.

    Args:
        calls: As a scenario has them.
        option: The command line's option that gave them: ``--event``.

    Raises:
        NotFoundError: If there is no event or parameter of a name.
        InputError: If a parameter's value is not allowed.
    """
    for number, call in enumerate(calls, start=1):
        where = f"{option} {call.name}" if option else f"event {number} of the scenario"
        event(call.name, where=where).check(call.params)


def rates_per_clip(
    surround: str,
    conditions: Conditions,
    scale: float = 1.0,
    forced: Mapping[str, float] | None = None,
) -> dict[str, float]:
    """Return the expected count in a clip of every event that fits.

    Args:
        surround: Kind of network.
        conditions: Weather and light.
        scale: Factor on all natural frequencies.
        forced: Expected counts in place of the natural ones.

    Returns:
        Expected counts by name, in the catalogue's order.

    Raises:
        InputError: If a frequency is no finite number from 0.
        NotFoundError: If there is no event of a forced name.
    """
    forced = forced or {}
    for name, rate in (*forced.items(), ("scale", scale)):
        if name != "scale":
            event(name, where="forced frequencies")
        if not 0.0 <= rate < float("inf"):
            raise InputError(f"A frequency is a number from 0, not {rate}.", where=name)
    return {
        spec.name: forced.get(spec.name, scale * spec.per_clip)
        for spec in EVENTS.values()
        if spec.fits(surround, conditions)
    }


def draw_events(
    rng: np.random.Generator,
    duration_s: float,
    surround: str,
    conditions: Conditions,
    scale: float = 1.0,
    forced: Mapping[str, float] | None = None,
) -> tuple[EventCall, ...]:
    """Draw the events that a drive meets.

    Args:
        rng: Draws them.
        duration_s: How long the drive is.
        surround: Kind of network.
        conditions: Weather and light.
        scale: Factor on all natural frequencies.
        forced: Expected counts in a clip of 10 s in place of the natural ones, by name.

    Returns:
        The events, earliest first; their parameters are drawn when they begin.
    """
    rates = rates_per_clip(surround, conditions, scale, forced)
    counts = rng.poisson(np.array(list(rates.values())) * duration_s / CLIP_S)
    calls = [
        EventCall(name=name, at_s=float(rng.uniform(0.0, duration_s)))
        for name, count in zip(rates, counts, strict=True)
        for _ in range(int(count))
    ]
    return tuple(sorted(calls, key=lambda call: call.at_s))


def importance_of(
    calls: Iterable[EventCall],
    duration_s: float,
    surround: str,
    conditions: Conditions,
    scale: float = 1.0,
    forced: Mapping[str, float] | None = None,
) -> float:
    """Return the weight of a drive whose events were drawn with other than natural frequencies.

    Args:
        calls: What :func:`draw_events` drew, with the same arguments.
        duration_s: How long the drive is.
        surround: Kind of network.
        conditions: Weather and light.
        scale: Factor on all natural frequencies, as drawn.
        forced: Frequencies that were forced, as drawn.

    Returns:
        The likelihood ratio of nature to what was drawn from: 1 where nothing was forced.

    Raises:
        InputError: If a call could not have been drawn so.
    """
    drawn = rates_per_clip(surround, conditions, scale, forced)
    log_ratio = sum(
        (rate - EVENTS[name].per_clip) * duration_s / CLIP_S for name, rate in drawn.items()
    )
    for call in calls:
        if not drawn.get(call.name):
            raise InputError(
                "It cannot have been drawn: it does not fit, or its frequency is 0.",
                where=f"event {call.name}",
            )
        log_ratio += float(np.log(event(call.name).per_clip / drawn[call.name]))
    return float(np.exp(log_ratio))
