"""Plug-ins: found by entry point, in a group a role, such as ``bessemer.readers``.

A package of your own adds one by a line of its ``pyproject.toml``::

    [project.entry-points."bessemer.readers"]
    filmstrips = "my_package.filmstrips:FilmstripReader"
"""

from importlib.metadata import EntryPoint, entry_points
from typing import Any

from bessemer.core.errors import ConflictError, MissingExtraError, NotFoundError


def plugin_names(role: str) -> list[str]:
    """Return the names of all installed plug-ins of a role, sorted."""
    return sorted({entry.name for entry in entry_points(group=f"bessemer.{role}")})


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

    Example:
        >>> find_plugin("readers", "digist")
        Traceback (most recent call last):
        bessemer.core.errors.NotFoundError: No reader is named 'digist'. Did you mean 'digits'?
    """
    return _load(require_plugin(role, name))(**given)


def require_plugin(role: str, name: str) -> EntryPoint:
    """Return where a plug-in lies, without importing it: to find a wrong name early.

    Args:
        role: The group after ``bessemer.``, such as ``readers``.
        name: The plug-in's name.

    Returns:
        Its entry point.

    Raises:
        NotFoundError: If none of that name is installed; the message lists near misses.
        ConflictError: If packages offer different plug-ins of that name.
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
    return entry


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
