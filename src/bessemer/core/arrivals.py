"""What ingest reads and what it refuses: arrivals and rejections."""

from dataclasses import dataclass

from bessemer.core.labels import LabelRevision
from bessemer.core.records import Recording, Segment


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """One recording as a reader found it, with its bytes and the truth its archive holds.

    Attributes:
        recording: The manifest.
        segments: The bytes that the manifest names, each once.
        truth: Answers that came with the archive, by the author ``oracle/archive``. They are
            stored apart, never joined to a data commit unless bought.
    """

    recording: Recording
    segments: tuple[Segment, ...]
    truth: tuple[LabelRevision, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """Something that was not taken in.

    Attributes:
        stage: The stage that refused it.
        reason: A short fixed word, counted in reports: ``truncated_picture``.
        where: The place: a path relative to the archive, a row, a recording.
        detail: One sentence: what is wrong and what to do.
    """

    stage: str
    reason: str
    where: str
    detail: str
