import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.twin.classes import SemanticClass
from bessemer.twin.roster import Placed, Roster, between
from bessemer.twin.scene import Actors, Body, Lamp, Mesh
from bessemer.twin.stage import Agent, AgentKind, Spot


def body(name: str, semantic: SemanticClass = SemanticClass.CAR) -> Body:
    mesh = Mesh(
        points=np.eye(3, dtype=np.float32),
        triangles=np.array([[0, 1, 2]], np.int32),
        materials=np.zeros(1, np.int32),
    )
    return Body(name=name, semantic=semantic, mesh=mesh, size_m=(4.0, 2.0, 1.5))


BODIES = (
    body("car/a"),
    body("car/b"),
    body("person/adult/0", SemanticClass.PERSON),
    body("person/adult/1", SemanticClass.PERSON),
    body("cone", SemanticClass.DEBRIS),
)
CATALOGUE = {AgentKind.CAR: ("car/a", "car/b"), AgentKind.PEDESTRIAN: ("person/adult",)}


def agent(name: str, kind: AgentKind = AgentKind.CAR, x: float = 0.0, yaw: float = 0.0) -> Agent:
    return Agent(
        agent_id=name,
        kind=kind,
        spot=Spot(x_m=x, y_m=1.0, yaw_rad=yaw),
        speed_mps=1.4,
        size_m=(4.4, 1.8, 1.5),
    )


def test_one_who_leaves_and_comes_back_is_the_same_and_nobody_else_takes_its_id() -> None:
    roster = Roster(BODIES, CATALOGUE)
    first = roster.actors([agent("a"), agent("b")], [], t_s=0.0, dark=False)
    roster.actors([agent("b"), agent("c")], [], t_s=0.1, dark=False)
    again = roster.actors([agent("c"), agent("a")], [], t_s=0.2, dark=False)
    assert first.instance.tolist() == [1, 2]
    assert again.instance.tolist() == [3, 1]
    assert again.body[1] == first.body[0]
    assert (again.tint[1] == first.tint[0]).all()


def test_looks_do_not_depend_on_who_else_is_there() -> None:
    names = [f"v{i}" for i in range(30)]
    all_of_them = Roster(BODIES, CATALOGUE).actors(
        [agent(name) for name in names], [], t_s=0.0, dark=False
    )
    alone = Roster(BODIES, CATALOGUE).actors([agent("v17")], [], t_s=0.0, dark=False)
    assert alone.body[0] == all_of_them.body[17]
    assert len(set(all_of_them.body.tolist())) == 2


def test_legs_move_as_people_walk() -> None:
    roster = Roster(BODIES, CATALOGUE)
    walker = agent("w", AgentKind.PEDESTRIAN)
    seen = {int(roster.actors([walker], [], t_s=t, dark=False).body[0]) for t in (0.0, 0.3)}
    assert seen == {2, 3}


def test_lamps_burn_in_the_dark_and_people_have_none() -> None:
    roster = Roster(BODIES, CATALOGUE)
    who = [agent("car"), agent("walker", AgentKind.PEDESTRIAN)]
    dark = roster.actors(who, [], t_s=0.0, dark=True).lamps
    assert Lamp(int(dark[0])) == Lamp.HEAD | Lamp.TAIL
    assert dark[1] == 0
    assert not roster.actors(who, [], t_s=0.0, dark=False).lamps.any()


def test_what_is_put_stands_where_it_was_put() -> None:
    cone = Placed(name="event/1", body="cone", spot=Spot(x_m=3, y_m=4, z_m=1, yaw_rad=np.pi / 2))
    actors = Roster(BODIES, CATALOGUE).actors([], [cone], t_s=0.0, dark=False)
    np.testing.assert_allclose(actors.world_from_body[0] @ [1, 0, 0, 1], [3, 5, 1, 1], atol=1e-6)


def test_a_body_that_does_not_exist_is_named_with_those_that_do() -> None:
    roster = Roster(BODIES, CATALOGUE)
    with pytest.raises(InputError, match="piano"):
        roster.actors(
            [], [Placed(name="x", body="piano", spot=Spot(x_m=0, y_m=0))], t_s=0, dark=False
        )
    with pytest.raises(InputError, match="truck"):
        Roster(BODIES, {AgentKind.TRUCK: ("truck/box",)})


@given(st.floats(-3.1, 3.1), st.floats(-1.5, 1.5), st.floats(0, 1))
def test_between_two_steps_a_car_is_on_its_way(yaw: float, turned: float, frac: float) -> None:
    roster = Roster(BODIES, CATALOGUE)
    before = roster.actors([agent("a", x=2.0, yaw=yaw)], [], t_s=0, dark=False)
    now = roster.actors(
        [agent("a", x=4.0, yaw=yaw + turned), agent("new", x=9.0)], [], t_s=0, dark=False
    )
    middle = between(before, now, frac)
    assert middle.world_from_body[0, 0, 3] == pytest.approx(2.0 + 2.0 * frac, abs=1e-5)
    heading = np.arctan2(middle.world_from_body[0, 1, 0], middle.world_from_body[0, 0, 0])
    assert np.cos(heading - yaw - turned * frac) == pytest.approx(1.0, abs=1e-5)
    assert (middle.world_from_body[1] == now.world_from_body[1]).all()


def test_between_nobody_and_somebody_is_somebody() -> None:
    now = Roster(BODIES, CATALOGUE).actors([agent("a")], [], t_s=0, dark=False)
    assert between(Actors.none(), now, 0.5) is now
