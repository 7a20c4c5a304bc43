# ruff: noqa: D102 - the name of a test is its sentence
"""What every embedder keeps: inherit the class, say how to make one, run pytest.

Example of a test module for an embedder of your own::

    class TestMyEmbedder(EmbedderConformance):
        def make_embedder(self) -> Embedder:
            return MyEmbedder()

Shapes: n pictures of h x w pixels, d embedding size.
"""

import numpy as np
import pytest
from jaxtyping import UInt8

from bessemer.core.protocols import Embedder


class EmbedderConformance:
    """The tests; an implementer gives an embedder.

    Attributes:
        tolerance: How far a coordinate may differ with what else is in the batch.
    """

    tolerance: float = 1e-5

    def make_embedder(self) -> Embedder:
        """Return a new embedder of the same space each time."""
        raise NotImplementedError

    def test_it_plays_the_role_and_its_space_never_moves(self) -> None:
        embedder = self.make_embedder()
        assert isinstance(embedder, Embedder)
        assert embedder.space_id
        assert embedder.space_id == self.make_embedder().space_id
        assert min(embedder.size_px) > 0
        before = embedder.space_id
        embedder.embed(self._pictures(3))
        assert embedder.space_id == before

    @pytest.mark.parametrize("n", [0, 1, 2, 7])
    def test_a_picture_is_one_vector_of_unit_norm(self, n: int) -> None:
        embedder = self.make_embedder()
        vectors = embedder.embed(self._pictures(n))
        assert vectors.dtype == np.float32
        assert vectors.shape == (n, embedder.embed(self._pictures(1)).shape[1])
        np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), np.ones(n), atol=1e-4)

    def test_a_picture_without_anything_to_see_has_a_vector_too(self) -> None:
        height_px, width_px = self.make_embedder().size_px
        for level in (0, 128, 255):
            flat = np.full((1, height_px, width_px, 3), level, np.uint8)
            vectors = self.make_embedder().embed(flat)
            np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), [1.0], atol=1e-4)

    def test_the_same_picture_has_the_same_vector_whatever_stands_beside_it(self) -> None:
        embedder, pictures = self.make_embedder(), self._pictures(6)
        together = embedder.embed(pictures)
        alone = np.concatenate([embedder.embed(one[None]) for one in pictures])
        np.testing.assert_allclose(alone, together, atol=self.tolerance)
        order = np.array([4, 0, 5, 2, 1, 3])
        np.testing.assert_allclose(
            embedder.embed(pictures[order]), together[order], atol=self.tolerance
        )

    def test_two_of_a_kind_give_the_same(self) -> None:
        pictures = self._pictures(4)
        one, other = (self.make_embedder().embed(pictures) for _ in range(2))
        np.testing.assert_array_equal(one, other)

    def test_unlike_pictures_have_unlike_vectors(self) -> None:
        vectors = self.make_embedder().embed(self._pictures(5))
        cosines = vectors @ vectors.T - np.eye(5, dtype=np.float32)
        assert cosines.max() < 1.0 - 1e-4

    def test_it_changes_nothing_that_it_was_given(self) -> None:
        pictures = self._pictures(3)
        self.make_embedder().embed(pictures)
        np.testing.assert_array_equal(pictures, self._pictures(3))

    def _pictures(self, n: int) -> UInt8[np.ndarray, "n h w 3"]:
        """Return coarse random pictures, the same ones for the same number."""
        height_px, width_px = self.make_embedder().size_px
        rng = np.random.default_rng(0)
        coarse = rng.integers(0, 256, (n, 8, 8, 3), dtype=np.uint8)
        rows, columns = (np.arange(side) * 8 // side for side in (height_px, width_px))
        return np.ascontiguousarray(coarse[:, rows][:, :, columns])
