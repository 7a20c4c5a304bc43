"""Errors that say what is wrong, where, and what to do about it."""

import difflib
from collections.abc import Iterable


class BessemerError(Exception):
    """An error a person can act on.

    Args:
        what: What is wrong, in one sentence.
        where: The place: a path, a row, a recording, a field. Empty if there is none.
        fix: What to do about it.

    Example:
        >>> print(InputError("The picture ends early.", where="a/3.png", fix="Copy it again."))
        The picture ends early. [a/3.png] Copy it again.
    """

    exit_code = 1

    def __init__(self, what: str, *, where: str = "", fix: str = "") -> None:
        self.what = what
        self.where = where
        self.fix = fix
        place = f" [{where}]" if where else ""
        advice = f" {fix}" if fix else ""
        super().__init__(f"{what}{place}{advice}")


class InputError(BessemerError):
    """What came in (a file, a row, an argument) cannot be used as it is."""


class NotFoundError(BessemerError):
    """A name was not found; the message lists the nearest that exist."""

    @classmethod
    def among(
        cls, kind: str, name: str, known: Iterable[str], *, where: str = ""
    ) -> "NotFoundError":
        """Make the error for ``name``, naming its near misses or all that exist.

        Args:
            kind: What was looked for, such as ``"class"``.
            name: The name that was not found.
            known: The names that exist.
            where: Where the name was used.

        Returns:
            The error, to be raised by the caller.

        Example:
            >>> print(NotFoundError.among("class", "stpo", ["stop", "yield"]))
            No class is named 'stpo'. Did you mean 'stop'?
        """
        names = sorted(known)
        near = difflib.get_close_matches(name, names, n=3)
        if near:
            fix = "Did you mean " + " or ".join(repr(n) for n in near) + "?"
        elif names:
            shown = ", ".join(repr(n) for n in names[:12])
            fix = f"There are: {shown}{', ...' if len(names) > 12 else ''}."
        else:
            fix = "There are none yet."
        return cls(f"No {kind} is named {name!r}.", where=where, fix=fix)


class ConflictError(BessemerError):
    """Two changes cannot both stand, or a state was not the expected one."""


class IntegrityError(BessemerError):
    """Stored bytes do not match their address, or a record contradicts another."""


class LeakError(BessemerError):
    """The same recording, or the same bytes, stand in both training and test."""


class MissingExtraError(BessemerError):
    """A part of Bessemer was asked for that is not installed."""


class MissingLibraryError(MissingExtraError):
    """A part is installed, but links to a library of the system that this machine lacks."""


class GateRefusedError(BessemerError):
    """A gate refused; nothing is broken, but nothing ships either."""

    exit_code = 3
