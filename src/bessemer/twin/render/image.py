"""What a renderer is asked, and what it answers: a camera at a place, and what reaches its sensor.

Shapes: h rows, w columns.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int32, UInt8

from bessemer.twin.rig import Camera


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Look:
    """One camera, where it is now.

    Attributes:
        camera: Its lens and its faults.
        world_from_camera: Its pose in the world.
        t_ns: When it looks, since the reset.
    """

    camera: Camera
    world_from_camera: Float64[np.ndarray, "4 4"]
    t_ns: int = 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Image:
    """What reaches a camera's sensor, with the truth of every pixel.

    Attributes:
        radiance: Linear RGB.
        depth_m: Along the optical axis; infinity where there is sky.
        semantic: :class:`~bessemer.twin.classes.SemanticClass` of each pixel.
        instance: Actor of each pixel, or 0.
        silhouettes: Actor and how many pixels it would fill if nothing stood before it, of all
            that can move; () where they were not counted.
    """

    radiance: Float32[np.ndarray, "h w 3"]
    depth_m: Float32[np.ndarray, "h w"]
    semantic: UInt8[np.ndarray, "h w"]
    instance: Int32[np.ndarray, "h w"]
    silhouettes: tuple[tuple[int, int], ...] = ()
