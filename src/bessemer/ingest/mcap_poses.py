"""Frames that lie in frames: where the ego goes, and where its cameras sit.

Links may come from several topics and at several rates. A frame's pose in another is the product of
the links between them, each the latest at or before the instant, or the nearest if so asked.
"""

import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np
from jaxtyping import Float64

from bessemer.core.records import Calibration
from bessemer.ingest.files import RefusedError
from bessemer.ingest.mcap_decode import Lens, Link
from bessemer.twin.truth import quaternion_of

EGO_FRAMES: Final = ("ego", "base_link", "base_footprint")
"""What the ego's own frame may be called: in the twin, and in ROS (REP 105)."""

POSE_COLUMNS: Final = ("x_m", "y_m", "z_m", "qw", "qx", "qy", "qz")

_DEEPEST = 32
_MODELS = {
    "": ("brown_conrady", 5),
    "plumb_bob": ("brown_conrady", 5),
    "rational_polynomial": ("brown_conrady", 5),
    "kannala_brandt": ("kannala_brandt", 4),
    "equidistant": ("kannala_brandt", 4),
}


class FrameTree:
    """Links by child, as they came."""

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}
        self._times_ns: defaultdict[str, list[int]] = defaultdict(list)
        self._links: defaultdict[str, list[Link]] = defaultdict(list)

    def add(self, t_ns: int, link: Link) -> None:
        """Remember a link; a frame keeps its first parent.

        Args:
            t_ns: When it was logged.
            link: The link.

        Raises:
            RefusedError: If the frame has another parent, or the rotation is none.
        """
        matrix_of(link)
        parent = self._parents.setdefault(link.child, link.parent)
        if parent != link.parent or link.child == link.parent:
            raise RefusedError(
                "two_parents", f"{link.child!r} lies in {parent!r} and in {link.parent!r}."
            )
        at = bisect_right(self._times_ns[link.child], t_ns)
        self._times_ns[link.child].insert(at, t_ns)
        self._links[link.child].insert(at, link)

    def ego(self) -> str | None:
        """Return the name of the ego's frame, if there is one."""
        known = self._parents.keys() | set(self._parents.values())
        return next((name for name in EGO_FRAMES if name in known), None)

    def way_up(self, frame: str) -> list[str]:
        """Return a frame and all that it lies in, to the root."""
        way = [frame]
        while way[-1] in self._parents and len(way) < _DEEPEST:
            way.append(self._parents[way[-1]])
        return way

    def pose(
        self, frame: str, ancestor: str, t_ns: int, *, nearest: bool = False
    ) -> Float64[np.ndarray, "4 4"] | None:
        """Return ``ancestor_from_frame`` at an instant.

        Args:
            frame: Whose pose.
            ancestor: In what.
            t_ns: When.
            nearest: Whether each link is the one nearest in time, the earlier of two as near; else
                it is the latest at or before, or the first of all.

        Returns:
            The pose; None if ``frame`` does not lie in ``ancestor``.
        """
        way = self.way_up(frame)
        if ancestor not in way:
            return None
        pose = np.eye(4)
        for child in way[: way.index(ancestor)]:
            times = self._times_ns[child]
            at = max(0, bisect_right(times, t_ns) - 1)
            if nearest and at + 1 < len(times) and times[at + 1] - t_ns < t_ns - times[at]:
                at += 1
            pose = _product(matrix_of(self._links[child][at]), pose)
        return pose

    def path(self, frame: str) -> dict[int, Float64[np.ndarray, " 7"]]:
        """Return a frame's poses in its root by time, one an instant at which its way moved.

        Args:
            frame: The frame.

        Returns:
            Rows of :data:`POSE_COLUMNS`; empty if it lies in nothing.
        """
        *links, root = self.way_up(frame)
        times = sorted({t_ns for child in links for t_ns in self._times_ns[child]})
        # What was said once holds always; what moves is not known before it was first seen.
        moving = [self._times_ns[child][0] for child in links if len(self._times_ns[child]) > 1]
        begins = max(moving, default=0)
        rows = {}
        for t_ns in times:
            pose = self.pose(frame, root, t_ns)
            if pose is not None and t_ns >= begins:
                rows[t_ns] = np.array([*pose[:3, 3], *quaternion_of(pose[:3, :3])])
        return rows


def matrix_of(link: Link) -> Float64[np.ndarray, "4 4"]:
    """Return ``parent_from_child`` of a link.

    Args:
        link: The link.

    Returns:
        A rigid transform.

    Raises:
        RefusedError: If a number is not finite, or the rotation has no length.
    """
    w, x, y, z = link.rotation_wxyz
    norm = math.sqrt(w * w + x * x + y * y + z * z)
    if not (np.isfinite(link.position_m).all() and 1e-6 < norm < 1e6):
        raise RefusedError("bad_pose", f"The pose of {link.child!r} is none.")
    w, x, y, z = w / norm, x / norm, y / norm, z / norm
    matrix = np.eye(4)
    matrix[:3, :3] = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
        [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
        [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
    ]
    matrix[:3, 3] = link.position_m
    return matrix


def _product(
    left: Float64[np.ndarray, "4 4"], right: Float64[np.ndarray, "4 4"]
) -> Float64[np.ndarray, "4 4"]:
    """Return the product of two transforms, the same to the last digit on every machine.

    A calibration is part of a recording's address, and BLAS rounds as its kernel for a CPU does.
    """
    return np.asarray((left[:, :, None] * right[None, :, :]).sum(axis=1))


def calibration_of(lens: Lens, tree: FrameTree, t_ns: int) -> Calibration:
    """Return a camera's calibration with its place on the ego.

    Args:
        lens: What it sees through.
        tree: Where frames lie.
        t_ns: When.

    Returns:
        The calibration.

    Raises:
        RefusedError: If the lens is unknown, or nothing says where it sits.
    """
    ego = tree.ego()
    pose = tree.pose(lens.frame_id, ego, t_ns) if ego is not None else None
    if pose is None:
        raise RefusedError(
            "no_camera_pose",
            f"Nothing says where {lens.frame_id!r} sits on the ego.",
            f"Send a transform from one of {', '.join(EGO_FRAMES)}.",
        )
    model, distortion = _model_of(lens)
    return Calibration(
        model=model,
        width_px=lens.width_px,
        height_px=lens.height_px,
        intrinsics=lens.intrinsics,
        distortion=distortion,
        ego_from_camera=tuple(float(value) for value in pose.ravel()),
    )


def _model_of(lens: Lens) -> tuple[str, tuple[float, ...]]:
    """Return a lens model and its coefficients in our words."""
    name, count = _MODELS.get(lens.model, ("", 0))
    given: Sequence[float] = lens.distortion
    numbers = (*lens.intrinsics, *given, lens.width_px, lens.height_px)
    usable = len(lens.intrinsics) == 9 and np.isfinite(numbers).all() and min(numbers[-2:]) > 0
    if not name or not usable or lens.intrinsics[0] <= 0 or any(given[count:]):
        raise RefusedError(
            "unknown_lens", f"The lens model {lens.model!r} with {len(given)} numbers is not read."
        )
    if not any(given) and name == "brown_conrady":
        return "pinhole", ()
    if len(given) < count:
        given = (*given, *(0.0,) * (count - len(given)))
    return name, tuple(given[:count])
