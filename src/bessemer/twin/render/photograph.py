"""One picture of each camera, with its truth: what the world asks of cameras.

Import this module only where pictures are drawn: it brings Warp.
"""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float

from bessemer.core.ids import StreamName
from bessemer.twin.drive import View
from bessemer.twin.render.image import Look
from bessemer.twin.render.light import Light
from bessemer.twin.render.renderer import Renderer
from bessemer.twin.render.sensor import develop, metered_gain
from bessemer.twin.rig import Camera
from bessemer.twin.scene import Actors

_FOLLOWS = 0.35  # how far an exposure goes from the last one to what is metered, by logarithm


def look_of(camera: Camera, world_from_ego: Float[np.ndarray, "4 4"], *, t_ns: int = 0) -> Look:
    """Return where a camera of an ego is.

    Args:
        camera: The camera.
        world_from_ego: The ego's pose at the time.
        t_ns: The time, since the reset.

    Returns:
        The look.
    """
    pose = np.asarray(world_from_ego, np.float64) @ camera.ego_from_camera
    return Look(camera=camera, world_from_camera=pose, t_ns=t_ns)


def photograph(
    renderer: Renderer,
    actors: Actors,
    light: Light,
    looks: Sequence[Look],
    *,
    seed: int = 0,
    worn_frac: float = 0.1,
    head_lamps_from: Float[np.ndarray, "4 4"] | None = None,
    samples: int = 1,
    gains: dict[StreamName, float] | None = None,
    silhouettes: bool = False,
) -> tuple[View, ...]:
    """Take one picture with each camera.

    Args:
        renderer: Holds the scene.
        actors: All that can move.
        light: The light.
        looks: Cameras and their poses.
        seed: Draws noise, rain and snow, together with each camera's name and time.
        worn_frac: Share of the paint of lane markings that is gone.
        head_lamps_from: ``world_from_ego`` while the ego's head lamps are on.
        samples: Rays a pixel for its colour, 1 or 4.
        gains: Last exposures by camera, which automatic ones follow smoothly; written to. Without
            it each picture is exposed for itself.
        silhouettes: Whether to count how much of each actor would be seen if it stood alone.

    Returns:
        One view a look, in their order.

    Raises:
        InputError: If ``samples`` is neither 1 nor 4.
    """
    images = renderer.render(
        actors,
        light,
        looks,
        worn_frac=worn_frac,
        head_lamps_from=head_lamps_from,
        samples=samples,
        silhouettes=silhouettes,
    )
    views = []
    for look, image in zip(looks, images, strict=True):
        name = look.camera.name
        gain = look.camera.exposure
        if gain <= 0:
            gain = metered_gain(image)
            if gains is not None:
                last = gains.get(name, gain)
                gain = gains[name] = float(last * (gain / last) ** _FOLLOWS)
        views.append(
            View(
                camera=name,
                t_ns=look.t_ns,
                world_from_camera=look.world_from_camera,
                picture=develop(image, look, light, gain=gain, seed=seed),
                depth_m=image.depth_m,
                semantic=image.semantic,
                instance=image.instance,
                silhouettes=image.silhouettes,
            )
        )
    return tuple(views)
