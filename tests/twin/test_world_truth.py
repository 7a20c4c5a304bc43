"""Laws of truth on a real world: pixels, boxes and poses say the same."""

from collections import defaultdict
from itertools import pairwise

import numpy as np
import pytest
from scipy.spatial import ConvexHull

from bessemer.twin.classes import SemanticClass
from bessemer.twin.drive import Observation, View
from bessemer.twin.render.lens import project, rays
from bessemer.twin.rig import Camera
from bessemer.twin.truth import Truth
from bessemer.twin.world import DrivingWorld
from tests.twin.looking import (
    AROUND,
    BLINK,
    corners_of,
    country,
    driven,
    first_met_m,
    outside_m,
    places,
    town,
    triangles_near,
)

Frame = tuple[Observation, Truth]
NEAR_M = 40.0


@pytest.fixture(scope="module")
def frames(prepared_world: DrivingWorld) -> list[Frame]:
    """What six cameras saw on five looks of two drives in town, with its truth."""
    kept = []
    for seed in (2, 3):
        seen = driven(prepared_world, prepared_world.reset(seed, town(rig=AROUND)), 4)
        surveyor = prepared_world.surveyor(400.0)
        kept += [(one, surveyor.survey(one)) for one in seen if one.views]
        prepared_world.close()
    return kept


def looks(frame: Frame) -> list[tuple[Camera, View]]:
    return list(zip(AROUND.cameras, frame[0].views, strict=True))


def masks(view: View, least_px: int = 1) -> dict[int, np.ndarray]:
    """Return the pixels of each instance that fills so many."""
    found = {int(i): view.instance == i for i in np.unique(view.instance) if i}
    return {i: mask for i, mask in found.items() if mask.sum() >= least_px}


def test_pictures_show_a_street(frames: list[Frame]) -> None:
    for frame in frames:
        for _, view in looks(frame):
            assert view.picture.std() > 15
            assert len(np.unique(view.semantic)) >= 4
    road = np.mean([view.semantic == SemanticClass.ROAD for _, view in looks(frames[0])])
    assert 0.1 < road < 0.6


def test_a_projected_box_covers_the_mask_of_its_instance(frames: list[Frame]) -> None:
    checked = 0
    for seen, truth in frames:
        boxes = {one.instance: one.box for one in truth.boxes}
        for camera, view in looks((seen, truth)):
            camera_from_world = np.linalg.inv(view.world_from_camera)
            for instance, mask in masks(view).items():
                if instance not in boxes:
                    continue
                corners = corners_of(boxes[instance])
                corners = corners @ camera_from_world[:3, :3].T + camera_from_world[:3, 3]
                if corners[:, 2].min() < 0.5:
                    continue  # it reaches behind the camera: its outline is no polygon
                hull = ConvexHull(project(camera, corners))
                pixels = np.argwhere(mask)[:, ::-1] + 0.5
                outside = (pixels @ hull.equations[:, :2].T + hull.equations[:, 2]).max()
                assert outside <= 0.1, (view.camera, boxes[instance].class_name)
                checked += 1
    assert checked > 60


def test_cameras_agree_on_who_is_who_and_where(frames: list[Frame]) -> None:
    shared = 0
    for seen, truth in frames:
        boxes = {one.instance: one.box for one in truth.boxes}
        seen_by: dict[int, set[str]] = defaultdict(set)
        for camera, view in looks((seen, truth)):
            where = places(camera, view)
            for instance, mask in masks(view).items():
                if instance in boxes:
                    assert outside_m(boxes[instance], where[mask]) < 0.02
                    seen_by[instance].add(view.camera)
        shared += sum(len(cameras) > 1 for cameras in seen_by.values())
    assert shared >= 3


def test_every_instance_in_a_picture_is_an_actor(frames: list[Frame]) -> None:
    for seen, _ in frames:
        actors = set(seen.actors.instance.tolist())
        for view in seen.views:
            assert set(masks(view)) <= actors
            assert set(dict(view.silhouettes)) <= actors


