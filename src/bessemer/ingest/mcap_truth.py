"""Truth of a log as label revisions: classes of pixels, and boxes in space.

The twin's own classes are the ontologies :data:`SCENES` and :data:`OBJECTS`. A work with other
classes gives the reader its ontology and says by renames what each of the log's classes is called
there; a class that it drops says nothing about its pixels.
"""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from jaxtyping import UInt8

from bessemer.core.errors import InputError
from bessemer.core.ids import ElementId, StreamName, TaskName
from bessemer.core.labels import (
    Box3d,
    Coverage,
    Elements,
    Evidence,
    LabelRevision,
    Mask,
    Span,
)
from bessemer.core.ontology import Migration, Ontology
from bessemer.core.records import Recording, StreamKind, Stretch
from bessemer.ingest.assemble import ARCHIVE, Placed
from bessemer.ingest.files import RefusedError
from bessemer.ingest.mcap_decode import Cube, SceneChange
from bessemer.ingest.mcap_take import Taken
from bessemer.tasks.segment import UNSAID, read_mask, write_mask
from bessemer.twin.classes import MOVING, SemanticClass

SCENES: Final = Ontology(
    task=TaskName("scenes"), classes=tuple(kind.label for kind in SemanticClass)
)
"""Every class of the twin, at the index of its pixels."""

OBJECTS: Final = Ontology(
    task=TaskName("objects3d"),
    classes=tuple(kind.label for kind in SemanticClass if kind in MOVING),
    ignored=tuple(kind.label for kind in SemanticClass if kind not in MOVING),
)
"""Classes of the twin's boxes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Meaning:
    """The classes that truth is wanted in.

    Attributes:
        scenes: Of masks.
        objects: Of boxes.
        renames: What a file's classes are called in both; an empty new name drops one.
    """

    scenes: Ontology = SCENES
    objects: Ontology = OBJECTS
    renames: tuple[Migration, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class PixelMap:
    """What a log's pixel values mean in an ontology.

    Attributes:
        table: New value of each value.
        known: How many values the log's list of classes explains.
        unknown: Classes of the log that the ontology does not have, and no rename drops.
    """

    table: UInt8[np.ndarray, "256"]
    known: int
    unknown: tuple[str, ...]

    def apply(self, png: bytes) -> bytes:
        """Return a dense answer in the ontology's values; the same bytes where nothing changes.

        Args:
            png: The log's picture.

        Returns:
            A PNG of one channel.

        Raises:
            RefusedError: If it is no such picture, or has values that the log does not explain.
        """
        try:
            values = read_mask(png)
        except InputError as error:
            raise RefusedError("not_a_mask", error.what) from error
        said = values[values != UNSAID]
        if said.size and int(said.max()) >= self.known:
            raise RefusedError(
                "unknown_class",
                f"There is no class {int(said.max())}; the channel lists {self.known}.",
            )
        if (self.table[: self.known] == np.arange(self.known)).all():
            return png
        return write_mask(self.table[values])


def pixel_map(
    classes: Sequence[str], ontology: Ontology, renames: Sequence[Migration] = ()
) -> PixelMap:
    """Return how a log's pixel values become those of an ontology.

    Args:
        classes: The log's classes, by value.
        ontology: The classes wanted.
        renames: What classes are called there; an empty new name drops one.

    Returns:
        The map.

    Example:
        >>> wanted = Ontology(task=TaskName("scenes"), classes=("road", "sky"))
        >>> found = pixel_map(["sky", "car", "lane"], wanted, [Migration(old="lane", new="road")])
        >>> found.table[:3].tolist(), found.unknown
        ([1, 255, 0], ('car',))
    """
    names = {step.old: step.new for step in renames}
    table = np.full(256, UNSAID, np.uint8)
    unknown = []
    for value, name in enumerate(classes[:UNSAID]):
        new = names.get(name, name)
        if new in ontology.classes:
            table[value] = ontology.classes.index(new)
        elif new and new not in ontology.ignored:
            unknown.append(name)
    return PixelMap(table=table, known=min(len(classes), UNSAID), unknown=tuple(unknown))


@dataclass(slots=True)
class SceneState:
    """The boxes that stand in a scene, as updates bring and take them."""

    cubes: dict[str, tuple[Cube, ...]] = field(default_factory=dict)

    def apply(self, change: SceneChange) -> tuple[Cube, ...]:
        """Take in an update and return all boxes that stand then, by entity."""
        if change.clears:
            self.cubes.clear()
        for entity in change.gone:
            self.cubes.pop(entity, None)
        for entity, cubes in change.brought:
            self.cubes[entity] = cubes
        return tuple(cube for _, cubes in sorted(self.cubes.items()) for cube in cubes)


def truth_of(
    recording: Recording,
    placed: Sequence[Placed],
    taken: Taken,
    meaning: Meaning,
) -> list[LabelRevision]:
    """Return all that a file says is true; what cannot be used is counted.

    Args:
        recording: The file's recording.
        placed: Its segments.
        taken: What the file says.
        meaning: The classes wanted.

    Returns:
        Answers to pictures, then boxes, each by time.
    """
    times = frame_times(recording, placed)
    masks = sorted(_masks(recording, times, taken, meaning), key=lambda truth: truth.unit.start_ns)
    return [*masks, *_boxes(recording, tuple(sorted(times)), taken, meaning)]


def _masks(
    recording: Recording, times: dict[StreamName, set[int]], taken: Taken, meaning: Meaning
) -> Iterator[LabelRevision]:
    """Yield the dense answers; each is about the stretch up to any camera's next picture."""
    units = stretches(recording, [t_ns for found in times.values() for t_ns in found])
    for camera, masks in sorted(taken.masks.items()):
        stream, place = StreamName(f"camera/{camera}"), f"/truth/{camera}/semantic"
        pixels = pixel_map(taken.classes[camera], meaning.scenes, meaning.renames)
        for name in pixels.unknown:
            detail = f"{meaning.scenes.task} has no class {name!r}; its pixels say nothing."
            taken.refusals.add("unknown_class", f"{place}, {name}", detail)
        for t_ns, png in sorted(masks.items()):
            if t_ns not in times.get(stream, ()):
                detail = f"No picture of {stream} was taken at {t_ns} ns."
                taken.refusals.add("truth_without_picture", place, detail)
                continue
            try:
                answer = pixels.apply(png)
            except RefusedError as refused:
                taken.refusals.add(refused.reason, place, refused.what)
                continue
            yield mask_truth(units[t_ns], meaning.scenes, stream, t_ns, answer)


