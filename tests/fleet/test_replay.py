"""Laws of a haul: all that was met is counted, budgets hold, nobody starves, twice is the same."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.fleet import Campaign, Hit, Orders
from bessemer.core.ids import RecordingId
from bessemer.core.records import Stretch
from bessemer.fleet.deal import DealConfig, deal
from bessemer.fleet.replay import FleetConfig, ReplayedFleet
from bessemer.fleet.spend import BELOW, CAMPAIGN_SPENT, CONTROL, NOT_DRAWN, Asked, spend_budget
from bessemer.fleet.triggers import Disagreement, LowConfidence, Novelty
from tests.fleet.worlds import CANDIDATE, RELEASED, TASK, make_recording, make_world

RECORDINGS = [make_recording(f"r{i}") for i in range(80)]
DEALS = deal(RECORDINGS, DealConfig(vehicles=3, weeks=2))
TRIGGERS = (LowConfidence(), Disagreement(), Novelty())
ORDERS = Orders(week=0, task=TASK, released=RELEASED, candidate=CANDIDATE, upload_budget=12)
DARK = Campaign(
    name="dark",
    reason="dark fails",
    slice_where="",
    proxy="signal.brightness < 0.3 && signal['Vehicle.Speed'] > 10.0",
    budget=3,
    until_week=2,
)


def make_fleet(**config: int) -> ReplayedFleet:
    return ReplayedFleet(DEALS, RECORDINGS, make_world(), FleetConfig(**config))


def nothing_known() -> np.ndarray:
    return np.zeros((0, 2), dtype=np.float32)


def test_uploads_and_kept_sum_to_met_and_yields_to_uploads() -> None:
    haul = make_fleet().drive(replace(ORDERS, campaigns=(DARK,)), TRIGGERS, nothing_known())
    assert haul.met == 40
    assert len(haul.uploads) == 12
    assert len(haul.uploads) + sum(c.count for c in haul.kept) == haul.met
    assert sum(y.uploaded for y in haul.yields) == len(haul.uploads)
    by_name = {y.trigger: y for y in haul.yields}
    assert by_name["dark"].uploaded == 3
    assert by_name["dark"].fired > 3
    assert by_name["control"].uploaded == 1
    assert all(by_name[t.name].uploaded >= 2 for t in TRIGGERS)
    assert all(u.hits and u.size_bytes == 100 for u in haul.uploads)
    assert len({u.stretch for u in haul.uploads}) == len(haul.uploads)


def test_the_same_orders_give_the_same_haul_whatever_the_batch() -> None:
    known = nothing_known()
    once = make_fleet().drive(ORDERS, TRIGGERS, known)
    assert once == make_fleet().drive(ORDERS, TRIGGERS, known)
    assert once == make_fleet(batch_frames=1).drive(ORDERS, TRIGGERS, known)


def test_where_nothing_asks_what_stays_was_not_drawn_and_is_below_no_trigger() -> None:
    haul = make_fleet().drive(replace(ORDERS, control_frac=1.0))
    assert [(c.reason, c.count) for c in haul.kept] == [(NOT_DRAWN, haul.met - 12)]
    deaf = make_fleet().drive(ORDERS, (Novelty(above=2.0),), nothing_known())
    assert [c.reason for c in deaf.kept] == [BELOW]


def test_before_the_first_release_only_control_and_novelty_bring_things_back() -> None:
    orders = Orders(week=0, task=TASK, campaigns=(DARK,), upload_budget=12)
    haul = make_fleet().drive(orders, TRIGGERS, nothing_known())
    winners = {upload.hits[0].trigger for upload in haul.uploads}
    assert winners == {"control", "novelty"}
    assert len(haul.uploads) == 12


def test_an_ended_campaign_no_longer_asks() -> None:
    orders = replace(ORDERS, week=1, campaigns=(replace(DARK, until_week=1),))
    haul = make_fleet().drive(orders, TRIGGERS)
    assert {y.trigger: y.fired for y in haul.yields}["dark"] == 0


def test_a_campaign_that_spent_its_budget_says_so() -> None:
    haul = make_fleet().drive(replace(ORDERS, campaigns=(DARK,)))
    assert {c.reason: c.count for c in haul.kept}[CAMPAIGN_SPENT] > 0


def test_control_alone_is_a_uniform_draw() -> None:
    fleet = make_fleet()
    seen: dict[RecordingId, int] = {}
    for seed in range(200):
        haul = fleet.drive(Orders(week=0, task=TASK, upload_budget=10, control_frac=1.0, seed=seed))
        assert len(haul.uploads) == 10
        for upload in haul.uploads:
            seen[upload.stretch.recording_id] = seen.get(upload.stretch.recording_id, 0) + 1
    # Each of 40 is drawn with chance 1/4: 50 of 200, standard deviation 6.
    assert len(seen) == 40
    assert min(seen.values()) > 20
    assert max(seen.values()) < 80


def test_what_fires_does_not_change_the_control_sample() -> None:
    def control(triggers: tuple[LowConfidence | Disagreement | Novelty, ...]) -> set[Stretch]:
        haul = make_fleet().drive(replace(ORDERS, control_frac=0.5), triggers, nothing_known())
        return {u.stretch for u in haul.uploads if u.hits[0].trigger == CONTROL}

    assert control(TRIGGERS) == control(())


def test_novelty_falls_once_things_are_held() -> None:
    world = make_world()
    fleet = make_fleet()
    week = [d for d in DEALS if d.week == 0]
    frames = tuple(f for d in week for f in world.frames_of(d.stretch))
    assert world.vectors_of is not None
    haul = fleet.drive(
        Orders(week=0, task=TASK, upload_budget=12), (Novelty(),), world.vectors_of(frames)
    )
    assert {y.trigger: y.fired for y in haul.yields}["novelty"] == 0


def test_a_deal_of_an_unknown_recording_is_refused() -> None:
    with pytest.raises(NotFoundError, match="recording"):
        ReplayedFleet(DEALS, RECORDINGS[:1], make_world())


def test_two_triggers_of_one_name_are_refused() -> None:
    with pytest.raises(InputError, match="share a name"):
        make_fleet().drive(ORDERS, (Novelty(), Novelty(above=0.9)))


@settings(max_examples=60)
@given(
    fired=st.lists(st.sets(st.sampled_from(["a", "b", "dark"])), max_size=40),
    budget=st.integers(0, 50),
    control_frac=st.floats(0, 1),
)
def test_spending_keeps_its_books(fired: list[set[str]], budget: int, control_frac: float) -> None:
    asked = [
        Asked(
            stretch=Stretch(recording_id=RecordingId(str(i)), start_ns=0, end_ns=1),
            hits=tuple(Hit(trigger=t, score=i % 3, reason="r") for t in sorted(names)),
        )
        for i, names in enumerate(fired)
    ]
    orders = Orders(
        week=0, task=TASK, upload_budget=budget, control_frac=control_frac, campaigns=(DARK,)
    )
    spent = spend_budget(asked, orders, ["a", "b"], campaign_frac=0.5)
    rows = [row for row, _ in spent.uploads]
    assert len(set(rows)) == len(rows) <= budget
    assert len(rows) + sum(c.count for c in spent.kept) == len(asked)
    assert sum(y.uploaded for y in spent.yields) == len(rows)
    won = {y.trigger: y.uploaded for y in spent.yields}
    assert won["dark"] <= DARK.budget
    # No trigger takes more than its turn while another still has something to give.
    exhausted = {
        name
        for name in ("a", "b")
        if all(i in rows for i, names in enumerate(fired) if name in names)
    }
    if not exhausted:
        assert abs(won["a"] - won["b"]) <= 1
