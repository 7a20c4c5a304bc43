"""The gate: may this candidate ship? It reads what a suite found, and says why not.

A check that failed refuses. One that cannot tell does not: it becomes a question to the fleet
instead, for a gate that refuses whenever it is unsure would refuse a network's own twin. That twins
are refused in at most 5% of trials, and planted regressions in at least 95%, is measured by
``bench/gate_power.py``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bessemer.core.errors import GateRefusedError
from bessemer.core.ids import NetworkId, content_id


class Decision(StrEnum):
    """What a gate decides."""

    SHIP = "ship"
    REFUSE = "refuse"


@runtime_checkable
class Judged(Protocol):
    """One judged check: its question, verdict and reason."""

    @property
    def name(self) -> str:
        """The question in a few words."""

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
class Gate:
    """The decision on one candidate.

    Attributes:
        candidate: The network that wants to ship.
        released: The one it would replace; None for the first.
        reports: Addresses of the suites' reports read.
        decision: Ship or refuse.
        reasons: Why it was refused, one a check; empty if it ships.
        unsure: Checks that could not tell and did not refuse.
        n_checks: Checks read.
        notes: What a reader should know of how sure the decision is.
    """

    candidate: NetworkId
    released: NetworkId | None
    reports: tuple[str, ...]
    decision: Decision
    reasons: tuple[str, ...]
    unsure: tuple[str, ...]
    n_checks: int
    notes: tuple[str, ...] = ()

    @property
    def gate_id(self) -> str:
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


def decide(
    outcomes: Iterable[Outcome],
    *,
    candidate: NetworkId,
    released: NetworkId | None,
) -> Gate:
    """Return the decision on a candidate.

    Args:
        outcomes: What its suites found.
        candidate: The candidate.
        released: The network released now; None if there is none.

    Returns:
        The decision, with reasons.
    """
    read = tuple(outcomes)
    reasons: list[str] = []
    unsure: list[str] = []
    notes: list[str] = []
    for outcome in read:
        for check in outcome.checks:
            if check.verdict == "fail":
                reasons.append(check.reason)
            elif check.verdict == "cannot tell":
                unsure.append(check.reason)
        compares = any(check.ask == "no_worse_than" for check in outcome.checks)
        if compares and not outcome.noise_twins:
            notes.append(
                f"{outcome.suite_name}: the noise between seeds was not measured, so a twin "
                "may be refused more often than promised."
            )
    return Gate(
        candidate=candidate,
        released=released,
        reports=tuple(outcome.report_id for outcome in read),
        decision=Decision.REFUSE if reasons else Decision.SHIP,
        reasons=tuple(reasons),
        unsure=tuple(unsure),
        n_checks=sum(len(outcome.checks) for outcome in read),
        notes=tuple(notes),
    )
