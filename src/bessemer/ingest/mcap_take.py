"""What one MCAP file says, sorted by kind, before it becomes a recording."""

import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Final

from bessemer.core.arrivals import Rejection
from bessemer.core.errors import BessemerError
from bessemer.core.records import Codec
from bessemer.ingest.assemble import TimedPicture
from bessemer.ingest.files import RefusedError, check_picture, refuse
from bessemer.ingest.mcap_decode import (
    Lens,
    Links,
    Packet,
    SceneChange,
    Still,
    Values,
    decode_message,
    reads,
)
from bessemer.ingest.mcap_poses import FrameTree
from bessemer.ingest.mcap_records import Facts, Gap, Logged
from bessemer.ingest.mcap_video import FORMATS, Unit
from bessemer.ingest.pictures import MAX_RECORDING_BYTES

DRIVE: Final = "bessemer.drive"
"""The metadata record of a log whose truth is exact; see :mod:`bessemer.twin.drive_log.log`."""

NAMES: Final = "bessemer.Names"

_LAST_NS = (1 << 62) - 1
_TRUTH = re.compile(r"/truth/(?P<camera>.+)/(?P<what>semantic|instance|depth)")


class TooLargeError(BessemerError):
    """A recording does not fit into memory."""


@dataclass(slots=True)
class Refusals:
    """What was left out of a file: each reason and place once, with how often.

    Attributes:
        where: The file.
    """

    where: str
    _counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    _details: dict[tuple[str, str], str] = field(default_factory=dict)

    def add(self, reason: str, place: str, detail: str, count: int = 1) -> None:
        """Count something left out; the first detail of its kind is told."""
        self._counts[reason, place] += count
        self._details.setdefault((reason, place), detail)

    def rejections(self) -> list[Rejection]:
        """Return one rejection a reason and place, in the order met."""
        return [
            refuse(
                reason,
                f"{self.where}, {place}" if place else self.where,
                f"{count} times, first: {self._details[reason, place]}"
                if count > 1
                else self._details[reason, place],
            )
            for (reason, place), count in self._counts.items()
        ]


