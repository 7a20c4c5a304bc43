"""Charts as SVG text: lines with intervals, sparklines, stacked bars. Colours come from classes.

No element carries a style, so that a page can forbid all but its own style sheet.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from bessemer.report.story import ArmStory, Curve, CurvePoint, Mark, Measure
from bessemer.report.wording import (
    say_count,
    say_measure,
    say_name,
    say_number,
    say_seconds,
)

N_COLOURS = 10
"""Colours of the style sheet; an eleventh part repeats the first."""


_LEAST_SPAN = 0.02
"""Less than this between all values is drawn as no change."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Axis:
    """A straight map from values to pixels, with round ticks.

    Attributes:
        low: Value at ``start``.
        high: Value at ``end``.
        start: Pixel of ``low``.
        end: Pixel of ``high``.
        ticks: Round values between both.
    """

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]

    def at(self, value: float) -> float:
        """Return the pixel of a value; one beyond an end is drawn at the end."""
        share = (value - self.low) / (self.high - self.low)
        return self.start + min(max(share, 0.0), 1.0) * (self.end - self.start)


def fit_axis(
    values: Sequence[float], start: float, end: float, *, within: tuple[float, float] | None = None
) -> Axis:
    """Return an axis that holds all values between round ticks.

    Args:
        values: What it must hold; at least one.
        start: Pixel of the low end.
        end: Pixel of the high end.
        within: Whole numbers that the axis does not leave, such as 0 and 1.

    Returns:
        The axis.

    Example:
        >>> fit_axis([0.62, 0.91], 0, 100, within=(0, 1)).ticks
        (0.6, 0.7, 0.8, 0.9, 1.0)
    """
    bottom, top = within or (-math.inf, math.inf)
    low, high = (min(max(end, bottom), top) for end in (min(values), max(values)))
    if high - low < _LEAST_SPAN:
        low, high = max(low - _LEAST_SPAN, bottom), min(high + _LEAST_SPAN, top)
    step = _round_step((high - low) / 4)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(i * step, 10) for i in range(first, last + 1))
    return Axis(low=ticks[0], high=ticks[-1], start=start, end=end, ticks=ticks)


def _round_step(rough: float) -> float:
    """Return the next step of 1, 2, 2.5 or 5 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(rough))
    return next(m * power for m in (1, 2, 2.5, 5, 10) if m * power >= rough * 0.999)


def draw_curves(arms: Sequence[ArmStory], metric: str) -> Markup:
    """Return the chart of one metric: every arm by labels paid, intervals, a dot a seed.

    Args:
        arms: The arms; the first is drawn in the engine's colour.
        metric: The metric.

    Returns:
        An SVG that scales with its box.
    """
    curves = [(arm.name, curve) for arm in arms if (curve := arm.curve(metric))]
    points = [point for _, curve in curves for point in curve.points]
    values = [v for point in points for v in (*_ends(point.mean), point.mean.value, *point.seeds)]
    paid = [point.paid for point in points]
    width, height, left, right, top, bottom = 440, 290, 46, 82, 14, 44
    # An interval of few seeds may reach beyond what a share can be; the axis does not.
    share = all(0 <= value <= 1 for point in points for value in point.seeds)
    y = fit_axis(values, height - bottom, top, within=(0, 1) if share else None)
    pad = (max(paid) - min(paid)) * 0.06 or 1.0
    x = Axis(
        low=min(paid) - pad,
        high=max(paid) + pad,
        start=left,
        end=width - right,
        ticks=tuple(sorted(set(paid))),
    )
    parts = [_grid(x, y, width - right), _paid_ticks(x, height - bottom)]
    # Every area below every line, and the first arm on top.
    drawn = list(reversed(list(enumerate(curves))))
    parts += [f'<g class="arm{order}">{_band(curve, x, y)}</g>' for order, (_, curve) in drawn]
    parts += [_curve(curve, x, y, order) for order, (_, curve) in drawn]
    parts.append(_end_labels(curves, x, y))
    parts.append(
        f'<text class="axis" x="{(left + width - right) / 2:.0f}" y="{height - 6}" '
        'text-anchor="middle">labels paid</text>'
    )
    title = f"{say_name(metric)} by labels paid, " + " beside ".join(name for name, _ in curves)
    return _svg("chart", width, height, title, parts)


def _ends(measure: Measure) -> list[float]:
    """Return the interval's ends, where it has them."""
    return [end for end in (measure.low, measure.high) if end is not None]


def _grid(x: Axis, y: Axis, right: float) -> str:
    """Return horizontal rules with their values."""
    places = 2 if len(y.ticks) < 2 or y.ticks[1] - y.ticks[0] < 0.1 else 1
    return "".join(
        f'<line class="rule" x1="{x.start}" x2="{right}" y1="{y.at(t):.1f}" y2="{y.at(t):.1f}"/>'
        f'<text class="axis" x="{x.start - 8}" y="{y.at(t) + 4:.1f}" text-anchor="end">'
        f"{say_number(t, places)}</text>"
        for t in y.ticks
    )


def _paid_ticks(x: Axis, base: float) -> str:
    """Return the labels paid at each turn, leaving out those that would touch."""
    parts, taken = [], -math.inf
    for tick in x.ticks:
        at = x.at(tick)
        if at - taken < 38:
            continue
        taken = at
        parts.append(
            f'<text class="axis" x="{at:.1f}" y="{base + 18}" text-anchor="middle">'
            f"{say_count(tick)}</text>"
        )
    return "".join(parts)


