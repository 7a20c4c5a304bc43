"""A suite's outcome: every check judged, with the tables of slices and classes beside it.

A table of many slices shows some interval that misses by luck alone, unless that is paid for: the
intervals of the slice table hold together, over all slices, with 1 - alpha. Each is of the level
1 - alpha / number of slices, which is what Holm's first step asks, with as many more resamples, so
that as many lie beyond its ends. Classes and checks show intervals of 95%, each for itself; the
verdicts are what is corrected there.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bessemer.core.errors import InputError, NotFoundError
from bessemer.core.ids import content_id
from bessemer.validate.bootstrap import (
    LEVEL,
    Estimate,
    Resamples,
    estimate,
    estimate_difference,
    level_of_each,
    resample,
)
from bessemer.validate.metrics import Counts, Metric
from bessemer.validate.noise import NoiseFloor, recordings_id
from bessemer.validate.suite import Check, Suite
from bessemer.validate.verdict import (
    Ask,
    Odds,
    Verdict,
    odds_of_bound,
    odds_of_difference,
    settle,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """One question of a check, and what it came to.

    Attributes:
        name: The question in a few words.
        slice_name: The slice.
        metric: The metric.
        class_name: The class, or empty.
        ask: What is asked.
        bound: The bound, or the margin of a comparison.
        min_recordings: Fewer cannot tell.
        value: The candidate's metric.
        difference: Candidate less released; None for an absolute bound.
        p_seed: Chance that another seed of the released recipe does as badly; None if not known.
        p_fail: Chance that luck looks as bad, adjusted for the number of questions.
        p_pass: Chance that luck looks as good, adjusted likewise.
        verdict: Pass, fail, or cannot tell.
        reason: The verdict in a sentence.
    """

    name: str
    slice_name: str
    metric: Metric
    class_name: str
    ask: Ask
    bound: float
    min_recordings: int
    value: Estimate
    difference: Estimate | None
    p_seed: float | None
    p_fail: float
    p_pass: float
    verdict: Verdict
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScoreRow:
    """One row of a table: a metric of the candidate, and of the released network beside it."""

    slice_name: str
    class_name: str
    metric: Metric
    candidate: Estimate
    released: Estimate | None
    n_examples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SuiteReport:
    """What a suite found.

    Attributes:
        suite_id: The suite.
        suite_name: Its name.
        alpha: How sure a verdict is, over all checks.
        n_recordings: Recordings scored in any slice.
        n_examples: Examples, or pixels, in the largest slice.
        noise_twins: Twins behind the noise floor; 0 if there was none.
        checks: Every question, in the suite's order.
        slices: Overall metrics of each slice.
        classes: Metrics of each class, on the first slice; each interval is of 95% for itself.
        skipped: Questions not asked, with the reason.
        slice_level: Level of each interval of ``slices``, so that all together, metric by metric,
            hold with 1 - alpha. Reports of before there was this correction read 0.95.
    """

    suite_id: str
    suite_name: str
    alpha: float
    n_recordings: int
    n_examples: int
    noise_twins: int
    checks: tuple[CheckOutcome, ...]
    slices: tuple[ScoreRow, ...]
    classes: tuple[ScoreRow, ...]
    skipped: tuple[str, ...]
    slice_level: float = LEVEL

    @property
    def report_id(self) -> str:
        """The address of the report."""
        return content_id("suite report", self)

    def verdicts(self, verdict: Verdict) -> tuple[CheckOutcome, ...]:
        """Return the questions that came to ``verdict``."""
        return tuple(check for check in self.checks if check.verdict is verdict)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Question:
    """A check of one class with one thing asked, measured."""

    check: Check
    ask: Ask
    bound: float
    value: Estimate
    difference: Estimate | None
    p_seed: float | None
    odds: Odds


def run_suite(
    suite: Suite,
    candidate: Mapping[str, Counts],
    released: Mapping[str, Counts] | None = None,
    *,
    noise: NoiseFloor | None = None,
    seed: int,
) -> SuiteReport:
    """Return the outcome of a suite.

    Args:
        suite: The suite.
        candidate: The candidate's counts by slice.
        released: The released network's, over the same recordings; None if none is released yet,
            then comparisons are skipped.
        noise: What the seed alone does; None if not measured, then only the luck of the
            recordings is accounted for, and twins are failed more often than alpha.
        seed: Of the bootstrap.

    Returns:
        The report.

    Raises:
        NotFoundError: If a slice has no counts.
        InputError: If the networks were scored on different recordings or classes, the noise
            floor is of another suite, or a likelihood is asked for where only answers are known.
    """
    for part in suite.slices:
        if part.name not in candidate:
            raise NotFoundError.among("scored slice", part.name, candidate, where=suite.name)
        if released is not None:
            _check_paired(part.name, candidate[part.name], released[part.name])
    for check in suite.checks:
        if check.metric is Metric.LIKELIHOOD:
            scored = (candidate, released) if released is not None else (candidate,)
            _check_log_scores(check, [counts[check.slice_name] for counts in scored])
    if noise is not None:
        _check_noise(suite, candidate, noise)
    sums = {
        part.name: resample(
            (candidate[part.name],)
            if released is None
            else (candidate[part.name], released[part.name]),
            n_resamples=suite.resamples * len(suite.slices),
            seed=seed + order,
        )
        for order, part in enumerate(suite.slices)
    }
    fewer = {name: drawn.first(suite.resamples) for name, drawn in sums.items()}
    questions, skipped = _ask(suite, fewer, noise)
    level = level_of_each(suite.alpha, len(suite.slices))
    settled = settle([question.odds for question in questions], suite.alpha)
    first = suite.slices[0].name
    recordings = {name for counts in candidate.values() for name in counts.recordings}
    return SuiteReport(
        suite_id=suite.suite_id,
        suite_name=suite.name,
        alpha=suite.alpha,
        n_recordings=len(recordings),
        n_examples=max(counts.n_examples for counts in candidate.values()),
        noise_twins=noise.n_twins if noise else 0,
        checks=tuple(
            _outcome(question, verdict, odds, suite.alpha)
            for question, (verdict, odds) in zip(questions, settled, strict=True)
        ),
        slices=tuple(
            row for name, drawn in sums.items() for row in _slice_rows(name, drawn, level)
        ),
        classes=tuple(_class_rows(first, fewer[first])),
        skipped=tuple(skipped),
        slice_level=level,
    )


def _check_paired(name: str, candidate: Counts, released: Counts) -> None:
    """Raise unless both networks were scored on the same recordings and classes."""
    if candidate.recordings != released.recordings or candidate.classes != released.classes:
        raise InputError(
            "The candidate and the released network were scored on different recordings.",
            where=f"slice {name!r}",
            fix="Score both on the same examples, with the same ontology.",
        )


def _check_log_scores(check: Check, scored: Sequence[Counts]) -> None:
    """Raise unless it is known how likely each network held the truth to be."""
    if any(counts.log_scores is None for counts in scored):
        raise InputError(
            "The likelihood is asked for, but only answers were counted.",
            where=check.place,
            fix="Count with `log_scores`.",
        )


def _check_noise(suite: Suite, candidate: Mapping[str, Counts], noise: NoiseFloor) -> None:
    """Raise unless the twins of a noise floor were scored as the candidate was."""
    names = {part.name for part in suite.slices}
    scored = {name: counts for name, counts in candidate.items() if name in names}
    if noise.suite_id != suite.suite_id or noise.recordings_id != recordings_id(scored):
        raise InputError(
            "The noise floor is of another suite, or of other recordings.",
            where=suite.name,
            fix="Score the twins again, and measure it with `measure_noise`.",
        )


def _ask(
    suite: Suite, sums: Mapping[str, Resamples], noise: NoiseFloor | None
) -> tuple[list[_Question], list[str]]:
    """Return the questions of a suite, measured, and those that cannot be asked."""
    questions: list[_Question] = []
    skipped: list[str] = []
    classes = next(iter(sums.values())).counts[0].classes
    for check in suite.checks_for(classes):
        drawn = sums[check.slice_name]
        for ask, bound in _asked(check):
            if ask is Ask.NO_WORSE_THAN and len(drawn.counts) < 2:
                skipped.append(
                    f"{check.place} {ask}: there is no released network to compare with."
                )
                continue
            questions.append(_measure(check, ask, bound, drawn, noise))
    return questions, skipped


def _asked(check: Check) -> list[tuple[Ask, float]]:
    """Return what a check asks, with each bound or margin."""
    asked = []
    if check.at_least is not None:
        asked.append((Ask.AT_LEAST, check.at_least))
    if check.at_most is not None:
        asked.append((Ask.AT_MOST, check.at_most))
    if check.no_worse_than:
        asked.append((Ask.NO_WORSE_THAN, check.margin))
    return asked


def _measure(
    check: Check, ask: Ask, bound: float, drawn: Resamples, noise: NoiseFloor | None
) -> _Question:
    """Return one question with its estimates and odds."""
    counts = drawn.counts[0]
    index = counts.classes.index(check.class_name) if check.class_name else None
    value = estimate(drawn, 0, check.metric, index)
    difference, p_seed, odds = None, None, Odds()
    enough = value.n_recordings >= check.min_recordings
    if ask is Ask.NO_WORSE_THAN:
        difference = estimate_difference(drawn, check.metric, index)
        if noise is not None and value.value is not None:
            p_seed = noise.chance_of(value.value, check)
        if enough:
            odds = odds_of_difference(difference, bound, p_seed)
    elif enough:
        proportion = check.metric.is_proportion and not counts.dense
        odds = odds_of_bound(
            value, ask, bound, n_examples=drawn.examples(index) if proportion else None
        )
    return _Question(
        check=check,
        ask=ask,
        bound=bound,
        value=value,
        difference=difference,
        p_seed=p_seed,
        odds=odds,
    )


def _outcome(question: _Question, verdict: Verdict, odds: Odds, alpha: float) -> CheckOutcome:
    """Return the record of a settled question."""
    check = question.check
    return CheckOutcome(
        name=f"{check.place} {question.ask}",
        slice_name=check.slice_name,
        metric=check.metric,
        class_name=check.class_name,
        ask=question.ask,
        bound=question.bound,
        min_recordings=check.min_recordings,
        value=question.value,
        difference=question.difference,
        p_seed=question.p_seed,
        p_fail=odds.p_fail,
        p_pass=odds.p_pass,
        verdict=verdict,
        reason=_reason(question, verdict, alpha),
    )


def _reason(question: _Question, verdict: Verdict, alpha: float) -> str:
    """Return the verdict in a sentence."""
    check, value = question.check, question.value
    if value.value is None:
        return f"{check.place}: no example was scored."
    if value.n_recordings < check.min_recordings:
        return (
            f"{check.place}: {value.n_recordings} recordings, "
            f"{check.min_recordings} are needed to tell."
        )
    if question.difference is not None and question.difference.value is not None:
        seen = f"{question.difference.value:+.3f} against the released network"
        asked = f"no worse by more than {question.bound:g}"
        measured = question.difference
    else:
        seen = f"{value.value:.3f}"
        asked = f"{question.ask} {question.bound:g}".replace("_", " ")
        measured = value
    if measured.low is not None and measured.high is not None:
        seen += f" (95% interval {measured.low:.3f} to {measured.high:.3f})"
    tail = ""
    seeds = question.p_seed
    lost = question.difference is not None and (question.difference.value or 0.0) < -question.bound
    if verdict is Verdict.CANNOT_TELL and lost and seeds is not None and seeds >= alpha:
        tail = " Another seed of the released recipe might do the same."
    return f"{check.place}: {seen}, {value.n_recordings} recordings; asked: {asked}.{tail}"


def _slice_rows(name: str, drawn: Resamples, level: float) -> list[ScoreRow]:
    """Return the overall metrics of a slice, with intervals of a level."""
    overall = [Metric.ACCURACY, Metric.MIOU if drawn.counts[0].dense else Metric.MACRO_RECALL]
    if all(counts.log_scores is not None for counts in drawn.counts):
        overall.append(Metric.LIKELIHOOD)
    n_examples = drawn.counts[0].n_examples
    return [_row(name, "", metric, None, drawn, n_examples, level) for metric in overall]


def _class_rows(name: str, drawn: Resamples) -> list[ScoreRow]:
    """Return the recall, or the IoU, of each class of a slice."""
    counts = drawn.counts[0]
    metric = Metric.IOU if counts.dense else Metric.RECALL
    seen = counts.confusion.sum(axis=(0, 2))
    return [
        _row(name, class_name, metric, index, drawn, int(seen[index]), LEVEL)
        for index, class_name in enumerate(counts.classes)
    ]


def _row(
    name: str,
    class_name: str,
    metric: Metric,
    index: int | None,
    drawn: Resamples,
    n: int,
    level: float,
) -> ScoreRow:
    """Return one row of a table."""
    both = [estimate(drawn, k, metric, index, level=level) for k in range(len(drawn.counts))]
    return ScoreRow(
        slice_name=name,
        class_name=class_name,
        metric=metric,
        candidate=both[0],
        released=both[1] if len(both) > 1 else None,
        n_examples=n,
    )
