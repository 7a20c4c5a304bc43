"""The summary of a run for terminals: plain text, one table of turns."""

from collections.abc import Sequence

from bessemer.report.story import RunStory, TurnStory
from bessemer.report.wording import (
    headline,
    judgement,
    say_bytes,
    say_count,
    say_measure,
    say_name,
    say_number,
    say_percent,
    say_plural,
    say_seconds,
)


def summarise_run(story: RunStory) -> str:
    """Return the summary: the headline, what each turn cost and bought, and what was left out.

    Args:
        story: The run.

    Returns:
        Lines of at most about 100 characters, ending in a line break.
    """
    lines = [headline(story), judgement(story), ""]
    lines += text_table(*_turn_rows(story))
    last = story.turns[-1]
    lines += ["", *_gate_lines(last), *_slice_lines(story)]
    if story.rejected:
        said = ", ".join(f"{c.reason} {c.count}" for c in story.rejected)
        lines.append(f"Rejected or held out: {said}.")
    lines += list(story.notes)
    return "\n".join(lines) + "\n"


def text_table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """Return a table as lines: the first column to the left, all others to the right.

    Args:
        heads: Column heads.
        rows: Cells.

    Returns:
        Lines without trailing blanks.

    Example:
        >>> text_table(["turn", "paid"], [["1", "40"]])
        ['turn  paid', '----  ----', '1       40']
    """
    table = [list(heads), ["-" * len(h) for h in heads], *map(list, rows)]
    widths = [max(len(row[i]) for row in table) for i in range(len(heads))]
    table[1] = ["-" * width for width in widths]
    return [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in table
    ]


def _turn_rows(story: RunStory) -> tuple[list[str], list[list[str]]]:
    """Return heads and one row a turn: every arm's first metric, then what the turn cost."""
    metric = story.arms[0].curves[0].metric
    heads = ["turn", "paid", *(arm.name for arm in story.arms)]
    heads += ["met", "back", "sent", "label errors", "gate", "time"]
    rows = []
    for turn in story.turns:
        row = [str(turn.turn), _paid(story, turn)]
        for arm in story.arms:
            curve = arm.curve(metric)
            at = [p for p in (curve.points if curve else ()) if p.turn == turn.turn]
            row.append(say_number(at[0].mean.value) if at else "–")
        row += [
            say_count(turn.haul.met),
            say_count(turn.haul.uploaded),
            say_bytes(turn.uploaded_bytes),
            _errors(turn),
            "ships" if turn.gate.shipped else "refused",
            say_seconds(sum(stage.wall_s for stage in turn.stages)),
        ]
        rows.append(row)
    return heads, rows


def _paid(story: RunStory, turn: TurnStory) -> str:
    """Return the labels paid for up to and with a turn."""
    return say_count(sum(t.labels.paid for t in story.turns if t.turn <= turn.turn))


def _errors(turn: TurnStory) -> str:
    """Return how many label errors were found and corrected, and what the audit estimates."""
    found = f"{turn.labels.corrected} of {turn.labels.suspects}"
    rate = turn.labels.error_frac
    return found if rate is None else f"{found} (audit {say_percent(rate.value)})"


def _gate_lines(turn: TurnStory) -> list[str]:
    """Return what the last gate decided and why."""
    gate = turn.gate
    word = "ships" if gate.shipped else "is refused"
    unsure = f", {len(gate.unsure)} cannot tell" if gate.unsure else ""
    head = f"The network of turn {turn.turn} {word} ({say_plural(gate.n_checks, 'check')}{unsure})."
    return [head, *(f"  - {reason}" for reason in gate.reasons)]


def _slice_lines(story: RunStory) -> list[str]:
    """Return where each slice stands after the last turn."""
    lines = []
    for part in story.slices:
        last = part.turns[-1] if part.turns else None
        if last is None or last.measure is None:
            continue
        mark = f", {last.mark.value}" if last.mark else ""
        lines.append(f"  {part.name}: {say_name(part.metric)} {say_measure(last.measure)}{mark}")
    head = f"Slices ({story.slice_interval}):" if story.slice_interval else "Slices:"
    return [head, *lines] if lines else []
