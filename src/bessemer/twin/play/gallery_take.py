"""Takes the pictures of the docs.

An event is tried with several seeds until it shows well; the same code gives the same pictures.

Cost: some 5 to 30 s of one core a picture. Import this module only where a world runs.
"""

from dataclasses import dataclass, replace

import numpy as np

from bessemer.twin.drive import Observation
from bessemer.twin.play.film import Frame
from bessemer.twin.play.gallery import Cameras, Shot
from bessemer.twin.play.moment import Moment, look_at, only_camera, telling_moment
from bessemer.twin.play.overlay import overlay_picture
from bessemer.twin.rig import Rig
from bessemer.twin.scenario import Scenario
from bessemer.twin.world import DrivingWorld

_SHOWS_WELL = 0.12  # where the search for a better seed ends: one thing of 1.5% of the picture


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Taken:
    """A picture that was taken.

    Attributes:
        shot: Of what.
        seed: Of its drive.
        moment: When, and which camera.
        picture: What it shows.
    """

    shot: Shot
    seed: int
    moment: Moment
    picture: Frame


def take(seeker: DrivingWorld, world: DrivingWorld, shot: Shot, width_px: int) -> Taken | None:
    """Return a shot's picture; None where its event never begins.

    Args:
        seeker: Where to look for the moment.
        world: Where to take the picture; better and slower.
        shot: What is to be seen.
        width_px: Width of one camera's picture.

    Returns:
        The picture, of the best of the seeds that were tried.
    """
    scenario = shot.scenario(width_px)
    first = scenario.rig.cameras[0].name
    found: tuple[Moment, int] | None
    if shot.at_s is not None:
        found = Moment(at_s=shot.at_s, camera=first), shot.seeds[0]
    else:
        found = _seek(seeker, shot, scenario)
    if found is None:
        return None
    moment, seed = found
    if shot.cameras is Cameras.BEST:
        scenario = replace(scenario, rig=only_camera(scenario.rig, moment.camera))
    seen = look_at(world, seed, scenario, moment.at_s)
    tiles = _overlaid(world, seen, scenario.rig, shot) or [view.picture for view in seen.views]
    world.close()  # SUMO runs once in a process
    return Taken(shot=shot, seed=seed, moment=moment, picture=_tiled(tiles))


def _overlaid(world: DrivingWorld, seen: Observation, rig: Rig, shot: Shot) -> list[Frame]:
    if not shot.overlays:
        return []
    truth = world.surveyor().survey(seen)
    return [
        overlay_picture(overlay, seen.views[0], rig.cameras[0], truth.boxes)
        for overlay in shot.overlays
    ]


def _seek(world: DrivingWorld, shot: Shot, scenario: Scenario) -> tuple[Moment, int] | None:
    """Return the first moment that shows the event well, or else the best, with its seed."""
    best: tuple[Moment, int] | None = None
    for seed in shot.seeds:
        moment = telling_moment(world, seed, scenario, shot.focus)
        if moment is None:
            continue
        if best is None or moment.shown > best[0].shown:
            best = moment, seed
        if moment.shown >= _SHOWS_WELL or (not moment.shown and shot.has_no_actors):
            break
    return best


def _tiled(tiles: list[Frame]) -> Frame:
    """Return pictures of one size as one: up to three in a row, four two by two."""
    columns = 2 if len(tiles) in (2, 4) else min(3, len(tiles))
    rows = [np.concatenate(tiles[i : i + columns], axis=1) for i in range(0, len(tiles), columns)]
    tiled: Frame = np.concatenate(rows, axis=0)
    return tiled
