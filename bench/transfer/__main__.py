"""What the driving twin is worth on real film: networks that saw it first, beside others.

A network learns to name every pixel from drives of the twin, in CamVid's classes. It is tested on
a real drive as it is, and again after 20, 50 and 100 labelled frames of the other drives. Beside it
stand the same network from weights as drawn, that of the ``scenes`` recipe from ImageNet's weights,
and the latter after the twin. All arms of a (drive, seed) pair get the same frames and, on one
network, the same steps on them. What is learnt from the twin, and how, was chosen on the drive
0016E5 and a seed of its own; results stand on 0006R0, on which ``scenes`` is tested too.

    python -m bench.transfer --data ../shared/data
    python -m bench.transfer --summary

The twin is driven first (some minutes). Drives and cells (arm, drive, seed, budget) lie in
``bench/cache``, written whole or not at all: stop at any time.
"""

import argparse
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]


def main() -> None:
    """Run missing cells, smallest budgets first, or sum up those that are there."""
    import torch

    from bench.scene_labels.film import DRIVES, load_scenes
    from bench.transfer.cells import ARMS, BUDGETS, run_cell
    from bench.transfer.summary import draw, summarise
    from bench.transfer.twin_film import load_twin, record_drives

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--arms", nargs="+", default=list(ARMS), choices=list(ARMS))
    parser.add_argument("--budgets", nargs="+", type=int, default=list(BUDGETS), choices=BUDGETS)
    parser.add_argument("--drives", nargs="+", default=["0006R0"], choices=list(DRIVES))
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2])
    parser.add_argument("--data", type=Path, default=os.environ.get("BESSEMER_DATA", "."))
    parser.add_argument("--summary", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(1)
    cache = HERE / "cache" / "transfer"
    drives = HERE / "cache" / "twin_drives"
    if not given.summary:
        record_drives(drives)
    twin = load_twin(cache, drives)
    if not given.summary:
        film = load_scenes(HERE / "cache", Path(given.data))
        cells = [
            (name, drive, seed, budget)
            for budget in given.budgets
            for drive in given.drives
            for seed in given.seeds
            for name in given.arms
            if budget in ARMS[name].budgets
        ]
        for name, drive, seed, budget in cells:
            measured = run_cell(cache, film, twin, name, drive, seed, budget)
            print(name, drive, seed, budget, json.dumps(measured), file=sys.stderr, flush=True)
    figures = summarise(cache, twin, tuple(given.drives), tuple(given.seeds))
    target = HERE / "results" / "transfer.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(figures, indent=1) + "\n")
    draw(figures, str(target.with_suffix(".png")))
    print(json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
