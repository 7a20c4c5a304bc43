"""Parameters of events: a record a kind of event, whose fields say what values they may take."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from typing import TypeVar, get_type_hints

import numpy as np

from bessemer.core.errors import InputError, NotFoundError


@dataclass(frozen=True, slots=True)
class Range:
    """All numbers between two, both allowed, drawn evenly.

    Example:
        >>> Range(2.0, 5.0).holds(5.0), str(Range(2.0, 5.0))
        (True, 'in [2, 5]')
    """

    low: float
    high: float

    def draw(self, rng: np.random.Generator) -> float:
        """Draw a number evenly."""
        return float(rng.uniform(self.low, self.high))

    def holds(self, value: float) -> bool:
        """Return whether a value lies between the two."""
        return self.low <= value <= self.high

    def __str__(self) -> str:
        """Say it as an error does."""
        return f"in [{self.low:g}, {self.high:g}]"


@dataclass(frozen=True, slots=True)
class OneOf:
    """A few numbers, drawn evenly.

    Example:
        >>> OneOf((-1, 1)).holds(0), str(OneOf((-1, 1)))
        (False, 'one of -1, 1')
    """

    values: tuple[int, ...]

    def draw(self, rng: np.random.Generator) -> float:
        """Draw one evenly."""
        return int(self.values[int(rng.integers(len(self.values)))])

    def holds(self, value: float) -> bool:
        """Return whether a value is one of them."""
        return value in self.values

    def __str__(self) -> str:
        """Say it as an error does."""
        return f"one of {', '.join(map(str, self.values))}"


Allowed = Range | OneOf
"""The values that a parameter may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Params:
    """Parameters of one kind of event; a kind inherits and adds annotated fields."""

    def __post_init__(self) -> None:
        """Check that each value is allowed."""
        for name, allowed in allowed_in(type(self)).items():
            _check(allowed, name, getattr(self, name), where=type(self).__name__)


ParamsT = TypeVar("ParamsT", bound=Params)


def allowed_in(kind: type[Params]) -> dict[str, Allowed]:
    """Return what each parameter of a kind of event may be, by name, in the order of its fields."""
    hints = get_type_hints(kind, include_extras=True)
    return {field.name: hints[field.name].__metadata__[0] for field in fields(kind)}


def draw_params(
    kind: type[ParamsT],
    rng: np.random.Generator,
    given: Iterable[tuple[str, float]] = (),
    *,
    where: str = "",
) -> ParamsT:
    """Return parameters: those that are given as they are, and the others drawn.

    Args:
        kind: Record of the parameters.
        rng: Draws what is not given. As much is drawn whatever is given, so that giving one
            parameter leaves the others what they were.
        given: Names and values.
        where: What to say in errors.

    Returns:
        The parameters.

    Raises:
        NotFoundError: If there is no parameter of a given name.
        InputError: If a given value is not allowed.
    """
    allowed = allowed_in(kind)
    values = {name: values.draw(rng) for name, values in allowed.items()}
    for name, value in check_given(kind, given, where=where).items():
        values[name] = int(value) if isinstance(allowed[name], OneOf) else value
    return kind(**values)


def check_given(
    kind: type[Params], given: Iterable[tuple[str, float]], *, where: str = ""
) -> dict[str, float]:
    """Return given parameters by name, once each is known and allowed."""
    allowed = allowed_in(kind)
    for name, value in given:
        if name not in allowed:
            raise NotFoundError.among("parameter", name, allowed, where=where)
        _check(allowed[name], name, value, where=where)
    return dict(given)


def _check(allowed: Allowed, name: str, value: float, *, where: str) -> None:
    if not allowed.holds(value):
        raise InputError(f"{name} lies {allowed}, not at {value:g}.", where=where)
