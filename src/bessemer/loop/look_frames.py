"""Frames of a first look, small: what it needs of each picture, and no more.

Pictures are read once and kept as 32 x 32 px for likeness and as a thumbnail for people.

Cost: about 17 kB of memory a frame.      Shapes: n frames, s pixels a side.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt8

from bessemer.core.arrivals import Rejection
from bessemer.core.errors import InputError
from bessemer.edge.preprocess import resize_picture
from bessemer.report.thumbs import thumb_uri

THUMB_PX = 208
_FLAT_STD = 4.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SeenFrames:
    """The frames of a look.

    Attributes:
        is_video: Whether they are of a video.
        names: The path in the folder, or the time in the video.
        pictures: Small enough to compare.
        thumbs: Data URIs.
        n_found: How many there are, looked at or not.
        sampling: How they were drawn, where they are not all.
        rejections: What could not be read.
    """

    is_video: bool
    names: tuple[str, ...]
    pictures: UInt8[np.ndarray, "n s s 3"]
    thumbs: tuple[str, ...]
    n_found: int
    sampling: str
    rejections: tuple[Rejection, ...]

    @property
    def rejected(self) -> Counter[str]:
        """How many could not be read, by reason."""
        return Counter(rejection.reason for rejection in self.rejections)

    @property
    def flat(self) -> frozenset[int]:
        """Rows without anything to see: black, white, or fogged."""
        spread = self.pictures.reshape(len(self.names), -1, 3).mean(axis=2).std(axis=1)
        return frozenset(np.flatnonzero(spread < _FLAT_STD).tolist())


def even_rows(count: int, most: int) -> list[int]:
    """Return at most ``most`` of ``count`` rows at even distances.

    Args:
        count: Rows there are.
        most: Rows wanted.

    Returns:
        Rows, ascending; all of them where there are no more than ``most``.

    Example:
        >>> even_rows(10, 3)
        [1, 5, 8]
    """
    if count <= most:
        return list(range(count))
    return [int((2 * i + 1) * count / (2 * most)) for i in range(most)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallFrame:
    """One frame, reduced."""

    name: str
    picture: UInt8[np.ndarray, "s s 3"]
    thumb: str


def reduce_frame(name: str, picture: UInt8[np.ndarray, "h w 3"], side_px: int) -> SmallFrame:
    """Return what is kept of a frame."""
    if min(picture.shape[:2]) < 2:
        raise InputError("A picture of one pixel shows nothing.", where=name)
    # The large picture is touched once; what is compared is what is shown, made smaller.
    scale = min(THUMB_PX / max(picture.shape[:2]), 1.0)
    height_px, width_px = (max(round(side * scale), 2) for side in picture.shape[:2])
    shown = resize_picture(picture, height_px, width_px)
    small = resize_picture(shown, side_px, side_px)
    return SmallFrame(name=name, picture=small, thumb=thumb_uri(shown, THUMB_PX))


def gather_frames(
    smalls: Sequence[SmallFrame],
    *,
    is_video: bool,
    n_found: int,
    sampling: str,
    side_px: int,
    rejections: Sequence[Rejection],
) -> SeenFrames:
    """Return the frames in one record."""
    pictures = np.zeros((len(smalls), side_px, side_px, 3), np.uint8)
    for row, small in enumerate(smalls):
        pictures[row] = small.picture
    return SeenFrames(
        is_video=is_video,
        names=tuple(small.name for small in smalls),
        pictures=pictures,
        thumbs=tuple(small.thumb for small in smalls),
        n_found=n_found,
        sampling=sampling,
        rejections=tuple(rejections),
    )


def reject_frame(reason: str, where: str, detail: str) -> Rejection:
    """Return why a picture, or the rest of a video, was not looked at."""
    return Rejection(stage="look", reason=reason, where=where, detail=detail)
