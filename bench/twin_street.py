"""A street of boxes to measure renderers on: as many triangles as a road scene, made from a seed.

Content follows what a drive in town shows: a road with lines, pavements, houses on both sides,
trees, some thirty cars and ten people.
"""

import numpy as np

from bessemer.twin.classes import SemanticClass
from bessemer.twin.materials import MATERIALS, material_index
from bessemer.twin.scene import Actors, Body, Lamp, Mesh, Scene, StreetLamps

Piece = tuple[np.ndarray, np.ndarray, np.ndarray]
"""Points, triangles, materials."""

LENGTH_M = 400.0


def street(seed: int = 0) -> Scene:
    """Return a street along x with some 12,000 triangles, and the bodies of cars and people."""
    rng = np.random.default_rng(seed)
    half = LENGTH_M / 2
    pieces = [
        slab((-1000, 1000), (-1000, 1000), -0.12, "grass"),
        slab((-half, half), (-7, 7), 0.0, "asphalt"),
        slab((-half, half), (7, 11), 0.12, "sidewalk"),
        slab((-half, half), (-11, -7), 0.12, "sidewalk"),
    ]
    pieces += [slab((-half, half), (y - 0.07, y + 0.07), 0.01, "marking") for y in (-6.7, 6.7)]
    for x in np.arange(-half, half, 6.0):
        pieces += [slab((x, x + 3), (y - 0.07, y + 0.07), 0.01, "marking") for y in (-3.4, 0, 3.4)]
    facades = ("facade_brick", "facade_light", "facade_grey", "facade_yellow")
    for side in (-1.0, 1.0):
        for x in np.arange(-half, half, 15.0):
            deep, high = rng.uniform(8, 14), rng.uniform(6, 16)
            y0, y1 = sorted((side * 13.0, side * (13.0 + deep)))
            pieces.append(block((x, y0, 0), (x + 14, y1, high), str(rng.choice(facades))))
            pieces.append(block((x, y0, high), (x + 14, y1, high + 0.5), "roof_slate"))
        for x in np.arange(-half, half, 10.0):
            pieces += tree(x + rng.uniform(-2, 2), side * 10.2, rng)
        for x in np.arange(-half, half, 25.0):
            pieces.append(ball((x, side * 7.6, 6.2), 0.15, 4, "street_bulb", rng, 0.0))
            pieces.append(
                block((x, side * 7.9, 0), (x + 0.15, side * 7.9 + 0.15, 6.0), "pole_metal")
            )
    bulbs = [(x, side * 7.6, 5.9) for side in (-1, 1) for x in np.arange(-half, half, 25.0)]
    return Scene(
        name="bench street",
        materials=MATERIALS,
        ground=join(pieces),
        bodies=(car_body(), person_body()),
        street_lamps=StreetLamps(
            position_m=np.array(bulbs, np.float32),
            radiance=np.tile(np.array([1.2, 1.0, 0.6], np.float32), (len(bulbs), 1)),
        ),
    )


def crowd(seed: int = 0, cars: int = 30, people: int = 10, lamps: Lamp = Lamp.NONE) -> Actors:
    """Return cars in their lanes and people on the pavements, none at the origin."""
    rng = np.random.default_rng(seed)
    lane = rng.integers(0, 4, cars)
    x = np.where(np.arange(cars) % 2 == 0, 1, -1) * rng.uniform(9, 110, cars)
    y = np.array([-5.1, -1.7, 1.7, 5.1])[lane]
    yaw = np.where(y < 0, 0.0, np.pi)
    walk_x, walk_y = rng.uniform(5, 50, people), rng.choice([-9.0, 9.0], people)
    poses = [pose(*p) for p in zip(x, y, np.zeros(cars), yaw, strict=True)]
    poses += [pose(a, b, 0.12, rng.uniform(0, 6)) for a, b in zip(walk_x, walk_y, strict=True)]
    n = cars + people
    return Actors(
        body=np.array([0] * cars + [1] * people, np.int32),
        instance=np.arange(1, n + 1, dtype=np.int32),
        world_from_body=np.array(poses, np.float32),
        scale=np.ones((n, 3), np.float32),
        tint=rng.uniform(0.1, 0.9, (n, 3)).astype(np.float32),
        lamps=np.array([int(lamps)] * cars + [0] * people, np.int32),
        velocity_mps=np.zeros((n, 3), np.float32),
    )


def pose(x: float, y: float, z: float, yaw: float) -> np.ndarray:
    """Return a transform that turns about the vertical and moves."""
    c, s = np.cos(yaw), np.sin(yaw)
    return np.array([[c, -s, 0, x], [s, c, 0, y], [0, 0, 1, z], [0, 0, 0, 1.0]])


