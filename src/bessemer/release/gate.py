"""The standing gate: may this candidate ship? It reads what a suite found, and says why not.

A check that failed refuses. One that cannot tell does not: it becomes a question to the fleet
instead, for a gate that refuses whenever it is unsure would refuse a network's own twin. That twins
are refused in at most 5% of trials, and planted regressions in at least 95%, is measured by
``bench/gate_power.py``.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import ClassVar

from bessemer.core.gates import Decision, Outcome, Ruling
from bessemer.core.ids import NetworkId


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingGate:
    """Refuses for every check that failed, and for nothing else."""

    name: ClassVar[str] = "standing"

    def decide(
        self,
        outcomes: Iterable[Outcome],
        *,
        candidate: NetworkId,
        released: NetworkId | None,
    ) -> Ruling:
        """Return the decision on a candidate; see :class:`bessemer.core.gates.Gate`."""
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
        return Ruling(
            gate=self.name,
            candidate=candidate,
            released=released,
            reports=tuple(outcome.report_id for outcome in read),
            decision=Decision.REFUSE if reasons else Decision.SHIP,
            reasons=tuple(reasons),
            unsure=tuple(unsure),
            n_checks=sum(len(outcome.checks) for outcome in read),
            notes=tuple(notes),
        )
