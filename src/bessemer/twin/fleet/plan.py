"""What a simulated fleet drives: which car, where, when, in what weather, and what it meets.

A plan is drawn once from its seed and is all that a recording depends on, so that a fleet can be
recorded by several processes, in any order, week by week, and go on after a kill.

Weather and hours come as often as they do in a region and season, and events of the tail at their
natural frequency: nobody deals them out. A fleet that begins in summer has four drives in a hundred
in the dark; in winter, when people still drive to work and back, it has forty.

The exam of a fleet is the year before its first week: drives of their own, as many in each season,
which are whole before any week is met, and the same for every turn.
"""

from dataclasses import dataclass
from functools import cache
from typing import TypeVar

import numpy as np

from bessemer.core.errors import InputError
from bessemer.twin.conditions import Conditions, Season
from bessemer.twin.events.catalogue import draw_events, event, importance_of
from bessemer.twin.fleet.regions import REGIONS, Region
from bessemer.twin.rig import Rig
from bessemer.twin.roads.net_file import shipped_networks
from bessemer.twin.scenario import EventCall, Scenario

T = TypeVar("T")

FIRST_DAY = "2026-01-05"
"""The Monday on which week 0 begins; what was driven before is the exam."""
_SEASONS = tuple(Season)


_HOURS = tuple(range(24))
_TRAFFIC_BY_HOUR = np.array(
    [1, 1, 1, 1, 2, 4, 10, 20, 22, 18, 17, 17, 18, 18, 19, 20, 22, 23, 18, 12, 8, 6, 4, 2], float
)
"""How many drives begin in an hour, after the shape of counts on German roads: most by day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """What to record.

    Attributes:
        vehicles: How many cars.
        hours: Hours of driving, all cars and the exam together.
        weeks: Over how many weeks. Seasons pass as if they made up a year; of three weeks the last
            season is left out.
        drive_s: How long one drive lasts.
        rig: Each car's cameras.
        seed: Draws everything.
        event_scale: Factor on the natural frequency of events; drives carry the weight that
            makes up for it.
        forced: Expected counts in a clip of 10 s of single events, in place of their natural
            ones; weighed as well.
        regions: Where the cars live, in turn.
        exam_frac: Share of the drives that makes the exam.
        first_season: The season of week 0.
    """

    vehicles: int
    hours: float
    rig: Rig
    weeks: int = 4
    drive_s: float = 60.0
    seed: int = 0
    event_scale: float = 1.0
    forced: tuple[tuple[str, float], ...] = ()
    regions: tuple[Region, ...] = REGIONS
    exam_frac: float = 0.0
    first_season: Season = Season.SPRING

    def __post_init__(self) -> None:
        """Check that there is something to drive."""
        if self.vehicles < 1 or self.weeks < 1 or not self.hours > 0 or not self.drive_s > 0:
            raise InputError(
                f"A fleet has vehicles, hours, weeks and drives, not {self.vehicles}, "
                f"{self.hours}, {self.weeks} and {self.drive_s} s.",
                where="FleetPlan",
            )
        if not self.event_scale > 0 or not self.regions:
            raise InputError(
                "Events have a scale above 0, and a fleet lives somewhere.", where="FleetPlan"
            )
        if not 0.0 <= self.exam_frac < 1.0:
            raise InputError(
                f"exam_frac is a share in [0, 1), not {self.exam_frac}.", where="FleetPlan"
            )
        self._check_forced()

    def _check_forced(self) -> None:
        """Check that each event that is forced exists, once, and can happen."""
        names = [name for name, _ in self.forced]
        for name, per_clip in self.forced:
            event(name, where="forced")
            if not 0.0 < per_clip < float("inf") or names.count(name) > 1:
                raise InputError(
                    f"A forced event has one frequency, a number above 0, not {per_clip}.",
                    where=name,
                    fix="Force each event once.",
                )

    @property
    def n_drives(self) -> int:
        """How many drives that makes, at least one."""
        return max(1, round(self.hours * 3600 / self.drive_s))

    @property
    def n_exam(self) -> int:
        """How many of them make the exam."""
        return min(round(self.n_drives * self.exam_frac), self.n_drives - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDrive:
    """One drive of a fleet.

    Attributes:
        name: Unique in the fleet: ``vehicle-03/week-1/0007``, ``vehicle-03/exam/0007``.
        vehicle: Which car.
        week: Counts from 0; the exam was driven in the weeks before.
        region: Its region's code.
        seed: Of the world.
        scenario: What happens.
    """

    name: str
    vehicle: str
    week: int
    region: str
    seed: int
    scenario: Scenario


def plan_drives(plan: FleetPlan) -> tuple[PlannedDrive, ...]:
    """Return all drives of a fleet, by week, then vehicle.

    Args:
        plan: What to record.

    Returns:
        The drives, the exam first; the same plan gives the same.

    Example:
        >>> from bessemer.twin.rigs import load_rig
        >>> plan = FleetPlan(vehicles=2, hours=0.1, weeks=3, rig=load_rig("front"))
        >>> [drive.name for drive in plan_drives(plan)][:2]
        ['vehicle-00/week-0/0000', 'vehicle-01/week-0/0001']
    """
    n_met = plan.n_drives - plan.n_exam
    drives = [
        *(_met_drive(plan, number, n_met) for number in range(n_met)),
        *(_exam_drive(plan, number) for number in range(plan.n_exam)),
    ]
    return tuple(sorted(drives, key=lambda drive: (drive.week, drive.name)))


def _met_drive(plan: FleetPlan, number: int, n_met: int) -> PlannedDrive:
    """Return a drive of the weeks that the fleet meets."""
    week = number * plan.weeks // n_met
    begun = _SEASONS.index(plan.first_season)
    season = _SEASONS[(begun + week * len(_SEASONS) // plan.weeks) % len(_SEASONS)]
    rng = np.random.default_rng([plan.seed, number, 0xD21])
    return _drive(plan, rng, number, f"week-{week}", week, season)


def _exam_drive(plan: FleetPlan, number: int) -> PlannedDrive:
    """Return a drive of the year before, of which each season takes a week here."""
    quarter = number * len(_SEASONS) // plan.n_exam
    rng = np.random.default_rng([plan.seed, number, 0xE8A])
    return _drive(plan, rng, number, "exam", quarter - len(_SEASONS), _SEASONS[quarter])


def _drive(
    plan: FleetPlan, rng: np.random.Generator, number: int, when: str, week: int, season: Season
) -> PlannedDrive:
    """Return a drive, drawn."""
    car = number % plan.vehicles
    region = plan.regions[car % len(plan.regions)]
    network = _draw(rng, region.networks)
    weather = _draw(rng, dict(region.weathers)[season])
    hour = float(rng.choice(_HOURS, p=_TRAFFIC_BY_HOUR / _TRAFFIC_BY_HOUR.sum()))
    conditions = Conditions(
        hour=hour + float(rng.random()),
        weather=weather,
        intensity_frac=float(rng.beta(2, 2)),
        season=season,
        latitude_deg=region.latitude_deg,
    )
    scale, forced = plan.event_scale, dict(plan.forced)
    surround = _surround(network)
    calls: tuple[EventCall, ...] = draw_events(
        rng, plan.drive_s, surround, conditions, scale, forced
    )
    busy = float(_TRAFFIC_BY_HOUR[int(hour)] / _TRAFFIC_BY_HOUR.max())
    return PlannedDrive(
        name=f"vehicle-{car:02}/{when}/{number:04}",
        vehicle=f"vehicle-{car:02}",
        week=week,
        region=region.code,
        seed=int(rng.integers(2**31)),
        scenario=Scenario(
            network=network,
            rig=plan.rig,
            duration_s=plan.drive_s,
            conditions=conditions,
            density_frac=0.1 + 0.4 * busy,
            events=calls,
            importance=importance_of(calls, plan.drive_s, surround, conditions, scale, forced),
        ),
    )


@cache
def _surround(network: str) -> str:
    """Return what lies beside a network's roads; one that ships is named after it."""
    if network in shipped_networks():
        return network
    from bessemer.twin.roads.read_net import load_network

    return load_network(network).surround


def _draw(rng: np.random.Generator, weighted: tuple[tuple[T, float], ...]) -> T:
    shares = np.array([share for _, share in weighted])
    return weighted[int(rng.choice(len(weighted), p=shares / shares.sum()))][0]
