"""Reads ``*.strip.png``: square frames side by side, as tall as the picture, 10 a second."""

import io
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image

from bessemer.core.arrivals import Arrival, Rejection
from bessemer.core.errors import InputError
from bessemer.core.ids import StreamName
from bessemer.core.records import (
    Clock,
    Codec,
    Recording,
    Segment,
    SegmentRef,
    Stream,
    StreamKind,
    Terms,
)
from bessemer.edge.decode import decode_picture

_PERIOD_NS = 100_000_000
_TERMS = Terms(licence="unknown", region="unknown")


class FilmstripReader:
    """A strip is a recording."""

    name = "filmstrips"

    def recognises(self, root: Path) -> bool:
        """Return whether ``root`` holds a strip."""
        return root.is_dir() and any(root.glob("*.strip.png"))

    def read(
        self, root: Path, terms: Terms | None = None, *, skip: frozenset[str] = frozenset()
    ) -> Iterator[Arrival | Rejection]:
        """Yield every strip by name, and those that are refused."""
        for path in sorted(root.glob("*.strip.png")):
            source = f"filmstrips/{path.name}"
            if source in skip:
                continue
            try:
                yield _arrival(source, _frames_of(path), terms or _TERMS)
            except InputError as error:
                yield Rejection(
                    stage="ingest",
                    reason="truncated_picture",
                    where=path.name,
                    detail=f"{error.what} {error.fix}",
                )


def _frames_of(path: Path) -> tuple[bytes, ...]:
    """Return the frames of a strip as PNG."""
    strip = decode_picture(path.read_bytes(), codec=Codec.PNG)
    height_px, width_px, _ = strip.shape
    if width_px % height_px:
        raise InputError("The strip is no whole number of squares.", fix="Cut it again.")
    return tuple(_encoded(frame) for frame in np.split(strip, width_px // height_px, axis=1))


def _encoded(frame: np.ndarray) -> bytes:
    """Return a picture as PNG."""
    sink = io.BytesIO()
    Image.fromarray(frame).save(sink, "PNG")
    return sink.getvalue()


def _arrival(source: str, packets: tuple[bytes, ...], terms: Terms) -> Arrival:
    """Return frames as a recording of one segment."""
    segment = Segment(
        codec=Codec.PNG,
        offsets_ns=tuple(index * _PERIOD_NS for index in range(len(packets))),
        packets=packets,
    )
    camera = Stream(name=StreamName("camera/front"), kind=StreamKind.CAMERA, clock=Clock.NOMINAL)
    end_ns = len(packets) * _PERIOD_NS
    ref = SegmentRef(
        stream=camera.name,
        segment_id=segment.segment_id,
        start_ns=0,
        end_ns=end_ns,
        n_frames=len(packets),
        size_bytes=segment.size_bytes,
    )
    recording = Recording(
        source=source, start_ns=0, end_ns=end_ns, streams=(camera,), segments=(ref,), terms=terms
    )
    return Arrival(recording=recording, segments=(segment,))
