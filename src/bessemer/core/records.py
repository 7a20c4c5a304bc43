"""Recordings, streams, segments and clips: what comes from a vehicle.

One record serves a track of crops, a dash-cam drive, six cameras of mixed rates with poses, and a
control episode, because a recording is only a set of streams, each with its own clock, and a
stream is only a row of packets. What a packet holds is the business of its codec.

All times are nanoseconds on the recording's own clock; stretches are half open, [start, end).
"""

import itertools
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from bessemer.core.errors import InputError
from bessemer.core.ids import (
    CalibrationId,
    ClipId,
    RecordingId,
    SegmentId,
    StreamName,
    bytes_id,
    content_id,
    encode,
    unit_interval,
)


class StreamKind(StrEnum):
    """What a stream says."""

    CAMERA = "camera"
    POSE = "pose"
    GNSS = "gnss"
    SIGNAL = "signal"
    TEXT = "text"
    ACTION = "action"
    REWARD = "reward"


class Codec(StrEnum):
    """How the packets of a segment are read.

    A picture codec has one packet a frame. ``H264`` and ``AV1`` have one packet an access unit,
    and a segment begins with a key frame. ``FLOAT64`` has a single packet: little-endian rows, one
    a time stamp. ``UTF8`` has one packet a message.
    """

    JPEG = "jpeg"
    PNG = "png"
    PPM = "ppm"
    H264 = "h264"
    AV1 = "av1"
    FLOAT64 = "float64"
    UTF8 = "utf8"


