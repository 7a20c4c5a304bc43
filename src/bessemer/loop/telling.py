"""A run as a story for the report: the engine beside chance, slices by turn, and what it cost."""

from collections.abc import Callable
from pathlib import Path

import numpy as np

import bessemer
from bessemer.core.errors import NotFoundError
from bessemer.core.ids import DocumentId
from bessemer.core.records import Split
from bessemer.core.signature import Geometry
from bessemer.fleet.deal import RecordedDeal
from bessemer.loop.archive import ingest_archive
from bessemer.loop.drive import CHANCE, ENGINE
from bessemer.loop.exam import people_of_test
from bessemer.loop.line import Line
from bessemer.loop.live import LiveFleet
from bessemer.loop.recipe import ORACLE, Recipe, archive_of_recipe
from bessemer.loop.records import TurnRecord
from bessemer.loop.run import branches_of, run_turns
from bessemer.loop.telling_turn import tell_turn
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works
from bessemer.networks.published import FOUNDATIONS
from bessemer.report.story import (
    Address,
    ArmStory,
    Curve,
    CurvePoint,
    Difference,
    Mark,
    Measure,
    RunStory,
    SliceStory,
    SliceTurn,
)
from bessemer.validate.outcome import ScoreRow, SuiteReport
from bessemer.validate.suite import parse_suite

INTERVAL = "95%, Student's t over seeds, on the same test recordings"


def tell_run(
    works: Works, recipe: Recipe, data: Path | None, fleet: LiveFleet | None = None
) -> RunStory:
    """Run a recipe, or what is left of it, and return its story.

    Args:
        works: The works.
        recipe: The recipe.
        data: The archive that the fleet replays; None for readers whose archive lies in a package.
        fleet: Drives in place of an archive, week by week; None replays.

    Returns:
        The story.
    """
    if fleet is None:
        ingest_archive(works, archive_of_recipe(recipe), data)
    line = Line.ready(recipe, works)
    records = list(run_turns(line, branches_of(line), recipe.turns, fleet))
    return _told(line if fleet is None else Line.ready(recipe, works), records)


def retell_run(works: Works, recipe: Recipe) -> RunStory:
    """Return the story of a run from what the ledger holds.

    Args:
        works: Whose ledger is read.
        recipe: The recipe, with the settings that were run.

    Returns:
        The story of all its finished turns.

    Raises:
        NotFoundError: If this recipe, with these settings, never finished a turn here.
    """
    line = Line.ready(recipe, works)
    records = [record for record in turn_records(works) if record.recipe_id == line.recipe_id]
    if not records:
        raise NotFoundError(
            "No turn of this recipe was finished in this works.",
            where=str(works.root),
            fix=f"Run `bessemer run {recipe.name}` with the same settings first.",
        )
    return _told(line, records)


def _told(line: Line, records: list[TurnRecord]) -> RunStory:
    """Return the story of turns."""
    works, recipe = line.works, line.recipe
    reports = {r.validation: works.ledger.get_document(r.validation, SuiteReport) for r in records}
    first = [r for r in records if r.branch.arm == ENGINE and r.branch.seed == 0]
    arms = [arm for arm in (ENGINE, CHANCE) if any(r.branch.arm == arm for r in records)]
    metrics = (
        ("miou", "accuracy")
        if recipe.geometry is Geometry.DENSE
        else (
            "macro_recall",
            "accuracy",
        )
    )
    seeds = sorted({r.branch.seed for r in records})
    last = first[-1]
    return RunStory(
        recipe=recipe.name,
        task=line.name,
        classes=recipe.ontology.classes,
        n_train=len(works.lake.recordings(split=Split.TRAIN)),
        n_test=len(works.lake.recordings(split=Split.TEST)),
        n_seeds=len(seeds),
        branch=last.branch.name,
        arms=tuple(_arm(arm, records, reports.__getitem__, metrics) for arm in arms),
        differences=_differences(records, reports.__getitem__, metrics, last.turn),
        slices=_slices(first, reports.__getitem__, recipe.suite),
        slice_interval=_slice_interval(reports[last.validation]),
        turns=tuple(tell_turn(line, record, first) for record in first),
        rejected=works.ledger.rejection_counts(),
        addresses=(
            Address(name="recipe", address=line.recipe_id),
            Address(name="data commit", address=last.commit_id),
            Address(
                name="network that drives",
                address=last.state.released.network_id if last.state.released else "none yet",
            ),
            *_begun_with(recipe),
        ),
        code_version=bessemer.__version__,
        interval=INTERVAL if len(seeds) > 1 else "",
        notes=_notes(line),
    )


