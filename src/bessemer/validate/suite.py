"""Suites: the unit tests of a network, written in TOML.

A ``[[slice]]`` names a subset of the examples by an SQL predicate; a ``[[check]]`` bounds a metric
there, absolutely or against the released network.

    name = "signs"

    [[slice]]
    name = "dark"
    where = "brightness < 0.2"
    proxy = 'signal["brightness"] < 0.2'       # what a vehicle can see of it, in CEL

    [[check]]
    slice = "dark"
    metric = "recall"
    class = "*"                      # one check for each class
    no_worse_than = "released"
    margin = 0.05
    min_recordings = 10
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import content_id
from bessemer.validate.metrics import Metric

EVERY_CLASS = "*"
RELEASED = "released"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """A named subset of the examples.

    Attributes:
        name: Unique in the suite.
        where: SQL predicate over the columns of the example table.
        proxy: What a vehicle, which has no truth, can test instead: a CEL expression.
    """

    name: str
    where: str
    proxy: str = ""

    def __post_init__(self) -> None:
        """Check that both are said."""
        if not self.name or not self.where.strip():
            raise InputError("A slice has a name and a predicate.", where=self.name or "slice")


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A metric on a slice, and what is asked of it.

    Attributes:
        slice_name: The slice.
        metric: The metric.
        class_name: The class of a metric of one class; ``*`` for each in turn.
        at_least: Lowest value allowed.
        at_most: Highest value allowed.
        no_worse_than: ``released``, or empty for no comparison.
        margin: How far below the reference is still no worse.
        min_recordings: With fewer the verdict is *cannot tell*.
    """

    slice_name: str
    metric: Metric
    class_name: str = ""
    at_least: float | None = None
    at_most: float | None = None
    no_worse_than: str = ""
    margin: float = 0.0
    min_recordings: int = 2

    def __post_init__(self) -> None:
        """Check the bounds, and that a class is named where the metric needs one."""
        if self.at_least is None and self.at_most is None and not self.no_worse_than:
            raise InputError(
                "A check asks for something.",
                where=self.place,
                fix="Give at_least, at_most or no_worse_than.",
            )
        for name in ("at_least", "at_most", "margin"):
            value = getattr(self, name)
            if value is not None and not 0.0 <= value <= 1.0:
                raise InputError(f"{name} is a share in [0, 1], not {value}.", where=self.place)
        if self.no_worse_than not in ("", RELEASED):
            raise NotFoundError.among("reference", self.no_worse_than, [RELEASED], where=self.place)
        if self.metric.is_per_class != bool(self.class_name):
            fix = 'Name it, or write "*".' if self.metric.is_per_class else "Leave `class` out."
            raise InputError(
                f"{self.metric} is {'' if self.metric.is_per_class else 'not '}of one class.",
                where=self.place,
                fix=fix,
            )
        if self.min_recordings < 1:
            raise InputError("min_recordings is at least 1.", where=self.place)

    @property
    def place(self) -> str:
        """The check in a few words: ``dark recall[stop]``."""
        of_class = f"[{self.class_name}]" if self.class_name else ""
        return f"{self.slice_name} {self.metric}{of_class}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Suite:
    """Slices with checks, and how sure a verdict must be.

    Attributes:
        name: The suite.
        slices: The subsets.
        checks: What is asked.
        alpha: Chance, over all checks together, of a fail (or a pass) that luck alone made.
        resamples: Bootstrap resamples.
    """

    name: str
    slices: tuple[Slice, ...]
    checks: tuple[Check, ...]
    alpha: float = 0.05
    resamples: int = 2000

    def __post_init__(self) -> None:
        """Check names, and that checks speak of known slices."""
        names = [part.name for part in self.slices]
        if len(set(names)) != len(names):
            raise InputError("Two slices share a name.", where=self.name, fix="Rename one.")
        if not 0.0 < self.alpha < 0.5:
            raise InputError(f"alpha is in (0, 0.5), not {self.alpha}.", where=self.name)
        if self.resamples < 200:
            raise InputError("A bootstrap needs 200 resamples or more.", where=self.name)
        for check in self.checks:
            if check.slice_name not in names:
                raise NotFoundError.among("slice", check.slice_name, names, where=self.name)

    @property
    def suite_id(self) -> str:
        """The address of the suite."""
        return content_id("suite", self)

    def slice_named(self, name: str) -> Slice:
        """Return the slice of that name."""
        return next(part for part in self.slices if part.name == name)

    def checks_for(self, classes: Iterable[str]) -> tuple[Check, ...]:
        """Return the checks with ``*`` spelled out, one for each class.

        Args:
            classes: Names of the ontology's classes.

        Returns:
            Checks, each of at most one class.

        Raises:
            NotFoundError: If a check names a class that does not exist.
        """
        known = tuple(classes)
        spelled: list[Check] = []
        for check in self.checks:
            if check.class_name == EVERY_CLASS:
                spelled.extend(replace(check, class_name=name) for name in known)
                continue
            if check.class_name and check.class_name not in known:
                raise NotFoundError.among("class", check.class_name, known, where=check.place)
            spelled.append(check)
        return tuple(spelled)


