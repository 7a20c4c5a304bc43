"""Campaign requests: what a check that failed, or could not tell, asks the fleet to look for."""

import math
from collections.abc import Iterable
from dataclasses import dataclass

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
        is_failing: Whether a check failed there, rather than could not tell.
    """

    slice_name: str
    class_name: str
    reason: str
    proxy: str
    recordings_wanted: int
    is_failing: bool


def request_campaigns(suite: Suite, checks: Iterable[CheckOutcome]) -> tuple[CampaignRequest, ...]:
    """Return one request for each slice and class whose checks did not all pass.

    Args:
        suite: The suite, for the proxies.
        checks: What its checks came to.

    Returns:
        Requests: failing ones first, then those that want most.
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
            is_failing=outcome.verdict is Verdict.FAIL,
        )
        if place not in wanted or _urgency(request) > _urgency(wanted[place]):
            wanted[place] = request
    return tuple(sorted(wanted.values(), key=_urgency, reverse=True))


def _urgency(request: CampaignRequest) -> tuple[bool, int, str, str]:
    """Return the key by which requests are ordered; names break ties."""
    return (
        request.is_failing,
        request.recordings_wanted,
        request.slice_name,
        request.class_name,
    )


def _recordings_wanted(outcome: CheckOutcome) -> int:
    """Return how many recordings more would tell the value from its bound, within limits."""
    measured = outcome.difference if outcome.ask is Ask.NO_WORSE_THAN else outcome.value
    short = max(outcome.min_recordings - measured.n_recordings, 0) if measured else 0
    if measured is None or measured.value is None or not measured.se:
        return min(max(short, _FEWEST), _MOST)
    edge = -outcome.bound if outcome.ask is Ask.NO_WORSE_THAN else outcome.bound
    gap = max(abs(measured.value - edge), 0.01)
    enough = measured.n_recordings * (_Z_BOTH * measured.se / gap) ** 2
    more = math.ceil(min(enough, 1e6)) - measured.n_recordings
    return min(max(more, short, _FEWEST), _MOST)
