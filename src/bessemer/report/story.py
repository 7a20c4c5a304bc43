"""The story of a run, as plain values: what the loop fills in, and pages and summaries tell.

Every number comes from the run; pages compute none but shares and sums. Where something was not
measured the field is None, and the page says so instead of drawing it.
"""

from dataclasses import dataclass
from enum import StrEnum

from bessemer.core.errors import InputError
from bessemer.core.fleet import Count


class Mark(StrEnum):
    """What a check came to, in the words of its verdict."""

    PASS = "pass"
    FAIL = "fail"
    CANNOT_TELL = "cannot tell"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A number and its interval; without the interval where there is too little to give one.

    Attributes:
        value: The number.
        low: Lower end; None where no interval is known.
        high: Upper end; None where no interval is known.
    """

    value: float
    low: float | None = None
    high: float | None = None

    def __post_init__(self) -> None:
        """Check that the interval has two ends, in order.

        Raises:
            InputError: If it has one, or they are swapped.
        """
        if (self.low is None) != (self.high is None):
            raise InputError("An interval has two ends.", where="Measure", fix="Give both or none.")
        if self.low is not None and self.high is not None and self.low > self.high:
            raise InputError(
                f"The interval [{self.low}, {self.high}] ends before it starts.",
                where="Measure",
                fix="Swap its ends.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class CurvePoint:
    """Where an arm stood once it had paid for so many labels.

    Attributes:
        turn: The turn, counted from 1.
        paid: Labels paid for so far, audits and re-labels included.
        mean: The mean over seeds, with its interval.
        seeds: The value of each seed.
    """

    turn: int
    paid: float
    mean: Measure
    seeds: tuple[float, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """One metric of one arm, turn by turn."""

    metric: str
    points: tuple[CurvePoint, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ArmStory:
    """What is compared: ``engine``, and the arm it is measured against.

    Attributes:
        name: The arm's name.
        curves: One a metric, the same metrics in every arm.
    """

    name: str
    curves: tuple[Curve, ...]

    def curve(self, metric: str) -> Curve | None:
        """Return the curve of a metric, or None."""
        return next((curve for curve in self.curves if curve.metric == metric), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """First arm less second at the end of the run, paired by seed."""

    metric: str
    difference: Measure


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceTurn:
    """What a slice's check came to in one turn.

    Attributes:
        turn: The turn.
        measure: The metric; None where nothing could be measured.
        mark: The verdict; None where nothing was asked.
        reason: The verdict in a sentence.
    """

    turn: int
    measure: Measure | None
    mark: Mark | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SliceStory:
    """One slice and metric, turn by turn, in the first seed of the first arm.

    Attributes:
        name: The slice.
        metric: The metric.
        where: The slice's predicate.
        n_recordings: Test recordings in it.
        turns: By turn.
    """

    name: str
    metric: str
    where: str = ""
    n_recordings: int = 0
    turns: tuple[SliceTurn, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A picture, and why it is shown.

    Attributes:
        thumb: A data URI from :mod:`bessemer.report.thumbs`; empty where there is no picture.
        caption: A word or two below it: the class, the source.
        reason: Why, in a sentence.
    """

    thumb: str
    caption: str
    reason: str

    def __post_init__(self) -> None:
        """Check that the picture travels with the page.

        Raises:
            InputError: If it would have to be fetched.
        """
        if self.thumb and not self.thumb.startswith("data:image/"):
            raise InputError(
                "A page asks nothing of any network, so its pictures are data URIs.",
                where=self.thumb[:60],
                fix="Use bessemer.report.thumbs.thumb_uri.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class ShotGroup:
    """Pictures that share a cause: a trigger, or a selector's reason.

    Attributes:
        name: The cause.
        count: How many there were; ``shots`` shows some of them.
        shots: The pictures shown.
    """

    name: str
    count: int
    shots: tuple[Shot, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class YieldStory:
    """What a trigger or a campaign brought.

    Attributes:
        name: The trigger or campaign.
        is_campaign: Whether a failing slice asked for it.
        fired: How often its condition held.
        uploaded: How much of that came back within the budget.
        true_frac: Share of it that truly lay in the slice asked for; None where not known.
        reason: Why a campaign was sent.
    """

    name: str
    is_campaign: bool = False
    fired: int
    uploaded: int
    true_frac: float | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HaulStory:
    """What the week brought back.

    Attributes:
        week: The week, counted from 0.
        met: Stretches that the vehicles met.
        uploaded: Stretches that came back.
        groups: Pictures of them by the trigger that won.
        yields: What each trigger and campaign did.
        kept: Why the rest stayed on the vehicles.
    """

    week: int
    met: int
    uploaded: int
    groups: tuple[ShotGroup, ...] = ()
    yields: tuple[YieldStory, ...] = ()
    kept: tuple[Count, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PicksStory:
    """What labels were bought for.

    Attributes:
        selector: Who chose.
        groups: Pictures of what was chosen, by reason.
        passed_over: Why the others were not.
    """

    selector: str
    groups: tuple[ShotGroup, ...]
    passed_over: tuple[Count, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelError:
    """A label found wrong: the picture, what was given, what it is."""

    shot: Shot
    given: str
    corrected: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelsStory:
    """What labelling brought.

    Attributes:
        paid: Labels paid for in this turn.
        audited: Control units labelled a second time.
        audit_errors: Those whose first answer was wrong.
        error_frac: The error rate that the audit so far estimates; None before any audit.
        suspects: Labels bought again because they looked wrong.
        corrected: Those that were wrong.
        errors: Some of them, to look at.
        waiting: Requests that people still hold.
    """

    paid: float
    audited: int = 0
    audit_errors: int = 0
    error_frac: Measure | None = None
    suspects: int = 0
    corrected: int = 0
    errors: tuple[LabelError, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class CommitStory:
    """A data commit's three numbers: large, accurate, diverse.

    Attributes:
        commit_id: The commit's address.
        units: Labelled units.
        recordings: Recordings they come from.
        clips: Clips in which they came; 0 where nobody counted.
        duration_s: Seconds they last; 0 where times are only nominal.
        effective_units: Units once near-duplicates count once; None where not measured.
        error_frac: Label-error rate; None where not audited.
        coverage_frac: Share of the pinned space that a labelled unit is near; None if not measured.
        balance_frac: Evenness of the classes, 1 where all are equally frequent; None if unknown.
        attributes: The same of what recordings say of themselves, such as the weather, by name.
    """

    commit_id: str
    units: int
    recordings: int
    clips: int = 0
    duration_s: float = 0.0
    effective_units: float | None = None
    error_frac: Measure | None = None
    coverage_frac: float | None = None
    balance_frac: float | None = None
    attributes: tuple[tuple[str, float], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StageStory:
    """One stage of one turn: how long it took, or that it was there already."""

    name: str
    wall_s: float
    cached: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class GateStory:
    """What the gate decided.

    Attributes:
        shipped: Whether the candidate drives from now on.
        n_checks: Checks read.
        reasons: Why it was refused.
        unsure: Checks that could not tell.
        notes: What a reader should know of how sure this is.
    """

    shipped: bool
    n_checks: int
    reasons: tuple[str, ...] = ()
    unsure: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """The address of something the run made, whole; pages show its first 12 digits."""

    name: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStory:
    """One turn of the branch that is told in full.

    Attributes:
        turn: Counted from 1.
        haul: What came back.
        picks: What was chosen for labels.
        labels: What labelling brought.
        commit: The data commit.
        gate: The decision.
        uploaded_bytes: Bytes that came back.
        stages: What each stage cost, in order.
        addresses: Commit, network, report of validation.
    """

    turn: int
    haul: HaulStory
    picks: PicksStory
    labels: LabelsStory
    commit: CommitStory
    gate: GateStory
    uploaded_bytes: int = 0
    stages: tuple[StageStory, ...] = ()
    addresses: tuple[Address, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStory:
    """A run of the works.

    Attributes:
        recipe: The recipe's name.
        task: What the network answers.
        classes: The classes of the ontology.
        n_train: Recordings dealt to training.
        n_test: Recordings held out.
        n_seeds: Seeds of each arm.
        branch: The branch told turn by turn: the first seed of the first arm.
        arms: What is compared; the first is the engine's. All pay alike.
        differences: First arm less second at the end, by metric.
        slices: Slices by turn.
        turns: The turns of ``branch``.
        rejected: What was refused, or held out of training, by reason.
        addresses: Recipe, last commit, network that drives.
        code_version: The version of Bessemer that ran.
        interval: What intervals are over: ``95%, bootstrap over seeds and recordings``.
        slice_interval: What those of ``slices`` are: ``95% for all 3 slices together``.
        notes: What else a reader must know.
    """

    recipe: str
    task: str
    classes: tuple[str, ...]
    n_train: int
    n_test: int
    n_seeds: int
    branch: str
    arms: tuple[ArmStory, ...]
    differences: tuple[Difference, ...] = ()
    slices: tuple[SliceStory, ...] = ()
    turns: tuple[TurnStory, ...]
    rejected: tuple[Count, ...] = ()
    addresses: tuple[Address, ...] = ()
    code_version: str = ""
    interval: str = ""
    slice_interval: str = ""
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that there is something to tell.

        Raises:
            InputError: If no arm was run, or no turn.
        """
        if not self.arms or not self.arms[0].curves or not self.turns:
            raise InputError(
                "A story needs at least one arm with a metric, and one turn.",
                where=f"recipe {self.recipe}",
                fix="Run a turn first.",
            )
