"""Scores of any network that keeps the contract, on any folder that a reader knows.

Needs no works: recordings pass through one at a time, and nothing is stored.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.fleet import Count
from bessemer.core.frames import Frame, camera_frames
from bessemer.core.ids import NetworkId, RecordingId, TaskName
from bessemer.core.labels import LabelRevision
from bessemer.core.plugins import find_plugin, plugin_names
from bessemer.core.progress import Story
from bessemer.core.protocols import LogReader, Task
from bessemer.core.signature import Geometry, Head
from bessemer.edge.decode import decode_segment
from bessemer.edge.predict import answers
from bessemer.edge.preprocess import resize_picture
from bessemer.edge.runtime import OnnxNetwork
from bessemer.fleet.facts import picture_signals
from bessemer.ingest.pictures import TASK as UNNAMED_TASK
from bessemer.tasks.classify import ClassifyTrack
from bessemer.tasks.segment import SegmentFrame
from bessemer.validate.metrics import Counts, confuse_pixels, count_examples, count_pixels
from bessemer.validate.outcome import ScoreRow, run_suite
from bessemer.validate.slices import select_slices
from bessemer.validate.suite import Suite, load_suite, parse_suite

_WHOLE = """
name = "evaluate"

[[slice]]
name = "all"
where = "true"

[[check]]
slice = "all"
metric = "accuracy"
at_least = 0.0
"""


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
        rejected: What the reader refused, counted by reason.
        slices: Overall metrics of every slice.
        classes: Metrics of every class, on the first slice.
    """

    network_id: NetworkId
    task: TaskName
    reader: str
    n_recordings: int
    n_frames: int
    n_without_truth: int
    rejected: tuple[Count, ...]
    slices: tuple[ScoreRow, ...]
    classes: tuple[ScoreRow, ...]


@dataclass(slots=True)
class _Tally:
    """What was seen so far, one entry a frame."""

    ids: list[RecordingId]
    rows: list[dict[str, object]]
    truth: list[np.ndarray]
    said: list[np.ndarray]
    rejected: Counter[str]
    without_truth: int = 0


