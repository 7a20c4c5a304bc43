"""A recipe: one complete config of the works. Recipes are made by functions, see ``recipes``."""

from dataclasses import dataclass, field
from typing import Final

from bessemer.core.errors import InputError
from bessemer.core.ontology import Ontology
from bessemer.core.plugins import find_plugin
from bessemer.core.protocols import Task
from bessemer.core.records import SplitRule
from bessemer.core.signature import Geometry, Preprocess
from bessemer.fleet.deal import DealConfig, RecordedDeal
from bessemer.label.carry import CarryConfig
from bessemer.label.oracle import OracleConfig
from bessemer.loop.archive import ArchiveConfig, archive_config
from bessemer.networks.config import HydraConfig
from bessemer.networks.published import find_foundation
from bessemer.train.config import PretrainConfig, TrainConfig
from bessemer.train.selftrain import SelfTrainConfig
from bessemer.validate.leak import LeakConfig

ORACLE: Final = "oracle"
PEOPLE: Final = "people"
_TASK_OF_GEOMETRY: Final = {Geometry.CLASS: "track_class", Geometry.DENSE: "frame_mask"}


@dataclass(frozen=True, slots=True, kw_only=True)
class TriggerConfig:
    """Thresholds of the standing triggers of a fleet; see :mod:`bessemer.fleet.triggers`.

    Attributes:
        also: Names of installed triggers that stand beside them.
    """

    low_confidence_below: float = 0.8
    disagreement_above: float = 0.3
    flicker_above: float = 0.1
    novelty_above: float = 0.2
    rarity_at_most: float = 5.0
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """What one turn may cost, and what the test may cost once.

    Attributes:
        uploads: Stretches that may come back from the fleet.
        labels: Labels paid for, audits and re-labels included.
        test_labels: What people may be asked about the test, once and before the first turn, where
            its recordings came without truth; 0 judges only by what the archive knows.
        control_frac: Share of uploads and of new labels that is drawn uniformly.
        audit_frac: Share of the labels that goes to labelling control units a second time.
        relabel_frac: Share of the labels that goes to labels that look wrong.
    """

    uploads: int
    labels: int
    test_labels: int = 100
    control_frac: float = 0.1
    audit_frac: float = 0.05
    relabel_frac: float = 0.05

    def __post_init__(self) -> None:
        """Check that something is left for new labels."""
        fracs = (self.control_frac, self.audit_frac, self.relabel_frac)
        counts = (self.uploads, self.labels, self.test_labels + 1)
        if min(counts) < 1 or min(fracs) < 0 or sum(fracs[1:]) >= 1:
            raise InputError(
                "A turn uploads and labels something, and audits leave a part for new labels.",
                where="Budget",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Recipe:
    """Everything that decides what a run of the works does.

    Attributes:
        name: The line.
        reader: The reader of its archive.
        reader_settings: Settings of the reader, each ``path=value``: ``sequence=true``.
        geometry: Whether its task classifies tracks or paints frames.
        ontology: The task and its classes.
        task: An installed task that says what a unit is and how answers are merged; None takes
            whole tracks, or single frames, as the geometry says.
        split: How recordings are dealt to train and test.
        leak: What of the train side nearly repeats the test, and is not learnt from; None learns
            from all but identical bytes.
        deal: How train recordings are dealt to vehicles and weeks; a :class:`RecordedDeal` leaves
            them where their drives say that they were.
        tail: Classes that the early weeks mostly miss; empty lets class frequency decide.
        tail_when: A condition on what a vehicle's signals say, in CEL, of stretches that the early
            weeks miss too: dusk is ``signal["brightness"] < 0.28``; frequency then decides nothing.
        triggers: What the fleet sends back.
        budget: What a turn may cost.
        embedder: The pinned space, in which near and far, new and typical are measured.
        selector: Who spends the label budget.
        labeller: Who answers: ``oracle``, who knows what the archive knows; ``people``, for whom
            turns wait; or an installed labeller.
        auditor: Who is asked a second time, as ``labeller``; None asks people again where people
            answer, and an oracle that never errs where the oracle does. An installed labeller
            needs one to be named.
        oracle: How often the archive's oracle errs.
        carry: How dense answers are carried to uploaded frames beside theirs; None leaves them.
        preprocess: How pictures become inputs.
        network: The network's shape.
        train: How it is compiled.
        foundation: Published weights that the backbone begins with, such as ``imagenet``; None
            draws its weights.
        pretrain: How a backbone learns from all that was uploaded before any label is read; None
            leaves that out.
        self_train: When a network is believed on what has no label; None never.
        suite: The suite, as TOML text.
        gate: Who reads what the suite found, and decides.
        exam_block_s: Test recordings longer than this are resampled in blocks of about this length,
            which is how a single test drive gets an interval; 0 resamples whole recordings.
        noise_networks: Networks of the released recipe, itself counted, that measure what the seed
            alone does; fewer than 2 measure nothing, and twins are refused more often.
        turns: Turns of a run.
        seeds: Seeds of each arm.
    """

    name: str
    reader: str
    reader_settings: tuple[str, ...] = ()
    geometry: Geometry
    ontology: Ontology
    task: str | None = None
    split: SplitRule = field(default_factory=SplitRule)
    leak: LeakConfig | None = field(default_factory=LeakConfig)
    deal: DealConfig = field(default_factory=DealConfig)
    tail: tuple[str, ...] = ()
    tail_when: str = ""
    triggers: TriggerConfig = field(default_factory=TriggerConfig)
    budget: Budget
    embedder: str = "pinned"
    selector: str = "engine"
    labeller: str = ORACLE
    auditor: str | None = None
    oracle: OracleConfig = field(default_factory=OracleConfig)
    carry: CarryConfig | None = None
    preprocess: Preprocess
    network: HydraConfig
    train: TrainConfig
    foundation: str | None = None
    pretrain: PretrainConfig | None = None
    self_train: SelfTrainConfig | None = None
    suite: str
    gate: str = "standing"
    exam_block_s: float = 0.0
    noise_networks: int = 2
    turns: int = 4
    seeds: int = 3

    @property
    def second_labeller(self) -> str:
        """Who is asked a second time."""
        return self.auditor or self.labeller

    @property
    def asks_oracle(self) -> bool:
        """Whether somebody answers from what the archive knows of the train side."""
        return ORACLE in {self.labeller, self.second_labeller}

    @property
    def asks_people(self) -> bool:
        """Whether people answer, so that turns wait for them."""
        return self.labeller == PEOPLE

    def __post_init__(self) -> None:
        """Check that what is switched on has something to work on.

        Raises:
            NotFoundError: If the foundation is not known.
            InputError: If it belongs to another backbone, answers that are no maps should be
                carried from frame to frame, a network that paints should believe itself, or weeks
                should miss a tail whose drives say themselves in which week they were.
        """
        if self.foundation is not None:
            find_foundation(self.foundation, self.network)
        if self.carry is not None and self.geometry is not Geometry.DENSE:
            raise InputError(
                "Only dense answers are carried to other frames; a class holds along its track.",
                where=f"recipe {self.name}: carry",
                fix="Leave carry away.",
            )
        if self.self_train is not None and self.geometry is Geometry.DENSE:
            raise InputError(
                "A network believes itself where all frames of a track agree; maps have no tracks.",
                where=f"recipe {self.name}: self_train",
                fix="Leave self_train away.",
            )
        if isinstance(self.deal, RecordedDeal) and (self.tail or self.tail_when):
            raise InputError(
                "Drives that are dealt as recorded come in their own weeks; no tail is held back.",
                where=f"recipe {self.name}: tail",
                fix="Leave tail and tail_when away.",
            )


def archive_of_recipe(recipe: Recipe) -> ArchiveConfig:
    """Return how a run takes an archive in: what it knows by name is not read again."""
    settings = [f"reader.{setting}" for setting in recipe.reader_settings]
    return archive_config(recipe.reader, settings, split=recipe.split, compare=False)


def task_of(recipe: Recipe) -> Task:
    """Return the task of a recipe.

    Args:
        recipe: The recipe.

    Returns:
        A new task.

    Raises:
        NotFoundError: If no task of that name is installed.
        InputError: If its answers look otherwise than the recipe's.
    """
    name = recipe.task or _TASK_OF_GEOMETRY[recipe.geometry]
    task: Task = find_plugin("tasks", name, ontology=recipe.ontology)
    if task.geometry is not recipe.geometry:
        raise InputError(
            f"The task {name!r} gives {task.geometry.value} answers, the recipe asks for "
            f"{recipe.geometry.value} ones.",
            where=f"recipe {recipe.name}: task",
            fix="Name a task of the recipe's geometry.",
        )
    return task
