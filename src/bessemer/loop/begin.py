"""Pretraining: what all that was uploaded teaches a backbone before any label of it is bought.

It goes on from turn to turn on the growing pool. Its features are what the selector sees before
there is a network, and its weights are what every training begins with.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bessemer.core.records import Stretch
from bessemer.loop.line import Line
from bessemer.loop.records import Beginning
from bessemer.train.config import PretrainConfig


def pretrain_on(
    line: Line,
    pool: Sequence[Stretch],
    before: Beginning | None,
    config: PretrainConfig,
    seed: int,
    workdir: Path,
) -> Beginning:
    """Return a backbone taught by all that was uploaded, labels unread.

    Args:
        line: The line.
        pool: Every unit uploaded so far.
        before: What was pretrained a turn ago, to go on from.
        config: How long, and how.
        seed: Of every draw.
        workdir: Where checkpoints lie.

    Returns:
        Its files, stored.
    """
    from bessemer.train.pretrain import pretrain

    works, units = line.works, line.living(pool)
    frames = [frame for unit in units for frame in line.frames_of(unit)]
    # A unit shows one thing or one instant; frames far apart in a drive show neither.
    groups = np.repeat(np.arange(len(units)), [len(line.frames_of(unit)) for unit in units])
    pictures = works.pictures.load(frames, line.size_px)
    with works.story.bar("pretraining") as progress:
        made = pretrain(
            pictures,
            groups,
            line.recipe.network,
            line.recipe.preprocess,
            config,
            seed=seed,
            workdir=workdir,
            init_weights=works.lake.path_of(before.weights) if before else None,
            progress=progress,
        )
    return Beginning(
        weights=works.lake.put_file(made.weights_path), onnx=works.lake.put_file(made.onnx_path)
    )
