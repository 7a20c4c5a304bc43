"""How a week's upload budget is spent: the control sample, campaigns, then triggers in turn.

The control sample is drawn first and from everything met, whatever fired, so that it stays an
unbiased picture of the world. Campaigns follow within budgets of their own. What is left goes to
the triggers by rank, one each in turn, so that a loud one cannot starve the others.

Cost: O(n log n) for n stretches met, by trigger.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bessemer.core.errors import InputError
from bessemer.core.fleet import Count, Hit, Orders, TriggerYield
from bessemer.core.ids import content_id
from bessemer.core.records import Stretch

CONTROL = "control"
BELOW = "below every trigger"
NOT_DRAWN = "not drawn into the sample"
UPLOAD_SPENT = "upload budget spent"
CAMPAIGN_SPENT = "campaign budget spent"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A stretch met, and every trigger that asks for it."""

    stretch: Stretch
    hits: tuple[Hit, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spent:
    """How a budget was spent.

    Attributes:
        uploads: Row and its hits, the one that won first, in the order of winning.
        kept: Why the rest stayed.
        yields: By trigger: how often it fired, and how often it won.
    """

    uploads: tuple[tuple[int, tuple[Hit, ...]], ...]
    kept: tuple[Count, ...]
    yields: tuple[TriggerYield, ...]


def spend_budget(
    asked: Sequence[Asked], orders: Orders, triggers: Sequence[str], campaign_frac: float
) -> Spent:
    """Choose what comes back.

    Args:
        asked: Everything met.
        orders: Budgets, campaigns, and the seed of the control sample.
        triggers: Names of the triggers that are no campaigns, in the order of their turns.
        campaign_frac: The most that campaigns may take of what the control sample leaves.

    Returns:
        Uploads and counts; ``len(uploads)`` and the counts kept sum to ``len(asked)``.

    Raises:
        InputError: If two triggers share a name.
    """
    budgets = {campaign.name: campaign.budget for campaign in orders.campaigns}
    names = [CONTROL, *budgets, *triggers]
    if len(set(names)) != len(names) or len(budgets) != len(orders.campaigns):
        raise InputError(
            "Two triggers or campaigns share a name.",
            where=f"week {orders.week}",
            fix=f"Rename one; {CONTROL!r} is taken.",
        )
    addresses = [content_id("control", (orders.seed, orders.week, a.stretch)) for a in asked]
    total = min(orders.upload_budget, len(asked))
    won = dict.fromkeys(_draw_control(addresses, orders, total), CONTROL)
    queues = _queues(asked, addresses)
    left_for_campaigns = int(campaign_frac * (total - len(won)))
    _take_in_turn(queues, budgets, left_for_campaigns, won)
    _take_in_turn(queues, dict.fromkeys(triggers, total), total - len(won), won)
    uploads = tuple((row, _winner_first(name, asked[row].hits)) for row, name in won.items())
    return Spent(
        uploads=uploads,
        kept=_count_kept(asked, won, budgets, BELOW if budgets or triggers else NOT_DRAWN),
        yields=_yields(names, asked, won),
    )


def _draw_control(addresses: Sequence[str], orders: Orders, total: int) -> list[int]:
    """Return the rows of the control sample: the smallest addresses, at least one if any."""
    wanted = round(orders.control_frac * orders.upload_budget)
    if orders.control_frac > 0 and orders.upload_budget > 0:
        wanted = max(wanted, 1)
    ranked = sorted(range(len(addresses)), key=addresses.__getitem__)
    return ranked[: min(wanted, total)]


def _queues(asked: Sequence[Asked], addresses: Sequence[str]) -> dict[str, list[int]]:
    """Return the rows that each trigger asks for, strongest first; ties go by address."""
    ranked: dict[str, list[tuple[float, str, int]]] = {}
    for row, one in enumerate(asked):
        for hit in one.hits:
            ranked.setdefault(hit.trigger, []).append((-hit.score, addresses[row], row))
    return {name: [row for _, _, row in sorted(rows)] for name, rows in ranked.items()}


def _take_in_turn(
    queues: Mapping[str, list[int]], quotas: Mapping[str, int], budget: int, won: dict[int, str]
) -> None:
    """Add to ``won`` the best row of each queue in turn, until quotas or the budget are spent."""
    waiting = {name: iter(queues[name]) for name in quotas if name in queues}
    quota_left = dict(quotas)
    while waiting and budget > 0:
        for name in list(waiting):
            row = next((r for r in waiting[name] if r not in won), None)
            if row is None or quota_left[name] < 1:
                del waiting[name]
                continue
            won[row] = name
            quota_left[name] -= 1
            budget -= 1
            if budget < 1:
                return


def _winner_first(winner: str, hits: tuple[Hit, ...]) -> tuple[Hit, ...]:
    """Return all hits of a row with the one that won in front."""
    if winner == CONTROL:
        drawn = Hit(trigger=CONTROL, score=0.0, reason="drawn uniformly from all that was met")
        return (drawn, *hits)
    return tuple(sorted(hits, key=lambda hit: hit.trigger != winner))


def _count_kept(
    asked: Sequence[Asked], won: Mapping[int, str], campaigns: Mapping[str, int], silent: str
) -> tuple[Count, ...]:
    """Return why the rows that were not won stayed, the most frequent reason first.

    ``silent`` is the reason of a row that nothing asked for.
    """
    reasons: Counter[str] = Counter()
    for row, one in enumerate(asked):
        if row in won:
            continue
        if not one.hits:
            reasons[silent] += 1
        elif all(hit.trigger in campaigns for hit in one.hits):
            reasons[CAMPAIGN_SPENT] += 1
        else:
            reasons[UPLOAD_SPENT] += 1
    ranked = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Count(reason=reason, count=count) for reason, count in ranked)


def _yields(
    names: Sequence[str], asked: Sequence[Asked], won: Mapping[int, str]
) -> tuple[TriggerYield, ...]:
    """Return by trigger how often it fired and how often it won; control fires as it wins."""
    wins = Counter(won.values())
    fired = Counter(hit.trigger for one in asked for hit in one.hits)
    fired[CONTROL] = wins[CONTROL]
    return tuple(
        TriggerYield(trigger=name, fired=fired[name], uploaded=wins[name]) for name in names
    )
