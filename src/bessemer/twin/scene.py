"""One scene in memory: what the renderer draws, OpenUSD holds, and truth is computed from.

A scene has a part that stands still (``ground``, one mesh with all roads, houses and trees) and
actors: instances of bodies, each placed by a rigid transform. Meshes are triangles; materials
belong to triangles. All is plain numpy, so that a scene can be written, compared and sent.

Frames: the world is east, north, up in metres. A body's own frame is x forward, y left, z up, with
the origin on the ground below its centre. Transforms read right to left, ``world_from_body``.
Colours are linear RGB reflectances or radiances, not sRGB.

Shapes: v points, t triangles, n actors, k lamps.
"""

from dataclasses import dataclass
from enum import IntEnum, IntFlag

import numpy as np
from jaxtyping import Float32, Int32

from bessemer.core.errors import InputError
from bessemer.twin.classes import SemanticClass


class Texture(IntEnum):
    """How a material varies over its surface; the renderer draws each by a formula, from metres."""

    PLAIN = 0
    ASPHALT = 1
    PAVING = 2
    GRASS = 3
    BRICK = 4
    PLASTER = 5
    WINDOWS = 6
    LEAVES = 7
    BARK = 8
    PAINT_WORN = 9
    CONCRETE = 10
    CLOTH = 11
    WOOD = 12
    FIELD = 13


class Lamp(IntFlag):
    """Lamps of an actor: a material may name one, and shines while its actor has it on."""

    NONE = 0
    HEAD = 1
    TAIL = 2
    BRAKE = 4
    LEFT = 8
    RIGHT = 16
    BEACON = 32
    RED = 64
    AMBER = 128
    GREEN = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """What a surface is made of.

    Attributes:
        name: Unique in a scene.
        semantic: Class of its pixels.
        albedo: Share of light given back, by channel.
        emission: Radiance of its own, while ``lamp`` is on (always, where lamp is ``NONE``).
        lamp: The lamp that switches its emission.
        texture: How it varies.
        tinted: Whether the actor's tint multiplies the albedo: paint yes, tyres no.
        mirror_frac: Share of a mirror's reflection: glass and wet paint 0.1 to 0.3.
    """

    name: str
    semantic: SemanticClass
    albedo: tuple[float, float, float]
    emission: tuple[float, float, float] = (0.0, 0.0, 0.0)
    lamp: Lamp = Lamp.NONE
    texture: Texture = Texture.PLAIN
    tinted: bool = False
    mirror_frac: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Mesh:
    """Triangles with a material each.

    Attributes:
        points: Corners, metres.
        triangles: Indices into ``points``, counter-clockwise seen from outside.
        materials: Index of each triangle's material in the scene's list.
    """

    points: Float32[np.ndarray, "v 3"]
    triangles: Int32[np.ndarray, "t 3"]
    materials: Int32[np.ndarray, " t"]

    def __post_init__(self) -> None:
        """Check that triangles speak of points that exist."""
        if len(self.triangles) != len(self.materials):
            raise InputError(
                f"{len(self.triangles)} triangles have {len(self.materials)} materials.",
                where="Mesh",
                fix="Give one material a triangle.",
            )
        if len(self.triangles) and not (
            int(self.triangles.min()) >= 0 and int(self.triangles.max()) < len(self.points)
        ):
            raise InputError("A triangle names a point that does not exist.", where="Mesh")
        if not np.isfinite(self.points).all():
            raise InputError("A point is not a finite number.", where="Mesh")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Body:
    """A shape that actors share.

    Attributes:
        name: Unique in a scene: ``car/estate``, ``person/adult``.
        semantic: Class of the whole thing, as its box has it.
        mesh: Its triangles in its own frame.
        size_m: Length, width and height of its box, which stands on the origin.
    """

    name: str
    semantic: SemanticClass
    mesh: Mesh
    size_m: tuple[float, float, float]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Actors:
    """All instances of bodies at one instant, in columns.

    Attributes:
        body: Index of each one's body in the scene.
        instance: Its id, above 0, unique, and the same from step to step; 0 is the ground.
        world_from_body: Rigid transforms.
        scale: Stretch of the body along its own axes.
        tint: Paint, linear RGB.
        lamps: Lamps that are on, as :class:`Lamp` bits.
        velocity_mps: Velocity in the world's frame.
    """

    body: Int32[np.ndarray, " n"]
    instance: Int32[np.ndarray, " n"]
    world_from_body: Float32[np.ndarray, "n 4 4"]
    scale: Float32[np.ndarray, "n 3"]
    tint: Float32[np.ndarray, "n 3"]
    lamps: Int32[np.ndarray, " n"]
    velocity_mps: Float32[np.ndarray, "n 3"]

    def __post_init__(self) -> None:
        """Check that columns agree, and that ids are unique."""
        n = len(self.body)
        columns = (self.instance, self.world_from_body, self.scale, self.tint, self.lamps)
        if any(len(column) != n for column in (*columns, self.velocity_mps)):
            raise InputError("The columns of actors differ in length.", where="Actors")
        if n and (len(np.unique(self.instance)) != n or int(self.instance.min()) < 1):
            raise InputError(
                "Two actors share an id, or one is below 1.",
                where="Actors",
                fix="Number actors from 1; 0 is the ground.",
            )

    @staticmethod
    def none() -> "Actors":
        """Return an empty row of actors."""
        return Actors(
            body=np.zeros(0, np.int32),
            instance=np.zeros(0, np.int32),
            world_from_body=np.zeros((0, 4, 4), np.float32),
            scale=np.zeros((0, 3), np.float32),
            tint=np.zeros((0, 3), np.float32),
            lamps=np.zeros(0, np.int32),
            velocity_mps=np.zeros((0, 3), np.float32),
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class StreetLamps:
    """Lamps of the street, which shine down when it is dark.

    Attributes:
        position_m: Where the bulbs hang.
        radiance: Linear RGB of each.
    """

    position_m: Float32[np.ndarray, "k 3"]
    radiance: Float32[np.ndarray, "k 3"]

    @staticmethod
    def none() -> "StreetLamps":
        """Return no lamps."""
        return StreetLamps(
            position_m=np.zeros((0, 3), np.float32), radiance=np.zeros((0, 3), np.float32)
        )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scene:
    """The still part of a world and the shapes that can move in it.

    Attributes:
        name: What it is called: the network's name.
        materials: What triangles are made of, ground and bodies alike.
        ground: All that stands still.
        bodies: Shapes that actors name by index.
        street_lamps: Lamps along the roads.
    """

    name: str
    materials: tuple[Material, ...]
    ground: Mesh
    bodies: tuple[Body, ...] = ()
    street_lamps: StreetLamps

    def __post_init__(self) -> None:
        """Check that every triangle's material exists, and that names are unique."""
        for mesh in (self.ground, *(body.mesh for body in self.bodies)):
            if len(mesh.materials) and int(mesh.materials.max()) >= len(self.materials):
                raise InputError("A triangle names a material that does not exist.", where="Scene")
        for kind, names in (
            ("materials", [material.name for material in self.materials]),
            ("bodies", [body.name for body in self.bodies]),
        ):
            if len(set(names)) != len(names):
                raise InputError(f"Two {kind} of a scene share a name.", where=self.name)
