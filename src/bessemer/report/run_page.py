"""The page of a run: what the turns bought beside chance, and everything that explains it."""

import re
from dataclasses import dataclass

from bessemer.report.page import render
from bessemer.report.story import RunStory
from bessemer.report.wording import FEWEST_SEEDS, headline, judgement

_INTERVAL = re.compile(r"\S+ \[[^\]]+\]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """Sums over the turns of the branch that is told."""

    paid: float
    uploaded: int
    met: int
    size_bytes: int
    wall_s: float
    shipped: int


def total_of(story: RunStory) -> Totals:
    """Return the sums over a story's turns."""
    return Totals(
        paid=sum(turn.labels.paid for turn in story.turns),
        uploaded=sum(turn.haul.uploaded for turn in story.turns),
        met=sum(turn.haul.met for turn in story.turns),
        size_bytes=sum(turn.uploaded_bytes for turn in story.turns),
        wall_s=sum(stage.wall_s for turn in story.turns for stage in turn.stages),
        shipped=sum(turn.gate.shipped for turn in story.turns),
    )


def stage_colours(story: RunStory) -> dict[str, int]:
    """Return a colour for every stage, by the order in which stages first ran."""
    names = dict.fromkeys(stage.name for turn in story.turns for stage in turn.stages)
    return {name: order for order, name in enumerate(names)}


def keep_intervals(text: str) -> str:
    """Return text whose intervals are not broken across lines.

    Args:
        text: Any text.

    Returns:
        The same text, with no-break spaces inside its intervals.

    Example:
        >>> len(keep_intervals("recall 0.5 [0.4, 0.6]").split(" "))
        2
    """
    return _INTERVAL.sub(lambda found: found[0].replace(" ", "\u00a0"), text)


def render_run(story: RunStory) -> str:
    """Return the report of a run as one self-contained HTML page.

    Args:
        story: The run.

    Returns:
        HTML without scripts, which asks nothing of any network.
    """
    return render(
        "run.html",
        story=story,
        headline=keep_intervals(headline(story)),
        judgement=judgement(story),
        totals=total_of(story),
        colours=stage_colours(story),
        longest_s=max(sum(stage.wall_s for stage in turn.stages) for turn in story.turns),
        few_seeds=story.n_seeds < FEWEST_SEEDS,
    )
