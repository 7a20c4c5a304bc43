"""Labels on dash-cam scenes: selection, carried answers and pretraining, switched on one by one.

Each drive of CamVid is left out in turn; frames of the others are bought, 10 to 100 of them, and a
network is compiled: a small one from weights as drawn, and in the last two arms that of the
``scenes`` recipe from published ones. Measured is mIoU on the drive left
out, over the classes that it shows. ``val`` is not used: it repeats seconds of a drive. The
recipe's changes of scale and tone were chosen on two of these drives, for all arms alike.

    python -m bench.scene_labels --data ../shared/data
    python -m bench.scene_labels --summary

Cells (arm, drive, seed, budget) lie in ``bench/cache``, written whole or not at all: stop at any
time. Several may run beside each other on other seeds.
"""

import argparse
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run missing cells, or sum up those that are there."""
    import torch

    from bench.scene_labels.cells import ARMS, run_chain
    from bench.scene_labels.film import DRIVES, load_scenes
    from bench.scene_labels.summary import draw, summarise

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS))
    parser.add_argument("--drives", nargs="+", default=list(DRIVES), choices=list(DRIVES))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--data", type=Path, default=os.environ.get("BESSEMER_DATA", "."))
    parser.add_argument("--summary", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    if not given.summary:
        film = load_scenes(HERE / "cache", Path(given.data))
        for seed in given.seeds:
            for drive in given.drives:
                for name in given.arms:
                    for cell in run_chain(HERE / "cache", film, name, drive, seed):
                        print(name, drive, seed, json.dumps(cell), file=sys.stderr, flush=True)
    figures = summarise(HERE / "cache", tuple(given.seeds))
    target = HERE / "results" / "scene_labels.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(figures, indent=1) + "\n")
    draw(figures, str(target.with_suffix(".png")))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
