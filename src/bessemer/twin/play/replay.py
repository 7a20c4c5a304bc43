"""A drive as it is shown: what comes next, from a world that runs or from a file.

Whatever shows a drive (a film, a sheet of pictures, a viewer in 3D) takes its cameras and a stream
of :data:`Shown`, in order of time, and needs to know nothing of where they come from.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float64, UInt8

from bessemer.core.ids import StreamName
from bessemer.core.labels import Box3d, Polyline
from bessemer.twin.rig import Camera

if TYPE_CHECKING:
    from bessemer.twin.scenario import Scenario
    from bessemer.twin.world import DrivingWorld


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShownPicture:
    """A picture of one camera.

    Attributes:
        t_ns: When, since the drive began.
        camera: Which.
        picture: sRGB.
    """

    t_ns: int
    camera: StreamName
    picture: UInt8[np.ndarray, "h w 3"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ShownState:
    """What is known of an instant; None for what is as it was.

    Attributes:
        t_ns: When, since the drive began.
        world_from_ego: The ego's pose.
        boxes: All boxes, in the world's frame.
        lines: All lanes and outlines, in the world's frame.
        signals: Named numbers.
        events: Names of what is under way.
    """

    t_ns: int
    world_from_ego: Float64[np.ndarray, "4 4"] | None = None
    boxes: tuple[Box3d, ...] | None = None
    lines: tuple[Polyline, ...] | None = None
    signals: tuple[tuple[str, float], ...] | None = None
    events: tuple[str, ...] | None = None


Shown = ShownPicture | ShownState
"""What comes next in a drive."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Play:
    """A drive to be shown once.

    Attributes:
        title: What it is.
        cameras: Whose pictures come; the first sets the pace of a film.
        rate_hz: Pictures a second and camera.
        shown: What comes, in order of time.
    """

    title: str
    cameras: Sequence[Camera]
    rate_hz: float
    shown: Iterator[Shown]


def live_play(world: "DrivingWorld", seed: int, scenario: "Scenario") -> Play:
    """Return a drive that is driven while it is shown.

    Args:
        world: Where.
        seed: Of the drive.
        scenario: What happens.

    Returns:
        The drive; nothing moves until the first of it is taken.
    """
    return Play(
        title=f"{scenario.network}, seed {seed}",
        cameras=scenario.rig.cameras,
        rate_hz=scenario.rig.rate_hz,
        shown=_drive(world, seed, scenario),
    )


def _drive(world: "DrivingWorld", seed: int, scenario: "Scenario") -> Iterator[Shown]:
    """Yield a drive step by step."""
    from bessemer.twin.play.moment import drive_through

    cameras = {camera.name: camera for camera in scenario.rig.cameras}
    surveyor = None
    events: tuple[str, ...] | None = None
    for seen in drive_through(world, seed, scenario):
        surveyor = world.surveyor() if surveyor is None else surveyor
        for view in seen.views:
            if view.t_ns < seen.t_ns:
                pose = view.world_from_ego(cameras[view.camera].ego_from_camera)
                yield ShownState(t_ns=view.t_ns, world_from_ego=pose)
            yield ShownPicture(t_ns=view.t_ns, camera=view.camera, picture=view.picture)
        truth = surveyor.survey(seen) if seen.views else None
        yield ShownState(
            t_ns=seen.t_ns,
            world_from_ego=seen.ego.world_from_ego,
            boxes=None if truth is None else tuple(true.box for true in truth.boxes),
            lines=None if truth is None else (*truth.lanes, *truth.drivable),
            signals=seen.signals,
            events=None if seen.events == events else seen.events,
        )
        events = seen.events
