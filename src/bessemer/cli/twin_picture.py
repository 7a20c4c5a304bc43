"""Takes one picture of a drive, with its truth if asked; and all pictures of the docs."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from bessemer.cli.story import ConsoleStory
from bessemer.core.errors import InputError, NotFoundError
from bessemer.twin.play.film import Frame
from bessemer.twin.play.overlay import Overlay, overlay_picture
from bessemer.twin.scenario import Scenario

if TYPE_CHECKING:
    from bessemer.twin.play.gallery_take import Taken
    from bessemer.twin.world import DrivingWorld

_QUALITY = 85


def overlays_of(names: list[str]) -> tuple[Overlay, ...]:
    """Return the overlays of some names.

    Args:
        names: As on the command line.

    Returns:
        The overlays.

    Raises:
        NotFoundError: If there is none of a name.
    """
    known = [overlay.value for overlay in Overlay]
    for name in names:
        if name not in known:
            raise NotFoundError.among("overlay", name, known, where="--show")
    return tuple(Overlay(name) for name in names)


def save_picture(
    out: Path, seed: int, scenario: Scenario, at_s: float | None, overlays: tuple[Overlay, ...]
) -> dict[str, object]:
    """Take a picture and save it, and return where and of when it is, as JSON has it.

    Args:
        out: The file; its suffix says its kind.
        seed: Of the drive.
        scenario: What happens.
        at_s: When; None for when the event shows most, or after 5 s where there is none.
        overlays: Truth to show.

    Returns:
        Path, time, size.

    Raises:
        InputError: If pictures are not saved in files of this name.
    """
    from PIL import Image

    from bessemer.twin.events.catalogue import check_calls
    from bessemer.twin.world import DrivingWorld

    if out.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise InputError(f"{out.name!r} ends in no kind of picture.", fix="Write .png or .jpg.")
    check_calls(scenario.events, option="--event")
    world = DrivingWorld(samples=4)
    when_s = at_s if at_s is not None or scenario.events else 5.0
    try:
        picture, when_s = picture_of(world, seed, scenario, when_s, overlays)
    finally:
        world.close()
    Image.fromarray(picture).save(out)
    height_px, width_px = picture.shape[:2]
    return {"picture": str(out), "at_s": when_s, "width_px": width_px, "height_px": height_px}


def picture_of(
    world: "DrivingWorld",
    seed: int,
    scenario: Scenario,
    at_s: float | None,
    overlays: tuple[Overlay, ...] = (),
) -> tuple[Frame, float]:
    """Return a picture of a drive and its time.

    Args:
        world: Where to drive.
        seed: Of the drive.
        scenario: What happens; its rig's first camera looks.
        at_s: When; None for when the event shows most.
        overlays: Truth to show: beside the picture, boxes on it.

    Returns:
        The picture, with the truth to its right, and when it is, seconds.

    Raises:
        InputError: If no event was asked for and no time, or the event does not happen here.
    """
    import numpy as np

    from bessemer.twin.play.moment import look_at, only_camera, telling_moment

    if at_s is None:
        moment = telling_moment(world, seed, scenario)
        if moment is None:
            raise InputError(
                "The event found no place on this drive.",
                where=", ".join(call.name for call in scenario.events),
                fix="Take another seed or network; `bessemer twin events` says where it fits.",
            )
        at_s = moment.at_s
        scenario = replace(scenario, rig=only_camera(scenario.rig, moment.camera))
    seen = look_at(world, seed, scenario, at_s)
    view, camera = seen.views[0], scenario.rig.cameras[0]
    boxes = world.surveyor().survey(seen).boxes
    beside = [
        overlay_picture(overlay, view, camera, boxes)
        for overlay in overlays
        if overlay != Overlay.BOXES
    ]
    first = view.picture
    if Overlay.BOXES in overlays:
        first = overlay_picture(Overlay.BOXES, view, camera, boxes)
    return np.concatenate([first, *beside], axis=1), at_s


def save_gallery(out: Path, only: tuple[str, ...], width_px: int) -> dict[str, object]:
    """Take the pictures of the docs, and return what was saved, as JSON has it.

    Args:
        out: Their folder; others that are there stay.
        only: Names of groups or pictures; empty for all.
        width_px: Width of one camera's picture.

    Returns:
        Each picture with where and when it was taken, and what was not shown.

    Raises:
        NotFoundError: If there is no group and no picture of a name.
    """
    from PIL import Image

    from bessemer.twin.play.gallery import Group, all_shots
    from bessemer.twin.play.gallery_take import take
    from bessemer.twin.world import DrivingWorld

    shots = all_shots()
    known = [*(group.value for group in Group), *(shot.name for shot in shots)]
    for name in only:
        if name not in known:
            raise NotFoundError.among("picture", name, known, where="--only")
    chosen = [shot for shot in shots if not only or {shot.name, shot.group.value} & set(only)]
    out.mkdir(parents=True, exist_ok=True)
    story = ConsoleStory()
    seeker, world = DrivingWorld(truth=False), DrivingWorld(samples=4)
    saved, not_shown = [], []
    with story.bar("pictures") as progress:
        for n, shot in enumerate(chosen):
            progress(n, len(chosen))
            taken = take(seeker, world, shot, width_px)
            if taken is None:
                not_shown.append(shot.name)
                story.say(f"{shot.name}: the event never began.")
                continue
            path = out / f"{shot.name}.jpg"
            Image.fromarray(taken.picture).save(path, quality=_QUALITY, optimize=True)
            saved.append(_row(taken, path))
            story.say(_line(taken))
    return {"out": str(out), "pictures": saved, "not_shown": not_shown}


def _row(taken: "Taken", path: Path) -> dict[str, object]:
    shot, moment = taken.shot, taken.moment
    return {
        "file": path.name,
        "group": shot.group.value,
        "network": shot.network,
        "seed": taken.seed,
        "at_s": moment.at_s,
        "camera": str(moment.camera),
        "shown_frac": round(moment.shown_frac, 5),
        "size_bytes": path.stat().st_size,
    }


def _line(taken: "Taken") -> str:
    shot, moment = taken.shot, taken.moment
    share = f", {moment.shown_frac:.1%} of the picture" if moment.shown_frac else ""
    return (
        f"{shot.name}: {shot.network}, seed {taken.seed}, {moment.at_s:.1f} s, "
        f"{moment.camera}{share}"
    )
