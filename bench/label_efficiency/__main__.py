"""Run missing cells, or sum up those that are there.

    python -m bench.label_efficiency --dataset gtsrb --data ../shared/data
    python -m bench.label_efficiency --dataset gtsrb --summary

Stop it at any time; it goes on where it stopped. Several may run beside each other on other seeds.
"""

import argparse
import json
import os
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parents[1]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--dataset", default="digits", choices=sorted(_budgets()))
    parser.add_argument(
        "--arms", nargs="+", default=["random", "engine", "frames", "uncertainty", "k_centre"]
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--data", type=Path, default=os.environ.get("BESSEMER_DATA", "."))
    parser.add_argument("--summary", action="store_true")
    given = parser.parse_args()
    from bench.label_efficiency.cells import FULL, Bench, run_chain
    from bench.label_efficiency.summary import draw, summarise

    bench = Bench(cache=HERE / "cache", data=Path(given.data))
    if not given.summary:
        for seed in given.seeds:
            for arm in (FULL, *given.arms):
                for cell in run_chain(bench, given.dataset, arm, seed):
                    print(given.dataset, arm, seed, json.dumps(cell), file=sys.stderr, flush=True)
    figures = summarise(bench, given.dataset, tuple(given.seeds))
    target = HERE / "results" / f"label_efficiency_{given.dataset}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(figures, indent=1) + "\n")
    draw(figures, str(target.with_suffix(".png")))
    print(json.dumps(figures, indent=1))


def _budgets() -> tuple[str, ...]:
    return ("gtsrb", "digits", "digits40", "fashion24")


if __name__ == "__main__":
    main()
