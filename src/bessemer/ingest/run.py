"""Take an archive in: read, deal to train or test, store, and note what was refused.

Recordings are stored in batches; a batch is there whole or not at all. Whatever is killed, a
rerun goes on, and a second run changes nothing. It compares by content what it knows by name, or
skips it unread.

Cost: one batch is held in memory, about ``_BATCH_BYTES`` and one recording, and a note a refusal.
"""

from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.errors import NotFoundError
from bessemer.core.fleet import Count
from bessemer.core.progress import Progress
from bessemer.core.protocols import LogReader
from bessemer.core.records import SplitRule, Terms
from bessemer.core.stores import LabelStore, RecordingStore, RejectionLog
from bessemer.ingest.compare import SourceLog, compare_arrivals

_BATCH_BYTES: Final = 32 << 20


@runtime_checkable
class ArchiveStore(RecordingStore, LabelStore, Protocol):
    """Where recordings go, and the answers that came with them."""


@runtime_checkable
class IngestLog(RejectionLog, SourceLog, Protocol):
    """What ingest needs of a ledger."""

    def known_sources(self) -> frozenset[str]:
        """Return the sources of all recordings, erased ones included: what need not be read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestReport:
    """What a run of ingest did.

    Attributes:
        reader: Who read.
        n_new: Recordings that are now stored and were not before.
        n_known: Recordings found that were stored already.
        n_answered: Those of them to which the archive has a new answer.
        compared: Whether known recordings were read and compared; else only their names were.
        size_bytes: Bytes of the recordings that are new.
        rejected: What this run refused, counted by reason, the most frequent first.
        rejections: Each thing refused, in the order met.
    """

    reader: str
    n_new: int
    n_known: int
    n_answered: int = 0
    compared: bool = False
    size_bytes: int
    rejected: tuple[Count, ...]
    rejections: tuple[Rejection, ...] = ()

    @property
    def n_rejected(self) -> int:
        """How many things were refused."""
        return sum(count.count for count in self.rejected)


def ingest(
    reader: LogReader,
    root: Path,
    recordings: ArchiveStore,
    log: IngestLog,
    *,
    compare: bool = True,
    rule: SplitRule | None = None,
    terms: Terms | None = None,
    progress: Progress | None = None,
    batch_count: int = 512,
) -> IngestReport:
    """Read an archive into the stores.

    Args:
        reader: Knows the archive's layout.
        root: The archive.
        recordings: Where arrivals go.
        log: Where rejections go, and which sources are stored already.
        compare: Whether recordings of known names are read and compared; else they are skipped.
        rule: Deals recordings to train and test; None takes the default rule.
        terms: Licence and region of every recording; None takes the reader's own.
        progress: Told how many recordings were read; their total is not known.
        batch_count: The most recordings and rejections that are stored at once.

    Returns:
        What was taken in, known, and refused.

    Raises:
        NotFoundError: If there is nothing at ``root`` and the reader does not know it by name.
    """
    if not root.exists() and not reader.recognises(root):
        raise NotFoundError(
            "There is nothing to read.", where=str(root), fix="Check the path of the archive."
        )
    known = _Known(frozenset() if compare else log.known_sources())
    batch = _Batch(recordings, log, rule or SplitRule(), batch_count)
    n_read = 0
    for item in reader.read(root, terms, skip=known):
        batch.add(item)
        if isinstance(item, Arrival):
            n_read += 1
            if progress is not None:
                progress(n_read, 0)
    batch.flush()
    reasons = Counter(rejection.reason for rejection in batch.rejections)
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return IngestReport(
        reader=reader.name,
        n_new=batch.n_new,
        n_known=len(known.met) + batch.n_known,
        n_answered=batch.n_answered,
        compared=compare,
        size_bytes=batch.size_bytes,
        rejected=tuple(Count(reason=reason, count=count) for reason, count in ordered),
        rejections=tuple(batch.rejections),
    )


class _Known(frozenset[str]):
    """Stored sources, which remembers those that a reader asked for: what it found again."""

    met: set[str]

    def __new__(cls, sources: frozenset[str]) -> "_Known":
        """Make the set; nothing was asked for yet."""
        known = super().__new__(cls, sources)
        known.met = set()
        return known

    def __contains__(self, source: object) -> bool:
        """Return whether ``source`` is stored, and remember it if so."""
        found = super().__contains__(source)
        if found and isinstance(source, str):
            self.met.add(source)
        return found


@dataclass(slots=True)
class _Batch:
    """What was read and is not stored yet, and the counts of what was.

    Attributes:
        recordings: Where arrivals go.
        log: Where rejections go.
        rule: Deals recordings to train and test.
        max_count: The most items that are held.
        n_new: Recordings stored that were not there before.
        n_known: Recordings that were.
        n_answered: Those of them with new answers.
        size_bytes: Bytes of the new ones.
        rejections: What was refused.
    """

    recordings: ArchiveStore
    log: IngestLog
    rule: SplitRule
    max_count: int
    n_new: int = 0
    n_known: int = 0
    n_answered: int = 0
    size_bytes: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    _arrivals: list[Arrival] = field(default_factory=list)
    _refused: list[Rejection] = field(default_factory=list)
    _held_bytes: int = 0

    def add(self, item: Arrival | Rejection) -> None:
        """Hold an item, and store all that is held once it is much."""
        if isinstance(item, Rejection):
            self._refused.append(item)
        else:
            self._arrivals.append(item)
            self._held_bytes += _size_bytes(item)
        n_held = len(self._arrivals) + len(self._refused)
        if self._held_bytes >= _BATCH_BYTES or n_held >= self.max_count:
            self.flush()

    def flush(self) -> None:
        """Store what is held.

        Rejections first: were a recording stored and the note of its refused frame lost, a rerun
        might skip the recording and the frame would have been dropped in silence.
        """
        found = compare_arrivals(self._arrivals, self.log, self.recordings)
        refused = [*self._refused, *found.rejections]
        self.log.reject(refused)
        self.rejections += refused
        if found.new:
            sides = [self.rule.side_of(arrival.recording) for arrival in found.new]
            self.n_new += self.recordings.add_arrivals(found.new, sides)
            self.size_bytes += sum(_size_bytes(arrival) for arrival in found.new)
        if found.answers:
            self.recordings.seal_labels(found.answers)
        self.n_known += found.n_known
        self.n_answered += found.n_answered
        self._arrivals, self._refused, self._held_bytes = [], [], 0


def _size_bytes(arrival: Arrival) -> int:
    """Return the bytes that an arrival holds."""
    return sum(segment.size_bytes for segment in arrival.segments)
