"""Two archives read: digits of scikit-learn's wheel, and a drive of the fleet that ships."""

from collections import Counter
from pathlib import Path

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.ids import content_id
from bessemer.core.labels import LabelRevision
from bessemer.core.protocols import LogReader
from bessemer.core.records import SplitRule
from bessemer.ingest.digits import DigitsReader
from bessemer.ingest.mcap import McapReader
from bessemer.twin.fleet.shipped import shipped_fleet

DRIVE = "vehicle-00/week-0/0006.mcap"


def replay() -> object:
    """Read both; a few recordings are shown whole, the others by one address of all."""
    return {
        "digits": _archive(DigitsReader(), Path("digits"), shown=2),
        "drive": _archive(McapReader(), shipped_fleet() / DRIVE, shown=1),
    }


def _archive(reader: LogReader, root: Path, shown: int) -> object:
    """Return what a reader found."""
    items = list(reader.read(root))
    arrivals = [item for item in items if isinstance(item, Arrival)]
    sides = Counter(SplitRule().side_of(arrival.recording).value for arrival in arrivals)
    return {
        "recordings": len(arrivals),
        "sides": dict(sorted(sides.items())),
        "all recordings": content_id("all", [a.recording.recording_id for a in arrivals]),
        "all answers": content_id("all", [r.revision_id for a in arrivals for r in a.truth]),
        "rejections": [item for item in items if isinstance(item, Rejection)],
        "first": [_recording(arrival) for arrival in arrivals[:shown]],
    }


def _recording(arrival: Arrival) -> object:
    """Return one recording with its segments and answers."""
    recording = arrival.recording
    return {
        "recording": recording.recording_id,
        "source": recording.source,
        "start_ns": recording.start_ns,
        "end_ns": recording.end_ns,
        "terms": recording.terms,
        "attributes": {a.name: a.value for a in recording.attributes},
        "streams": [f"{s.name}: {s.kind}, {s.clock}" for s in recording.streams],
        "segments": [
            f"{s.segment_id} {s.stream}: {s.n_frames} frames, {s.size_bytes} bytes"
            for s in recording.segments
        ],
        "answers": [_answer(revision) for revision in arrival.truth],
    }


def _answer(revision: LabelRevision) -> str:
    """Return an answer in a line."""
    return f"{revision.revision_id} {revision.task}: {len(revision.elements)} elements"
