"""The German Traffic Sign Recognition Benchmark in its official layout; a track is a recording.

Source: Stallkamp et al., "Man vs. computer: Benchmarking machine learning algorithms for traffic
sign recognition", Neural Networks 2012. A track is up to 30 crops of one physical sign, nearing.
Its clock is nominal: the benchmark gives the order of frames, not their times.

Copies exist whose pictures were all scaled to one size while their tables kept the sizes of the
originals. Such a copy is taken, each frame held to the one size instead of to its row, and each of
its recordings carries the attribute ``resampled_px``, so that nobody takes it for the original.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from PIL import Image

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.ids import TaskName
from bessemer.core.ontology import Ontology
from bessemer.core.records import Attribute, Clock, Codec, Stream, StreamKind, Terms
from bessemer.ingest.assemble import (
    CAMERA,
    TimedPicture,
    arrival_of,
    class_truth,
    place_pictures,
    recording_of,
)
from bessemer.ingest.files import (
    PictureFile,
    RefusedError,
    Row,
    inside,
    read_picture,
    read_table,
    refuse,
    relative,
)

ONTOLOGY: Final = Ontology(
    task=TaskName("signs"),
    classes=(
        "speed_limit_20",
        "speed_limit_30",
        "speed_limit_50",
        "speed_limit_60",
        "speed_limit_70",
        "speed_limit_80",
        "end_of_speed_limit_80",
        "speed_limit_100",
        "speed_limit_120",
        "no_passing",
        "no_passing_for_trucks",
        "right_of_way_at_next_crossing",
        "priority_road",
        "give_way",
        "stop",
        "no_vehicles",
        "no_trucks",
        "no_entry",
        "general_danger",
        "curve_left",
        "curve_right",
        "double_curve",
        "bumpy_road",
        "slippery_road",
        "road_narrows_right",
        "road_works",
        "traffic_signals",
        "pedestrians",
        "children",
        "bicycles",
        "ice_or_snow",
        "wild_animals",
        "end_of_all_limits",
        "turn_right_ahead",
        "turn_left_ahead",
        "straight_ahead",
        "straight_or_right",
        "straight_or_left",
        "keep_right",
        "keep_left",
        "roundabout",
        "end_of_no_passing",
        "end_of_no_passing_for_trucks",
    ),
)

TERMS: Final = Terms(licence="GTSRB-research", region="DE")
PERIOD_NS: Final = 33_333_333

_COLUMNS = ("Filename", "Width", "Height", "Roi.X1", "Roi.Y1", "Roi.X2", "Roi.Y2", "ClassId")
_FOLDER = re.compile(r"\d{5}")
_FILE = re.compile(r"(?P<track>\d{5})_(?P<frame>\d{5})\.ppm")
_MIN_PROBES = 10
_ALIKE_FRAC = 0.9
"""Sizes of original crops vary: so many alike do not happen, and a few bad files do."""
_PLACES = ("", "Images", "Final_Training/Images", "GTSRB/Final_Training/Images")


class _Listed(NamedTuple):
    """A row that passed: a file, the frame it is of its track, and the size it claims."""

    frame: int
    name: str
    width_px: int
    height_px: int


class _Archive(NamedTuple):
    """The folder of classes, its terms, and the one size of its pictures if it was resampled."""

    images: Path
    terms: Terms
    resampled_px: tuple[int, int] | None


class GtsrbReader:
    """Reads ``Images/00000/00000_00000.ppm`` beside ``Images/00000/GT-00000.csv``.

    The root may be the folder of the classes or one of those above it.
    """

    name = "gtsrb"

    def recognises(self, root: Path) -> bool:
        """Return whether folders of classes lie at or below ``root``."""
        return _images_below(root) is not None

    def read(
        self, root: Path, terms: Terms | None = None, *, skip: frozenset[str] = frozenset()
    ) -> Iterator[Arrival | Rejection]:
        """Yield every track by class and number, and every file and row refused.

        Args:
            root: The archive.
            terms: Licence and region; None takes the benchmark's own.
            skip: Sources that need not be read again.

        Yields:
            A recording a track, a rejection a thing refused.
        """
        images = _images_below(root)
        if images is None:
            yield refuse("unknown_layout", root.name, "There are no folders 00000, 00001, ...")
            return
        archive = _Archive(images, terms or TERMS, _common_size(images))
        for folder in sorted(images.iterdir()):
            if _FOLDER.fullmatch(folder.name) and folder.is_dir() and not folder.is_symlink():
                yield from self._read_class(archive, folder, skip)
            else:
                where = relative(images, folder)
                yield refuse("unlisted_file", where, "It belongs to no class folder.")

    def _read_class(
        self, archive: _Archive, folder: Path, skip: frozenset[str]
    ) -> Iterator[Arrival | Rejection]:
        """Yield the tracks of one class."""
        images = archive.images
        if int(folder.name) >= len(ONTOLOGY.classes):
            yield refuse("unknown_class", folder.name, "The benchmark has classes 00000 to 00042.")
            return
        table = folder / f"GT-{folder.name}.csv"
        tracks: defaultdict[str, list[_Listed]] = defaultdict(list)
        seen: set[str] = {table.name}
        try:
            for row in read_table(images, table, _COLUMNS, ";"):
                if isinstance(row, Rejection):
                    yield row
                    continue
                try:
                    track, listed = _check_row(folder, row, seen)
                    tracks[track].append(listed)
                except RefusedError as refused:
                    yield refused.rejection(f"{relative(images, table)}:{row.line}")
        except RefusedError as refused:
            yield refused.rejection(relative(images, table))
        for path in sorted(folder.iterdir()):
            if path.name not in seen:
                yield refuse("unlisted_file", relative(images, path), "No row names this file.")
        for track, listed_frames in sorted(tracks.items()):
            source = f"gtsrb/{folder.name}/{track}"
            if source not in skip:
                yield from _read_track(archive, folder, source, sorted(listed_frames))


def _check_row(folder: Path, row: Row, seen: set[str]) -> tuple[str, _Listed]:
    """Return a row's track and what it lists, noting its file as seen; refuse a wrong row."""
    name = row.cells["Filename"]
    inside(folder, name)
    if name in seen:
        raise RefusedError("duplicate_row", f"{name} is listed a second time.")
    match = _FILE.fullmatch(name)
    if match is None:
        raise RefusedError("bad_row", f"{name!r} is not TRACK_FRAME.ppm of five digits each.")
    seen.add(name)
    try:
        numbers = [int(row.cells[column]) for column in _COLUMNS[1:]]
    except ValueError as error:
        raise RefusedError("bad_row", f"A number is none: {error}.") from error
    width_px, height_px, x0_px, y0_px, x1_px, y1_px, class_id = numbers
    if not 0 <= class_id < len(ONTOLOGY.classes):
        raise RefusedError("unknown_class", f"There is no class {class_id}; there are 0 to 42.")
    if class_id != int(folder.name):
        raise RefusedError("class_mismatch", f"Class {class_id} stands in folder {folder.name}.")
    if not (0 <= x0_px <= x1_px < width_px and 0 <= y0_px <= y1_px < height_px):
        raise RefusedError(
            "roi_outside",
            f"The region {x0_px},{y0_px} to {x1_px},{y1_px} leaves {width_px}x{height_px}.",
        )
    return match["track"], _Listed(int(match["frame"]), name, width_px, height_px)