_SUITE_FIELDS = {"name": str, "alpha": float, "resamples": int, "slice": list, "check": list}
_SLICE_FIELDS = {"name": str, "where": str, "proxy": str}
_CHECK_FIELDS = {
    "slice": str,
    "metric": str,
    "class": str,
    "at_least": float,
    "at_most": float,
    "no_worse_than": str,
    "margin": float,
    "min_recordings": int,
}
_CHECK_NAMES = {"slice": "slice_name", "class": "class_name"}


def load_suite(path: Path) -> Suite:
    """Return the suite that a TOML file describes.

    Args:
        path: The file.

    Returns:
        The suite, checked.

    Raises:
        InputError: If the file cannot be read, or a field is missing or of the wrong kind.
        NotFoundError: If a field, metric or slice is not known; the message lists near misses.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"The suite cannot be read: {error}.", where=str(path)) from error
    return parse_suite(text, where=str(path))


def parse_suite(text: str, *, where: str = "suite") -> Suite:
    """Return the suite that TOML text describes; see :func:`load_suite`.

    Args:
        text: The TOML.
        where: The file, named in errors.

    Returns:
        The suite.

    Raises:
        InputError: If the text is not TOML, or a field is missing or of the wrong kind.

    Example:
        >>> suite = parse_suite('''
        ... name = "tiny"
        ... [[slice]]
        ... name = "all"
        ... where = "true"
        ... [[check]]
        ... slice = "all"
        ... metric = "accuracy"
        ... at_least = 0.9
        ... ''')
        >>> suite.checks[0].place
        'all accuracy'
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"This is not TOML: {error}.", where=where) from error
    top = _fields(document, _SUITE_FIELDS, where=where, required=("name", "slice", "check"))
    slices = [
        _fields(table, _SLICE_FIELDS, where=f"{where}, [[slice]] {i}", required=("name", "where"))
        for i, table in enumerate(document["slice"], start=1)
    ]
    checks = [
        _check(table, where=f"{where}, [[check]] {i}")
        for i, table in enumerate(document["check"], start=1)
    ]
    top.update(slices=tuple(Slice(**fields) for fields in slices), checks=tuple(checks))
    del top["slice"], top["check"]
    return Suite(**top)


def _check(table: Mapping[str, object], *, where: str) -> Check:
    """Return the check of one ``[[check]]`` table."""
    fields = _fields(table, _CHECK_FIELDS, where=where, required=("slice", "metric"))
    metric = fields.pop("metric")
    if metric not in list(Metric):
        raise NotFoundError.among("metric", metric, list(Metric), where=f"{where}, metric")
    named = {_CHECK_NAMES.get(name, name): value for name, value in fields.items()}
    try:
        return Check(metric=Metric(metric), **named)
    except (InputError, NotFoundError) as error:
        place = f"{where}, {error.where}"
        raise type(error)(error.what, where=place, fix=error.fix) from error


def _fields(
    table: object, known: Mapping[str, type], *, where: str, required: tuple[str, ...]
) -> dict[str, Any]:
    """Return the fields of a TOML table, each checked to be known and of its kind."""
    if not isinstance(table, dict):
        raise InputError("A table was expected here.", where=where, fix="Write [[slice]].")
    checked: dict[str, Any] = {}
    for name, value in table.items():
        if name not in known:
            raise NotFoundError.among("field", name, known, where=where)
        kind = known[name]
        number = kind is float and isinstance(value, int) and not isinstance(value, bool)
        if not number and (not isinstance(value, kind) or isinstance(value, bool)):
            raise InputError(
                f"{name} is a {kind.__name__}, not {value!r}.", where=f"{where}, {name}"
            )
        checked[name] = float(value) if number else value
    for name in required:
        if name not in checked:
            raise InputError(f"{name} is missing.", where=where, fix=f"Add `{name} = ...`.")
    return checked
