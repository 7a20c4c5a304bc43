"""Plug-ins: found by entry point, in a group a role, such as ``bessemer.readers``.

A package of your own adds one by a line of its ``pyproject.toml``::

    [project.entry-points."bessemer.readers"]
    filmstrips = "my_package.filmstrips:FilmstripReader"
"""

from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from inspect import signature
from typing import Any, Final

from bessemer.core.errors import ConflictError, InputError, MissingExtraError, NotFoundError


def plugin_names(role: str) -> list[str]:
    """Return the names of all installed plug-ins of a role, sorted."""
    return sorted({entry.name for entry in entry_points(group=f"bessemer.{role}")})


ROLES: Final = (
    "embedders",
    "gates",
    "labellers",
    "networks",
    "readers",
    "recipes",
    "selectors",
    "tasks",
    "triggers",
    "worlds",
)
"""Every group, without ``bessemer.`` before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """An installed plug-in: its role's group, name, package, and what it names."""

    role: str
    name: str
    package: str
    target: str


def installed_plugins() -> list[Plugin]:
    """Return the plug-ins of all roles, by role and name; none is imported."""
    found = {
        (role, entry.name, entry.value): entry
        for role in ROLES
        for entry in entry_points(group=f"bessemer.{role}")
    }
    return [
        Plugin(role=role, name=name, package=entry.dist.name if entry.dist else "", target=target)
        for (role, name, target), entry in sorted(found.items(), key=lambda item: item[0])
    ]


def find_plugin(role: str, name: str, **given: Any) -> Any:
    """Return a new plug-in of a role.

    Args:
        role: The group after ``bessemer.``, such as ``readers``.
        name: The plug-in's name.
        **given: What plug-ins of this role are made with; see :mod:`bessemer.core.protocols`.

    Returns:
        What the entry point names, called with what is given.

    Raises:
        NotFoundError: If none of that name is installed; the message lists near misses.
        ConflictError: If packages offer different plug-ins of that name.
        MissingExtraError: If it, or what it imports, is not installed.
        InputError: If it wants other arguments.

    Example:
        >>> find_plugin("readers", "digist")
        Traceback (most recent call last):
        bessemer.core.errors.NotFoundError: No reader is named 'digist'. Did you mean 'digits'?
    """
    made = load_plugin(role, name)
    try:
        signature(made).bind(**given)
    except TypeError as error:
        raise InputError(
            f"The {role.removesuffix('s')} {name!r} cannot be made: {error}.",
            where=f"{made.__module__}.{made.__qualname__}",
            fix=f"It is called with {', '.join(given) or 'nothing'}; give all else a default.",
        ) from error
    return made(**given)


def load_plugin(role: str, name: str) -> Any:
    """Return what a plug-in's entry point names, not called: to find early what is amiss.

    Args:
        role: The group after ``bessemer.``, such as ``readers``.
        name: The plug-in's name.

    Returns:
        A class or a function.

    Raises:
        NotFoundError: If none of that name is installed; the message lists near misses.
        ConflictError: If packages offer different plug-ins of that name.
        MissingExtraError: If it, or what it imports, is not installed.
    """
    group = entry_points(group=f"bessemer.{role}")
    # An editable install beside a plain one lists the same entry twice; that is no conflict.
    found = {entry.value: entry for entry in group if entry.name == name}
    if not found:
        raise NotFoundError.among(role.removesuffix("s"), name, plugin_names(role))
    if len(found) > 1:
        raise ConflictError(
            f"Several plug-ins are named {name!r}.",
            where=", ".join(sorted(found)),
            fix="Uninstall all but one of their packages.",
        )
    (entry,) = found.values()
    return _load(entry)


def _load(entry: EntryPoint) -> Any:
    """Return what an entry point names."""
    try:
        return entry.load()
    except (ImportError, AttributeError) as error:
        package = entry.dist.name if entry.dist else "its package"
        raise MissingExtraError(
            f"The plug-in {entry.name!r} cannot be loaded: {error}.",
            where=f"{package}, {entry.value}",
            fix=f"Install what {package} needs, or a version of it that fits this one.",
        ) from error
