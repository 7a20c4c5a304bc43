"""The cameras' eye: from a scene, its actors and the light to radiance, depth, class and instance.

One renderer holds one scene; meshes and their hierarchies are built once, on the CPU or on a CUDA
device, and the same kernel runs on both. A call draws all cameras of all looks in one launch.
Import this module only where pictures are drawn: it brings Warp.

Cost: 128 x 72 pixels take some 5 ms a camera on one CPU core with shadows (bench/twin_render.py).
Shapes: n actors, c cameras, p pixels of all cameras together.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import warp as wp
from jaxtyping import Float, Float64, Int, Int32

from bessemer.core.errors import InputError
from bessemer.twin.classes import MOVING, SemanticClass
from bessemer.twin.render import walk
from bessemer.twin.render.device import check_device, start_warp
from bessemer.twin.render.image import Image, Look
from bessemer.twin.render.kernels import Lit, Solids, Stuff, look
from bessemer.twin.render.lamps import LocalLights, near_lights
from bessemer.twin.render.lens import rays
from bessemer.twin.render.light import Light
from bessemer.twin.render.silhouettes import count_silhouettes
from bessemer.twin.render.tree import build_trees
from bessemer.twin.rig import Camera
from bessemer.twin.scene import Actors, Mesh, Scene

_REACH_M = 350.0  # actors beyond are left out: at 320 pixels a car is under two wide
_LYING = (
    SemanticClass.ROAD,
    SemanticClass.LANE_MARKING,
    SemanticClass.SIDEWALK,
    SemanticClass.TERRAIN,
)
_BRIGHTEST = 12.0  # one sample of many must not outshine the rest of its pixel
_SAME = (  # of Light and of the kernel's struct
    "sun_direction",
    "zenith",
    "horizon",
    "glow",
    "ambient_up",
    "ambient_down",
    "fog",
    "leaf_tint",
    "grass_tint",
)
_CORNERS = {1: (), 4: ((0.375, 0.125), (0.875, 0.375), (0.125, 0.625), (0.625, 0.875))}


class Renderer:
    """Draws one scene.

    Args:
        scene: What stands still, and the shapes that can move.
        device: ``cpu``, or a CUDA device: ``cuda:0``.

    Raises:
        InputError: If there is no such device, or nothing stands on the ground.
    """

    def __init__(self, scene: Scene, device: str = "cpu") -> None:
        start_warp()
        check_device(device)
        if not len(scene.ground.triangles):
            raise InputError(
                "The scene has no ground.",
                where=scene.name,
                fix="A ground of at least one triangle holds the road.",
            )
        self.scene = scene
        self.device = device
        self._bodies = tuple(
            self._mesh(body.mesh.points, body.mesh.triangles.reshape(-1)) for body in scene.bodies
        )
        self._ids = np.array([mesh.id for mesh in self._bodies], np.uint64)
        self._low, self._high = _bounds(tuple(body.mesh for body in scene.bodies))
        self._plant()
        self._stuff = self._materials()
        self._roofs = np.array([b.semantic is SemanticClass.TUNNEL for b in scene.bodies], bool)
        self._moves = np.array([b.semantic in MOVING for b in scene.bodies], np.int32)
        self._rays: dict[tuple[Any, ...], tuple[Any, Any, Any]] = {}
        self._boxes: Any = None

    def render(
        self,
        actors: Actors,
        light: Light,
        looks: Sequence[Look],
        *,
        worn_frac: float = 0.1,
        head_lamps_from: Float[np.ndarray, "4 4"] | None = None,
        samples: int = 1,
        silhouettes: bool = False,
    ) -> tuple[Image, ...]:
        """Draw what cameras see at one instant.

        Args:
            actors: All that can move; the ego too, if its own body may be in the picture.
            light: The light.
            looks: Cameras and their poses; they may differ in size and lens.
            worn_frac: Share of the paint of lane markings that is gone.
            head_lamps_from: ``world_from_ego`` while the ego's head lamps are on.
            samples: Rays a pixel for its colour, 1 or 4; truth is the centre's in any case.
            silhouettes: Whether to count how much of each actor would be seen if it stood alone.

        Returns:
            One image a look, in their order.

        Raises:
            InputError: If ``samples`` is something else.
        """
        if samples not in _CORNERS:
            raise InputError(f"A pixel takes 1 or 4 samples, not {samples}.", where="render")
        if not looks:
            return ()
        at = np.mean([one.world_from_camera[:3, 3] for one in looks], axis=0)
        solids, rows = self._place(actors, at)
        lights = near_lights(
            self.scene.street_lamps,
            actors,
            self.scene.bodies,
            at=at,
            world_from_ego=head_lamps_from,
        )
        lit = self._light(light, lights, actors, rows, worn_frac)
        first = self._cast(solids, lit, looks, (0.5, 0.5))
        radiance = first[0]
        if samples > 1:
            more = [self._cast(solids, lit, looks, o)[0] for o in _CORNERS[samples]]
            clipped = [np.minimum(colour, _BRIGHTEST) for colour in (radiance, *more)]
            radiance = np.asarray(np.mean(clipped, axis=0), np.float32)
        images = _cut(looks, radiance, *first[1:])
        return self._count(images, solids, actors, rows, looks) if silhouettes else images

    def _cast(
        self, solids: Any, lit: Any, looks: Sequence[Look], offset_px: tuple[float, float]
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """Launch the kernel once and return its four columns over all pixels."""
        sight, camera, pixel_rad = self._sight(tuple(one.camera for one in looks), offset_px)
        poses = np.stack([one.world_from_camera for one in looks]).astype(np.float32)
        n = len(sight)
        columns = [
            wp.empty(n, dtype=kind, device=self.device)
            for kind in (wp.vec3, wp.float32, wp.uint8, wp.int32)
        ]
        wp.launch(
            look,
            dim=n,
            inputs=[
                solids,
                self._stuff,
                lit,
                sight,
                camera,
                self._array(poses, wp.mat44),
                pixel_rad,
            ],
            outputs=columns,
            device=self.device,
        )
        radiance, depth, semantic, instance = (_numpy(column) for column in columns)
        return radiance, depth, semantic, instance

    def _count(
        self,
        images: tuple[Image, ...],
        solids: Any,
        actors: Actors,
        rows: Int32[np.ndarray, " m"],
        looks: Sequence[Look],
    ) -> tuple[Image, ...]:
        """Return images with the silhouettes of all that can move."""
        moves = self._moves[actors.body[rows]]
        if not moves.any():
            return images
        sight, camera, _ = self._sight(tuple(one.camera for one in looks), (0.5, 0.5))
        poses = np.stack([one.world_from_camera for one in looks]).astype(np.float32)
        pixels = wp.zeros((len(looks), len(rows)), dtype=wp.int32, device=self.device)
        wp.launch(
            count_silhouettes,
            dim=len(sight),
            inputs=[
                solids,
                self._array(moves, wp.int32),
                sight,
                camera,
                self._array(poses, wp.mat44),
            ],
            outputs=[pixels],
            device=self.device,
        )
        counted = [
            tuple(sorted((int(actors.instance[rows[i]]), int(row[i])) for i in np.flatnonzero(row)))
            for row in _numpy(pixels)
        ]
        return tuple(
            replace(image, silhouettes=found) for image, found in zip(images, counted, strict=True)
        )

    def _sight(
        self, cameras: tuple[Camera, ...], offset_px: tuple[float, float]
    ) -> tuple[Any, Any, Any]:
        """Return rays, the camera of each, and the angle of a pixel; computed once a rig."""
        key = (tuple(camera.calibration for camera in cameras), offset_px)
        if key not in self._rays:
            each = [rays(camera, offset_px=offset_px).reshape(-1, 3) for camera in cameras]
            owner = np.repeat(np.arange(len(each), dtype=np.int32), [len(r) for r in each])
            angle = [1.0 / float(camera.intrinsics[0, 0]) for camera in cameras]
            self._rays[key] = (
                self._array(np.concatenate(each), wp.vec3),
                self._array(owner, wp.int32),
                self._array(np.array(angle, np.float32), wp.float32),
            )
        return self._rays[key]

    def _place(
        self, actors: Actors, at: Float64[np.ndarray, " 3"]
    ) -> tuple[Any, Int32[np.ndarray, " m"]]:
        """Put the near actors' boxes into a hierarchy; return them and their rows."""
        gap = np.linalg.norm(actors.world_from_body[:, :3, 3] - at, axis=1)
        rows = np.flatnonzero(gap < _REACH_M).astype(np.int32)
        body = actors.body[rows]
        world_from_body = actors.world_from_body[rows].astype(np.float64)
        world_from_body[:, :3, :3] *= actors.scale[rows][:, None, :]
        solids: Any = Solids()
        solids.trees, solids.materials = self._trees, self._triangle_materials
        solids.standing, solids.lying = int(self._roots[0]), int(self._roots[1])
        solids.actors = len(rows)
        solids.tree = self._array(self._roots[2:][body], wp.int32)
        solids.mesh = self._array(self._ids[body], wp.uint64)
        solids.body_from_world = self._array(np.linalg.inv(world_from_body), wp.mat44)
        solids.instance = self._array(actors.instance[rows], wp.int32)
        solids.tint = self._array(actors.tint[rows], wp.vec3)
        solids.lamps = self._array(actors.lamps[rows], wp.int32)
        if len(rows):
            middle, half = (
                0.5 * (self._low + self._high)[body],
                0.5 * (self._high - self._low)[body],
            )
            centre = np.einsum("nij,nj->ni", world_from_body[:, :3, :3], middle)
            centre += world_from_body[:, :3, 3]
            reach = np.einsum("nij,nj->ni", np.abs(world_from_body[:, :3, :3]), half) + 1e-3
            # Built anew: a tree that is only refitted grows slow once things have passed.
            self._boxes = wp.Bvh(
                self._array(centre - reach, wp.vec3), self._array(centre + reach, wp.vec3)
            )
            solids.boxes = self._boxes.id
        return solids, rows

    def _light(
        self,
        light: Light,
        lights: LocalLights,
        actors: Actors,
        rows: Int32[np.ndarray, " m"],
        worn_frac: float,
    ) -> Any:
        """Return the kernel's form of the light."""
        lit: Any = Lit()
        for name in _SAME:
            setattr(lit, name, getattr(light, name))
        lit.sun = light.sun_radiance
        lit.extinction = light.extinction_per_m
        lit.cloud, lit.dark = light.cloud_frac, light.dark_frac
        lit.wet, lit.snow, lit.worn = light.wet_frac, light.snow_frac, worn_frac
        lit.bulbs, lit.beams = len(lights.bulb_at), len(lights.beam_at)
        if light.dark_frac <= 0.0:
            lit.bulbs = 0
        for name in ("bulb_at", "bulb", "beam_at", "beam_ahead", "beam"):
            setattr(lit, name, self._array(getattr(lights, name), wp.vec3))
        roofs = rows[self._roofs[actors.body[rows]]] if len(self._roofs) else rows[:0]
        world_from_body = actors.world_from_body[roofs].astype(np.float64)
        world_from_body[:, :3, :3] *= actors.scale[roofs][:, None, :]
        lit.roofs = len(roofs)
        lit.roof_from_world = self._array(np.linalg.inv(world_from_body), wp.mat44)
        lit.roof_low = self._array(self._low[actors.body[roofs]], wp.vec3)
        lit.roof_high = self._array(self._high[actors.body[roofs]], wp.vec3)
        return lit

    def _plant(self) -> None:
        """Build the trees: one of what stands, one of what lies, and one a body."""
        ground = self.scene.ground
        lies = np.isin([m.semantic for m in self.scene.materials], _LYING)[ground.materials]
        parts = [(ground, ~lies), (ground, lies)]
        parts += [
            (body.mesh, np.ones(len(body.mesh.triangles), bool)) for body in self.scene.bodies
        ]
        places = [mesh.points[mesh.triangles[taken]] for mesh, taken in parts]
        trees = build_trees(np.concatenate(places), np.array([len(part) for part in places]))
        self._roots = trees.roots
        self._trees: Any = walk.Trees()
        for name, kind in walk.COLUMNS.items():
            setattr(self._trees, name, self._array(getattr(trees, name), kind))
        self._triangle_materials = self._array(
            np.concatenate([mesh.materials[taken] for mesh, taken in parts]), wp.int32
        )

    def _materials(self) -> Any:
        """Return the kernel's form of the materials."""
        listed = self.scene.materials
        stuff: Any = Stuff()
        stuff.albedo = self._array(np.array([m.albedo for m in listed]), wp.vec3)
        stuff.emission = self._array(np.array([m.emission for m in listed]), wp.vec3)
        stuff.mirror = self._array(np.array([m.mirror_frac for m in listed]), wp.float32)
        for name in ("semantic", "lamp", "texture", "tinted"):
            column = np.array([int(getattr(m, name)) for m in listed], np.int32)
            setattr(stuff, name, self._array(column, wp.int32))
        return stuff

    def _mesh(self, points: Float[np.ndarray, "v 3"], corners: Int[np.ndarray, " k"]) -> Any:
        return wp.Mesh(
            points=self._array(points, wp.vec3),
            indices=self._array(corners, wp.int32),
        )

    def _array(self, values: np.ndarray, kind: Any) -> Any:
        return wp.array(np.ascontiguousarray(values), dtype=kind, device=self.device)


