"""Every event begins in a real world and is seen there by one of six cameras."""

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from bessemer.twin.conditions import Conditions, Weather
from bessemer.twin.drive import Observation
from bessemer.twin.driver.chauffeur import Chauffeur
from bessemer.twin.events.catalogue import EVENTS, event
from bessemer.twin.events.spec import COUNTRY, MOTORWAY, TOWN, Family
from bessemer.twin.rigs import load_rig
from bessemer.twin.scenario import EventCall, Scenario
from bessemer.twin.world import DrivingWorld
from tests.twin.looking import at_once

RIG = at_once(load_rig("surround", width_px=64, height_px=36, rate_hz=1.0))
LIMIT_S = 15.0
SEEDS = (100, 101, 3)
ALWAYS = {"animal", "broken_down_car", "dirty_lens", "hard_braking", "worn_lines"}
"""One of each kind, tried by default; all others are slow."""

CASES = [
    name if name in ALWAYS else pytest.param(name, marks=pytest.mark.slow)
    for name in sorted(EVENTS)
]


def scenario(name: str) -> Scenario:
    """Return a drive on the smallest network that the event fits, in weather that it fits."""
    spec = event(name)
    surround = next(one for one in (COUNTRY, TOWN, MOTORWAY) if one in spec.surrounds)
    conditions = next(
        one
        for hour in (13.0, 19.0, 23.5)
        for weather in Weather
        if spec.fits(surround, one := Conditions(hour=hour, weather=weather))
    )
    return Scenario(
        network=surround,
        rig=RIG,
        conditions=conditions,
        density_frac=0.15,
        duration_s=LIMIT_S,
        events=(EventCall(name=name, at_s=0.0),),
    )


def drive(world: DrivingWorld, seed: int, what: Scenario) -> Iterator[Observation]:
    """Drive with care and yield what is seen, until the time is over."""
    seen = world.reset(seed, what)
    chauffeur = Chauffeur(world)
    yield seen
    while not seen.done:
        seen = world.step(chauffeur.drive(seen.ego))
        yield seen


def instances_of(world: DrivingWorld, seen: Observation) -> set[int]:
    """Return the instance ids of what events have on the road."""
    subjects = [subject for _, subject in world.director.subjects()]
    found = {handle for subject in subjects for handle in subject.handles}
    names = {name for subject in subjects for name in subject.agent_ids}
    places = seen.actors.world_from_body[:, :2, 3]
    for agent in world.traffic.agents():
        if agent.agent_id in names:
            away = np.linalg.norm(places - (agent.spot.x_m, agent.spot.y_m), axis=1)
            found.add(int(seen.actors.instance[away.argmin()]))
    return found


def is_seen(world: DrivingWorld, seed: int, name: str) -> bool:
    """Whether a drive shows what the event put there, or pictures that are others without it."""
    shown: dict[tuple[int, str], np.ndarray] = {}
    own_pictures = event(name).family in (Family.ROAD, Family.CAMERA)
    for seen in drive(world, seed, scenario(name)):
        ours = instances_of(world, seen)
        assert ours <= set(seen.actors.instance.tolist())
        if name not in seen.events:
            continue
        if any(np.isin(view.instance, list(ours)).sum() >= 4 for view in seen.views):
            return True
        shown = pictures(seen) or shown
        if shown and own_pictures and seen.t_ns > 2_900_000_000:
            break
    for seen in drive(world, seed, replace(scenario(name), events=())) if shown else ():
        plain = pictures(seen)
        if own_pictures and plain.keys() == shown.keys():
            return max(float(np.abs(plain[key] - shown[key]).mean()) for key in plain) > 0.1
    return False


def pictures(seen: Observation) -> dict[tuple[int, str], np.ndarray]:
    return {(view.t_ns, view.camera): view.picture.astype(float) for view in seen.views}


@pytest.mark.parametrize("name", CASES)
def test_it_begins_in_a_real_world_and_is_seen(world: DrivingWorld, name: str) -> None:
    """It need not fit wherever the ego begins."""
    assert any(is_seen(world, seed, name) for seed in SEEDS)
