"""Numbers and names as people read them: the same words on pages and in terminals."""

from collections.abc import Sequence

from bessemer.report.story import Difference, Measure, RunStory

MINUS = "\u2212"
FEWEST_SEEDS = 3
"""With fewer seeds no interval over seeds is shown."""


def say_number(value: float, places: int = 3) -> str:
    """Return a number with fixed places and a real minus sign.

    Args:
        value: Any number.
        places: Digits after the point.

    Returns:
        The number as text.

    Example:
        >>> say_number(0.93456)
        '0.935'
    """
    return f"{value:.{places}f}".replace("-", MINUS)


def say_signed(value: float, places: int = 3) -> str:
    """Return a number with its sign always shown."""
    return f"{value:+.{places}f}".replace("-", MINUS)


def say_interval(measure: Measure, places: int = 3) -> str:
    """Return the interval in brackets, or nothing where there is none.

    Args:
        measure: A value that may have an interval.
        places: Digits after the point.

    Returns:
        The interval as text; empty where there is none.

    Example:
        >>> say_interval(Measure(value=0.5, low=0.4, high=0.6), 1)
        '[0.4, 0.6]'
    """
    if measure.low is None or measure.high is None:
        return ""
    return f"[{say_number(measure.low, places)}, {say_number(measure.high, places)}]"


def say_measure(measure: Measure | None, places: int = 3) -> str:
    """Return a number with its interval, or a dash."""
    if measure is None:
        return "–"
    return f"{say_number(measure.value, places)} {say_interval(measure, places)}".strip()


def say_percent(frac: float | None, places: int = 0) -> str:
    """Return a fraction as a percentage, or a dash.

    Args:
        frac: A share, 1 for all; None where there is none.
        places: Digits after the point.

    Returns:
        The percentage as text, its sign included.

    Example:
        >>> say_percent(0.256)
        '26%'
    """
    return "–" if frac is None else f"{100 * frac:.{places}f}%"


def say_count(count: float) -> str:
    """Return a count with thousands apart; parts are kept only where there are some.

    Args:
        count: A count, or the mean of some.

    Returns:
        The count as text, with at most one digit after the point.

    Example:
        >>> say_count(12345.0)
        '12,345'
    """
    return f"{count:,.0f}" if abs(count - round(count)) < 0.05 else f"{count:,.1f}"


def say_plural(count: float, noun: str, many: str | None = None) -> str:
    """Return a count with its noun.

    Args:
        count: A count, or the mean of some.
        noun: The noun for one.
        many: The noun for several; None adds an s.

    Returns:
        Count and noun.

    Example:
        >>> say_plural(1, "seed"), say_plural(3, "seed")
        ('1 seed', '3 seeds')
    """
    return f"{say_count(count)} {noun if count == 1 else many or noun + 's'}"


def say_bytes(size_bytes: float) -> str:
    """Return a size in powers of 1,000.

    Args:
        size_bytes: A size.

    Returns:
        The size as text, with its unit.

    Example:
        >>> say_bytes(12_300_000)
        '12.3 MB'
    """
    for unit in ("bytes", "kB", "MB"):
        if size_bytes < 1000:
            return f"{size_bytes:.0f} {unit}" if unit == "bytes" else f"{size_bytes:.3g} {unit}"
        size_bytes /= 1000
    return f"{size_bytes:.3g} GB"


def say_seconds(seconds: float) -> str:
    """Return a duration in the largest units that fit.

    Args:
        seconds: A duration.

    Returns:
        The duration as text, with its units.

    Example:
        >>> say_seconds(0.24), say_seconds(75), say_seconds(7260)
        ('0.2 s', '1 min 15 s', '2 h 1 min')
    """
    if seconds < 0.095:
        return f"{1000 * seconds:.0f} ms" if seconds else "0 s"
    if seconds < 10:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def say_name(name: str) -> str:
    """Return a code name as words: ``macro_recall`` is macro recall."""
    words = name.replace("_", " ")
    return {"miou": "mIoU", "mean iou": "mean IoU"}.get(words.lower(), words)


def first_difference(story: RunStory) -> Difference | None:
    """Return the difference in the first metric, if there is one."""
    metric = story.arms[0].curves[0].metric
    return next((d for d in story.differences if d.metric == metric), None)


def headline(story: RunStory) -> str:
    """Return the sentence that says what the run bought, in numbers.

    Args:
        story: The run.

    Returns:
        One sentence.
    """
    curve = story.arms[0].curves[0]
    last = curve.points[-1]
    said = f"{say_name(curve.metric)} {say_measure(last.mean)}"
    head = (
        f"After {say_plural(last.turn, 'turn')} and {say_plural(last.paid, 'label')} paid: "
        f"{story.arms[0].name} {said}"
    )
    others = [
        f"{arm.name} {say_measure(other.points[-1].mean)}"
        for arm in story.arms[1:]
        if (other := arm.curve(curve.metric)) and other.points
    ]
    difference = first_difference(story)
    if difference is None:
        return ", ".join([head, *others]) + "."
    gap = difference.difference
    paired = (
        f"paired difference {say_signed(gap.value)} {say_interval(gap)}".strip()
        + f" over {say_plural(story.n_seeds, 'seed')}"
    )
    return ", ".join([head, *others, paired]) + "."


def judgement(story: RunStory) -> str:
    """Return what the difference means in words, without claiming more than its interval does.

    Args:
        story: The run.

    Returns:
        One sentence, and a second where the arms did not pay the same.
    """
    return " ".join(filter(None, (_judged(story), _unlike_sums(story))))


def _unlike_sums(story: RunStory) -> str:
    """Return what each arm paid in the end, or nothing where all paid the same."""
    paid = {arm.name: arm.curves[0].points[-1].paid for arm in story.arms if arm.curves[0].points}
    if len({round(sum_, 6) for sum_ in paid.values()}) < 2:
        return ""
    sums = [f"{name} {sum_:g}" for name, sum_ in paid.items()]
    return f"The arms did not pay the same ({join_words(sums)} labels): this is no fair race."


def _judged(story: RunStory) -> str:
    difference = first_difference(story)
    if difference is None or len(story.arms) < 2:
        return "Nothing was run beside it, so this says nothing about what selection buys."
    gap, metric = difference.difference, say_name(difference.metric)
    engine, chance = story.arms[0].name, story.arms[1].name
    if gap.low is None or gap.high is None:
        return (
            f"With {say_plural(story.n_seeds, 'seed')} there is no interval: "
            f"run at least {FEWEST_SEEDS} to tell luck from gain."
        )
    if gap.low > 0:
        return f"The {engine} is ahead of {chance} in {metric}: the interval leaves out zero."
    if gap.high < 0:
        return f"The {engine} is behind {chance} in {metric}: the interval leaves out zero."
    return f"Whether the {engine} beats {chance} in {metric} cannot be told: zero is inside."


def join_words(words: Sequence[str]) -> str:
    """Return words as a list in a sentence.

    Args:
        words: Words in their order.

    Returns:
        The words with commas and a last 'and'.

    Example:
        >>> join_words(["a", "b", "c"])
        'a, b and c'
    """
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} and {words[-1]}"
