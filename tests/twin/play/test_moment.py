"""An event is found where it shows: its actors stand in the picture that is chosen."""

from dataclasses import replace

import numpy as np
import pytest

from bessemer.core.errors import InputError
from bessemer.core.ids import StreamName
from bessemer.twin.classes import SemanticClass
from bessemer.twin.drive import View
from bessemer.twin.play.moment import (
    look_at,
    only_camera,
    shown,
    small_rig,
    subject_instances,
    telling_moment,
)
from bessemer.twin.play.overlay import Overlay, overlay_picture
from bessemer.twin.render.lens import rays
from bessemer.twin.rigs import load_rig
from bessemer.twin.scenario import EventCall
from bessemer.twin.world import DrivingWorld
from tests.twin.looking import AROUND, SWEEP, country, town

JAYWALKER = EventCall(name="jaywalker", at_s=1.0)


def view_of(instance: np.ndarray) -> View:
    """Return a view in which only instances matter."""
    size = instance.shape
    return View(
        camera=StreamName("front"),
        t_ns=0,
        world_from_camera=np.eye(4),
        picture=np.zeros((*size, 3), np.uint8),
        depth_m=np.ones(size, np.float32),
        semantic=np.zeros(size, np.uint8),
        instance=instance.astype(np.int32),
    )


def test_each_thing_that_shows_adds_and_the_edge_takes_away() -> None:
    both = np.zeros((20, 20))
    both[5:8, 5:8], both[12:14, 12:14] = 1, 2
    cut = np.roll(both, -5, axis=1)
    seen, edged = view_of(both), view_of(cut)
    assert shown(seen, frozenset((1, 2))) > shown(seen, frozenset((1,))) > 0
    assert shown(seen, frozenset((1,))) > shown(seen, frozenset((2,)))
    assert 0 < shown(edged, frozenset((1,))) < shown(seen, frozenset((1,)))
    assert shown(seen, frozenset((3,))) == 0


@pytest.mark.parametrize("name", ["front", "surround", "eight"])
def test_a_small_rig_sees_the_same(name: str) -> None:
    rig = load_rig(name)
    small = small_rig(rig, 64, 2.0)
    for own, smaller in zip(rig.cameras, small.cameras, strict=True):
        assert smaller.calibration.width_px == 64
        there = rays(own).astype(np.float64)
        here = rays(smaller).astype(np.float64)
        for i, j in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
            cosine = there[i, j] @ here[i, j] / np.linalg.norm(there[i, j])
            assert cosine / np.linalg.norm(here[i, j]) > np.cos(np.radians(1.5))


@pytest.mark.slow
def test_the_actors_of_an_event_stand_in_the_chosen_picture(world: DrivingWorld) -> None:
    scenario = town(JAYWALKER, rig=AROUND, duration_s=32.0)
    moment = telling_moment(world, 0, scenario)
    assert moment is not None
    chosen = replace(scenario, rig=only_camera(scenario.rig, moment.camera))
    seen = look_at(world, 0, chosen, moment.at_s)
    assert seen.t_ns == round(moment.at_s * 1e9)
    (view,) = seen.views
    mask = np.isin(view.instance, sorted(subject_instances(world, seen)))
    # What was looked for in few pixels fills about as much of more of them.
    assert mask.mean() > moment.shown_frac / 3
    assert mask.sum() >= 5
    kinds = {SemanticClass(value) for value in np.unique(view.semantic[mask])}
    assert SemanticClass.PERSON in kinds
    # Boxes are drawn round what shows, and leave the sky alone.
    truth = world.surveyor().survey(seen)
    drawn = overlay_picture(Overlay.BOXES, view, chosen.rig.cameras[0], truth.boxes)
    changed = (drawn != view.picture).any(axis=2)
    rows, columns = np.nonzero(mask)
    around = np.s_[
        max(0, rows.min() - 3) : rows.max() + 4, max(0, columns.min() - 3) : columns.max() + 4
    ]
    assert changed[around].mean() > 0.01


def test_one_look_is_of_one_instant_even_where_cameras_look_in_turn(world: DrivingWorld) -> None:
    scenario = country(rig=replace(SWEEP, cameras=SWEEP.cameras[::-1]))
    seen = look_at(world, 2, scenario, 0.25)
    assert [view.camera for view in seen.views] == [c.name for c in scenario.rig.cameras]
    assert {view.t_ns for view in seen.views} == {250_000_000}


def test_a_drive_without_events_tells_of_none(world: DrivingWorld) -> None:
    with pytest.raises(InputError, match="Nothing is to happen"):
        telling_moment(world, 0, town())
