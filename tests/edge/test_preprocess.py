import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.core.signature import Preprocess
from bessemer.edge.preprocess import normalise, resize, resize_picture

_ROOM = Preprocess(width_px=6, height_px=4)


def _noise(height_px: int, width_px: int, seed: int = 0) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (height_px, width_px, 3), dtype=np.uint8)


@given(height_px=st.integers(1, 40), width_px=st.integers(1, 40), value=st.integers(0, 255))
def test_a_flat_picture_stays_flat_at_any_size(height_px: int, width_px: int, value: int) -> None:
    flat = np.full((height_px, width_px, 3), value, np.uint8)
    assert np.all(resize([flat], _ROOM) == value)


def test_a_picture_of_the_right_size_is_not_touched() -> None:
    picture = _noise(4, 6)
    np.testing.assert_array_equal(resize([picture], _ROOM)[0], picture)


def test_reduction_averages_instead_of_picking() -> None:
    board = np.zeros((64, 64, 3), np.uint8)
    board[::2, ::2] = board[1::2, 1::2] = 255
    small = resize_picture(board, 8, 8)
    assert np.abs(small.astype(int) - 127).max() < 12


def test_pictures_do_not_depend_on_their_neighbours() -> None:
    first, second = _noise(9, 30), _noise(50, 7, seed=1)
    both = resize([first, second], _ROOM)
    np.testing.assert_array_equal(both[::-1], resize([second, first], _ROOM))


def test_normalise_is_its_formula() -> None:
    room = Preprocess(width_px=6, height_px=4, mean=(0.1, 0.2, 0.3), std=(0.5, 0.25, 2.0))
    pictures = np.stack([_noise(4, 6), _noise(4, 6, seed=1)])
    expected = (pictures / 255.0 - np.array(room.mean)) / np.array(room.std)
    inputs = normalise(pictures, room)
    assert inputs.dtype == np.float32
    assert inputs.flags["C_CONTIGUOUS"]
    np.testing.assert_array_equal(inputs, expected.transpose(0, 3, 1, 2).astype(np.float32))


def test_none_is_fine_and_another_size_is_not() -> None:
    assert normalise(resize([], _ROOM), _ROOM).shape == (0, 3, 4, 6)
    with pytest.raises(InputError, match="Call resize first"):
        normalise(np.zeros((1, 6, 4, 3), np.uint8), _ROOM)
