"""A gate for those who would rather wait: what cannot be told does not ship."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import ClassVar

from bessemer.core.gates import Decision, Outcome, Ruling
from bessemer.core.ids import NetworkId
from bessemer.release.gate import StandingGate


@dataclass(frozen=True, slots=True, kw_only=True)
class CautiousGate:
    """Refuses for what failed, and for what could not be told."""

    name: ClassVar[str] = "cautious"

    def decide(
        self, outcomes: Iterable[Outcome], *, candidate: NetworkId, released: NetworkId | None
    ) -> Ruling:
        """Return the decision on a candidate."""
        ruling = StandingGate().decide(outcomes, candidate=candidate, released=released)
        reasons = (*ruling.reasons, *ruling.unsure)
        decision = Decision.REFUSE if reasons else Decision.SHIP
        return replace(ruling, gate=self.name, decision=decision, reasons=reasons, unsure=())
