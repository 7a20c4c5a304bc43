"""Recipes by name: entry points of the group ``bessemer.recipes``, one function each."""

from collections.abc import Sequence

from bessemer.core.config import override
from bessemer.core.plugins import find_plugin
from bessemer.loop.recipe import Recipe


def find_recipe(name: str, settings: Sequence[str] = ()) -> Recipe:
    """Return a recipe by name, with settings changed.

    Args:
        name: The recipe.
        settings: Each ``path=value``.

    Returns:
        The complete config.

    Raises:
        NotFoundError: If there is no such recipe or setting.
        InputError: If a value does not fit.
    """
    recipe: Recipe = find_plugin("recipes", name)
    return override(recipe, settings)
