"""CamVid in the layout of SegNet's copy: frames in ``train``, answers in ``trainannot``.

Source: Brostow, Fauqueur, Cipolla, "Semantic object classes in video: a high-definition ground
truth database", Pattern Recognition Letters 2009. A file's prefix names the drive and its number
the video's frame, 30 a second. The folders ``train``, ``val`` and ``test`` deal frames of one
drive to both sides; here a drive is one recording whichever folders its frames lie in, so that no
split can cut through it.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.errors import InputError
from bessemer.core.ids import ElementId, TaskName
from bessemer.core.labels import Coverage, Elements, LabelRevision, Mask, Span
from bessemer.core.ontology import Ontology
from bessemer.core.records import Recording, Stream, StreamKind, Stretch, Terms
from bessemer.ingest.assemble import (
    ARCHIVE,
    CAMERA,
    TimedPicture,
    arrival_of,
    place_pictures,
    recording_of,
)
from bessemer.ingest.files import (
    PictureFile,
    RefusedError,
    read_picture,
    refuse,
    relative,
)
from bessemer.tasks.segment import UNSAID, read_mask, write_mask

ONTOLOGY: Final = Ontology(
    task=TaskName("scenes"),
    classes=(
        "sky",
        "building",
        "pole",
        "road",
        "pavement",
        "tree",
        "sign",
        "fence",
        "car",
        "pedestrian",
        "bicyclist",
    ),
    ignored=("void",),
)
TERMS: Final = Terms(licence="CamVid-academic", region="GB")
PERIOD_NS: Final = 33_333_333

_FRAMES_PER_S = 30
_PARTS = ("train", "val", "test")
_VOID = 11
_FILE = re.compile(r"(?P<drive>[0-9A-Za-z]+)_f?(?P<frame>\d{1,9})\.(?:jpg|jpeg|png)")


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class _Found:
    """A frame's file: its number in the drive, and where it and its answer should lie."""

    number: int
    path: Path
    mask_path: Path

    @property
    def t_ns(self) -> int:
        """When it was taken, since the drive's video began."""
        return self.number * 1_000_000_000 // _FRAMES_PER_S


class CamvidReader:
    """Reads drives of CamVid, each frame with its dense answer where there is one."""

    name = "camvid"

    def recognises(self, root: Path) -> bool:
        """Return whether ``root`` has a folder of frames beside one of answers."""
        try:
            return any((root / p).is_dir() and (root / f"{p}annot").is_dir() for p in _PARTS)
        except OSError:
            return False

    def read(
        self, root: Path, terms: Terms | None = None, *, skip: frozenset[str] = frozenset()
    ) -> Iterator[Arrival | Rejection]:
        """Yield every drive by name, and every file refused.

        A frame whose answer is missing or wrong goes in without it, and that is noted.

        Args:
            root: The folder that holds ``train`` and ``trainannot``.
            terms: Licence and region; None takes the data set's own.
            skip: Sources that need not be read again.

        Yields:
            A recording a drive, a rejection a thing refused.
        """
        root = root.resolve()
        if not self.recognises(root):
            yield refuse("unknown_layout", root.name, "There is no train beside a trainannot.")
            return
        drives: defaultdict[str, list[_Found]] = defaultdict(list)
        for item in _find_frames(root):
            if isinstance(item, Rejection):
                yield item
            else:
                drives[item[0]].append(item[1])
        for drive, found in sorted(drives.items()):
            if (source := f"camvid/{drive}") not in skip:
                yield from _read_drive(root, source, sorted(found), terms or TERMS)


def _find_frames(root: Path) -> Iterator[tuple[str, _Found] | Rejection]:
    """Yield every frame's drive and files, and every file that is neither frame nor answer."""
    for part in _PARTS:
        folder, answers = root / part, root / f"{part}annot"
        if not folder.is_dir():
            continue
        stems = set()
        for path in sorted(folder.iterdir()):
            match = _FILE.fullmatch(path.name)
            if match is None:
                detail = "A frame is named DRIVE_NUMBER.jpg."
                yield refuse("bad_name", relative(root, path), detail)
                continue
            stems.add(path.stem)
            mask_path = answers / f"{path.stem}.png"
            number = int(match["frame"])
            yield match["drive"], _Found(number=number, path=path, mask_path=mask_path)
        for path in sorted(answers.iterdir()) if answers.is_dir() else ():
            if path.suffix != ".png" or path.stem not in stems:
                yield refuse("unlisted_file", relative(root, path), "No frame has this answer.")


def _read_drive(
    root: Path, source: str, found: list[_Found], terms: Terms
) -> Iterator[Arrival | Rejection]:
    """Yield one drive, without what is refused."""
    pictures: list[TimedPicture] = []
    answers: list[tuple[int, bytes]] = []
    taken: set[int] = set()
    for frame in found:
        where = relative(root, frame.path)
        try:
            if frame.number in taken:
                raise RefusedError("duplicate_frame", f"The drive has frame {frame.number} twice.")
            picture = read_picture(root, frame.path)
        except RefusedError as refused:
            yield refused.rejection(where)
            continue
        taken.add(frame.number)
        pictures.append(TimedPicture(t_ns=frame.t_ns, codec=picture.codec, data=picture.data))
        try:
            answers.append((frame.t_ns, _read_answer(root, frame.mask_path, picture)))
        except RefusedError as refused:
            yield refused.rejection(relative(root, frame.mask_path))
    if not pictures:
        yield refuse("empty_recording", source, "No frame of the drive could be taken.")
        return
    placed = place_pictures(CAMERA, pictures, PERIOD_NS)
    recording = recording_of(source, (Stream(name=CAMERA, kind=StreamKind.CAMERA),), placed, terms)
    yield arrival_of(recording, placed, [_truth(recording, *answer) for answer in answers])


def _read_answer(root: Path, path: Path, picture: PictureFile) -> bytes:
    """Return a dense answer as PNG, 255 where it says void; refuse one that does not fit."""
    try:
        ids = read_mask(read_picture(root, path).data)
    except RefusedError:
        raise
    except InputError as error:
        raise RefusedError("not_a_mask", error.what, "Save it with one channel.") from error
    if ids.shape != (picture.height_px, picture.width_px):
        raise RefusedError(
            "size_mismatch",
            f"The answer is {ids.shape[1]}x{ids.shape[0]}, its frame "
            f"{picture.width_px}x{picture.height_px}. The frame goes in without it.",
        )
    if int(ids.max()) > _VOID:
        raise RefusedError(
            "unknown_class",
            f"There is no class {int(ids.max())}; there are 0 to {_VOID}. "
            "The frame goes in without its answer.",
        )
    return write_mask(np.where(ids == _VOID, UNSAID, ids).astype(np.uint8))


def _truth(recording: Recording, t_ns: int, png: bytes) -> LabelRevision:
    """Return the answer to one frame: it covers that frame's instant and nothing else."""
    unit = Stretch(recording_id=recording.recording_id, start_ns=t_ns, end_ns=t_ns + PERIOD_NS)
    mask = Mask(element_id=ElementId("scene"), stream=CAMERA, t_ns=t_ns, png=png)
    return LabelRevision(
        unit=unit,
        task=ONTOLOGY.task,
        ontology_id=ONTOLOGY.ontology_id,
        author=ARCHIVE,
        coverage=Coverage(
            streams=(CAMERA,), spans=(Span(start_ns=unit.start_ns, end_ns=unit.end_ns),)
        ),
        elements=Elements(masks=(mask,)),
    )
