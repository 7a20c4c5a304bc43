"""What events put on the road looks out for traffic before it comes into its way."""

import numpy as np
import pytest

from bessemer.twin.events.cast import Cast
from bessemer.twin.events.catalogue import event
from bessemer.twin.events.motions import Path, follow, free_mps
from bessemer.twin.stage import AgentKind, Spot
from tests.twin.events.straight_road import StraightRoad, road


def walker(stage: StraightRoad, stops_from_s: float) -> list[float]:
    """How far across someone is, step by step, who walks 8 m at 2 m/s; who cannot stop yet."""
    cast = Cast(stage)
    path = Path.through(Spot(x_m=50.0, y_m=-6.0), Spot(x_m=50.0, y_m=2.0))
    who = cast.put(("person/adult",), path.at(0.0))
    # Whoever stands where it is troubles nobody.
    stage.stops_from_s, stage.stands_well = stops_from_s, True
    places = []
    for _ in follow(cast, who, path, 2.0):
        places.append(stage.things[who][1].y_m)
        stage.step()
    return places


def test_who_walks_waits_until_traffic_can_stop_and_then_goes() -> None:
    at_once, later = walker(road(), 0.0), walker(road(), 3.0)
    assert max(np.diff(at_once)) == pytest.approx(0.4)
    assert later[:14] == [-6.0] * 14
    assert at_once[-1] == pytest.approx(later[-1], abs=0.5)
    assert len(later) > len(at_once) + 10


def test_where_nobody_could_stop_for_it_an_event_does_not_begin() -> None:
    for name in ("debris", "double_parked_van", "wrong_way_driver"):
        stage = road(1, stops_from_s=1e9)
        assert event(name).begin(stage, event(name).draw(stage.rng)) is None
        assert stage.is_as_before()


def test_a_car_follows_who_drives_ahead_and_stops_for_who_stands() -> None:
    stage = road()
    stage.spawn(AgentKind.CAR, 60.0, speed_mps=8.0)
    cast, here = Cast(stage), Spot(x_m=20.0, y_m=0.0)
    behind_a_driver = free_mps(cast, here, 12.0)
    [driver] = stage.drivers.values()
    driver.speed_mps = 0.0
    behind_who_stands = free_mps(cast, here, 12.0)
    assert 8.0 < behind_who_stands < behind_a_driver
    assert free_mps(cast, Spot(x_m=51.0, y_m=0.0), 12.0) == pytest.approx(4.4, abs=0.5)
    assert free_mps(cast, Spot(x_m=20.0, y_m=7.0), 12.0) == float("inf")
