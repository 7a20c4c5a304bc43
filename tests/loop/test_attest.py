"""Three numbers of every data commit, each built on its parent's."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.core.ids import decode, encode
from bessemer.loop.attest import (
    Attestation,
    attest_commit,
    attestation_of,
    audited_rate,
    lines_of,
)
from bessemer.loop.attest_working import Working
from bessemer.loop.line import Line
from bessemer.loop.records import Answers, Intake
from bessemer.loop.telling_turn import tell_turn
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from tests.loop.tiny import tiny_recipe


def test_every_commit_of_a_turn_is_attested(finished: Works) -> None:
    for record in turn_records(finished):
        found = attestation_of(finished, record.commit_id)
        assert found is not None
        assert found == finished.ledger.get_document(record.attestation, Attestation)
        assert found.commit_id == record.commit_id


def test_on_top_of_the_parent_it_measures_what_from_nothing_it_does(finished: Works) -> None:
    line = Line.ready(tiny_recipe(), finished)
    grown = 0
    for record in turn_records(finished):
        parents = finished.history.show(record.commit_id).parents
        on_top = finished.ledger.get_document(record.attestation, Attestation)
        accurate = on_top.accurate
        came = finished.ledger.get_document(on_top.working, Working).clips
        whole = attest_commit(
            line, record.commit_id, accurate.audited, accurate.errors, came, from_nothing=True
        )
        assert (whole.large, whole.accurate, whole.diverse) == (
            on_top.large,
            on_top.accurate,
            on_top.diverse,
        )
        before = attestation_of(finished, parents[0]) if parents else None
        if before is not None:
            was = finished.ledger.get_document(before.working, Working)
            now = finished.ledger.get_document(on_top.working, Working)
            assert now.units[: len(was.units)] == was.units
            grown += 1
    assert grown == 2


def test_the_numbers_say_what_the_branch_holds(finished: Works) -> None:
    audited: dict[str, int] = {}
    came: dict[str, int] = {}
    for record in turn_records(finished):
        answers = finished.ledger.get_document(record.answers, Answers)
        audited[record.branch.name] = audited.get(record.branch.name, 0) + answers.audited
        found = finished.ledger.get_document(record.attestation, Attestation)
        entries = list(finished.history.map_at(record.commit_id).entries())
        assert found.large.units == found.large.frames == len(entries)
        assert 0 < found.large.effective_units <= found.large.units
        assert found.accurate.audited == audited[record.branch.name] > 0
        intake = finished.ledger.get_document(record.intake, Intake)
        came[record.branch.name] = came.get(record.branch.name, 0) + len(intake.clips)
        # A digit is a recording, a clip and a unit of its own; not all that came were labelled.
        assert found.large.clips == found.large.units < came[record.branch.name]
        assert found.large.units <= found.diverse.covered <= found.diverse.reference
        assert 1.0 < found.diverse.effective_classes <= 10.0


def test_the_lines_carry_the_numbers(finished: Works) -> None:
    record = turn_records(finished)[0]
    found = finished.ledger.get_document(record.attestation, Attestation)
    large, accurate, diverse = lines_of(found)
    assert f"{found.large.units} units" in large
    assert f"of {found.accurate.audited} audited" in accurate
    assert f"{found.large.clips} clips" in large
    assert f"of {found.diverse.reference} units" in diverse


def test_an_attestation_from_before_clips_and_attributes_is_read(finished: Works) -> None:
    record = turn_records(finished)[0]
    whole = encode(finished.ledger.get_document(record.attestation, Attestation)).decode()
    found = finished.ledger.get_document(record.attestation, Attestation)
    clips = f',"clips":{found.large.clips}'
    assert clips in whole
    old = decode(
        whole.replace(clips, "").replace(',"attributes":[]', "").encode(), Attestation, where="old"
    )
    assert (old.large.clips, old.diverse.attributes) == (0, ())
    assert "clips" not in lines_of(old)[0]


def test_the_report_tells_the_interval_that_the_commit_is_shown_with(finished: Works) -> None:
    line = Line.ready(tiny_recipe(), finished)
    records = [r for r in turn_records(finished) if r.branch.arm == "engine"]
    told = tell_turn(line, records[-1], records).labels.error_frac
    shown = attestation_of(finished, records[-1].commit_id)
    assert told is not None
    assert shown is not None
    found = shown.accurate
    assert (told.value, told.low, told.high) == (found.error_frac, found.low_frac, found.high_frac)


@given(st.integers(0, 300), st.integers(0, 300))
def test_the_interval_holds_what_was_found_and_narrows(audited: int, errors: int) -> None:
    if errors > audited:
        with pytest.raises(InputError, match="errors in"):
            audited_rate(audited, errors)
        return
    found = audited_rate(audited, errors)
    assert 0.0 <= found.low_frac < found.high_frac <= 1.0
    if audited:
        assert found.error_frac is not None
        assert found.low_frac - 1e-9 <= found.error_frac <= found.high_frac + 1e-9
        more = audited_rate(4 * audited, 4 * errors)
        assert more.high_frac - more.low_frac < found.high_frac - found.low_frac
    else:
        assert found.error_frac is None


@pytest.mark.parametrize("rate", [0.02, 0.1, 0.5])
def test_the_interval_holds_the_true_rate_about_as_often_as_it_says(rate: float) -> None:
    errors = np.random.default_rng(0).binomial(60, rate, size=4000)
    held = [
        found.low_frac <= rate <= found.high_frac
        for found in (audited_rate(60, int(e)) for e in errors)
    ]
    assert 0.92 < np.mean(held) <= 1.0
