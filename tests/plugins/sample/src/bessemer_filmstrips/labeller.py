"""A labeller that looks at one frame and measures its light: a stand-in for a model of yours."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from bessemer.core.frames import Frame
from bessemer.core.ids import ElementId
from bessemer.core.labelling import LabelAnswers, LabelRequest
from bessemer.core.labels import (
    Author,
    AuthorKind,
    ClassSpan,
    Coverage,
    Elements,
    Evidence,
    LabelRevision,
    Span,
)
from bessemer.core.ontology import Ontology


@dataclass(frozen=True, slots=True, kw_only=True)
class LightMeter:
    """Says ``bright`` or ``dark``.

    Attributes:
        ontology: The classes; both have to be there.
        look: Returns the picture of a frame.
        name: Its name as a labeller.
    """

    ontology: Ontology
    look: Callable[[Frame], UInt8[np.ndarray, "h w 3"]]
    name: str = "light_meter"

    def answer(self, requests: Sequence[LabelRequest]) -> LabelAnswers:
        """Return an answer to every request."""
        return LabelAnswers(revisions=tuple(self._answer(request) for request in requests))

    def _answer(self, request: LabelRequest) -> LabelRevision:
        light = float(self.look(request.frame).mean()) / 255
        start_ns, end_ns = request.unit.start_ns, request.unit.end_ns
        span = ClassSpan(
            element_id=ElementId("light"),
            stream=request.frame.stream,
            start_ns=start_ns,
            end_ns=end_ns,
            class_name="bright" if light > 0.45 else "dark",
        )
        return LabelRevision(
            unit=request.unit,
            task=request.task,
            ontology_id=self.ontology.ontology_id,
            author=Author(kind=AuthorKind.NETWORK, name=self.name),
            coverage=Coverage(
                streams=(request.frame.stream,), spans=(Span(start_ns=start_ns, end_ns=end_ns),)
            ),
            elements=Elements(class_spans=(span,)),
            evidence=(Evidence(name="light", value=light),),
            price=request.price,
        )
