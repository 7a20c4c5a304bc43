"""Types and shapes are checked in this very run."""

from typing import Any

import jaxtyping
import numpy as np
import pytest

from bessemer.core.frames import Embeddings
from bessemer.core.ids import SpaceId, content_id


def test_a_wrong_argument_is_caught() -> None:
    wrong: Any = 3
    with pytest.raises(TypeError, match="not instance of str"):
        content_id(wrong, "a value")


def test_a_wrong_shape_is_caught() -> None:
    vectors = np.zeros(0, dtype=np.float32)
    with pytest.raises(jaxtyping.TypeCheckError):
        Embeddings(space_id=SpaceId("s"), frames=(), vectors=vectors)
