from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from bessemer.core.labelling import LabelRequest
from bessemer.core.labels import Author, AuthorKind
from bessemer.core.protocols import Labeller
from bessemer.label.oracle import Oracle, OracleConfig
from bessemer.ledger import request_id_of
from bessemer.loop.people import People
from bessemer.loop.works import Works
from bessemer.testing.labellers import LabellerConformance
from tests.label.truths import ROAD, SIGN, request_for, road_truth, sign_truth

NAMES = ("a", "b", "c", "d")


class TestOracle(LabellerConformance):
    """It knows all tracks but the last, and errs on half of them."""

    def make_labeller(self) -> Labeller:
        truths = [sign_truth(n, c) for n, c in zip(NAMES[:3], SIGN.classes, strict=False)]
        return Oracle(
            {truth.unit.recording_id: (truth,) for truth in truths},
            SIGN,
            OracleConfig(error_frac=0.5),
        )

    def make_requests(self) -> list[LabelRequest]:
        shown = [request_for(name, t_ns=t_ns) for name in NAMES for t_ns in (0, 50)]
        return [*shown, replace(shown[0], reason="audit", price=2.0)]


class TestDenseOracle(LabellerConformance):
    def make_labeller(self) -> Labeller:
        truths = [road_truth(name) for name in NAMES[:3]]
        return Oracle(
            {truth.unit.recording_id: (truth,) for truth in truths},
            ROAD,
            OracleConfig(error_frac=0.5),
        )

    def make_requests(self) -> list[LabelRequest]:
        return [request_for(name, ROAD, t_ns) for name in NAMES for t_ns in (0, 50)]


class TestPeople(LabellerConformance):
    """People who have answered everything; until then they let the turn wait."""

    @pytest.fixture(autouse=True)
    def _answer(self, tmp_path: Path) -> Iterator[None]:
        truths = [sign_truth(n, c) for n, c in zip(NAMES, SIGN.classes, strict=True)]
        oracle = Oracle({truth.unit.recording_id: (truth,) for truth in truths}, SIGN)
        ann = Author(kind=AuthorKind.PERSON, name="ann")
        with Works.open(tmp_path / "works") as self.works:
            requests = self.make_requests()
            self.works.ledger.ask_labels("engine/0", 1, requests)
            said = [replace(one, author=ann) for one in oracle.answer(requests).revisions]
            self.works.lake.seal_labels(said)
            self.works.ledger.answer_requests(
                {
                    request_id_of(request): revision.revision_id
                    for request, revision in zip(requests, said, strict=True)
                }
            )
            yield

    works: Works

    def make_labeller(self) -> Labeller:
        return People(works=self.works, branch="engine/0", turn=1)

    def make_requests(self) -> list[LabelRequest]:
        return [request_for(name) for name in NAMES]
