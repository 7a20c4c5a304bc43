"""The last seconds of a vehicle's streams, from which triggers cut clips.

A trigger marks an instant; its clip reaches some time before it, which the buffer still holds, and
some time after, which is yet to come. Clips that overlap share segments. Memory is bounded: when
there is no room, the oldest segment goes, and a clip that wanted it says so.

Cost: O(segments held) a push; at most ``max_bytes`` of packets.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from bessemer.core.errors import InputError
from bessemer.core.ids import StreamName
from bessemer.core.records import Segment, SegmentRef


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """A segment and where it lies."""

    ref: SegmentRef
    segment: Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """What a trigger wants: [start_ns, end_ns) of every stream.

    Attributes:
        trigger: Who asked.
        start_ns: First instant wanted.
        end_ns: First instant no longer wanted.
    """

    trigger: str
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """A part of a mark that was let go: [start_ns, end_ns) of a stream."""

    stream: StreamName
    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RingClip:
    """What a mark got: every segment held that overlaps it, and what was lost."""

    mark: Mark
    held: tuple[Held, ...]
    lost: tuple[Loss, ...]


class RingBuffer:
    """Keeps the last ``span_ns`` of all streams, in at most ``max_bytes``.

    Args:
        span_ns: How far back triggers may reach.
        max_bytes: The most that packets may take together.

    Raises:
        InputError: If either is not positive.
    """

    def __init__(self, span_ns: int, max_bytes: int) -> None:
        if span_ns < 1 or max_bytes < 1:
            raise InputError("A ring buffer keeps some time and some bytes.", where="RingBuffer")
        self._span_ns = span_ns
        self._max_bytes = max_bytes
        self._held: deque[Held] = deque()
        self._size_bytes = 0
        self._marks: list[Mark] = []
        self._ends_ns: dict[StreamName, int] = {}
        # Of each stream everything from the first number to the second was let go.
        self._gone_ns: dict[StreamName, tuple[int, int]] = {}

    @property
    def size_bytes(self) -> int:
        """Bytes of the packets held."""
        return self._size_bytes

    @property
    def now_ns(self) -> int:
        """The end of the latest segment; 0 before the first."""
        return max(self._ends_ns.values(), default=0)

    def push(self, ref: SegmentRef, segment: Segment) -> None:
        """Take in the next segment of a stream, and let go of what is old or has no room.

        Args:
            ref: Its stream and span.
            segment: Its bytes.

        Raises:
            InputError: If it is not the segment that ``ref`` names, or begins before its
                stream's last one ended.
        """
        if ref.segment_id != segment.segment_id:
            raise InputError("The reference names another segment.", where=ref.stream)
        if ref.start_ns < self._ends_ns.get(ref.stream, ref.start_ns):
            raise InputError(
                f"A segment begins at {ref.start_ns} ns, before the last one of its stream ended.",
                where=ref.stream,
                fix="Push the segments of a stream in order of time.",
            )
        self._ends_ns[ref.stream] = ref.end_ns
        self._held.append(Held(ref=ref, segment=segment))
        self._size_bytes += segment.size_bytes
        self._let_go()

    def mark(self, trigger: str, t_ns: int, before_ns: int, after_ns: int) -> Mark:
        """Note that a trigger fired at ``t_ns``; its clip is kept until it is cut.

        Args:
            trigger: Who asked.
            t_ns: When.
            before_ns: How much before is wanted.
            after_ns: How much after is wanted, with the instant itself.

        Returns:
            The mark.

        Raises:
            InputError: If the mark would be empty.
        """
        if before_ns < 0 or after_ns < 1:
            raise InputError("A clip reaches back, and past its instant.", where=trigger)
        mark = Mark(trigger=trigger, start_ns=t_ns - before_ns, end_ns=t_ns + after_ns)
        self._marks.append(mark)
        return mark

    def cut_ready(self, *, finish: bool = False) -> Iterator[RingClip]:
        """Yield the clips whose end has come in every stream, in the order of their marks.

        Args:
            finish: Whether nothing more will come: then all clips are cut as they are.

        Yields:
            One clip a mark.
        """
        arrived_ns = min(self._ends_ns.values(), default=0)
        ready = [mark for mark in self._marks if finish or mark.end_ns <= arrived_ns]
        for mark in ready:
            self._marks.remove(mark)
            yield self._cut(mark)
        self._let_go()

    def _cut(self, mark: Mark) -> RingClip:
        """Return what a mark gets."""
        held = tuple(h for h in self._held if _overlaps(h.ref, mark.start_ns, mark.end_ns))
        lost = tuple(
            Loss(
                stream=stream,
                start_ns=max(mark.start_ns, start_ns),
                end_ns=min(mark.end_ns, end_ns),
            )
            for stream, (start_ns, end_ns) in sorted(self._gone_ns.items())
            if start_ns < mark.end_ns and mark.start_ns < end_ns
        )
        ordered = sorted(held, key=lambda h: (h.ref.stream, h.ref.start_ns))
        return RingClip(mark=mark, held=tuple(ordered), lost=lost)

    def _let_go(self) -> None:
        """Drop what no trigger can reach any more; then the oldest, while there is no room."""
        horizon_ns = min([self.now_ns - self._span_ns, *(m.start_ns for m in self._marks)])
        while self._held and self._held[0].ref.end_ns <= horizon_ns:
            self._drop_first()
        while self._size_bytes > self._max_bytes:
            self._drop_first()

    def _drop_first(self) -> None:
        """Drop the segment that came first, and remember that its span is gone."""
        dropped = self._held.popleft()
        self._size_bytes -= dropped.segment.size_bytes
        stream = dropped.ref.stream
        first_ns, _ = self._gone_ns.get(stream, (dropped.ref.start_ns, 0))
        self._gone_ns[stream] = first_ns, dropped.ref.end_ns


def _overlaps(ref: SegmentRef, start_ns: int, end_ns: int) -> bool:
    """Return whether a segment shares an instant with [start_ns, end_ns)."""
    return ref.start_ns < end_ns and start_ns < ref.end_ns
