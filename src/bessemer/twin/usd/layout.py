"""Where things stand on a stage of ours, what they are called, and how times become codes."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from jaxtyping import Float64

from bessemer.core.errors import InputError

FORMAT: Final = 1
"""Version of this layout; a reader refuses later ones."""

ROOT: Final = "/World"
GROUND: Final = "/World/Ground"
MATERIALS: Final = "/World/Materials"
BODIES: Final = "/World/Bodies"
ACTORS: Final = "/World/Actors"
EGO: Final = "/World/Ego"
STREET_LAMPS: Final = "/World/StreetLamps"
SKY: Final = "/World/Sky"
MESH: Final = "Mesh"
"""A body's mesh, below the body."""

USD_FROM_CAMERA: Final = np.diag([1.0, -1.0, -1.0, 1.0])
"""A camera of ours looks along z with y down; USD's looks along -z with y up. Its own inverse."""

EGO_FIELDS: Final = (
    "x_m",
    "y_m",
    "z_m",
    "yaw_rad",
    "pitch_rad",
    "roll_rad",
    "speed_mps",
    "yaw_rate_radps",
    "accel_mps2",
    "steer_rad",
)
CAMERA_FIELDS: Final = (
    "offset_s",
    "exposure",
    "noise_frac",
    "shot_noise_frac",
    "dirt_frac",
    "glare_frac",
)


def ours(name: str) -> str:
    """Return the name of an attribute in our namespace.

    Args:
        name: Within the namespace.

    Returns:
        The full name.

    Example:
        >>> ours("t_ns")
        'bessemer:t_ns'
    """
    return f"bessemer:{name}"


def prim_names(names: Sequence[str]) -> tuple[str, ...]:
    """Return what prims of these names are called: letters, digits and ``_``, each its own.

    Args:
        names: Names of any characters.

    Returns:
        One a name, in order.

    Example:
        >>> prim_names(["car/estate", "car_estate", "7"])
        ('car_estate', 'car_estate_2', '_7')
    """
    taken: set[str] = set()
    prims = []
    for name in names:
        stem = "".join(c if c.isascii() and c.isalnum() else "_" for c in name) or "_"
        stem = f"_{stem}" if stem[0].isdigit() else stem
        prim, n = stem, 1
        while prim in taken:
            n += 1
            prim = f"{stem}_{n}"
        taken.add(prim)
        prims.append(prim)
    return tuple(prims)


def writable(text: str, where: str) -> str:
    """Return a text as it is, if USD can hold it.

    Args:
        text: A name.
        where: Whose; named in the error.

    Returns:
        The text.

    Raises:
        InputError: If it holds a zero byte or half a surrogate pair.
    """
    if "\0" in text or any("\ud800" <= c <= "\udfff" for c in text):
        raise InputError(
            f"USD cannot hold the name {text!r}.", where=where, fix="Take the odd characters out."
        )
    return text


def step_ns(times_ns: Sequence[int]) -> int:
    """Return the median step between frames, which one time code lasts.

    Args:
        times_ns: Times of frames.

    Returns:
        Nanoseconds; a tenth of a second where there is no step.

    Raises:
        InputError: If times do not rise.
    """
    steps = np.diff(np.array(times_ns, np.int64))
    if not len(steps):
        return 100_000_000
    if int(steps.min()) <= 0:
        k = int(np.argmin(steps))
        raise InputError(
            f"Frame {k + 1} is not later than frame {k}: {times_ns[k + 1]} and {times_ns[k]} ns.",
            where="frames",
            fix="Give frames in order of time.",
        )
    return int(np.sort(steps)[len(steps) // 2])


def time_codes(times_ns: Sequence[int]) -> tuple[float, ...]:
    """Return the time code of each frame: steps since the first.

    Args:
        times_ns: Times of frames, rising.

    Returns:
        Codes; whole numbers where frames come evenly.

    Example:
        >>> time_codes([5_000, 5_200, 5_400, 5_700])
        (0.0, 1.0, 2.0, 3.5)
    """
    step = step_ns(times_ns)
    return tuple((t_ns - times_ns[0]) / step for t_ns in times_ns)


def rows(matrix: Float64[np.ndarray, "4 4"]) -> list[list[float]]:
    """Return a transform as USD writes it: points are rows, so the matrix is transposed.

    Args:
        matrix: A transform that is applied from the left.

    Returns:
        Four rows.
    """
    listed: list[list[float]] = matrix.T.tolist()
    return listed
