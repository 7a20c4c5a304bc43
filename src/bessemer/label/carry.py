"""Carrying dense answers to the frames beside theirs, by optical flow.

A pixel is carried where the flow there and back ends where it began and the two pixels look alike;
elsewhere nothing is said. Steps go from frame to frame, so an error has to survive each of them.

Source of the flow: Kroeger et al., "Fast Optical Flow using Dense Inverse Search", ECCV 2016, as in
OpenCV. Source of the check there and back: Sundaram, Brox and Keutzer, "Dense point trajectories by
GPU-accelerated large displacement optical flow", ECCV 2010; a fixed bound stands for theirs.
Cost: O(n h w) time.      Shapes: n frames in order of time, h x w pixels.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float32, Int64, UInt8

from bessemer.core.errors import InputError
from bessemer.tasks.segment import UNSAID


@dataclass(frozen=True, slots=True, kw_only=True)
class CarryConfig:
    """How far answers are carried, and what is believed.

    Attributes:
        reach: Steps to each side.
        most_gap_s: Frames further apart than this are not steps.
        return_frac: How far the way there and back may end from its start, as a share of the
            picture's width.
        colour_at_most: Largest difference of a pixel's look, of 255, mean over the channels.
        weight: How often a carried map is drawn in training, beside 1 for one that was paid for.
    """

    reach: int = 2
    most_gap_s: float = 1.5
    return_frac: float = 0.01
    colour_at_most: float = 30.0
    weight: float = 0.5

    def __post_init__(self) -> None:
        """Check ranges."""
        bounds = (self.most_gap_s, self.return_frac, self.colour_at_most)
        if self.reach < 1 or min(bounds) <= 0 or not 0 < self.weight <= 1:
            raise InputError(
                "reach, gap and bounds are positive, and weight a share.", where="CarryConfig"
            )


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Carried:
    """What was carried.

    Attributes:
        maps: Class indices; 255 where nothing is said, and all over frames that had an answer.
        steps: How far each map was carried at least; 0 for none.
        said_frac: Share of each map about which something is said: the evidence.
    """

    maps: UInt8[np.ndarray, "n h w"]
    steps: Int64[np.ndarray, " n"]
    said_frac: Float32[np.ndarray, " n"]


def carry_maps(
    pictures: UInt8[np.ndarray, "n h w 3"],
    times_ns: Int64[np.ndarray, " n"],
    answers: UInt8[np.ndarray, "n h w"],
    config: CarryConfig,
) -> Carried:
    """Carry the answers of one camera to the frames beside theirs, the nearest answer first.

    Args:
        pictures: Frames of one camera in order of time.
        times_ns: When each was taken, rising.
        answers: Class indices; a frame without an answer is 255 all over.
        config: How far, and what is believed.

    Returns:
        Maps for the frames that had no answer.

    Raises:
        InputError: If the columns differ in length or time does not rise.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> film = np.repeat(rng.integers(0, 255, (1, 32, 32, 3), dtype=np.uint8), 2, axis=0)
        >>> answers = np.stack([np.zeros((32, 32), np.uint8), np.full((32, 32), 255, np.uint8)])
        >>> carried = carry_maps(film, np.array([0, 10**9]), answers, CarryConfig())
        >>> carried.steps.tolist(), float(carried.said_frac[1])
        ([0, 1], 1.0)
    """
    n = len(pictures)
    if len(times_ns) != n or len(answers) != n or (n > 1 and np.diff(times_ns).min() <= 0):
        raise InputError("Frames, times and answers are columns in order of time.", where="carry")
    answered = (answers != UNSAID).any(axis=(1, 2))
    maps, steps = np.full_like(answers, UNSAID), np.zeros(n, np.int64)
    known = answers.copy()
    reached = answered.copy()
    for step in range(1, config.reach + 1):
        arrivals = _arrivals(reached, times_ns, config.most_gap_s)
        for source, target in arrivals:
            moved = carry_map(pictures[source], pictures[target], known[source], config)
            maps[target] = np.where(maps[target] == UNSAID, moved, maps[target])
        for target in {target for _, target in arrivals}:
            known[target], reached[target], steps[target] = maps[target], True, step
    said = (maps != UNSAID).mean(axis=(1, 2), dtype=np.float32)
    return Carried(maps=maps, steps=np.where(said > 0, steps, 0), said_frac=said)


def carry_map(
    source: UInt8[np.ndarray, "h w 3"],
    target: UInt8[np.ndarray, "h w 3"],
    answer: UInt8[np.ndarray, "h w"],
    config: CarryConfig,
) -> UInt8[np.ndarray, "h w"]:
    """Return an answer about one picture as one about another, 255 where it is not known.

    Args:
        source: The picture that the answer is about.
        target: A picture of the same scene, a moment away.
        answer: Class indices of ``source``.
        config: What is believed.

    Returns:
        Class indices of ``target``.
    """
    import cv2

    there, back = _flow(target, source), _flow(source, target)
    height_px, width_px = answer.shape
    rows, columns = np.mgrid[:height_px, :width_px].astype(np.float32)
    x_px, y_px = columns + there[..., 0], rows + there[..., 1]
    inside = (x_px >= 0) & (x_px <= width_px - 1) & (y_px >= 0) & (y_px <= height_px - 1)
    returned = there + cv2.remap(back, x_px, y_px, cv2.INTER_LINEAR)
    closes = np.hypot(returned[..., 0], returned[..., 1]) <= config.return_frac * width_px
    seen = cv2.remap(source, x_px, y_px, cv2.INTER_LINEAR).astype(np.int16)
    alike = np.abs(seen - target).mean(axis=2) <= config.colour_at_most
    moved = answer[
        np.clip(np.rint(y_px), 0, height_px - 1).astype(np.int64),
        np.clip(np.rint(x_px), 0, width_px - 1).astype(np.int64),
    ]
    return np.where(inside & closes & alike, moved, np.uint8(UNSAID))


def _arrivals(
    reached: Bool[np.ndarray, " n"], times_ns: Int64[np.ndarray, " n"], most_gap_s: float
) -> list[tuple[int, int]]:
    """Return (from, to) of neighbours of which the one is reached and the other is not yet."""
    near = np.diff(times_ns) <= most_gap_s * 1e9
    on = np.flatnonzero(near & reached[:-1] & ~reached[1:])
    back = np.flatnonzero(near & reached[1:] & ~reached[:-1])
    return [(int(i), int(i) + 1) for i in on] + [(int(i) + 1, int(i)) for i in back]


def _flow(
    one: UInt8[np.ndarray, "h w 3"], other: UInt8[np.ndarray, "h w 3"]
) -> Float32[np.ndarray, "h w 2"]:
    """Return where each pixel of one picture lies in another, as (x, y) offsets in pixels."""
    import cv2

    finder = cv2.DISOpticalFlow.create(cv2.DISOPTICAL_FLOW_PRESET_MEDIUM)
    finder.setFinestScale(0)
    grey = [cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY) for picture in (one, other)]
    start = np.zeros((*one.shape[:2], 2), np.float32)
    return np.asarray(finder.calc(grey[0], grey[1], start), np.float32)
