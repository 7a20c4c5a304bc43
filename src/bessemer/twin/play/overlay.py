"""Truth as people see it: classes, depth and instances as colours, boxes as lines on a picture.

Shapes: h rows, w columns.
"""

from collections.abc import Iterable
from dataclasses import replace
from enum import StrEnum

import numpy as np
from jaxtyping import Float32, Float64, Int32, UInt8
from PIL import Image, ImageDraw

from bessemer.core.labels import Box3d
from bessemer.twin.classes import SemanticClass as C
from bessemer.twin.drive import View
from bessemer.twin.render.lens import project
from bessemer.twin.rig import Camera
from bessemer.twin.truth import TrueBox

Picture = UInt8[np.ndarray, "h w 3"]

CLASS_COLOURS: dict[C, tuple[int, int, int]] = {
    C.SKY: (150, 190, 230),
    C.ROAD: (90, 80, 100),
    C.LANE_MARKING: (245, 245, 245),
    C.SIDEWALK: (190, 150, 190),
    C.TERRAIN: (140, 180, 90),
    C.BUILDING: (130, 110, 100),
    C.WALL: (160, 140, 120),
    C.FENCE: (180, 160, 140),
    C.POLE: (210, 210, 120),
    C.TRAFFIC_LIGHT: (250, 190, 40),
    C.TRAFFIC_SIGN: (240, 230, 60),
    C.VEGETATION: (60, 130, 60),
    C.PERSON: (225, 60, 70),
    C.RIDER: (255, 120, 60),
    C.CAR: (50, 90, 200),
    C.TRUCK: (90, 60, 180),
    C.BUS: (40, 150, 170),
    C.MOTORCYCLE: (200, 80, 160),
    C.BICYCLE: (160, 40, 120),
    C.ANIMAL: (250, 150, 200),
    C.DEBRIS: (255, 90, 0),
    C.TUNNEL: (70, 60, 60),
    C.EGO: (20, 20, 20),
}
"""A colour for each class, told apart by people and in print."""


class Overlay(StrEnum):
    """What of the truth is shown in the place of a picture, or on it."""

    SEMANTIC = "semantic"
    DEPTH = "depth"
    INSTANCE = "instance"
    BOXES = "boxes"


_NEAR_M, _FAR_M = 2.0, 120.0
_EDGES = (
    (0, 1),
    (1, 3),
    (3, 2),
    (2, 0),
    (4, 5),
    (5, 7),
    (7, 6),
    (6, 4),
    (0, 4),
    (1, 5),
    (2, 6),
    (3, 7),
)
_STEPS = 12


def overlay_picture(
    overlay: Overlay, view: View, camera: Camera, boxes: Iterable[TrueBox]
) -> Picture:
    """Return what an overlay makes of a camera's view.

    Args:
        overlay: Which truth.
        view: What the camera saw.
        camera: Its lens.
        boxes: Of the step in which the camera looked; those that the view shows are drawn, where
            they stood as it looked.

    Returns:
        A picture of the view's size.
    """
    match overlay:
        case Overlay.SEMANTIC:
            return class_picture(view.semantic)
        case Overlay.DEPTH:
            return depth_picture(view.depth_m)
        case Overlay.INSTANCE:
            return instance_picture(view.instance)
        case Overlay.BOXES:
            there = set(np.unique(view.instance).tolist())
            shown = [box_at(true.box, view.t_ns) for true in boxes if true.instance in there]
            return boxed_picture(view.picture, camera, view.world_from_camera, shown)


def box_at(box: Box3d, t_ns: int) -> Box3d:
    """Return a box where it stood a little earlier or later, moved along its velocity.

    Within a step all that moves goes straight, and a box's velocity is that of the step which ends
    at its time: for a picture of that step the place is exact. Its heading stays.

    Args:
        box: The box.
        t_ns: When.

    Returns:
        The box of that time.
    """
    away_s = (t_ns - box.t_ns) / 1e9
    x, y, z = (p + v * away_s for p, v in zip(box.center_m, box.velocity_mps, strict=True))
    return replace(box, t_ns=t_ns, center_m=(x, y, z))


