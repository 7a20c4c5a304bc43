"""Access units of one camera as segments: groups of pictures, each decoded once to prove it.

A group begins at a key frame with its parameter sets; a key frame without them is given the last
that the stream sent. After a gap, pictures are left out up to the next key frame.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Final, cast

import av

from bessemer.core.ids import StreamName
from bessemer.core.records import Codec, Segment
from bessemer.edge.decode import MAX_PIXELS, VIDEO_DECODERS
from bessemer.ingest.assemble import Placed, place_segment

FORMATS: Final = {"h264": Codec.H264, "av1": Codec.AV1}
"""What Foxglove calls the codecs whose packets are kept."""

_START = b"\0\0\1"
_SPS, _PPS, _IDR = 7, 8, 5
_PICTURES = range(1, 6)
_SEQUENCE_HEADER = 1
_USUAL_NS = 33_333_333
_HOLE_PERIODS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Unit:
    """One access unit and when it was logged; no data says that something is missing here."""

    t_ns: int
    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Pictures that could not be taken: why, how many, and from when."""

    reason: str
    detail: str
    count: int
    t_ns: int


def period_of(times_ns: Sequence[int]) -> int:
    """Return the median step of ascending times; a thirtieth of a second where there is none."""
    steps = sorted(b - a for a, b in itertools.pairwise(times_ns))
    return steps[len(steps) // 2] if steps else _USUAL_NS


def place_video(
    stream: StreamName, codec: Codec, units: Sequence[Unit]
) -> Iterator[Placed | Refused]:
    """Yield a camera's groups of pictures with their places, and what is left out.

    A group lasts until the next begins, unless that is long after its last picture.

    Args:
        stream: The camera's stream.
        codec: Of the units.
        units: In the order of the file.

    Yields:
        Segments with their places, or what was refused.
    """
    groups: list[list[Unit]] = []
    for item in _groups(codec, units):
        refused = item if isinstance(item, Refused) else _check(codec, item)
        if refused is not None:
            yield refused
        elif isinstance(item, list):
            groups.append(item)
    period_ns = period_of([unit.t_ns for group in groups for unit in group])
    for index, group in enumerate(groups):
        segment = Segment(
            codec=codec,
            offsets_ns=tuple(unit.t_ns - group[0].t_ns for unit in group),
            packets=tuple(unit.data for unit in group),
        )
        next_ns = groups[index + 1][0].t_ns if index + 1 < len(groups) else None
        end_ns = end_of(group[-1].t_ns, next_ns, period_ns)
        yield place_segment(stream, segment, group[0].t_ns, end_ns)


def end_of(last_ns: int, next_ns: int | None, period_ns: int) -> int:
    """Return when a segment ends whose last sample and whose follower's first are known.

    Args:
        last_ns: Time of its last sample.
        next_ns: Time of the next one's first sample, None after the last.
        period_ns: Usual step between samples.

    Returns:
        The start of the next, or a period after the last where nothing follows soon.
    """
    if next_ns is None or next_ns - last_ns > _HOLE_PERIODS * period_ns:
        return last_ns + period_ns
    return next_ns


def _groups(codec: Codec, units: Sequence[Unit]) -> Iterator[list[Unit] | Refused]:
    """Yield pictures from each key frame up to the next, and runs of those left out."""
    opener = _H264() if codec is Codec.H264 else _Av1()
    group: list[Unit] = []
    lost: Refused | None = None
    last_ns = -1
    for unit in units:
        kind, data = opener.open(unit.data)
        late = unit.t_ns > last_ns
        if kind is _Kind.NOTHING and unit.data:
            continue
        if late and (kind is _Kind.KEY or (kind is _Kind.PICTURE and group)):
            if kind is _Kind.KEY:
                yield from (found for found in (lost, group) if found)
                group, lost = [], None
            group.append(Unit(t_ns=unit.t_ns, data=data))
            last_ns = unit.t_ns
            continue
        if group:
            yield group
            group = []
        if unit.data:
            reason, detail = _why(kind, late)
            if lost is not None and lost.reason != reason:
                yield lost
                lost = None
            first = unit.t_ns if lost is None else lost.t_ns
            count = 1 if lost is None else lost.count + 1
            lost = Refused(reason=reason, detail=detail, count=count, t_ns=first)
    yield from (found for found in (lost, group) if found)


def _why(kind: "_Kind", late: bool) -> tuple[str, str]:
    """Return why a picture is left out."""
    if kind is _Kind.BROKEN:
        return "bad_packet", "A packet is no access unit of its codec; H.264 must be Annex B."
    if not late:
        return "time_stands_still", "A picture is not later than the one before."
    return "no_key_frame", "Pictures before a key frame cannot be decoded."


def _check(codec: Codec, group: Sequence[Unit]) -> Refused | None:
    """Return what is wrong with a group that does not decode alone, picture by picture."""
    decoder = cast(av.VideoCodecContext, av.CodecContext.create(VIDEO_DECODERS[codec], "r"))
    decoder.thread_count = 1
    decoder.options = {"max_pixels": str(MAX_PIXELS)}
    shown: list[int | None] = []
    detail = f"{len(group)} pictures cannot be decoded."
    try:
        for index, unit in enumerate(group):
            packet = av.Packet(unit.data)
            packet.pts = packet.dts = index
            shown += [None if f.is_corrupt else f.pts for f in decoder.decode(packet)]
        shown += [None if f.is_corrupt else f.pts for f in decoder.decode(None)]
    except av.FFmpegError as error:
        detail = f"{len(group)} pictures cannot be decoded: {error.strerror}."
    if shown == list(range(len(group))):
        return None
    reason = "damaged_video"
    if None not in shown and sorted(filter(None, shown)) != list(filter(None, shown)):
        reason = "reordered_video"
        detail = "Frames look ahead. Record without B-frames, as Foxglove's schema asks."
    return Refused(reason=reason, detail=detail, count=len(group), t_ns=group[0].t_ns)


class _Kind(Enum):
    """What a packet is."""

    KEY = "key"
    PICTURE = "picture"
    NOTHING = "nothing"
    BROKEN = "broken"


class _H264:
    """Tells key frames of H.264, and remembers the parameter sets."""

    def __init__(self) -> None:
        self._sets: dict[int, list[bytes]] = {}

    def open(self, data: bytes) -> tuple[_Kind, bytes]:
        """Return what a packet is, and its bytes with the parameter sets that it needs."""
        if not data:
            return _Kind.NOTHING, data
        lead, *parts = data.split(_START)
        if lead.strip(b"\0") or not parts or not all(parts):
            return _Kind.BROKEN, data
        kinds = [part[0] & 31 for part in parts]
        for kind in {_SPS, _PPS} & set(kinds):
            found = [part.rstrip(b"\0") for part, k in zip(parts, kinds, strict=True) if k == kind]
            self._sets[kind] = found
        if _IDR not in kinds:
            return (_Kind.PICTURE if any(k in _PICTURES for k in kinds) else _Kind.NOTHING), data
        missing = [kind for kind in (_SPS, _PPS) if kind not in kinds]
        if any(kind not in self._sets for kind in missing):
            return _Kind.PICTURE, data
        sets = [part for kind in missing for part in self._sets[kind]]
        return _Kind.KEY, b"".join(b"\0" + _START + part for part in sets) + data


class _Av1:
    """Tells key frames of AV1: they come with a sequence header, as Foxglove's schema asks."""

    def open(self, data: bytes) -> tuple[_Kind, bytes]:
        """Return what a packet is."""
        kinds = set()
        at = 0
        while at < len(data):
            head = data[at]
            kinds.add((head >> 3) & 15)
            if not head & 2:  # without a size it reaches to the end
                break
            at += 1 + ((head >> 2) & 1)
            size, shift = 0, 0
            while at < len(data) and shift < 56:
                byte = data[at]
                size |= (byte & 127) << shift
                at, shift = at + 1, shift + 7
                if not byte & 128:
                    break
            at += size
        if at > len(data):
            return _Kind.BROKEN, data
        if not kinds & {3, 6}:
            return _Kind.NOTHING, data
        return (_Kind.KEY if _SEQUENCE_HEADER in kinds else _Kind.PICTURE), data
