"""Laws of the catalogue: names lead back, agents keep their looks, and shapes fit sizes."""

import itertools
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import NotFoundError
from bessemer.twin.bodies import (
    CATALOGUE,
    all_bodies,
    body_index,
    body_named,
    in_gait,
    names_to_put,
    pick_body,
    pick_tint,
    stretch_to,
)
from bessemer.twin.stage import AgentKind

SIZES = {
    AgentKind.CAR: (5.0, 1.8, 1.5),
    AgentKind.TRUCK: (7.1, 2.4, 2.4),
    AgentKind.BUS: (12.0, 2.5, 3.4),
    AgentKind.MOTORCYCLE: (2.2, 0.9, 1.5),
    AgentKind.BICYCLE: (1.6, 0.65, 1.7),
    AgentKind.PEDESTRIAN: (0.215, 0.478, 1.719),
    AgentKind.EMERGENCY: (6.5, 2.16, 2.86),
}
kinds = st.sampled_from(AgentKind)


def test_names_lead_back_to_their_bodies() -> None:
    assert [body_index(body.name) for body in all_bodies()] == list(range(len(all_bodies())))
    assert all_bodies() is all_bodies()


def test_a_name_that_is_none_names_the_nearest() -> None:
    with pytest.raises(NotFoundError, match="truck/semi"):
        body_index("truck/semmi")


def test_every_kind_of_traffic_has_bodies_that_can_be_put() -> None:
    assert set(CATALOGUE) == set(AgentKind)
    assert {name for names in CATALOGUE.values() for name in names} <= set(names_to_put())
    assert all(body_named(name) in all_bodies() for name in names_to_put())


@given(kind=kinds, key=st.text(max_size=12))
def test_an_agent_keeps_its_looks(kind: AgentKind, key: str) -> None:
    body = pick_body(kind, SIZES[kind], key)
    assert body in CATALOGUE[kind]
    assert body == pick_body(kind, SIZES[kind], key)
    assert pick_tint(kind, key) == pick_tint(kind, key)
    assert all(0.0 <= channel <= 1.0 for channel in pick_tint(kind, key))


@given(kind=kinds, key=st.text(max_size=12))
def test_no_agent_is_stretched_out_of_shape(kind: AgentKind, key: str) -> None:
    stretch = stretch_to(pick_body(kind, SIZES[kind], key), SIZES[kind])
    assert all(0.7 < side < 1.4 for side in stretch)


@given(
    name=st.sampled_from([name for name in names_to_put() if name.startswith(("car/", "truck/"))]),
    size=st.tuples(st.floats(3, 17), st.floats(1.5, 3), st.floats(1, 4)),
)
def test_a_stretched_vehicle_has_the_size_asked_for(
    name: str, size: tuple[float, float, float]
) -> None:
    own, stretch = body_named(name).size_m, stretch_to(name, size)
    assert [a * b for a, b in zip(own, stretch, strict=True)] == pytest.approx(size)


def test_among_pedestrians_of_one_size_children_stay_small() -> None:
    size = SIZES[AgentKind.PEDESTRIAN]
    names = {pick_body(AgentKind.PEDESTRIAN, size, str(k)) for k in range(200)}
    tall = {name: body_named(name).size_m[2] * stretch_to(name, size)[2] for name in names}
    assert tall["person/child"] < 1.3 < 1.6 < tall["person/adult"]


def test_many_agents_look_different_and_most_cars_are_pale_or_dark() -> None:
    names = Counter(pick_body(AgentKind.CAR, SIZES[AgentKind.CAR], str(k)) for k in range(400))
    assert set(names) == {"car/hatch", "car/estate", "car/saloon", "car/suv"}
    tints = Counter(pick_tint(AgentKind.CAR, str(k)) for k in range(400))
    grey = sum(n for colour, n in tints.items() if max(colour) - min(colour) < 0.05)
    assert len(tints) >= 8
    assert 0.6 < grey / 400 < 0.9


def test_a_walk_goes_through_its_phases_in_order_and_stops_standing() -> None:
    phases = [in_gait("person/adult", 0.01 * step, 1.3) for step in range(600)]
    changes = [b for a, b in itertools.pairwise(phases) if a != b]
    order = [f"person/adult/{phase}" for phase in (1, 2, 3, 0)]
    assert len(changes) > 12
    assert all(name == order[k % 4] for k, name in enumerate(changes))
    assert in_gait("person/adult/3", 1.0, 0.0) == "person/adult/stand"
    assert in_gait("car/hatch", 5.0, 9.0) == "car/hatch"
