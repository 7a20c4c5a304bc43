"""Configs: frozen records that one generic ``--set path=value`` can change.

A recipe returns a complete config; nobody writes a flag per field. A path walks through fields, and
through tuples by index: ``train.steps=200``, ``triggers.0.below=0.4``.
"""

import dataclasses
from collections.abc import Sequence
from typing import Any, TypeVar, get_type_hints

import msgspec

from bessemer.core.errors import InputError, NotFoundError

C = TypeVar("C")


def override(config: C, assignments: Sequence[str]) -> C:
    """Return ``config`` with fields replaced.

    Args:
        config: A frozen dataclass, nested as deep as needed.
        assignments: Each ``path=value``; the value is JSON, or else a plain string.

    Returns:
        A new config; every record on the way is validated anew.

    Raises:
        InputError: If an assignment has no ``=``, or the value does not fit the field.
        NotFoundError: If a path names no field; the message lists near misses.

    Example:
        >>> from bessemer.core.records import SplitRule
        >>> override(SplitRule(), ["test_frac=0.3"]).test_frac
        0.3
    """
    for assignment in assignments:
        path, equals, text = assignment.partition("=")
        if not equals:
            raise InputError(
                "A setting is written path=value.", where=assignment, fix="Add '=' and the value."
            )
        config = _replaced(config, path.strip().split("."), text.strip(), path)
    return config


def _replaced(node: Any, path: list[str], text: str, where: str) -> Any:
    """Return ``node`` with the field at ``path`` set to what ``text`` says."""
    name, rest = path[0], path[1:]
    if isinstance(node, tuple):
        if not name.isdigit() or int(name) >= len(node):
            raise NotFoundError.among("entry", name, map(str, range(len(node))), where=where)
        place = int(name)
        value = _replaced(node[place], rest, text, where) if rest else _parsed(text, Any, where)
        return (*node[:place], value, *node[place + 1 :])
    if not dataclasses.is_dataclass(node) or isinstance(node, type):
        raise InputError(f"{name!r} lies inside a plain value.", where=where, fix="Stop before it.")
    names = [field.name for field in dataclasses.fields(node)]
    if name not in names:
        raise NotFoundError.among("setting", name, names, where=where)
    if rest:
        value = _replaced(getattr(node, name), rest, text, where)
    else:
        value = _parsed(text, get_type_hints(type(node))[name], where)
    return dataclasses.replace(node, **{name: value})


def _parsed(text: str, kind: Any, where: str) -> Any:
    """Return ``text`` as a value of ``kind``: as JSON if it is JSON, else as a string."""
    try:
        raw = msgspec.json.decode(text.encode())
    except msgspec.DecodeError:
        raw = text
    try:
        return msgspec.convert(raw, type=kind)
    except msgspec.ValidationError as error:
        raise InputError(
            f"{text!r} does not fit: {error}.", where=where, fix="Write it as JSON would."
        ) from error
