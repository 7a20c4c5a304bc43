"""An oracle: answers requests from an archive's hidden truth, with errors as people make them.

An error belongs to the unit, not to the moment of asking: the same request has the same answer
twice, and on every machine. A class is mistaken for a similar one; in a dense map one region is.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from bessemer.core.errors import InputError
from bessemer.core.ids import RecordingId, content_id, unit_interval
from bessemer.core.labelling import LabelAnswers, LabelRequest
from bessemer.core.labels import (
    Author,
    AuthorKind,
    ClassSpan,
    Coverage,
    Elements,
    LabelRevision,
    Mask,
    Span,
)
from bessemer.core.ontology import Ontology
from bessemer.core.stores import LabelStore
from bessemer.label.confusion import draw_confused
from bessemer.label.regions import confuse_region

ARCHIVE = "archive"
"""The name under which readers seal the truth of an archive."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OracleConfig:
    """How often an oracle errs.

    Attributes:
        error_frac: Share of units answered wrongly.
        seed: Draws which ones.
    """

    error_frac: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        """Check the share."""
        if not 0.0 <= self.error_frac <= 1.0:
            raise InputError(
                f"error_frac is a share in [0, 1], not {self.error_frac}.", where="OracleConfig"
            )


class Oracle:
    """Answers label requests from truth.

    Args:
        truth: Where an archive's answers are sealed, or those answers by recording.
        ontology: The task's classes.
        config: How often it errs.
        confusion: How likely each class is written down for another, rows of the ontology's
            classes; None errs to any other class alike and suits only tests.
        name: Its name as an author.

    Raises:
        InputError: If the confusion does not speak of the ontology's classes.
    """

    def __init__(
        self,
        truth: LabelStore | Mapping[RecordingId, Sequence[LabelRevision]],
        ontology: Ontology,
        config: OracleConfig | None = None,
        confusion: Float64[np.ndarray, "c c"] | None = None,
        name: str = "oracle",
    ) -> None:
        n_classes = len(ontology.classes)
        if confusion is not None and confusion.shape != (n_classes, n_classes):
            raise InputError(
                f"The confusion is {confusion.shape}, but there are {n_classes} classes.",
                where="Oracle",
                fix="Give one row and one column a class, in the ontology's order.",
            )
        self._truth = truth
        self._ontology = ontology
        self._config = config or OracleConfig()
        self._confusion = (
            confusion if confusion is not None else 1.0 - np.eye(n_classes, dtype=np.float64)
        )
        self._name = name

    @property
    def name(self) -> str:
        """Its name as an author."""
        return self._name

    def answer(self, requests: Sequence[LabelRequest]) -> LabelAnswers:
        """Answer requests; those that truth says nothing about are left waiting.

        Args:
            requests: The questions.

        Returns:
            One revision an answered request, in their order. Each covers the instant of the frame
            that was looked at and nothing else.
        """
        truths = self._truths_of(requests)
        revisions, waiting = [], []
        for request in requests:
            found = _covering(truths.get(request.unit.recording_id, ()), request)
            if found is None:
                waiting.append(request)
            else:
                revisions.append(self._answer_one(request, found))
        return LabelAnswers(revisions=tuple(revisions), waiting=tuple(waiting))

    def errs_on(self, request: LabelRequest) -> bool:
        """Return whether the answer to a request is wrong: for measures, never for the engine."""
        draw = unit_interval(self._address("errs", request))
        return len(self._ontology.classes) > 1 and draw < self._config.error_frac

    def _truths_of(
        self, requests: Sequence[LabelRequest]
    ) -> Mapping[RecordingId, Sequence[LabelRevision]]:
        """Return what truth says about the recordings asked about."""
        if isinstance(self._truth, Mapping):
            return self._truth
        ids = sorted({request.unit.recording_id for request in requests})
        found: dict[RecordingId, list[LabelRevision]] = {}
        for revision in self._truth.find_labels(
            self._ontology.task, author=AuthorKind.ORACLE, recordings=ids
        ):
            # Answers that were bought are sealed beside the truth, by oracles as well.
            if revision.author.name == ARCHIVE:
                found.setdefault(revision.unit.recording_id, []).append(revision)
        return found

    def _answer_one(self, request: LabelRequest, truth: LabelRevision) -> LabelRevision:
        """Return the revision that answers a request."""
        t_ns, stream = request.frame.t_ns, request.frame.stream
        spans = tuple(
            replace(span, start_ns=t_ns, end_ns=t_ns + 1)
            for span in truth.elements.class_spans
            if span.stream == stream and span.start_ns <= t_ns < span.end_ns
        )
        masks = tuple(
            mask for mask in truth.elements.masks if mask.stream == stream and mask.t_ns == t_ns
        )
        if self.errs_on(request):
            spans = tuple(self._mistake_span(span, request) for span in spans)
            masks = tuple(self._mistake_mask(mask, request) for mask in masks)
        return LabelRevision(
            unit=request.unit,
            task=request.task,
            ontology_id=self._ontology.ontology_id,
            author=Author(kind=AuthorKind.ORACLE, name=self._name),
            coverage=Coverage(streams=(stream,), spans=(Span(start_ns=t_ns, end_ns=t_ns + 1),)),
            elements=Elements(class_spans=spans, masks=masks),
            price=request.price,
        )

    def _mistake_span(self, span: ClassSpan, request: LabelRequest) -> ClassSpan:
        """Return a span with a class that looks like the true one."""
        index = self._ontology.index_of(span.class_name)
        if index < 0:
            return span
        wrong = draw_confused(
            self._confusion, index, unit_interval(self._address("class", request))
        )
        return replace(span, class_name=self._ontology.classes[wrong])

    def _mistake_mask(self, mask: Mask, request: LabelRequest) -> Mask:
        """Return a dense map in which one region has a class that looks like the true one."""
        if mask.class_name:
            return mask
        rng = np.random.default_rng(int(self._address("region", request)[:15], 16))
        return replace(mask, png=confuse_region(mask.png, self._confusion, rng))

    def _address(self, kind: str, request: LabelRequest) -> str:
        """Return the address that decides about a unit; the frame and the price change nothing."""
        return content_id(kind, (self._config.seed, request.task, request.unit))


def _covering(truths: Sequence[LabelRevision], request: LabelRequest) -> LabelRevision | None:
    """Return the first true answer that looked at the requested frame."""
    for revision in truths:
        if revision.task == request.task and revision.coverage.includes(
            request.frame.stream, request.frame.t_ns
        ):
            return revision
    return None
