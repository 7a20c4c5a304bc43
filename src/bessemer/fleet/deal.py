"""The world of a replayed fleet: who meets which stretch of an archive, in which week.

The early weeks miss much of the tail, as they do on the road: the further a stretch lies in the
tail, the later it tends to be met. What counts as tail is the world's doing; the caller reads it
from hidden truth, and no part of the engine ever sees it.

Cost: O(n log n) for n stretches.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bessemer.core.errors import InputError
from bessemer.core.fleet import Deal
from bessemer.core.ids import VehicleId, content_id, unit_interval
from bessemer.core.records import Recording, StreamKind, Stretch

TailOf = Callable[[Stretch], float]


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
