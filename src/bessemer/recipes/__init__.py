"""Whole works as functions: each returns one complete config, and a variant calls another."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from bessemer.core.errors import NotFoundError

if TYPE_CHECKING:
    from bessemer.loop.recipe import Recipe


def find_recipe(name: str, settings: Sequence[str] = ()) -> "Recipe":
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
    from bessemer.core.config import override
    from bessemer.recipes.digits import digits
    from bessemer.recipes.scenes import scenes
    from bessemer.recipes.signs import signs

    known: dict[str, Callable[[], Recipe]] = {"digits": digits, "signs": signs, "scenes": scenes}
    if name not in known:
        raise NotFoundError.among("recipe", name, known)
    return override(known[name](), settings)
