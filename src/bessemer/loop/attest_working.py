"""What the three numbers of a data commit are computed from, kept so that a child adds to it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bessemer.core.ids import CommitId, content_id
from bessemer.core.records import Split, Stretch
from bessemer.curate.attest import AttestConfig, Spread, extend_spread, nothing_spread
from bessemer.loop.line import Line


@dataclass(frozen=True, slots=True, kw_only=True)
class Audit:
    """What the control sample of one commit's turn said; a merge counts each turn's once."""

    commit_id: CommitId
    audited: int
    errors: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """What was compared pairwise and counted so far, so that a child adds only what is new.

    Attributes:
        measured_by: Address of the space, the bounds, and the units of reference.
        units: The labelled units, in the order in which they came.
        like_counts: How many units are like each.
        uncovered: Rows of the reference that no labelled unit reaches.
        audits: Of every turn on the way here.
        clips: What those turns brought back, in the order in which it came.
    """

    measured_by: str
    units: tuple[Stretch, ...]
    like_counts: tuple[int, ...]
    uncovered: tuple[int, ...]
    audits: tuple[Audit, ...] = ()
    clips: tuple[Stretch, ...] = ()


def spread_of(
    line: Line,
    units: Sequence[Stretch],
    reference: Sequence[Stretch],
    before: Sequence[Working],
    config: AttestConfig,
) -> tuple[Spread, Working]:
    """Return what is compared pairwise, from a parent's working where that still holds.

    Args:
        line: The line.
        units: The labelled units.
        reference: Every unit that could be labelled.
        before: The parents' workings, the branch's own side first.
        config: What near means.

    Returns:
        The spread, and a working without its audits and clips.
    """
    measured_by = content_id("measured_by", (line.embedder.space_id, config, tuple(reference)))
    everything = line.unit_vectors(reference)
    known: tuple[Stretch, ...] = ()
    spread = nothing_spread(len(reference))
    for kept in before[:1]:
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


def reference_of(line: Line) -> tuple[Stretch, ...]:
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
