from dataclasses import replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bessemer.core.ids import StreamName
from bessemer.twin.classes import SemanticClass
from bessemer.twin.conditions import Conditions
from bessemer.twin.drive import EgoState, Observation, View
from bessemer.twin.roads.network import Lane, LaneKind, Marking, RoadNetwork
from bessemer.twin.scene import Actors, Body, Mesh
from bessemer.twin.truth import Surveyor, box_of, distance_to_line, quaternion_of, visible_shares

angles = st.floats(-3.1, 3.1)


def turn(yaw: float, pitch: float, roll: float) -> np.ndarray:
    return EgoState(x_m=0, y_m=0, yaw_rad=yaw, pitch_rad=pitch, roll_rad=roll).world_from_ego[
        :3, :3
    ]


def rotated(quaternion: tuple[float, float, float, float], v: np.ndarray) -> np.ndarray:
    w, axis = quaternion[0], np.array(quaternion[1:])
    return np.asarray(v + 2 * np.cross(axis, np.cross(axis, v) + w * v))


@given(angles, angles, angles)
def test_a_quaternion_turns_as_its_matrix_does(yaw: float, pitch: float, roll: float) -> None:
    matrix = turn(yaw, pitch, roll)
    quaternion = quaternion_of(matrix)
    assert np.isclose(np.linalg.norm(quaternion), 1)
    assert quaternion[0] >= 0
    for v in np.eye(3):
        np.testing.assert_allclose(rotated(quaternion, v), matrix @ v, atol=1e-9)


def actors(*places: tuple[float, float]) -> Actors:
    n = len(places)
    poses = np.tile(np.eye(4, dtype=np.float32), (n, 1, 1))
    poses[:, :2, 3] = np.reshape(places, (n, 2))
    return Actors(
        body=np.zeros(n, np.int32),
        instance=np.arange(1, n + 1, dtype=np.int32)[::-1].copy(),
        world_from_body=poses,
        scale=np.full((n, 3), 1.5, np.float32),
        tint=np.ones((n, 3), np.float32),
        lamps=np.zeros(n, np.int32),
        velocity_mps=np.ones((n, 3), np.float32),
    )


CAR = Body(
    name="car/block",
    semantic=SemanticClass.CAR,
    size_m=(4.0, 2.0, 1.0),
    mesh=Mesh(
        points=np.array([[-2, -1, 0], [2, -1, 0], [0, 1, 1]], np.float32),
        triangles=np.array([[0, 1, 2]], np.int32),
        materials=np.zeros(1, np.int32),
    ),
)
LANE = Lane(
    lane_id="east_0",
    edge_id="east",
    index=0,
    kind=LaneKind.DRIVE,
    width_m=3.0,
    speed_limit_mps=14,
    points=np.array([[-300.0, 0, 0], [300, 0, 0]]),
    left=Marking.SOLID,
    right=Marking.SOLID,
    successors=(),
)
FAR = replace(LANE, lane_id="far_0", points=LANE.points + np.array([0.0, 500.0, 0.0]))
ROAD = RoadNetwork(name="straight", net_xml="", lanes={"east_0": LANE, "far_0": FAR})


def seen(who: Actors, views: tuple[View, ...] = ()) -> Observation:
    return Observation(
        t_ns=5,
        ego=EgoState(x_m=0, y_m=0, yaw_rad=0),
        views=views,
        actors=who,
        conditions=Conditions(),
    )


def test_a_box_stands_on_the_ground_and_is_as_large_as_the_actor() -> None:
    box = box_of(actors((3, 4)), [CAR], 0, 5)
    assert box.size_m == (6.0, 3.0, 1.5)
    assert box.center_m == (3.0, 4.0, 0.75)
    assert box.class_name == "car"


def test_truth_ends_at_its_range_and_is_ordered_by_track() -> None:
    truth = Surveyor(ROAD, [CAR], range_m=80).survey(seen(actors((10, 0), (79, 0), (81, 0))))
    assert [one.instance for one in truth.boxes] == [2, 3]
    assert [line.element_id for line in truth.lanes] == ["lane/east_0"]


def test_a_lane_is_as_wide_as_the_networks_and_leads_where_it_does() -> None:
    on = replace(LANE, successors=("far_0", "gone_0"), width_m=2.75)
    network = RoadNetwork(name="straight", net_xml="", lanes={"east_0": on, "far_0": FAR})
    [lane] = Surveyor(network, [CAR]).survey(seen(actors())).lanes
    assert lane.width_m == 2.75
    assert lane.successors == ("lane/far_0", "lane/gone_0")


def test_drivable_ground_is_as_wide_as_its_lane() -> None:
    [ring] = Surveyor(ROAD, [CAR]).survey(seen(actors())).drivable
    ys = [point[1] for point in ring.points]
    assert (min(ys), max(ys)) == (-1.5, 1.5)


def test_a_share_is_what_is_drawn_of_what_would_be_drawn_alone() -> None:
    instance = np.zeros((4, 4), np.int32)
    instance[:2, :3] = 7
    view = View(
        camera=StreamName("front"),
        t_ns=0,
        world_from_camera=np.eye(4),
        picture=np.zeros((4, 4, 3), np.uint8),
        depth_m=np.ones((4, 4), np.float32),
        semantic=np.zeros((4, 4), np.uint8),
        instance=instance,
        silhouettes=((7, 8), (9, 3)),
    )
    assert visible_shares([view]) == {7: (("front", 0.75),), 9: (("front", 0.0),)}


@given(st.floats(-9, 9), st.floats(-9, 9))
def test_distance_to_a_line_is_that_of_its_nearest_point(x: float, y: float) -> None:
    line = np.array([[-5.0, 0, 0], [5, 0, 0], [5, 5, 0]])
    dense = np.concatenate(
        [
            np.linspace(line[0], line[1], 2001),
            np.linspace(line[1], line[2], 1001),
        ]
    )
    nearest = np.linalg.norm(dense[:, :2] - [x, y], axis=1).min()
    assert abs(distance_to_line(line, np.array([x, y])) - nearest) < 0.01
