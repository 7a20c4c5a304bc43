"""Scores of any network that keeps the contract, on any folder that a reader knows.

Needs no works: recordings pass through one at a time, and nothing is stored.

Cost: O(b h w) memory for a block of b frames of h x w pixels; for what stays of a frame see
:mod:`bessemer.loop.scoring`.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.errors import InputError, MissingExtraError, NotFoundError
from bessemer.core.fleet import Count
from bessemer.core.frames import Frame, camera_frames
from bessemer.core.ids import NetworkId, RecordingId, TaskName
from bessemer.core.labels import LabelRevision, named_classes
from bessemer.core.plugins import find_plugin, plugin_names
from bessemer.core.progress import Story
from bessemer.core.protocols import LogReader, Task
from bessemer.core.signature import Geometry, Head
from bessemer.edge.decode import decode_segment
from bessemer.edge.preprocess import resize_picture
from bessemer.edge.runtime import OnnxNetwork
from bessemer.fleet.facts import picture_signals
from bessemer.ingest.pictures import TASK as UNNAMED_TASK
from bessemer.loop.scoring import Scores, score_frames
from bessemer.tasks.classify import ClassifyTrack
from bessemer.tasks.segment import SegmentFrame
from bessemer.validate.outcome import CheckOutcome, ScoreRow, run_suite
from bessemer.validate.slices import select_slices
from bessemer.validate.suite import Slice, Suite, load_suite

BY_DEFAULT: Final = Suite(
    name="evaluate",
    slices=(
        Slice(name="all", where="true"),
        Slice(name="dark", where="brightness < 0.2"),
        Slice(name="blurred", where="blur > 0.01"),
    ),
    checks=(),
)
"""Slices that any picture answers; they ask for nothing, so nothing is judged."""

_BLOCK: Final = 32


MAX_REJECTIONS = 100
"""Things refused that scores name; all are counted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evaluation:
    """What a network scored on a folder.

    Attributes:
        network_id: Digest of the file.
        task: The task.
        reader: Who read the folder.
        n_recordings: Recordings with truth for the task.
        n_frames: Frames scored.
        n_without_truth: Recordings that say nothing about the task.
        rejected: What was refused, counted by reason.
        rejections: The first of it, in the order met, at most :data:`MAX_REJECTIONS`.
        slices: Overall metrics of every slice.
        slice_level: Level of each interval of ``slices``: all hold together with 1 - alpha.
        alpha: Chance that any of them misses; and over all checks, that any verdict is luck.
        classes: Metrics of every class, on the first slice; each interval of 95% for itself.
        checks: What the suite asked, with verdict, value, interval and reason; none without one.
        skipped: What it asked that could not be, such as comparisons with a released network.
    """

    network_id: NetworkId
    task: TaskName
    reader: str
    n_recordings: int
    n_frames: int
    n_without_truth: int
    rejected: tuple[Count, ...]
    rejections: tuple[Rejection, ...]
    slices: tuple[ScoreRow, ...]
    slice_level: float
    alpha: float
    classes: tuple[ScoreRow, ...]
    checks: tuple[CheckOutcome, ...]
    skipped: tuple[str, ...]


@dataclass(slots=True)
class _Tally:
    """What was seen so far; ids and rows have one entry a frame."""

    scores: Scores
    ids: list[RecordingId] = field(default_factory=list)
    rows: list[dict[str, object]] = field(default_factory=list)
    rejected: Counter[str] = field(default_factory=Counter)
    rejections: list[Rejection] = field(default_factory=list)
    without_truth: int = 0

    def reject(self, rejection: Rejection) -> None:
        """Count something refused, and keep it if it is among the first."""
        self.rejected[rejection.reason] += 1
        if len(self.rejections) < MAX_REJECTIONS:
            self.rejections.append(rejection)


