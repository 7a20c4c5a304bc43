"""A network's twin is let through, a planted regression is stopped; simulated, so that it is fast.

A simulated network gets a track right with a chance made of the class, of the track (some are
hard for every network), and of the network's own seed, by class and by track.
"""

import numpy as np
import pytest

from bessemer.core.ids import RecordingId
from bessemer.validate.metrics import Counts, count_examples, log_score
from bessemer.validate.noise import NoiseFloor, measure_noise
from bessemer.validate.outcome import SuiteReport, run_suite
from bessemer.validate.suite import Suite, parse_suite
from bessemer.validate.verdict import Verdict

N_TRACKS, FRAMES, N_CLASSES = 160, 3, 8
CLASSES = tuple(f"sign{i}" for i in range(N_CLASSES))
ANSWERS = """
name = "signs"
resamples = 200
[[slice]]
name = "all"
where = "true"
[[slice]]
name = "dark"
where = "brightness < 0.2"
[[check]]
slice = "all"
metric = "macro_recall"
no_worse_than = "released"
[[check]]
slice = "all"
metric = "recall"
class = "*"
no_worse_than = "released"
[[check]]
slice = "dark"
metric = "accuracy"
no_worse_than = "released"
"""
SUITE = parse_suite(ANSWERS)
LIKELIHOOD = parse_suite(
    ANSWERS
    + """
[[check]]
slice = "dark"
metric = "likelihood"
no_worse_than = "released"
"""
)


def network(
    seed: int,
    *,
    world: int,
    spread: float,
    removed: int = -1,
    dark_loss: float = 0.0,
    dark_doubt: float = 1.0,
) -> dict[str, Counts]:
    """Return the counts of a network on the tracks of a world; doubt leaves its answers as is."""
    tracks = np.random.default_rng(world)
    truth = np.arange(N_TRACKS) % N_CLASSES
    hardness = tracks.normal(0.0, 1.5, N_TRACKS)
    dark = tracks.random(N_TRACKS) < 0.25
    rng = np.random.default_rng((world, seed))
    own = rng.normal(0.0, spread, N_CLASSES)[truth] + rng.normal(0.0, 1.0, N_TRACKS)
    easy = np.repeat(3.0 - hardness + own, FRAMES) + rng.logistic(0.0, 0.5, N_TRACKS * FRAMES)
    lost = np.repeat((truth == removed) | (dark & (rng.random(N_TRACKS) < dark_loss)), FRAMES)
    truth_frames = np.repeat(truth, FRAMES)
    predicted = np.where((easy > 0.0) & ~lost, truth_frames, (truth_frames + 1) % N_CLASSES)
    names = [RecordingId(f"track{i:03d}") for i in np.repeat(np.arange(N_TRACKS), FRAMES)]
    inside = np.repeat(dark, FRAMES)
    surely = 1.0 / (1.0 + np.exp(-easy / np.where(inside, dark_doubt, 1.0)))
    scores = log_score(np.where(lost, 0.05, surely).astype(np.float32))
    return {
        name: count_examples(
            names, truth_frames, predicted, CLASSES, log_scores=scores, inside=mask
        )
        for name, mask in (("all", None), ("dark", inside))
    }


def floor_of(
    world: int, spread: float, suite: Suite = SUITE
) -> tuple[dict[str, Counts], NoiseFloor]:
    """Return a released network, and the noise floor of it and four twins."""
    twins = [network(seed, world=world, spread=spread) for seed in range(5)]
    return twins[0], measure_noise(suite, twins, seed=0)


def fails(report: SuiteReport) -> bool:
    return bool(report.verdicts(Verdict.FAIL))


@pytest.mark.slow
@pytest.mark.parametrize("suite", [SUITE, LIKELIHOOD], ids=["answers", "likelihood"])
@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_twins_are_failed_in_at_most_5_percent(spread: float, suite: Suite) -> None:
    n_trials, failed = 80, 0
    for world in range(n_trials):
        released, noise = floor_of(world, spread, suite)
        twin = network(99, world=world, spread=spread)
        failed += fails(run_suite(suite, twin, released, noise=noise, seed=0))
    assert failed <= 0.05 * n_trials


def test_without_a_noise_floor_twins_that_differ_are_failed_too_often() -> None:
    """Otherwise the floor would be idle, and the test above would show nothing."""
    failed = 0
    for world in range(40):
        released = network(0, world=world, spread=1.0)
        twin = network(99, world=world, spread=1.0)
        failed += fails(run_suite(SUITE, twin, released, seed=0))
    assert failed > 0.05 * 40


@pytest.mark.parametrize("plant", [{"removed": 3}, {"dark_loss": 0.4}])
def test_planted_regressions_are_failed_in_at_least_95_percent(plant: dict[str, float]) -> None:
    n_trials, caught = 20, 0
    for world in range(n_trials):
        released, noise = floor_of(world, 0.5)
        candidate = network(
            99,
            world=world,
            spread=0.5,
            removed=int(plant.get("removed", -1)),
            dark_loss=plant.get("dark_loss", 0.0),
        )
        caught += fails(run_suite(SUITE, candidate, released, noise=noise, seed=0))
    assert caught >= 0.95 * n_trials


def test_a_network_less_sure_of_the_dark_is_failed_before_it_answers_otherwise() -> None:
    caught = {SUITE.suite_id: 0, LIKELIHOOD.suite_id: 0}
    for world in range(20):
        for suite in (SUITE, LIKELIHOOD):
            released, noise = floor_of(world, 0.5, suite)
            doubting = network(99, world=world, spread=0.5, dark_doubt=8.0)
            report = run_suite(suite, doubting, released, noise=noise, seed=0)
            caught[suite.suite_id] += fails(report)
    assert caught[LIKELIHOOD.suite_id] >= 0.75 * 20
    assert caught[SUITE.suite_id] <= 0.05 * 20
