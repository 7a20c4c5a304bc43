"""Laws of the built-in selectors; those of any selector are in the conformance suite."""

import numpy as np
import pytest

from bessemer.core.errors import InputError
from bessemer.core.ids import SpaceId
from bessemer.core.selection import Candidates, Labelled, ReasonCode, Selector
from bessemer.curate.select_chance import RandomSelector
from bessemer.curate.select_engine import EngineSelector
from bessemer.curate.select_k_centre import KCentreSelector
from bessemer.curate.select_uncertain import UncertaintySelector

SELECTORS = [RandomSelector(), UncertaintySelector(), KCentreSelector(), EngineSelector()]


def unit(vectors: np.ndarray) -> np.ndarray:
    scaled: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    return scaled.astype(np.float32)


def make_candidates(n: int, classes: int = 4, seed: int = 0) -> Candidates:
    rng = np.random.default_rng(seed)
    return Candidates(
        units=tuple(f"track-{i}" for i in range(n)),
        probabilities=rng.dirichlet(np.ones(classes), n).astype(np.float32),
        embeddings=unit(rng.normal(size=(n, 8))),
        own_embeddings=rng.normal(size=(n, 5)).astype(np.float32),
        frame_counts=rng.integers(1, 30, n),
        space_id=SpaceId("pinned"),
    )


def make_labelled(m: int, classes: int = 4, seed: int = 1) -> Labelled:
    rng = np.random.default_rng(seed)
    return Labelled(
        shares=np.eye(classes, dtype=np.float32)[rng.integers(0, classes, m)],
        embeddings=unit(rng.normal(size=(m, 8))),
        own_embeddings=rng.normal(size=(m, 5)).astype(np.float32),
        space_id=SpaceId("pinned"),
    )


@pytest.mark.parametrize("selector", SELECTORS, ids=lambda s: s.name)
def test_a_tenth_of_the_budget_is_control(selector: Selector) -> None:
    selection = selector.select(make_candidates(60), make_labelled(5), 20, 7)
    assert selection.chosen_by_reason[ReasonCode.CONTROL] == 2


@pytest.mark.parametrize("selector", SELECTORS, ids=lambda s: s.name)
def test_mixing_spaces_is_refused(selector: Selector) -> None:
    other = Labelled(
        shares=np.zeros((0, 4), np.float32),
        embeddings=np.zeros((0, 8), np.float32),
        own_embeddings=np.zeros((0, 5), np.float32),
        space_id=SpaceId("another"),
    )
    with pytest.raises(InputError, match="different spaces"):
        selector.select(make_candidates(5), other, 2, 0)
