"""The three numbers of a data commit: large, accurate, diverse; each commit builds on its parent's.

They are measured in the pinned space, so that the ruler does not move with the network, and noted
in the ledger under the commit's address.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from bessemer.core.errors import InputError
from bessemer.core.ids import CommitId, DocumentId, SpaceId, content_id
from bessemer.core.labels import LabelRevision
from bessemer.core.records import Split, Stretch
from bessemer.curate.attest import (
    Accurate,
    AttestConfig,
    Diverse,
    Large,
    Spread,
    class_balance,
    extend_spread,
    nothing_spread,
)
from bessemer.loop.compile import labels_at
from bessemer.loop.line import Line, label_shares
from bessemer.loop.works import Works
from bessemer.validate.bootstrap import exact_interval

THREE_NUMBERS = "large, accurate, diverse"
_NS_PER_S = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Attestation:
    """What was measured of a data commit.

    Attributes:
        commit_id: The commit.
        space_id: The pinned space.
        large: How much there is.
        accurate: How often it is wrong.
        diverse: How much of the world it speaks for.
        working: What the next commit's numbers are computed from.
    """

    commit_id: CommitId
    space_id: SpaceId
    large: Large
    accurate: Accurate
    diverse: Diverse
    working: DocumentId


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """What was compared pairwise so far, so that a child compares only what it adds.

    Attributes:
        measured_by: Address of the space, the bounds, and the units of reference.
        units: The labelled units, in the order in which they came.
        like_counts: How many units are like each.
        uncovered: Rows of the reference that no labelled unit reaches.
    """

    measured_by: str
    units: tuple[Stretch, ...]
    like_counts: tuple[int, ...]
    uncovered: tuple[int, ...]


def attest_commit(
    line: Line,
    commit_id: CommitId,
    audited: int,
    errors: int,
    config: AttestConfig | None = None,
    *,
    from_nothing: bool = False,
) -> Attestation:
    """Measure a commit, on top of what was measured of its parent.

    Args:
        line: The line.
        commit_id: The commit.
        audited: Labels of the control sample that this commit's turn bought twice.
        errors: Those found wrong.
        config: What near means.
        from_nothing: Leave the parent alone and compare everything; audits are then all of them.

    Returns:
        The attestation; it is not noted yet.
    """
    spec = config or AttestConfig()
    labels = labels_at(line, commit_id)
    before = None if from_nothing else parent_attestation(line.works, commit_id)
    earlier = before.accurate if before else audited_rate(0, 0)
    spread, working = _spread_of(line, [label.unit for label in labels], before, spec)
    classes = class_balance(_class_mass(line, labels))
    return Attestation(
        commit_id=commit_id,
        space_id=line.embedder.space_id,
        large=_large(line, labels, spread),
        accurate=audited_rate(earlier.audited + audited, earlier.errors + errors),
        diverse=Diverse(
            reference=len(spread.covered),
            covered=int(spread.covered.sum()),
            effective_classes=classes[0],
            balance_frac=classes[1],
        ),
        working=line.works.ledger.put_document("Working", working),
    )


def audited_rate(audited: int, errors: int) -> Accurate:
    """Return the error rate that an audit found, with its exact 95% interval.

    Args:
        audited: Labels looked at twice, drawn uniformly.
        errors: Those found wrong.

    Returns:
        Counts and interval: all of [0, 1] before the first audit.

    Raises:
        InputError: If there are more errors than audits.

    Example:
        >>> found = audited_rate(40, 0)
        >>> found.error_frac, round(found.high_frac, 3)
        (0.0, 0.088)
    """
    if not 0 <= errors <= audited:
        raise InputError(f"{errors} errors in {audited} audits.", where="audited_rate")
    low, high = exact_interval(float(errors), float(audited))
    return Accurate(
        audited=audited, errors=errors, low_frac=round(low, 9), high_frac=round(high, 9)
    )


def note_attestation(works: Works, commit_id: CommitId, document_id: DocumentId) -> None:
    """Note under a commit where its three numbers stand; a second time changes nothing."""
    works.ledger.attest(commit_id, THREE_NUMBERS, document_id)


def attestation_of(works: Works, commit_id: CommitId) -> Attestation | None:
    """Return the three numbers of a commit; None where nobody measured them."""
    for row in works.ledger.attestations(commit_id):
        if row.name == THREE_NUMBERS:
            return works.ledger.get_document(row.document_id, Attestation)
    return None


def parent_attestation(works: Works, commit_id: CommitId) -> Attestation | None:
    """Return the three numbers of a commit's first parent; None where there are none."""
    parents = works.history.show(commit_id).parents
    return attestation_of(works, parents[0]) if parents else None


