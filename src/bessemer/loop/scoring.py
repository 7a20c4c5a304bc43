"""What networks say about pictures whose truth is known, counted for a suite.

Cost: of a frame scored nothing stays but its class and one number, or in dense tasks its tables of
c x c counts and c sums.
Shapes: n frames, c classes, h x w pixels.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from jaxtyping import Bool, Int64, UInt8

from bessemer.core.ids import RecordingId
from bessemer.core.protocols import Network
from bessemer.core.signature import Geometry, Head
from bessemer.edge.predict import answer
from bessemer.validate.metrics import (
    Counts,
    confuse_pixels,
    count_examples,
    count_pixels,
    log_score,
    sum_by_truth,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Scores:
    """What a network said about frames, block by block; see :func:`score_frames`.

    Attributes:
        head: The head that was asked.
        targets: What it should say; empty in dense tasks.
        said: Classes, or in dense tasks pixels by truth and answer.
        log_scores: Of each frame, or in dense tasks sums over its pixels by truth.
    """

    head: Head
    targets: list[np.ndarray] = field(default_factory=list)
    said: list[np.ndarray] = field(default_factory=list)
    log_scores: list[np.ndarray] = field(default_factory=list)

    def count(
        self, recordings: Sequence[RecordingId], inside: Mapping[str, Bool[np.ndarray, " n"]]
    ) -> dict[str, Counts]:
        """Return the counts of every slice.

        Args:
            recordings: The recording of each frame scored, in order.
            inside: Which frames each slice holds.

        Returns:
            Counts by slice.
        """
        said, scores = np.concatenate(self.said), np.concatenate(self.log_scores)
        classes = self.head.ontology.classes
        if self.head.geometry is Geometry.DENSE:
            return {
                name: count_pixels(recordings, said, classes, log_scores=scores, inside=mask)
                for name, mask in inside.items()
            }
        targets = np.concatenate(self.targets)
        return {
            name: count_examples(recordings, targets, said, classes, log_scores=scores, inside=mask)
            for name, mask in inside.items()
        }


def score_frames(
    network: Network,
    scores: Scores,
    pictures: UInt8[np.ndarray, "n h w 3"],
    targets: Int64[np.ndarray, " n"] | UInt8[np.ndarray, "n h w"],
) -> None:
    """Run a network on a block of frames and add what it says to its scores.

    Args:
        network: The network.
        scores: What it said so far.
        pictures: Of the size that the network's signature asks for.
        targets: What it should say.

    Raises:
        NotFoundError: If the network has no such head.
    """
    truth = targets.astype(np.int64)
    found = answer(network, scores.head.task, pictures, truth)
    marks = log_score(found.of_truth)
    if scores.head.geometry is not Geometry.DENSE:
        scores.targets.append(truth)
        scores.said.append(found.likeliest)
        scores.log_scores.append(marks)
        return
    n = len(scores.head.ontology.classes)
    pairs = zip(truth, found.likeliest, strict=True)
    scores.said.append(np.stack([confuse_pixels(t, f, n) for t, f in pairs]))
    scores.log_scores.append(
        np.stack([sum_by_truth(t, m, n) for t, m in zip(truth, marks, strict=True)])
    )
