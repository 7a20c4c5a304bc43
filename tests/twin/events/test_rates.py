"""Events come as often as by nature, and forced ones weigh what makes means unbiased."""

from collections import Counter

import numpy as np
import pytest

from bessemer.core.errors import InputError, NotFoundError
from bessemer.twin.conditions import Conditions, Weather
from bessemer.twin.events.catalogue import (
    EVENTS,
    draw_events,
    event,
    importance_of,
    rates_per_clip,
)
from bessemer.twin.scenario import EventCall

NOON = Conditions()
NIGHT = Conditions(hour=1.0, weather=Weather.RAIN)


@pytest.mark.parametrize(("surround", "when"), [("town", NOON), ("country", NIGHT)])
def test_twenty_thousand_clips_show_the_natural_frequencies(
    surround: str, when: Conditions
) -> None:
    rng, clips, together = np.random.default_rng(0), 20_000, 40
    counts: Counter[str] = Counter()
    for _ in range(clips // together):
        calls = draw_events(rng, 10.0 * together, surround, when)
        assert list(calls) == sorted(calls, key=lambda call: call.at_s)
        assert all(0.0 <= call.at_s < 10.0 * together for call in calls)
        counts.update(call.name for call in calls)
    expected = {name: clips * rate for name, rate in rates_per_clip(surround, when).items()}
    assert set(counts) <= set(expected)
    common = [name for name, count in expected.items() if count > 20]
    chi2 = sum((counts[name] - expected[name]) ** 2 / expected[name] for name in common)
    # Its mean is their number and its variance twice that; 4 standard deviations.
    assert abs(chi2 - len(common)) < 4.0 * np.sqrt(2.0 * len(common))
    for name in set(expected) - set(common):
        assert counts[name] <= expected[name] + 5.0 * np.sqrt(expected[name]) + 3.0


def test_frequency_grows_with_scale_and_time() -> None:
    def count(time_s: float, scale: float) -> int:
        return len(draw_events(np.random.default_rng(1), time_s, "town", NOON, scale))

    once, long, often = count(20_000.0, 1.0), count(60_000.0, 1.0), count(20_000.0, 3.0)
    assert 2.5 * once < long < 3.5 * once
    assert 2.5 * once < often < 3.5 * once
    assert count(20_000.0, 0.0) == 0


def test_only_what_fits_is_drawn() -> None:
    calls = draw_events(np.random.default_rng(2), 1e5, "motorway", NOON)
    names = {call.name for call in calls}
    assert "cut_in" in names
    assert not names & {"jaywalker", "cyclist_at_night", "spray", "high_beams", "sun_glare"}
    low_sun = Conditions(hour=19.5)
    assert "sun_glare" in rates_per_clip("town", low_sun)
    assert "cyclist_at_night" in rates_per_clip("country", NIGHT)


def test_the_same_seed_is_the_same_events() -> None:
    def draw(seed: int) -> tuple[EventCall, ...]:
        return draw_events(np.random.default_rng(seed), 1_000.0, "town", NOON)

    assert draw(3) == draw(3) != draw(4)


def test_weights_make_means_unbiased() -> None:
    """Means over weighted drives with forced events are those of nature."""
    rng, drives = np.random.default_rng(5), 1_500
    forced = {"child_behind_bus": 0.4, "accident": 0.3, "jaywalker": 0.2}
    weights = np.zeros(drives)
    counts = {name: np.zeros(drives) for name in (*forced, "group_crossing")}
    for i in range(drives):
        calls = draw_events(rng, 10.0, "town", NOON, forced=forced)
        weights[i] = importance_of(calls, 10.0, "town", NOON, forced=forced)
        for call in calls:
            if call.name in counts:
                counts[call.name][i] += 1
    for values, truth in [
        (np.ones(drives), 1.0),
        *((counts[name], EVENTS[name].per_clip) for name in counts),
    ]:
        weighted = weights * values
        error = weighted.std() / np.sqrt(drives)
        assert abs(weighted.mean() - truth) < 4.0 * error, truth
    seen = weights * counts["child_behind_bus"]
    assert seen.std() / np.sqrt(drives) < 0.1 * EVENTS["child_behind_bus"].per_clip


def test_the_weight_of_one_forced_event_is_the_ratio_of_frequencies() -> None:
    spec = event("child_behind_bus")
    calls = (EventCall(name=spec.name),)
    exact = importance_of(calls, 10.0, "town", NOON, forced={spec.name: 0.01})
    assert spec.importance_of(0.01) == pytest.approx(exact, rel=0.02)
    assert spec.importance_of(spec.per_clip) == 1.0


def test_nature_weighs_one() -> None:
    calls = draw_events(np.random.default_rng(6), 1_000.0, "town", NOON)
    assert importance_of(calls, 1_000.0, "town", NOON) == pytest.approx(1.0)


def test_bad_frequencies_are_refused() -> None:
    with pytest.raises(InputError, match="above 0"):
        event("accident").importance_of(0.0)
    with pytest.raises(NotFoundError, match="accident"):
        draw_events(np.random.default_rng(0), 10.0, "town", NOON, forced={"acident": 1.0})
    with pytest.raises(InputError, match="from 0"):
        draw_events(np.random.default_rng(0), 10.0, "town", NOON, float("nan"))
    with pytest.raises(InputError, match="cannot have been drawn"):
        importance_of([EventCall(name="cut_in")], 10.0, "country", NOON)
