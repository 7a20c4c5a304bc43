"""Validate and release: what the suite finds on the test recordings, and whether it ships."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from bessemer.core.fleet import Campaign
from bessemer.core.gates import Gate, Ruling
from bessemer.core.ids import CommitId
from bessemer.core.records import Split, camera_segments
from bessemer.loop.compile import compile_network
from bessemer.loop.exam import Exam
from bessemer.loop.line import Line
from bessemer.loop.records import Ingredients, NetworkRef
from bessemer.loop.scoring import Scores, score_frames
from bessemer.validate.campaigns import CampaignRequest, request_campaigns
from bessemer.validate.leak import Leak, Member, refuse_leaks
from bessemer.validate.metrics import Counts
from bessemer.validate.noise import NoiseFloor, measure_noise
from bessemer.validate.outcome import SuiteReport, run_suite
from bessemer.validate.suite import Suite

MAX_CAMPAIGNS = 6
TWIN_SEEDS = 100_003


def score(line: Line, exam: Exam, network: NetworkRef) -> dict[str, Counts]:
    """Return a network's counts on every slice of an exam.

    Args:
        line: The line.
        exam: The exam.
        network: The network.

    Returns:
        Counts by slice.
    """
    opened = line.open_network(network.onnx)
    scores = Scores(head=opened.signature.head_of(line.name))
    with line.works.story.bar("scoring") as progress:
        for start in range(0, len(exam.frames), 256):
            block = exam.frames[start : start + 256]
            pictures = line.pictures_of(block, line.recipe.preprocess)
            score_frames(opened, scores, pictures, exam.targets[start : start + len(block)])
            progress(start + len(block), len(exam.frames))
    return scores.count(exam.groups, exam.inside)


def check_leaks(line: Line, commit_id: CommitId) -> None:
    """Raise a LeakError if a recording, its bytes or near ones stand in the commit and the test."""
    atlas = line.works.atlas
    entries = line.works.history.map_at(commit_id).entries()
    units = [e.key.unit for e in entries if e.key.unit.recording_id in atlas.recordings]
    tested = [r.recording_id for r in line.works.lake.recordings(split=Split.TEST)]
    used = sorted({unit.recording_id for unit in units})
    members = {
        recording_id: Member(
            recording_id=recording_id,
            segments=camera_segments(atlas.recordings[recording_id]),
            source=atlas.recordings[recording_id].source,
        )
        for recording_id in {*used, *tested}
    }
    near = [line.near_test[unit.recording_id] for unit in units if line.is_held_out(unit)]
    refuse_leaks(
        [members[i] for i in used],
        [members[i] for i in tested],
        [
            Leak(kind="near-duplicate", shared=n.recording_id, train=n.source, test=n.test_source)
            for n in dict.fromkeys(near)
        ],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Noise:
    """How far networks of one recipe and one data commit part by their seed alone.

    Attributes:
        twins: The twins trained for it, beside the released network.
        floor: The noise floor of the suite; None if no twin was asked for.
    """

    twins: tuple[NetworkRef, ...] = ()
    floor: NoiseFloor | None = None


def measure_floor(line: Line, exam: Exam, released: NetworkRef | None, workdir: Path) -> Noise:
    """Train twins of the released network and measure how far they part from it.

    Args:
        line: The line; its recipe says how many networks are compared.
        exam: The exam.
        released: The network that drives; None measures nothing.
        workdir: Where unfinished trainings lie.

    Returns:
        The noise.
    """
    n_twins = line.recipe.noise_networks - 1
    if released is None or n_twins < 1:
        return Noise()
    ingredients = line.works.ledger.get_document(released.ingredients, Ingredients)
    twins = []
    for number in range(1, n_twins + 1):
        folder = workdir / f"twin-{number}"
        folder.mkdir(exist_ok=True)
        seed = released.seed + TWIN_SEEDS * number
        twins.append(compile_network(line, ingredients, seed, folder))
    counts = [score(line, exam, network) for network in (released, *twins)]
    return Noise(twins=tuple(twins), floor=measure_noise(exam.suite, counts, seed=0))


def examine(
    line: Line,
    exam: Exam,
    candidate: NetworkRef,
    released: NetworkRef | None,
    noise: Noise,
) -> SuiteReport:
    """Return what the suite finds on a candidate, beside the released network.

    Args:
        line: The line.
        exam: The exam.
        candidate: The candidate.
        released: The network it would replace; None for the first.
        noise: What another seed alone would do.

    Returns:
        The report.

    Raises:
        LeakError: If the candidate was trained on what it is tested on.
    """
    check_leaks(line, candidate.commit_id)
    ours = score(line, exam, candidate)
    theirs = score(line, exam, released) if released else None
    return run_suite(exam.suite, ours, theirs, noise=noise.floor, seed=0)


def judge(
    gate: Gate,
    report: SuiteReport,
    candidate: NetworkRef,
    released: NetworkRef | None,
    notes: Sequence[str] = (),
) -> Ruling:
    """Return whether a candidate ships by a gate, with further notes to its decision."""
    ruling = gate.decide(
        [report],
        candidate=candidate.network_id,
        released=released.network_id if released else None,
    )
    return replace(ruling, notes=(*ruling.notes, *notes))


def campaigns_after(suite: Suite, report: SuiteReport, turn: int) -> tuple[Campaign, ...]:
    """Return what the fleet is asked for in the next week: what failed or could not tell.

    A campaign stands for that week alone; the report at its end asks again what is still open.

    Args:
        suite: The suite.
        report: What it found.
        turn: The turn that ends, which is also the week that comes: weeks count from 0.

    Returns:
        At most :data:`MAX_CAMPAIGNS`, the most urgent first.
    """
    return tuple(
        Campaign(
            name=_place(request),
            reason=request.reason,
            slice_where=_where(suite.slice_named(request.slice_name).where, request.class_name),
            proxy=_proxy(request.proxy, request.class_name),
            budget=request.recordings_wanted,
            until_week=turn + 1,
        )
        for request in _askable(suite, report)[:MAX_CAMPAIGNS]
    )


def say_unasked(suite: Suite, report: SuiteReport) -> tuple[str, ...]:
    """Return what no campaign asks for though it failed or could not tell, in a sentence a reason.

    Args:
        suite: The suite.
        report: What it found.

    Returns:
        Sentences, each with a count and the places; none if all is asked for.
    """
    askable = _askable(suite, report)
    blind = [r for r in request_campaigns(suite, report.checks) if r not in askable]
    reasons = (
        ("for vehicles cannot see it: there is no class and no proxy", blind),
        (f"for {MAX_CAMPAIGNS} more urgent ones are", askable[MAX_CAMPAIGNS:]),
    )
    return tuple(
        f"{len(left)} not asked of the fleet, {why} ({_places(left)})."
        for why, left in reasons
        if left
    )


def _askable(suite: Suite, report: SuiteReport) -> list[CampaignRequest]:
    """Return the requests that vehicles can tell: by the proxy of a slice, or by a class."""
    requests = request_campaigns(suite, report.checks)
    return [request for request in requests if request.proxy or request.class_name]


def _place(request: CampaignRequest) -> str:
    """Return the name of a request: ``dark``, or ``dark/stop``."""
    return request.slice_name + (f"/{request.class_name}" if request.class_name else "")


def _places(requests: Sequence[CampaignRequest]) -> str:
    """Return the first few places of requests, and how many there are beside them."""
    shown = ", ".join(map(_place, requests[:MAX_CAMPAIGNS]))
    more = len(requests) - MAX_CAMPAIGNS
    return f"{shown} and {more} more" if more > 0 else shown


def _where(where: str, class_name: str) -> str:
    """Return the predicate of a request: of the slice, and of the class if it names one."""
    named = class_name.replace("'", "''")
    return f"({where}) AND class = '{named}'" if class_name else where


def _proxy(proxy: str, class_name: str) -> str:
    """Return the on-board condition of a request: of the slice, of the class, or of both."""
    named = json.dumps(class_name, ensure_ascii=False)
    likely = f"(predicted == {named} || second == {named})" if class_name else ""
    return " && ".join(part for part in (proxy and f"({proxy})", likely) if part)