def _curve(curve: Curve, x: Axis, y: Axis, order: int) -> str:
    """Return one arm's line, its seeds, and its means on top."""
    at = [(x.at(p.paid), y.at(p.mean.value)) for p in curve.points]
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b in at)
    parts = [f'<polyline class="line" points="{line}"/>']
    for point, (a, b) in zip(curve.points, at, strict=True):
        parts.extend(
            f'<circle class="seed" cx="{a:.1f}" cy="{y.at(value):.1f}" r="2.2"/>'
            for value in point.seeds
        )
        tip = f"turn {point.turn}, {say_count(point.paid)} labels: {say_measure(point.mean)}"
        parts.append(
            f'<circle class="mean" cx="{a:.1f}" cy="{b:.1f}" r="4.2"><title>{tip}</title></circle>'
        )
    return f'<g class="arm{order}">{"".join(parts)}</g>'


def _band(curve: Curve, x: Axis, y: Axis) -> str:
    """Return the interval as an area, or as a bar where there is one point only."""
    known = [p for p in curve.points if p.mean.low is not None]
    if not known:
        return ""
    if len(known) == 1:
        low, high = _ends(known[0].mean)
        at = x.at(known[0].paid)
        return (
            f'<line class="whisker" x1="{at:.1f}" x2="{at:.1f}" '
            f'y1="{y.at(low):.1f}" y2="{y.at(high):.1f}"/>'
        )
    upper = [_corner(p, x, y, 1) for p in known]
    lower = [_corner(p, x, y, 0) for p in reversed(known)]
    return f'<polygon class="band" points="{" ".join(upper + lower)}"/>'


def _corner(point: CurvePoint, x: Axis, y: Axis, end: int) -> str:
    return f"{x.at(point.paid):.1f},{y.at(_ends(point.mean)[end]):.1f}"


def _end_labels(curves: Sequence[tuple[str, Curve]], x: Axis, y: Axis) -> str:
    """Return the arms' names beside their last points, moved apart where they would touch."""
    wanted = sorted(
        (y.at(curve.points[-1].mean.value), order, name, curve.points[-1])
        for order, (name, curve) in enumerate(curves)
    )
    parts, taken = [], -math.inf
    for at, order, name, point in wanted:
        taken = max(at + 4, taken + 35)
        parts.append(
            f'<g class="arm{order}"><text class="name" x="{x.end + 8:.1f}" y="{taken - 5:.1f}">'
            f'{escape(name)}</text><text class="end" x="{x.end + 8:.1f}" y="{taken + 9:.1f}">'
            f"{say_number(point.mean.value)}</text></g>"
        )
    return "".join(parts)


def draw_spark(measures: Sequence[Measure | None], marks: Sequence[Mark | None]) -> Markup:
    """Return a small line of one slice's measure by turn, a dot coloured by each verdict.

    Args:
        measures: By turn; None leaves a gap.
        marks: The verdict of each.

    Returns:
        An SVG of fixed size.
    """
    width, height = 96, 34
    known = [m for m in measures if m is not None]
    if not known:
        return Markup("")
    ends = [e for m in known for e in (*_ends(m), m.value)]
    y = fit_axis(ends, height - 6, 6)
    step = (width - 16) / max(len(measures) - 1, 1)
    at = [
        (8 + i * step, y.at(m.value), m, mark)
        for i, (m, mark) in enumerate(zip(measures, marks, strict=True))
        if m is not None
    ]
    parts = [
        f'<line class="whisker" x1="{a:.1f}" x2="{a:.1f}" y1="{y.at(m.low):.1f}" '
        f'y2="{y.at(m.high):.1f}"/>'
        for a, _, m, _ in at
        if m.low is not None and m.high is not None
    ]
    line = " ".join(f"{a:.1f},{b:.1f}" for a, b, _, _ in at)
    parts.append(f'<polyline class="line" points="{line}"/>')
    parts.extend(
        f'<circle class="dot {mark_class(mark)}" cx="{a:.1f}" cy="{b:.1f}" r="3.4"/>'
        for a, b, _, mark in at
    )
    return _svg("spark", width, height, "by turn", parts, fixed=True)


def mark_class(mark: Mark | None) -> str:
    """Return the style class of a verdict."""
    return "unasked" if mark is None else mark.value.replace(" ", "-")


def draw_stack(
    parts: Sequence[tuple[str, float, int]], most: float, *, unit: str = "seconds"
) -> Markup:
    """Return one stacked bar: segments by name, value and colour, against the longest bar.

    Args:
        parts: Name, value and colour of each segment.
        most: The sum of the longest bar beside it.
        unit: ``seconds`` or ``count``: how values are said.

    Returns:
        An SVG that scales with its box.
    """
    width, height = 600, 22
    say = say_seconds if unit == "seconds" else say_count
    scale = width / most if most > 0 else 0.0
    rects, x = [], 0.0
    for name, value, colour in parts:
        wide = value * scale
        rects.append(
            f'<rect class="fill{colour % N_COLOURS}" x="{x:.2f}" y="0" '
            f'width="{max(wide, 0):.2f}" height="{height}">'
            f"<title>{escape(name)}: {say(value)}</title></rect>"
        )
        x += wide
    total = say(sum(value for _, value, _ in parts))
    return _svg("stack", width, height, f"{total} in all", rects, stretch=True)


def _svg(
    kind: str,
    width: float,
    height: float,
    title: str,
    parts: Sequence[str],
    *,
    fixed: bool = False,
    stretch: bool = False,
) -> Markup:
    """Return the drawing; every text in ``parts`` is escaped already."""
    size = f' width="{width}" height="{height}"' if fixed else ""
    aspect = ' preserveAspectRatio="none"' if stretch else ""
    return Markup(
        f'<svg class="{kind}" viewBox="0 0 {width} {height}"{size}{aspect} role="img" '
        f'aria-label="{escape(title)}">{"".join(parts)}</svg>'
    )
