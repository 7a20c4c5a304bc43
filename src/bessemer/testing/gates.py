# ruff: noqa: D102 - the name of a test is its sentence
"""What every gate keeps: inherit the class, say how to make one, run pytest.

Example of a test module for a gate of your own::

    class TestMyGate(GateConformance):
        def make_gate(self) -> Gate:
            return MyGate()
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass

import pytest

from bessemer.core.gates import Decision, Gate, Ruling
from bessemer.core.ids import NetworkId

_WORD = re.compile(r"[a-z][a-z0-9_]*")
_VERDICTS = ("pass", "fail", "cannot tell")
_MIXES = [mix for n in (1, 2, 3) for mix in itertools.product(_VERDICTS, repeat=n)]


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeFigure:
    """A number with its interval, made up."""

    value: float | None = 0.9
    low: float | None = 0.85
    high: float | None = 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeCheck:
    """A judged check, made up."""

    name: str
    verdict: str
    ask: str = "no_worse_than"
    slice_name: str = "all"
    metric: str = "accuracy"
    class_name: str = ""
    bound: float = 0.02
    value: MadeFigure = MadeFigure()
    difference: MadeFigure | None = MadeFigure(value=0.0, low=-0.01, high=0.01)

    @property
    def reason(self) -> str:
        """The verdict in a sentence of its own."""
        return f"{self.name}: {self.verdict}."


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeOutcome:
    """What a suite found, made up."""

    checks: tuple[MadeCheck, ...]
    report_id: str = "report"
    suite_name: str = "suite"
    noise_twins: int = 2


class GateConformance:
    """The tests; an implementer gives a gate."""

    def make_gate(self) -> Gate:
        """Return a new gate."""
        raise NotImplementedError

    def test_it_plays_the_role(self) -> None:
        gate = self.make_gate()
        assert isinstance(gate, Gate)
        assert _WORD.fullmatch(gate.name)

    @pytest.mark.parametrize("released", [None, NetworkId("old")])
    def test_a_candidate_that_passes_everything_ships(self, released: NetworkId | None) -> None:
        passed = MadeOutcome(checks=tuple(_checks(("pass",) * 4)))
        ruling = self.make_gate().decide([passed], candidate=NetworkId("new"), released=released)
        assert ruling.decision is Decision.SHIP
        assert (ruling.candidate, ruling.released) == ("new", released)
        assert ruling.gate == self.make_gate().name
        assert ruling.reports == ("report",)

    @pytest.mark.parametrize("mix", _MIXES)
    def test_what_failed_does_not_ship_and_its_reason_is_told(self, mix: tuple[str, ...]) -> None:
        checks = _checks(mix)
        ruling = self._ruling([MadeOutcome(checks=tuple(checks))])
        failed = {check.reason for check in checks if check.verdict == "fail"}
        assert failed <= set(ruling.reasons)
        assert ruling.n_checks == len(checks)
        assert (ruling.decision is Decision.REFUSE) == bool(ruling.reasons)

    @pytest.mark.parametrize("mix", _MIXES)
    def test_whoever_could_not_tell_is_heard(self, mix: tuple[str, ...]) -> None:
        checks = _checks(mix)
        ruling = self._ruling([MadeOutcome(checks=tuple(checks))])
        unsure = {check.reason for check in checks if check.verdict == "cannot tell"}
        assert unsure <= {*ruling.unsure, *ruling.reasons}

    @pytest.mark.parametrize("mix", _MIXES)
    def test_one_more_failure_never_lets_a_candidate_ship(self, mix: tuple[str, ...]) -> None:
        worse = MadeOutcome(checks=(*_checks(mix), MadeCheck(name="last", verdict="fail")))
        assert self._ruling([worse]).decision is Decision.REFUSE

    def test_order_decides_nothing(self) -> None:
        checks = _checks(("pass", "fail", "cannot tell", "pass"))
        split = [
            MadeOutcome(checks=tuple(checks[:2]), report_id="one"),
            MadeOutcome(checks=tuple(checks[2:]), report_id="other"),
        ]
        forth, back = self._ruling(split), self._ruling(split[::-1])
        assert forth.decision is back.decision
        assert set(forth.reasons) == set(back.reasons)
        assert set(forth.unsure) == set(back.unsure)
        assert set(forth.reports) == {"one", "other"} == set(back.reports)

    def test_it_decides_the_same_each_time(self) -> None:
        outcome = MadeOutcome(checks=tuple(_checks(("pass", "cannot tell", "fail"))))
        gate = self.make_gate()
        assert self._ruling([outcome], gate) == self._ruling([outcome], gate)
        assert self._ruling([outcome], gate).ruling_id == self._ruling([outcome]).ruling_id

    def _ruling(self, outcomes: Iterable[MadeOutcome], gate: Gate | None = None) -> Ruling:
        """Return what a gate decides, a new one where none is given."""
        decider = gate or self.make_gate()
        return decider.decide(outcomes, candidate=NetworkId("new"), released=NetworkId("old"))


def _checks(verdicts: Iterable[str]) -> list[MadeCheck]:
    """Return one check a verdict, each with a name and so a reason of its own."""
    return [MadeCheck(name=f"check {i}", verdict=v) for i, v in enumerate(verdicts)]
