"""Traffic lights: a mast with a head of three lamps, which is an actor so that it can switch."""

from functools import cache

import numpy as np

from bessemer.twin.bodies.shape import box, join, loft, tube
from bessemer.twin.classes import SemanticClass
from bessemer.twin.roads.network import RoadNetwork
from bessemer.twin.scene import Body, Lamp, Mesh
from bessemer.twin.stage import Spot

SIGNAL_BODY = "signal/head"
LAMP_OF_STATE = {
    "r": Lamp.RED,
    "u": Lamp.RED | Lamp.AMBER,
    "y": Lamp.AMBER,
    "Y": Lamp.AMBER,
    "g": Lamp.GREEN,
    "G": Lamp.GREEN,
    "s": Lamp.GREEN,
    "o": Lamp.AMBER,
    "O": Lamp.NONE,
}
"""What shines for each letter of a SUMO state string."""


@cache
def signal_body() -> Body:
    """Return the one shape of traffic lights; it looks along x."""
    low, high = 2.25, 3.25
    parts = [
        tube("pole_metal", [(-0.12, 0, -0.3), (-0.12, 0, high + 0.1)], [0.06, 0.06], corners=6),
        box("signal_housing", (-0.06, -0.16, low), (0.14, 0.16, high)),
        box("signal_housing", (-0.07, -0.24, low - 0.1), (-0.05, 0.24, high + 0.1)),
    ]
    for slot, colour in enumerate(("green", "amber", "red")):
        up = low + 0.18 + 0.32 * slot
        parts += [_lens(f"signal_{colour}", up), _visor(up)]
    return Body(
        name=SIGNAL_BODY,
        semantic=SemanticClass.TRAFFIC_LIGHT,
        mesh=join(*parts),
        size_m=(0.5, 0.5, high + 0.1),
    )


def _lens(material: str, up_m: float) -> Mesh:
    angle = np.arange(10) * 2 * np.pi / 10
    ring = np.stack([np.zeros(10), 0.115 * np.cos(angle), up_m + 0.115 * np.sin(angle)], axis=1)
    return loft(np.stack([ring + np.array([0.1, 0, 0]), ring + np.array([0.165, 0, 0])]), material)


def _visor(up_m: float) -> Mesh:
    return box("signal_housing", (0.14, -0.13, up_m + 0.12), (0.3, 0.13, up_m + 0.14))


def signal_spots(network: RoadNetwork) -> tuple[Spot, ...]:
    """Return where each of a network's traffic lights stands, in the order of ``signals``.

    Args:
        network: The roads.

    Returns:
        Spots whose headings look against the traffic.
    """
    lanes = list(network.lanes.values())
    starts = np.array([lane.points[0] for lane in lanes])
    spots = []
    for head in network.signals:
        nearest = np.hypot(starts[:, 0] - head.x_m, starts[:, 1] - head.y_m).argmin()
        spots.append(
            Spot(x_m=head.x_m, y_m=head.y_m, z_m=float(starts[nearest, 2]), yaw_rad=head.yaw_rad)
        )
    return tuple(spots)
