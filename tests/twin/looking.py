"""Small rigs and scenarios to drive with, and the way back from pixels to the world."""

from dataclasses import replace

import numpy as np
from jaxtyping import Float64

from bessemer.core.labels import Box3d
from bessemer.twin.conditions import Conditions
from bessemer.twin.drive import Observation, View
from bessemer.twin.driver.chauffeur import Chauffeur
from bessemer.twin.render.lens import rays
from bessemer.twin.rig import Camera, Rig
from bessemer.twin.rigs import load_rig
from bessemer.twin.scenario import EventCall, Scenario
from bessemer.twin.scene import Actors, Scene
from bessemer.twin.world import DrivingWorld


def at_once(rig: Rig) -> Rig:
    """Return a rig whose cameras all look when a period begins."""
    return replace(rig, cameras=tuple(replace(camera, offset_s=0.0) for camera in rig.cameras))


SWEEP = load_rig("surround", width_px=128, height_px=72)
"""Six cameras that look one after the other."""
AROUND = at_once(SWEEP)
"""The same that look at one instant, for laws of what cameras agree on."""
FRONT = load_rig("front", width_px=64, height_px=36)
BLINK = load_rig("front", width_px=2, height_px=2, rate_hz=0.1)
"""Hardly a camera, for tests of what moves."""


def town(
    *events: EventCall, rig: Rig = FRONT, hour: float = 12.0, duration_s: float = 60.0
) -> Scenario:
    """Return a drive in town."""
    return Scenario(
        network="town",
        rig=rig,
        conditions=Conditions(hour=hour),
        density_frac=0.5,
        duration_s=duration_s,
        events=events,
    )


def country(
    *events: EventCall, rig: Rig = FRONT, hour: float = 12.0, duration_s: float = 60.0
) -> Scenario:
    """Return a drive on a country road, which is set up sooner."""
    return replace(town(*events, rig=rig, hour=hour, duration_s=duration_s), network="country")


def driven(world: DrivingWorld, seen: Observation, steps: int) -> list[Observation]:
    """Let the chauffeur drive, and return what was seen, from the first instant on."""
    chauffeur = Chauffeur(world)
    all_of_it = [seen]
    for _ in range(steps):
        seen = world.step(chauffeur.drive(seen.ego))
        all_of_it.append(seen)
    return all_of_it


def places(camera: Camera, view: View) -> Float64[np.ndarray, "h w 3"]:
    """Return where in the world each pixel's surface is, by its depth."""
    ray = rays(camera).astype(np.float64)
    with np.errstate(invalid="ignore"):
        in_camera = ray * (view.depth_m / ray[..., 2])[..., None]
        pose = view.world_from_camera
        return np.asarray(in_camera @ pose[:3, :3].T + pose[:3, 3], np.float64)


def rotation_of(box: Box3d) -> Float64[np.ndarray, "3 3"]:
    """Return ``world_from_box`` of a box's quaternion."""
    w, x, y, z = box.rotation_wxyz
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


def corners_of(box: Box3d) -> Float64[np.ndarray, "8 3"]:
    """Return a box's corners in the world."""
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) / 2
    local = signs * np.array(box.size_m)
    return np.asarray(local @ rotation_of(box).T + np.array(box.center_m), np.float64)


def outside_m(box: Box3d, points: Float64[np.ndarray, "n 3"]) -> float:
    """Return how far the outermost of some points lies outside of a box; below 0 inside."""
    local = (points - np.array(box.center_m)) @ rotation_of(box)
    return float((np.abs(local) - np.array(box.size_m) / 2).max())


def triangles_near(
    scene: Scene, actors: Actors, here: tuple[float, float], reach_m: float
) -> Float64[np.ndarray, "t 3 3"]:
    """Return all triangles of the ground and of actors that come so near to a place."""
    found = [scene.ground.points[scene.ground.triangles].astype(np.float64)]
    for i, body in enumerate(actors.body.tolist()):
        mesh, pose = scene.bodies[body].mesh, actors.world_from_body[i].astype(np.float64)
        points = (mesh.points * actors.scale[i]) @ pose[:3, :3].T + pose[:3, 3]
        found.append(points[mesh.triangles])
    all_of_them = np.concatenate(found)
    low, high = all_of_them[..., :2].min(axis=1), all_of_them[..., :2].max(axis=1)
    gap = np.maximum(np.maximum(low - here, np.array(here) - high), 0.0)
    return np.asarray(all_of_them[np.linalg.norm(gap, axis=1) < reach_m])


def first_met_m(
    start: Float64[np.ndarray, " 3"],
    ahead: Float64[np.ndarray, " 3"],
    triangles: Float64[np.ndarray, "t 3 3"],
) -> float:
    """Return how far along a ray the nearest triangle lies: Moeller and Trumbore, one by one."""
    a, ab, ac = (
        triangles[:, 0],
        triangles[:, 1] - triangles[:, 0],
        triangles[:, 2] - triangles[:, 0],
    )
    across = np.cross(ahead, ac)
    size = (ab * across).sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        off = start - a
        u = (off * across).sum(axis=1) / size
        turned = np.cross(off, ab)
        v = turned @ ahead / size
        t = (turned * ac).sum(axis=1) / size
        met = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 1e-6)
    return float(t[met].min()) if met.any() else float("inf")