def _read_track(
    archive: _Archive, folder: Path, source: str, listed_frames: list[_Listed]
) -> Iterator[Arrival | Rejection]:
    """Yield one track, without the frames that are refused."""
    pictures = []
    for listed in listed_frames:
        path = folder / listed.name
        try:
            picture = _read_frame(archive, path, listed)
        except RefusedError as refused:
            yield refused.rejection(relative(archive.images, path))
            continue
        t_ns = listed.frame * PERIOD_NS
        pictures.append(TimedPicture(t_ns=t_ns, codec=picture.codec, data=picture.data))
    if not pictures:
        yield refuse("empty_recording", source, "No frame of the track could be taken.")
        return
    placed = place_pictures(CAMERA, pictures, PERIOD_NS)
    camera = Stream(name=CAMERA, kind=StreamKind.CAMERA, clock=Clock.NOMINAL)
    recording = recording_of(source, (camera,), placed, archive.terms, _facts_of(archive))
    class_name = ONTOLOGY.classes[int(folder.name)]
    truth = class_truth(recording, ONTOLOGY, class_name, source.rpartition("/")[2])
    yield arrival_of(recording, placed, (truth,))


def _read_frame(archive: _Archive, path: Path, listed: _Listed) -> PictureFile:
    """Return a frame's picture; refuse one that has not the size it should have."""
    picture = read_picture(archive.images, path)
    if picture.codec is not Codec.PPM:
        raise RefusedError("not_a_picture", "It is no PPM, whatever its name says.")
    expected = archive.resampled_px or (listed.width_px, listed.height_px)
    if (picture.width_px, picture.height_px) != expected:
        told = "the whole archive has" if archive.resampled_px else "its row says"
        raise RefusedError(
            "size_mismatch",
            f"The picture is {picture.width_px}x{picture.height_px}, "
            f"{told} {expected[0]}x{expected[1]}.",
        )
    return picture


def _common_size(images: Path) -> tuple[int, int] | None:
    """Return the one width and height that nearly all pictures of an archive have, if they do."""
    sizes: Counter[tuple[int, int]] = Counter()
    for folder in sorted(images.iterdir()):
        names = sorted(folder.glob("*.ppm"))
        for path in names[:: max(1, len(names) // 3)]:
            try:
                with Image.open(path, formats=("PPM",)) as picture:
                    sizes[picture.size] += 1
            except (OSError, ValueError, Image.DecompressionBombError):
                continue
    if sizes.total() < _MIN_PROBES:
        return None
    ((size, count),) = sizes.most_common(1)
    return size if count >= _ALIKE_FRAC * sizes.total() else None


def _facts_of(archive: _Archive) -> tuple[Attribute, ...]:
    """Return what is known of every recording of an archive."""
    if archive.resampled_px is None:
        return ()
    width_px, height_px = archive.resampled_px
    return (Attribute(name="resampled_px", value=f"{width_px}x{height_px}"),)


def _images_below(root: Path) -> Path | None:
    """Return the resolved folder of class folders at or below ``root``."""
    try:
        for place in _PLACES:
            images = (root / place).resolve()
            if images.is_dir() and any(_FOLDER.fullmatch(p.name) for p in images.iterdir()):
                return images
    except (OSError, RuntimeError):
        return None
    return None
