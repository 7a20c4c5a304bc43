"""What changed in a corrected dense answer is said in classes and a share of pixels."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bessemer.loop.telling_masks import tell_change

CLASSES = ("sky", "road", "car")
MAPS = hnp.arrays(np.uint8, (2, 4, 5), elements=st.sampled_from([0, 1, 2, 255]))


@given(MAPS, MAPS)
def test_the_share_is_that_of_changed_pixels_and_turns_around(
    first: np.ndarray, second: np.ndarray
) -> None:
    before, after = tell_change(first, second, CLASSES)
    assert f"{(first != second).mean():.1%} of pixels" in after or (first == second).all()
    if (first != second).any():
        back, _ = tell_change(second, first, CLASSES)
        assert set(before.split(", ")) <= {*CLASSES, "nothing said"}
        assert set(back.split(", ")) <= {*CLASSES, "nothing said"}


def test_the_largest_change_comes_first() -> None:
    first = np.zeros((1, 2, 10), np.uint8)
    second = first.copy()
    second[0, 0, :6] = 1
    second[0, 1, :2] = 2
    second[0, 1, 2] = 255
    assert tell_change(first, second, CLASSES) == ("sky", "road, car, 45.0% of pixels changed")
    assert tell_change(first, first, CLASSES) == ("as it was", "no pixel changed")