def _boxes(
    recording: Recording, cameras: Sequence[StreamName], taken: Taken, meaning: Meaning
) -> Iterator[LabelRevision]:
    """Yield the boxes of each instant; each holds until the next."""
    state = SceneState()
    standing = {t_ns: state.apply(change) for t_ns, change in taken.scenes}
    units = stretches(recording, list(standing))
    names = {step.old: step.new for step in meaning.renames}
    known = {*meaning.objects.classes, *meaning.objects.ignored}
    for t_ns, cubes in sorted(standing.items()):
        if t_ns not in units:
            detail = f"Nothing else is recorded at {t_ns} ns."
            taken.refusals.add("truth_without_picture", taken.boxes, detail)
            continue
        kept = []
        for cube in cubes:
            found = dict(cube.facts).get("class", "")
            class_name = names.get(found, found)
            if not _is_whole(cube):
                detail = f"The box {cube.entity!r} has a number that is none, or no rotation."
                taken.refusals.add("bad_box", taken.boxes, detail)
            elif class_name in known:
                kept.append((class_name, cube))
            elif class_name or not found:
                detail = f"{meaning.objects.task} has no class {found!r}; its boxes are left out."
                taken.refusals.add("unknown_class", f"{taken.boxes}, {found}", detail)
        yield box_truth(units[t_ns], meaning.objects, cameras, t_ns, kept)


