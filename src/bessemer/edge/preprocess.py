"""How pictures become a network's input: the same code trains and drives.

Shapes: n pictures, h x w pixels of the network.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32, UInt8
from PIL import Image

from bessemer.core.errors import InputError
from bessemer.core.signature import Preprocess


def resize_picture(
    picture: UInt8[np.ndarray, "h w 3"], height_px: int, width_px: int
) -> UInt8[np.ndarray, "h2 w2 3"]:
    """Return a picture at another size, by a bilinear filter that anti-aliases on reduction.

    Args:
        picture: RGB.
        height_px: Height wanted.
        width_px: Width wanted.

    Returns:
        The picture; the same bytes where the size is right already.
    """
    if picture.shape[:2] == (height_px, width_px):
        return picture
    image = Image.fromarray(picture)
    return np.array(image.resize((width_px, height_px), Image.Resampling.BILINEAR), dtype=np.uint8)


def resize(
    pictures: Sequence[UInt8[np.ndarray, "_ _ 3"]], preprocess: Preprocess
) -> UInt8[np.ndarray, "n h w 3"]:
    """Return pictures of any sizes at the size of a network.

    Args:
        pictures: RGB, each of its own size.
        preprocess: Whose ``height_px`` and ``width_px`` are wanted.

    Returns:
        One array, in their order. A picture of that size already is not touched.
    """
    size_px = (preprocess.height_px, preprocess.width_px)
    resized = np.empty((len(pictures), *size_px, 3), np.uint8)
    for row, picture in enumerate(pictures):
        resized[row] = resize_picture(picture, *size_px)
    return resized


def normalise(
    pictures: UInt8[np.ndarray, "n h w 3"], preprocess: Preprocess
) -> Float32[np.ndarray, "n 3 h w"]:
    """Return (value / 255 - mean) / std by channel, channels first.

    There are 256 values a channel, so each is computed once, in double precision, and looked up.

    Args:
        pictures: RGB at the network's size.
        preprocess: Means and deviations.

    Returns:
        The network's input.

    Raises:
        InputError: If the pictures are of another size.

    Example:
        >>> white = np.full((1, 2, 2, 3), 255, np.uint8)
        >>> float(normalise(white, Preprocess(width_px=2, height_px=2))[0, 0, 0, 0])
        2.0
    """
    size = (preprocess.height_px, preprocess.width_px)
    if pictures.shape[1:3] != size:
        raise InputError(
            f"Pictures are {pictures.shape[1:3]}, the network takes {size} (height, width).",
            where="normalise",
            fix="Call resize first.",
        )
    values = np.arange(256, dtype=np.float64) / 255.0
    inputs = np.empty((len(pictures), 3, *size), np.float32)
    for channel, (mean, std) in enumerate(zip(preprocess.mean, preprocess.std, strict=True)):
        table = ((values - mean) / std).astype(np.float32)
        np.take(table, pictures[..., channel], out=inputs[:, channel])
    return inputs