def class_picture(semantic: UInt8[np.ndarray, "h w"]) -> Picture:
    """Return classes as colours."""
    table = np.zeros((256, 3), np.uint8)
    for kind, colour in CLASS_COLOURS.items():
        table[kind] = colour
    found: Picture = table[semantic]
    return found


def depth_picture(depth_m: Float32[np.ndarray, "h w"]) -> Picture:
    """Return depth as brightness, near is bright, by logarithm; the sky is black."""
    there = np.isfinite(depth_m)
    near = np.log(_FAR_M / np.clip(np.where(there, depth_m, _FAR_M), _NEAR_M, _FAR_M))
    grey = np.where(there, 25 + 230 * near / np.log(_FAR_M / _NEAR_M), 0.0).astype(np.uint8)
    return np.repeat(grey[..., None], 3, axis=2)


def instance_picture(instance: Int32[np.ndarray, "h w"]) -> Picture:
    """Return instances as colours that differ from one to the next; what is none is black."""
    # Steps of the golden angle part neighbouring numbers as far as can be.
    turn = (instance * 0.618034) % 1.0
    waves = [np.cos(2 * np.pi * (turn - third)) for third in (0.0, 1 / 3, 2 / 3)]
    colours = np.stack([150 + 100 * wave for wave in waves], axis=-1)
    found: Picture = np.where(instance[..., None] > 0, colours, 0).astype(np.uint8)
    return found


def boxed_picture(
    picture: Picture,
    camera: Camera,
    world_from_camera: Float64[np.ndarray, "4 4"],
    boxes: Iterable[Box3d],
) -> Picture:
    """Return a picture with the edges of boxes drawn on it.

    Args:
        picture: What the camera saw.
        camera: Its lens.
        world_from_camera: Where it was.
        boxes: In the world's frame.

    Returns:
        Another picture.
    """
    drawn = Image.fromarray(picture)
    pen = ImageDraw.Draw(drawn)
    camera_from_world = np.linalg.inv(world_from_camera)
    for box in boxes:
        colour = next(
            (CLASS_COLOURS[kind] for kind in C if kind.label == box.class_name), (255,) * 3
        )
        corners = corners_of(box) @ camera_from_world[:3, :3].T + camera_from_world[:3, 3]
        if corners[:, 2].max() < 0.3:
            continue
        for a, b in _EDGES:
            for start, end in _segments(camera, corners[a], corners[b]):
                pen.line([tuple(start), tuple(end)], fill=colour)
    return np.array(drawn)


def corners_of(box: Box3d) -> Float64[np.ndarray, "8 3"]:
    """Return the corners of a box in its frame: back before front, right before left, low first."""
    w, x, y, z = box.rotation_wxyz
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )
    signs = np.array([[a, b, c] for a in (-1, 1) for b in (-1, 1) for c in (-1, 1)]) / 2.0
    corners: Float64[np.ndarray, "8 3"] = (signs * np.array(box.size_m)) @ turn.T
    corners += np.array(box.center_m)
    return corners


def _segments(camera: Camera, start: np.ndarray, end: np.ndarray) -> Iterable[np.ndarray]:
    """Yield what is seen of an edge in short pieces, so that a bent lens bends it."""
    shares = np.linspace(0.0, 1.0, _STEPS + 1)[:, None]
    points = start + shares * (end - start)
    seen = project(camera, points)
    ahead = points[:, 2] > 0.3
    limit = 4 * max(camera.calibration.width_px, camera.calibration.height_px)
    good = np.isfinite(seen).all(axis=1) & ahead & (np.abs(np.nan_to_num(seen)) < limit).all(axis=1)
    for i in range(_STEPS):
        if good[i] and good[i + 1]:
            yield seen[i : i + 2]
