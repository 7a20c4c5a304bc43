"""Three numbers of every data commit, each built on its parent's."""

from bessemer.loop.attest import (
    Attestation,
    Working,
    attest_commit,
    attestation_of,
    lines_of,
)
from bessemer.loop.line import Line
from bessemer.loop.records import Answers
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
        whole = attest_commit(
            line, record.commit_id, accurate.audited, accurate.errors, from_nothing=True
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
    for record in turn_records(finished):
        answers = finished.ledger.get_document(record.answers, Answers)
        audited[record.branch.name] = audited.get(record.branch.name, 0) + answers.audited
        found = finished.ledger.get_document(record.attestation, Attestation)
        entries = list(finished.history.map_at(record.commit_id).entries())
        assert found.large.units == found.large.frames == len(entries)
        assert 0 < found.large.effective_units <= found.large.units
        assert found.accurate.audited == audited[record.branch.name] > 0
        assert found.large.units <= found.diverse.covered <= found.diverse.reference
        assert 1.0 < found.diverse.effective_classes <= 10.0


def test_the_lines_carry_the_numbers(finished: Works) -> None:
    record = turn_records(finished)[0]
    found = finished.ledger.get_document(record.attestation, Attestation)
    large, accurate, diverse = lines_of(found)
    assert f"{found.large.units} units" in large
    assert f"of {found.accurate.audited} audited" in accurate
    assert f"of {found.diverse.reference} units" in diverse
