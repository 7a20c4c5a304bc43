"""The exam of a line: the test recordings that are judged by, and who gave their answers.

Truth comes with the archive. Where it is missing, and people answer, they are asked about units
drawn uniformly over the test, before the first turn; such answers are read here and nowhere else,
so that nothing is ever trained on them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Int64, UInt8

from bessemer.core.errors import InputError
from bessemer.core.frames import Frame
from bessemer.core.ids import RecordingId, content_id
from bessemer.core.labelling import LabelRequest
from bessemer.core.labels import LabelRevision
from bessemer.core.records import Recording, Split, Stretch
from bessemer.core.signature import Geometry
from bessemer.fleet.cel import check_condition
from bessemer.label.propagate import propagate_track
from bessemer.loop.line import Line, label_shares
from bessemer.loop.people import People
from bessemer.validate.slices import select_slices
from bessemer.validate.suite import Suite, parse_suite

if TYPE_CHECKING:
    import pyarrow as pa

ASK_PEOPLE = "let people answer with --set labeller=people"
BRING_TRUTH = "take recordings in with their truth (a folder of pictures: by its labels.csv)"


@dataclass(frozen=True)
class Exam:
    """The test recordings of a line: frames, truth, and which slice each frame lies in.

    Attributes:
        exam_id: The address of the suite and of every answer that counts.
        suite: The suite.
        frames: Every test frame that truth speaks of.
        labels: The truth of each.
        groups: What each is resampled with: its recording, or a block of it.
        targets: What a network should say.
        inside: Which frames each slice holds.
    """

    exam_id: str
    suite: Suite
    frames: tuple[Frame, ...]
    labels: tuple[LabelRevision, ...]
    groups: tuple[RecordingId, ...]
    targets: Int64[np.ndarray, " n"] | UInt8[np.ndarray, "n h w"]
    inside: Mapping[str, np.ndarray]


def prepare_exam(line: Line) -> Exam:
    """Return the exam of a line; the same for every network, so made once.

    Args:
        line: The line.

    Returns:
        The exam.

    Raises:
        InputError: If nobody knows an answer about any test recording, or about any to learn from,
            or if a slice names a proxy that no vehicle can run.
        WaitingForPeopleError: If people have to answer about the test first.
    """
    suite = parse_suite(line.recipe.suite, where=f"recipe {line.recipe.name}")
    _check_proxies(line, suite)
    answers = _test_answers(line)
    frames: list[Frame] = []
    labels: list[LabelRevision] = []
    for unit, label in answers.items():
        covered = line.frames_of(unit)
        frames.extend(covered)
        labels.extend([label] * len(covered))
    return Exam(
        exam_id=content_id("exam", (suite, sorted(a.revision_id for a in answers.values()))),
        suite=suite,
        frames=tuple(frames),
        labels=tuple(labels),
        groups=tuple(_group_of(line, frame) for frame in frames),
        targets=line.task.targets(frames, labels, line.size_px),
        inside=select_slices(examples_table(line, frames, labels), suite.slices),
    )


def _check_proxies(line: Line, suite: Suite) -> None:
    """Raise an InputError if a slice asks vehicles what they cannot know, a turn before they do."""
    for part in suite.slices:
        if part.proxy:
            place = f"recipe {line.recipe.name}, slice {part.name}, proxy"
            check_condition(part.proxy, where=place)
    if line.recipe.tail_when:
        check_condition(line.recipe.tail_when, where=f"recipe {line.recipe.name}, tail_when")


def _test_answers(line: Line) -> dict[Stretch, LabelRevision]:
    """Return the answer to every test unit that is judged by: the archive's, or else people's."""
    sides = {side: line.works.lake.recordings(split=side) for side in Split}
    _require_sides(line, sides)
    tested = {recording.recording_id for recording in sides[Split.TEST]}
    known = {u: label for u, label in line.truth.items() if u.recording_id in tested}
    if not line.recipe.asks_people:
        _require_truth(line, known)
        return known
    units = [unit for i in sorted(tested) for unit in line.units_of(i)]
    told = {unit: label for unit in units if (label := _covering(line, known, unit)) is not None}
    if not line.recipe.budget.test_labels and not known:
        raise InputError(
            f"None of the {len(tested)} test recordings has an answer to the task "
            f"{line.name!r}, and people may not be asked about any.",
            where=f"recipe {line.recipe.name}",
            fix="Say how many they may answer with --set budget.test_labels=100.",
        )
    if not line.recipe.budget.test_labels or len(told) == len(units):
        return known
    drawn = draw_units(units, line.recipe.split.salt, line.recipe.budget.test_labels)
    said = _ask_people(line, [unit for unit in drawn if unit not in told])
    return {unit: told.get(unit) or said[unit] for unit in drawn}


def draw_units(units: Sequence[Stretch], salt: str, budget: int) -> list[Stretch]:
    """Return at most ``budget`` units, drawn uniformly and without replacement.

    Each unit draws its place by its own address, so that most of a sample stays when further
    recordings arrive, and nobody is asked twice.

    Args:
        units: The units.
        salt: Draws another sample.
        budget: How many.

    Returns:
        The units, by the places that they drew.
    """
    return sorted(units, key=lambda unit: content_id("test_draw", (salt, unit)))[:budget]


def people_of_test(line: Line) -> People:
    """Return the people who answer about the test: the same for every recipe of a task."""
    return People(works=line.works, branch=f"test/{line.name}", turn=0, what="test labels")


def _ask_people(line: Line, units: Sequence[Stretch]) -> dict[Stretch, LabelRevision]:
    """Return people's answers to test units, or wait for them."""
    requests = [
        LabelRequest(
            unit=unit,
            task=line.name,
            frame=line.frames_of(unit)[-1],
            reason="test: drawn uniformly",
        )
        for unit in units
    ]
    found = people_of_test(line).answer(requests).revisions
    dense = line.recipe.geometry is Geometry.DENSE
    return {
        unit: said if dense else propagate_track(said, line.frames_of(unit))
        for unit, said in zip(units, found, strict=True)
    }


