"""A suite on recorded answers of networks: verdicts, intervals, campaigns, and the gate's rulings.

One candidate is better than the released network, one is blind to a class. The noise floor comes of
the released network and a twin of it.
"""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from bessemer.core.gates import Ruling
from bessemer.core.ids import NetworkId, RecordingId
from bessemer.loop.judge import campaigns_after
from bessemer.release.gate import StandingGate
from bessemer.validate.bootstrap import Estimate
from bessemer.validate.metrics import Counts, count_examples
from bessemer.validate.noise import measure_noise
from bessemer.validate.outcome import CheckOutcome, ScoreRow, SuiteReport, run_suite
from bessemer.validate.slices import select_slices
from bessemer.validate.suite import Suite, load_suite
from tests.replay.tables import CLASSES, INPUTS, read_table

CANDIDATES = ("better", "blind")


def replay() -> object:
    """Judge the recorded candidates, and a first network, which nothing is compared with."""
    suite = load_suite(INPUTS / "suite.toml")
    tracks = read_table("tracks.csv")
    scores = {name: _counts(suite, tracks, name) for name in (*CANDIDATES, "released", "twin")}
    noise = measure_noise(suite, [scores["released"], scores["twin"]], seed=5)
    reports = {
        name: run_suite(suite, scores[name], scores["released"], noise=noise, seed=3)
        for name in CANDIDATES
    }
    first = run_suite(suite, scores["released"], seed=3)
    return {
        "noise": {"ratio": noise.ratio, "checks": noise.checks},
        **{name: _judged(suite, report, name, "released") for name, report in reports.items()},
        "released, as the first": _judged(suite, first, "released", None),
    }


def _counts(suite: Suite, tracks: Sequence[dict[str, str]], network: str) -> dict[str, Counts]:
    """Return what a network answered on each slice; it says the same of all frames of a track."""
    frames = [track for track in tracks for _ in range(int(track["frames"]))]
    examples = pa.table({"brightness": [float(track["brightness"]) for track in frames]})
    names = [RecordingId(track["recording"]) for track in frames]
    truth, said = (
        np.array([CLASSES.index(track[column]) for track in frames], dtype=np.int64)
        for column in ("class", network)
    )
    inside = select_slices(examples, suite.slices)
    return {
        name: count_examples(names, truth, said, CLASSES, inside=mask)
        for name, mask in inside.items()
    }


def _judged(suite: Suite, report: SuiteReport, name: str, released: str | None) -> object:
    """Return all that follows from a report."""
    ruling = StandingGate().decide(
        [report], candidate=NetworkId(name), released=NetworkId(released) if released else None
    )
    return {
        "checks": [_check(check) for check in report.checks],
        "skipped": report.skipped,
        "slices": [_score(row) for row in report.slices],
        "slice level": report.slice_level,
        "classes": [_score(row) for row in report.classes],
        "campaigns": campaigns_after(suite, report, turn=1),
        "gate": _ruling(ruling),
    }


def _check(check: CheckOutcome) -> object:
    """Return a judged check with its intervals."""
    return {
        "check": f"{check.name}: {check.verdict}",
        "value": _interval(check.value),
        "difference": _interval(check.difference),
        "p_seed": check.p_seed,
        "p_fail": check.p_fail,
        "p_pass": check.p_pass,
        "reason": check.reason,
    }


def _score(row: ScoreRow) -> str:
    """Return a row of a table in a line."""
    place = " ".join(word for word in (row.slice_name, row.metric, row.class_name) if word)
    return (
        f"{place}: {_interval(row.candidate)}, released {_interval(row.released)}, "
        f"{row.n_examples} examples"
    )


def _ruling(ruling: Ruling) -> object:
    """Return a ruling without the address of its report, in which numbers are not rounded."""
    return {
        "decision": ruling.decision,
        "reasons": ruling.reasons,
        "unsure": ruling.unsure,
        "notes": ruling.notes,
        "checks": ruling.n_checks,
    }


def _interval(measured: Estimate | None) -> str:
    """Return an estimate to three decimals."""
    if measured is None or measured.value is None:
        return "none"
    if measured.low is None or measured.high is None:
        return f"{measured.value:.3f} of {measured.n_recordings}"
    low, high, n = measured.low, measured.high, measured.n_recordings
    return f"{measured.value:.3f} [{low:.3f}, {high:.3f}] of {n}"
