"""What is shown of a drive that is driven stands where it was, at the time of each picture."""

from itertools import islice

import numpy as np

from bessemer.twin.play.replay import ShownPicture, live_play
from bessemer.twin.rigs import load_rig
from bessemer.twin.world import DrivingWorld
from tests.twin.looking import country, driven

RIG = load_rig("surround", width_px=8, height_px=6)


def test_each_picture_is_shown_from_where_it_was_taken(world: DrivingWorld) -> None:
    steps = driven(world, world.reset(3, country(rig=RIG)), 8)
    views = iter([view for seen in steps for view in seen.views])
    cameras = {camera.name: camera for camera in RIG.cameras}
    poses: dict[int, np.ndarray] = {}
    waiting = []
    shown = live_play(world, 3, country(rig=RIG)).shown
    for item in islice(shown, 50):
        if isinstance(item, ShownPicture):
            waiting.append((item.t_ns, next(views)))
        elif item.world_from_ego is not None:
            assert item.t_ns > max(poses, default=-1)
            poses[item.t_ns] = item.world_from_ego
    told = [(t_ns, view) for t_ns, view in waiting if t_ns in poses]
    assert len(told) >= len(waiting) - 1 > 20  # a step's end is told after its pictures
    for t_ns, view in told:
        assert view.t_ns == t_ns
        taken_from = poses[t_ns] @ cameras[view.camera].ego_from_camera
        np.testing.assert_allclose(taken_from, view.world_from_camera, atol=1e-9)