def _begun_with(recipe: Recipe) -> tuple[Address, ...]:
    """Return the digest of the published weights that a recipe begins with, if it does."""
    if recipe.foundation is None:
        return ()
    weights = FOUNDATIONS[recipe.foundation]
    return (
        Address(
            name=f"published weights {weights.package} ({weights.licence})",
            address=weights.sha256,
        ),
    )


def _slice_interval(report: SuiteReport) -> str:
    """Return what the intervals of a slice table are."""
    n_slices = len({row.slice_name for row in report.slices})
    if n_slices < 2:
        return f"{report.slice_level:.0%} over recordings"
    if report.slice_level < 1 - report.alpha / n_slices:
        return f"{report.slice_level:.0%} over recordings, each slice for itself"
    return f"{1 - report.alpha:.0%} over recordings, for all {n_slices} slices together"


def _notes(line: Line) -> tuple[str, ...]:
    """Return what else a reader must know of how the run was made."""
    recipe = line.recipe
    blocks = (
        (
            f"Test recordings are resampled in blocks of {recipe.exam_block_s:g} s, for there are "
            "too few of them: slice intervals leave out how much one drive differs from another.",
        )
        if recipe.exam_block_s
        else ()
    )
    met = (
        "Each vehicle meets what it drove, in the week in which it did, whatever network it carries"
        if isinstance(recipe.deal, RecordedDeal)
        else "The fleet is replayed from an archive"
    )
    return (
        *blocks,
        f"{met}, so the arm of chance is run in full: it meets the "
        "same weeks, sends back as much, pays for as many labels and trains the same recipe.",
        _who_answered(recipe),
        *_who_tested(line),
    )


def _who_tested(line: Line) -> tuple[str, ...]:
    """Return how many test labels people gave, where the archive brought none."""
    asked = people_of_test(line)
    rows = line.works.ledger.label_requests(branch=asked.branch, waiting=False)
    if not line.recipe.asks_people or not rows:
        return ()
    return (
        f"The test is judged by {len(rows)} labels by people, for units drawn uniformly over the "
        "test recordings. They are not counted among the labels paid, and nothing is trained on "
        "them.",
    )


def _who_answered(recipe: Recipe) -> str:
    """Return who labelled, and how often they are wrong where that is known."""
    if recipe.asks_people:
        return "People answered; a turn waited for them."
    if recipe.labeller != ORACLE:
        return f"The labeller {recipe.labeller!r} answered."
    if not recipe.oracle.error_frac:
        return "An oracle answers from the archive's labels, without errors."
    return (
        f"An oracle answers from the archive's labels and is wrong about "
        f"{recipe.oracle.error_frac:.0%} of units, towards classes that look alike."
    )


Reports = Callable[[DocumentId], SuiteReport]


def _value(row: TurnRecord, reports: Reports, metric: str) -> ScoreRow:
    """Return a metric of the suite's first slice."""
    report = reports(row.validation)
    first = report.slices[0].slice_name
    return next(s for s in report.slices if s.slice_name == first and s.metric == metric)


def _arm(
    arm: str, records: list[TurnRecord], reports: Reports, metrics: tuple[str, ...]
) -> ArmStory:
    """Return the curves of one arm."""
    mine = [record for record in records if record.branch.arm == arm]
    turns = sorted({record.turn for record in mine})
    return ArmStory(
        name=arm,
        curves=tuple(
            Curve(
                metric=metric,
                points=tuple(
                    _point([r for r in mine if r.turn == turn], reports, metric) for turn in turns
                ),
            )
            for metric in metrics
        ),
    )


