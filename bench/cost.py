"""What a run of the works cost: CPU seconds and bytes per 1,000 clips by stage, and peak memory.

Reads what the ledger noted while the run ran; measures nothing itself but ``bessemer --help``.
"""

import argparse
import json
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

from bessemer.core.fleet import Haul
from bessemer.loop.records import Intake
from bessemer.loop.tracing import turn_records
from bessemer.loop.works import Works

HELP = [sys.executable, "-c", "from bessemer.cli import main; main(['--help'])"]


def help_s(repeats: int) -> float:
    """Return the median wall time of ``bessemer --help``, the interpreter's start included."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        subprocess.run(HELP, check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def cost_of(works: Works) -> dict[str, object]:
    """Return what all turns of a works cost, by stage."""
    cpu_s: defaultdict[str, float] = defaultdict(float)
    peak_bytes = 0
    for row in works.ledger.stages():
        cpu_s[row.name] += row.cost.cpu_s
        peak_bytes = max(peak_bytes, row.cost.peak_bytes)
    n_clips = met = size_bytes = 0
    records = turn_records(works)
    for record in records:
        intake = works.ledger.get_document(record.intake, Intake)
        n_clips += len(intake.clips)
        size_bytes += intake.size_bytes
        met += works.ledger.get_document(record.haul, Haul).met
    per_thousand = 1000 / max(n_clips, 1)
    return {
        "turns": len(records),
        "clips": n_clips,
        "met": met,
        "uploaded_bytes_per_1000_clips": round(size_bytes * per_thousand),
        "cpu_s_per_1000_clips": {
            name: round(seconds * per_thousand, 2)
            for name, seconds in sorted(cpu_s.items(), key=lambda item: -item[1])
        },
        "peak_bytes": peak_bytes,
    }


def main() -> None:
    """Print the cost of a works as JSON, and keep it if asked to."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--works", type=Path, required=True)
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    with Works.open(asked.works) as works:
        found = cost_of(works) | {"help_s_median": round(help_s(asked.repeats), 3)}
    text = json.dumps(found, indent=2) + "\n"
    print(text, end="")
    if asked.out:
        asked.out.write_text(text)


if __name__ == "__main__":
    main()
