"""Campaign requests: what a check that failed, or could not tell, asks the fleet to look for."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

from bessemer.validate.bootstrap import Estimate
from bessemer.validate.outcome import CheckOutcome
from bessemer.validate.suite import Suite
from bessemer.validate.verdict import Ask, Verdict

_FEWEST = 8
_MOST = 400
_Z_BOTH = 2.49
"""1.645 + 0.842: one-sided 5%, and a power of 80%."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CampaignRequest:
    """A question to the fleet.

    Attributes:
        slice_name: The slice wanted.
        class_name: The class wanted in it; empty for any.
        reason: Why, in a sentence.
        proxy: What a vehicle can test instead of the slice, in CEL; empty if there is none.
        recordings_wanted: How many more recordings would settle it, at least.
        shortfall: How far below what is asked the truth may lie: the most that is at stake.
        is_failing: Whether a check failed there, rather than could not tell.
    """

    slice_name: str
    class_name: str
    reason: str
    proxy: str
    recordings_wanted: int
    shortfall: float
    is_failing: bool


def request_campaigns(suite: Suite, checks: Iterable[CheckOutcome]) -> tuple[CampaignRequest, ...]:
    """Return one request for each slice and class whose checks did not all pass.

    Args:
        suite: The suite, for the proxies.
        checks: What its checks came to.

    Returns:
        Requests: failing ones first, then those with most at stake; a caller with a small budget
        takes from the front.
    """
    wanted: dict[tuple[str, str], CampaignRequest] = {}
    for outcome in checks:
        if outcome.verdict is Verdict.PASS:
            continue
        place = (outcome.slice_name, outcome.class_name)
        request = CampaignRequest(
            slice_name=outcome.slice_name,
            class_name=outcome.class_name,
            reason=outcome.reason,
            proxy=suite.slice_named(outcome.slice_name).proxy,
            recordings_wanted=_recordings_wanted(outcome),
            shortfall=_shortfall(outcome),
            is_failing=outcome.verdict is Verdict.FAIL,
        )
        if place not in wanted or _urgency(request) > _urgency(wanted[place]):
            wanted[place] = request
    return tuple(sorted(wanted.values(), key=_urgency, reverse=True))


def _urgency(request: CampaignRequest) -> tuple[bool, float, str, str]:
    """Return the key by which requests are ordered; names break ties."""
    return (
        request.is_failing,
        request.shortfall,
        request.slice_name,
        request.class_name,
    )


def _measured(outcome: CheckOutcome) -> tuple[Estimate, float]:
    """Return what a check measured, and the edge it was measured against."""
    if outcome.ask is Ask.NO_WORSE_THAN and outcome.difference is not None:
        return outcome.difference, -outcome.bound
    return outcome.value, outcome.bound


def _shortfall(outcome: CheckOutcome) -> float:
    """Return how far beyond the edge the far end of the interval lies; 1 if nothing is known."""
    measured, edge = _measured(outcome)
    if measured.low is None or measured.high is None:
        return 1.0
    beyond = measured.high - edge if outcome.ask is Ask.AT_MOST else edge - measured.low
    return max(beyond, 0.0)


def _recordings_wanted(outcome: CheckOutcome) -> int:
    """Return how many recordings more would tell the value from its bound, within limits."""
    measured, edge = _measured(outcome)
    short = max(outcome.min_recordings - measured.n_recordings, 0)
    if measured.value is None or not measured.se:
        return min(max(short, _FEWEST), _MOST)
    gap = max(abs(measured.value - edge), 0.01)
    enough = measured.n_recordings * (_Z_BOTH * measured.se / gap) ** 2
    more = math.ceil(min(enough, 1e6)) - measured.n_recordings
    return min(max(more, short, _FEWEST), _MOST)
