"""How evenly labelled units serve the classes, and the values of what recordings say of themselves.

Balance is the entropy of the shares over the greatest it could be: 1 where all values are served
alike, 0 where one has it all. A value that the world has and no label is of counts as served by
nothing, so balance falls where labels pass over night or rain.

Cost: O(n a) for n units of a attributes.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

_MOST_KINDS = 8
_BINS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class AttributeBalance:
    """How evenly labelled units serve the values of one attribute.

    Args:
        name: The attribute.
        values: How many values, or bins of numbers, the world has.
        effective_values: As many even ones would be as mixed as those of the labelled units.
        balance_frac: The entropy over that of all values served alike.
    """

    name: str
    values: int
    effective_values: float
    balance_frac: float


def balance_of(mass: Float64[np.ndarray, " c"] | Iterable[float]) -> tuple[float, float]:
    """Return the effective number of kinds, and how even they are.

    Args:
        mass: Labelled units of each kind; parts count as parts.

    Returns:
        The exponential of the entropy, and the entropy over its greatest possible value.

    Example:
        >>> balance_of([5.0, 5.0, 0.0, 0.0])
        (2.0, 0.5)
    """
    parts = np.array(list(mass), dtype=np.float64)
    total = float(parts.sum())
    if total <= 0.0:
        return 0.0, 0.0
    shares = parts / total
    shares = shares[shares > 0]
    entropy = -float((shares * np.log(shares)).sum())
    highest = math.log(len(parts)) if len(parts) > 1 else 1.0
    return round(math.exp(entropy), 9), round(max(0.0, entropy) / highest, 9)


def balance_attributes(
    labelled: Sequence[Mapping[str, str]], world: Sequence[Mapping[str, str]]
) -> tuple[AttributeBalance, ...]:
    """Return how evenly labelled units serve each attribute that recordings carry.

    Numbers of many values are binned at the quartiles of the world. Left out are attributes of a
    single value, and those that name a recording and are no kind of it: most values are met once.

    Args:
        labelled: What the recording of each labelled unit says of itself, by name.
        world: The same of each unit that could be labelled.

    Returns:
        One record an attribute, by name; what a recording does not say is a value of its own.

    Example:
        >>> rain, sun = {"weather": "rain"}, {"weather": "sun"}
        >>> [found] = balance_attributes([sun, sun, sun], [sun, sun, rain])
        >>> found.values, found.effective_values, found.balance_frac
        (2, 1.0, 0.0)
    """
    found = []
    for name in sorted({name for facts in (*world, *labelled) for name in facts}):
        here = [facts.get(name, "") for facts in labelled]
        kinds = _kinds([facts.get(name, "") for facts in world], here)
        if len(set(kinds.values())) < 2:
            continue
        mass = dict.fromkeys(sorted(set(kinds.values())), 0.0)
        for value in here:
            mass[kinds[value]] += 1.0
        effective, balance = balance_of(mass.values())
        found.append(
            AttributeBalance(
                name=name, values=len(mass), effective_values=effective, balance_frac=balance
            )
        )
    return tuple(found)


def _kinds(world: Sequence[str], labelled: Sequence[str]) -> dict[str, str]:
    """Return the kind that each value counts as; nothing where the values name recordings."""
    distinct = sorted({*world, *labelled})
    if len(distinct) <= _MOST_KINDS:
        return {value: value for value in distinct}
    numbers = {value: number for value in distinct if (number := _number(value)) is not None}
    if len(numbers) == len([value for value in distinct if value]):
        said = np.array([numbers[value] for value in world or labelled if value])
        edges = np.quantile(said, np.arange(1, _BINS) / _BINS) if len(said) else said
        return {
            value: str(int(np.searchsorted(edges, numbers[value], "right"))) if value else ""
            for value in distinct
        }
    if 2 * len(distinct) > len(world or labelled):
        return {}
    return {value: value for value in distinct}


def _number(value: str) -> float | None:
    """Return a finite number, or None."""
    try:
        number = float(value)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
