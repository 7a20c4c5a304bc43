"""A folder of pictures, read for a first look: by name, and evenly where there are too many.

What is no picture is counted beside those that cannot be read: nothing is left out in silence.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from bessemer.core.arrivals import Rejection
from bessemer.core.errors import InputError
from bessemer.core.progress import Progress
from bessemer.edge.decode import decode_picture
from bessemer.ingest.files import walk_files
from bessemer.ingest.pictures import SUFFIXES as PICTURE_SUFFIXES
from bessemer.loop.look_frames import (
    SeenFrames,
    SmallFrame,
    even_rows,
    gather_frames,
    reduce_frame,
    reject_frame,
)

FOLDER_BYTES = 600_000_000
"""Most bytes of pictures decoded for one look: what two cores read in about twenty seconds."""

_AHEAD = 64


def read_folder(folder: Path, max_frames: int, side_px: int, progress: Progress) -> SeenFrames:
    """Read the pictures below a folder, by name."""
    root = folder.resolve()
    files, others = _sort_files(root)
    if not files:
        first = f" {others[0].where}: {others[0].detail}" if others else ""
        raise InputError(
            "This folder holds no picture." + first,
            where=str(folder),
            fix=f"Name a folder with {', '.join(sorted(PICTURE_SUFFIXES))} somewhere below it.",
        )
    rows = even_rows(len(files), _most_files(files, max_frames))
    smalls: list[SmallFrame] = []
    rejections: list[Rejection] = []

    def read(row: int) -> SmallFrame | Rejection:
        return _read_picture(files[row], files[row].relative_to(root).as_posix(), side_px)

    for done, read_one in enumerate(_map_ahead(read, rows), start=1):
        if isinstance(read_one, Rejection):
            rejections.append(read_one)
        else:
            smalls.append(read_one)
        progress(done, len(rows))
    sampling = ""
    if len(rows) < len(files):
        sampling = f"{len(rows):,} of {len(files):,} pictures, at even distances by name."
    return gather_frames(
        smalls,
        is_video=False,
        n_found=len(files),
        sampling=sampling,
        side_px=side_px,
        rejections=[*rejections, *others],
    )


def _sort_files(root: Path) -> tuple[list[Path], list[Rejection]]:
    """Return the pictures below a folder, and why each other thing is left; videos come first."""
    from bessemer.ingest.video import SUFFIXES as VIDEO_SUFFIXES

    pictures: list[Path] = []
    videos: list[Rejection] = []
    others: list[Rejection] = []
    for found in walk_files(root):
        if isinstance(found, Rejection):
            others.append(reject_frame(found.reason, found.where, found.detail))
            continue
        name, suffix = found.relative_to(root).as_posix(), found.suffix.lower()
        if suffix in PICTURE_SUFFIXES:
            pictures.append(found)
        elif suffix in VIDEO_SUFFIXES:
            detail = "A video is looked at by itself: give its path instead of the folder's."
            videos.append(reject_frame("video", name, detail))
        else:
            others.append(reject_frame("no_picture", name, "It is no picture by its name."))
    return sorted(pictures), [*videos, *others]


def _most_files(files: Sequence[Path], max_frames: int) -> int:
    """Return how many files may be read: fewer where they are large."""
    size_bytes = sum(file.stat().st_size for file in files)
    share = min(1.0, FOLDER_BYTES / max(size_bytes, 1))
    return max(min(max_frames, int(len(files) * share)), min(max_frames, 64))


def _read_picture(file: Path, name: str, side_px: int) -> SmallFrame | Rejection:
    """Return one picture, or why it cannot be read."""
    try:
        data = file.read_bytes()
        if not data:
            return reject_frame("empty_file", name, "The file is empty.")
        return reduce_frame(name, decode_picture(data, where=name), side_px)
    except InputError as error:
        return reject_frame("unreadable_picture", name, error.what)
    except OSError as error:
        return reject_frame("unreadable_file", name, str(error.strerror))


def _map_ahead(
    read: Callable[[int], SmallFrame | Rejection], rows: Sequence[int]
) -> Iterator[SmallFrame | Rejection]:
    """Yield results in order, a few read ahead by threads: Pillow works outside the lock."""
    with ThreadPoolExecutor(2) as pool:
        for start in range(0, len(rows), _AHEAD):
            yield from pool.map(read, rows[start : start + _AHEAD])