def evaluate_network(
    path: Path, data: Path, reader: str, task: str, suite: Path | None, story: Story
) -> Evaluation:
    """Score a network.

    A table of classes beside pictures names no task, so it answers any that asks for a class; a
    class that the network does not know is an error.

    Args:
        path: An ONNX file that keeps the contract.
        data: A folder or file.
        reader: The reader's name; empty finds the one that recognises ``data``.
        task: The task; empty if the network has only one.
        suite: A suite for slices; None scores the whole.
        story: Told how far it is.

    Returns:
        The scores.

    Raises:
        InputError: If nothing could be scored.
        NotFoundError: If no reader knows the folder.
    """
    network = OnnxNetwork.open(path, threads=2)
    head = _head_of(network, task)
    known, name = _reader_for(data, reader)
    tally = _Tally([], [], [], [], Counter())
    with story.bar(f"scoring {data}") as progress:
        for done, item in enumerate(known.read(data), start=1):
            if isinstance(item, Rejection):
                tally.rejected[item.reason] += 1
            else:
                _score_arrival(network, head, item, tally)
            progress(done, 0)
    if not tally.ids:
        raise InputError(
            f"No recording here says anything about {head.task!r}.",
            where=str(data),
            fix="Check the reader and the task.",
        )
    asked = load_suite(suite) if suite else parse_suite(_WHOLE)
    report = run_suite(asked, _counts(head, tally, asked), seed=0)
    return Evaluation(
        network_id=network.network_id,
        task=head.task,
        reader=name,
        n_recordings=len(set(tally.ids)),
        n_frames=len(tally.ids),
        n_without_truth=tally.without_truth,
        rejected=tuple(Count(reason=r, count=c) for r, c in tally.rejected.most_common()),
        slices=report.slices,
        classes=report.classes,
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
    for candidate in plugin_names("readers"):
        reader: LogReader = find_plugin("readers", candidate)
        if reader.recognises(data):
            return reader, candidate
    raise NotFoundError(
        "No reader recognises this.",
        where=str(data),
        fix="Name one with --reader: " + ", ".join(plugin_names("readers")) + ".",
    )


def _score_arrival(network: OnnxNetwork, head: Head, arrival: Arrival, tally: _Tally) -> None:
    """Run the network on one recording and note what it said beside the truth."""
    asked = {head.task, UNNAMED_TASK} if head.geometry is Geometry.CLASS else {head.task}
    truth = [label for label in arrival.truth if label.task in asked]
    if not truth:
        tally.without_truth += 1
        return
    task: Task = (
        SegmentFrame(head.ontology)
        if head.geometry is Geometry.DENSE
        else ClassifyTrack(head.ontology)
    )
    preprocess = network.signature.preprocess
    size_px = (preprocess.height_px, preprocess.width_px)
    for frames, pictures in _pictures(arrival, size_px):
        labels = [_label_at(frame, truth) for frame in frames]
        targets = task.targets(frames, labels, size_px).astype(np.int64)
        found = answers(network, head.task, pictures)
        if head.geometry is Geometry.DENSE:
            n = len(head.ontology.classes)
            found = np.stack([confuse_pixels(t, f, n) for t, f in zip(targets, found, strict=True)])
        tally.truth.extend(targets)
        tally.said.extend(found)
        for row, frame in enumerate(frames):
            tally.ids.append(frame.recording_id)
            tally.rows.append(
                {
                    "recording_id": frame.recording_id,
                    "source": arrival.recording.source,
                    "t_ns": frame.t_ns,
                    "class": _main_class(labels[row]),
                    **dict(picture_signals(pictures[row : row + 1])),
                }
            )


def _pictures(
    arrival: Arrival, size_px: tuple[int, int]
) -> Iterator[tuple[tuple[Frame, ...], np.ndarray]]:
    """Yield the frames of each camera segment with their pictures."""
    segments = {segment.segment_id: segment for segment in arrival.segments}
    offsets = {i: np.array(s.offsets_ns, dtype=np.int64) for i, s in segments.items()}
    by_segment: dict[str, list[Frame]] = {}
    for frame in camera_frames(arrival.recording, offsets):
        by_segment.setdefault(frame.segment_id, []).append(frame)
    for frames in by_segment.values():
        segment = segments[frames[0].segment_id]
        decoded = [resize_picture(p, *size_px) for _, p in decode_segment(segment)]
        yield tuple(frames), np.stack(decoded)


def _label_at(frame: Frame, truth: list[LabelRevision]) -> LabelRevision | None:
    """Return the answer whose unit holds a frame."""
    for label in truth:
        if label.unit.start_ns <= frame.t_ns < label.unit.end_ns:
            return label
    return None


def _main_class(label: LabelRevision | None) -> str:
    """Return the class of a track; empty for dense answers and where nothing is said."""
    spans = label.elements.class_spans if label else ()
    return spans[0].class_name if spans else ""


def _counts(head: Head, tally: _Tally, suite: Suite) -> dict[str, Counts]:
    """Return the counts of every slice."""
    import pyarrow as pa

    inside = select_slices(pa.Table.from_pylist(tally.rows), suite.slices)
    classes, said = head.ontology.classes, np.stack(tally.said)
    if head.geometry is Geometry.DENSE:
        return {
            name: count_pixels(tally.ids, said, classes, inside=mask)
            for name, mask in inside.items()
        }
    truth = np.array(tally.truth, dtype=np.int64)
    return {
        name: count_examples(tally.ids, truth, said.astype(np.int64), classes, inside=mask)
        for name, mask in inside.items()
    }


def table_of(evaluation: Evaluation) -> str:
    """Return the scores as a plain table."""
    lines = [
        f"network {evaluation.network_id[:12]}, task {evaluation.task}, "
        f"{evaluation.n_frames} frames of {evaluation.n_recordings} recordings "
        f"by reader {evaluation.reader}",
        f"{'slice':<24} {'class':<28} {'metric':<14} {'value':>7}  95% interval    examples",
    ]
    for row in (*evaluation.slices, *evaluation.classes):
        seen = row.candidate
        value = "-" if seen.value is None else f"{seen.value:.3f}"
        between = "" if seen.low is None else f"[{seen.low:.3f}, {seen.high:.3f}]"
        lines.append(
            f"{row.slice_name:<24} {row.class_name:<28} {row.metric:<14} {value:>7}  "
            f"{between:<15} {row.n_examples}"
        )
    for count in evaluation.rejected:
        lines.append(f"rejected {count.count} x {count.reason}")
    if evaluation.n_without_truth:
        lines.append(f"{evaluation.n_without_truth} recordings say nothing about this task")
    return "\n".join(lines)
