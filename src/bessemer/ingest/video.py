"""A video file, or a folder of them, each with an optional table of signals beside it.

H.264 and AV1 are not encoded again where that can be avoided: each group of pictures becomes a
segment of access units that decodes alone, and is decoded once to prove it. Other codecs, and
groups that lean on their neighbours, are encoded to H.264 with fixed settings and one thread.
Time 0 is the first frame. Sound is left out, and the recording says so.
"""

from collections.abc import Generator, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.records import Stream, Terms
from bessemer.ingest.assemble import CAMERA, Placed, arrival_of, place_segment, recording_of
from bessemer.ingest.files import RefusedError, check_file, refuse, relative, walk_files
from bessemer.ingest.pictures import MAX_RECORDING_BYTES, UNKNOWN_TERMS
from bessemer.ingest.telemetry import read_telemetry
from bessemer.ingest.transcode import encode_groups
from bessemer.ingest.video_file import Footage, LeaningError, copy_groups

SUFFIXES: Final = frozenset(
    {".mp4", ".m4v", ".mov", ".mkv", ".webm", ".avi", ".ts", ".mpg", ".mpeg", ".h264", ".ivf"}
)
_LOOK = 1_000


class VideoReader:
    """Reads videos; a source is the name of the folder and the path in it, ``drives/a/1.mp4``."""

    name = "video"

    def recognises(self, root: Path) -> bool:
        """Return whether ``root`` is a video, or a folder that has one among its first files."""
        try:
            if root.is_file():
                return root.suffix.lower() in SUFFIXES
            found = islice(walk_files(root.resolve()), _LOOK) if root.is_dir() else ()
            return any(isinstance(p, Path) and p.suffix.lower() in SUFFIXES for p in found)
        except (OSError, RuntimeError):
            return False

    def read(
        self, root: Path, terms: Terms | None = None, *, skip: frozenset[str] = frozenset()
    ) -> Iterator[Arrival | Rejection]:
        """Yield every video by path, and everything refused.

        Args:
            root: A folder, or one video.
            terms: Licence and region; None says that both are unknown.
            skip: Sources that need not be read again.

        Yields:
            Recordings and rejections.
        """
        root = root.resolve()
        base = root if root.is_dir() else root.parent
        videos: list[Path] = []
        others: list[Path] = []
        for found in walk_files(root) if root.is_dir() else (root,):
            if isinstance(found, Rejection):
                yield found
            else:
                (videos if found.suffix.lower() in SUFFIXES else others).append(found)
        tables = {path.with_suffix(".csv") for path in videos}
        for path in others:
            if path not in tables:
                yield refuse(
                    "unlisted_file", relative(base, path), "It is no video, nor beside one."
                )
        for path in videos:
            source = f"{base.name}/{relative(base, path)}"
            if source not in skip:
                yield from _read_video(base, path, source, terms or UNKNOWN_TERMS)


def _read_video(base: Path, path: Path, source: str, terms: Terms) -> Iterator[Arrival | Rejection]:
    """Yield one video as a recording."""
    where = relative(base, path)
    try:
        check_file(base, path, MAX_RECORDING_BYTES)
        with Footage(path) as footage:
            camera, attributes = footage.stream(CAMERA), footage.facts()
            placed = yield from _read_groups(footage, path, where)
    except RefusedError as refused:
        yield refused.rejection(where)
        return
    if not placed:
        yield refuse("empty_recording", where, "No frame of the video could be taken.")
        return
    streams: list[Stream] = [camera]
    table = path.with_suffix(".csv")
    if table.exists():
        for item in read_telemetry(base, table, placed[-1].ref.end_ns):
            if isinstance(item, Rejection):
                yield item
            elif item[0].name == CAMERA:
                yield refuse("bad_column", where, f"A signal cannot be named {CAMERA}.")
            else:
                streams.append(item[0])
                placed += item[1]
    recording = recording_of(source, streams, placed, terms, attributes)
    yield arrival_of(recording, placed)


def _read_groups(
    footage: Footage, path: Path, where: str
) -> Generator[Rejection, None, list[Placed]]:
    """Yield the damage of a video, and return its segments: copied, or else encoded again."""
    damage: list[Rejection] = []
    placed: list[Placed] = []
    try:
        for group in copy_groups(footage, where):
            if isinstance(group, Rejection):
                damage.append(group)
            else:
                placed.append(place_segment(CAMERA, group.segment, group.start_ns, group.end_ns))
    except LeaningError:
        damage, placed = [], []
        with Footage(path) as again:
            for group in encode_groups(again, where):
                if isinstance(group, Rejection):
                    damage.append(group)
                else:
                    placed.append(
                        place_segment(CAMERA, group.segment, group.start_ns, group.end_ns)
                    )
    yield from damage
    return placed
