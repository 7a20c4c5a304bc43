"""One turn as a story: what came back, what was labelled, what was wrong, what it cost."""

from collections.abc import Sequence

from bessemer.core.fleet import Campaign, Haul
from bessemer.core.frames import Frame
from bessemer.core.gates import Decision, Ruling
from bessemer.core.labels import LabelRevision
from bessemer.core.records import Recording, Stretch
from bessemer.core.signature import Geometry
from bessemer.ledger import StageState
from bessemer.loop.attest import Attestation
from bessemer.loop.compile import labels_at
from bessemer.loop.exam import examples_table
from bessemer.loop.line import Line
from bessemer.loop.records import Answers, Intake, Pick, Picks, TurnRecord
from bessemer.loop.telling_masks import tell_change
from bessemer.loop.uploads import trigger_of, uploads_of
from bessemer.report.story import (
    Address,
    CommitStory,
    GateStory,
    HaulStory,
    LabelError,
    LabelsStory,
    Measure,
    PicksStory,
    Shot,
    ShotGroup,
    StageStory,
    TurnStory,
    YieldStory,
)
from bessemer.report.thumbs import thumb_uri
from bessemer.report.wording import say_plural
from bessemer.validate.slices import select_slices
from bessemer.validate.suite import Slice

SHOTS_PER_GROUP = 6
_SCENE_SIDE_PX = 168


def tell_turn(line: Line, record: TurnRecord, branch: Sequence[TurnRecord]) -> TurnStory:
    """Return the story of one turn.

    Args:
        line: The line.
        record: The turn.
        branch: All turns of its branch, for what is counted over turns.

    Returns:
        The story, with pictures.
    """
    ledger = line.works.ledger
    haul = ledger.get_document(record.haul, Haul)
    picks = ledger.get_document(record.picks, Picks)
    answers = ledger.get_document(record.answers, Answers)
    gate = ledger.get_document(record.decision, Ruling)
    intake = ledger.get_document(record.intake, Intake)
    accurate = ledger.get_document(record.attestation, Attestation).accurate
    error_frac = None
    if accurate.error_frac is not None:
        error_frac = Measure(
            value=accurate.error_frac, low=accurate.low_frac, high=accurate.high_frac
        )
    return TurnStory(
        turn=record.turn,
        haul=_haul(line, haul, _asked(record, branch), branch[-1]),
        picks=PicksStory(
            selector=line.recipe.selector,
            groups=_pick_groups(line, picks),
            passed_over=picks.passed_over,
        ),
        labels=LabelsStory(
            paid=answers.paid,
            audited=answers.audited,
            audit_errors=answers.audit_errors,
            error_frac=error_frac,
            suspects=answers.suspects,
            corrected=len(answers.corrections) - answers.audit_errors,
            errors=_errors(line, answers),
            waiting=answers.waiting,
        ),
        commit=_commit(line, record, error_frac),
        gate=GateStory(
            shipped=gate.decision is Decision.SHIP,
            n_checks=gate.n_checks,
            reasons=gate.reasons,
            unsure=gate.unsure,
            notes=gate.notes,
        ),
        uploaded_bytes=intake.size_bytes,
        stages=tuple(
            StageStory(name=row.name, wall_s=row.cost.wall_s, cached=row.state == StageState.REUSED)
            for row in ledger.stages(branch=record.branch.name, turn=record.turn)
            if row.name != "turn"
        ),
        addresses=(
            Address(name="data commit", address=record.commit_id),
            Address(name="network", address=record.network.network_id),
            Address(name="validation", address=record.validation),
        ),
    )


def _asked(record: TurnRecord, branch: Sequence[TurnRecord]) -> dict[str, Campaign]:
    """Return the campaigns that ran in a turn: those that the turn before asked for."""
    before = [r for r in branch if r.turn == record.turn - 1]
    return {c.name: c for c in before[0].state.campaigns} if before else {}


def true_frac_of(line: Line, haul: Haul, campaign: Campaign, last: TurnRecord) -> float | None:
    """Return the share of what a campaign brought that truly was in its slice.

    A live fleet has no truth for what is not labelled, so that says nothing.

    Args:
        line: The line.
        haul: The week in which the campaign ran.
        campaign: The campaign.
        last: The turn whose labels are asked.

    Returns:
        The share of the units that came back for it, of those labelled by then; None if none is.
    """
    asked = [upload for upload in haul.uploads if trigger_of(upload) == campaign.name]
    known = labels_at(line, last.commit_id)
    came = uploads_of(asked, [label.unit for label in known])
    labels = [label for label in known if label.unit in came]
    if not labels:
        return None
    frames = [line.frames_of(label.unit)[-1] for label in labels]
    part = Slice(name=campaign.name, where=campaign.slice_where)
    return float(select_slices(examples_table(line, frames, labels), [part])[part.name].mean())


