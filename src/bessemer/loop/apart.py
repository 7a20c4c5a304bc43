"""Keeps training apart from the test: what nearly repeats a test frame is not learnt from.

The pinned space of curation says what is near, the leak law of validation what that means. A unit
with a near frame is held out: a whole track or picture, or of a drive the frames alone. What is
held out stands among the rejections, with a reason and a count a recording.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from bessemer.core.arrivals import Rejection
from bessemer.core.frames import Frame
from bessemer.core.ids import RecordingId, content_id
from bessemer.core.records import Split, Stretch
from bessemer.validate.leak import LeakConfig, find_nearest

if TYPE_CHECKING:
    from bessemer.loop.line import Line

_BLOCK_FRAMES: Final = 8192
"""Training frames whose vectors are gathered at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NearTest:
    """A training recording with frames that nearly repeat the test.

    Attributes:
        recording_id: The recording.
        source: Its source.
        near_ns: When its near frames were taken.
        n_frames: How many frames it has.
        test_source: The test recording that comes nearest.
        cosine: How near.
    """

    recording_id: RecordingId
    source: str
    near_ns: tuple[int, ...]
    n_frames: int
    test_source: str
    cosine: float

    def touches(self, unit: Stretch) -> bool:
        """Return whether one of the near frames lies in a unit."""
        return any(unit.start_ns <= t_ns < unit.end_ns for t_ns in self.near_ns)

    def rejection(self) -> Rejection:
        """Return the note of it."""
        return Rejection(
            stage="split",
            reason="near_test",
            where=self.source,
            detail=f"{len(self.near_ns)} of {self.n_frames} frames nearly repeat test frames, most "
            f"of all {self.test_source} (cosine {self.cosine:.3f}). They are not learnt from.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """The training recordings that nearly repeat the test, by source."""

    near: tuple[NearTest, ...]


def held_apart(line: "Line") -> tuple[NearTest, ...]:
    """Return the training recordings that nearly repeat the test; note and say how many.

    Args:
        line: The line; its recipe says what near is.

    Returns:
        The recordings, by source; looked up, if the same recordings were compared before.
    """
    config = line.recipe.leak
    if config is None:
        return ()
    sides = [line.works.lake.recordings(split=side) for side in (Split.TRAIN, Split.TEST)]
    ids = [content_id("recordings", [r.recording_id for r in side]) for side in sides]
    stages = line.works.stages(f"{line.recipe.name}-{line.recipe_id[:8]}/apart", 0)
    found = stages.run(
        "apart",
        (config, line.embedder.space_id, ids),
        Apart,
        lambda _: Apart(near=tuple(find_near(line, config))),
    )
    near = found.value.near
    if near:
        line.works.ledger.reject([one.rejection() for one in near])
        line.works.story.say(
            f"{len(near)} train recordings nearly repeat the test and are held out in part "
            "or whole: `bessemer rejected` lists them."
        )
    return near


def find_near(line: "Line", config: LeakConfig) -> Iterator[NearTest]:
    """Yield the training recordings with frames that nearly repeat the test, by source.

    The vectors of the test are held, and of a block of training recordings.

    Args:
        line: The line.
        config: What near is.

    Yields:
        One record a recording.
    """
    atlas = line.works.atlas
    tested = [
        frame
        for recording in line.works.lake.recordings(split=Split.TEST)
        for frame in atlas.all_frames(recording.recording_id)
    ]
    if not tested:
        return
    test = line.vectors_of(tested)
    for frames in _blocks(line):
        nearest = find_nearest(line.vectors_of(frames), test, config.block_rows)
        near: dict[RecordingId, list[int]] = {}
        for row in nearest.at_least(config.cosine).tolist():
            near.setdefault(frames[row].recording_id, []).append(row)
        for recording_id, rows in near.items():
            best = rows[int(np.argmax(nearest.cosine[rows]))]
            other = tested[int(nearest.test_index[best])].recording_id
            yield NearTest(
                recording_id=recording_id,
                source=atlas.recordings[recording_id].source,
                near_ns=tuple(sorted({frames[row].t_ns for row in rows})),
                n_frames=len(atlas.all_frames(recording_id)),
                test_source=atlas.recordings[other].source,
                cosine=round(float(nearest.cosine[best]), 3),
            )


def _blocks(line: "Line") -> Iterator[Sequence[Frame]]:
    """Yield the frames of whole training recordings, many at a time."""
    block: list[Frame] = []
    for recording in line.works.lake.recordings(split=Split.TRAIN):
        block.extend(line.works.atlas.all_frames(recording.recording_id))
        if len(block) >= _BLOCK_FRAMES:
            yield block
            block = []
    if block:
        yield block
