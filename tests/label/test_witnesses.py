"""Laws of witnesses: leaving out is refitting without; trust follows what foretells labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.label.witnesses import WitnessConfig, account_for, ask_neighbourhood, softmax

CONFIG = WitnessConfig()
N, C = 60, 3


def _world(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Truth, points that tell it well, and noisy log-probabilities."""
    rng = np.random.default_rng(seed)
    truth = np.arange(N) % C
    points = np.eye(C)[truth] + rng.normal(0, 0.2, (N, C))
    word = np.log(softmax(1.5 * np.eye(C)[truth] + rng.normal(0, 1.0, (N, C))))
    return truth, points, word


@given(seed=st.integers(0, 30), unit=st.integers(0, N - 1))
def test_a_unit_does_not_hear_its_own_label(seed: int, unit: int) -> None:
    truth, points, _ = _world(seed)
    other = truth.copy()
    other[unit] = (other[unit] + 1) % C
    before = ask_neighbourhood(truth, points, C, CONFIG)
    after = ask_neighbourhood(other, points, C, CONFIG)
    np.testing.assert_allclose(before[unit], after[unit], atol=1e-6)
    assert np.abs(np.delete(before - after, unit, axis=0)).max() > 1e-3


def test_leaving_out_is_refitting_without() -> None:
    truth, points, _ = _world(3)
    said = ask_neighbourhood(truth, points, C, CONFIG)
    centred = points - points.mean(axis=0)
    centred /= np.sqrt((centred**2).sum(axis=1).mean())
    square = ((centred[:, None] - centred[None]) ** 2).sum(axis=2)
    kernel = np.exp(-square / (2 * CONFIG.reach**2))
    for unit in range(0, N, 7):
        rest = np.delete(np.arange(N), unit)
        inner = kernel[np.ix_(rest, rest)] + CONFIG.ridge * np.eye(N - 1)
        again = kernel[unit, rest] @ np.linalg.solve(inner, np.eye(C)[truth[rest]])
        np.testing.assert_allclose(said[unit], again, atol=1e-4)


def test_landmarks_say_nearly_what_all_units_say() -> None:
    truth, points, _ = _world(5)
    whole = ask_neighbourhood(truth, points, C, CONFIG)
    some = ask_neighbourhood(truth, points, C, WitnessConfig(landmarks=30))
    assert (whole.argmax(axis=1) == some.argmax(axis=1)).mean() > 0.9


def test_who_foretells_labels_is_trusted_and_who_does_not_is_not() -> None:
    truth, points, word = _world(1)
    noise = np.random.default_rng(2).normal(0, 1.0, (N, C))
    good = ask_neighbourhood(truth, points, C, CONFIG)
    idle = ask_neighbourhood(truth, noise, C, CONFIG)
    networks, trusted, ignored = account_for(truth, word, [good, idle], CONFIG).trust
    assert trusted > 0.5
    assert ignored < 0.2
    assert networks >= 0.0


def test_the_posterior_leans_to_the_label_and_to_the_usual_mistake() -> None:
    rng = np.random.default_rng(0)
    truth = rng.integers(0, C, 600)
    labels = truth.copy()
    slips = rng.permutation(np.flatnonzero(truth == 0))[:40]
    labels[slips] = 1  # class 0 is taken for 1, never for 2
    word = np.log(softmax(2.0 * np.eye(C)[truth] + rng.normal(0, 0.5, (600, C))))
    account = account_for(labels, word, [], CONFIG)
    rows = np.arange(600)
    assert (account.posterior[rows, labels] >= account.belief[rows, labels] - 1e-9).mean() > 0.9
    odds = np.log(account.posterior / account.belief)
    written_1 = labels == 1
    assert (odds[written_1, 0] > odds[written_1, 2]).all()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_units_are_no_trouble(n: int) -> None:
    labels = np.zeros(n, dtype=np.int64)
    said = ask_neighbourhood(labels, np.ones((n, 4)), C, CONFIG)
    assert said.shape == (n, C)
    account = account_for(labels, np.zeros((n, C)), [said], CONFIG)
    assert np.isfinite(account.posterior).all()
