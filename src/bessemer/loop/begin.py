"""What a network begins with: published weights, and what all that was uploaded teaches them.

Pretraining goes on from turn to turn on the growing pool. The features of a beginning are what the
selector sees before there is a network, and its weights are what every training begins with.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from bessemer.core.records import Stretch
from bessemer.loop.line import Line
from bessemer.loop.records import Beginning
from bessemer.train.config import PretrainConfig


def found(line: Line, name: str, seed: int, workdir: Path) -> Beginning:
    """Return published weights as the beginning of a line's network.

    Args:
        line: The line.
        name: Of the foundation.
        seed: Draws what they do not hold, such as the embedding.
        workdir: Where files are written before they are stored.

    Returns:
        Its files, stored.
    """
    from bessemer.networks.export import export_onnx
    from bessemer.networks.foundation import founded_hydra
    from bessemer.networks.weights import save_weights

    lake, recipe = line.works.lake, line.recipe
    hydra = founded_hydra(name, recipe.network, seed)
    workdir.mkdir(parents=True, exist_ok=True)
    weights_path, onnx_path = workdir / "founded.safetensors", workdir / "founded.onnx"
    save_weights(hydra, weights_path, without="heads.")
    export_onnx(hydra, recipe.preprocess, onnx_path)
    return Beginning(weights=lake.put_file(weights_path), onnx=lake.put_file(onnx_path))


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
