"""Small scenes and drives for stages, with names that USD does not like, and their equality."""

import numpy as np

from bessemer.core.ids import StreamName
from bessemer.core.records import Calibration
from bessemer.twin.classes import SemanticClass
from bessemer.twin.conditions import Conditions, Season, Weather
from bessemer.twin.drive import EgoState, Observation
from bessemer.twin.rig import Camera, Rig, look_from, pinhole
from bessemer.twin.scene import Actors, Body, Lamp, Material, Mesh, Scene, StreetLamps, Texture
from bessemer.twin.usd.files import UsdDrive

MATERIALS = (
    Material(name="road", semantic=SemanticClass.ROAD, albedo=(0.1, 0.2, 0.3)),
    Material(
        name="car/paint é \"quoted\" \\ 'it'",
        semantic=SemanticClass.CAR,
        albedo=(0.8, 0.7, 0.6),
        tinted=True,
        mirror_frac=0.08,
    ),
    Material(name="car_paint", semantic=SemanticClass.CAR, albedo=(1 / 3, 0.5, 0.25)),
    Material(name="unused", semantic=SemanticClass.TERRAIN, albedo=(0, 0, 0), texture=Texture.WOOD),
    Material(
        name="brake",
        semantic=SemanticClass.CAR,
        albedo=(0.2, 0.0, 0.0),
        emission=(3.5, 0.15, 0.1),
        lamp=Lamp.BRAKE | Lamp.TAIL,
    ),
    Material(name="7\nbulb", semantic=SemanticClass.POLE, albedo=(0, 0, 0), emission=(1, 1, 0.5)),
)
FISHEYE = Camera(
    name=StreamName("front wide/left"),
    calibration=Calibration(
        model="kannala_brandt",
        width_px=96,
        height_px=64,
        intrinsics=(40.0, 0.0, 41.5, 0.0, 44.0, 30.25, 0.0, 0.0, 1.0),
        distortion=(0.1, -0.02, 0.003, 0.0004),
        ego_from_camera=look_from(1.5, 0.1, 1.1, yaw_rad=0.3, pitch_rad=0.2),
    ),
    offset_s=0.05,
    exposure=0.7,
    dirt_frac=0.1,
    dirt_seed=2**40 + 1,
)
RIG = Rig(
    name="two of them",
    cameras=(FISHEYE, pinhole("front", 320, 180, 1.2, look_from(1.6, 0.0, 1.4))),
)


def mesh(materials: list[int], shift_m: float = 0.0) -> Mesh:
    """Return a fan of triangles, one a material."""
    n = len(materials)
    turns = np.linspace(0.0, 3.0, n + 1)
    rim = np.stack([np.cos(turns), np.sin(turns), 0.1 * turns], axis=1) + shift_m
    return Mesh(
        points=np.concatenate([[[shift_m, 0.0, 0.3]], rim]).astype(np.float32),
        triangles=np.array([[0, k + 1, k + 2] for k in range(n)], np.int32).reshape(-1, 3),
        materials=np.array(materials, np.int32),
    )


def scene() -> Scene:
    """Return a scene of two bodies whose prims would share a name, and two lamps."""
    return Scene(
        name="a town, 東",
        materials=MATERIALS,
        ground=mesh([0, 5, 0, 2, 0]),
        bodies=(
            Body(
                name="car/estate",
                semantic=SemanticClass.CAR,
                mesh=mesh([1, 4, 1, 2]),
                size_m=(4.4, 1.8, 1.5),
            ),
            Body(
                name="car estate",
                semantic=SemanticClass.TRUCK,
                mesh=mesh([2, 1], 0.5),
                size_m=(9.0, 2.5, 1 / 3),
            ),
        ),
        street_lamps=StreetLamps(
            position_m=np.array([[1, 2, 6.1], [3, -4, 6.2]], np.float32),
            radiance=np.array([[1.2, 1, 0.6], [1, 1, 1]], np.float32),
        ),
    )