def _haul(line: Line, haul: Haul, campaigns: dict[str, Campaign], last: TurnRecord) -> HaulStory:
    """Return what came back, by the trigger that won."""
    groups: dict[str, list[tuple[Stretch, str]]] = {}
    for upload in haul.uploads:
        name = trigger_of(upload)
        reason = upload.hits[0].reason if upload.hits else "drawn uniformly from all that was met"
        groups.setdefault(name, []).append((upload.stretch, reason))
    return HaulStory(
        week=haul.week,
        met=haul.met,
        uploaded=len(haul.uploads),
        groups=tuple(
            ShotGroup(
                name=name,
                count=len(members),
                shots=tuple(_shot(line, s, reason) for s, reason in members[:SHOTS_PER_GROUP]),
            )
            for name, members in groups.items()
        ),
        yields=tuple(
            YieldStory(
                name=y.trigger,
                is_campaign=y.trigger in campaigns,
                fired=y.fired,
                uploaded=y.uploaded,
                true_frac=true_frac_of(line, haul, campaigns[y.trigger], last)
                if y.trigger in campaigns
                else None,
                reason=campaigns[y.trigger].reason if y.trigger in campaigns else "",
            )
            for y in haul.yields
        ),
        kept=haul.kept,
    )


def _pick_groups(line: Line, picks: Picks) -> tuple[ShotGroup, ...]:
    """Return what was chosen, by reason."""
    groups: dict[str, list[Pick]] = {}
    for pick in picks.chosen:
        groups.setdefault(pick.code, []).append(pick)
    return tuple(
        ShotGroup(
            name=code,
            count=len(members),
            shots=tuple(_shot(line, p.unit, p.reason) for p in members[:SHOTS_PER_GROUP]),
        )
        for code, members in groups.items()
    )


def _shot(line: Line, stretch: Stretch, reason: str) -> Shot:
    """Return the picture of a stretch's last frame, when a track is nearest."""
    if not line.living([stretch]):
        return Shot(thumb="", caption="erased", reason=reason)
    caption = caption_of(line.works.atlas.recordings[stretch.recording_id])
    frames = line.frames_of(stretch)[-1:]
    thumb = _thumb(line, frames) if frames else ""
    return Shot(thumb=thumb, caption=caption, reason=reason)


def _thumb(line: Line, frames: Sequence[Frame]) -> str:
    """Return the picture of one frame: a track's as the network sees it, a scene's for people."""
    height_px, width_px = line.size_px
    if line.recipe.geometry is not Geometry.DENSE:
        return thumb_uri(line.works.pictures.load(frames, line.size_px)[0])
    factor = _SCENE_SIDE_PX / max(height_px, width_px)
    size_px = (round(height_px * factor), round(width_px * factor))
    return thumb_uri(line.works.pictures.load(frames, size_px)[0], _SCENE_SIDE_PX)


def caption_of(recording: Recording) -> str:
    """Return what a recording is called under its picture: its conditions, or else its source.

    Args:
        recording: The recording.

    Returns:
        Such as ``rain, 21 h, winter, vehicle-03`` where a drive says so much of itself.
    """
    facts = {attribute.name: attribute.value for attribute in recording.attributes}
    if not {"weather", "hour", "season", "vehicle"} <= facts.keys():
        return recording.source
    hour = facts["hour"].partition(".")[0]
    return f"{facts['weather']}, {hour} h, {facts['season']}, {facts['vehicle']}"


def _errors(line: Line, answers: Answers) -> tuple[LabelError, ...]:
    """Return the label errors found: the picture, what was given, what it is."""
    lake = line.works.lake
    shown = answers.corrections[: 2 * SHOTS_PER_GROUP]
    given = lake.read_labels([c.given for c in shown])
    corrected = lake.read_labels([c.corrected for c in shown])
    errors = []
    for correction, before, after in zip(shown, given, corrected, strict=True):
        said, is_now = _change(line, before, after)
        reason = (
            f"the network doubted it: {correction.evidence[0].value:.2f}"
            if correction.evidence
            else "found by auditing the control sample"
        )
        errors.append(
            LabelError(shot=_shot(line, correction.unit, reason), given=said, corrected=is_now)
        )
    return tuple(errors)


def _change(line: Line, before: LabelRevision, after: LabelRevision) -> tuple[str, str]:
    """Return what was given and what is right, in words; of dense answers what changed."""
    if line.recipe.geometry is not Geometry.DENSE or not line.living([before.unit]):
        return _words(before), _words(after)
    frames = line.frames_of(before.unit)
    given, corrected = (
        line.task.targets(frames, [label] * len(frames), line.size_px) for label in (before, after)
    )
    return tell_change(given, corrected, line.recipe.ontology.classes)


def _words(label: LabelRevision) -> str:
    """Return an answer in words."""
    names = sorted({span.class_name for span in label.elements.class_spans})
    return ", ".join(names) or say_plural(len(label.elements), "element")


def _commit(line: Line, record: TurnRecord, error_frac: Measure | None) -> CommitStory:
    """Return a data commit's three numbers."""
    found = line.works.ledger.get_document(record.attestation, Attestation)
    diverse = found.diverse
    return CommitStory(
        commit_id=record.commit_id,
        units=found.large.units,
        recordings=found.large.recordings,
        clips=found.large.clips,
        duration_s=found.large.duration_s,
        effective_units=found.large.effective_units,
        error_frac=error_frac,
        coverage_frac=diverse.covered / diverse.reference if diverse.reference else None,
        balance_frac=diverse.balance_frac,
        attributes=tuple((one.name, one.balance_frac) for one in diverse.attributes),
    )
