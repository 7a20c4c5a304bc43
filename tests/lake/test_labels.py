import itertools
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.core.ids import ElementId, OntologyId, RecordingId, RevisionId, StreamName, TaskName
from bessemer.core.labels import (
    Action,
    Author,
    AuthorKind,
    Box2d,
    Box3d,
    ClassSpan,
    Coverage,
    Elements,
    Evidence,
    LabelRevision,
    Mask,
    Polyline,
    Span,
)
from bessemer.core.records import Stretch
from bessemer.lake import Lake
from bessemer.lake.labels import assemble, element_rows, revision_rows
from bessemer.ledger import Ledger

# Beartype, which checks every record in tests, draws which item of a tuple it looks at.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module")

TEXT = st.text(st.characters(codec="utf-8"), max_size=6)
TIME = st.integers(-(2**63), 2**63 - 1)
NUMBER = st.floats(allow_nan=False, allow_infinity=False)
ELEMENT, STREAM = TEXT.map(ElementId), TEXT.map(StreamName)


def several(element: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(element, max_size=3).map(tuple)


def vector(n: int) -> st.SearchStrategy[tuple[float, ...]]:
    return st.tuples(*[NUMBER] * n)


NAMED = {"element_id": ELEMENT, "class_name": TEXT}
PICTURED = {**NAMED, "stream": STREAM, "t_ns": TIME}
HELD = {"element_id": ELEMENT, "stream": STREAM, "start_ns": TIME, "end_ns": TIME}
CORNERS = {"x0_px": NUMBER, "y0_px": NUMBER, "x1_px": NUMBER, "y1_px": NUMBER}
ELEMENTS = st.builds(
    Elements,
    class_spans=several(st.builds(ClassSpan, **HELD, class_name=TEXT)),
    boxes2d=several(st.builds(Box2d, **PICTURED, **CORNERS)),
    boxes3d=several(
        st.builds(
            Box3d,
            **NAMED,
            t_ns=TIME,
            frame=TEXT,
            center_m=vector(3),
            size_m=vector(3),
            rotation_wxyz=vector(4),
            velocity_mps=vector(3),
        )
    ),
    polylines=several(
        st.builds(
            Polyline,
            **NAMED,
            t_ns=TIME,
            frame=TEXT,
            points=several(vector(3)),
            stream=st.none() | STREAM,
        )
    ),
    masks=several(st.builds(Mask, **PICTURED, png=st.binary(max_size=20))),
    actions=several(st.builds(Action, **HELD, values=several(NUMBER))),
)
REVISIONS = st.builds(
    LabelRevision,
    unit=st.just(Stretch(recording_id=RecordingId("r"), start_ns=0, end_ns=100)),
    task=TEXT.map(TaskName),
    ontology_id=TEXT.map(OntologyId),
    author=st.builds(Author, kind=st.sampled_from(AuthorKind), name=TEXT),
    parents=several(TEXT.map(RevisionId)),
    coverage=st.builds(
        Coverage,
        streams=several(STREAM),
        spans=several(st.just(Span(start_ns=3, end_ns=9))),
        classes=several(TEXT),
    ),
    elements=ELEMENTS,
    evidence=several(st.builds(Evidence, name=TEXT, value=NUMBER, ref=TEXT)),
    price=st.floats(0, 1e9),
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(REVISIONS, min_size=1, max_size=3))
def test_every_geometry_comes_back_from_its_rows_exactly(revisions: list[LabelRevision]) -> None:
    by_id = {revision.revision_id: revision for revision in revisions}
    assert assemble(revision_rows(by_id), element_rows(by_id)) == by_id


@settings(deadline=None, max_examples=5, suppress_health_check=list(HealthCheck))
@given(batches=st.lists(st.lists(REVISIONS, max_size=3), min_size=1, max_size=2))
def test_and_from_the_lake(
    tmp_path_factory: pytest.TempPathFactory, batches: list[list[LabelRevision]]
) -> None:
    folder: Path = tmp_path_factory.mktemp("lake")
    with Ledger.open(f"sqlite:///{folder / 'ledger.sqlite'}") as ledger:
        lake = Lake.open(folder / "lake", ledger)
        for revisions in batches:
            lake.seal_labels(revisions)
            lake.seal_labels(revisions)
        sealed = list(itertools.chain(*batches))
        assert lake.read_labels([revision.revision_id for revision in sealed]) == sealed


def test_a_revision_that_would_not_come_back_is_refused_before_it_is_sealed(lake: Lake) -> None:
    revision = LabelRevision(
        unit=Stretch(recording_id=RecordingId("r"), start_ns=0, end_ns=1),
        task=TaskName("signs"),
        ontology_id=OntologyId("o"),
        author=Author(kind=AuthorKind.PERSON, name="ann"),
        coverage=Coverage(streams=(), spans=()),
        elements=Elements(),
    )
    object.__setattr__(revision, "price", 1)
    with pytest.raises(InputError, match=r"floats \(1.0, not 1\)"):
        lake.seal_labels([revision])
    assert lake.find_labels(TaskName("signs")) == []