def _covering(
    line: Line, known: Mapping[Stretch, LabelRevision], unit: Stretch
) -> LabelRevision | None:
    """Return the archive's answer to a unit, if it looked at the frame that people would see."""
    if unit in known:
        return known[unit]
    frame = line.frames_of(unit)[-1]
    near = (label for at, label in known.items() if at.overlaps(unit))
    return next((n for n in near if n.coverage.includes(frame.stream, frame.t_ns)), None)


def _require_sides(line: Line, sides: Mapping[Split, Sequence[Recording]]) -> None:
    """Raise an InputError if a side is empty, or not the one to which the recipe deals."""
    empty = [side.value for side, recordings in sides.items() if not recordings]
    if empty:
        raise InputError(
            f"The archive has no {' and no '.join(empty)} recordings.",
            where=f"recipe {line.recipe.name}, works {line.works.root}",
            fix="Ingest more, or change the split: --set split.test_frac=0.2, in a works of its "
            "own, for recordings stay on the side on which they arrived.",
        )
    rule = line.recipe.split
    astray = [r for side in sides for r in sides[side] if rule.side_of(r) is not side]
    if astray:
        raise InputError(
            f"{len(astray)} of {sum(map(len, sides.values()))} recordings do not stand on the side "
            "to which this recipe deals them; they were taken in by another rule.",
            where=f"recipe {line.recipe.name}, works {line.works.root}, {astray[0].source}",
            fix="A recording stays where it arrived: give each split a works of its own.",
        )


def _require_truth(line: Line, known: Mapping[Stretch, LabelRevision]) -> None:
    """Raise an InputError if the archive's truth lacks a side that somebody is to know."""
    there = {"test": len(known)}
    if line.recipe.asks_oracle:
        there["train"] = len(line.truth) - len(known)
    missing = [side for side, count in there.items() if not count]
    if missing:
        raise InputError(
            f"No {' and no '.join(missing)} recording has an answer to the task {line.name!r}, "
            "so nobody can say whether a network is right.",
            where=f"recipe {line.recipe.name}, works {line.works.root}",
            fix=f"Either {ASK_PEOPLE}, or {BRING_TRUTH}.",
        )


def _group_of(line: Line, frame: Frame) -> RecordingId:
    """Return what a test frame is resampled with: its recording, or a block of it."""
    block_ns = round(line.recipe.exam_block_s * 1e9)
    recording = line.works.atlas.recordings[frame.recording_id]
    if not block_ns or recording.end_ns - recording.start_ns <= block_ns:
        return frame.recording_id
    return RecordingId(f"{frame.recording_id}:{(frame.t_ns - recording.start_ns) // block_ns}")


def examples_table(
    line: Line, frames: Sequence[Frame], labels: Sequence[LabelRevision]
) -> "pa.Table":
    """Return what slices may speak of: one row a frame."""
    import pyarrow as pa

    ontology = line.recipe.ontology
    shares = {
        label.revision_id: label_shares(label, len(ontology.classes), ontology.index_of)
        for label in dict.fromkeys(labels)
    }
    signals = [line.signals_of([frame]) for frame in frames]
    main = [ontology.classes[int(shares[label.revision_id].argmax())] for label in labels]
    columns: dict[str, list[object]] = {
        "recording_id": [frame.recording_id for frame in frames],
        "source": [line.works.atlas.recordings[f.recording_id].source for f in frames],
        "t_ns": [frame.t_ns for frame in frames],
        "class": list(main),
    }
    for name in ("blur", "brightness", "contrast"):
        columns[name] = [signal[name] for signal in signals]
    facts = [_facts_of(line, frame) for frame in frames]
    for name in sorted({name for fact in facts for name in fact} - columns.keys()):
        columns[name] = [fact.get(name) for fact in facts]
    return pa.table(columns)


def _facts_of(line: Line, frame: Frame) -> dict[str, str]:
    """Return what was known of a frame's recording on arrival, such as ``weather``."""
    attributes = line.works.atlas.recordings[frame.recording_id].attributes
    return {attribute.name: attribute.value for attribute in attributes}