def test_depth_is_that_of_the_ground(frames: list[Frame]) -> None:
    """The town is level: its carriageway at 0, paint, worn or not, 5 mm above, kerbs 12 cm."""
    counted = 0
    for frame in frames:
        for camera, view in looks(frame):
            height = places(camera, view)[..., 2]
            near = (view.depth_m < 25.0) & (view.instance == 0)
            for kind, low, high in (
                (SemanticClass.ROAD, 0.0, 0.005),
                (SemanticClass.LANE_MARKING, 0.0, 0.005),
                (SemanticClass.SIDEWALK, -0.04, 0.12),
            ):
                there = height[near & (view.semantic == kind)]
                assert ((there > low - 0.001) & (there < high + 0.001)).all(), kind
                counted += len(there)
    assert counted > 20_000


def test_depth_is_where_the_ray_meets_the_nearest_triangle(
    frames: list[Frame], world: DrivingWorld
) -> None:
    """Every triangle near by is tried, in double precision; asked for are 2 cm at 20 m."""
    rng = np.random.default_rng(5)
    world.reset(2, town(rig=BLINK))
    scene = world.scene
    ego = frames[0][0].ego
    solid = triangles_near(scene, frames[0][0].actors, (ego.x_m, ego.y_m), 45.0)
    compared = 0
    for camera, view in looks(frames[0]):
        ray = rays(camera).astype(np.float64)
        near = np.argwhere((view.depth_m > 2) & (view.depth_m < 25))
        for row, column in rng.permutation(near)[:12]:
            ahead = view.world_from_camera[:3, :3] @ ray[row, column]
            met_m = first_met_m(view.world_from_camera[:3, 3], ahead, solid)
            expected = met_m * ray[row, column, 2]
            assert abs(view.depth_m[row, column] - expected) < 0.002, (view.camera, row, column)
            compared += 1
    assert compared >= 60


def test_what_shows_is_no_more_than_what_would_show_alone(frames: list[Frame]) -> None:
    shares = [share for _, truth in frames for box in truth.boxes for _, share in box.visible_frac]
    assert all(0.0 <= share <= 1.0 for share in shares)
    assert shares.count(1.0) >= 5
    assert shares.count(0.0) >= 5
    assert sum(0.05 < share < 0.95 for share in shares) >= 5
    for seen, truth in frames:
        known = {one.instance: dict(one.visible_frac) for one in truth.boxes}
        for view in seen.views:
            for instance in masks(view):
                if instance in known:
                    assert known[instance][view.camera] > 0


def test_poses_add_up_to_velocities(world: DrivingWorld) -> None:
    seen = driven(world, world.reset(1, town(rig=BLINK)), 40)
    pairs = 0
    for before, now in pairwise(seen):
        row = {int(k): i for i, k in enumerate(before.actors.instance)}
        for i, instance in enumerate(now.actors.instance.tolist()):
            if instance not in row:
                continue
            was, here = before.actors.world_from_body[row[instance]], now.actors.world_from_body[i]
            moved = here[:3, 3] - was[:3, 3]
            np.testing.assert_allclose(now.actors.velocity_mps[i] * world.step_s, moved, atol=1e-3)
            pairs += bool(np.linalg.norm(moved) > 0.1)
    assert pairs > 500
    speeds = np.concatenate([np.linalg.norm(one.actors.velocity_mps, axis=1) for one in seen])
    assert float(speeds.max()) < 25.0


def test_the_ego_is_where_its_speed_and_yaw_rate_lead(world: DrivingWorld) -> None:
    seen = driven(world, world.reset(3, country(rig=BLINK)), 60)
    assert seen[-1].ego.speed_mps > 1
    for before, now in pairwise(seen):
        one, two = before.ego, now.ego
        moved = np.hypot(two.x_m - one.x_m, two.y_m - one.y_m)
        assert moved == pytest.approx((one.speed_mps + two.speed_mps) / 2 * 0.1, abs=0.02)
        turned = (two.yaw_rad - one.yaw_rad + np.pi) % (2 * np.pi) - np.pi
        assert turned == pytest.approx(
            (one.yaw_rate_radps + two.yaw_rate_radps) / 2 * 0.1, abs=0.005
        )