class Clock(StrEnum):
    """Where a stream's times come from."""

    MEASURED = "measured"
    NOMINAL = "nominal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of one recording's timeline, [start_ns, end_ns): the unit that labels speak of."""

    recording_id: RecordingId
    start_ns: int
    end_ns: int

    def __post_init__(self) -> None:
        """Check that the stretch is not empty."""
        if self.end_ns <= self.start_ns:
            raise InputError(
                f"A stretch must end after it starts, not [{self.start_ns}, {self.end_ns}).",
                where=self.recording_id,
                fix="Give it at least one nanosecond.",
            )

    def overlaps(self, other: "Stretch") -> bool:
        """Return whether both share at least one instant of the same recording."""
        return (
            self.recording_id == other.recording_id
            and self.start_ns < other.end_ns
            and other.start_ns < self.end_ns
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A version of one camera's calibration.

    Attributes:
        model: Projection model: ``pinhole``, ``brown_conrady`` or ``kannala_brandt``.
        width_px: Picture width the intrinsics speak of.
        height_px: Picture height the intrinsics speak of.
        intrinsics: Row-major 3x3 camera matrix, pixels.
        distortion: Coefficients in the order of the model; empty for ``pinhole``.
        ego_from_camera: Row-major 4x4 rigid transform, metres; camera looks along +z, x right.
    """

    model: str
    width_px: int
    height_px: int
    intrinsics: tuple[float, ...]
    distortion: tuple[float, ...] = ()
    ego_from_camera: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check the sizes of the matrices."""
        if len(self.intrinsics) != 9 or len(self.ego_from_camera) != 16:
            raise InputError(
                "A calibration has 9 intrinsics and 16 numbers of pose, "
                f"not {len(self.intrinsics)} and {len(self.ego_from_camera)}.",
                fix="Give both matrices whole, row by row.",
            )

    @property
    def calibration_id(self) -> CalibrationId:
        """The address of this calibration."""
        return CalibrationId(content_id("calibration", self))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """A named, timestamped channel of a recording.

    Attributes:
        name: Unique in the recording. Signals take their COVESA VSS name.
        kind: What it says.
        unit: Unit of the values, such as ``km/h``; empty where there is none.
        columns: Names of the values of a row, for numeric streams.
        calibration: The camera's calibration version, where it is known.
        clock: Whether times were measured, or follow from a nominal rate.
    """

    name: StreamName
    kind: StreamKind
    unit: str = ""
    columns: tuple[str, ...] = ()
    calibration: Calibration | None = None
    clock: Clock = Clock.MEASURED


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """An immutable piece of one stream, addressed by its content and stored once.

    Attributes:
        codec: How packets are read.
        offsets_ns: Time of each frame or row since the segment's first, ascending from 0.
        packets: The bytes; see :class:`Codec` for how many.
    """

    codec: Codec
    offsets_ns: tuple[int, ...]
    packets: tuple[bytes, ...]

    def __post_init__(self) -> None:
        """Check that times ascend from zero and that packets match them."""
        offsets = self.offsets_ns
        if not offsets or offsets[0] != 0:
            raise InputError("A segment's offsets start at 0.", fix="Subtract its first time.")
        if any(b <= a for a, b in itertools.pairwise(offsets)):
            raise InputError("A segment's offsets must ascend.", fix="Sort it; drop doubles.")
        expected = 1 if self.codec is Codec.FLOAT64 else len(offsets)
        if len(self.packets) != expected:
            raise InputError(
                f"A {self.codec} segment of {len(offsets)} times has {expected} packets, "
                f"not {len(self.packets)}.",
                fix="Give one packet a frame, or one packet of rows.",
            )

    @property
    def segment_id(self) -> SegmentId:
        """The address of the bytes and their relative times."""
        head = encode((self.codec, self.offsets_ns))
        return SegmentId(bytes_id("segment", (head, *self.packets)))

    @property
    def size_bytes(self) -> int:
        """Sum of the packets' sizes."""
        return sum(len(packet) for packet in self.packets)


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRef:
    """Where a segment lies in a recording: its stream and its span of time."""

    stream: StreamName
    segment_id: SegmentId
    start_ns: int
    end_ns: int
    n_frames: int
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One named fact about a recording, such as ``weather`` = ``rain``."""

    name: str
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What may be done with a recording; never a part of its address.

    Attributes:
        licence: SPDX identifier or the licence's name.
        region: ISO 3166 code of the place it was recorded, or ``unknown``.
        retention_days: How long it may be kept; 0 means without limit.
    """

    licence: str
    region: str
    retention_days: int = 0

    def __post_init__(self) -> None:
        """Check that a licence and a region are named."""
        if not self.licence or not self.region:
            raise InputError(
                "Every recording carries a licence and a region.",
                fix="Give both; write 'unknown' if you must.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recording:
    """One continuous stretch of one vehicle's streams: a drive, a track of crops, an episode.

    Attributes:
        source: Where it came from, relative to its archive: ``gtsrb/00003/00012``.
        start_ns: First instant.
        end_ns: First instant after the last frame.
        streams: Its channels.
        segments: Its pieces, ordered by stream, then time.
        attributes: Facts known on arrival, sorted by name. Never the truth of a task.
        terms: Licence, region, retention.
    """

    source: str
    start_ns: int
    end_ns: int
    streams: tuple[Stream, ...]
    segments: tuple[SegmentRef, ...]
    attributes: tuple[Attribute, ...] = ()
    terms: Terms

    def __post_init__(self) -> None:
        """Check the timeline and that segments speak of known streams."""
        names = [stream.name for stream in self.streams]
        if len(set(names)) != len(names):
            raise InputError("Two streams share a name.", where=self.source, fix="Rename one.")
        if self.end_ns <= self.start_ns or not self.segments:
            raise InputError(
                "A recording has a length and at least one segment.",
                where=self.source,
                fix="Leave empty recordings out.",
            )
        for ref in self.segments:
            if ref.stream not in names:
                raise InputError(
                    f"A segment names the stream {ref.stream!r}, which is not declared.",
                    where=self.source,
                    fix="Declare it in `streams`.",
                )
            if ref.start_ns < self.start_ns or ref.end_ns > self.end_ns:
                raise InputError(
                    "A segment reaches beyond its recording.",
                    where=f"{self.source}, {ref.stream}",
                    fix="Widen [start_ns, end_ns).",
                )

    @property
    def recording_id(self) -> RecordingId:
        """The address of source, streams, segments and span; terms and attributes left out."""
        identity = (self.source, self.start_ns, self.end_ns, self.streams, self.segments)
        return RecordingId(content_id("recording", identity))

    @property
    def stretch(self) -> Stretch:
        """The whole recording as a stretch."""
        return Stretch(recording_id=self.recording_id, start_ns=self.start_ns, end_ns=self.end_ns)


def camera_segments(recording: Recording) -> tuple[SegmentId, ...]:
    """Return the segments of a recording that hold pictures.

    Two drives may well share a segment of signals, such as ten seconds without an indicator; only
    pictures say that they are the same.

    Args:
        recording: The recording.

    Returns:
        Ids, in the recording's order.
    """
    cameras = {stream.name for stream in recording.streams if stream.kind is StreamKind.CAMERA}
    return tuple(ref.segment_id for ref in recording.segments if ref.stream in cameras)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A manifest of a stretch of a recording; overlapping clips share their segments' bytes."""

    stretch: Stretch
    segments: tuple[SegmentId, ...]

    @property
    def clip_id(self) -> ClipId:
        """The address of the manifest."""
        return ClipId(content_id("clip", self))


def cut_clip(recording: Recording, start_ns: int, end_ns: int) -> Clip:
    """Return the clip of ``recording`` that covers [start_ns, end_ns), cut to its ends.

    Args:
        recording: The recording.
        start_ns: First instant wanted.
        end_ns: First instant no longer wanted.

    Returns:
        A manifest naming every segment that overlaps the stretch.

    Raises:
        InputError: If nothing of the recording lies in the stretch.
    """
    stretch = Stretch(
        recording_id=recording.recording_id,
        start_ns=max(start_ns, recording.start_ns),
        end_ns=min(end_ns, recording.end_ns),
    )
    touched = tuple(
        ref.segment_id
        for ref in recording.segments
        if ref.start_ns < stretch.end_ns and stretch.start_ns < ref.end_ns
    )
    return Clip(stretch=stretch, segments=touched)


class Split(StrEnum):
    """Which side of the wall a recording stands on."""

    TRAIN = "train"
    TEST = "test"


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitRule:
    """How recordings are dealt to train and test on arrival, before anyone sees them.

    Attributes:
        test_frac: Share that goes to test, drawn by the recording's own address.
        salt: Draws another split.
        test_sources: Prefixes of sources that go to test whatever their address; when any is
            named, every other recording goes to train.
    """

    test_frac: float = 0.2
    salt: str = "bessemer"
    test_sources: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check the share."""
        if not 0.0 <= self.test_frac < 1.0:
            raise InputError(
                f"test_frac is a share in [0, 1), not {self.test_frac}.", where="SplitRule"
            )

    @property
    def split_id(self) -> str:
        """The address of the rule."""
        return content_id("split", self)

    def side_of(self, recording: Recording) -> Split:
        """Return the side on which ``recording`` falls."""
        if self.test_sources:
            named = recording.source.startswith(self.test_sources)
            return Split.TEST if named else Split.TRAIN
        draw = unit_interval(content_id("split", (self.salt, recording.recording_id)))
        return Split.TEST if draw < self.test_frac else Split.TRAIN


@dataclass(frozen=True, slots=True, kw_only=True)
class SplitByDay(SplitRule):
    """Deals what was recorded before a day to test, and everything later to train.

    So the exam of a fleet whose drives come in week by week is whole before the first week, and the
    same for every turn. Shares are not drawn; sources that are named still go first.

    Attributes:
        test_before: The first day (UTC) that is learnt from, such as ``2026-01-05``.
    """

    test_before: str

    def __post_init__(self) -> None:
        """Check the share and the day."""
        SplitRule.__post_init__(self)
        day_start_ns(self.test_before)

    def side_of(self, recording: Recording) -> Split:
        """Return the side on which ``recording`` falls."""
        if self.test_sources:
            return SplitRule.side_of(self, recording)
        before = recording.start_ns < day_start_ns(self.test_before)
        return Split.TEST if before else Split.TRAIN


def day_start_ns(day: str) -> int:
    """Return when a day begins, in nanoseconds since 1970, UTC.

    Args:
        day: Such as ``2026-01-05``.

    Returns:
        Its first instant.

    Raises:
        InputError: If it is no day.

    Example:
        >>> day_start_ns("1970-01-02")
        86400000000000
    """
    try:
        start = datetime.strptime(day, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError as error:
        raise InputError(
            f"{day!r} is no day.", where="day", fix="Write it as 2026-01-05."
        ) from error
    return int(start.timestamp()) * 1_000_000_000
