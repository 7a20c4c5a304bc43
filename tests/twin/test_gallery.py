"""Every road, every light and every event has its picture in the docs."""

from bessemer.twin.events.catalogue import EVENTS
from bessemer.twin.gallery import LIGHTS, Group, all_shots


def test_every_event_and_every_road_in_every_light_is_shown() -> None:
    shots = all_shots()
    assert len({shot.name for shot in shots}) == len(shots)
    assert [shot.event for shot in shots if shot.group is Group.EVENTS] == list(EVENTS)
    conditions = [shot for shot in shots if shot.group is Group.CONDITIONS]
    assert len(conditions) == 3 * len(LIGHTS)
    assert {shot.network for shot in conditions} == {"town", "motorway", "country"}


def test_an_event_is_shown_where_and_when_it_fits() -> None:
    for shot in all_shots():
        if shot.event:
            assert EVENTS[shot.event].fits(shot.network, shot.conditions), shot.name
            EVENTS[shot.event].check(shot.params)