def evaluate_network(
    path: Path, data: Path, reader: str, task: str, suite: Path | None, story: Story
) -> Evaluation:
    """Score a network.

    A table of classes beside pictures names no task, so it answers any that asks for a class; an
    answer in a class that the network does not know is refused and counted.

    Args:
        path: An ONNX file that keeps the contract.
        data: A folder or file.
        reader: The reader's name; empty finds the one that recognises ``data``.
        task: The task; empty if the network has only one.
        suite: A suite, whose slices are scored and whose checks are judged; None scores slices
            that any picture answers.
        story: Told how far it is.

    Returns:
        The scores.

    Raises:
        InputError: If nothing could be scored.
        NotFoundError: If no reader knows the folder.
    """
    import pyarrow as pa

    asked = load_suite(suite) if suite else BY_DEFAULT
    network = OnnxNetwork.open(path, threads=2)
    head = _head_of(network, task)
    known, name = _reader_for(data, reader)
    tally = _Tally(Scores(head=head))
    with story.bar(f"scoring {data}") as progress:
        for done, item in enumerate(known.read(data), start=1):
            if isinstance(item, Rejection):
                tally.reject(item)
            else:
                _score_arrival(network, item, tally)
            progress(done, 0)
    if not tally.ids:
        raise _nothing_scored(head.task, tally, data, name)
    inside = select_slices(pa.Table.from_pylist(tally.rows), asked.slices)
    report = run_suite(asked, tally.scores.count(tally.ids, inside), seed=0)
    return Evaluation(
        network_id=network.network_id,
        task=head.task,
        reader=name,
        n_recordings=len(set(tally.ids)),
        n_frames=len(tally.ids),
        n_without_truth=tally.without_truth,
        rejected=tuple(Count(reason=r, count=c) for r, c in tally.rejected.most_common()),
        rejections=tuple(tally.rejections),
        slices=report.slices,
        slice_level=report.slice_level,
        alpha=report.alpha,
        classes=report.classes,
        checks=report.checks,
        skipped=report.skipped,
    )


def _head_of(network: OnnxNetwork, task: str) -> Head:
    """Return the head that is to be scored."""
    heads = network.signature.heads
    if task:
        return network.signature.head_of(TaskName(task))
    if len(heads) > 1:
        raise InputError(
            f"The network has {len(heads)} heads.",
            fix="Name one with --task: " + ", ".join(head.task for head in heads) + ".",
        )
    return heads[0]


def _reader_for(data: Path, name: str) -> tuple[LogReader, str]:
    """Return the reader that is named, or the first that recognises the folder."""
    if name:
        return find_plugin("readers", name), name
    broken = []
    for candidate in plugin_names("readers"):
        try:
            reader: LogReader = find_plugin("readers", candidate)
        except (MissingExtraError, InputError) as error:
            broken.append(str(error))
            continue
        if reader.recognises(data):
            return reader, candidate
    if not data.exists():
        raise NotFoundError("There is no such file or folder.", where=str(data))
    raise NotFoundError(
        " ".join(["No reader recognises this.", *broken]),
        where=str(data),
        fix="Name one with --reader: " + ", ".join(plugin_names("readers")) + ".",
    )


def _nothing_scored(task: TaskName, tally: _Tally, data: Path, reader: str) -> InputError:
    """Return the error for a folder of which nothing was scored: with all that was refused."""
    what = [f"No recording here says anything about {task!r}"]
    if tally.without_truth:
        what.append(f"{tally.without_truth} were read that do not")
    if not tally.rejected:
        return InputError(
            "; ".join(what) + ".",
            where=str(data),
            fix=f"Check the task, and the reader: {reader!r} was taken.",
        )
    counts = ", ".join(f"{count} x {reason}" for reason, count in tally.rejected.most_common())
    first = tally.rejections[0]
    what.append(f"rejected {counts}, the first: {first.where}: {first.detail}")
    return InputError(
        "; ".join(what), where=str(data), fix="Mend what was rejected, or name another --reader."
    )


