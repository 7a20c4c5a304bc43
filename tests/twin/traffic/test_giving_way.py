"""Traffic gives way to what events put on the road, and nobody drives through it."""

from dataclasses import replace

import numpy as np
import pytest

from bessemer.twin.collide import boxes_touch
from bessemer.twin.driver.chauffeur import Chauffeur
from bessemer.twin.events.catalogue import EVENTS
from bessemer.twin.events.spec import Family
from bessemer.twin.play.gallery import all_shots
from bessemer.twin.rigs import load_rig
from bessemer.twin.roads.read_net import load_network
from bessemer.twin.stage import Spot, Thing
from bessemer.twin.traffic.giving_way import CAN_BRAKE_MPS2, Mover, Strip, Things, look_ahead
from bessemer.twin.traffic.traffic import Traffic
from bessemer.twin.world import DrivingWorld

RIG = load_rig("front", width_px=16, height_px=9, rate_hz=0.2)
SHRUNK = 0.8
LASTS_S = 14.0
CARRIED_M = 0.6
SHOTS = {
    shot.event: shot
    for shot in all_shots()
    if shot.event and EVENTS[shot.event].family not in (Family.ROAD, Family.CAMERA)
}
CROWDED = {
    "turning_car": (23, 0),
    "group_crossing": (23, 7),
    "road_worker": (7,),
    "cyclist_at_night": (7,),
    "child_behind_bus": (7,),
    "debris_field": (23,),
}
"""Seeds of events that came into the way of traffic more than others."""

CASES = [(name, seed) for name, shot in SHOTS.items() for seed in CROWDED.get(name, shot.seeds[:1])]


def shrunk(size_m: tuple[float, float, float]) -> tuple[float, float]:
    return SHRUNK * size_m[0], SHRUNK * size_m[1]


def met(world: DrivingWorld) -> list[str]:
    """Return which agents stand inside of things that events put on the road."""
    things = [thing for thing in world.obstacles() if thing.spot.z_m < CARRIED_M]
    return [
        agent.agent_id
        for agent in world.traffic.agents()
        for thing in things
        if boxes_touch(thing.spot, shrunk(thing.size_m), agent.spot, shrunk(agent.size_m))
    ]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "seed"), CASES)
def test_nobody_drives_through_what_an_event_puts_there(
    world: DrivingWorld, name: str, seed: int
) -> None:
    scenario = replace(SHOTS[name].scenario(16), rig=RIG, duration_s=LASTS_S)
    seen = world.reset(seed, scenario)
    chauffeur = Chauffeur(world)
    while not seen.done:
        seen = world.step(chauffeur.drive(seen.ego))
        assert met(world) == [], seen.t_ns


def mover(speed_mps: float, left_m: float = 0.0) -> Mover:
    """A car in the middle of a long straight road to the east, at 0, 0."""
    return Mover(
        strip=Strip(np.array([[-50.0, 0.0], [500.0, 0.0]])),
        along_m=70.0,
        left_m=left_m,
        length_m=4.0,
        width_m=1.8,
        speed_mps=speed_mps,
        gap_m=1.0,
    )


def thing(
    x_m: float, y_m: float, velocity_mps: tuple[float, float] = (0.0, 0.0), side_m: float = 0.5
) -> Things:
    spot = Spot(x_m=x_m, y_m=y_m)
    return Things.of([Thing(spot=spot, size_m=(side_m, side_m, 1.0), velocity_mps=velocity_mps)])


@pytest.mark.parametrize("speed_mps", [1.0, 8.0, 14.0, 30.0])
def test_usual_braking_from_the_safe_speed_ends_before_the_thing(speed_mps: float) -> None:
    """Whoever keeps to the safe speed stands before it, and not far from it."""
    x_m, step_s, speed = 0.0, 0.1, speed_mps
    there_m = speed_mps**2 + 10.0
    for _ in range(1_000):
        asked = look_ahead(mover(speed), thing(there_m - x_m, 0.0))
        assert asked.brake_mps2[0] < CAN_BRAKE_MPS2
        speed = min(speed_mps, float(asked.safe_mps[0]))
        x_m += speed * step_s
    assert 0.5 < there_m - x_m - 2.0 - 0.25 < 2.0


def test_what_is_beside_the_way_asks_for_nothing() -> None:
    for y_m in (-4.0, 1.8, 3.0):
        asked = look_ahead(mover(10.0), thing(15.0, y_m))
        assert asked.safe_mps[0] == np.inf
        assert asked.brake_mps2[0] == 0.0


def test_who_is_about_to_step_in_is_braked_for_and_who_stays_is_not() -> None:
    steps_in = look_ahead(mover(10.0), thing(30.0, -3.0, (0.0, 1.4)))
    turns_away = look_ahead(mover(10.0), thing(30.0, -3.0, (0.0, -1.4)))
    assert steps_in.safe_mps[0] < 15.0
    assert turns_away.safe_mps[0] == np.inf


def test_who_is_across_before_one_comes_and_who_steps_in_behind_are_no_reason_to_brake() -> None:
    across = look_ahead(mover(5.0), thing(60.0, -1.5, (0.0, 3.0)))
    behind = look_ahead(mover(10.0), thing(1.0, -3.5, (0.0, 1.0)))
    assert across.safe_mps[0] == np.inf
    assert behind.safe_mps[0] == np.inf


def test_no_braking_helps_against_what_runs_into_ones_side() -> None:
    asked = look_ahead(mover(0.0), thing(0.0, -2.5, (0.0, 1.4)))
    assert asked.brake_mps2[0] == np.inf


def test_who_drives_ahead_may_be_followed_at_its_speed() -> None:
    follows = look_ahead(mover(10.0), thing(25.0, 0.0, (10.0, 0.0), side_m=2.0))
    stands = look_ahead(mover(10.0), thing(25.0, 0.0, side_m=2.0))
    comes = look_ahead(mover(10.0), thing(25.0, 0.0, (-5.0, 0.0), side_m=2.0))
    assert follows.safe_mps[0] > 10.0
    assert follows.brake_mps2[0] == 0.0
    assert 0.0 < stands.brake_mps2[0] < comes.brake_mps2[0]


def opened() -> Traffic:
    return Traffic.open(load_network("country"), seed=3, density_frac=0.2)


def test_agents_stop_for_a_thing_and_go_on_when_it_is_gone() -> None:
    """The thing stands where one of them would be 5 s later."""
    with opened() as traffic:
        name = max(traffic.agents(), key=lambda agent: agent.speed_mps).agent_id
        for _ in range(50):
            traffic.step()
        [spot] = [agent.spot for agent in traffic.agents() if agent.agent_id == name]
    wall = Thing(spot=spot, size_m=(1.0, 2.5, 2.0))
    with opened() as traffic:
        traffic.heed([wall])
        for _ in range(150):
            traffic.step()
            now = {agent.agent_id: agent for agent in traffic.agents()}
            assert not any(
                boxes_touch(spot, wall.size_m, one.spot, shrunk(one.size_m)) for one in now.values()
            )
        assert name in traffic.giving_way()
        assert now[name].speed_mps < 0.3
        traffic.heed([])
        for _ in range(60):
            traffic.step()
        [late] = [agent for agent in traffic.agents() if agent.agent_id == name]
        assert traffic.giving_way() == frozenset()
        assert late.speed_mps > 3.0