def _point(records: list[TurnRecord], reports: Reports, metric: str) -> CurvePoint:
    """Return where an arm stood after a turn."""
    found = [_value(record, reports, metric).candidate.value or 0.0 for record in records]
    mean = mean_over_seeds(found)
    if mean.low is not None and mean.high is not None:
        # A share lies in [0, 1], and so does what it is estimated to be.
        mean = Measure(value=mean.value, low=max(mean.low, 0.0), high=min(mean.high, 1.0))
    return CurvePoint(
        turn=records[0].turn,
        paid=float(np.mean([record.state.paid for record in records])),
        mean=mean,
        seeds=tuple(found),
    )


def mean_over_seeds(values: list[float]) -> Measure:
    """Return the mean with Student's 95% interval; no interval for a single seed.

    Args:
        values: One value a seed.

    Returns:
        The mean, with an interval from two seeds on.

    Example:
        >>> measure = mean_over_seeds([0.8, 0.9])
        >>> round(measure.value, 2), measure.low < 0.8
        (0.85, True)
    """
    mean = float(np.mean(values))
    if len(values) < 2:
        return Measure(value=mean)
    from scipy.special import stdtrit

    spread = float(np.std(values, ddof=1)) / len(values) ** 0.5
    half = float(stdtrit(len(values) - 1, 0.975)) * spread
    return Measure(value=mean, low=mean - half, high=mean + half)


def _differences(
    records: list[TurnRecord], reports: Reports, metrics: tuple[str, ...], turn: int
) -> tuple[Difference, ...]:
    """Return engine less chance after the last turn, paired by seed."""
    last = {(r.branch.arm, r.branch.seed): r for r in records if r.turn == turn}
    pairs = [
        (last[ENGINE, seed], last[CHANCE, seed])
        for arm, seed in sorted(last)
        if arm == ENGINE and (CHANCE, seed) in last
    ]
    if not pairs:
        return ()
    return tuple(
        Difference(
            metric=metric,
            difference=mean_over_seeds(
                [
                    (_value(a, reports, metric).candidate.value or 0.0)
                    - (_value(b, reports, metric).candidate.value or 0.0)
                    for a, b in pairs
                ]
            ),
        )
        for metric in metrics
    )


def _slices(records: list[TurnRecord], reports: Reports, suite: str) -> tuple[SliceStory, ...]:
    """Return every slice's metrics by turn, with the worst verdict of its checks."""
    where = {part.name: part.where for part in parse_suite(suite).slices}
    stories = []
    for head in reports(records[-1].validation).slices:
        turns = []
        for record in records:
            report = reports(record.validation)
            row = next(
                s
                for s in report.slices
                if (s.slice_name, s.metric) == (head.slice_name, head.metric)
            )
            seen = row.candidate
            mark, reason = _verdict(report, head)
            turns.append(
                SliceTurn(
                    turn=record.turn,
                    measure=None
                    if seen.value is None
                    else Measure(value=seen.value, low=seen.low, high=seen.high),
                    mark=mark,
                    reason=reason,
                )
            )
        stories.append(
            SliceStory(
                name=head.slice_name,
                metric=head.metric,
                where=where[head.slice_name],
                n_recordings=head.candidate.n_recordings,
                turns=tuple(turns),
            )
        )
    return tuple(stories)


def _verdict(report: SuiteReport, row: ScoreRow) -> tuple[Mark | None, str]:
    """Return the worst verdict on a slice's metric, and its reason."""
    order = [Mark.FAIL, Mark.CANNOT_TELL, Mark.PASS]
    found = [
        (order.index(Mark(check.verdict)), check.reason)
        for check in report.checks
        if (check.slice_name, check.metric, check.class_name) == (row.slice_name, row.metric, "")
    ]
    if not found:
        return None, ""
    worst, reason = min(found)
    return order[worst], reason
