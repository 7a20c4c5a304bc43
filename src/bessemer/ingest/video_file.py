"""One video file: its packets as groups of pictures that decode alone, without encoding again."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import IO, Final, TypeAlias, cast

import av
from av.bitstream import BitStreamFilterContext
from av.container import InputContainer
from av.video.stream import VideoStream

from bessemer.core.arrivals import Rejection
from bessemer.core.errors import BessemerError
from bessemer.core.ids import StreamName
from bessemer.core.records import Attribute, Clock, Codec, Segment, Stream, StreamKind
from bessemer.edge.decode import MAX_PIXELS, VIDEO_DECODERS
from bessemer.ingest.files import RefusedError, refuse

MAX_GROUP_FRAMES: Final = 1_200
"""A longer group is encoded again: a stretch of a drive should not bring the whole drive."""

# Demuxers of files that hold their own bytes. Playlists, which name other files, are not among
# them; whatever a file calls itself, nothing but the file is opened.
_FORMATS = "mov,matroska,avi,mpegts,mpeg,mpegvideo,h264,ivf,obu,av1,webm"
_COPIED = {"h264": Codec.H264, "av1": Codec.AV1, "libdav1d": Codec.AV1}
_DURATION = re.compile(r"(\d+):(\d+):(\d+(?:\.\d+)?)")
_Packet: TypeAlias = "av.Packet[VideoStream]"
_FILTERS = {Codec.H264: "h264_mp4toannexb", Codec.AV1: None}


class LeaningError(BessemerError):
    """Groups of a video cannot be taken as they are; it has to be encoded again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A group of pictures and when it is shown; its end is where the next begins."""

    segment: Segment
    start_ns: int
    end_ns: int


class Footage:
    """A video file, open; use it in a ``with`` block.

    Args:
        path: The file.

    Raises:
        RefusedError: If it cannot be opened, has no pictures, or too large ones.
    """

    def __init__(self, path: Path) -> None:
        self._file: IO[bytes] = path.open("rb")
        try:
            options = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
            self.container = cast(InputContainer, av.open(self._file, options=options))
            best = self.container.streams.best("video")
        except (av.FFmpegError, ValueError) as error:
            self._file.close()
            raise RefusedError(
                "truncated_video", "It cannot be opened as a video.", "Copy it again."
            ) from error
        if best is None:
            self.close()
            raise RefusedError("not_a_video", "It holds no pictures.")
        self.video = cast(VideoStream, best)
        self.video.thread_count = 1
        width_px, height_px = self.video.width, self.video.height
        if not 0 < width_px * height_px <= MAX_PIXELS:
            self.close()
            raise RefusedError("absurd_size", f"It claims {width_px}x{height_px} pixels.")

    @property
    def codec(self) -> Codec | None:
        """The codec whose packets can be kept, if it is one."""
        return _COPIED.get(self.video.codec_context.name)

    @property
    def period_ns(self) -> int:
        """How long a frame lasts, by the file's own mean rate."""
        rate = self.video.average_rate or self.video.guessed_rate or Fraction(25)
        return int(Fraction(1_000_000_000) / rate)

    @property
    def said_duration_ns(self) -> int:
        """How long the header says that the pictures last; 0 where it does not say.

        Matroska says it of each stream. Of the whole file the sound may be the longest, so that
        a second is allowed for.
        """
        match = _DURATION.fullmatch(self.video.metadata.get("DURATION", ""))
        if match:
            hours, minutes, seconds = match.groups()
            return int((int(hours) * 3600 + int(minutes) * 60 + Fraction(seconds)) * 1_000_000_000)
        return max(0, (self.container.duration or 0) * 1_000 - 1_000_000_000)

    def stream(self, name: StreamName) -> Stream:
        """Return the stream of its pictures."""
        return Stream(name=name, kind=StreamKind.CAMERA, clock=Clock.MEASURED)

    def facts(self) -> tuple[Attribute, ...]:
        """Return what is left out: sound, subtitles, further cameras."""
        left = [
            stream.type for stream in self.container.streams if stream.index != self.video.index
        ]
        return (Attribute(name="left_out", value=", ".join(left)),) if left else ()

    def time_of(self, pts: int) -> int:
        """Return a presentation time in nanoseconds, on the file's own clock."""
        return int(pts * cast(Fraction, self.video.time_base) * 1_000_000_000)

    def close(self) -> None:
        """Close the file."""
        self.container.close()
        self._file.close()

    def __enter__(self) -> "Footage":
        """Return the footage."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close the file."""
        self.close()


