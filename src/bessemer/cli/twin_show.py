"""Shows a drive: as a film, as a sheet of pictures, as a file for the viewer."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from bessemer.cli.story import ConsoleStory
from bessemer.core.errors import InputError
from bessemer.core.progress import Progress
from bessemer.twin.play.film import Frame, frames_of, sheet_of, shrunk, write_mp4
from bessemer.twin.play.replay import Play, Shown
from bessemer.twin.scenario import EventCall, Scenario

if TYPE_CHECKING:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Outputs:
    """Which files to write; None for not.

    Attributes:
        mp4: A film.
        sheet: Pictures of the drive on one page.
        rrd: For the rerun viewer.
        opens: Whether to open the viewer afterwards.
    """

    mp4: Path | None = None
    sheet: Path | None = None
    rrd: Path | None = None
    opens: bool = False


def call_of(text: str, at_s: float = 1.0) -> EventCall:
    """Return the event that a word of the command line asks for.

    Args:
        text: ``NAME``, or ``NAME@SECONDS``.
        at_s: When, if it does not say.

    Returns:
        The event.

    Raises:
        InputError: If the time is no number.

    Example:
        >>> call_of("cut_in@4.5").at_s, call_of("cut_in").at_s
        (4.5, 1.0)
    """
    name, _, when = text.partition("@")
    try:
        return EventCall(name=name, at_s=float(when) if when else at_s)
    except ValueError:
        raise InputError(
            f"{when!r} is no time in seconds.", where=f"--event {text}", fix="Write NAME@4.5."
        ) from None


def show_play(make: Callable[[], Play], outputs: Outputs) -> dict[str, object]:
    """Write a drive as asked, and return what was written, as JSON has it.

    Args:
        make: Gives the drive; asked once for films and sheets, once for the viewer.
        outputs: What to write.

    Returns:
        Paths and counts.
    """
    told: dict[str, object] = {}
    story = ConsoleStory()
    if outputs.mp4 or outputs.sheet:
        with story.bar("film, s") as progress:
            told |= _write_films(_watched(make(), progress), outputs)
    if outputs.rrd:
        from bessemer.twin.play.rerun import open_viewer, write_rrd

        with story.bar("3D, s") as progress:
            pictures = write_rrd(outputs.rrd, _watched(make(), progress))
        told |= {"rrd": str(outputs.rrd), "pictures": pictures}
        if outputs.opens:
            open_viewer(outputs.rrd)
    return told


def told_of_cut(path: Path) -> str:
    """Return what is to be said of a recorded drive of which something lacks.

    Args:
        path: An MCAP file.

    Returns:
        One line; empty where the file is whole.
    """
    from bessemer.ingest.mcap_records import Gap, Logged, read_log

    times: list[int] = []
    lacks: list[str] = []
    for item in read_log(path):
        if isinstance(item, Logged):
            times.append(item.t_ns)
        elif isinstance(item, Gap):
            lacks.append(item.reason)
    if not lacks:
        return ""
    whole_s = (max(times) - min(times)) / 1e9 if times else 0.0
    how = "cut short" if set(lacks) == {"truncated_log"} else "damaged"
    return f"{path}: {how}; shown are the {whole_s:.1f} s that were whole"


def show_live(scenario: Scenario, seed: int, outputs: Outputs) -> dict[str, object]:
    """Drive, show it as asked, and return what was written and what happened.

    Args:
        scenario: What is driven.
        seed: Of the drive.
        outputs: What to write; the viewer's file costs another drive.

    Returns:
        Paths, counts, and events.
    """
    from bessemer.twin.events.catalogue import check_calls
    from bessemer.twin.play.replay import live_play
    from bessemer.twin.world import DrivingWorld

    check_calls(scenario.events, option="--event")
    world = DrivingWorld()
    try:
        told = show_play(lambda: live_play(world, seed, scenario), outputs)
        waiting = [call.name for call in world.director.waiting()]
        told["events"] = [event.name for event in world.director.happened()]
        told["not_begun"] = waiting
    finally:
        world.close()
    if waiting:
        ConsoleStory().say(
            f"Found no place on this drive: {', '.join(waiting)}. "
            "Take another seed or network; `bessemer twin events` says where each fits."
        )
    return told


def _watched(play: Play, progress: Progress) -> Play:
    """Return a drive that says how far it is."""

    def shown() -> Iterator[Shown]:
        for item in play.shown:
            progress(int(item.t_ns / 1e9), 0)
            yield item

    return replace(play, shown=shown())


def _write_films(play: Play, outputs: Outputs) -> dict[str, object]:
    from PIL import Image

    small: list[Frame] = []

    def kept() -> Iterator[Frame]:
        for frame in frames_of(play):
            if outputs.sheet:
                small.append(shrunk(frame))
            yield frame

    told: dict[str, object] = {}
    if outputs.mp4:
        told |= {"mp4": str(outputs.mp4), "frames": write_mp4(outputs.mp4, kept(), play.rate_hz)}
    else:
        for _ in kept():
            pass
    if outputs.sheet:
        Image.fromarray(sheet_of(small)).save(outputs.sheet)
        told |= {"sheet": str(outputs.sheet)}
    return told
