"""Curate and label: which units are worth a label, and what the answers are.

Suspects are found with opinions that no label has touched: those the newest network had of a unit
*before* its label was bought.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bessemer.core.errors import InputError
from bessemer.core.labelling import LabelAnswers, LabelRequest
from bessemer.core.labels import Evidence, LabelRevision
from bessemer.core.protocols import Labeller
from bessemer.core.records import Stretch
from bessemer.core.selection import Candidates, Labelled, ReasonCode, Selection, Selector
from bessemer.core.signature import Geometry
from bessemer.label.errors import score_labels
from bessemer.label.propagate import propagate_track
from bessemer.loop.line import Line, label_shares
from bessemer.loop.opinions import opinions
from bessemer.loop.records import (
    Answers,
    Beginning,
    Correction,
    NetworkRef,
    PassedOver,
    Pick,
    Picks,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Split3:
    """A turn's label budget in its three parts."""

    new: int
    audits: int
    relabels: int


def split_budget(line: Line, *, first: bool) -> Split3:
    """Return how many labels are new, audits, and re-labels; the first turn has no suspects."""
    budget = line.recipe.budget
    audits = round(budget.labels * budget.audit_frac)
    relabels = 0 if first else round(budget.labels * budget.relabel_frac)
    return Split3(new=budget.labels - audits - relabels, audits=audits, relabels=relabels)


def choose(
    line: Line,
    selector: Selector,
    network: NetworkRef | None,
    beginning: Beginning | None,
    pool: Sequence[Stretch],
    labels: Sequence[LabelRevision],
    budget: int,
    seed: int,
) -> Picks:
    """Return the units to buy a label for, best first, and why each of the others was left.

    Args:
        line: The line.
        selector: Who chooses.
        network: The newest network; None before the first.
        beginning: What was pretrained, whose features stand in for those of the first network.
        pool: Every unit uploaded so far.
        labels: The answers that the data commit holds.
        budget: How many labels may be bought.
        seed: Of every draw.

    Returns:
        The picks.
    """
    paid = {label.unit for label in labels}
    open_units = [unit for unit in line.living(pool) if unit not in paid]
    known = [label.unit for label in labels]
    said = opinions(line, network, [*open_units, *known], beginning)
    n = len(open_units)
    index, c = line.recipe.ontology.index_of, len(line.recipe.ontology.classes)
    selection = selector.select(
        Candidates(
            units=tuple(f"{u.recording_id}:{u.start_ns}" for u in open_units),
            probabilities=said.probs[:n],
            embeddings=line.unit_vectors(open_units),
            own_embeddings=said.features[:n],
            frame_counts=np.array([len(line.frames_of(u)) for u in open_units], dtype=np.int64),
            space_id=line.embedder.space_id,
        ),
        Labelled(
            shares=np.stack([label_shares(r, c, index) for r in labels])
            if labels
            else np.zeros((0, c), dtype=np.float32),
            embeddings=line.unit_vectors(known),
            own_embeddings=said.features[n:],
            space_id=line.embedder.space_id,
        ),
        budget,
        seed,
    )
    _check_selection(selection, n, budget)
    left: dict[str, list[Stretch]] = {}
    for choice in selection.passed_over:
        left.setdefault(choice.code.value, []).append(open_units[choice.index])
    return Picks(
        chosen=tuple(
            Pick(unit=open_units[c.index], code=c.code.value, reason=c.reason)
            for c in selection.chosen
        ),
        left=tuple(PassedOver(code=code, units=tuple(units)) for code, units in left.items()),
    )


def _check_selection(selection: Selection, n: int, budget: int) -> None:
    """Raise an InputError unless a selector spent its budget, and spoke of each candidate once."""
    said = sorted(choice.index for choice in (*selection.chosen, *selection.passed_over))
    if len(selection.chosen) == min(budget, n) and said == list(range(n)):
        return
    raise InputError(
        f"It chose {len(selection.chosen)} of {n} candidates where {min(budget, n)} are paid for, "
        f"and spoke of {len(set(said))}.",
        where=f"selector {selection.selector}",
        fix="Choose as many as the budget pays, and pass over all others; "
        "bessemer.testing.selectors tests that.",
    )


def _check_answers(labeller: Labeller, asked: Sequence[LabelRequest], given: LabelAnswers) -> None:
    """Raise an InputError unless every question is answered or waits, and nothing else is."""
    waiting = {request.unit for request in given.waiting}
    answered = {revision.unit for revision in given.revisions}
    units = {request.unit for request in asked}
    if answered | waiting == units and not answered & waiting:
        return
    lost = len(units - answered - waiting)
    raise InputError(
        f"Of {len(units)} questions it answered {len(answered)}, holds {len(waiting)} and lost "
        f"{lost}.",
        where=f"labeller {labeller.name}",
        fix="Answer each question, or return it among those that wait.",
    )


