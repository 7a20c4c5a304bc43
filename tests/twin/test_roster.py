from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import NotFoundError
from bessemer.twin.bodies.catalogue import all_bodies
from bessemer.twin.roster import Placed, Roster, between
from bessemer.twin.scene import Actors, Lamp
from bessemer.twin.stage import Agent, AgentKind, Spot


def agent(name: str, kind: AgentKind = AgentKind.CAR, x: float = 0.0, yaw: float = 0.0) -> Agent:
    return Agent(
        agent_id=name,
        kind=kind,
        spot=Spot(x_m=x, y_m=1.0, yaw_rad=yaw),
        speed_mps=1.4,
        size_m=(4.4, 1.8, 1.5),
    )


def test_one_who_leaves_and_comes_back_is_the_same_and_nobody_else_takes_its_id() -> None:
    roster = Roster(all_bodies())
    first = roster.actors([agent("a"), agent("b")], [], dark=False)
    roster.actors([agent("b"), agent("c")], [], dark=False)
    again = roster.actors([agent("c"), agent("a")], [], dark=False)
    assert first.instance.tolist() == [1, 2]
    assert again.instance.tolist() == [3, 1]
    assert again.body[1] == first.body[0]
    assert (again.tint[1] == first.tint[0]).all()


def test_looks_do_not_depend_on_who_else_is_there() -> None:
    names = [f"v{i}" for i in range(30)]
    all_of_them = Roster(all_bodies()).actors([agent(name) for name in names], [], dark=False)
    alone = Roster(all_bodies()).actors([agent("v17")], [], dark=False)
    assert alone.body[0] == all_of_them.body[17]
    assert len(set(all_of_them.body.tolist())) > 2


def test_legs_move_as_people_walk_and_stand_as_they_wait() -> None:
    roster = Roster(all_bodies())
    walker = agent("w", AgentKind.PEDESTRIAN)
    gait = [
        int(roster.actors([replace(walker, spot=Spot(x_m=x, y_m=0))], [], dark=False).body[0])
        for x in np.arange(0, 4, 0.1)
    ]
    waiting = roster.actors([replace(walker, speed_mps=0.0)], [], dark=False).body[0]
    assert len(set(gait)) > 2
    assert all_bodies()[waiting].name.endswith("/stand")


def test_lamps_burn_in_the_dark_and_people_have_none() -> None:
    roster = Roster(all_bodies())
    who = [agent("car"), agent("walker", AgentKind.PEDESTRIAN)]
    dark = roster.actors(who, [], dark=True).lamps
    assert Lamp(int(dark[0])) == Lamp.HEAD | Lamp.TAIL
    assert dark[1] == 0
    assert not roster.actors(who, [], dark=False).lamps.any()


def test_what_was_put_shines_as_whoever_put_it_says() -> None:
    roster = Roster(all_bodies())
    for x_m, lamps in ((0.0, Lamp.NONE), (1.0, Lamp.NONE), (2.0, Lamp.TAIL)):
        car = Placed(name="p", body="car/suv", spot=Spot(x_m=x_m, y_m=0.0), lamps=lamps)
        assert Lamp(int(roster.actors([], [car], dark=True).lamps[0])) == lamps


def test_what_was_put_is_stretched_as_asked() -> None:
    wide = Placed(name="p", body="car/suv", spot=Spot(x_m=0.0, y_m=0.0), scale=(1.0, 2.0, 1.0))
    assert Roster(all_bodies()).actors([], [wide], dark=False).scale.tolist() == [[1.0, 2.0, 1.0]]


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_velocities_lead_from_one_step_to_the_next(dx: float, dy: float) -> None:
    roster = Roster(all_bodies(), step_s=0.5)
    ball = Placed(name="ball", body="cone/cone", spot=Spot(x_m=1, y_m=2))
    start = roster.actors([agent("a", yaw=np.pi / 2)], [ball], dark=False)
    np.testing.assert_allclose(start.velocity_mps, np.array([[0, 1.4, 0], [0, 0, 0]]), atol=1e-6)
    rolled = replace(ball, spot=Spot(x_m=1 + dx, y_m=2 + dy))
    gone = roster.actors([agent("a", x=dx)], [rolled], dark=False)
    moved = gone.world_from_body[:, :3, 3] - start.world_from_body[:, :3, 3]
    np.testing.assert_allclose(gone.velocity_mps * 0.5, moved, atol=1e-5)
    still = roster.actors([agent("a", x=dx)], [rolled], dark=False)
    assert not still.velocity_mps.any()


def test_what_is_put_stands_where_it_was_put() -> None:
    cone = Placed(
        name="event/1", body="cone/cone", spot=Spot(x_m=3, y_m=4, z_m=1, yaw_rad=np.pi / 2)
    )
    actors = Roster(all_bodies()).actors([], [cone], dark=False)
    np.testing.assert_allclose(actors.world_from_body[0] @ [1, 0, 0, 1], [3, 5, 1, 1], atol=1e-6)


def test_a_body_that_does_not_exist_is_named_with_those_that_do() -> None:
    piano = Placed(name="x", body="piano", spot=Spot(x_m=0, y_m=0))
    with pytest.raises(NotFoundError, match="piano"):
        Roster(all_bodies()).actors([], [piano], dark=False)


@given(st.floats(-3.1, 3.1), st.floats(-1.5, 1.5), st.floats(0, 1))
def test_between_two_steps_a_car_is_on_its_way(yaw: float, turned: float, frac: float) -> None:
    roster = Roster(all_bodies())
    before = roster.actors([agent("a", x=2.0, yaw=yaw)], [], dark=False)
    now = roster.actors([agent("a", x=4.0, yaw=yaw + turned), agent("new", x=9.0)], [], dark=False)
    middle = between(before, now, frac)
    assert middle.world_from_body[0, 0, 3] == pytest.approx(2.0 + 2.0 * frac, abs=1e-5)
    heading = np.arctan2(middle.world_from_body[0, 1, 0], middle.world_from_body[0, 0, 0])
    assert np.cos(heading - yaw - turned * frac) == pytest.approx(1.0, abs=1e-5)
    assert (middle.world_from_body[1] == now.world_from_body[1]).all()


def test_between_nobody_and_somebody_is_somebody() -> None:
    now = Roster(all_bodies()).actors([agent("a")], [], dark=False)
    assert between(Actors.none(), now, 0.5) is now
