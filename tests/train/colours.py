"""Pictures whose class is a colour: learnt in a few steps. Run as a script, it trains and dies."""

import os
import signal
import sys
from pathlib import Path

import numpy as np

from bessemer.core.ids import TaskName
from bessemer.core.ontology import Ontology
from bessemer.core.signature import Geometry, Head, Preprocess
from bessemer.networks.config import HydraConfig
from bessemer.train.config import TrainConfig
from bessemer.train.examples import Examples
from bessemer.train.run import Trained, train

ONTOLOGY = Ontology(task=TaskName("colour"), classes=("red", "green", "blue"))
HEAD = Head(task=ONTOLOGY.task, geometry=Geometry.CLASS, output="colour", ontology=ONTOLOGY)
NETWORK = HydraConfig(heads=(HEAD,), width=4, pool=2, features=16)
PREPROCESS = Preprocess(width_px=8, height_px=8)
CONFIG = TrainConfig(steps=24, batch=16, checkpoint_every_steps=4)


def colours(n: int = 60, seed: int = 0) -> Examples:
    rng = np.random.default_rng(seed)
    targets = rng.integers(0, 3, n)
    pictures = rng.integers(0, 120, (n, 8, 8, 3))
    pictures[np.arange(n), :, :, targets] += 100
    return Examples(
        pictures=pictures.astype(np.uint8),
        targets=(targets,),
        groups=np.arange(n) // 3,
        weights=np.ones(n, np.float32),
    )


class DyingError(Exception):
    """Stands for the moment at which a process dies."""


def train_colours(workdir: Path, *, die_after: int = 0, hard: bool = False) -> Trained:
    """Train; after ``die_after`` steps die, by an exception or by kill -9."""

    def progress(done: int, total: int) -> None:
        if done == die_after:
            if hard:
                os.kill(os.getpid(), signal.SIGKILL)
            raise DyingError

    return train(colours(), NETWORK, PREPROCESS, CONFIG, seed=7, workdir=workdir, progress=progress)


if __name__ == "__main__":
    train_colours(Path(sys.argv[1]), die_after=int(sys.argv[2]), hard=True)
