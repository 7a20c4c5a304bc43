"""Recipes by name: entry points of the group ``bessemer.recipes``, or ``FILE.py:FUNCTION``.

A file is Python code, and naming it runs it: it is named by a person on a command line, never by
data, and what it returns is stored as a record, without its code.
"""

import sys
from collections.abc import Sequence
from dataclasses import replace
from importlib.util import module_from_spec, spec_from_file_location
from inspect import isfunction, signature
from pathlib import Path
from types import ModuleType

from bessemer.core.config import override
from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.plugins import find_plugin, load_plugin, plugin_names
from bessemer.loop.drive import more_triggers
from bessemer.loop.recipe import ORACLE, PEOPLE, Recipe, task_of


def find_recipe(name: str, settings: Sequence[str] = ()) -> Recipe:
    """Return a recipe by name, with settings changed.

    Args:
        name: The recipe; or ``FILE.py:FUNCTION``, a function of one's own that returns one.
        settings: Each ``path=value``; those of ``reader.`` go to the reader of its archive.

    Returns:
        The complete config.

    Raises:
        NotFoundError: If there is no such recipe, file, function or setting, or it names a plug-in
            that is not installed.
        InputError: If a value does not fit, or the function returns no recipe.
    """
    file, colon, function = name.rpartition(":")
    if name.endswith(".py"):
        raise InputError(
            "A file may hold several recipes.", where=name, fix=f"Name one: {name}:FUNCTION."
        )
    made = _call(Path(file), function) if colon else find_plugin("recipes", name)
    if not isinstance(made, Recipe):
        raise InputError(
            f"It returns a {type(made).__name__}, not a Recipe.",
            where=name,
            fix="Return a bessemer.loop.recipe.Recipe.",
        )
    of_reader = tuple(s.removeprefix("reader.") for s in settings if s.startswith("reader."))
    if of_reader:
        made = replace(made, reader_settings=(*made.reader_settings, *of_reader))
    made = override(made, [s for s in settings if not s.startswith("reader.")])
    _require_plugins(made)
    return made


def _require_plugins(recipe: Recipe) -> None:
    """Raise if a recipe names what is not installed or does not fit, before anything is read."""
    named = [
        ("readers", recipe.reader),
        ("embedders", recipe.embedder),
        ("selectors", recipe.selector),
        ("networks", recipe.network.backbone),
        ("gates", recipe.gate),
    ]
    for role, name in named:
        load_plugin(role, name)
    task_of(recipe)
    more_triggers(recipe)
    for who in (recipe.labeller, recipe.second_labeller):
        if who in {ORACLE, PEOPLE}:
            continue
        if who not in plugin_names("labellers"):
            known = [ORACLE, PEOPLE, *plugin_names("labellers")]
            raise NotFoundError.among("labeller", who, known)
        load_plugin("labellers", who)
    if recipe.auditor is None and recipe.labeller not in {ORACLE, PEOPLE}:
        raise InputError(
            f"Who audits the labeller {recipe.labeller!r}? Held against itself it never errs.",
            where=f"recipe {recipe.name}: auditor",
            fix="Name who is asked a second time, with --set auditor=people, or auditor=oracle "
            "where the archive knows answers.",
        )


def _call(file: Path, function: str) -> object:
    """Return what a function of a file returns."""
    if file.suffix != ".py" or not file.is_file():
        raise NotFoundError(
            "There is no such Python file.", where=str(file), fix="A recipe is FILE.py:FUNCTION."
        )
    module = _load(file)
    made = [
        name
        for name, value in vars(module).items()
        if isfunction(value) and value.__module__ == module.__name__
    ]
    if function not in made:
        raise NotFoundError.among("function", function, made, where=str(file))
    recipe = getattr(module, function)
    try:
        signature(recipe).bind()
    except TypeError as error:
        raise InputError(
            f"It cannot be called: {error}.",
            where=f"{file}:{function}",
            fix="A recipe takes no arguments; give each a default.",
        ) from error
    found: object = recipe()  # an error of the function's own keeps its traceback
    return found


def _load(file: Path) -> ModuleType:
    """Return a file as a module of its own, which hides no other."""
    name = f"bessemer_recipe_{file.stem}"
    spec = spec_from_file_location(name, file)
    assert spec is not None, "a .py file has a loader"
    assert spec.loader is not None, "a .py file has a loader"
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses of the file look their own module up
    try:
        spec.loader.exec_module(module)
    except (SyntaxError, ImportError) as error:
        raise InputError(
            f"It cannot be imported: {error}.", where=str(file), fix="Mend the file."
        ) from error
    return module
