"""The one preprocessing: what a trainer feeds a network is what a vehicle feeds it.

Resizing happens once, when a picture is decoded, and gives bytes that can be kept; normalising
happens just before the network.
"""

import numpy as np
from jaxtyping import Float32, UInt8

from bessemer.core.signature import Preprocess


def resize_picture(
    picture: UInt8[np.ndarray, "h w 3"], size_px: tuple[int, int]
) -> UInt8[np.ndarray, "h2 w2 3"]:
    """Return a picture at another size, by an anti-aliasing bilinear filter.

    Args:
        picture: RGB.
        size_px: Height and width wanted.

    Returns:
        The picture; the same bytes where the size is right already.
    """
    height_px, width_px = size_px
    if picture.shape[:2] == (height_px, width_px):
        return picture
    from PIL import Image

    resized = Image.fromarray(picture).resize((width_px, height_px), Image.Resampling.BILINEAR)
    return np.asarray(resized, dtype=np.uint8)


def normalise(
    pictures: UInt8[np.ndarray, "n h w 3"], preprocess: Preprocess
) -> Float32[np.ndarray, "n 3 h w"]:
    """Return pictures as a network's input: (value / 255 - mean) / std, channels first.

    Args:
        pictures: RGB, already of the preprocessing's size.
        preprocess: Means and deviations by channel.

    Returns:
        Contiguous input.
    """
    std = np.asarray(preprocess.std, dtype=np.float32)
    scale = np.float32(1.0 / 255.0) / std
    shift = np.asarray(preprocess.mean, dtype=np.float32) / std
    scaled = pictures.astype(np.float32) * scale - shift
    return np.ascontiguousarray(scaled.transpose(0, 3, 1, 2))
