"""Carrying an answer on: what holds for one frame of a track holds for all of it.

A propagated label is a revision of its own, beside the answer it continues: it names that answer as
its parent, says how far it was carried, and costs nothing.
"""

from collections.abc import Sequence
from dataclasses import replace

from bessemer.core.errors import InputError
from bessemer.core.frames import Frame
from bessemer.core.labels import (
    Author,
    AuthorKind,
    Coverage,
    Elements,
    Evidence,
    LabelRevision,
    Span,
)

TRACK = Author(kind=AuthorKind.PROPAGATION, name="track")


def propagate_track(answer: LabelRevision, frames: Sequence[Frame]) -> LabelRevision:
    """Carry the classes of an answer along its whole unit.

    A track is one thing seen again and again, so a class seen at one instant holds throughout, and
    so does its absence. Elements of other geometries move with the thing and are not carried.

    Args:
        answer: An answer about one or more instants of a track.
        frames: The frames of the unit, for the evidence.

    Returns:
        A revision that covers the whole unit; its parent is the answer.

    Raises:
        InputError: If the answer names two classes of one stream: such a unit is no track.
    """
    unit = answer.unit
    named: dict[str, str] = {}
    for span in answer.elements.class_spans:
        if named.setdefault(span.stream, span.class_name) != span.class_name:
            raise InputError(
                f"One track cannot be {named[span.stream]!r} and {span.class_name!r} at once.",
                where=f"{unit.recording_id}, {span.stream}",
                fix="Cut the recording where the class changes, or answer again.",
            )
    spans = {
        (span.stream, span.element_id): replace(span, start_ns=unit.start_ns, end_ns=unit.end_ns)
        for span in answer.elements.class_spans
    }
    inside = [f for f in frames if unit.start_ns <= f.t_ns < unit.end_ns]
    seen = sum(answer.coverage.includes(f.stream, f.t_ns) for f in inside)
    return replace(
        answer,
        author=TRACK,
        parents=(answer.revision_id,),
        coverage=Coverage(
            streams=answer.coverage.streams,
            spans=(Span(start_ns=unit.start_ns, end_ns=unit.end_ns),),
            classes=answer.coverage.classes,
        ),
        elements=Elements(class_spans=tuple(spans.values())),
        evidence=(
            Evidence(name="frames_seen", value=float(seen), ref=answer.revision_id),
            Evidence(name="frames_carried", value=float(len(inside) - seen)),
        ),
        price=0.0,
    )
