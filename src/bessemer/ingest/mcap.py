"""MCAP files: what the twin, a ROS 2 machine or any user of Foxglove's schemas recorded.

One file is one recording on the file's own clock, the times at which messages were logged:

* a camera stream a topic of ``CompressedVideo`` (H.264 or AV1, kept as it is) or of compressed
  images, with the calibration of its frame;
* a stream ``pose``: the ego (``ego``, ``base_link``) in the outermost frame that it lies in;
* a stream a number of the JSON topic of signals, named by its way, such as ``Vehicle.Speed``;
* truth, if the file says that it is exact (the twin's do) or the reader is told so: classes of
  pixels on ``/truth/NAME/semantic`` and boxes on ``/scene``. What another's stack believed to see
  is not truth.

A file cut short, or damaged in the middle, gives what is whole. Nothing else is lost in silence:
channels that are not read, pictures without a key frame and the rest are counted with reasons;
topics that are understood and not kept stand in the attribute ``left_out``.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.ontology import Migration, Ontology
from bessemer.core.records import Attribute, StreamKind, Terms
from bessemer.ingest.assemble import arrival_of, recording_of
from bessemer.ingest.files import RefusedError, check_file, refuse, relative, walk_files
from bessemer.ingest.mcap_records import MAGIC, read_log
from bessemer.ingest.mcap_streams import place_all
from bessemer.ingest.mcap_take import Refusals, Taken, TooLargeError
from bessemer.ingest.mcap_truth import OBJECTS, SCENES, Meaning, truth_of
from bessemer.ingest.pictures import UNKNOWN_TERMS

SUFFIX: Final = ".mcap"

_MAX_FILE_BYTES = 1 << 40
_LOOK = 1_000
_TERMS = ("licence", "region", "retention_days")


@dataclass(frozen=True, kw_only=True)
class McapReader:
    """Reads MCAP files; a source is the name of the folder and the path in it.

    Attributes:
        signals: Topic of signals, messages of JSON.
        boxes: Topic of true boxes, messages of SceneUpdate.
        trusted: Whether boxes and masks are truth even where the file does not say so.
        scenes: Classes of true masks.
        objects: Classes of true boxes.
        renames: What classes of the file are called in ``scenes`` and ``objects``.
    """

    name = "mcap"

    signals: str = "/signals"
    boxes: str = "/scene"
    trusted: bool = False
    scenes: Ontology = SCENES
    objects: Ontology = OBJECTS
    renames: tuple[Migration, ...] = ()

    def recognises(self, root: Path) -> bool:
        """Return whether ``root`` is an MCAP, or a folder with one among its first files."""
        try:
            if root.is_file():
                with root.open("rb") as file:
                    return file.read(len(MAGIC)) == MAGIC
            found = islice(walk_files(root.resolve()), _LOOK) if root.is_dir() else ()
            return any(isinstance(p, Path) and p.suffix.lower() == SUFFIX for p in found)
        except (OSError, RuntimeError):
            return False

    def read(
        self, root: Path, terms: Terms | None = None, *, skip: frozenset[str] = frozenset()
    ) -> Iterator[Arrival | Rejection]:
        """Yield every file by path, and everything refused.

        Args:
            root: A folder, or one file.
            terms: Licence and region; None takes what a file says, else that both are unknown.
            skip: Sources that need not be read again.

        Yields:
            Recordings and rejections.
        """
        root = root.resolve()
        base = root if root.is_dir() else root.parent
        for found in walk_files(root) if root.is_dir() else (root,):
            if isinstance(found, Rejection):
                yield found
            elif found.suffix.lower() != SUFFIX and found != root:
                yield refuse("unlisted_file", relative(base, found), "It is no MCAP.")
            elif (source := f"{base.name}/{relative(base, found)}") not in skip:
                yield from self._read_file(base, found, source, terms)

    def _read_file(
        self, base: Path, path: Path, source: str, terms: Terms | None
    ) -> Iterator[Arrival | Rejection]:
        """Yield one file as a recording, and what was left out of it."""
        where = relative(base, path)
        refusals = Refusals(where)
        taken = Taken(
            signals=self.signals, boxes=self.boxes, trusted=self.trusted, refusals=refusals
        )
        try:
            for item in read_log(check_file(base, path, _MAX_FILE_BYTES)):
                taken.take(item)
        except RefusedError as refused:
            yield refused.rejection(where)
            return
        except TooLargeError as error:
            yield refuse("absurd_size", where, error.what)
            return
        streams, placed = place_all(taken)
        if not any(stream.kind is StreamKind.CAMERA for stream in streams):
            refusals.add("empty_recording", "", "No picture of the file could be taken.")
            yield from refusals.rejections()
            return
        recording = recording_of(
            source, streams, placed, terms or _terms_of(taken), _attributes_of(taken)
        )
        meaning = Meaning(scenes=self.scenes, objects=self.objects, renames=self.renames)
        truth = truth_of(recording, placed, taken, meaning)
        yield from refusals.rejections()
        yield arrival_of(recording, placed, truth)


def _terms_of(taken: Taken) -> Terms:
    """Return what a file says of its licence and region."""
    facts = taken.facts
    days = facts.get("retention_days", "0")
    return Terms(
        licence=facts.get("licence") or UNKNOWN_TERMS.licence,
        region=facts.get("region") or UNKNOWN_TERMS.region,
        retention_days=int(days) if days.isdecimal() else 0,
    )


def _attributes_of(taken: Taken) -> tuple[Attribute, ...]:
    """Return what a file says of the drive, and what was understood and not kept."""
    facts = {name: value for name, value in taken.facts.items() if name not in _TERMS}
    if taken.left_out:
        facts["left_out"] = ", ".join(sorted(taken.left_out))
    return tuple(Attribute(name=name, value=value) for name, value in sorted(facts.items()))
