"""The director lets each event happen at its time, or as soon after it as it fits."""

import pytest

from bessemer.core.errors import InputError, NotFoundError
from bessemer.twin.events.catalogue import EVENTS
from bessemer.twin.events.director import Director
from bessemer.twin.scenario import EventCall
from tests.twin.events.straight_road import StraightRoad, road


def play(director: Director, stage: StraightRoad, time_s: float = 100.0) -> None:
    """Let events happen until the time is over, or nothing more can come."""
    while stage.t_s < time_s and (director.waiting() or director.under_way()):
        director.step(stage)
        stage.step()


def test_an_event_begins_at_its_time_and_ends() -> None:
    director, stage = Director([EventCall(name="jaywalker", at_s=3.0)]), road()
    seen = []
    while stage.t_s < 60.0:
        director.step(stage)
        seen.append((stage.t_s, director.under_way()))
        stage.step()
    begun = [t_s for t_s, names in seen if names == ("jaywalker",)]
    assert begun[0] == pytest.approx(3.0, abs=0.11)
    assert seen[-1][1] == ()
    (happened,) = director.happened()
    assert happened.end_s is not None
    assert happened.begin_s < happened.end_s
    assert stage.is_as_before()


def test_all_events_at_once_leave_nothing_behind() -> None:
    director, stage = Director([EventCall(name=name, at_s=0.0) for name in EVENTS]), road(1)
    play(director, stage, 400.0)
    assert director.waiting() == ()
    assert len(director.happened()) == len(EVENTS)
    assert stage.is_as_before()


def test_events_that_turn_the_same_knob_wait_for_each_other() -> None:
    director = Director([EventCall(name=name, at_s=0.0) for name in ("worn_lines", "tunnel")])
    stage = road()
    while stage.t_s < 120.0:
        director.step(stage)
        assert len(director.under_way()) <= 1
        stage.step()
    assert {happened.name for happened in director.happened()} == {"worn_lines", "tunnel"}


def test_what_never_fits_is_still_waiting() -> None:
    director = Director([EventCall(name="cut_in", at_s=0.0)])
    play(director, road(lanes=(0, 0)), 20.0)
    assert [call.name for call in director.waiting()] == ["cut_in"]
    assert director.happened() == ()


def test_what_did_not_fit_begins_once_it_does() -> None:
    director, stage = Director([EventCall(name="cut_in", at_s=0.0)]), road(lanes=(0, 0))
    play(director, stage, 5.0)
    stage.lanes = (1, 0)
    play(director, stage, 10.0)
    (happened,) = director.happened()
    assert happened.begin_s == pytest.approx(5.0, abs=0.6)


def test_stopping_takes_everything_away() -> None:
    director, stage = Director([EventCall(name=name, at_s=0.0) for name in EVENTS]), road(2)
    play(director, stage, 2.0)
    assert director.subjects()
    director.stop(stage)
    assert stage.is_as_before()
    assert director.under_way() == ()


def test_the_same_seed_is_the_same_drive() -> None:
    logs = []
    for _ in range(2):
        stage = road(3)
        calls = [EventCall(name=name, at_s=float(i)) for i, name in enumerate(sorted(EVENTS)[::2])]
        play(Director(calls), stage, 40.0)
        logs.append(stage.log)
    assert logs[0] == logs[1]


def test_bad_calls_are_refused_before_the_drive() -> None:
    with pytest.raises(NotFoundError, match="cut_in"):
        Director([EventCall(name="cut_inn")])
    with pytest.raises(InputError, match="gap_m"):
        Director([EventCall(name="cut_in", params=(("gap_m", -1.0),))])