def car_body() -> Body:
    """Return a saloon of boxes and wheels."""
    rng = np.random.default_rng(1)
    pieces = [
        block((-2.2, -0.9, 0.3), (2.2, 0.9, 0.85), "car/paint"),
        block((-1.5, -0.8, 0.85), (0.9, 0.8, 1.45), "car/glass"),
        block((-1.3, -0.78, 1.45), (0.6, 0.78, 1.5), "car/paint"),
    ]
    for y in (-0.65, 0.65):
        pieces.append(block((2.2, y - 0.18, 0.6), (2.22, y + 0.18, 0.75), "car/head"))
        pieces.append(block((-2.22, y - 0.18, 0.6), (-2.2, y + 0.18, 0.7), "car/tail"))
        pieces.append(block((-2.22, y - 0.18, 0.7), (-2.2, y + 0.18, 0.82), "car/brake"))
        for x in (-1.35, 1.35):
            pieces.append(ball((x, y * 1.25, 0.32), 0.32, 5, "car/rubber", rng, 0.0))
    size = (4.44, 1.8, 1.5)
    return Body(name="car/bench", semantic=SemanticClass.CAR, mesh=join(pieces), size_m=size)


def person_body() -> Body:
    """Return a standing person."""
    rng = np.random.default_rng(2)
    pieces = [
        block((-0.12, -0.2, 0.0), (0.12, -0.03, 0.85), "person/trousers"),
        block((-0.12, 0.03, 0.0), (0.12, 0.2, 0.85), "person/trousers"),
        block((-0.14, -0.24, 0.85), (0.14, 0.24, 1.48), "person/cloth"),
        ball((0, 0, 1.64), 0.13, 6, "person/skin", rng, 0.0),
    ]
    size = (0.3, 0.5, 1.77)
    return Body(name="person/bench", semantic=SemanticClass.PERSON, mesh=join(pieces), size_m=size)


def tree(x: float, y: float, rng: np.random.Generator) -> list[Piece]:
    """Return a trunk and a lumpy crown."""
    size = rng.uniform(1.4, 2.2)
    return [
        block((x - 0.12, y - 0.12, 0), (x + 0.12, y + 0.12, 3), "bark"),
        ball((x, y, 3 + size * 0.7), size, 5, "leaves", rng, 0.2),
    ]


def slab(xs: tuple[float, float], ys: tuple[float, float], z: float, material: str) -> Piece:
    """Return a level rectangle that looks up."""
    (x0, x1), (y0, y1) = xs, ys
    points = np.array([[x0, y0, z], [x1, y0, z], [x1, y1, z], [x0, y1, z]])
    return points, np.array([[0, 1, 2], [0, 2, 3]]), np.full(2, material_index(material))


def block(low: tuple[float, ...], high: tuple[float, ...], material: str) -> Piece:
    """Return a box."""
    unit = np.array([[x, y, z] for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    points = np.array(low) + unit * (np.array(high) - np.array(low))
    quads = [(0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3)]
    triangles = [t for a, b, c, d in quads for t in ((a, b, c), (a, c, d))]
    return points, np.array(triangles), np.full(12, material_index(material))


def ball(
    centre: tuple[float, ...],
    radius: float,
    rings: int,
    material: str,
    rng: np.random.Generator,
    lumps: float,
) -> Piece:
    """Return a ball of 2 x rings sectors, dented by ``lumps``."""
    sectors = 2 * rings
    theta = np.linspace(0, np.pi, rings + 1)[:, None]
    phi = np.linspace(0, 2 * np.pi, sectors, endpoint=False)[None]
    x, y = np.sin(theta) * np.cos(phi), np.sin(theta) * np.sin(phi)
    z = np.broadcast_to(np.cos(theta), x.shape)
    unit = np.stack([x, y, z], axis=-1).reshape(-1, 3)
    points = np.array(centre) + radius * unit * (1 + lumps * rng.uniform(-1, 1, (len(unit), 1)))
    triangles = []
    for i in range(rings):
        for j in range(sectors):
            a, b = i * sectors + j, i * sectors + (j + 1) % sectors
            triangles += [(a, a + sectors, b), (b, a + sectors, b + sectors)]
    return points, np.array(triangles), np.full(len(triangles), material_index(material))


def join(pieces: list[Piece]) -> Mesh:
    """Return one mesh of all pieces."""
    starts = np.cumsum([0] + [len(points) for points, _, _ in pieces[:-1]])
    triangles = [t + start for (_, t, _), start in zip(pieces, starts, strict=True)]
    return Mesh(
        points=np.concatenate([points for points, _, _ in pieces]).astype(np.float32),
        triangles=np.concatenate(triangles).astype(np.int32),
        materials=np.concatenate([materials for _, _, materials in pieces]).astype(np.int32),
    )
