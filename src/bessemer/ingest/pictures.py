"""A folder of pictures, with or without classes beside them.

Each picture is a recording of one frame, unless the reader has ``sequence=True``: then each folder
is one recording, its pictures in the order of the numbers in their names, on a nominal clock. A
``labels.csv`` in the root, with the columns ``path`` and ``class``, gives the truth of the task
``classes``; a path names a picture, or in a sequence its folder.

A source is the archive's folder name and the path within it, ``holiday/beach/1.jpg``; so take in
two archives of one name after renaming one of them.
"""

import re
from collections import defaultdict
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.errors import InputError
from bessemer.core.ids import TaskName
from bessemer.core.ontology import Ontology
from bessemer.core.records import Clock, Stream, StreamKind, Terms
from bessemer.ingest.assemble import (
    CAMERA,
    TimedPicture,
    arrival_of,
    class_truth,
    place_pictures,
    recording_of,
)
from bessemer.ingest.files import (
    RefusedError,
    inside,
    read_picture,
    read_table,
    refuse,
    relative,
    walk_files,
)

TASK: Final = TaskName("classes")
LABELS: Final = "labels.csv"
SUFFIXES: Final = frozenset({".jpg", ".jpeg", ".png", ".ppm", ".pgm"})
MAX_RECORDING_BYTES: Final = 1 << 30
UNKNOWN_TERMS: Final = Terms(licence="unknown", region="unknown")

_LOOK = 1_000
"""How many files are looked at before a folder counts as unknown."""


class _Labels(NamedTuple):
    """What ``labels.csv`` says: the classes, and the class of each path."""

    ontology: Ontology | None
    class_by_path: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class PicturesReader:
    """Reads any folder of pictures.

    Attributes:
        sequence: Whether a folder is one recording, not each picture.
        rate_hz: Nominal rate of a sequence.
        ontology: The classes that labels may name; None takes those that they do name, sorted.
    """

    name = "pictures"

    sequence: bool = False
    rate_hz: int = 30
    ontology: Ontology | None = None

    def __post_init__(self) -> None:
        """Check the rate."""
        if not 1 <= self.rate_hz <= 1_000_000_000:
            raise InputError(
                f"A rate is 1 to 1,000,000,000 Hz, not {self.rate_hz}.", where="PicturesReader"
            )

    def recognises(self, root: Path) -> bool:
        """Return whether ``root`` is a picture, or a folder that has one among its first files."""
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
        """Yield every recording by path, and everything refused.

        Args:
            root: A folder, or one picture.
            terms: Licence and region; None says that both are unknown.
            skip: Sources that need not be read again.

        Yields:
            Recordings and rejections.
        """
        root = root.resolve()
        base = root if root.is_dir() else root.parent
        labels = _Labels(self.ontology, {})
        groups: defaultdict[str, list[Path]] = defaultdict(list)
        for found in walk_files(root) if root.is_dir() else (root,):
            if isinstance(found, Rejection):
                yield found
            elif found != root / LABELS:
                place = relative(base, found.parent if self.sequence else found)
                groups[place].append(found)
        if root.is_dir() and (root / LABELS).exists():
            labels = yield from self._read_labels(root)
        for place in sorted(groups, key=lambda place: place.split("/")):
            source = base.name if place == "." else f"{base.name}/{place}"
            if source not in skip:
                yield from self._read_group(base, place, source, groups[place], terms, labels)
        for path in sorted(labels.class_by_path.keys() - groups.keys()):
            yield refuse("missing_file", f"{LABELS}: {path}", "A label names what is not there.")

    def _read_group(
        self,
        base: Path,
        place: str,
        source: str,
        paths: Sequence[Path],
        terms: Terms | None,
        labels: _Labels,
    ) -> Iterator[Arrival | Rejection]:
        """Yield one recording, without the pictures that are refused."""
        size_bytes = sum(path.stat().st_size for path in paths if path.is_file())
        if size_bytes > MAX_RECORDING_BYTES:
            detail = f"A recording of {size_bytes} bytes does not fit. Spread it over folders."
            yield refuse("absurd_size", place, detail)
            return
        pictures = []
        period_ns = 1_000_000_000 // self.rate_hz
        for index, path in enumerate(sorted(paths, key=_by_numbers)):
            try:
                found = read_picture(base, path)
            except RefusedError as refused:
                yield refused.rejection(relative(base, path))
                continue
            t_ns = index * period_ns
            pictures.append(TimedPicture(t_ns=t_ns, codec=found.codec, data=found.data))
        if not pictures:
            if self.sequence:
                yield refuse("empty_recording", place, "No picture of the folder could be taken.")
            return
        placed = place_pictures(CAMERA, pictures, period_ns)
        camera = Stream(name=CAMERA, kind=StreamKind.CAMERA, clock=Clock.NOMINAL)
        recording = recording_of(source, (camera,), placed, terms or UNKNOWN_TERMS)
        class_name = labels.class_by_path.get(place)
        truth = []
        if labels.ontology is not None and class_name is not None:
            truth = [class_truth(recording, labels.ontology, class_name, place)]
        yield arrival_of(recording, placed, truth)

    def _read_labels(self, root: Path) -> Generator[Rejection, None, _Labels]:
        """Yield the rows refused, and return the rest."""
        class_by_path: dict[str, str] = {}
        known = self.ontology and (*self.ontology.classes, *self.ontology.ignored)
        try:
            for row in read_table(root, root / LABELS, ("path", "class")):
                if isinstance(row, Rejection):
                    yield row
                    continue
                try:
                    path, class_name = row.cells["path"], row.cells["class"].strip()
                    inside(root, path)
                    if not class_name:
                        raise RefusedError("bad_row", "The class is empty.")
                    if known and class_name not in known:
                        raise RefusedError("unknown_class", f"There is no class {class_name!r}.")
                    if path in class_by_path:
                        raise RefusedError("duplicate_row", f"{path} is labelled a second time.")
                    class_by_path[path] = class_name
                except RefusedError as refused:
                    yield refused.rejection(f"{LABELS}:{row.line}")
        except RefusedError as refused:
            yield refused.rejection(LABELS)
        ontology = self.ontology
        if ontology is None and class_by_path:
            classes = tuple(sorted(set(class_by_path.values())))
            ontology = Ontology(task=TASK, classes=classes)
        return _Labels(ontology, class_by_path)


def _by_numbers(path: Path) -> list[tuple[int, str]]:
    """Return a key that puts ``2.jpg`` before ``10.jpg``."""
    parts = re.split(r"([0-9]+)", path.name)
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in parts]
