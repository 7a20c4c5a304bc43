"""What passes between the works and a fleet: orders go out, a haul comes back."""

from dataclasses import dataclass

from bessemer.core.frames import Frame, Predictions
from bessemer.core.ids import ArtifactId, TaskName, VehicleId
from bessemer.core.records import Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class Campaign:
    """A question to the fleet: a trigger with a budget and an end.

    Attributes:
        name: Unique; by convention the slice's name.
        reason: Why it was asked, in words: the check that failed or could not tell.
        slice_where: The slice it should fill, as a predicate on truth.
        proxy: A CEL condition on what a vehicle knows; see :class:`Sight` for its variables.
        budget: The most uploads it may cause.
        until_week: The first week in which it no longer runs.
    """

    name: str
    reason: str
    slice_where: str
    proxy: str
    budget: int
    until_week: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """What a fleet is told before a week.

    Attributes:
        week: Counts from 0.
        task: The line's task.
        released: The ONNX file that drives; None before the first release.
        candidate: The ONNX file that shadows it: a refused candidate or a twin; if any.
        campaigns: What failing slices ask for.
        upload_budget: The most stretches that may come back.
        control_frac: Share of the uploads drawn uniformly from all that was met.
        seed: Draws the control sample.
    """

    week: int
    task: TaskName
    released: ArtifactId | None = None
    candidate: ArtifactId | None = None
    campaigns: tuple[Campaign, ...] = ()
    upload_budget: int
    control_frac: float = 0.1
    seed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What a vehicle knows about a stretch that it has just met.

    Attributes:
        vehicle: Which vehicle.
        stretch: When.
        frames: The camera frames met.
        classes: What the released network's classes are called, in its order; () before the first
            release.
        released: What the released network said about them; None before the first release.
        candidate: What the shadowed candidate said.
        novelty: Distance of each frame to the nearest thing the works already hold, in the pinned
            space, or () where the vehicle was sent no summary.
        signals: Mean on-board signals over the stretch by name, such as ``brightness``.
    """

    vehicle: VehicleId
    stretch: Stretch
    frames: tuple[Frame, ...]
    classes: tuple[str, ...] = ()
    released: Predictions | None = None
    candidate: Predictions | None = None
    novelty: tuple[float, ...] = ()
    signals: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A trigger fired: how strongly, and why in words."""

    trigger: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """A stretch that came back, and every trigger that asked for it (the first one won)."""

    vehicle: VehicleId
    stretch: Stretch
    hits: tuple[Hit, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """A reason and how often it applied."""

    reason: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerYield:
    """What one trigger or campaign did in a week: fired, and came back within the budget."""

    trigger: str
    fired: int
    uploaded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Haul:
    """What a week brought back, and what it did not.

    Attributes:
        week: The week.
        met: Stretches met by all vehicles.
        uploads: What came back.
        kept: Why the rest stayed on the vehicles, counted by reason.
        yields: By trigger.
    """

    week: int
    met: int
    uploads: tuple[Upload, ...]
    kept: tuple[Count, ...]
    yields: tuple[TriggerYield, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Deal:
    """One encounter of a replayed fleet: who meets which stretch of an archive, in which week."""

    vehicle: VehicleId
    week: int
    stretch: Stretch
