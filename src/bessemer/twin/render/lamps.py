"""Which lamps light the road this instant: a few near ones, picked on the CPU before each launch.

Shapes: k street lamps, b beams, n actors.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Float32

from bessemer.twin.scene import Actors, Body, Lamp, StreetLamps

BULBS = 14
BEAMS = 14
_BULB_GAIN = 3.0  # m2: what a bulb of radiance 1 sheds at 1 m, chosen by eye at night
_BEAM = np.array([1.0, 0.94, 0.84], np.float32) * 26.0
_HEIGHT_M = 0.65
_REACH_M = 140.0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class LocalLights:
    """Lamps near the cameras.

    Attributes:
        bulb_at: Street lamps.
        bulb: What each sheds at 1 m.
        beam_at: Head lamps.
        beam_ahead: Where each points.
        beam: What each sheds at 1 m on its axis.
    """

    bulb_at: Float32[np.ndarray, "k 3"]
    bulb: Float32[np.ndarray, "k 3"]
    beam_at: Float32[np.ndarray, "b 3"]
    beam_ahead: Float32[np.ndarray, "b 3"]
    beam: Float32[np.ndarray, "b 3"]


def near_lights(
    street: StreetLamps,
    actors: Actors,
    bodies: tuple[Body, ...],
    *,
    at: Float[np.ndarray, " 3"],
    world_from_ego: Float[np.ndarray, "4 4"] | None,
) -> LocalLights:
    """Return the lamps that matter to what is seen from a place.

    Args:
        street: All street lamps.
        actors: All actors; those with ``Lamp.HEAD`` throw a beam.
        bodies: Shapes of actors.
        at: Where the cameras are.
        world_from_ego: The ego's pose while its own head lamps are on, else None.

    Returns:
        At most :data:`BULBS` street lamps and :data:`BEAMS` beams, nearest first.
    """
    gap = np.linalg.norm(street.position_m - at, axis=1)
    order = np.argsort(gap, kind="stable")[:BULBS]
    order = order[gap[order] < _REACH_M]
    poses = _lamp_poses(actors, bodies, at)
    if world_from_ego is not None:
        own = np.array(world_from_ego, np.float64)
        sides = [_moved(own, 3.6, side, _HEIGHT_M) for side in (0.6, -0.6)]
        poses = np.concatenate([np.stack(sides), poses])
    poses = poses[:BEAMS]
    ahead = poses[:, :3, 0] - np.array([0.0, 0.0, 0.012])
    return LocalLights(
        bulb_at=street.position_m[order].astype(np.float32),
        bulb=(street.radiance[order] * _BULB_GAIN).astype(np.float32),
        beam_at=poses[:, :3, 3].astype(np.float32),
        beam_ahead=ahead.astype(np.float32),
        beam=np.tile(_BEAM, (len(poses), 1)),
    )


def _lamp_poses(
    actors: Actors, bodies: tuple[Body, ...], at: Float[np.ndarray, " 3"]
) -> Float[np.ndarray, "b 4 4"]:
    """Return where the head lamps of actors are, nearest first."""
    lit = np.flatnonzero(actors.lamps & int(Lamp.HEAD))
    gap = np.linalg.norm(actors.world_from_body[lit, :3, 3] - at, axis=1)
    lit = lit[np.argsort(gap, kind="stable")]
    lit = lit[np.sort(gap) < _REACH_M][:BEAMS]
    poses = [
        _moved(
            actors.world_from_body[row].astype(np.float64),
            0.5 * bodies[actors.body[row]].size_m[0] * float(actors.scale[row, 0]),
            0.0,
            _HEIGHT_M,
        )
        for row in lit
    ]
    return np.stack(poses) if poses else np.zeros((0, 4, 4))


def _moved(
    pose: Float[np.ndarray, "4 4"], x_m: float, y_m: float, z_m: float
) -> Float[np.ndarray, "4 4"]:
    moved = pose.copy()
    moved[:3, 3] = pose[:3, :3] @ (x_m, y_m, z_m) + pose[:3, 3]
    return moved
