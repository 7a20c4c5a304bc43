"""Cameras that look between steps: the file says where the ego and all others were then."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from foxglove_schemas_protobuf.FrameTransform_pb2 import FrameTransform
from jaxtyping import Float64
from mcap.reader import make_reader
from scipy.spatial import ConvexHull

from bessemer.core.arrivals import Arrival
from bessemer.core.labels import Box3d
from bessemer.ingest.mcap import McapReader
from bessemer.ingest.mcap_decode import Link
from bessemer.ingest.mcap_poses import matrix_of
from bessemer.twin.drive import Observation, View
from bessemer.twin.drive_log.log import DriveLog
from bessemer.twin.play.overlay import box_at
from bessemer.twin.render.lens import project
from bessemer.twin.rig import Camera
from bessemer.twin.truth import box_of
from bessemer.twin.world import DrivingWorld
from tests.twin.drives import FACTS
from tests.twin.looking import FRONT, SWEEP, corners_of, driven, town

STEPS = 16
SEED = 3
"""With signals and cars around an ego that brakes from 11 m/s."""
CAMERAS = {camera.name: camera for camera in SWEEP.cameras}

Pose = Float64[np.ndarray, "4 4"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Drive:
    """A drive, the file that it became, and what ingest makes of that."""

    steps: list[Observation]
    still: dict[int, Box3d]
    path: Path
    arrival: Arrival

    @property
    def views(self) -> list[View]:
        return [view for seen in self.steps for view in seen.views]


def record(world: DrivingWorld, path: Path, rig: str = "surround") -> list[Observation]:
    """Write a short drive in town and return what was seen."""
    scenario = town(rig=SWEEP if rig == "surround" else FRONT)
    steps = driven(world, world.reset(SEED, scenario), STEPS)
    surveyor = world.surveyor(400.0)
    with DriveLog(path, scenario.rig, FACTS) as log:
        for seen in steps:
            log.write(seen, surveyor.survey(seen) if seen.views else None)
    return steps


@pytest.fixture(scope="module")
def drive(prepared_world: DrivingWorld, tmp_path_factory: pytest.TempPathFactory) -> Drive:
    path = tmp_path_factory.mktemp("rolling") / "a.mcap"
    steps = record(prepared_world, path)
    actors, bodies = steps[-1].actors, prepared_world.scene.bodies
    signals = [i for i, b in enumerate(actors.body) if bodies[b].name.startswith("signal")]
    still = {int(actors.instance[i]): box_of(actors, bodies, i, 0) for i in signals}
    prepared_world.close()
    (arrival,) = McapReader().read(path)
    assert isinstance(arrival, Arrival)
    return Drive(steps=steps, still=still, path=path, arrival=arrival)


def transforms(path: Path) -> list[tuple[int, Pose]]:
    """Return the ego's poses as the file has them, in its order."""
    found = []
    with path.open("rb") as file:
        for _, _, message in make_reader(file).iter_messages(topics=["/tf"], log_time_order=False):
            said = FrameTransform.FromString(message.data)
            assert (said.parent_frame_id, said.child_frame_id) == ("world", "ego")
            at, turn = said.translation, said.rotation
            link = Link(
                parent="world",
                child="ego",
                position_m=(at.x, at.y, at.z),
                rotation_wxyz=(turn.w, turn.x, turn.y, turn.z),
            )
            found.append((message.log_time, matrix_of(link)))
    return found


def read_poses(arrival: Arrival) -> dict[int, Pose]:
    """Return the ego's poses as ingest has them, by time."""
    by_id = {segment.segment_id: segment for segment in arrival.segments}
    found = {}
    for ref in arrival.recording.segments:
        if ref.stream == "pose":
            segment = by_id[ref.segment_id]
            rows = np.frombuffer(segment.packets[0], "<f8").reshape(-1, 7).tolist()
            for offset_ns, (x, y, z, *turn) in zip(segment.offsets_ns, rows, strict=True):
                w, i, j, k = turn
                link = Link(
                    parent="world", child="ego", position_m=(x, y, z), rotation_wxyz=(w, i, j, k)
                )
                found[ref.start_ns + offset_ns] = matrix_of(link)
    return found


def read_boxes(arrival: Arrival, t_ns: int) -> dict[int, Box3d]:
    """Return the first boxes at or after a time, by instance."""
    told = [truth for truth in arrival.truth if truth.task == "objects3d"]
    first = min((t for t in told if t.unit.start_ns >= t_ns), key=lambda t: t.unit.start_ns)
    return {int(box.element_id.removeprefix("actor/")): box for box in first.elements.boxes3d}


