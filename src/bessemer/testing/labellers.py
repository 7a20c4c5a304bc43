# ruff: noqa: D102 - the name of a test is its sentence
"""What every labeller keeps: inherit the class, say how to make one and what to ask it.

Example of a test module for a labeller of your own::

    class TestMyLabeller(LabellerConformance):
        def make_labeller(self) -> Labeller:
            return MyLabeller()

        def make_requests(self) -> list[LabelRequest]:
            return [...]  # several units; at least one that it can answer
"""

from collections.abc import Sequence

from bessemer.core.labelling import LabelAnswers, LabelRequest
from bessemer.core.labels import LabelRevision
from bessemer.core.protocols import Labeller


class LabellerConformance:
    """The tests; an implementer gives a labeller, and questions that it can answer."""

    def make_labeller(self) -> Labeller:
        """Return a new labeller, which answers as every other one made here."""
        raise NotImplementedError

    def make_requests(self) -> list[LabelRequest]:
        """Return different questions, the same each time; at least one of them has an answer."""
        raise NotImplementedError

    def test_it_plays_the_role(self) -> None:
        labeller = self.make_labeller()
        assert isinstance(labeller, Labeller)
        assert labeller.name
        assert labeller.name == labeller.name.strip() == self.make_labeller().name

    def test_every_question_is_answered_or_waits_and_order_is_kept(self) -> None:
        requests = self.make_requests()
        said = self.make_labeller().answer(requests)
        assert said.revisions, "it answers at least one of its own questions"
        assert list(said.waiting) == [one for one in requests if one in said.waiting]
        asked = [one for one in requests if one not in said.waiting]
        assert [(r.unit, r.task) for r in said.revisions] == [(a.unit, a.task) for a in asked]

    def test_nothing_asked_is_nothing_said(self) -> None:
        assert self.make_labeller().answer([]) == LabelAnswers(revisions=())

    def test_an_answer_costs_what_was_asked_and_says_who_gave_it(self) -> None:
        for request, revision in self._answered():
            assert revision.price == request.price
            assert revision.author.name
            assert revision.parents == (), "a first answer continues no other"

    def test_an_answer_has_looked_at_the_frame_that_was_shown(self) -> None:
        for request, revision in self._answered():
            assert revision.coverage.includes(request.frame.stream, request.frame.t_ns)

    def test_what_was_found_lies_where_somebody_looked(self) -> None:
        for _, revision in self._answered():
            looked, elements = revision.coverage, revision.elements
            for span in elements.class_spans:
                assert looked.includes(span.stream, span.start_ns)
                assert looked.includes(span.stream, span.end_ns - 1)
            shown = [(box.stream, box.t_ns) for box in elements.boxes2d]
            shown += [(mask.stream, mask.t_ns) for mask in elements.masks]
            assert all(looked.includes(stream, t_ns) for stream, t_ns in shown)

    def test_the_same_question_has_the_same_answer_whatever_else_is_asked(self) -> None:
        requests = self.make_requests()
        together = dict(self._answered())
        assert dict(self._answered(requests[::-1])) == together
        labeller = self.make_labeller()
        for request in requests:
            alone = labeller.answer([request])
            assert list(alone.revisions) == [together[request] for _ in alone.revisions]
            assert (request in alone.waiting) == (request not in together)
            assert labeller.answer([request]) == alone

    def _answered(
        self, requests: Sequence[LabelRequest] | None = None
    ) -> list[tuple[LabelRequest, LabelRevision]]:
        """Return the questions that have an answer, each with it."""
        asked = self.make_requests() if requests is None else requests
        said = self.make_labeller().answer(asked)
        return list(
            zip([one for one in asked if one not in said.waiting], said.revisions, strict=True)
        )
