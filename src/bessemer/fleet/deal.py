"""The world of a replayed fleet: who meets which stretch of an archive, in which week.

An archive of tracks, or of one long film, knows no vehicles and weeks, so it is dealt to some. The
early weeks miss much of the tail, as they do on the road: the further a stretch lies in the tail,
the later it tends to be met. What counts as tail is the world's doing; the caller reads it from
hidden truth, and no part of the engine ever sees it.

Drives of a fleet know who drove them and when: they are dealt as recorded, and what the early weeks
miss is what seasons and hours withheld.

Cost: O(n log n) for n stretches.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from bessemer.core.errors import InputError
from bessemer.core.fleet import Deal
from bessemer.core.ids import VehicleId, content_id, unit_interval
from bessemer.core.records import Recording, StreamKind, Stretch, day_start_ns

TailOf = Callable[[Stretch], float]

VEHICLE: Final = "vehicle"
"""The attribute of a recording that says who drove."""
_WEEK_NS: Final = 7 * 24 * 3600 * 1_000_000_000
_CALENDAR_NS: Final = day_start_ns("1990-01-01")
"""A clock that stood before this counts from its own zero and knows no week."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DealConfig:
    """How an archive is dealt.

    Attributes:
        vehicles: Number of vehicles; a recording is met by one of them.
        weeks: Number of weeks.
        stretch_s: Recordings longer than this are met piece by piece; pieces end where segments
            end and are at least this long.
        tail_frac: How far the order follows the tail: 0 is a uniform deal, 1 is strictly head
            first.
        seed: Draws another world.
    """

    vehicles: int = 8
    weeks: int = 4
    stretch_s: float = 10.0
    tail_frac: float = 0.5
    seed: int = 0

    def __post_init__(self) -> None:
        """Check ranges."""
        if self.vehicles < 1 or self.weeks < 1 or self.stretch_s <= 0:
            raise InputError(
                "There is at least one vehicle, one week, and a stretch has a length.",
                where="DealConfig",
            )
        if not 0.0 <= self.tail_frac <= 1.0:
            raise InputError(
                f"tail_frac is a share in [0, 1], not {self.tail_frac}.", where="DealConfig"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDeal(DealConfig):
    """A deal of drives that know their vehicle and their time: each is met when it was driven.

    Who drove, and what the early weeks missed, is what the recordings say; ``vehicles``,
    ``tail_frac`` and ``seed`` keep their defaults.

    Attributes:
        first_day: The day (UTC) on which week 0 begins; what was driven before is met by nobody.
    """

    first_day: str

    def __post_init__(self) -> None:
        """Check that nothing is set that recordings decide."""
        DealConfig.__post_init__(self)
        day_start_ns(self.first_day)
        usual = DealConfig()
        for name in ("vehicles", "tail_frac", "seed"):
            if getattr(self, name) != getattr(usual, name):
                raise InputError(
                    "Drives are dealt as recorded, so that who met what, and when, is not set.",
                    where=f"RecordedDeal.{name}",
                    fix='Leave it out, or deal anew: --set \'deal={"vehicles": 4, "weeks": 3}\'.',
                )

    def start_ns(self, week: int) -> int:
        """Return when a week begins."""
        return day_start_ns(self.first_day) + week * _WEEK_NS


def deal_as_recorded(recordings: Sequence[Recording], config: RecordedDeal) -> tuple[Deal, ...]:
    """Let each vehicle meet what it drove itself, in the week in which it did.

    Args:
        recordings: Drives with the attribute ``vehicle``, on a clock that knows the day.
        config: When week 0 begins, how many weeks there are, how long a stretch is.

    Returns:
        One encounter a stretch, by week, vehicle, recording and time. Other weeks' drives are left
        out. A recording that comes later moves no encounter of those that were there.

    Raises:
        InputError: If a recording does not say who drove, or when; or if none lies in the weeks.
    """
    first_ns = config.start_ns(0)
    deals = []
    for recording in recordings:
        vehicle = _driver_of(recording)
        for stretch in cut_stretches(recording, config.stretch_s):
            week = (stretch.start_ns - first_ns) // _WEEK_NS
            if 0 <= week < config.weeks:
                deals.append(Deal(vehicle=vehicle, week=week, stretch=stretch))
    if recordings and not deals:
        days = sorted(_day_of(recording.start_ns) for recording in recordings)
        raise InputError(
            f"No drive lies in the {config.weeks} weeks from {config.first_day} on; they were "
            f"driven from {days[0]} to {days[-1]}.",
            where="RecordedDeal",
            fix=f"Set deal.first_day={days[0]}, and split.test_before where the exam is older.",
        )
    deals.sort(key=lambda d: (d.week, d.vehicle, d.stretch.recording_id, d.stretch.start_ns))
    return tuple(deals)


def _driver_of(recording: Recording) -> VehicleId:
    """Return who drove a recording, having checked that it also says when."""
    vehicle = next((a.value for a in recording.attributes if a.name == VEHICLE), "")
    lacking = [
        what
        for what, there in (
            ("who drove it", bool(vehicle)),
            ("in which week", recording.start_ns >= _CALENDAR_NS),
        )
        if not there
    ]
    if lacking:
        raise InputError(
            f"The recording does not say {' nor '.join(lacking)}, so it cannot be met as recorded.",
            where=recording.source,
            fix="Record the attribute `vehicle` and times since 1970, or deal the archive to "
            "vehicles and weeks: --set 'deal={\"weeks\": 3}' --set 'split={\"test_frac\": 0.2}'.",
        )
    return VehicleId(vehicle)


def _day_of(t_ns: int) -> str:
    """Return the day of an instant, UTC."""
    return datetime.fromtimestamp(t_ns // 1_000_000_000, UTC).date().isoformat()


def deal(
    recordings: Sequence[Recording], config: DealConfig, tail_of: TailOf | None = None
) -> tuple[Deal, ...]:
    """Deal recordings to vehicles and weeks; every stretch is met exactly once.

    Args:
        recordings: What there is to meet.
        config: Vehicles, weeks, lengths.
        tail_of: How far in the tail a stretch lies, in [0, 1]; None deals uniformly.

    Returns:
        One encounter a stretch, by week, vehicle, recording and time. Weeks differ by at most one
        encounter. The order of ``recordings`` changes nothing.
    """
    drawn = []
    for recording in recordings:
        for stretch in cut_stretches(recording, config.stretch_s):
            luck = unit_interval(content_id("deal", (config.seed, stretch)))
            tail = min(max(tail_of(stretch), 0.0), 1.0) if tail_of else luck
            lateness = (1.0 - config.tail_frac) * luck + config.tail_frac * tail
            drawn.append((lateness, luck, stretch))
    drawn.sort(key=lambda row: (row[0], row[1], row[2].recording_id, row[2].start_ns))
    deals = [
        Deal(
            vehicle=_vehicle_of(stretch, config),
            week=rank * config.weeks // len(drawn),
            stretch=stretch,
        )
        for rank, (_, _, stretch) in enumerate(drawn)
    ]
    deals.sort(key=lambda d: (d.week, d.vehicle, d.stretch.recording_id, d.stretch.start_ns))
    return tuple(deals)


def cut_stretches(recording: Recording, stretch_s: float) -> tuple[Stretch, ...]:
    """Cut a recording where its first camera's segments end, into pieces of ``stretch_s`` or more.

    Args:
        recording: The recording.
        stretch_s: The least length of a piece; a shorter rest joins the piece before it.

    Returns:
        Stretches that cover the recording without gap or overlap.
    """
    recording_id = recording.recording_id
    starts = [recording.start_ns]
    for border_ns in _borders_ns(recording):
        long_enough = border_ns - starts[-1] >= stretch_s * 1e9
        if long_enough and recording.end_ns - border_ns >= stretch_s * 1e9:
            starts.append(border_ns)
    ends = [*starts[1:], recording.end_ns]
    return tuple(
        Stretch(recording_id=recording_id, start_ns=start_ns, end_ns=end_ns)
        for start_ns, end_ns in zip(starts, ends, strict=True)
    )


def _borders_ns(recording: Recording) -> Iterator[int]:
    """Yield the instants at which the first camera's segments begin, the first one left out."""
    cameras = sorted(s.name for s in recording.streams if s.kind is StreamKind.CAMERA)
    refs = [ref for ref in recording.segments if cameras and ref.stream == cameras[0]]
    for ref in refs[1:]:
        yield ref.start_ns


def _vehicle_of(stretch: Stretch, config: DealConfig) -> VehicleId:
    """Return the vehicle that meets a recording: all its stretches are of one drive."""
    draw = unit_interval(content_id("vehicle", (config.seed, stretch.recording_id)))
    width = len(str(config.vehicles - 1))
    return VehicleId(f"vehicle-{int(draw * config.vehicles):0{width}d}")