def outside_px(
    camera: Camera, view: View, world_from_ego: Pose, instance: int, box: Box3d
) -> float:
    """Return how far a thing's pixels reach out of its box as an ego's camera sees it."""
    camera_from_world = np.linalg.inv(world_from_ego @ camera.ego_from_camera)
    corners = corners_of(box) @ camera_from_world[:3, :3].T + camera_from_world[:3, 3]
    if corners[:, 2].min() < 0.5:
        return float("nan")  # it reaches behind the camera: its outline is no polygon
    hull = ConvexHull(project(camera, corners))
    pixels = np.argwhere(view.instance == instance)[:, ::-1] + 0.5
    return float((pixels @ hull.equations[:, :2].T + hull.equations[:, 2]).max())


def instances(view: View) -> Iterator[int]:
    """Yield who shows in a picture."""
    yield from (int(instance) for instance in np.unique(view.instance) if instance)


def test_each_picture_has_a_transform_of_its_own_time(drive: Drive) -> None:
    times = [t_ns for t_ns, _ in transforms(drive.path)]
    assert all(before < after for before, after in pairwise(times))
    looked = {view.t_ns for view in drive.views}
    assert len(looked) == len(drive.views) > 40
    assert set(times) == looked | {seen.t_ns for seen in drive.steps}


def test_ingest_reads_each_of_them_back(drive: Drive) -> None:
    given, found = dict(transforms(drive.path)), read_poses(drive.arrival)
    assert list(found) == list(given)
    for t_ns, pose in given.items():
        np.testing.assert_allclose(found[t_ns], pose, atol=1e-9)


def test_a_transform_is_where_the_ego_was_as_the_picture_was_drawn(drive: Drive) -> None:
    poses = read_poses(drive.arrival)
    for view in drive.views:
        drawn_from = poses[view.t_ns] @ CAMERAS[view.camera].ego_from_camera
        np.testing.assert_allclose(drawn_from, view.world_from_camera, atol=1e-9)


def test_transforms_between_steps_lie_at_their_share_of_the_way(drive: Drive) -> None:
    poses = read_poses(drive.arrival)
    between = 0
    for before, after in pairwise(drive.steps):
        for view in after.views:
            share = (view.t_ns - before.t_ns) / (after.t_ns - before.t_ns)
            one, two, here = (poses[t] for t in (before.t_ns, after.t_ns, view.t_ns))
            expected = one[:3, 3] + share * (two[:3, 3] - one[:3, 3])
            np.testing.assert_allclose(here[:3, 3], expected, atol=1e-9)
            was, now, heading = (np.arctan2(pose[1, 0], pose[0, 0]) for pose in (one, two, here))
            turned = (now - was + np.pi) % (2 * np.pi) - np.pi
            assert (heading - was - share * turned + 1) % (2 * np.pi) == pytest.approx(1)
            between += 0 < share < 1
    assert between > 20


def test_what_stands_still_is_seen_where_the_file_says(drive: Drive) -> None:
    """And would not be, were the pose that of the last step before the picture."""
    poses = read_poses(drive.arrival)
    ends = [seen.t_ns for seen in drive.steps]
    fits, misses = [], []
    for view in drive.views:
        camera = CAMERAS[view.camera]
        last = poses[max((t for t in ends if t < view.t_ns), default=0)]
        for instance in drive.still.keys() & set(instances(view)):
            box = drive.still[instance]
            fits.append(outside_px(camera, view, poses[view.t_ns], instance, box))
            misses.append(outside_px(camera, view, last, instance, box))
    assert len(fits) > 20
    assert np.nanmax(fits) < 0.1
    assert np.nanmax(misses) > 0.1


def test_what_moves_is_seen_in_its_box_moved_back_along_its_velocity(drive: Drive) -> None:
    """And would not be in the box as it stands: the boxes told are of the step's end."""
    poses = read_poses(drive.arrival)
    fits, misses = [], []
    for view in drive.views:
        camera, boxes = CAMERAS[view.camera], read_boxes(drive.arrival, view.t_ns)
        for instance in boxes.keys() & set(instances(view)):
            there, pose = boxes[instance], poses[view.t_ns]
            fits.append(outside_px(camera, view, pose, instance, box_at(there, view.t_ns)))
            misses.append(outside_px(camera, view, pose, instance, there))
    assert len(fits) > 50
    assert np.nanmax(fits) < 0.1
    assert np.nanmax(misses) > 0.5


def test_a_front_camera_that_looks_as_steps_end_adds_nothing(
    world: DrivingWorld, tmp_path: Path
) -> None:
    steps = record(world, tmp_path / "a.mcap", "front")
    found = transforms(tmp_path / "a.mcap")
    assert [t_ns for t_ns, _ in found] == [seen.t_ns for seen in steps]
    for (_, pose), seen in zip(found, steps, strict=True):
        np.testing.assert_allclose(pose, seen.ego.world_from_ego, atol=1e-9)