def _numpy(column: Any) -> np.ndarray:
    return np.asarray(column.numpy())


def _bounds(meshes: tuple[Mesh, ...]) -> tuple[np.ndarray, np.ndarray]:
    """Return the lowest and the highest corner of each mesh."""
    if not meshes:
        return np.zeros((0, 3)), np.zeros((0, 3))
    low = np.stack([mesh.points.min(axis=0) for mesh in meshes]).astype(np.float64)
    return low, np.stack([mesh.points.max(axis=0) for mesh in meshes]).astype(np.float64)


def _cut(
    looks: Sequence[Look],
    radiance: np.ndarray,
    depth: np.ndarray,
    semantic: np.ndarray,
    instance: np.ndarray,
) -> tuple[Image, ...]:
    """Cut the columns of all pixels into one image a look."""
    images = []
    start = 0
    for one in looks:
        height, width = one.camera.calibration.height_px, one.camera.calibration.width_px
        part = slice(start, start + height * width)
        start += height * width
        images.append(
            Image(
                radiance=radiance[part].reshape(height, width, 3).copy(),
                depth_m=depth[part].reshape(height, width).copy(),
                semantic=semantic[part].reshape(height, width).copy(),
                instance=instance[part].reshape(height, width).copy(),
            )
        )
    return tuple(images)
