"""A fleet that is simulated while a recipe runs: its settings, and what it will take."""

import os
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from bessemer.loop.recipe import Recipe
    from bessemer.loop.works import Works
    from bessemer.twin.fleet.live import SimulatedFleet

OF_FLEET = "fleet."
FOLDER = "fleet"


def find_recipe_of_fleet(
    name: str, settings: list[str], data: Path | None = None
) -> tuple["Recipe", tuple[str, ...]]:
    """Return a recipe, and the settings of the fleet that is simulated for it.

    Args:
        name: The recipe.
        settings: Each ``path=value``; those of ``fleet.`` go to the plan of the fleet.
        data: Recorded drives, which need no fleet.

    Returns:
        The recipe and the fleet's settings.

    Raises:
        InputError: If there are settings of a fleet, and none is simulated.
    """
    from bessemer.core.errors import InputError
    from bessemer.fleet.deal import RecordedDeal
    from bessemer.loop.recipes import find_recipe

    of_fleet = tuple(s.removeprefix(OF_FLEET) for s in settings if s.startswith(OF_FLEET))
    recipe = find_recipe(name, [s for s in settings if not s.startswith(OF_FLEET)])
    if of_fleet and (data is not None or not isinstance(recipe.deal, RecordedDeal)):
        raise InputError(
            "No fleet is simulated here: the vehicles meet what was recorded.",
            where=f"{OF_FLEET}{of_fleet[0]}",
            fix="Leave it out; or run a recipe of drives, such as twin, without --data.",
        )
    return recipe, of_fleet


def fleet_for(
    works: "Works", recipe: "Recipe", settings: tuple[str, ...], data: Path | None, turns: int
) -> "SimulatedFleet | None":
    """Return the fleet that drives while a recipe runs, having said what it will take.

    Args:
        works: Where; the drives lie in its folder.
        recipe: The recipe.
        settings: Of the plan of the fleet.
        data: Recorded drives, which are replayed.
        turns: How many weeks are met.

    Returns:
        The fleet; None where the recipe replays an archive.
    """
    from bessemer.fleet.deal import RecordedDeal

    if data is not None or not isinstance(recipe.deal, RecordedDeal):
        return None
    from bessemer.cli.twin_options import require
    from bessemer.core.config import override
    from bessemer.twin.fleet.live import SimulatedFleet
    from bessemer.twin.fleet.shipped import LOG, shipped_plan

    require("twin", "warp", "libsumo")
    plan = override(replace(shipped_plan(), seed=0, weeks=recipe.deal.weeks), settings)
    fleet = SimulatedFleet(plan, works.root / FOLDER, log=LOG, story=works.story)
    _say_price(works, fleet, turns)
    return fleet


def _say_price(works: "Works", fleet: "SimulatedFleet", turns: int) -> None:
    """Say what driving all weeks will take, before the first one is driven."""
    from bessemer.cli.twin_record import megabytes, spelled
    from bessemer.twin.fleet.cost import cost_of

    missing = fleet.missing(min(turns, fleet.plan.weeks) - 1)
    if not missing:
        works.story.say(f"All drives of these weeks lie in {fleet.folder}.")
        return
    works.story.say("Trying out how long driving takes ...")
    cost = cost_of(missing, min(fleet.processes, os.cpu_count() or 1), fleet.log)
    n_exam = sum(drive.week < 0 for drive in missing)
    works.story.say(
        f"{fleet.plan.vehicles} simulated vehicles drive {len(missing)} drives, {n_exam} of them "
        f"for the exam, {cost.driven_s / 60:.1f} minutes in all, week by week: about "
        f"{spelled(cost.took_s)} and {megabytes(cost.size_bytes)}, beside the training."
    )
