"""Frames of a video or a folder, small: what a first look needs of each picture, and no more.

Pictures are read once and kept as 32 x 32 px for likeness and as a thumbnail for people. Where
there are more than may be looked at, they are drawn at even distances.

Cost: about 17 kB of memory a frame.      Shapes: n frames, s pixels a side.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import UInt8

from bessemer.core.arrivals import Rejection
from bessemer.core.errors import InputError
from bessemer.core.progress import Progress
from bessemer.edge.decode import decode_picture
from bessemer.edge.preprocess import resize_picture
from bessemer.report.thumbs import thumb_uri

if TYPE_CHECKING:
    from av.container import InputContainer
    from av.video.frame import VideoFrame

PICTURE_SUFFIXES = frozenset({".jpg", ".jpeg", ".png", ".ppm"})
THUMB_PX = 208
FOLDER_BYTES = 600_000_000
"""Most bytes of pictures decoded for one look: what two cores read in about twenty seconds."""

_AHEAD = 64
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


def read_frames(path: Path, max_frames: int, side_px: int, progress: Progress) -> SeenFrames:
    """Read a video or a folder of pictures.

    Args:
        path: A video file, or a folder, which is searched to its depth.
        max_frames: The most that is looked at.
        side_px: Side of the small pictures.
        progress: Told after every frame.

    Returns:
        The frames that could be read, and what could not.

    Raises:
        InputError: If there is nothing there, or nothing of it can be read.
    """
    if path.is_dir():
        seen = _read_folder(path, max_frames, side_px, progress)
    elif path.is_file():
        seen = _read_video(path, max_frames, side_px, progress)
    else:
        raise InputError(
            "There is nothing here to look at.",
            where=str(path),
            fix="Name a video file, or a folder of pictures.",
        )
    if not seen.names:
        raise InputError(
            f"None of {seen.n_found} pictures could be read; the first: "
            f"{seen.rejections[0].detail if seen.rejections else 'the video has no frame.'}",
            where=str(path),
            fix="Check that they are JPEG, PNG or PPM, and whole.",
        )
    return seen


def even_rows(count: int, most: int) -> list[int]:
    """Return at most ``most`` of ``count`` rows at even distances.

    Example:
        >>> even_rows(10, 3)
        [1, 5, 8]
    """
    if count <= most:
        return list(range(count))
    return [int((2 * i + 1) * count / (2 * most)) for i in range(most)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Small:
    """One frame, reduced."""

    name: str
    picture: UInt8[np.ndarray, "s s 3"]
    thumb: str


def _reduce(name: str, picture: UInt8[np.ndarray, "h w 3"], side_px: int) -> _Small:
    """Return what is kept of a frame."""
    if min(picture.shape[:2]) < 2:
        raise InputError("A picture of one pixel shows nothing.", where=name)
    # The large picture is touched once; what is compared is what is shown, made smaller.
    scale = min(THUMB_PX / max(picture.shape[:2]), 1.0)
    height_px, width_px = (max(round(side * scale), 2) for side in picture.shape[:2])
    shown = resize_picture(picture, height_px, width_px)
    small = resize_picture(shown, side_px, side_px)
    return _Small(name=name, picture=small, thumb=thumb_uri(shown, THUMB_PX))


def _gather(
    smalls: Sequence[_Small],
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


def _read_folder(folder: Path, max_frames: int, side_px: int, progress: Progress) -> SeenFrames:
    """Read the pictures below a folder, by name."""
    files = sorted(
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in PICTURE_SUFFIXES and file.is_file()
    )
    if not files:
        raise InputError(
            "This folder holds no picture.",
            where=str(folder),
            fix=f"Name a folder with {', '.join(sorted(PICTURE_SUFFIXES))} somewhere below it.",
        )
    rows = even_rows(len(files), _most_files(files, max_frames))
    smalls: list[_Small] = []
    rejections: list[Rejection] = []

    def read(row: int) -> _Small | Rejection:
        return _read_picture(files[row], files[row].relative_to(folder).as_posix(), side_px)

    for done, read_one in enumerate(_map_ahead(read, rows), start=1):
        if isinstance(read_one, Rejection):
            rejections.append(read_one)
        else:
            smalls.append(read_one)
        progress(done, len(rows))
    sampling = ""
    if len(rows) < len(files):
        sampling = f"{len(rows):,} of {len(files):,} pictures, at even distances by name."
    return _gather(
        smalls,
        is_video=False,
        n_found=len(files),
        sampling=sampling,
        side_px=side_px,
        rejections=rejections,
    )


def _most_files(files: Sequence[Path], max_frames: int) -> int:
    """Return how many files may be read: fewer where they are large."""
    size_bytes = sum(file.stat().st_size for file in files)
    share = min(1.0, FOLDER_BYTES / max(size_bytes, 1))
    return max(min(max_frames, int(len(files) * share)), min(max_frames, 64))


def _read_picture(file: Path, name: str, side_px: int) -> _Small | Rejection:
    """Return one picture, or why it cannot be read."""
    try:
        data = file.read_bytes()
        if not data:
            return _reject("empty_file", name, "The file is empty.")
        return _reduce(name, decode_picture(data, where=name), side_px)
    except InputError as error:
        return _reject("unreadable_picture", name, error.what)
    except OSError as error:
        return _reject("unreadable_file", name, str(error.strerror))


def _reject(reason: str, where: str, detail: str) -> Rejection:
    return Rejection(stage="look", reason=reason, where=where, detail=detail)


def _map_ahead(
    read: Callable[[int], _Small | Rejection], rows: Sequence[int]
) -> Iterator[_Small | Rejection]:
    """Yield results in order, a few read ahead by threads: Pillow works outside the lock."""
    with ThreadPoolExecutor(2) as pool:
        for start in range(0, len(rows), _AHEAD):
            yield from pool.map(read, rows[start : start + _AHEAD])


def _read_video(file: Path, max_frames: int, side_px: int, progress: Progress) -> SeenFrames:
    """Read a video from its first frame to its last; of a long one, its key frames."""
    import av

    try:
        with av.open(str(file)) as container:
            if not container.streams.video:
                raise InputError(
                    "This file has no picture in it.",
                    where=str(file),
                    fix="Name a video, or the folder that holds the pictures.",
                )
            return _decode_all(container, file.name, max_frames, side_px, progress)
    except av.FFmpegError as error:
        raise InputError(
            f"This is no video that can be read: {error.strerror}.",
            where=str(file),
            fix="Name a video, or the folder that holds the pictures.",
        ) from error


def _decode_all(
    container: "InputContainer", name: str, max_frames: int, side_px: int, progress: Progress
) -> SeenFrames:
    """Decode a container's first video stream, keeping frames at even distances.

    The stride doubles whenever too many are kept, so that no length need be known beforehand.
    """
    import av

    stream = container.streams.video[0]
    stream.thread_type = "AUTO"
    expected = _expected_frames(container)
    keys_only = expected > 2 * max_frames
    if keys_only:
        stream.codec_context.skip_frame = "NONKEY"
    kept: list[_Small] = []
    rejections: list[Rejection] = []
    read, stride = 0, 1
    try:
        for frame in container.decode(stream):
            if read % stride == 0:
                kept.append(_reduce(_time_of(frame, read), _rgb(frame), side_px))
            read += 1
            progress(read, 0 if keys_only else expected)
            if len(kept) > max_frames:
                kept, stride = kept[::2], stride * 2
    except av.FFmpegError as error:
        detail = f"The video is damaged after frame {read}: {error.strerror}."
        rejections.append(_reject("damaged_video", f"{name} after {read} frames", detail))
    found = max(expected, read) if keys_only else read
    sampling = ""
    if len(kept) < found:
        kind = "key frames" if keys_only else "frames at even distances"
        sampling = f"{len(kept):,} of about {found:,} frames: {kind}."
    return _gather(
        kept,
        is_video=True,
        n_found=found,
        sampling=sampling,
        side_px=side_px,
        rejections=rejections,
    )


def _expected_frames(container: "InputContainer") -> int:
    """Return how many frames a container says it has; 0 where it does not say."""
    stream = container.streams.video[0]
    if stream.frames:
        return int(stream.frames)
    length_s = (container.duration or 0) / 1e6
    return int(length_s * float(stream.average_rate or 0))


def _rgb(frame: "VideoFrame") -> UInt8[np.ndarray, "h w 3"]:
    """Return a frame as RGB, a large one by whole factors smaller: colours are dear to convert."""
    factor = max(max(frame.width, frame.height) // (2 * THUMB_PX), 1)
    picture: UInt8[np.ndarray, "h w 3"] = frame.to_ndarray(
        format="rgb24",
        width=frame.width // factor,
        height=frame.height // factor,
        interpolation="AREA",
    )
    return picture


def _time_of(frame: "VideoFrame", index: int) -> str:
    """Return when a frame is shown, as a player says it, or its number."""
    if frame.pts is None:
        return f"frame {index}"
    minutes, seconds = divmod(frame.time, 60)
    return f"{int(minutes)}:{seconds:05.2f}"
