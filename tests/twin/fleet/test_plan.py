"""Laws of a fleet's plan: the exam comes first, nights grow, and nobody deals the tail out."""

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import ConflictError, InputError, NotFoundError
from bessemer.twin.conditions import Season, Weather
from bessemer.twin.events.catalogue import EVENTS
from bessemer.twin.fleet.live import SimulatedFleet
from bessemer.twin.fleet.plan import FleetPlan, PlannedDrive, plan_drives
from bessemer.twin.fleet.regions import regions_on
from bessemer.twin.fleet.shipped import shipped_fleet, shipped_plan
from bessemer.twin.render.light import sun_direction
from bessemer.twin.rigs import load_rig
from bessemer.twin.roads.net_file import DATA

RIG = load_rig("front")
YEAR = FleetPlan(
    vehicles=6, hours=1200 * 5 / 3600, drive_s=5.0, rig=RIG, first_season=Season.SUMMER
)
MONTH = replace(YEAR, hours=200 * 5 / 3600)
"""As many drives as laws need that are kept by each drive."""


@pytest.fixture(scope="module")
def year() -> tuple[PlannedDrive, ...]:
    """The drives of a year, planned once for all tests that only look at them."""
    return plan_drives(YEAR)


def dark_frac(drives: list[PlannedDrive]) -> float:
    """Share of drives for which the sun has set."""
    heights = [sun_direction(drive.scenario.conditions)[2] for drive in drives]
    return float(np.mean(np.array(heights) <= 0))


@given(
    vehicles=st.integers(1, 5),
    n_drives=st.integers(1, 20),
    weeks=st.integers(1, 6),
    exam_frac=st.floats(0.0, 0.9),
    seed=st.integers(0, 5),
)
def test_the_exam_lies_before_the_weeks_and_every_drive_has_its_own_name(
    vehicles: int, n_drives: int, weeks: int, exam_frac: float, seed: int
) -> None:
    plan = FleetPlan(
        vehicles=vehicles,
        hours=n_drives * 5 / 3600,
        drive_s=5.0,
        weeks=weeks,
        rig=RIG,
        seed=seed,
        exam_frac=exam_frac,
    )
    drives = plan_drives(plan)
    assert len(drives) == len({drive.name for drive in drives}) == plan.n_drives
    exam = [drive for drive in drives if drive.week < 0]
    assert len(exam) == plan.n_exam < len(drives)
    assert tuple(exam) == drives[: plan.n_exam]
    assert all("/exam/" in drive.name for drive in exam)
    assert all(drive.week < weeks for drive in drives)
    sizes = Counter(drive.week for drive in drives if drive.week >= 0)
    assert max(sizes.values()) - min(sizes.values()) <= 1
    assert drives == plan_drives(plan)


def test_the_weeks_are_the_same_whatever_the_exam_and_the_other_way_round() -> None:
    met = [drive for drive in plan_drives(replace(MONTH, exam_frac=0.5)) if drive.week >= 0]
    half = replace(MONTH, hours=MONTH.hours / 2)
    assert tuple(met) == plan_drives(half)


def test_weeks_begin_by_day_and_each_is_darker_than_the_last() -> None:
    drives = plan_drives(replace(YEAR, weeks=3, exam_frac=0.25))
    dark = [dark_frac([d for d in drives if d.week == week]) for week in range(3)]
    assert dark[0] < 0.1 < dark[1] - 0.05 < dark[2] - 0.1
    exam = [d for d in drives if d.week < 0]
    assert dark[0] < dark_frac(exam) < dark[2]
    assert {d.scenario.conditions.season for d in exam} == set(Season)


def test_events_come_as_often_as_they_do(year: tuple[PlannedDrive, ...]) -> None:
    assert YEAR.event_scale == 1.0
    assert {drive.scenario.importance for drive in year} == {1.0}
    count = sum(len(drive.scenario.events) for drive in year)
    per_clip = sum(spec.per_clip for spec in EVENTS.values())
    assert 0 < count < 1.3 * per_clip * len(year) / 2  # a drive is half a clip


def test_a_forced_event_weighs_what_makes_its_mean_unbiased(
    year: tuple[PlannedDrive, ...],
) -> None:
    name = "wrong_way_driver"
    natural = [drive.scenario for drive in year]
    forced = plan_drives(replace(YEAR, forced=((name, 0.5),)))
    shown = [d for d in forced if any(call.name == name for call in d.scenario.events)]
    rarely = sum(any(c.name == name for c in s.events) for s in natural)
    assert len(shown) > 20 > rarely
    assert all(d.scenario.importance < 0.1 for d in shown)
    assert np.mean([d.scenario.importance for d in forced]) == pytest.approx(1.0, abs=0.1)


def test_a_network_of_ones_own_meets_what_its_surround_meets(tmp_path: Path) -> None:
    path = tmp_path / "mine.net.xml"
    path.write_bytes((DATA / "motorway.net.xml").read_bytes())
    own = plan_drives(replace(MONTH, regions=regions_on(str(path))))
    shipped = plan_drives(replace(MONTH, regions=regions_on("motorway")))
    assert {drive.scenario.network for drive in own} == {str(path)}
    assert [drive.scenario.events for drive in own] == [drive.scenario.events for drive in shipped]
    assert any(drive.scenario.events for drive in own)


def test_snow_falls_where_and_when_it_does(year: tuple[PlannedDrive, ...]) -> None:
    snowed = {
        (d.region, d.scenario.conditions.season)
        for d in year
        if d.scenario.conditions.weather is Weather.SNOW
    }
    assert ("NO", Season.WINTER) in snowed
    assert not any(region == "ES" for region, _ in snowed)


def test_a_fleet_of_no_exam_or_nothing_else_is_refused() -> None:
    with pytest.raises(InputError, match="exam_frac"):
        replace(YEAR, exam_frac=1.0)


def test_a_live_fleet_drives_the_exam_first_and_never_ahead(tmp_path: Path) -> None:
    plan = shipped_plan()
    fleet = SimulatedFleet(plan, tmp_path / "fleet")
    drives = plan_drives(plan)
    for week in range(plan.weeks):
        assert fleet.missing(week) == tuple(d for d in drives if d.week <= week)
    with pytest.raises(InputError, match="3 weeks"):
        fleet.missing(plan.weeks)


def test_what_lies_there_is_not_driven_again_and_of_one_fleet_alone() -> None:
    fleet = SimulatedFleet(shipped_plan(), shipped_fleet())
    assert fleet.missing(2) == ()
    assert fleet.drive_until(2) == shipped_fleet()
    other = SimulatedFleet(replace(shipped_plan(), seed=1), shipped_fleet())
    with pytest.raises(ConflictError, match="another fleet"):
        other.drive_until(0)


def test_a_forced_event_that_is_none_is_named_with_its_place() -> None:
    with pytest.raises(NotFoundError, match=r"'jaywalk'.*\[forced\].*'jaywalker'"):
        replace(YEAR, forced=(("jaywalk", 0.5),))
