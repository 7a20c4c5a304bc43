# ruff: noqa: D102 - the name of a test is its sentence
"""What every selector keeps: inherit the class, say how to make one, run pytest.

Example of a test module for a selector of your own::

    class TestMySelector(SelectorConformance):
        def make_selector(self) -> Selector:
            return MySelector()
"""

import re

import numpy as np
import pytest
from jaxtyping import Float32

from bessemer.core.errors import InputError
from bessemer.core.ids import SpaceId
from bessemer.core.selection import Candidates, Labelled, Selector

_WORD = re.compile(r"[a-z][a-z0-9_]*")
_CASES = [(40, 6, 12), (5, 0, 9), (7, 3, 0), (1, 2, 1), (6, 2, 6)]


class SelectorConformance:
    """The tests; an implementer gives a selector.

    Attributes:
        classes: How many classes the made candidates have.
    """

    classes: int = 4

    def make_selector(self) -> Selector:
        """Return a new selector."""
        raise NotImplementedError

    def test_it_plays_the_role(self) -> None:
        selector = self.make_selector()
        assert isinstance(selector, Selector)
        assert _WORD.fullmatch(selector.name)

    @pytest.mark.parametrize(("n", "m", "budget"), _CASES)
    def test_it_spends_its_budget_and_no_more(self, n: int, m: int, budget: int) -> None:
        selection = self.make_selector().select(self._pool(n), self._known(m), budget, 3)
        assert len(selection.chosen) == min(n, budget)
        assert selection.selector == self.make_selector().name

    @pytest.mark.parametrize(("n", "m", "budget"), _CASES)
    def test_every_candidate_is_chosen_or_passed_over_once_with_a_reason(
        self, n: int, m: int, budget: int
    ) -> None:
        pool = self._pool(n)
        selection = self.make_selector().select(pool, self._known(m), budget, 3)
        said = (*selection.chosen, *selection.passed_over)
        assert sorted(choice.index for choice in said) == list(range(n))
        assert all(choice.unit == pool.units[choice.index] for choice in said)
        assert all(choice.code and choice.reason for choice in said)

    def test_the_same_seed_gives_the_same_choice(self) -> None:
        one, other = self.make_selector(), self.make_selector()
        for seed in (0, 7):
            first = one.select(self._pool(30), self._known(5), 10, seed)
            assert first == other.select(self._pool(30), self._known(5), 10, seed)
            assert first == one.select(self._pool(30), self._known(5), 10, seed)

    def test_it_changes_nothing_that_it_was_given(self) -> None:
        pool, known = self._pool(20), self._known(5)
        self.make_selector().select(pool, known, 8, 1)
        fresh, fresh_known = self._pool(20), self._known(5)
        for name in ("probabilities", "embeddings", "own_embeddings", "frame_counts"):
            np.testing.assert_array_equal(getattr(pool, name), getattr(fresh, name))
        for name in ("shares", "embeddings", "own_embeddings"):
            np.testing.assert_array_equal(getattr(known, name), getattr(fresh_known, name))

    @pytest.mark.parametrize("m", [0, 5])
    def test_of_an_empty_pool_nothing_is_chosen(self, m: int) -> None:
        selection = self.make_selector().select(self._pool(0), self._known(m), 10, 0)
        assert selection.chosen == selection.passed_over == ()

    def test_mixing_spaces_is_refused(self) -> None:
        with pytest.raises(InputError):
            self.make_selector().select(self._pool(5), self._known(2, "another"), 2, 0)

    def _pool(self, n: int) -> Candidates:
        """Return candidates, the same ones for the same number."""
        rng = np.random.default_rng(0)
        return Candidates(
            units=tuple(f"track-{i}" for i in range(n)),
            probabilities=rng.dirichlet(np.ones(self.classes), n).astype(np.float32),
            embeddings=_unit(rng, n),
            own_embeddings=rng.normal(size=(n, 5)).astype(np.float32),
            frame_counts=rng.integers(1, 30, n),
            space_id=SpaceId("pinned"),
        )

    def _known(self, m: int, space: str = "pinned") -> Labelled:
        """Return labelled units, the same ones for the same number."""
        rng = np.random.default_rng(1)
        return Labelled(
            shares=np.eye(self.classes, dtype=np.float32)[rng.integers(0, self.classes, m)],
            embeddings=_unit(rng, m),
            own_embeddings=rng.normal(size=(m, 5)).astype(np.float32),
            space_id=SpaceId(space),
        )


def _unit(rng: np.random.Generator, n: int) -> Float32[np.ndarray, "n 8"]:
    """Return vectors of unit norm."""
    vectors = rng.normal(size=(n, 8))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True), dtype=np.float32)
