from dataclasses import dataclass, replace

import pytest

from bessemer.core.errors import GateRefusedError
from bessemer.core.gates import Decision, Ruling
from bessemer.core.ids import NetworkId, decode, encode
from bessemer.release.gate import StandingGate
from bessemer.validate.bootstrap import Estimate

MEASURED = Estimate(value=0.9, se=0.01, low=0.88, high=0.92, n_recordings=40)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    name: str = "all accuracy"
    verdict: str = "pass"
    reason: str = "all accuracy: 0.900"
    ask: str = "no_worse_than"
    slice_name: str = "all"
    metric: str = "accuracy"
    class_name: str = ""
    bound: float = 0.02
    value: Estimate = MEASURED
    difference: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    report_id: str = "report"
    suite_name: str = "signs"
    noise_twins: int = 4
    checks: tuple[Said, ...] = (Said(),)


def gate(*checks: Said, noise_twins: int = 4) -> Ruling:
    found = Found(checks=checks, noise_twins=noise_twins)
    return StandingGate().decide([found], candidate=NetworkId("new"), released=NetworkId("old"))


def test_all_passed_ships() -> None:
    decided = gate(Said(), Said())
    assert (decided.decision, decided.reasons, decided.n_checks) == (Decision.SHIP, (), 2)
    decided.refuse_or_pass()


def test_one_fail_refuses_with_its_reason() -> None:
    decided = gate(Said(), Said(verdict="fail", reason="dark recall[stop]: -0.4"))
    assert decided.reasons == ("dark recall[stop]: -0.4",)
    with pytest.raises(GateRefusedError, match=r"1 of 2 checks: dark recall\[stop\]") as caught:
        decided.refuse_or_pass()
    assert caught.value.exit_code == 3


def test_what_cannot_be_told_refuses_nothing() -> None:
    unsure = Said(verdict="cannot tell")
    bound = replace(unsure, ask="at_least")
    assert gate(unsure, bound).decision is Decision.SHIP
    assert len(gate(unsure, bound).unsure) == 2


def test_an_unmeasured_noise_floor_is_noted() -> None:
    assert gate(Said()).notes == ()
    assert "not measured" in gate(Said(), noise_twins=0).notes[0]
    assert gate(Said(ask="at_least"), noise_twins=0).notes == ()


def test_the_record_survives_its_encoding_and_has_one_address() -> None:
    decided = gate(Said(), Said(verdict="fail"))
    assert decode(encode(decided), Ruling) == decided
    assert decided.ruling_id == gate(Said(), Said(verdict="fail")).ruling_id
