import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bessemer.core.errors import InputError
from bessemer.label.carry import CarryConfig, carry_map, carry_maps
from bessemer.tasks.segment import UNSAID

SECOND_NS = 1_000_000_000


def textured(seed: int, height_px: int = 64, width_px: int = 96) -> np.ndarray:
    """A picture with something to hold on to at every scale."""
    rng = np.random.default_rng(seed)
    picture = np.zeros((height_px, width_px, 3))
    for cell in (4, 8, 16):
        coarse = rng.uniform(0, 80, (height_px // cell, width_px // cell, 3))
        picture += np.kron(coarse, np.ones((cell, cell, 1)))
    return picture.astype(np.uint8)


def halves(height_px: int = 64, width_px: int = 96) -> np.ndarray:
    answer = np.zeros((height_px, width_px), np.uint8)
    answer[:, width_px // 2 :] = 3
    return answer


def unsaid_like(answer: np.ndarray) -> np.ndarray:
    return np.full_like(answer, UNSAID)


@given(seed=st.integers(0, 50), shift_px=st.integers(-6, 6))
@settings(max_examples=15, deadline=None)
def test_an_answer_moves_with_its_picture(seed: int, shift_px: int) -> None:
    one = textured(seed)
    other = np.roll(one, shift_px, axis=1)
    moved = carry_map(one, other, halves(), CarryConfig())
    said = moved != UNSAID
    truth = np.roll(halves(), shift_px, axis=1)
    assert said.mean() > 0.6
    # The border between the classes may lie a pixel off.
    assert (moved[said] == truth[said]).mean() > 0.97


def test_nothing_is_said_of_another_scene() -> None:
    moved = carry_map(textured(1), textured(2), halves(), CarryConfig())
    assert (moved != UNSAID).mean() < 0.1


def test_what_is_unsaid_stays_unsaid() -> None:
    answer = halves()
    answer[:, :20] = UNSAID
    moved = carry_map(textured(3), textured(3), answer, CarryConfig())
    assert (moved[:, :20] == UNSAID).all()
    assert (moved[:, 20:] == answer[:, 20:]).all()


def test_a_reach_is_counted_in_steps_to_both_sides_and_ends_at_gaps() -> None:
    film = np.stack([textured(4)] * 7)
    answers = np.stack([unsaid_like(halves())] * 7)
    answers[3] = halves()
    times_ns = np.array([0, 1, 2, 3, 4, 8, 9]) * SECOND_NS
    carried = carry_maps(film, times_ns, answers, CarryConfig(reach=2))
    assert carried.steps.tolist() == [0, 2, 1, 0, 1, 0, 0]
    assert carried.said_frac.tolist() == [0, 1, 1, 0, 1, 0, 0]
    assert (carried.maps[1] == halves()).all()


def test_the_nearer_answer_is_carried_and_none_is_overwritten() -> None:
    film = np.stack([textured(5)] * 4)
    answers = np.stack([np.full((64, 96), 1, np.uint8), *[unsaid_like(halves())] * 2, halves()])
    carried = carry_maps(film, np.arange(4) * SECOND_NS, answers, CarryConfig(reach=3))
    assert (carried.maps[1] == 1).all()
    assert (carried.maps[2] == halves()).all()
    assert (carried.maps[[0, 3]] == UNSAID).all()


def test_columns_out_of_order_are_refused() -> None:
    film = np.stack([textured(6)] * 2)
    with pytest.raises(InputError, match="in order of time"):
        carry_maps(film, np.array([5, 5]), np.stack([halves()] * 2), CarryConfig())
    with pytest.raises(InputError, match="CarryConfig"):
        CarryConfig(reach=0)