def actors(frame: int, ids: list[int], n_bodies: int = 2) -> Actors:
    """Return actors that move, turn, brake, repaint themselves, and change bodies."""
    if not ids:
        return Actors.none()
    rng = np.random.default_rng([frame, *ids])
    n = len(ids)
    poses = np.tile(np.eye(4, dtype=np.float32), (n, 1, 1))
    turns = rng.uniform(-3, 3, n)
    poses[:, 0, 0] = poses[:, 1, 1] = np.cos(turns)
    poses[:, 1, 0] = np.sin(turns)
    poses[:, 0, 1] = -poses[:, 1, 0]
    poses[:, :3, 3] = rng.uniform(-1000, 1000, (n, 3))
    return Actors(
        body=((np.array(ids) + frame // 2) % n_bodies).astype(np.int32),
        instance=np.array(ids, np.int32),
        world_from_body=poses,
        scale=rng.uniform(0.8, 1.2, (n, 3)).astype(np.float32),
        tint=rng.uniform(0, 1, (n, 3)).astype(np.float32),
        lamps=rng.integers(0, 512, n).astype(np.int32),
        velocity_mps=rng.uniform(-20, 20, (n, 3)).astype(np.float32),
    )


def frame(k: int, t_ns: int, ids: list[int]) -> Observation:
    """Return what a step gave: dusk falls, signals come and go."""
    return Observation(
        t_ns=t_ns,
        ego=EgoState(x_m=1.7 * k, y_m=k / 3, yaw_rad=9.0 + 0.1 * k, pitch_rad=0.01, speed_mps=17.0),
        views=(),
        actors=actors(k, ids),
        conditions=Conditions(
            hour=19.0 + k / 4, weather=Weather.RAIN, season=Season.AUTUMN, intensity_frac=0.3
        ),
        signals=(("Vehicle.Speed", 61.2 + k), ("Vehicle.Body.Horn", 0.0))[: 1 + k % 2],
        events=("cut_in", 'odd "one"\n') if k == 2 else (),
        collided=k == 3,
        done=k == 3,
    )


IDS: list[list[int]] = [[7, 3], [3, 7, 900], [], [900, 3], [3, 900]]
"""Who is there in each frame: in turning order, one leaves, all leave, two come back."""


def frames() -> tuple[Observation, ...]:
    """Return frames that do not come evenly."""
    times = [5_000_000_000, 5_100_000_000, 5_200_000_001, 5_300_000_000, 5_700_000_000]
    return tuple(frame(k, t_ns, ids) for k, (t_ns, ids) in enumerate(zip(times, IDS, strict=True)))


def assert_same_scene(one: Scene, other: Scene) -> None:
    """Assert that two scenes are equal."""
    assert one.name == other.name
    assert one.materials == other.materials
    assert_same_mesh(one.ground, other.ground)
    for body, twin in zip(one.bodies, other.bodies, strict=True):
        assert (body.name, body.semantic, body.size_m) == (twin.name, twin.semantic, twin.size_m)
        assert_same_mesh(body.mesh, twin.mesh)
    assert np.array_equal(one.street_lamps.position_m, other.street_lamps.position_m)
    assert np.array_equal(one.street_lamps.radiance, other.street_lamps.radiance)


def assert_same_mesh(one: Mesh, other: Mesh) -> None:
    """Assert that two meshes are equal."""
    for name in ("points", "triangles", "materials"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name


def assert_same_frame(one: Observation, other: Observation) -> None:
    """Assert that two frames are equal but for their views."""
    for name in ("t_ns", "ego", "conditions", "signals", "events", "collided", "done"):
        assert getattr(one, name) == getattr(other, name), name
    for name in Actors.__dataclass_fields__:
        columns = getattr(one.actors, name), getattr(other.actors, name)
        assert columns[0].dtype == columns[1].dtype
        assert np.array_equal(*columns), name


def assert_same(drive: UsdDrive, other: UsdDrive) -> None:
    """Assert that two drives are equal but for views."""
    assert_same_scene(drive.scene, other.scene)
    assert drive.rig == other.rig
    for one, two in zip(drive.frames, other.frames, strict=True):
        assert_same_frame(one, two)