def _spread_of(
    line: Line, units: Sequence[Stretch], before: Attestation | None, config: AttestConfig
) -> tuple[Spread, Working]:
    """Return what is compared pairwise, from the parent's working where that still holds."""
    reference = _reference(line)
    measured_by = content_id("measured_by", (line.embedder.space_id, config, reference))
    everything = line.unit_vectors(reference)
    known: tuple[Stretch, ...] = ()
    spread = nothing_spread(len(reference))
    if before is not None:
        kept = line.works.ledger.get_document(before.working, Working)
        if kept.measured_by == measured_by and set(kept.units) <= set(units):
            known = kept.units
            covered = np.ones(len(reference), dtype=np.bool_)
            covered[list(kept.uncovered)] = False
            spread = Spread(like_counts=np.array(kept.like_counts, dtype=np.int64), covered=covered)
    there = set(known)
    added = [unit for unit in units if unit not in there]
    grown = extend_spread(
        spread, line.unit_vectors(known), line.unit_vectors(added), everything, config
    )
    return grown, Working(
        measured_by=measured_by,
        units=(*known, *added),
        like_counts=tuple(grown.like_counts.tolist()),
        uncovered=tuple(np.flatnonzero(~grown.covered).tolist()),
    )


def _reference(line: Line) -> tuple[Stretch, ...]:
    """Return every unit of every recording that may be trained on, by source and time."""
    found: list[Stretch] = []
    for recording in line.works.lake.recordings(split=Split.TRAIN):
        if recording.recording_id in line.works.atlas.recordings:
            whole = Stretch(
                recording_id=recording.recording_id,
                start_ns=recording.start_ns,
                end_ns=recording.end_ns,
            )
            found.extend(unit for unit in line.units_within(whole) if line.frames_of(unit))
    return tuple(found)


def _large(line: Line, labels: Sequence[LabelRevision], spread: Spread) -> Large:
    """Return how much is labelled."""
    units = [label.unit for label in labels]
    return Large(
        recordings=len({unit.recording_id for unit in units}),
        units=len(units),
        frames=sum(len(line.frames_of(unit)) for unit in units),
        duration_s=sum(unit.end_ns - unit.start_ns for unit in units) / _NS_PER_S,
        effective_units=round(spread.effective_size, 9),
    )


def _class_mass(line: Line, labels: Sequence[LabelRevision]) -> Float64[np.ndarray, " c"]:
    """Return labelled units by class; parts of a unit count as parts."""
    ontology = line.recipe.ontology
    mass = np.zeros(len(ontology.classes), dtype=np.float64)
    for label in labels:
        mass += label_shares(label, len(ontology.classes), ontology.index_of)
    return mass


def lines_of(attestation: Attestation) -> tuple[str, str, str]:
    """Return the three numbers as lines to read, each with what it is made of.

    Args:
        attestation: What was measured.

    Returns:
        Large, accurate, diverse.
    """
    large, accurate, diverse = attestation.large, attestation.accurate, attestation.diverse
    found = "no audit yet"
    if accurate.error_frac is not None:
        found = (
            f"{accurate.error_frac:.1%} of labels wrong as bought "
            f"[{accurate.low_frac:.1%}, {accurate.high_frac:.1%}], "
            f"{accurate.errors} of {accurate.audited} audited"
        )
    return (
        f"large    {large.units} units of {large.recordings} recordings, {large.frames} frames, "
        f"{large.duration_s:.1f} s; {large.effective_units:.1f} once near-duplicates count once",
        f"accurate {found}",
        f"diverse  {diverse.covered_frac:.1%} of {diverse.reference} units within reach; "
        f"{diverse.effective_classes:.1f} effective classes, balance {diverse.balance_frac:.2f}",
    )