def copy_groups(footage: Footage, where: str) -> Iterator[Group | Rejection]:
    """Yield a video's groups of pictures as they are, and those that are damaged.

    One group is held at a time.

    Args:
        footage: The video.
        where: Named in rejections.

    Yields:
        Groups, the first at 0; rejections.

    Raises:
        LeaningError: If the codec is another, or a group does not decode alone.
    """
    codec = footage.codec
    if codec is None:
        raise LeaningError(f"{footage.video.codec_context.name} is not kept as it is.")
    zero_ns: int | None = None
    before: tuple[Segment, int] | None = None
    last_ns = 0
    n_frames = 0
    for packets in _grouped(_packets(footage, codec)):
        times = sorted(footage.time_of(cast(int, packet.pts)) for packet in packets)
        zero_ns = times[0] if zero_ns is None else zero_ns
        start_ns = times[0] - zero_ns
        if len(set(times)) < len(times) or times[0] < footage.time_of(cast(int, packets[0].pts)):
            raise LeaningError("Times stand still, or a frame is shown before its key frame.")
        if before is not None:
            yield Group(segment=before[0], start_ns=before[1], end_ns=min(start_ns, last_ns))
            before = None
        data = [bytes(packet) for packet in packets]
        n_frames += len(packets)
        if any(packet.is_corrupt for packet in packets) or not _decodes_alone(codec, data):
            detail = f"{len(packets)} frames from {start_ns / 1e9:.3f} s on are damaged."
            yield refuse("damaged_video", f"{where} at {start_ns} ns", detail)
            continue
        offsets = tuple(t_ns - times[0] for t_ns in times)
        before = Segment(codec=codec, offsets_ns=offsets, packets=tuple(data)), start_ns
        last_ns = times[-1] - zero_ns + footage.period_ns
    if before is not None:
        yield Group(segment=before[0], start_ns=before[1], end_ns=last_ns)
    yield from missing_frames(footage, n_frames, last_ns, where)


def missing_frames(footage: Footage, n_frames: int, end_ns: int, where: str) -> Iterator[Rejection]:
    """Yield a rejection if a file holds less than its header says.

    A transport stream has no such header: where one was cut off cannot be seen.

    Args:
        footage: The video.
        n_frames: How many frames it held.
        end_ns: When the last of them ended.
        where: Named in the rejection.

    Yields:
        At most one rejection.
    """
    said_ns = footage.said_duration_ns
    if n_frames < footage.video.frames:
        detail = f"It says {footage.video.frames} frames and holds {n_frames}. Copy it again."
        yield refuse("truncated_video", where, detail)
    elif end_ns + footage.period_ns // 2 < said_ns:
        detail = f"It says {said_ns / 1e9:.1f} s and holds {end_ns / 1e9:.1f} s. Copy it again."
        yield refuse("truncated_video", where, detail)


def _packets(footage: Footage, codec: Codec) -> Iterator[_Packet]:
    """Yield access units, each key frame with the parameters that it needs.

    A file that ends early ends the packets; what it promised is counted elsewhere.
    """
    name = _FILTERS[codec]
    stream = footage.video
    chain = BitStreamFilterContext(name, stream) if name else None
    try:
        for packet in footage.container.demux(stream):
            if packet.size == 0:
                continue
            yield from chain.filter(packet) if chain else (packet,)
    except av.FFmpegError:
        return


def _grouped(packets: Iterator[_Packet]) -> Iterator[list[_Packet]]:
    """Yield packets from each key frame up to the next; what precedes the first is its own."""
    group: list[_Packet] = []
    for packet in packets:
        if packet.pts is None or len(group) > MAX_GROUP_FRAMES:
            raise LeaningError("A packet has no time, or a group is too long.")
        if packet.is_keyframe and group:
            yield group
            group = []
        group.append(packet)
    if group:
        yield group


def _decodes_alone(codec: Codec, data: list[bytes]) -> bool:
    """Return whether packets decode by themselves; False if they are damaged."""
    decoder = cast(av.VideoCodecContext, av.CodecContext.create(VIDEO_DECODERS[codec], "r"))
    decoder.thread_count = 1
    n_frames = 0
    try:
        for packet in (*map(av.Packet, data), None):
            for frame in decoder.decode(packet):
                if frame.is_corrupt:
                    return False
                n_frames += 1
    except av.FFmpegError:
        return False
    if n_frames != len(data):
        raise LeaningError(f"{len(data)} packets give {n_frames} frames.")
    return True