def buy(
    line: Line,
    picks: Picks,
    network: NetworkRef | None,
    labeller: Labeller,
    auditor: Labeller,
    parts: Split3,
) -> Answers:
    """Buy labels for the picks, audit the control sample, buy suspects again, carry all along.

    Args:
        line: The line.
        picks: What was chosen.
        network: The newest network, whose opinions find suspects; None finds none.
        labeller: Who answers.
        auditor: Who answers a second time: slower and surer.
        parts: How the budget is split.

    Returns:
        The answers, sealed in the lake.
    """
    asked_first = [_request(line, pick.unit, pick.reason) for pick in picks.chosen]
    given = labeller.answer(asked_first)
    _check_answers(labeller, asked_first, given)
    by_unit = {revision.unit: revision for revision in given.revisions}
    control = [p.unit for p in picks.chosen if p.code == ReasonCode.CONTROL and p.unit in by_unit]
    audits = _ask_again(line, auditor, by_unit, control[: parts.audits], "audit", ())
    for correction in audits.corrections:
        by_unit[correction.corrected.unit] = correction.corrected
    asked, evidence = _suspects(line, network, by_unit, set(control), parts.relabels)
    again = _ask_again(line, auditor, by_unit, asked, "looks wrong", evidence)
    for correction in again.corrections:
        by_unit[correction.corrected.unit] = correction.corrected
    carried = [_carried(line, revision) for revision in by_unit.values()]
    line.works.lake.seal_labels([*given.revisions, *audits.answers, *again.answers, *carried])
    return Answers(
        revisions=tuple(r.revision_id for r in carried),
        paid=sum(r.price for r in (*given.revisions, *audits.answers, *again.answers)),
        audited=len(audits.answers),
        audit_errors=len(audits.corrections),
        suspects=len(again.answers),
        corrections=tuple(c.record() for c in (*audits.corrections, *again.corrections)),
        waiting=len(given.waiting),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Corrected:
    """An answer that a second one contradicts."""

    given: LabelRevision
    corrected: LabelRevision
    evidence: tuple[Evidence, ...]

    def record(self) -> Correction:
        """Return it by addresses."""
        return Correction(
            unit=self.given.unit,
            given=self.given.revision_id,
            corrected=self.corrected.revision_id,
            evidence=self.evidence,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Second:
    """Second answers, and the first ones that they contradict."""

    answers: tuple[LabelRevision, ...]
    corrections: tuple[_Corrected, ...]


def _ask_again(
    line: Line,
    auditor: Labeller,
    first: dict[Stretch, LabelRevision],
    units: Sequence[Stretch],
    reason: str,
    evidence: Sequence[Evidence],
) -> _Second:
    """Buy a second answer for units and compare it with the first."""
    requests = [_request(line, unit, reason) for unit in units]
    answers = auditor.answer(requests)
    _check_answers(auditor, requests, answers)
    second = answers.revisions
    why = dict(zip(units, evidence, strict=False))
    return _Second(
        answers=second,
        corrections=tuple(
            _Corrected(
                given=first[r.unit],
                corrected=r,
                evidence=(why[r.unit],) if r.unit in why else (),
            )
            for r in second
            if not _agree(first[r.unit], r)
        ),
    )


def _agree(one: LabelRevision, other: LabelRevision) -> bool:
    """Return whether two answers say the same."""
    if one.elements.masks or other.elements.masks:
        return [m.png for m in one.elements.masks] == [m.png for m in other.elements.masks]
    names = [{s.class_name for s in r.elements.class_spans} for r in (one, other)]
    return names[0] == names[1]


def _suspects(
    line: Line,
    network: NetworkRef | None,
    answers: dict[Stretch, LabelRevision],
    audited: set[Stretch],
    budget: int,
) -> tuple[list[Stretch], list[Evidence]]:
    """Return the answers that the network, before it saw them, believed least."""
    units = [unit for unit in answers if unit not in audited]
    if network is None or not budget or not units:
        return [], []
    said = opinions(line, network, units)
    index, c = line.recipe.ontology.index_of, len(line.recipe.ontology.classes)
    shares = np.stack([label_shares(answers[unit], c, index) for unit in units])
    if line.recipe.geometry is Geometry.DENSE:
        doubt = 1.0 - (said.probs * shares).sum(axis=1)
    else:
        # Opinions from before the purchase are out of sample, as the search demands.
        given, each = shares.argmax(axis=1).astype(np.int64), np.arange(len(units), dtype=np.int64)
        doubt = score_labels(given, said.probs, each, line.unit_vectors(units)).score
    order = np.argsort(-doubt, kind="stable")[:budget]
    return (
        [units[i] for i in order],
        [Evidence(name="doubt", value=float(doubt[i]), ref=network.network_id) for i in order],
    )


def _request(line: Line, unit: Stretch, reason: str) -> LabelRequest:
    """Return the question about a unit; its last frame is shown, when a track is nearest."""
    return LabelRequest(unit=unit, task=line.name, frame=line.frames_of(unit)[-1], reason=reason)


def _carried(line: Line, revision: LabelRevision) -> LabelRevision:
    """Return an answer carried along its track; a dense answer stays with its frame."""
    if line.recipe.geometry is Geometry.DENSE:
        return revision
    return propagate_track(revision, line.frames_of(revision.unit))
