"""A drive as a film or as a sheet of small pictures, for where there is no screen.

The cameras stand side by side; below them the time, the speed and what is under way.

Cost: a film holds one frame at a time, a sheet all of its small pictures.
"""

from collections.abc import Iterable, Iterator
from fractions import Fraction
from math import ceil
from pathlib import Path

import av
import numpy as np
from jaxtyping import UInt8
from PIL import Image, ImageDraw

from bessemer.core.errors import InputError
from bessemer.core.ids import StreamName
from bessemer.twin.play.replay import Play, ShownPicture, ShownState

Frame = UInt8[np.ndarray, "_ _ 3"]

TILE_PX = 320
"""Width of a picture on a sheet."""

_CAPTION_PX = 16
_GAP_PX = 4
_SPEED = "Vehicle.Speed"


def frames_of(play: Play) -> Iterator[Frame]:
    """Yield a frame for each picture of the first camera, all cameras side by side.

    Args:
        play: The drive.

    Yields:
        Frames of one size, with a caption.
    """
    latest: dict[StreamName, Frame] = {}
    pace = play.cameras[0].name
    t_ns, speed_kmh, events = 0, 0.0, tuple[str, ...]()
    for shown in play.shown:
        if isinstance(shown, ShownState):
            speed_kmh = dict(shown.signals or ()).get(_SPEED, speed_kmh)
            events = events if shown.events is None else shown.events
        elif isinstance(shown, ShownPicture):
            if shown.camera == pace and pace in latest:
                yield _frame(play, latest, _moment(t_ns, speed_kmh), events)
            if shown.camera == pace:
                t_ns = shown.t_ns
            latest[shown.camera] = shown.picture
    if pace in latest:
        yield _frame(play, latest, _moment(t_ns, speed_kmh), events)


def write_mp4(path: Path, frames: Iterable[Frame], rate_hz: float) -> int:
    """Write a film, H.264 in MP4, as browsers and phones play it.

    Args:
        path: The file; it is there once it is whole.
        frames: Of one size.
        rate_hz: Frames a second.

    Returns:
        How many frames it has.

    Raises:
        InputError: If there is no frame.
    """
    partial = path.with_name(f".{path.name}.partial")
    count = 0
    try:
        with av.open(str(partial), "w", format="mp4", options={"movflags": "faststart"}) as file:
            stream = None
            for frame in frames:
                even = frame[: frame.shape[0] // 2 * 2, : frame.shape[1] // 2 * 2]
                if stream is None:
                    rate = Fraction(rate_hz).limit_denominator(1000)
                    stream = file.add_stream("libx264", rate=rate)
                    stream.height, stream.width = even.shape[:2]
                    stream.pix_fmt = "yuv420p"
                    stream.options = {"crf": "20", "preset": "veryfast"}
                picture = av.VideoFrame.from_ndarray(np.ascontiguousarray(even), format="rgb24")
                file.mux(stream.encode(picture))
                count += 1
            if stream is None:
                raise InputError("The drive has no picture.", where=str(path))
            file.mux(stream.encode(None))
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
    return count


def sheet_of(
    frames: Iterable[Frame], *, tiles: int = 24, columns: int = 4, width_px: int = TILE_PX
) -> Frame:
    """Return one picture of many, evenly spaced over a drive.

    Args:
        frames: Of the drive.
        tiles: At most how many stand on the sheet.
        columns: How many in a row.
        width_px: Width of each; none is made larger.

    Returns:
        The sheet, row by row in order of time.

    Raises:
        InputError: If there is no frame.
    """
    small = [shrunk(frame, width_px) for frame in frames]
    if not small:
        raise InputError("The drive has no picture.", where="sheet")
    n = min(tiles, len(small))
    chosen = [small[round(i * (len(small) - 1) / max(1, n - 1))] for i in range(n)]
    height, width = small[0].shape[:2]
    rows, columns = ceil(n / columns), min(columns, n)
    sheet = np.full(
        (rows * (height + _GAP_PX) - _GAP_PX, columns * (width + _GAP_PX) - _GAP_PX, 3),
        255,
        np.uint8,
    )
    for i, tile in enumerate(chosen):
        top, left = i // columns * (height + _GAP_PX), i % columns * (width + _GAP_PX)
        sheet[top : top + height, left : left + width] = tile
    return sheet


def _frame(
    play: Play, latest: dict[StreamName, Frame], moment: str, events: tuple[str, ...]
) -> Frame:
    """Return the latest pictures of all cameras side by side, over a caption."""
    sizes = [(c.calibration.height_px, c.calibration.width_px) for c in play.cameras]
    height, width = max(h for h, _ in sizes), max(w for _, w in sizes)
    columns = ceil(len(sizes) ** 0.5) if len(sizes) != 6 else 3
    rows = ceil(len(sizes) / columns)
    frame = np.zeros((rows * height + _CAPTION_PX, columns * width, 3), np.uint8)
    for i, camera in enumerate(play.cameras):
        picture = latest.get(camera.name)
        if picture is None:
            continue
        top, left = i // columns * height, i % columns * width
        frame[top : top + picture.shape[0], left : left + picture.shape[1]] = picture
    image = Image.fromarray(frame)
    pen = ImageDraw.Draw(image)
    left, room = 4, image.width - 8
    captions = [f"{moment}  {said}" for said in _shorter_and_shorter(events)]
    caption = next((c for c in captions if pen.textlength(c) <= room), captions[-1])
    pen.text((left, rows * height + 2), caption, fill=(235, 235, 235))
    return np.array(image)


def _moment(t_ns: int, speed_kmh: float) -> str:
    return f"{t_ns / 1e9:5.1f} s  {speed_kmh:3.0f} km/h"


def _shorter_and_shorter(events: tuple[str, ...]) -> list[str]:
    """Return what is under way: all names first, then fewer and how many more there are."""
    fewer = [(*events[:n], f"{len(events) - n} more") for n in range(len(events) - 1, 0, -1)]
    return [", ".join(names) for names in (events, *fewer)]


def shrunk(frame: Frame, width_px: int = TILE_PX) -> Frame:
    """Return a frame no wider than asked; one that is not is left as it is."""
    height, width = frame.shape[:2]
    if width <= width_px:
        return frame
    size = (width_px, round(height * width_px / width))
    return np.array(Image.fromarray(frame).resize(size, Image.Resampling.BOX))
