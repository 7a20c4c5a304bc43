import base64
import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from bessemer.core.errors import InputError
from bessemer.report.thumbs import SIDE_PX, thumb_uri


def opened(uri: str) -> Image.Image:
    return Image.open(io.BytesIO(base64.b64decode(uri.split(",", 1)[1])))


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 300), st.integers(1, 300))
def test_a_thumbnail_fits_its_square_and_keeps_its_shape(height: int, width: int) -> None:
    rng = np.random.default_rng(0)
    image = opened(thumb_uri(rng.integers(0, 256, (height, width, 3)).astype(np.uint8)))
    assert max(image.size) <= SIDE_PX
    assert max(image.size) > SIDE_PX // 2
    assert abs(image.width * height - image.height * width) <= max(height, width)


def test_a_digit_is_enlarged_pixel_by_pixel() -> None:
    grey = np.arange(0, 256, 4, dtype=np.uint8).reshape(8, 8)
    picture = np.repeat(grey[:, :, None], 3, axis=2)
    uri = thumb_uri(picture)
    assert uri.startswith("data:image/png")
    shown = np.asarray(opened(uri).convert("RGB"))
    assert np.array_equal(shown, np.kron(picture, np.ones((12, 12, 1), np.uint8)))


def test_a_photograph_is_small() -> None:
    rng = np.random.default_rng(0)
    smooth = np.linspace(0, 200, 640)[None, :, None] + rng.normal(0, 8, (480, 640, 3))
    uri = thumb_uri(smooth.clip(0, 255).astype(np.uint8))
    assert uri.startswith("data:image/jpeg")
    assert len(uri) < 8_000


def test_a_picture_without_pixels_is_refused() -> None:
    with pytest.raises(InputError, match="no thumbnail"):
        thumb_uri(np.zeros((0, 4, 3), np.uint8))
