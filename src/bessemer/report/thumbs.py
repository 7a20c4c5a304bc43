"""Small pictures that travel inside a page as data URIs."""

import base64
import io

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from bessemer.core.errors import InputError

SIDE_PX = 96
"""Longest side of a thumbnail."""

_JPEG_QUALITY = 78
_FEW_COLOURS = 64


def thumb_uri(picture: UInt8[np.ndarray, "h w 3"], side_px: int = SIDE_PX) -> str:
    """Return a picture as a data URI whose longest side is at most ``side_px``.

    Small pictures are enlarged by whole factors without smoothing, so that the pixels a network
    sees are the pixels a person sees. Of PNG and JPEG the smaller one is kept where colours are
    few; photographs are JPEG.

    Args:
        picture: RGB.
        side_px: Longest side.

    Returns:
        ``data:image/png;base64,...`` or ``data:image/jpeg;base64,...``.

    Raises:
        InputError: If the picture has no pixel, or the side is below 8.

    Example:
        >>> thumb_uri(np.zeros((8, 8, 3), np.uint8))[:22]
        'data:image/png;base64,'
    """
    height, width = picture.shape[:2]
    if not height or not width or side_px < 8:
        raise InputError(
            f"A picture of {height} x {width} px has no thumbnail of {side_px} px.",
            where="thumb_uri",
            fix="Give a picture with pixels and a side of 8 px or more.",
        )
    image = _fit(Image.fromarray(picture), side_px)
    # Beyond a few colours getcolors gives up early, which is all that is asked here.
    if image.getcolors(_FEW_COLOURS) is not None:
        return _uri(image.quantize(_FEW_COLOURS), "PNG", "png")
    return _uri(image, "JPEG", "jpeg")


def _fit(image: Image.Image, side_px: int) -> Image.Image:
    """Return the image enlarged by a whole factor, or reduced, to fit a square."""
    longest = max(image.size)
    if longest <= side_px:
        factor = side_px // longest
        return image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    scale = side_px / longest
    size = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    return image.resize(size, Image.Resampling.BOX if scale < 0.25 else Image.Resampling.LANCZOS)


def _uri(image: Image.Image, form: str, subtype: str) -> str:
    """Return the encoded image as a data URI."""
    buffer = io.BytesIO()
    image.save(buffer, form, quality=_JPEG_QUALITY, optimize=True)
    return f"data:image/{subtype};base64,{base64.b64encode(buffer.getvalue()).decode()}"
