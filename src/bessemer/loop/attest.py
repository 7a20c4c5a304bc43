"""The three numbers of a data commit: large, accurate, diverse; each commit builds on its parent's.

They are measured in the pinned space, so that the ruler does not move with the network, and noted
in the ledger under the commit's address.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from jaxtyping import Float64

from bessemer.core.errors import InputError
from bessemer.core.ids import CommitId, DocumentId, RecordingId, SpaceId
from bessemer.core.labels import LabelRevision
from bessemer.core.records import Stretch
from bessemer.curate.attest import Accurate, AttestConfig, Diverse, Large, Spread
from bessemer.curate.balance import balance_attributes, balance_of
from bessemer.loop.attest_working import Audit, Working, reference_of, spread_of
from bessemer.loop.compile import labels_at
from bessemer.loop.line import Line, label_shares
from bessemer.loop.works import Works
from bessemer.report.wording import say_plural
from bessemer.validate.bootstrap import exact_interval

THREE_NUMBERS = "large, accurate, diverse"
"""The name they are noted under."""
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


def attest_commit(
    line: Line,
    commit_id: CommitId,
    audited: int,
    errors: int,
    clips: Sequence[Stretch] = (),
    config: AttestConfig | None = None,
    *,
    from_nothing: bool = False,
) -> Attestation:
    """Measure a commit, on top of what was measured of its parents.

    Args:
        line: The line.
        commit_id: The commit.
        audited: Labels of the control sample that this commit's turn bought twice.
        errors: Those found wrong.
        clips: What this commit's turn brought back.
        config: What near means.
        from_nothing: Leave the parents alone and compare everything; audits and clips are then
            all of them.

    Returns:
        The attestation; it is not noted yet.
    """
    labels = labels_at(line, commit_id)
    parents = [] if from_nothing else _parents(line, commit_id)
    before = [line.works.ledger.get_document(one.working, Working) for one in parents]
    audits = {audit.commit_id: audit for kept in before for audit in kept.audits}
    if audited:
        audits[commit_id] = Audit(commit_id=commit_id, audited=audited, errors=errors)
    came = tuple(dict.fromkeys((*(clip for kept in before for clip in kept.clips), *clips)))
    units, reference = [label.unit for label in labels], reference_of(line)
    spread, working = spread_of(line, units, reference, before, config or AttestConfig())
    classes = balance_of(_class_mass(line, labels))
    return Attestation(
        commit_id=commit_id,
        space_id=line.embedder.space_id,
        large=_large(line, units, came, spread),
        accurate=audited_rate(
            sum(audit.audited for audit in audits.values()),
            sum(audit.errors for audit in audits.values()),
        ),
        diverse=Diverse(
            reference=len(spread.covered),
            covered=int(spread.covered.sum()),
            effective_classes=classes[0],
            balance_frac=classes[1],
            attributes=balance_attributes(_facts_of(line, units), _facts_of(line, reference)),
        ),
        working=line.works.ledger.put_document(
            "Working", replace(working, audits=tuple(audits.values()), clips=came)
        ),
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
    rows = {row.name: row.document_id for row in works.ledger.attestations(commit_id)}
    found = rows.get(THREE_NUMBERS)
    return works.ledger.get_document(found, Attestation) if found else None


def _parents(line: Line, commit_id: CommitId) -> list[Attestation]:
    """Return the three numbers of a commit's parents, the branch's own side first."""
    parents = line.works.history.show(commit_id).parents
    found = [attestation_of(line.works, parent) for parent in parents]
    return [one for one in found if one is not None]


def _large(line: Line, units: Sequence[Stretch], clips: Sequence[Stretch], spread: Spread) -> Large:
    """Return how much is labelled."""
    starts: dict[RecordingId, list[int]] = {}
    for unit in units:
        starts.setdefault(unit.recording_id, []).append(unit.start_ns)
    return Large(
        recordings=len(starts),
        units=len(units),
        frames=sum(len(line.frames_of(unit)) for unit in units),
        duration_s=sum(unit.end_ns - unit.start_ns for unit in units) / _NS_PER_S,
        effective_units=round(spread.effective_size, 9),
        clips=sum(
            any(clip.start_ns <= t_ns < clip.end_ns for t_ns in starts.get(clip.recording_id, ()))
            for clip in clips
        ),
    )


def _facts_of(line: Line, units: Sequence[Stretch]) -> list[dict[str, str]]:
    """Return what the recording of each unit says of itself."""
    recordings = line.works.atlas.recordings
    return [{a.name: a.value for a in recordings[u.recording_id].attributes} for u in units]


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
    clips = f" in {say_plural(large.clips, 'clip')}" if large.clips else ""
    others = "".join(f", of {one.name} {one.balance_frac:.2f}" for one in diverse.attributes)
    return (
        f"large    {large.units} units{clips} of {large.recordings} recordings, "
        f"{large.frames} frames, {large.duration_s:.1f} s; "
        f"{large.effective_units:.1f} once near-duplicates count once",
        f"accurate {found}",
        f"diverse  {diverse.covered_frac:.1%} of {diverse.reference} units within reach; "
        f"{diverse.effective_classes:.1f} effective classes, "
        f"balance of classes {diverse.balance_frac:.2f}{others}",
    )
