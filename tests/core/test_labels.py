"""Ontologies are versioned; a revision says what was examined and what it cost."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import RecordingId, StreamName, TaskName, decode, encode
from bessemer.core.labels import (
    Author,
    AuthorKind,
    Coverage,
    Elements,
    LabelRevision,
    Span,
)
from bessemer.core.ontology import Migration, Ontology
from bessemer.core.records import Stretch

# Beartype, which checks every record in tests, draws which item of a tuple it looks at.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")

FRONT, BACK = StreamName("camera/front"), StreamName("camera/back")
FIRST = Ontology(task=TaskName("signs"), classes=("stop", "yield"), ignored=("void",))
SECOND = Ontology(
    task=TaskName("signs"),
    version=2,
    classes=("halt", "speed"),
    ignored=("void",),
    migrations=(Migration(old="stop", new="halt"), Migration(old="yield", new="")),
)


def revision(start_ns: int = 0, end_ns: int = 100, price: float = 1.0) -> LabelRevision:
    return LabelRevision(
        unit=Stretch(recording_id=RecordingId("r"), start_ns=0, end_ns=100),
        task=FIRST.task,
        ontology_id=FIRST.ontology_id,
        author=Author(kind=AuthorKind.PERSON, name="ada"),
        coverage=Coverage(streams=(FRONT,), spans=(Span(start_ns=start_ns, end_ns=end_ns),)),
        elements=Elements(),
        price=price,
    )


def test_every_version_has_an_address_of_its_own() -> None:
    turned = replace(FIRST, classes=FIRST.classes[::-1])
    newer = replace(FIRST, version=2)
    assert len({o.ontology_id for o in (FIRST, SECOND, turned, newer)}) == 4
    assert decode(encode(SECOND), Ontology).ontology_id == SECOND.ontology_id


def test_an_index_is_the_place_in_the_list_and_an_ignored_name_has_none() -> None:
    for place, name in enumerate(FIRST.classes):
        assert FIRST.index_of(name) == place
    assert FIRST.index_of("void") == -1
    with pytest.raises(NotFoundError, match=r"Did you mean 'stop'"):
        FIRST.index_of("stopp")


def test_every_name_of_the_version_before_is_renamed_dropped_or_known() -> None:
    assert [SECOND.migrate(name) for name in (*FIRST.classes, "void")] == ["halt", None, "void"]
    with pytest.raises(NotFoundError):
        SECOND.migrate("never")


def test_an_ontology_without_sense_is_refused() -> None:
    with pytest.raises(InputError):
        replace(FIRST, classes=())
    with pytest.raises(InputError):
        replace(FIRST, ignored=("stop",))
    with pytest.raises(NotFoundError, match="migration"):
        replace(SECOND, migrations=(Migration(old="stop", new="nowhere"),))


@given(
    st.integers(-5, 105), st.integers(0, 100), st.integers(0, 100), st.sampled_from([FRONT, BACK])
)
def test_an_instant_is_covered_where_a_span_of_its_stream_holds_it(
    t_ns: int, one: int, other: int, stream: StreamName
) -> None:
    start_ns, end_ns = sorted((one, other))
    coverage = revision(start_ns, end_ns).coverage
    assert coverage.includes(stream, t_ns) == (stream == FRONT and start_ns <= t_ns < end_ns)


def test_looking_and_finding_nothing_is_another_answer_than_looking_less() -> None:
    looked, less = revision(), revision(end_ns=50)
    assert len(looked.elements) == len(less.elements) == 0
    assert looked.revision_id != less.revision_id


@pytest.mark.parametrize("span", [(-1, 50), (50, 101)])
def test_nothing_outside_the_unit_can_have_been_examined(span: tuple[int, int]) -> None:
    with pytest.raises(InputError, match="beyond the unit"):
        revision(*span)


def test_a_price_is_paid_and_part_of_the_answer() -> None:
    with pytest.raises(InputError, match="not negative"):
        revision(price=-0.5)
    assert revision(price=2.0).revision_id != revision(price=1.0).revision_id
    assert revision(price=0.0).price == 0.0


def test_a_correction_names_what_it_continues_and_is_another_answer() -> None:
    given = revision()
    after = replace(given, parents=(given.revision_id,), price=0.5)
    assert after.revision_id != given.revision_id
    assert decode(encode(after), LabelRevision) == after
