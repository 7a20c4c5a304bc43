"""Label revisions and their elements: who said what about which stretch, having looked where.

A revision is one answer to one task on a stretch of a recording's timeline. Its *coverage* says
what was examined; without it "absent" and "not looked at" would be the same.
"""

from dataclasses import dataclass
from enum import StrEnum

from bessemer.core.errors import InputError
from bessemer.core.ids import (
    ElementId,
    OntologyId,
    RevisionId,
    StreamName,
    TaskName,
    content_id,
)
from bessemer.core.records import Stretch


class AuthorKind(StrEnum):
    """What kind of author answered."""

    PERSON = "person"
    NETWORK = "network"
    ORACLE = "oracle"
    PROPAGATION = "propagation"
    WORKS = "works"
    MERGE = "merge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Author:
    """Who answered: a person's name, a network's digest, an oracle's or a propagator's name."""

    kind: AuthorKind
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A stretch of time, [start_ns, end_ns), within a recording known from context."""

    start_ns: int
    end_ns: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """What was examined.

    Attributes:
        streams: Streams looked at.
        spans: Times looked at.
        classes: Classes looked for; empty means all of the ontology.
    """

    streams: tuple[StreamName, ...]
    spans: tuple[Span, ...]
    classes: tuple[str, ...] = ()

    def includes(self, stream: StreamName, t_ns: int) -> bool:
        """Return whether an instant of a stream was examined."""
        return stream in self.streams and any(s.start_ns <= t_ns < s.end_ns for s in self.spans)


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """One reason for an answer: a named score, and what it refers to (a revision, a network)."""

    name: str
    value: float
    ref: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClassSpan:
    """A class that holds over a span of a stream: a sign's type, a scene's weather."""

    element_id: ElementId
    stream: StreamName
    start_ns: int
    end_ns: int
    class_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Box2d:
    """An axis-aligned box in a picture, pixels, [x0, x1) x [y0, y1)."""

    element_id: ElementId
    stream: StreamName
    t_ns: int
    class_name: str
    x0_px: float
    y0_px: float
    x1_px: float
    y1_px: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Box3d:
    """A box in space; ``frame`` names the coordinate frame of its pose.

    Attributes:
        center_m: x, y, z of the centre.
        size_m: Length, width, height.
        rotation_wxyz: Unit quaternion, frame_from_box.
        velocity_mps: x, y, z in the same frame.
    """

    element_id: ElementId
    t_ns: int
    frame: str
    class_name: str
    center_m: tuple[float, float, float]
    size_m: tuple[float, float, float]
    rotation_wxyz: tuple[float, float, float, float]
    velocity_mps: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Polyline:
    """A line: lanes, edges. Points are in ``frame``, metres; or pixels, z = 0, on ``stream``."""

    element_id: ElementId
    t_ns: int
    frame: str
    class_name: str
    points: tuple[tuple[float, float, float], ...]
    stream: StreamName | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mask:
    """A single-channel PNG over a picture.

    Attributes:
        class_name: Class of the non-zero pixels. Empty for a dense map, whose values are class
            indices of the ontology and 255 where nothing is said.
        png: The encoded picture.
    """

    element_id: ElementId
    stream: StreamName
    t_ns: int
    class_name: str = ""
    png: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A vector of controls held over a span; ``columns`` of the stream name its values."""

    element_id: ElementId
    stream: StreamName
    start_ns: int
    end_ns: int
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Elements:
    """The things in one label revision, one tuple a geometry."""

    class_spans: tuple[ClassSpan, ...] = ()
    boxes2d: tuple[Box2d, ...] = ()
    boxes3d: tuple[Box3d, ...] = ()
    polylines: tuple[Polyline, ...] = ()
    masks: tuple[Mask, ...] = ()
    actions: tuple[Action, ...] = ()

    def __len__(self) -> int:
        """Return the number of elements over all geometries."""
        return (
            len(self.class_spans)
            + len(self.boxes2d)
            + len(self.boxes3d)
            + len(self.polylines)
            + len(self.masks)
            + len(self.actions)
        )


def named_classes(elements: Elements) -> set[str]:
    """Return the classes that elements name; a dense map names none, and an action has none."""
    return {
        *(span.class_name for span in elements.class_spans),
        *(box.class_name for box in elements.boxes2d),
        *(box.class_name for box in elements.boxes3d),
        *(line.class_name for line in elements.polylines),
        *(mask.class_name for mask in elements.masks if mask.class_name),
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelRevision:
    """One answer to one task on a stretch of a recording's timeline.

    Attributes:
        unit: The stretch the answer is about.
        task: The task.
        ontology_id: The version of the classes.
        author: Who answered.
        parents: Revisions this one continues or merges; empty for a first answer.
        coverage: What was examined.
        elements: What was found there.
        evidence: Why, in named scores.
        price: What was paid for it, in labels.
    """

    unit: Stretch
    task: TaskName
    ontology_id: OntologyId
    author: Author
    parents: tuple[RevisionId, ...] = ()
    coverage: Coverage
    elements: Elements
    evidence: tuple[Evidence, ...] = ()
    price: float = 0.0

    def __post_init__(self) -> None:
        """Check the price and that every time examined lies in the unit."""
        if self.price < 0:
            raise InputError(f"A price is not negative: {self.price}.", where="LabelRevision")
        for span in self.coverage.spans:
            if span.start_ns < self.unit.start_ns or span.end_ns > self.unit.end_ns:
                raise InputError(
                    "The coverage reaches beyond the unit.",
                    where=f"{self.unit.recording_id}, {self.task}",
                    fix="Cut it to the unit.",
                )

    @property
    def revision_id(self) -> RevisionId:
        """The address of the answer."""
        return RevisionId(content_id("revision", self))