def _score_arrival(network: OnnxNetwork, arrival: Arrival, tally: _Tally) -> None:
    """Run the network on one recording and note what it said beside the truth."""
    head = tally.scores.head
    asked = {head.task, UNNAMED_TASK} if head.geometry is Geometry.CLASS else {head.task}
    truth = [label for label in arrival.truth if label.task in asked]
    if not truth:
        tally.without_truth += 1
        return
    truth = _without_unknown(head, truth, arrival.recording.source, tally)
    if not truth:
        return
    _require_ontology(head, truth, arrival.recording.source)
    preprocess = network.signature.preprocess
    size_px = (preprocess.height_px, preprocess.width_px)
    task: Task = (
        SegmentFrame(head.ontology)
        if head.geometry is Geometry.DENSE
        else ClassifyTrack(head.ontology)
    )
    for frames, pictures in _pictures(arrival, size_px):
        at = {row: label for row, f in enumerate(frames) if (label := _label_at(f, truth))}
        if not at:
            continue
        rows, labels = list(at), list(at.values())
        asked_of, shown = [frames[row] for row in rows], pictures[rows]
        targets = task.targets(asked_of, labels, size_px)
        score_frames(network, tally.scores, shown, targets)
        source = arrival.recording.source
        for row, (frame, label) in enumerate(zip(asked_of, labels, strict=True)):
            tally.ids.append(frame.recording_id)
            tally.rows.append(_example(frame, source, label, shown[row : row + 1]))


def _without_unknown(
    head: Head, truth: list[LabelRevision], source: str, tally: _Tally
) -> list[LabelRevision]:
    """Return answers in classes that the network knows; the others are refused and counted."""
    kept = []
    for label in truth:
        error = head.ontology.find_unknown(named_classes(label.elements))
        if error is None:
            kept.append(label)
        else:
            detail = f"{error.what} {error.fix}".strip()
            tally.reject(
                Rejection(stage="evaluate", reason="unknown_class", where=source, detail=detail)
            )
    return kept


def _require_ontology(head: Head, truth: list[LabelRevision], source: str) -> None:
    """Raise an InputError if dense maps number their classes otherwise than the network does."""
    for label in truth:
        numbered = any(not mask.class_name for mask in label.elements.masks)
        if numbered and label.ontology_id != head.ontology.ontology_id:
            raise InputError(
                f"The answers are in ontology {label.ontology_id[:12]}, the network speaks "
                f"{head.ontology.ontology_id[:12]}: the same number is another class.",
                where=source,
                fix="Score with a network of the reader's ontology, or bring masks with class "
                "names.",
            )


def _example(
    frame: Frame, source: str, label: LabelRevision, picture: np.ndarray
) -> dict[str, object]:
    """Return what slices may speak of, for one frame."""
    return {
        "recording_id": frame.recording_id,
        "source": source,
        "t_ns": frame.t_ns,
        "class": _main_class(label),
        **dict(picture_signals(picture)),
    }


def _pictures(
    arrival: Arrival, size_px: tuple[int, int]
) -> Iterator[tuple[list[Frame], np.ndarray]]:
    """Yield the frames of each camera segment with their pictures, a block at a time."""
    segments = {segment.segment_id: segment for segment in arrival.segments}
    offsets = {i: np.array(s.offsets_ns, dtype=np.int64) for i, s in segments.items()}
    by_segment: dict[str, list[Frame]] = {}
    for frame in camera_frames(arrival.recording, offsets):
        by_segment.setdefault(frame.segment_id, []).append(frame)
    for frames in by_segment.values():
        decoded = (
            resize_picture(picture, *size_px)
            for _, picture in decode_segment(segments[frames[0].segment_id])
        )
        for start in range(0, len(frames), _BLOCK):
            block = frames[start : start + _BLOCK]
            yield block, np.stack(list(islice(decoded, len(block))))


def _label_at(frame: Frame, truth: list[LabelRevision]) -> LabelRevision | None:
    """Return the answer whose unit holds a frame."""
    for label in truth:
        if label.unit.start_ns <= frame.t_ns < label.unit.end_ns:
            return label
    return None


def _main_class(label: LabelRevision) -> str:
    """Return the class of a track; empty for dense answers."""
    spans = label.elements.class_spans
    return spans[0].class_name if spans else ""
