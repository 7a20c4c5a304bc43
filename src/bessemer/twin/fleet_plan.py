"""What a simulated fleet drives: which car, where, when, in what weather, and what it meets.

A plan is drawn once from its seed and is all that a recording depends on, so that a fleet can be
recorded by several processes, in any order, and go on after a kill. Weather and hours come as
often as they do in a region; events of the tail come at their natural frequency.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from bessemer.core.errors import InputError
from bessemer.twin.conditions import Conditions, Season, Weather
from bessemer.twin.events.catalogue import draw_events, importance_of
from bessemer.twin.rig import Rig
from bessemer.twin.scenario import EventCall, Scenario

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Region:
    """Where vehicles live.

    Attributes:
        code: ISO 3166 code that recordings carry.
        latitude_deg: How far north.
        networks: Networks and how often a drive takes place there.
        weathers: Weather by season and how often.
    """

    code: str
    latitude_deg: float
    networks: tuple[tuple[str, float], ...]
    weathers: tuple[tuple[Season, tuple[tuple[Weather, float], ...]], ...]


def _weathers(
    clear: float, overcast: float, rain: float, fog: float, snow: float
) -> tuple[tuple[Weather, float], ...]:
    return (
        (Weather.CLEAR, clear),
        (Weather.OVERCAST, overcast),
        (Weather.RAIN, rain),
        (Weather.FOG, fog),
        (Weather.SNOW, snow),
    )


REGIONS: tuple[Region, ...] = (
    Region(
        code="DE",
        latitude_deg=50.0,
        networks=(("town", 0.5), ("country", 0.3), ("motorway", 0.2)),
        weathers=(
            (Season.SPRING, _weathers(0.45, 0.30, 0.20, 0.05, 0.0)),
            (Season.SUMMER, _weathers(0.60, 0.25, 0.15, 0.00, 0.0)),
            (Season.AUTUMN, _weathers(0.30, 0.35, 0.22, 0.13, 0.0)),
            (Season.WINTER, _weathers(0.25, 0.35, 0.15, 0.10, 0.15)),
        ),
    ),
    Region(
        code="ES",
        latitude_deg=40.0,
        networks=(("town", 0.6), ("country", 0.2), ("motorway", 0.2)),
        weathers=(
            (Season.SPRING, _weathers(0.65, 0.20, 0.15, 0.00, 0.0)),
            (Season.SUMMER, _weathers(0.92, 0.06, 0.02, 0.00, 0.0)),
            (Season.AUTUMN, _weathers(0.60, 0.20, 0.17, 0.03, 0.0)),
            (Season.WINTER, _weathers(0.50, 0.30, 0.15, 0.05, 0.0)),
        ),
    ),
    Region(
        code="NO",
        latitude_deg=60.0,
        networks=(("town", 0.4), ("country", 0.5), ("motorway", 0.1)),
        weathers=(
            (Season.SPRING, _weathers(0.35, 0.30, 0.20, 0.05, 0.10)),
            (Season.SUMMER, _weathers(0.45, 0.30, 0.23, 0.02, 0.0)),
            (Season.AUTUMN, _weathers(0.20, 0.33, 0.35, 0.10, 0.02)),
            (Season.WINTER, _weathers(0.20, 0.25, 0.05, 0.05, 0.45)),
        ),
    ),
)
"""Three places with other weather; shares are rough, what matters is that they differ."""

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
        hours: Hours of driving, all cars together.
        weeks: Over how many weeks; seasons pass as if they made up a year.
        drive_s: How long one drive lasts.
        rig: Each car's cameras.
        seed: Draws everything.
        event_scale: Factor on the natural frequency of events; drives carry the weight that
            makes up for it.
        regions: Where the cars live, in turn.
    """

    vehicles: int
    hours: float
    rig: Rig
    weeks: int = 4
    drive_s: float = 60.0
    seed: int = 0
    event_scale: float = 1.0
    regions: tuple[Region, ...] = REGIONS

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

    @property
    def n_drives(self) -> int:
        """How many drives that makes, at least one."""
        return max(1, round(self.hours * 3600 / self.drive_s))


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedDrive:
    """One drive of a fleet.

    Attributes:
        name: Unique in the fleet: ``vehicle-03/week-1/0007``.
        vehicle: Which car.
        week: Counts from 0.
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
        The drives; the same plan gives the same, and a longer one begins with the same drives.

    Example:
        >>> from bessemer.twin.rigs import load_rig
        >>> plan = FleetPlan(vehicles=2, hours=0.1, weeks=3, rig=load_rig("front"))
        >>> [drive.name for drive in plan_drives(plan)][:2]
        ['vehicle-00/week-0/0000', 'vehicle-00/week-0/0004']
    """
    drives = [_drive(plan, number) for number in range(plan.n_drives)]
    return tuple(sorted(drives, key=lambda drive: (drive.week, drive.name)))


def _drive(plan: FleetPlan, number: int) -> PlannedDrive:
    rng = np.random.default_rng([plan.seed, number, 0xD21])
    car = number % plan.vehicles
    week = number * plan.weeks // plan.n_drives
    region = plan.regions[car % len(plan.regions)]
    network = _draw(rng, region.networks)
    seasons = tuple(Season)
    season = seasons[week * len(seasons) // plan.weeks]
    weather = _draw(rng, dict(region.weathers)[season])
    hour = float(rng.choice(_HOURS, p=_TRAFFIC_BY_HOUR / _TRAFFIC_BY_HOUR.sum()))
    conditions = Conditions(
        hour=hour + float(rng.random()),
        weather=weather,
        intensity_frac=float(rng.beta(2, 2)),
        season=season,
        latitude_deg=region.latitude_deg,
    )
    calls: tuple[EventCall, ...] = draw_events(
        rng, plan.drive_s, network, conditions, scale=plan.event_scale
    )
    busy = float(_TRAFFIC_BY_HOUR[int(hour)] / _TRAFFIC_BY_HOUR.max())
    return PlannedDrive(
        name=f"vehicle-{car:02}/week-{week}/{number:04}",
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
            importance=importance_of(calls, plan.drive_s, network, conditions, plan.event_scale),
        ),
    )


def _draw(rng: np.random.Generator, weighted: tuple[tuple[T, float], ...]) -> T:
    shares = np.array([share for _, share in weighted])
    return weighted[int(rng.choice(len(weighted), p=shares / shares.sum()))][0]
