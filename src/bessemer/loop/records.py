"""What the stages of a turn hand to one another; each is a document with an address."""

from dataclasses import dataclass

from bessemer.core.fleet import Campaign, Count
from bessemer.core.ids import (
    ArtifactId,
    CommitId,
    DocumentId,
    NetworkId,
    RevisionId,
    TaskName,
)
from bessemer.core.labels import Evidence
from bessemer.core.records import Clip, Stretch


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkRef:
    """A network and what it was compiled from.

    Attributes:
        network_id: Digest of the ONNX file.
        onnx: The file that vehicles run.
        weights: The safetensors file that training continues from.
        commit_id: The data commit it was compiled from.
        recipe_id: The resolved recipe.
        ingredients: All that it was compiled from.
        seed: The seed of its training.
    """

    network_id: NetworkId
    onnx: ArtifactId
    weights: ArtifactId
    commit_id: CommitId
    recipe_id: DocumentId
    ingredients: DocumentId
    seed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Beginning:
    """What a network begins with: a backbone that knows something before any label is read.

    Attributes:
        weights: Of the backbone and the embedding.
        onnx: The same as a network, for its features.
    """

    weights: ArtifactId
    onnx: ArtifactId


@dataclass(frozen=True, slots=True, kw_only=True)
class Ingredients:
    """All that a network is compiled from, beside the recipe and the seed.

    Attributes:
        commit_id: The labels.
        pool: Every unit uploaded so far, for carried answers and self-training.
        beginning: What it begins with; None begins with weights as drawn.
    """

    commit_id: CommitId
    pool: tuple[Stretch, ...] = ()
    beginning: Beginning | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Branch:
    """One arm and seed: an own line of data commits over the shared lake.

    Attributes:
        arm: ``engine``, or the arm it is measured against: ``chance``.
        seed: Draws everything that is drawn in this branch.
        line: The line and the beginning of its recipe's address, so that a changed recipe begins
            branches of its own.
    """

    arm: str
    seed: int

    line: str

    @property
    def name(self) -> str:
        """The branch's name in the data history."""
        return f"{self.line}/{self.arm}/{self.seed}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What a week's haul became: clips, and units that a label could be bought for."""

    clips: tuple[Clip, ...]
    units: tuple[Stretch, ...]
    size_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pick:
    """A unit chosen for a label, and why."""

    unit: Stretch
    code: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """Units that were passed over for one reason, in the order in which they came up."""

    code: str
    units: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picks:
    """What the selector said about every unit that a label could have been bought for.

    Attributes:
        chosen: Best first.
        left: All others, each once, by reason.
    """

    chosen: tuple[Pick, ...]
    left: tuple[PassedOver, ...] = ()

    @property
    def passed_over(self) -> tuple[Count, ...]:
        """How many were passed over for each reason, the most frequent first."""
        counts = (Count(reason=part.code, count=len(part.units)) for part in self.left)
        return tuple(sorted(counts, key=lambda count: -count.count))


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A label found wrong: the one given, the one that replaced it, and the evidence."""

    unit: Stretch
    given: RevisionId
    corrected: RevisionId
    evidence: tuple[Evidence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """What labelling brought.

    Attributes:
        revisions: The revision that now answers each unit: propagated where it could be.
        paid: Labels paid for, audits and re-labels included.
        audited: Control units that were labelled twice.
        audit_errors: Those of them whose first answer was wrong.
        suspects: Labels that were bought again because they looked wrong.
        corrections: Those of them that were.
        waiting: Requests that people still hold.
    """

    revisions: tuple[RevisionId, ...]
    paid: float
    audited: int = 0
    audit_errors: int = 0
    suspects: int = 0
    corrections: tuple[Correction, ...] = ()
    waiting: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnState:
    """Where a branch stands after a turn; the next turn starts from it and nothing else.

    Attributes:
        turn: Turns done.
        pool: Every unit uploaded so far, in order of arrival.
        commit_id: The data commit; None before the first.
        beginning: What networks begin with so far; None where the recipe draws their weights.
        trained: The newest network, shipped or not.
        released: The network that drives.
        campaigns: What the fleet is asked to look for.
        paid: Labels paid for so far.
    """

    turn: int = 0
    pool: tuple[Stretch, ...] = ()
    commit_id: CommitId | None = None
    beginning: Beginning | None = None
    trained: NetworkRef | None = None
    released: NetworkRef | None = None
    campaigns: tuple[Campaign, ...] = ()
    paid: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnRecord:
    """One turn: the address of every stage's output, and where the branch stands after it.

    ``driver`` is the network that drove while the week was met; empty before the first release.
    """

    recipe_id: DocumentId
    branch: Branch
    turn: int
    task: TaskName
    driver: str
    haul: DocumentId
    intake: DocumentId
    picks: DocumentId
    answers: DocumentId
    commit_id: CommitId
    attestation: DocumentId
    network: NetworkRef
    validation: DocumentId
    decision: DocumentId
    state: TurnState
