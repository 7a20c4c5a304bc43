"""Small worlds of boxes whose pictures can be worked out by hand."""

import numpy as np

from bessemer.twin.classes import SemanticClass
from bessemer.twin.conditions import Conditions, Weather
from bessemer.twin.materials import MATERIALS, material_index
from bessemer.twin.render.image import Image, Look
from bessemer.twin.render.light import light_of
from bessemer.twin.render.photograph import look_of
from bessemer.twin.rig import Camera, look_from, pinhole
from bessemer.twin.scene import Actors, Body, Lamp, Mesh, Scene, StreetLamps

HEIGHT_M = 1.5
NOON = light_of(Conditions(hour=13.0))
NIGHT = light_of(Conditions(hour=1.0))
OVERCAST = light_of(Conditions(hour=13.0, weather=Weather.OVERCAST))


def box_mesh(low: tuple[float, ...], high: tuple[float, ...], *materials: str) -> Mesh:
    """Return a box; with two materials, the second covers its back (-x)."""
    unit = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    points = np.array(low) + unit * (np.array(high) - np.array(low))
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    index = np.full(12, material_index(materials[0]), np.int32)
    index[:2] = material_index(materials[-1])
    return Mesh(
        points=points.astype(np.float32),
        triangles=np.array(triangles, np.int32),
        materials=index,
    )


def plain(half_m: float = 500.0, material: str = "asphalt") -> Mesh:
    """Return level ground at height 0."""
    corners = [[-half_m, -half_m, 0], [half_m, -half_m, 0], [half_m, half_m, 0]]
    return Mesh(
        points=np.array([*corners, [-half_m, half_m, 0]], np.float32),
        triangles=np.array([[0, 1, 2], [0, 2, 3]], np.int32),
        materials=np.full(2, material_index(material), np.int32),
    )


CUBE = Body(
    name="cube",
    semantic=SemanticClass.CAR,
    mesh=box_mesh((-1, -1, 0), (1, 1, 2), "car/paint"),
    size_m=(2.0, 2.0, 2.0),
)
TAILED = Body(
    name="tailed",
    semantic=SemanticClass.CAR,
    mesh=box_mesh((-1, -1, 0), (1, 1, 2), "car/paint", "car/brake"),
    size_m=(2.0, 2.0, 2.0),
)

VAULT = Body(
    name="vault",
    semantic=SemanticClass.TUNNEL,
    mesh=box_mesh((-60, -6, 5), (60, 6, 6), "tunnel"),
    size_m=(120.0, 12.0, 6.0),
)
"""A roof over 120 m of road."""


def scene(ground: Mesh | None = None, lamps: StreetLamps | None = None) -> Scene:
    """Return a plain on which cubes can stand."""
    return Scene(
        name="blocks",
        materials=MATERIALS,
        ground=ground or plain(),
        bodies=(CUBE, TAILED, VAULT),
        street_lamps=lamps or StreetLamps.none(),
    )


def cubes(
    *places: tuple[float, ...],
    body: int = 0,
    yaw_rad: float = 0.0,
    tint: tuple[float, float, float] = (0.9, 0.05, 0.05),
    lamps: Lamp = Lamp.NONE,
    scale: tuple[float, float, float] = (1.0, 1.0, 1.0),
) -> Actors:
    """Return one red cube a place, numbered from 1."""
    n = len(places)
    poses = np.tile(np.eye(4, dtype=np.float32), (n, 1, 1))
    c, s = np.cos(yaw_rad), np.sin(yaw_rad)
    poses[:, :2, :2] = [[c, -s], [s, c]]
    poses[:, :3, 3] = np.array(places, np.float32).reshape(n, 3)
    return Actors(
        body=np.full(n, body, np.int32),
        instance=np.arange(1, n + 1, dtype=np.int32),
        world_from_body=poses,
        scale=np.tile(np.array(scale, np.float32), (n, 1)),
        tint=np.tile(np.array(tint, np.float32), (n, 1)),
        lamps=np.full(n, int(lamps), np.int32),
        velocity_mps=np.zeros((n, 3), np.float32),
    )


def front(width_px: int = 160, height_px: int = 90, *, pitch_rad: float = 0.0) -> Camera:
    """Return a camera that looks along x from eye height."""
    pose = look_from(0.0, 0.0, HEIGHT_M, pitch_rad=pitch_rad)
    return pinhole("front", width_px, height_px, 1.2, pose)


def seen_by(camera: Camera, t_ns: int = 0) -> Look:
    """Return the look of a camera on an ego at the origin."""
    return look_of(camera, np.eye(4), t_ns=t_ns)


def luminance(image: Image) -> np.ndarray:
    """Return how bright each pixel is."""
    return np.asarray(image.radiance @ np.array([0.2126, 0.7152, 0.0722], np.float32))
