"""The scores of a network as plain text, for terminals."""

from collections.abc import Iterable

from bessemer.loop.evaluate import Evaluation
from bessemer.report.summary import text_table
from bessemer.validate.bootstrap import LEVEL, Estimate
from bessemer.validate.outcome import CheckOutcome, ScoreRow

_TOLD = 5
"""Things refused that a terminal is told."""


def table_of(evaluation: Evaluation) -> str:
    """Return the scores as plain tables: slices, classes, checks, and what was left out.

    Args:
        evaluation: The scores.

    Returns:
        Lines, the last without a line break.
    """
    seen = evaluation
    n_slices = len({row.slice_name for row in seen.slices})
    together = f"{1 - seen.alpha:.0%} over all {n_slices}" if n_slices > 1 else f"{LEVEL:.0%}"
    lines = [
        f"network {seen.network_id[:12]}, task {seen.task}, {seen.n_frames} frames of "
        f"{seen.n_recordings} recordings by reader {seen.reader}",
        "",
        *text_table(_heads("slice", together), [_cells(r.slice_name, r) for r in seen.slices]),
        "",
        *text_table(
            _heads("class", f"{LEVEL:.0%} each"), [_cells(r.class_name, r) for r in seen.classes]
        ),
    ]
    if seen.checks:
        lines += ["", *_check_lines(seen.checks, seen.alpha)]
    lines += [f"not asked: {reason}" for reason in seen.skipped]
    lines += [f"rejected {count.count} x {count.reason}" for count in seen.rejected]
    lines += [f"  {one.where}: {one.detail}" for one in seen.rejections[:_TOLD]]
    if len(seen.rejections) > _TOLD:
        lines.append("  and more, which --json lists")
    if seen.n_without_truth:
        lines.append(f"{seen.n_without_truth} recordings say nothing about this task")
    return "\n".join(lines)


def _heads(name: str, interval: str) -> list[str]:
    """Return the heads of a table of scores."""
    return [name, "metric", "value", interval, "recordings", "examples"]


def _cells(name: str, row: ScoreRow) -> list[str]:
    """Return a row of a table of scores."""
    value = row.candidate
    counts = [str(value.n_recordings), str(row.n_examples)]
    return [name, row.metric, _number(value), _interval(value), *counts]


def _check_lines(checks: Iterable[CheckOutcome], alpha: float) -> list[str]:
    """Return the table of checks, and the reason of every one that did not pass."""
    rows = [
        [
            check.name,
            f"{check.bound:g}",
            _number(check.value),
            _interval(check.value),
            check.verdict,
        ]
        for check in checks
    ]
    heads = ["check", "bound", "value", f"{LEVEL:.0%} each", f"verdict, all {1 - alpha:.0%}"]
    unmet = [check for check in checks if check.verdict != "pass"]
    return [*text_table(heads, rows), *(f"{c.verdict}: {c.reason}" for c in unmet)]


def _number(value: Estimate) -> str:
    """Return a number, or a dash where nothing was measured."""
    return "-" if value.value is None else f"{value.value:.3f}"


def _interval(value: Estimate) -> str:
    """Return an interval, or nothing where none is known."""
    if value.low is None or value.high is None:
        return ""
    return f"[{value.low:.3f}, {value.high:.3f}]"
