"""The gate's role: what it reads of a suite, and what it may answer."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bessemer.core.errors import GateRefusedError, InputError
from bessemer.core.ids import NetworkId, content_id


class Decision(StrEnum):
    """What a gate decides."""

    SHIP = "ship"
    REFUSE = "refuse"


@runtime_checkable
class Figure(Protocol):
    """A number measured on recordings, with its interval; None where it was not measured."""

    @property
    def value(self) -> float | None:
        """The estimate."""

    @property
    def low(self) -> float | None:
        """Lower end of its interval."""

    @property
    def high(self) -> float | None:
        """Upper end of its interval."""


@runtime_checkable
class Judged(Protocol):
    """One judged check: its question, what was measured, verdict and reason."""

    @property
    def name(self) -> str:
        """The question in a few words."""

    @property
    def slice_name(self) -> str:
        """The slice that it speaks of."""

    @property
    def metric(self) -> str:
        """The metric, such as ``recall``."""

    @property
    def class_name(self) -> str:
        """The class of a metric of one class; else empty."""

    @property
    def bound(self) -> float:
        """The bound, or the margin of a comparison."""

    @property
    def value(self) -> Figure:
        """The candidate's metric."""

    @property
    def difference(self) -> Figure | None:
        """Candidate less released; None for an absolute bound."""

    @property
    def verdict(self) -> str:
        """``pass``, ``fail`` or ``cannot tell``."""

    @property
    def reason(self) -> str:
        """The verdict in a sentence."""

    @property
    def ask(self) -> str:
        """``at_least``, ``at_most`` or ``no_worse_than``."""


@runtime_checkable
class Outcome(Protocol):
    """What a suite found."""

    @property
    def report_id(self) -> str:
        """The address of the report."""

    @property
    def suite_name(self) -> str:
        """The suite."""

    @property
    def noise_twins(self) -> int:
        """Twins behind the noise floor; 0 if there was none."""

    @property
    def checks(self) -> Sequence[Judged]:
        """Every question of the suite."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """What a gate decided on one candidate.

    Attributes:
        gate: Who decided.
        candidate: The network that wants to ship.
        released: The one it would replace; None for the first.
        reports: Addresses of the suites' reports read.
        decision: Ship or refuse.
        reasons: Why it was refused, one a check; empty if it ships.
        unsure: Checks that could not tell and did not refuse.
        n_checks: Checks read.
        notes: What a reader should know of how sure the decision is.
    """

    gate: str
    candidate: NetworkId
    released: NetworkId | None
    reports: tuple[str, ...]
    decision: Decision
    reasons: tuple[str, ...]
    unsure: tuple[str, ...]
    n_checks: int
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check that what is refused has reasons, and what ships has none."""
        if (self.decision is Decision.REFUSE) != bool(self.reasons):
            raise InputError(
                f"The decision is to {self.decision}, for {len(self.reasons)} reasons.",
                where=f"gate {self.gate}",
                fix="Refuse for at least one reason, ship for none.",
            )

    @property
    def ruling_id(self) -> str:
        """The address of the decision."""
        return content_id("gate", self)

    def refuse_or_pass(self) -> None:
        """Do nothing if the candidate may ship.

        Raises:
            GateRefusedError: If not, with the reasons.
        """
        if self.decision is Decision.REFUSE:
            raise GateRefusedError(
                f"The candidate is refused, for {len(self.reasons)} of {self.n_checks} checks: "
                + " ".join(self.reasons),
                where=self.candidate[:12],
                fix="It stays a candidate; its campaigns ask the fleet for what it lacks.",
            )


@runtime_checkable
class Gate(Protocol):
    """Decides whether a candidate may ship. The same outcomes, in any order, get one decision."""

    @property
    def name(self) -> str:
        """How it is called in recipes and reports."""

    def decide(
        self,
        outcomes: Iterable[Outcome],
        *,
        candidate: NetworkId,
        released: NetworkId | None,
    ) -> Ruling:
        """Return the decision on a candidate.

        Args:
            outcomes: What its suites found.
            candidate: The candidate.
            released: The network released now; None if there is none.

        Returns:
            The decision: a reason for every refusal, and none where the candidate ships.
        """
