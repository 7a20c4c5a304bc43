"""The pinned space does not move, and puts like beside like."""

import numpy as np
import pytest
from sklearn.datasets import load_digits

from bessemer.core.errors import InputError
from bessemer.curate.embed import PinnedConfig, PinnedEmbedder

PINNED = "5ba149694687e04e52e6f9f7aacb2b96591f7aebcdf8a0d8f8db852e1639f735"


def digits() -> tuple[np.ndarray, np.ndarray]:
    data = load_digits()
    grey = (data.images * 15.9).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=3), data.target


def test_the_address_is_pinned() -> None:
    # A change here moves every number measured in the space: raise PinnedConfig.version with it.
    assert PinnedEmbedder().space_id == PINNED


def test_another_spec_is_another_space() -> None:
    other = PinnedEmbedder(config=PinnedConfig(colour_weight=1.0))
    assert other.space_id != PinnedEmbedder().space_id


def test_neighbours_of_digits_are_mostly_the_same_digit() -> None:
    pictures, classes = digits()
    points = PinnedEmbedder().embed(pictures)
    cosines = points @ points.T
    np.fill_diagonal(cosines, -1.0)
    assert (classes[cosines.argmax(axis=1)] == classes).mean() > 0.98


def test_brightness_and_contrast_change_little() -> None:
    picture = np.random.default_rng(0).integers(60, 120, (1, 32, 32, 3), dtype=np.uint8)
    embedder = PinnedEmbedder()
    brighter = (picture.astype(np.int64) * 2 + 10).astype(np.uint8)
    assert (embedder.embed(picture) * embedder.embed(brighter)).sum() > 0.999


def test_colour_tells_apart_what_shape_does_not() -> None:
    red = np.zeros((1, 32, 32, 3), np.uint8)
    red[:, 8:24, 8:24, 0] = 200
    blue = red[..., ::-1].copy()
    embedder = PinnedEmbedder()
    assert (embedder.embed(red) * embedder.embed(blue)).sum() < 0.95


@pytest.mark.parametrize("size", [(2, 3), (15, 250), (64, 64)])
def test_any_size_gives_unit_vectors(size: tuple[int, int]) -> None:
    pictures = np.random.default_rng(1).integers(0, 256, (3, *size, 3), dtype=np.uint8)
    points = PinnedEmbedder().embed(pictures)
    assert points.shape == (3, PinnedEmbedder().width)
    np.testing.assert_allclose(np.linalg.norm(points, axis=1), 1.0, rtol=1e-5)


def test_blocks_change_nothing() -> None:
    pictures = np.random.default_rng(2).integers(0, 256, (600, 8, 8, 3), dtype=np.uint8)
    embedder = PinnedEmbedder()
    whole = embedder.embed(pictures)
    np.testing.assert_allclose(whole[590:], embedder.embed(pictures[590:]), atol=1e-5)


def test_a_flat_picture_and_no_picture_are_fine() -> None:
    embedder = PinnedEmbedder()
    flat = embedder.embed(np.full((1, 9, 9, 3), 7, np.uint8))
    np.testing.assert_allclose(np.linalg.norm(flat), 1.0)
    assert embedder.embed(np.zeros((0, 9, 9, 3), np.uint8)).shape == (0, embedder.width)


def test_a_single_pixel_is_refused() -> None:
    with pytest.raises(InputError, match="no gradient"):
        PinnedEmbedder().embed(np.zeros((1, 1, 1, 3), np.uint8))


def test_cells_must_tile_the_picture() -> None:
    with pytest.raises(InputError, match="do not fit"):
        PinnedConfig(cell_px=5)
