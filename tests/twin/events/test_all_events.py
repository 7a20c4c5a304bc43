"""Laws that every event of the catalogue keeps."""

import pytest

from bessemer.core.errors import InputError
from bessemer.twin.bodies.catalogue import names_to_put
from bessemer.twin.conditions import Conditions, Season, Weather
from bessemer.twin.events.catalogue import EVENTS, RARE_PER_CLIP, event
from bessemer.twin.events.params import Params, Range, allowed_in
from bessemer.twin.events.spec import EVERYWHERE, Running
from bessemer.twin.stage import Stage
from tests.twin.events.straight_road import BODIES, StraightRoad, road

NAMES = sorted(EVENTS)
WANTED = {
    "cut_in",
    "hard_braking",
    "jaywalker",
    "child_behind_bus",
    "cyclist_at_night",
    "motorcycle_between_lanes",
    "stopped_truck_with_overhanging_load",
    "roof_box",
    "debris",
    "animal",
    "closed_lane",
    "worn_lines",
    "missing_lines",
    "tunnel",
    "sun_glare",
    "blinded_camera",
    "emergency_vehicle",
    "wrong_way_driver",
    "brake_lights_while_accelerating",
}
TIMES = [
    Conditions(hour=hour, weather=weather, season=season)
    for hour in (2.0, 8.0, 13.0)
    for weather in Weather
    for season in (Season.SUMMER, Season.WINTER)
]


def begin(name: str, stage: StraightRoad) -> Running | None:
    return event(name).begin(stage, event(name).draw(stage.rng))


def run(running: Running, stage: StraightRoad, limit_s: float = 120.0) -> bool:
    """Step until it is over; whether it came to that."""
    while stage.t_s < limit_s:
        stage.step()
        if not running.step(stage):
            return True
    return False


def test_the_fake_is_a_stage() -> None:
    assert isinstance(road(), Stage)


def test_bodies_that_events_ask_for_exist() -> None:
    assert set(BODIES) <= set(names_to_put())


def test_there_are_all_that_were_asked_for() -> None:
    assert set(NAMES) >= WANTED
    assert len(NAMES) >= 28
    assert len({spec.description for spec in EVENTS.values()}) == len(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_a_spec_says_what_it_is(name: str) -> None:
    spec = event(name)
    assert spec.description.endswith(".")
    assert spec.surrounds
    assert set(spec.surrounds) <= set(EVERYWHERE)
    common = 1 / 300 <= spec.per_clip <= 1 / 30
    rare = 1 / 100_000 <= spec.per_clip <= 1 / 2_000 < RARE_PER_CLIP
    assert common or rare
    assert any(spec.fits(spec.surrounds[0], conditions) for conditions in TIMES)


@pytest.mark.parametrize("name", NAMES)
def test_it_begins_ends_and_leaves_nothing_behind(name: str) -> None:
    stage = road(0)
    running = begin(name, stage)
    assert running is not None
    assert not stage.is_as_before() or name == "mud_on_lens" or stage.drivers or stage.lenses
    assert run(running, stage)
    assert stage.is_as_before()
    assert running.subject().handles == ()
    assert not running.step(stage)


@pytest.mark.parametrize("speed_mps", [0.0, 33.0])
@pytest.mark.parametrize("name", NAMES)
def test_it_is_over_at_any_speed_of_the_ego(name: str, speed_mps: float) -> None:
    stage = road(3)
    stage.ego = type(stage.ego)(x_m=0.0, y_m=0.0, yaw_rad=0.0, speed_mps=speed_mps)
    running = begin(name, stage)
    assert running is None or run(running, stage)
    assert stage.is_as_before()


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("short", ["no road", "little road", "no bodies"])
def test_where_it_does_not_fit_nothing_is_left(name: str, short: str) -> None:
    stage = {
        "no road": lambda: road(end_m=3.0),
        "little road": lambda: road(end_m=60.0),
        "no bodies": lambda: road(there=(), names=()),
    }[short]()
    running = begin(name, stage)
    assert running is None or run(running, stage)
    assert stage.is_as_before()


@pytest.mark.parametrize("name", NAMES)
def test_it_fits_a_single_lane_or_says_that_it_does_not(name: str) -> None:
    stage = road(lanes=(0, 0))
    running = begin(name, stage)
    assert running is None or run(running, stage)
    assert stage.is_as_before()


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_is_the_same_event(name: str) -> None:
    first = logged(name, 5)
    assert logged(name, 5) == first != logged(name, 6)


@pytest.mark.parametrize("name", NAMES)
def test_it_can_be_stopped_half_way(name: str) -> None:
    stage = road(1)
    running = begin(name, stage)
    assert running is not None
    for _ in range(20):
        stage.step()
        running.step(stage)
    running.stop(stage)
    running.stop(stage)
    assert stage.is_as_before()


@pytest.mark.parametrize("name", NAMES)
def test_what_belongs_to_it_is_on_the_stage(name: str) -> None:
    stage = road(2)
    running = begin(name, stage)
    assert running is not None
    for _ in range(30):
        subject = running.subject()
        assert set(subject.handles) == set(stage.things)
        assert set(subject.agent_ids) <= set(stage.drivers)
        stage.step()
        running.step(stage)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_every_parameter_shows(name: str) -> None:
    """Two ends of each parameter's range give two different events."""
    spec = event(name)
    for parameter, allowed in allowed_in(spec.params).items():
        ends = (
            (allowed.low, allowed.high)
            if isinstance(allowed, Range)
            else (allowed.values[0], allowed.values[-1])
        )
        assert any(
            logged(name, seed, ((parameter, ends[0]),))
            != logged(name, seed, ((parameter, ends[1]),))
            for seed in (4, 5, 6)
        ), parameter


def logged(
    name: str, seed: int, given: tuple[tuple[str, float], ...] = ()
) -> tuple[list[tuple[object, ...]], float]:
    """What an event did, and when it was over."""
    stage = road(seed)
    running = event(name).begin(stage, event(name).draw(stage.rng, given))
    assert running is not None
    run(running, stage)
    return stage.log, stage.t_s


def test_parameters_of_another_event_are_refused() -> None:
    with pytest.raises(InputError, match="are not its parameters"):
        event("cut_in").begin(road(), Params())