def frame_times(recording: Recording, placed: Sequence[Placed]) -> dict[StreamName, set[int]]:
    """Return the times of all pictures, by camera."""
    cameras = {s.name for s in recording.streams if s.kind is StreamKind.CAMERA}
    times: dict[StreamName, set[int]] = {name: set() for name in cameras}
    for part in placed:
        if part.ref.stream in cameras:
            times[part.ref.stream].update(part.ref.start_ns + t for t in part.segment.offsets_ns)
    return times


def mask_truth(
    unit: Stretch, ontology: Ontology, stream: StreamName, t_ns: int, png: bytes
) -> LabelRevision:
    """Return the dense answer to one picture."""
    mask = Mask(element_id=ElementId("scene"), stream=stream, t_ns=t_ns, png=png)
    return _truth(unit, ontology, (stream,), Elements(masks=(mask,)))


def box_truth(
    unit: Stretch,
    ontology: Ontology,
    cameras: Sequence[StreamName],
    t_ns: int,
    cubes: Sequence[tuple[str, Cube]],
) -> LabelRevision:
    """Return the boxes of an instant, with the visible share of each as evidence.

    Args:
        unit: From this instant to the next that has boxes.
        ontology: The classes.
        cameras: Streams that are covered.
        t_ns: The instant.
        cubes: Boxes, each with its class in the ontology.

    Returns:
        The answer; without cubes it says that there was nothing.
    """
    boxes = []
    evidence = []
    for class_name, cube in cubes:
        facts = dict(cube.facts)
        boxes.append(_box(cube, class_name, facts, t_ns))
        evidence += [
            Evidence(name=key, value=_number(value), ref=cube.entity)
            for key, value in facts.items()
            if key.startswith("visible_frac")
        ]
    return _truth(unit, ontology, tuple(cameras), Elements(boxes3d=tuple(boxes)), tuple(evidence))


def _box(cube: Cube, class_name: str, facts: dict[str, str], t_ns: int) -> Box3d:
    """Return a cube as a box."""
    vx, vy, vz = (_number(facts.get(f"v{axis}_mps", "0")) for axis in "xyz")
    return Box3d(
        element_id=ElementId(cube.entity),
        t_ns=t_ns,
        frame=cube.frame_id,
        class_name=class_name,
        center_m=cube.position_m,
        size_m=cube.size_m,
        rotation_wxyz=cube.rotation_wxyz,
        velocity_mps=(vx, vy, vz),
    )


def _is_whole(cube: Cube) -> bool:
    """Return whether a box has a place, a size and a rotation."""
    numbers = (*cube.position_m, *cube.size_m, *cube.rotation_wxyz)
    return bool(np.isfinite(numbers).all()) and any(cube.rotation_wxyz)


def _number(text: str) -> float:
    """Return the number that metadata say, 0 where they say none."""
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if np.isfinite(value) else 0.0


def _truth(
    unit: Stretch,
    ontology: Ontology,
    streams: tuple[StreamName, ...],
    elements: Elements,
    evidence: tuple[Evidence, ...] = (),
) -> LabelRevision:
    return LabelRevision(
        unit=unit,
        task=ontology.task,
        ontology_id=ontology.ontology_id,
        author=ARCHIVE,
        coverage=Coverage(
            streams=streams, spans=(Span(start_ns=unit.start_ns, end_ns=unit.end_ns),)
        ),
        elements=elements,
        evidence=evidence,
    )


def stretches(recording: Recording, times_ns: Sequence[int]) -> dict[int, Stretch]:
    """Return by instant the stretch that lasts until the next, the last until the end.

    Args:
        recording: The recording.
        times_ns: Instants; those outside of the recording have no stretch.

    Returns:
        Instant -> stretch.
    """
    inside = sorted({t for t in times_ns if recording.start_ns <= t < recording.end_ns})
    return {
        start: Stretch(recording_id=recording.recording_id, start_ns=start, end_ns=end)
        for start, end in itertools.pairwise([*inside, recording.end_ns])
    }
