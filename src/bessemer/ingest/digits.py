"""Handwritten digits that lie in scikit-learn's wheel: real data wherever the works are installed.

Source: Alpaydin and Kaynak, "Optical Recognition of Handwritten Digits", UCI 1998; 1,797 pictures
of 8x8 pixels and 17 levels. Each is a recording of one frame.
"""

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
from jaxtyping import UInt8
from PIL import Image

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.ids import TaskName
from bessemer.core.ontology import Ontology
from bessemer.core.records import Clock, Codec, Stream, StreamKind, Terms
from bessemer.ingest.assemble import (
    CAMERA,
    TimedPicture,
    arrival_of,
    class_truth,
    place_pictures,
    recording_of,
)

ONTOLOGY: Final = Ontology(
    task=TaskName("digits"),
    classes=("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
)
TERMS: Final = Terms(licence="CC-BY-4.0", region="unknown")

_PERIOD_NS = 33_333_333
_LEVELS = 16


class DigitsReader:
    """Reads the digits out of the installed wheel; the root is only a name, ``digits``."""

    name = "digits"

    def recognises(self, root: Path) -> bool:
        """Return whether ``root`` is the name ``digits`` and no folder of yours."""
        return root.name == self.name and not root.exists()

    def read(
        self, root: Path, terms: Terms | None = None, *, skip: frozenset[str] = frozenset()
    ) -> Iterator[Arrival | Rejection]:
        """Yield every digit in the wheel's order.

        Args:
            root: Not used.
            terms: Licence and region; None takes the data set's own.
            skip: Sources that need not be read again.

        Yields:
            A recording a digit.
        """
        from sklearn.datasets import load_digits

        found = load_digits()
        levels = np.asarray(found.images)
        for index, (picture, digit) in enumerate(zip(levels, found.target, strict=True)):
            source = f"{self.name}/{index:04d}"
            if source not in skip:
                grey = (picture * (255 / _LEVELS)).round().astype(np.uint8)
                yield _arrival(source, grey, ONTOLOGY.classes[int(digit)], terms or TERMS)


def _arrival(source: str, grey: UInt8[np.ndarray, "h w"], class_name: str, terms: Terms) -> Arrival:
    """Return one digit as a recording of one frame."""
    encoded = io.BytesIO()
    # Stored, not deflated: the bytes, hence the address, then depend on no version of zlib.
    Image.fromarray(grey).save(encoded, "PNG", compress_level=0)
    picture = TimedPicture(t_ns=0, codec=Codec.PNG, data=encoded.getvalue())
    placed = place_pictures(CAMERA, [picture], _PERIOD_NS)
    camera = Stream(name=CAMERA, kind=StreamKind.CAMERA, clock=Clock.NOMINAL)
    recording = recording_of(source, (camera,), placed, terms)
    truth = class_truth(recording, ONTOLOGY, class_name, source.rpartition("/")[2])
    return arrival_of(recording, placed, (truth,))
