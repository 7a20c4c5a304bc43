"""Plug-ins: found by entry point, in a group a role, such as ``bessemer.readers``."""

from importlib.metadata import entry_points
from typing import Any

from bessemer.core.errors import NotFoundError


def plugin_names(role: str) -> list[str]:
    """Return the names of all installed plug-ins of a role, sorted."""
    return sorted({entry.name for entry in entry_points(group=f"bessemer.{role}")})


def find_plugin(role: str, name: str) -> Any:
    """Return a new plug-in of a role.

    Args:
        role: The group after ``bessemer.``, such as ``readers``.
        name: The plug-in's name.

    Returns:
        What the entry point names, called without arguments.

    Raises:
        NotFoundError: If none of that name is installed; the message lists near misses.
    """
    for entry in entry_points(group=f"bessemer.{role}"):
        if entry.name == name:
            return entry.load()()
    raise NotFoundError.among(role.rstrip("s"), name, plugin_names(role))