@dataclass(slots=True, kw_only=True)
class Taken:
    """What was read of one file.

    Attributes:
        signals: Topic of signals.
        boxes: Topic of true boxes.
        trusted: Whether boxes and masks count as truth although the file does not say so.
        refusals: What was left out.
        facts: What the drive's metadata record says.
        video: Access units by topic; one without data is a gap.
        codecs: Codec of each topic of video.
        stills: Pictures by topic.
        frames: Frame of each camera's topic.
        lenses: First calibration by topic.
        tree: Where frames lie.
        samples: Values of signals by name, then time.
        texts: JSON of topics of names, by time.
        scenes: Updates of true boxes, in the order of the file.
        masks: True classes by camera: time and PNG.
        classes: What their values mean, by camera.
        left_out: Topics that are understood and not kept.
    """

    signals: str
    boxes: str
    trusted: bool
    refusals: Refusals
    facts: dict[str, str] = field(default_factory=dict)
    video: defaultdict[str, list[Unit]] = field(default_factory=lambda: defaultdict(list))
    codecs: dict[str, Codec] = field(default_factory=dict)
    stills: defaultdict[str, list[TimedPicture]] = field(default_factory=lambda: defaultdict(list))
    frames: dict[str, str] = field(default_factory=dict)
    lenses: dict[str, Lens] = field(default_factory=dict)
    tree: FrameTree = field(default_factory=FrameTree)
    samples: defaultdict[str, dict[int, float]] = field(default_factory=lambda: defaultdict(dict))
    texts: defaultdict[str, dict[int, bytes]] = field(default_factory=lambda: defaultdict(dict))
    scenes: list[tuple[int, SceneChange]] = field(default_factory=list)
    masks: defaultdict[str, dict[int, bytes]] = field(default_factory=lambda: defaultdict(dict))
    classes: dict[str, tuple[str, ...]] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    _size_bytes: int = 0

    def take(self, item: Logged | Facts | Gap) -> None:
        """Sort one item of a file.

        Args:
            item: What the file says next.

        Raises:
            TooLargeError: If the recording does not fit into memory.
        """
        if isinstance(item, Gap):
            self.refusals.add(item.reason, "", item.detail)
            for units in self.video.values():
                units.append(Unit(t_ns=0, data=b""))
        elif isinstance(item, Facts):
            if item.name == DRIVE:
                self.facts = item.values
                self.trusted = True
        elif item.t_ns > _LAST_NS:
            self.refusals.add("bad_time", item.topic, f"{item.t_ns} ns lies beyond all calendars.")
        elif item.schema == NAMES:
            self.texts[item.topic][item.t_ns] = item.data
        elif not reads(item) or (item.encoding == "json" and item.topic != self.signals):
            kind = f"{item.schema or 'no schema'} in {item.encoding or 'no encoding'}"
            self.refusals.add("unread_channel", item.topic, f"Messages of {kind} are not read.")
        else:
            try:
                self._sort(item)
            except RefusedError as error:
                self.refusals.add(error.reason, item.topic, f"{error.what} {error.fix}".strip())

    def _sort(self, item: Logged) -> None:
        """Put a message where it belongs."""
        match decode_message(item):
            case Packet() as packet:
                self._take_packet(item, packet)
            case Still() as still:
                self._take_still(item, still)
            case Lens() as lens:
                if self.lenses.setdefault(item.topic, lens) != lens:
                    raise RefusedError("second_calibration", "A camera keeps its first lens.")
            case Links(links=links):
                for link in links:
                    self.tree.add(item.t_ns, link)
            case SceneChange() as change:
                if item.topic == self.boxes and self.trusted:
                    self.scenes.append((item.t_ns, change))
                else:
                    self.left_out.add(item.topic)
            case Values(numbers=numbers, others=others):
                for name, value in numbers:
                    self.samples[name][item.t_ns] = value
                for name in others:
                    self.refusals.add("not_a_number", f"{item.topic}, {name}", "It is no number.")

    def _take_packet(self, item: Logged, packet: Packet) -> None:
        if item.topic in self.stills:
            raise RefusedError("mixed_channel", "Video follows pictures that stand alone.")
        codec = FORMATS.get(packet.format)
        if codec is None or self.codecs.setdefault(item.topic, codec) is not codec:
            raise RefusedError(
                "unknown_codec",
                f"Video as {packet.format!r} is not read.",
                f"Record one of {', '.join(FORMATS)}.",
            )
        self._grow(len(packet.data))
        self.frames.setdefault(item.topic, packet.frame_id)
        if packet.data:
            self.video[item.topic].append(Unit(t_ns=item.t_ns, data=packet.data))
        else:
            raise RefusedError("bad_packet", "A message of video has no data.")

    def _take_still(self, item: Logged, still: Still) -> None:
        truth = _TRUTH.fullmatch(item.topic)
        if truth and truth["what"] == "semantic" and self.trusted:
            self._grow(len(still.data))
            self.masks[truth["camera"]][item.t_ns] = still.data
            listed = dict(item.facts).get("classes", "")
            self.classes.setdefault(truth["camera"], tuple(listed.split(",")) if listed else ())
        elif truth:
            self.left_out.add(item.topic)
        else:
            if item.topic in self.codecs:
                raise RefusedError("mixed_channel", "A picture that stands alone follows video.")
            found = check_picture(still.data)
            self._grow(len(found.data))
            self.frames.setdefault(item.topic, still.frame_id)
            picture = TimedPicture(t_ns=item.t_ns, codec=found.codec, data=found.data)
            self.stills[item.topic].append(picture)

    def _grow(self, size_bytes: int) -> None:
        self._size_bytes += size_bytes
        if self._size_bytes > MAX_RECORDING_BYTES:
            raise TooLargeError(
                f"It holds more than {MAX_RECORDING_BYTES} bytes of pictures. Cut it into parts."
            )


def lens_for(taken: Taken, topic: str) -> Lens | None:
    """Return the calibration of a camera's topic: of its frame, the nearest by name.

    Args:
        taken: What the file says.
        topic: The camera's topic.

    Returns:
        The lens, if there is one.
    """
    frame = taken.frames.get(topic, "")
    found = [
        (_shared(topic, name), name)
        for name, lens in sorted(taken.lenses.items())
        if lens.frame_id == frame
    ]
    return taken.lenses[max(found)[1]] if found else None


def _shared(a: str, b: str) -> int:
    """Return how many leading parts two topics share."""
    pairs = zip(a.strip("/").split("/"), b.strip("/").split("/"), strict=False)
    count = 0
    for x, y in pairs:
        if x != y:
            break
        count += 1
    return count
