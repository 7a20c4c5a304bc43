"""How long ``bessemer look`` takes on a video: wall and CPU seconds of the whole command.

The interpreter's start and the writing of the page are in it. Wall time depends on what else the
machine does; CPU seconds hardly do.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

AIM_S = 30.0
VIDEO = Path("dashcam", "solidWhiteRight.mp4")


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One run of the command: what it cost, and how many frames it found and looked at."""

    wall_s: float
    cpu_s: float
    n_found: int
    n_seen: int


def time_look(path: Path) -> Look:
    """Return what one look at a video or folder costs, in a process of its own."""
    before = os.times()
    start = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "look.html")
        main = "from bessemer.cli import main; import sys; main(sys.argv[1:])"
        words = [sys.executable, "-c", main, "look", str(path), "--page", str(page), "--json"]
        done = subprocess.run(words, check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    after = os.times()
    told = json.loads(done.stdout)
    return Look(
        wall_s=time.perf_counter() - start,
        cpu_s=after.children_user
        - before.children_user
        + after.children_system
        - before.children_system,
        n_found=told["n_found"],
        n_seen=told["n_looked"],
    )


def main() -> None:
    """Print the times as JSON, and keep them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--data", type=Path, required=True, help=f"Holds {VIDEO}.")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=Path, default=Path("bench/results/first_look.json"))
    asked = parser.parse_args()
    looks = [time_look(asked.data / VIDEO) for _ in range(asked.repeats)]
    wall_s = [look.wall_s for look in looks]
    found = {
        "video": VIDEO.name,
        "frames": looks[0].n_found,
        "frames_seen": looks[0].n_seen,
        "repeats": len(looks),
        "wall_s_median": round(statistics.median(wall_s), 2),
        "wall_s_longest": round(max(wall_s), 2),
        "cpu_s_median": round(statistics.median(look.cpu_s for look in looks), 2),
        "aim_s": AIM_S,
    }
    text = json.dumps(found, indent=2) + "\n"
    print(text, end="")
    asked.out.write_text(text)


if __name__ == "__main__":
    main()
